"""Words of a search box: which of them count, and the condition that a text holds one, by an index.

What is searched is kept as people type it, without accents, case and typographic signs, and so are the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, and_, column, func, literal_column, or_, select, table, true

from hwadmin.db import dialects, engines
from hwadmin.db.extensions import db
from hwadmin.domain.text_folding import folded, spellings
from hwadmin.models import Account, CatalogItem, Device, Employee, HardwareOrder, PhoneLine

MOST_WORDS = 5
MOST_CHARACTERS = 100
# The full-text index knows pieces of three characters.
_SHORTEST_INDEXED = 3


@dataclass(frozen=True, slots=True)
class SearchWord:
    """A word of a search, as it is compared: ``Müller`` is ``muller`` and ``mueller``, and either will do."""

    spellings: tuple[str, ...]

    @property
    def indexed(self) -> bool:
        """Whether the full-text indexes know the word."""
        return all(len(spelling) >= _SHORTEST_INDEXED for spelling in self.spellings)


def plain(text: str) -> str:
    """What counts of a searched text: its first hundred characters, without what cannot be seen."""
    return "".join(character for character in text[:MOST_CHARACTERS] if character.isprintable()).strip()


def words_of(text: str) -> list[SearchWord]:
    """The words of a search; five at most. A sign of which nothing is left counts only where it is alone."""
    words = plain_words(text)
    return [word_of(word) for word in words if folded(word)] or [word_of(word) for word in words[:1]]


def plain_words(text: str) -> list[str]:
    """The words of a search as they were typed; five at most."""
    # A character that no database can hold is in no text; without it the word may still be found.
    readable = "".join(
        one for one in text[:MOST_CHARACTERS] if one != "\0" and not "\ud800" <= one <= "\udfff"
    )
    return readable.split()[:MOST_WORDS]


def word_of(text: str) -> SearchWord:
    """A word as it is compared; one of which nothing is left stays as it is, and is part of nothing."""
    return SearchWord(tuple(spelling for spelling in spellings(text) if spelling) or (text,))


def pattern(text: str) -> str:
    """The LIKE pattern of a word within a text; what LIKE reads specially is made plain (escape ``\\``)."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def plan_for_these_words() -> None:
    """Let PostgreSQL plan what follows in this transaction for the very words.

    Asked the same a few times, it keeps a plan that suits any words, which is to read the whole table.
    """
    if dialects.is_postgresql():
        engines.hold_transaction(db.session)
        db.session.connection().exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The index of what is searched of a table: trigrams on PostgreSQL, a full-text table on SQLite."""

    key: Any
    # Of the full-text table.
    name: str
    # What both hold; it is no attribute of the model.
    column: str = "search_text"

    def holds(self, word: SearchWord) -> ColumnElement[bool]:
        """The condition that the word is part of what is searched of a row."""
        if dialects.is_postgresql():
            # Computed by the database from the columns that are searched.
            kept: ColumnElement[str] = literal_column(
                f"{self.key.class_.__tablename__}.{self.column}", String
            )
            return _part_of(word, kept)
        full_text = table(self.name, column("rowid"), column(self.column, String))
        kept = full_text.c[self.column]
        if word.indexed:
            # In quotes a word is plain text to the index, whatever it contains.
            phrases = ['"' + spelling.replace('"', '""') + '"' for spelling in word.spellings]
            condition: ColumnElement[bool] = kept.bool_op("MATCH")(" OR ".join(phrases))
        else:
            condition = _part_of(word, kept)
        found: ColumnElement[bool] = self.key.in_(select(full_text.c.rowid).where(condition))
        return found

    def holds_all(self, words: Sequence[SearchWord]) -> ColumnElement[bool]:
        """The condition that every word is part of what is searched of a row; without words, met by all."""
        return and_(true(), *map(self.holds, words))


ACCOUNTS = SearchIndex(Account.id, "account_search")
EMPLOYEES = SearchIndex(Employee.id, "employee_search")
CATALOG = SearchIndex(CatalogItem.id, "catalog_search")
DEVICES = SearchIndex(Device.id, "device_search")
ORDERS = SearchIndex(HardwareOrder.id, "order_search")
NUMBERS = SearchIndex(PhoneLine.id, "line_search", "phone_number")


def part_of(word: SearchWord, *columns: Any) -> ColumnElement[bool]:
    """The condition that the word is part of one of the columns; for tables of few rows, by no index."""
    return or_(*(_part_of(word, func.search_text(one, type_=String)) for one in columns))


def _part_of(word: SearchWord, kept: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(*(kept.like(pattern(spelling), escape="\\") for spelling in word.spellings))

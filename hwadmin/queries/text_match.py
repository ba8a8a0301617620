"""Words of a search box: which of them count, and the condition that a text holds one, by an index.

What is searched is kept as people type it, without accents, case and typographic signs, and so are the words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from string import ascii_lowercase
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
)

from hwadmin.db import dialects, engines
from hwadmin.db.extensions import db
from hwadmin.domain.text_folding import folded, is_wide, joined, pair_key, spellings
from hwadmin.models import Account, CatalogItem, Device, Employee, HardwareOrder, PhoneLine

MOST_WORDS = 5
MOST_CHARACTERS = 100
# Of a search that finds no more the rows are known before they are put in order.
_FEW_FOUND = 2_000
# The full-text index knows pieces of three characters.
_SHORTEST_INDEXED = 3
# A shorter word is looked up as the beginning of one: behind one of these, or with any of those behind it.
_BEFORE = " -'.@/(&,"
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_AROUND_NUMBERS = re.compile(
    r"^(?:(?:order|bestellung|auftrag|commande|tel|phone|mobile|fax|no|nr|number)(?![^\W\d])[.: ]*|[#: ])+",
    re.IGNORECASE,
)
# A star is what other programs want behind the beginning of a word.
_AROUND_WORDS = ",;:!?()[]<>{}\"'’‘“”„«»‚‹›*…"
# What joins the words of a name, however it is written: “Reed & Sons”, “Reed and Sons”, “Reed&Sons”.
_JOINING = frozenset(("&", "+", "and", "und", "et"))
_JOINED = re.compile(r"(?<=\w\w)\s*[&+]\s*(?=\w\w)")
_SIGNS = " -'.@/),&"
_BEHIND = tuple(
    letters + "0123456789" + _SIGNS
    for letters in (
        ascii_lowercase,
        "".join(map(chr, range(0x3B1, 0x3CA))),
        "".join(map(chr, range(0x430, 0x460))),
    )
)


@dataclass(frozen=True, slots=True)
class SearchWord:
    """A word of a search, as it is compared: ``Müller`` is ``muller`` and ``mueller``, and either will do."""

    spellings: tuple[str, ...]
    # Whether a word in no index stands without one that is: it would have every row read.
    alone: bool = False

    @property
    def findable(self) -> bool:
        """Whether rows can be found by the word; else those are looked at that other words find."""
        return self.indexed or bool(self.behind)

    @property
    def indexed(self) -> bool:
        """Whether the full-text indexes know the word."""
        return all(len(spelling) >= _SHORTEST_INDEXED for spelling in self.spellings)

    @property
    def behind(self) -> str:
        """What may follow the two letters of a short word; empty where it is none that begins a word."""
        texts = [spelling for spelling in self.spellings if len(spelling) < _SHORTEST_INDEXED]
        if not texts or any(len(text) < 2 for text in texts):
            return ""
        return next(
            (
                letters
                for letters in _BEHIND
                if all(one in letters and one.isalnum() for text in texts for one in text)
            ),
            "",
        )


def plain(text: str) -> str:
    """What counts of a searched text: its first hundred characters, without what cannot be seen.

    Full-width letters and digits are the usual ones, and every dash is a hyphen.
    """
    text = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).translate(_DASHES)
    return "".join(character for character in text if character.isprintable()).strip()


def number_in(text: str) -> str:
    """A number without the words and signs people put around it: ``Order #HW-000123.`` is ``HW-000123``."""
    # Digits of other scripts are the usual ones.
    text = "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)
    return _AROUND_NUMBERS.sub("", text).strip(" .,;:!?\"'#")


def words_of(text: str) -> list[SearchWord]:
    """The words of a search; five at most.

    A sign of which nothing is left, and a word that joins others, count only where they are alone.
    """
    plain = plain_words(_JOINED.sub(" & ", text[:MOST_CHARACTERS]))
    words = [word_of(word) for word in plain if folded(word) and folded(word) not in _JOINING]
    words = words or [word_of(word) for word in plain[:1]]
    if any(word.findable for word in words):
        return words
    return [replace(word, alone=True) for word in words]


def is_one_character(text: str) -> bool:
    """Whether a search is but one letter, which finds nothing; a digit may be the number of an order."""
    words = words_of(text)
    return bool(words) and all(word.alone for word in words) and not any(map(str.isdigit, text))


def plain_words(text: str) -> list[str]:
    """The words of a search as they were typed; five at most."""
    # A character that no database can hold is in no text; without it the word may still be found.
    readable = "".join(
        one for one in text[:MOST_CHARACTERS] if one != "\0" and not "\ud800" <= one <= "\udfff"
    )
    # “Reed, Dana” and “(Reed)” are Reed.
    return [word.strip(_AROUND_WORDS) or word for word in readable.split()][:MOST_WORDS]


def word_of(text: str) -> SearchWord:
    """A word as it is compared; one of which nothing is left stays as it is, and is part of nothing."""
    several = [spelling for spelling in spellings(text) if spelling]
    # Without the signs within it: “O’Brien” finds OBrien too, and “AB-12” AB12.
    several += [plain for one in several if (plain := joined(one).replace("-", "")) != one and len(plain) > 2]
    return SearchWord(tuple(dict.fromkeys(map(_indexed, several))) or (text,))


def _indexed(spelling: str) -> str:
    """A word as it is looked up: of two letters, one of them wide, by what is kept of such pairs."""
    return pair_key(spelling) if len(spelling) == 2 and any(map(is_wide, spelling)) else spelling


def pattern(text: str) -> str:
    """The LIKE pattern of a word within a text; what LIKE reads specially is made plain (escape ``\\``)."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def narrowed_search(
    key: Any, conditions: Sequence[ColumnElement[bool]], *, most: int = _FEW_FOUND
) -> tuple[int, list[ColumnElement[bool]]]:
    """How many rows a search finds, and the conditions to ask for them in their order.

    A database takes any word for one that many rows have, and goes through all rows in the order of a list
    until it has found as many as a page holds; where there are none, that is the whole table.

    Args:
        key: the column of the keys.
        conditions: the search, and whatever else narrows the list.
        most: rows beyond so many are not counted.
    """
    keys = db.session.scalars(select(key).where(*conditions).limit(max(most, _FEW_FOUND) + 1)).all()
    return len(keys), [dialects.in_keys(key, keys)] if len(keys) <= _FEW_FOUND else list(conditions)


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
        """The condition that the word is part of what is searched of a row; none has one letter alone."""
        if word.alone:
            return false()
        if dialects.is_postgresql():
            # Computed by the database from the columns that are searched.
            kept: ColumnElement[str] = literal_column(
                f"{self.key.class_.__tablename__}.{self.column}", String
            )
            return _begins_word(word, kept) if word.behind else _part_of(word, kept)
        full_text = table(self.name, column("rowid"), column(self.column, String))
        kept = full_text.c[self.column]
        if not word.findable:
            # Of the rows that other words have found, each by its key.
            return (
                exists().where(full_text.c.rowid == self.key, _part_of(word, kept)).correlate(self.key.class_)
            )
        condition: ColumnElement[bool]
        if word.indexed:
            condition = _matches(kept, word.spellings)
        elif word.behind:
            condition = and_(_matches(kept, _pieces(word)), _begins_word(word, kept))
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


def _matches(kept: ColumnElement[str], pieces: Sequence[str]) -> ColumnElement[bool]:
    # In quotes a piece is plain text to the index, whatever it contains.
    phrases = ['"' + piece.replace('"', '""') + '"' for piece in pieces]
    return kept.bool_op("MATCH")(" OR ".join(phrases))


def _pieces(word: SearchWord) -> list[str]:
    """Pieces of three characters, one of which is in every text that has a word beginning with this one."""
    pieces: list[str] = []
    for spelling in word.spellings:
        if len(spelling) >= _SHORTEST_INDEXED:
            pieces.append(spelling)
        else:
            pieces += [f"{before}{spelling}" for before in _BEFORE]
            pieces += [f"{spelling}{behind}" for behind in word.behind]
    return pieces


def _begins_word(word: SearchWord, kept: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that a short word begins one of a text, which PostgreSQL's trigrams can tell as well."""
    patterns: list[str] = []
    for spelling in word.spellings:
        plain_pattern = pattern(spelling)
        if len(spelling) >= _SHORTEST_INDEXED:
            patterns.append(plain_pattern)
        else:
            patterns.append(plain_pattern.removeprefix("%"))
            patterns += [f"%{before}{plain_pattern.removeprefix('%')}" for before in _BEFORE]
    return or_(*(kept.like(one, escape="\\") for one in patterns))


def part_of(word: SearchWord, *columns: Any) -> ColumnElement[bool]:
    """The condition that the word is part of one of the columns; for tables of few rows, by no index."""
    return or_(*(_part_of(word, func.search_text(one, type_=String)) for one in columns))


def _part_of(word: SearchWord, kept: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(*(kept.like(pattern(spelling), escape="\\") for spelling in word.spellings))

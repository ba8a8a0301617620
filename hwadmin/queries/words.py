"""Words of a search box: which of them count, and the condition that a text holds one, by an index."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, TableClause, column, or_, select, table

from hwadmin.extensions import db

MOST_WORDS = 5
MOST_CHARACTERS = 100
# The full-text index knows pieces of three characters.
_SHORTEST_INDEXED = 3


def plain(said: str) -> str:
    """What counts of a searched text: its first hundred characters, without what cannot be seen."""
    return "".join(character for character in said[:MOST_CHARACTERS] if character.isprintable()).strip()


def words_of(said: str) -> list[str]:
    """The words of a search; five at most."""
    return said[:MOST_CHARACTERS].split()[:MOST_WORDS]


def pattern(word: str) -> str:
    """The LIKE pattern of a word within a text; what LIKE reads specially is made plain (escape ``\\``)."""
    return "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def full_text(name: str) -> TableClause:
    """A full-text table of the SQLite schema, which is no model."""
    return table(name, column("rowid"), column(name))


def indexed(word: str) -> bool:
    """Whether the full-text indexes know the word."""
    return len(word) >= _SHORTEST_INDEXED


def plan_for_these_words() -> None:
    """Let PostgreSQL plan what follows in this transaction for the very words.

    Asked the same a few times, it keeps a plan that suits any words, which is to read the whole table.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.connection().exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")


def holds(word: str, key: Any, index: TableClause, *columns: Any) -> ColumnElement[bool]:
    """The condition that the word is part of one of the columns, by the trigram index of the database.

    Args:
        word: any text without blanks.
        key: the primary key of the table.
        index: its full-text table on SQLite, over these columns and no others.
        columns: where to look.
    """
    if db.session.get_bind().dialect.name == "sqlite" and indexed(word):
        # In quotes the word is plain text to the index, whatever it contains.
        phrase = '"' + word.replace('"', '""') + '"'
        found: ColumnElement[bool] = key.in_(
            select(index.c.rowid).where(index.c[index.name].bool_op("MATCH")(phrase))
        )
        return found
    return or_(*(one.ilike(pattern(word), escape="\\") for one in columns))

"""Inserting a row that may be there already, and keys that must name one row."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError

from hwadmin.db import dialects
from hwadmin.db.extensions import Base, db
from hwadmin.db.unit_of_work import TryAgain
from hwadmin.domain.text_validation import Problems

Model = TypeVar("Model", bound=Base)


def insert_or_try_again(row_class: type[Model], /, **values: Any) -> Model:
    """Insert a row that was not there a moment ago.

    Raises:
        TryAgain: somebody inserted it meanwhile.
    """
    row = insert_or_ignore(row_class, **values)
    if row is None:
        raise TryAgain
    return row


def insert_or_ignore(row_class: type[Model], /, **values: Any) -> Model | None:
    """Insert a row unless a unique constraint forbids it; None if so, with the unit of work still intact."""
    statement = dialects.insert(row_class).values(**values).on_conflict_do_nothing().returning(row_class)
    return db.session.scalars(statement).one_or_none()


def refuse_taken_key(
    problems: Problems, key: str | None, column: Any, within: ColumnElement[bool], *, but: int = 0
) -> None:
    """Add a problem where another row has the key of another program already.

    Args:
        problems: where it is added.
        key: the key; None is nobody's.
        column: the column of the keys.
        within: the rows among which a key names one.
        but: the id of the row that is to have the key.
    """
    if key is None or problems.errors:
        return
    row_id = column.class_.id
    holder = db.session.scalars(select(row_id).where(column == key, within, row_id != but)).first()
    if holder is not None:
        problems.add("external_id", f"Another one has this key already: the one with the id {holder}.")


def checked_key(problems: Problems, row: Any, stated: str | None, column: Any, owner: Any) -> str | None:
    """The key another program is to know a row by; what is wrong with it is added at ``external_id``.

    Args:
        problems: where it is added.
        row: the row, locked.
        stated: the key; None takes away the one there is.
        column: the column of the keys.
        owner: the column of the account or platform, among whose rows a key names one.
    """
    key = problems.external_key("external_id", stated)
    refuse_taken_key(problems, key, column, owner == getattr(row, owner.key), but=row.id)
    return key


def flush_or_try_again() -> None:
    """Write the changes now.

    Raises:
        TryAgain: somebody took the same key at the same moment.
    """
    try:
        db.session.flush()
    except IntegrityError as error:
        raise TryAgain from error

"""The ORM's objects for rows that were read, or are inserted, without the ORM; see ``quick_sql``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import inspect
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from hwadmin.db.extensions import Base, db

Row = TypeVar("Row", bound=Base)


def columns_of(model: Any) -> list[Any]:
    """The columns of a model, to be read for ``as_object``."""
    return [getattr(model, name) for name in _attributes_of(model)]


def as_object(model: type[Row], values: Sequence[Any]) -> Row:
    """The session's object for a row that was read without the ORM, as its own read would give it.

    Args:
        model: the model.
        values: of its ``columns_of``, as they are now.
    """
    by_name = dict(zip(_attributes_of(model), values, strict=True))
    mapper: Any = inspect(model)
    key = mapper.identity_key_from_primary_key(tuple(by_name[column.key] for column in mapper.primary_key))
    known: Row | None = db.session.identity_map.get(key)
    if known is not None:
        for name, value in by_name.items():
            set_committed_value(known, name, value)
        # What is reached from it may be another row by now.
        if reached := mapper.relationships.keys() & vars(known).keys():
            db.session.expire(known, reached)
        return known
    row = detached_object(model, values)
    db.session.add(row)
    return row


def detached_object(model: type[Row], values: Sequence[Any]) -> Row:
    """An object of no session, for a row that is only looked at: nothing can be reached from it.

    Most of the time of ``as_object`` is for the session.
    """
    mapper: Any = inspect(model)
    row: Row = mapper.class_manager.new_instance()
    vars(row).update(zip(_attributes_of(model), values, strict=True))
    make_transient_to_detached(row)
    return row


def as_objects(models: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    """The objects for the columns of several models, one behind the other."""
    ends = list(accumulate(len(_attributes_of(model)) for model in models))
    return [
        as_object(model, values[start:end])
        for model, start, end in zip(models, [0, *ends], ends, strict=False)
    ]


def take_in(*rows: Any) -> None:
    """Let objects be the session's as if it had read them: their rows are in the database, as they are.

    Args:
        rows: with all that are reached from them, those first from which others are.
    """
    session = db.session()
    for row in rows:
        make_transient_to_detached(row)
    for row in rows:
        if row not in session:
            session.add(row)


def new_object(model: type[Row], /, **values: Any) -> Row:
    """An object whose row is going to be inserted without the ORM, with the defaults of its model.

    Nothing of SQLAlchemy looks at its values, so it is made in a tenth of the time.

    Args:
        model: the model.
        values: by attribute; of all other columns but the key the default, or None.
    """
    fixed, made = _defaults(model)
    mapper: Any = inspect(model)
    row: Row = mapper.class_manager.new_instance()
    vars(row).update({**fixed, **{name: make(None) for name, make in made if name not in values}, **values})
    return row


def set_values(row: Any, **values: Any) -> None:
    """State values of such an object, or a single object that is reached from it, before ``take_in``."""
    vars(row).update(values)


def values_of(row: Any) -> dict[str, Any]:
    """The values of such an object's columns but its key."""
    names, values = _columns(row.__class__)
    return dict(zip(names, values(vars(row)), strict=True))


@cache
def _columns(model: Any) -> tuple[Sequence[str], Callable[[Any], tuple[Any, ...]]]:
    """The names of a model's columns but its key, and what takes their values from an object's attributes."""
    columns = [column for column in model.__table__.c if not column.primary_key]
    return [column.name for column in columns], itemgetter(*(column.key for column in columns))


@cache
def _defaults(model: Any) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[Any], Any]], ...]]:
    """The default of each column but the key; and those that are made anew each time."""
    columns = [column for column in model.__table__.c if not column.primary_key]
    made = [column for column in columns if column.default is not None and not column.default.is_scalar]
    fixed = {column.key: column.default and column.default.arg for column in columns if column not in made}
    return fixed, tuple((column.key, column.default.arg) for column in made)


@cache
def _attributes_of(model: Any) -> tuple[str, ...]:
    mapper: Any = inspect(model)
    return tuple(attribute.key for attribute in mapper.column_attrs)

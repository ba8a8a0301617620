"""Statements of every page and every write: made into SQL once, and run without the ORM.

The ORM runs its hooks, makes its cache keys and describes the result anew each time, which takes longer than
the database does. Only for a statement that is made once and kept: each other one is compiled anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import accumulate
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Dialect, Engine, Insert, Select, Table, bindparam, event, insert, inspect
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from hwadmin.db import tenancy
from hwadmin.db.engines import hold_transaction
from hwadmin.db.extensions import Base, db

Row = TypeVar("Row", bound=Base)
Convert = Callable[[Any], Any]
# The execution option that names the list where the rows of a statement go.
_ROWS = "hwadmin_rows"


class _Ready(NamedTuple):
    """A statement as a driver takes it."""

    sql: str
    # The values that are the same each time, by the names of their places in the text.
    fixed: Mapping[str, Any]
    # The places of each parameter that has several values.
    places: Mapping[str, Sequence[str]]
    # All names in the order of the text, for a driver that takes values by their position.
    positions: Sequence[str] | None
    # What is done to a value that is given, and to that of a column that is read.
    writing: Mapping[str, Convert]
    reading: Sequence[tuple[int, Convert]]


def read_rows(statement: Select[*tuple[Any, ...]], **values: Any) -> Sequence[Any]:
    """The rows of a statement as tuples; filtered by platform, as the session filters.

    Args:
        statement: selects columns; the same object each time.
        values: its parameters; a tuple for one that stands for several values.

    Raises:
        UnknownScope: tenant data was asked for before it was stated on whose behalf.
    """
    session = db.session()
    platform_ids = tenancy.platforms_of(session, statement)
    if platform_ids is not None:
        values[tenancy.VISIBLE] = tuple(platform_ids)
    if session.autoflush:
        session.flush()
    if statement._for_update_arg is not None:
        hold_transaction(session)
    return _run(session.connection(), statement, values)


def write_rows(connection: Connection, statement: Insert, **values: Any) -> Sequence[Any]:
    """Run a statement that writes, and say what it returns, as tuples.

    Args:
        connection: the session's; what the session has still to write is not written before.
        statement: the same object each time. It is filtered by nothing.
        values: its parameters, which are not made up by the models: there are no defaults.
    """
    return _run(connection, statement, values)


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows with the same columns; the others have the database's defaults."""
    write_each(connection, _insertion(table, tuple(rows[0])), rows)


def write_each(connection: Connection, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement that returns nothing with the parameters of each row."""
    ready = _ready(statement, connection.dialect, ())
    connection.exec_driver_sql(ready.sql, [_given(ready, row) for row in rows])


def insert_row(connection: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """Insert one, and say its key."""
    ((key,),) = _run(connection, _insertion(table, tuple(row), returns_key=True), dict(row))
    return int(key)


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
    row: Row = mapper.class_manager.new_instance()
    vars(row).update(by_name)
    take_in(row)
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


def values_of(row: Any) -> dict[str, Any]:
    """The values of such an object's columns but its key."""
    given = vars(row)
    return {name: given[attribute] for name, attribute in _columns(row.__class__)}


@cache
def _columns(model: Any) -> tuple[tuple[str, str], ...]:
    return tuple((column.name, column.key) for column in model.__table__.c if not column.primary_key)


@cache
def _defaults(model: Any) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[Any], Any]], ...]]:
    """The default of each column but the key; and those that are made anew each time."""
    columns = [column for column in model.__table__.c if not column.primary_key]
    made = [column for column in columns if column.default is not None and not column.default.is_scalar]
    fixed = {column.key: column.default and column.default.arg for column in columns if column not in made}
    return fixed, tuple((column.key, column.default.arg) for column in made)


def as_json(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as a statement takes them that inserts any number of them from one parameter."""
    writing = _writing_of(table, connection.dialect)
    return json.dumps(
        [
            {name: writing[name](value) if name in writing else value for name, value in row.items()}
            for row in rows
        ]
    )


@cache
def _writing_of(table: Table, dialect: Dialect) -> dict[str, Convert]:
    return {
        column.name: write
        for column in table.c
        if (write := column.type.dialect_impl(dialect).bind_processor(dialect))
    }


@cache
def _attributes_of(model: Any) -> tuple[str, ...]:
    mapper: Any = inspect(model)
    return tuple(attribute.key for attribute in mapper.column_attrs)


@lru_cache(maxsize=256)
def _insertion(table: Table, names: tuple[str, ...], *, returns_key: bool = False) -> Insert:
    statement = insert(table).values({name: bindparam(name, type_=table.c[name].type) for name in names})
    return statement.returning(table.c.id) if returns_key else statement


def _run(
    connection: Connection, statement: Select[*tuple[Any, ...]] | Insert, values: dict[str, Any]
) -> Sequence[Any]:
    several = tuple((name, len(value)) for name, value in values.items() if isinstance(value, tuple))
    ready = _ready(statement, connection.dialect, several)
    rows: list[Any] = []
    connection.exec_driver_sql(ready.sql, _given(ready, values), {_ROWS: rows})
    return _converted(rows, ready.reading) if ready.reading and rows else rows


@event.listens_for(Engine, "do_execute")
def _fetch(cursor: Any, sql: str, given: Any, context: Any) -> bool:
    """Run such a statement and take its rows as the driver gives them.

    SQLAlchemy would describe the columns of the result each time: of a unit's it takes half of reading them.
    """
    rows: list[Any] | None = context.execution_options.get(_ROWS)
    if rows is None:
        return False
    own = cursor.connection.execute(sql, given)
    rows += own.fetchall()
    own.close()
    return True


def _given(ready: _Ready, values: Mapping[str, Any]) -> Any:
    """The values as the driver takes them."""
    given: Any = dict(ready.fixed)
    for name, value in values.items():
        if name in ready.places:
            given.update(zip(ready.places[name], value, strict=True))
        else:
            value = list(value) if isinstance(value, tuple) else value
            given[name] = ready.writing[name](value) if name in ready.writing else value
    return given if ready.positions is None else tuple(given[name] for name in ready.positions)


def _converted(rows: Sequence[Any], reading: Sequence[tuple[int, Convert]]) -> Sequence[Any]:
    columns: list[Any] = list(zip(*rows, strict=True))
    for place, read in reading:
        columns[place] = map(read, columns[place])
    return list(zip(*columns, strict=True))


@lru_cache(maxsize=512)
def _ready(
    statement: Select[*tuple[Any, ...]] | Insert, dialect: Dialect, several: tuple[tuple[str, int], ...]
) -> _Ready:
    sizes = dict(several)
    if tenancy.VISIBLE in sizes and isinstance(statement, Select):
        statement = tenancy.filtered(statement)
    compiled: Any = statement.compile(dialect=dialect)
    names = {name: parameter for parameter, name in compiled.bind_names.items()}
    given = {
        name: [None] * sizes[name] if name in sizes else None
        for name, parameter in names.items()
        if parameter.required
    }
    expanded = compiled.construct_expanded_state(given)
    writing = {
        name: write
        for name, parameter in names.items()
        if (write := parameter.type.dialect_impl(dialect).bind_processor(dialect))
    } | expanded.processors
    reading = enumerate(
        column.type.dialect_impl(dialect).result_processor(dialect, None)
        for column in statement.exported_columns
    )
    return _Ready(
        expanded.statement,
        {
            name: writing[name](value) if name in writing else value
            for name, value in expanded.parameters.items()
            if name not in given
        },
        {name: expanded.parameter_expansion[name] for name in sizes if names[name].expanding},
        expanded.positiontup,
        writing,
        [(place, read) for place, read in reading if read],
    )

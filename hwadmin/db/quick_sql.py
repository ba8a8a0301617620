"""Statements of every page and every write: made into SQL once, and run without the ORM.

The ORM runs its hooks, makes its cache keys and describes the result anew each time, which takes longer than
the database does. Only for a statement that is made once and kept: each other one is compiled anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Engine, Insert, Select, Table, bindparam, event, insert

from hwadmin.db import statements, tenancy
from hwadmin.db.engines import has_other_listeners, hold_transaction
from hwadmin.db.extensions import db

Convert = Callable[[Any], Any]
# The execution options that name the list where the rows of a statement go, and the error it failed with.
_ROWS, _FAILURE = "hwadmin_rows", "hwadmin_failure"


class _Ready(NamedTuple):
    """A statement as a driver takes it."""

    sql: str
    # The values that are the same each time, by the names of their places in the text.
    fixed: Mapping[str, Any]
    # The places of each parameter that has several values, one each; and those that are an array.
    places: Sequence[tuple[str, Sequence[str]]]
    arrays: Sequence[str]
    # Takes all values in the order of the text, for a driver that takes them by their position.
    in_order: Callable[[Mapping[str, Any]], tuple[Any, ...]] | None
    # What is done to a value that is given, and to that of a column that is read.
    writing: Sequence[tuple[str, Convert]]
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
    several = tuple((name, len(value)) for name, value in values.items() if isinstance(value, tuple))
    return _run(session.connection(), statement, values, several)


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
    if len(rows) == 1:
        _send(connection, ready.sql, _given(ready, rows[0]))
    else:
        connection.exec_driver_sql(ready.sql, [_given(ready, row) for row in rows])


def insert_row(connection: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """Insert one, and say its key."""
    ((key,),) = _run(connection, _insertion(table, tuple(row), returns_key=True), row)
    return int(key)


def as_stored(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with the values the database keeps, for a statement that takes all of them from one parameter."""
    writing = _writing_of(table, connection.dialect)
    return [row | {name: write(row[name]) for name, write in writing if name in row} for row in rows]


@cache
def _writing_of(table: Table, dialect: Dialect) -> Sequence[tuple[str, Convert]]:
    return [
        (column.name, write)
        for column in table.c
        if (write := column.type.dialect_impl(dialect).bind_processor(dialect))
    ]


@lru_cache(maxsize=256)
def _insertion(table: Table, names: tuple[str, ...], *, returns_key: bool = False) -> Insert:
    statement = insert(table).values({name: bindparam(name, type_=table.c[name].type) for name in names})
    return statement.returning(table.c.id) if returns_key else statement


def _run(
    connection: Connection,
    statement: Select[*tuple[Any, ...]] | Insert,
    values: Mapping[str, Any],
    several: tuple[tuple[str, int], ...] = (),
) -> Sequence[Any]:
    ready = _ready(statement, connection.dialect, several)
    rows = _send(connection, ready.sql, _given(ready, values))
    return _converted(rows, ready.reading) if ready.reading and rows else rows


def _send(connection: Connection, sql: str, given: Any) -> list[Any]:
    """Let the driver run a statement, and say the rows it gives.

    SQLAlchemy takes longer for each than the driver does for most. It still sends them where somebody else
    listens, or there is no transaction, and tells what failed.
    """
    if has_other_listeners(connection) or not connection.in_transaction():
        rows: list[Any] = []
        connection.exec_driver_sql(sql, given, {_ROWS: rows})
        return rows
    driver: Any = connection.connection.driver_connection
    started = time.perf_counter()
    try:
        rows = _rows_of(driver.execute(sql, given))
    except BaseException as error:
        connection.exec_driver_sql(sql, given, {_FAILURE: error})
        raise
    statements.count(sql, time.perf_counter() - started)
    return rows


def _rows_of(cursor: Any) -> list[Any]:
    rows: list[Any] = cursor.fetchall() if cursor.description else []
    cursor.close()
    return rows


@event.listens_for(Engine, "do_execute")
def _run_by_driver(cursor: Any, sql: str, given: Any, context: Any) -> bool:
    """Run such a statement and take its rows as the driver gives them, or fail as the driver did.

    SQLAlchemy would describe the columns of the result each time: of a unit's it takes half of reading them.
    """
    failure: BaseException | None = context.execution_options.get(_FAILURE)
    if failure is not None:
        raise failure
    rows: list[Any] | None = context.execution_options.get(_ROWS)
    if rows is None:
        return False
    rows += _rows_of(cursor.connection.execute(sql, given))
    return True


def _given(ready: _Ready, values: Mapping[str, Any]) -> Any:
    """The values as the driver takes them."""
    given: Any = {**ready.fixed, **values}
    for name, places in ready.places:
        given.update(zip(places, given.pop(name), strict=True))
    for name in ready.arrays:
        given[name] = list(given[name])
    for name, write in ready.writing:
        given[name] = write(given[name])
    return given if ready.in_order is None else ready.in_order(given)


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
    processors = {
        name: parameter.type.dialect_impl(dialect).bind_processor(dialect)
        for name, parameter in names.items()
    } | expanded.processors
    reading = enumerate(
        column.type.dialect_impl(dialect).result_processor(dialect, None)
        for column in statement.exported_columns
    )
    places = [(name, expanded.parameter_expansion[name]) for name in sizes if names[name].expanding]
    varying = expanded.parameters.keys() & {*given, *chain.from_iterable(each for _, each in places)}
    fixed = {
        name: write(value) if (write := processors.get(name)) else value
        for name, value in expanded.parameters.items()
        if name not in varying
    }
    return _Ready(
        expanded.statement,
        fixed,
        places,
        [name for name in sizes if not names[name].expanding],
        None if expanded.positiontup is None else _in_order(expanded.positiontup),
        [(name, write) for name in varying if (write := processors.get(name))],
        [(place, read) for place, read in reading if read],
    )


def _in_order(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    # Of one name it would take the value itself.
    return lambda given: tuple(given[name] for name in names)

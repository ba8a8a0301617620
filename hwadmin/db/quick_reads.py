"""Reads that every page does: made into SQL once, and run without the ORM.

The ORM runs its hooks, makes its cache keys and describes the result anew each time, which takes longer than
the database does. Only for a SELECT of columns that is made once and kept: each other one is compiled anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Select

from hwadmin.db import tenancy
from hwadmin.db.extensions import db

Convert = Callable[[Any], Any]


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
    connection = session.connection()
    several = tuple((name, len(value)) for name, value in values.items() if isinstance(value, tuple))
    ready = _ready(statement, connection.dialect, several)
    given: Any = dict(ready.fixed)
    for name, value in values.items():
        if name in ready.places:
            given.update(zip(ready.places[name], value, strict=True))
        else:
            value = list(value) if isinstance(value, tuple) else value
            given[name] = ready.writing[name](value) if name in ready.writing else value
    if ready.positions is not None:
        given = tuple(given[name] for name in ready.positions)
    result = connection.exec_driver_sql(ready.sql, given)
    # As the driver gives them: rows that know the names of their columns take several times as long.
    rows = result.cursor.fetchall()
    result.close()
    return _converted(rows, ready.reading) if ready.reading and rows else rows


def _converted(rows: Sequence[Any], reading: Sequence[tuple[int, Convert]]) -> Sequence[Any]:
    columns: list[Any] = list(zip(*rows, strict=True))
    for place, read in reading:
        columns[place] = map(read, columns[place])
    return list(zip(*columns, strict=True))


@lru_cache(maxsize=512)
def _ready(
    statement: Select[*tuple[Any, ...]], dialect: Dialect, several: tuple[tuple[str, int], ...]
) -> _Ready:
    sizes = dict(several)
    if tenancy.VISIBLE in sizes:
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
        for column in statement.selected_columns
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

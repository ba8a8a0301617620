"""Where SQLite and PostgreSQL differ. No other module names a database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    JSON,
    URL,
    BigInteger,
    ColumnElement,
    Date,
    Dialect,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    any_,
    bindparam,
    column,
    extract,
    func,
    literal,
    make_url,
    select,
    text,
    true,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from hwadmin.db.extensions import db

Names = tuple[str, ...]
# SQLite gives row ids only to INTEGER keys.
KEY = BigInteger().with_variant(Integer, "sqlite")
# None is SQL's NULL, not JSON's: "has no such document" must be a question SQL can answer.
DOCUMENT = JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
# A table argument: the key of a deleted row never comes back. PostgreSQL does this by itself.
KEYS_NEVER_COME_BACK = {"sqlite_autoincrement": True}


def is_postgresql() -> bool:
    """Whether the session's database is PostgreSQL; otherwise it is SQLite."""
    return db.session.get_bind().dialect.name == "postgresql"


class Likely(FunctionElement[Any]):
    """A condition of which SQLite's planner is told that it holds for most rows.

    A file without statistics (``ANALYZE``) takes any condition of equality for one that holds for ten rows,
    and its index for the best. Without a type: as a Boolean it would be compared with 1, which no partial
    index knows.
    """

    inherit_cache = True
    name = "likely"


@compiles(Likely)
def _as_it_is(condition: Likely, compiler: SQLCompiler, **more: Any) -> str:
    return compiler.process(condition.clauses, **more)


@compiles(Likely, "sqlite")
def _as_likely(condition: Likely, compiler: SQLCompiler, **more: Any) -> str:
    return f"likely({compiler.process(condition.clauses, **more)})"


def insert(target: Any) -> Any:
    """An INSERT that knows ON CONFLICT: each database has a construct of its own for it."""
    return (postgresql if is_postgresql() else sqlite).insert(target)


def in_texts(text_column: Any, texts: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a column of text has one of these values."""
    if is_postgresql():
        # One parameter, where IN has one for each: the driver reads each text of a statement once.
        return cast("ColumnElement[bool]", text_column == any_(literal(texts, ARRAY(String))))
    return cast("ColumnElement[bool]", text_column.in_(texts))


def in_keys(key_column: Any, keys: Sequence[int] = (), *, parameter: str = "") -> ColumnElement[bool]:
    """The same of a column of keys; or, in a statement that is made once, of those of a parameter."""
    if is_postgresql():
        array: Any = ARRAY(BigInteger)
        given: Any = bindparam(parameter, type_=array) if parameter else literal(keys, array)
        return cast("ColumnElement[bool]", key_column == any_(given))
    return cast(
        "ColumnElement[bool]", key_column.in_(bindparam(parameter, expanding=True) if parameter else keys)
    )


def in_rows(key_column: Any, keys: Select[Any]) -> ColumnElement[bool]:
    """The condition that a key is one of those another statement selects, as one of several alternatives.

    PostgreSQL looks up the keys first and then combines the indexes of the alternatives; with IN it would
    read the whole table and compare each row.
    """
    if is_postgresql():
        return cast("ColumnElement[bool]", key_column == any_(func.array(keys.scalar_subquery())))
    return cast("ColumnElement[bool]", key_column.in_(keys))


def insert_from_json(table: Table, shared: Names, own: Names, *unique: str, skips: bool = True) -> Any:
    """The statement that inserts any number of rows from one JSON parameter, ``rows``, in their order.

    With a parameter for each value a thousand rows are twenty thousand parameters, and a row without one of
    the values would be a statement of its own. The unique columns and the key of each row are returned.

    Args:
        table: where to insert.
        shared: the columns that all rows share, each a parameter of its name.
        own: the columns that differ; see ``rows_to_insert``.
        unique: the columns that tell the rows apart.
        skips: whether rows are left out whose unique columns are in the table already, which has an index
            of them.
    """
    return _insert_from_json(is_postgresql(), table, shared, own, unique, skips)


def rows_to_insert(own: Names, rows: Sequence[Mapping[str, Any]]) -> str:
    """The parameter ``rows`` of such a statement; what a row leaves out is NULL."""
    # SQLite finds a value sooner by its place than by its name.
    return json.dumps(rows if is_postgresql() else [[*map(row.get, own)] for row in rows])


def given_rows(types: Mapping[str, Any]) -> Any:
    """The rows of one JSON parameter, ``rows``, to update from: what is written for each of them at once.

    Args:
        types: the names in the JSON objects, and the type of each as a column.
    """
    source, values = _rows_of_json(is_postgresql(), types, [f"$.{name}" for name in types])
    return source if is_postgresql() else select(*values).select_from(source).subquery("given_rows")


def _rows_of_json(
    on_postgresql: bool, types: Mapping[str, Any], paths: Sequence[str]
) -> tuple[Any, list[Any]]:
    """The parameter as a table, and the columns of that table; on SQLite each value is found by its path."""
    rows: Any = bindparam("rows", type_=Text)
    if on_postgresql:
        record = func.json_to_recordset(sql_cast(rows, postgresql.JSON)).table_valued(
            *(column(name, kind) for name, kind in types.items())
        )
        source: Any = record.render_derived(name="given", with_types=True)
        return source, [source.c[name] for name in types]
    source = func.json_each(rows).table_valued("key", "value", name="given")
    return source, [
        func.json_extract(source.c.value, path, type_=kind).label(name)
        for (name, kind), path in zip(types.items(), paths, strict=True)
    ]


@cache
def _insert_from_json(
    on_postgresql: bool, table: Table, shared: Names, own: Names, unique: Names, skips: bool
) -> Any:
    statement: Any = (postgresql if on_postgresql else sqlite).insert(table)
    types = {name: table.c[name].type for name in own}
    source, own_values = _rows_of_json(on_postgresql, types, [f"$[{place}]" for place in range(len(own))])
    shared_values = [bindparam(name, type_=table.c[name].type) for name in shared]
    selected = select(*shared_values, *own_values).select_from(source)
    if not on_postgresql:
        # Its parser takes ON CONFLICT behind a SELECT for the condition of a join, unless there is a WHERE.
        selected = selected.where(true()).order_by(source.c.key)
    statement = statement.from_select([*shared, *own], selected, include_defaults=False)
    if skips:
        statement = statement.on_conflict_do_nothing(index_elements=unique)
    return statement.returning(*(table.c[name] for name in unique), table.c.id)


def whole_seconds_between(start: Any, end: Any) -> ColumnElement[int]:
    """The seconds from one moment to another, rounded to whole ones."""
    if is_postgresql():
        return sql_cast(func.round(extract("epoch", end - start)), Integer)
    return sql_cast(func.round((func.julianday(end) - func.julianday(start)) * 86400.0), Integer)


def monday_of(moment: Any) -> ColumnElement[str]:
    """The Monday of the week a moment is in, in UTC, as ``2026-11-16``."""
    if is_postgresql():
        day = sql_cast(func.timezone("UTC", moment), Date)
        return sql_cast(sql_cast(func.date_trunc("week", day), Date), String)
    # From the text of the day: SQLite rounds moments to the millisecond, which may be after midnight.
    return func.date(func.substr(sql_cast(moment, String), 1, 10), "weekday 0", "-6 days", type_=String)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of only the rows that meet a condition, which is given as SQL."""
    return Index(name, *columns, unique=unique, postgresql_where=text(where), sqlite_where=text(where))


def takes_turn(number: int) -> bool:
    """Whether nobody else does the work of this number; nobody does until the end of the transaction.

    Nobody is waited for. On SQLite only one can write at all.
    """
    return not is_postgresql() or bool(db.session.scalar(select(func.pg_try_advisory_xact_lock(number))))


def connections_by_state() -> dict[str, int]:
    """How many connections to this database there are, by what they do; none on SQLite."""
    if not is_postgresql():
        return {}
    rows = db.session.execute(
        text(
            "SELECT coalesce(state, 'other') AS state, count(*) AS number FROM pg_catalog.pg_stat_activity"
            " WHERE datname = current_database() GROUP BY 1"
        )
    )
    return {row.state: row.number for row in rows}


def database_clock() -> datetime | None:
    """The present moment by the clock of the database's machine; None on SQLite, which has that of ours."""
    if not is_postgresql():
        return None
    moment: datetime = db.session.execute(text("SELECT pg_catalog.clock_timestamp()")).scalar_one()
    return moment


def damage() -> str | None:
    """The first thing that is wrong with the embedded database's file; None where it can all be read."""
    try:
        found: str = db.session.execute(text("PRAGMA quick_check(1)")).scalar_one()
    except DatabaseError:
        db.session.rollback()
        return "it cannot be read"
    return None if found == "ok" else found.splitlines()[-1]


def triggers() -> dict[str, bool]:
    """Whether each trigger there is, named ``table: trigger``, is enabled."""
    statement = (
        "SELECT tbl_name || ': ' || name AS name, 1 AS enabled FROM sqlite_master WHERE type = 'trigger'"
    )
    if is_postgresql():
        statement = (
            "SELECT tgrelid::regclass || ': ' || tgname AS name, tgenabled IN ('O', 'A') AS enabled"
            " FROM pg_catalog.pg_trigger WHERE NOT tgisinternal"
        )
    return {row.name: bool(row.enabled) for row in db.session.execute(text(statement))}


def invalid_indexes() -> list[str]:
    """The indexes that the database does not use, since making them failed half-way."""
    if not is_postgresql():
        return []
    statement = "SELECT indexrelid::regclass::text AS name FROM pg_catalog.pg_index WHERE NOT indisvalid"
    return [row.name for row in db.session.execute(text(statement))]


def file_of(url: str) -> Path | None:
    """The file of a database that is one; None for a server's."""
    parts = make_url(url)
    return Path(parts.database or "") if parts.get_backend_name() == "sqlite" else None


def client_address(url: str) -> tuple[str, str | None]:
    """The address of a server's database as its own programs read it, without the password, and that."""
    parts = make_url(url)
    # With what follows the ?: how far TLS is checked, and the hosts where there are several.
    bare = URL.create("postgresql", parts.username, None, parts.host, parts.port, parts.database, parts.query)
    return bare.render_as_string(), parts.password


def external_key(table: str, scope: str, column: str = "external_id") -> Index:
    """The index that lets a key of another program name one row of a platform or account."""
    return partial_index(f"uq_{table}_{column}", scope, column, where=f"{column} IS NOT NULL", unique=True)


def drops_time_zones(dialect: Dialect) -> bool:
    """Whether the database stores a moment without its time zone."""
    return dialect.name == "sqlite"

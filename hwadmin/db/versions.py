"""Continuum's unit of work, which writes the versions of rows, by one statement for each kind of row.

Continuum makes an object of each version and flushes a session of its own for them, asks each object of the
session which of its columns have versions, and looks at all of them, at each flush.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Insert, Table, and_, bindparam, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy_continuum import version_class, versioning_manager
from sqlalchemy_continuum.operation import Operation
from sqlalchemy_continuum.unit_of_work import UnitOfWork
from sqlalchemy_continuum.utils import is_versioned, versioned_column_properties

from hwadmin.clock import utcnow
from hwadmin.db.quick_sql import insert_row, insert_rows, write_each
from hwadmin.db.row_objects import new_object


class VersionWriter(UnitOfWork):  # type: ignore[misc]
    """Writes the same versions as Continuum's own."""

    def is_modified(self, session: Session) -> bool:
        """Whether a row with versions is new, deleted or changed. What nobody touched is not looked at."""
        return any(map(is_versioned, chain(session.new, session.deleted))) or any(
            is_versioned(row) and _is_changed(row) for row in session.dirty
        )

    def process_before_flush(self, session: Session) -> None:
        """Number the transaction, where this flush is the first that writes versions."""
        if self.current_transaction is None and self.is_modified(session):
            self.create_transaction(session)

    def create_transaction(self, session: Session) -> Any:
        """Write down the transaction that the versions belong to."""
        transaction = self.manager.transaction_cls
        now = utcnow().replace(tzinfo=None)
        key = insert_row(session.connection(), transaction.__table__, {"issued_at": now})
        self.current_transaction = new_object(transaction, id=key, issued_at=now)
        return self.current_transaction

    def process_after_flush(self, session: Session) -> None:
        """Write the versions of what was flushed."""
        if self.current_transaction is not None:
            self.create_version_objects(session)

    def create_version_objects(self, session: Session) -> None:
        """Write a version of each row that was flushed since the last time."""
        copied: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        gone: dict[Table, list[dict[str, Any]]] = defaultdict(list)
        again: dict[Table, list[dict[str, Any]]] = defaultdict(list)
        for key, operation in self.operations.items():
            if operation.processed:
                continue
            operation.processed = True
            row, of_version = operation.target, self._columns_of(operation)
            if key not in self.version_objs and operation.type != Operation.DELETE:
                copied[key[0]].append(_key_of(row) | of_version)
            else:
                table, names = _versions_of(key[0])
                # A row has one version in a transaction, however often it is flushed.
                rows = again if key in self.version_objs else gone
                rows[table].append({name: getattr(row, attribute) for name, attribute in names} | of_version)
            self.version_objs[key] = operation
        connection = session.connection()
        for model, keys in copied.items():
            write_each(connection, _copy(model), keys)
        for table, values in gone.items():
            insert_rows(connection, table, values)
        for table, values in again.items():
            _write_again(connection, table, values)

    def _columns_of(self, operation: Operation) -> dict[str, int]:
        """What a version says of itself."""
        return {"transaction_id": self.current_transaction.id, "operation_type": operation.type}


def write_first_versions(session: Session, rows: Iterable[Any]) -> None:
    """Write the versions of the session's objects whose rows were inserted without it."""
    work = versioning_manager.unit_of_work(session)
    if work.current_transaction is None:
        work.create_transaction(session)
    for row in rows:
        work.operations[type(row), inspect(row).identity] = Operation(row, Operation.INSERT)
    work.create_version_objects(session)


def _is_changed(row: Any) -> bool:
    """Whether a column that has versions has another value now."""
    state = inspect(row)
    model: Any = type(row)
    named = {attribute for _, attribute in _versions_of(model)[1]}
    return any(state.attrs[name].history.has_changes() for name in state.committed_state.keys() & named)


@cache
def _versions_of(model: Any) -> tuple[Table, tuple[tuple[str, str], ...]]:
    """The table of a model's versions, and of each of its columns the name and the model's attribute."""
    properties = versioned_column_properties(model)
    return version_class(model).__table__, tuple((each.columns[0].name, each.key) for each in properties)


@cache
def _copy(model: Any) -> Insert:
    """The statement that makes a version of a row, by its key: the database has what the columns hold."""
    versions, names = _versions_of(model)
    table = model.__table__
    columns = [name for name, _ in names]
    own = [bindparam(name, type_=versions.c[name].type) for name in ("transaction_id", "operation_type")]
    row = select(*(table.c[name] for name in columns), *own).where(
        *(column == bindparam(f"its_{column.name}") for column in table.primary_key)
    )
    return versions.insert().from_select([*columns, *(parameter.key for parameter in own)], row)


def _key_of(row: Any) -> dict[str, Any]:
    return {f"its_{column.name}": getattr(row, column.key) for column in row.__table__.primary_key}


def _write_again(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    key = and_(*(column == bindparam(f"its_{column.name}") for column in table.primary_key))
    keys = [{f"its_{column.name}": row[column.name] for column in table.primary_key} for row in rows]
    connection.execute(table.update().where(key), [row | its for row, its in zip(rows, keys, strict=True)])

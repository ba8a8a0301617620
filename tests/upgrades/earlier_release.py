"""What the processes of the release before go on sending while the schema becomes that of the next one.

Their code is gone. Whatever it was, it reads and writes the columns that its schema had: rows of each table
are read, written as they are and written once more, with these columns and no others. None of it is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    NullPool,
    Table,
    create_engine,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

# Refused by triggers, whoever asks; or kept up by triggers alone.
_ONLY_READ = ("audit_", "alembic_version", "order_tally", "sqlite_")
_SEARCH = "_search"


class EarlierRelease:
    """The statements of the schema there is now, to be sent to a later one."""

    def __init__(self, engine: Engine) -> None:
        # With connections of its own, closed at once: the product's may be those of whoever migrates.
        self.engine = create_engine(engine.url, poolclass=NullPool)
        metadata = MetaData()
        names = [name for name in inspect(engine).get_table_names() if _SEARCH not in name]
        metadata.reflect(engine, only=names)
        self.tables = [table for table in metadata.tables.values() if not table.name.startswith(_ONLY_READ)]

    def complaints(self) -> list[str]:
        """Send everything once; what was refused, a sentence each."""
        found = []
        with self.engine.connect() as connection:
            for table in self.tables:
                for what, send in (("read", _read), ("change", _change), ("add to", _add)):
                    try:
                        if connection.dialect.name == "postgresql":
                            # As hwadmin/db/engines.py has it.
                            connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
                        send(connection, table)
                    except DBAPIError as error:
                        found.append(f"It could not {what} {table.name}: {error.orig}")
                    connection.rollback()
        return found

    @contextmanager
    def working(self) -> Iterator[list[str]]:
        """Let it work during a block, at least twice; what was refused is known at its end."""
        stop, begun, found = threading.Event(), threading.Event(), list[str]()

        def work() -> None:
            while not stop.is_set():
                found.extend(self.complaints())
                begun.set()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            assert begun.wait(60)
            yield found
        finally:
            stop.set()
            thread.join(60)
        found.extend(self.complaints())


def _written(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.computed is None]


def _read(connection: Connection, table: Table) -> None:
    connection.execute(select(*table.columns).limit(20)).all()


def _change(connection: Connection, table: Table) -> None:
    first = connection.execute(select(*table.primary_key.columns).limit(1)).first()
    if first is not None:
        own = {name: table.c[name] for name in _written(table) if name not in table.primary_key.columns}
        same = [column == value for column, value in zip(table.primary_key.columns, first, strict=True)]
        if own:
            connection.execute(update(table).where(*same).values(own))


def _add(connection: Connection, table: Table) -> None:
    row = connection.execute(select(*(table.c[name] for name in _written(table))).limit(1)).mappings().first()
    if row is not None:
        try:
            connection.execute(insert(table).values(**row))
        except IntegrityError as error:
            # It is there already, which is looked at after everything else that could be wrong with a row.
            if "unique" not in str(error.orig).lower():
                raise

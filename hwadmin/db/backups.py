"""Copies of the whole database at one moment, while others write; and putting one into an empty database."""

from __future__ import annotations

import os
import shutil

# What is run are the database's own programs, with arguments of ours.
import subprocess  # nosec B404
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, inspect, make_url, select

from hwadmin.db import dialects
from hwadmin.db.extensions import Base, db


class CannotCopy(Exception):
    """A copy could not be made or put back; the sentence says why."""


def dump(url: str, target: Path) -> dict[str, int]:
    """Write the whole database, as it is at one moment, into a file.

    Nobody has to stop: on SQLite it is one read transaction, on PostgreSQL one snapshot.

    Returns:
        How many rows each table has in the copy.

    Raises:
        CannotCopy: with the reason.
    """
    if dialects.file_of(url) is None:
        return _dump_of_server(url, target)
    raw = db.engine.raw_connection()
    try:
        driver = raw.driver_connection
        assert driver is not None
        driver.execute("VACUUM INTO ?", (str(target),))
    finally:
        raw.close()
    copy = create_engine(make_url(url).set(database=str(target)))
    try:
        with copy.connect() as connection:
            return row_counts(connection)
    finally:
        copy.dispose()


def _dump_of_server(url: str, target: Path) -> dict[str, int]:
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        # Counting and dumping take longer than any page may.
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        counts = row_counts(connection)
        _run(url, "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}")
        return counts


def load(url: str, source: Path) -> None:
    """Put a copy into an empty database.

    Raises:
        CannotCopy: the database is not empty, or refused.
    """
    if not is_empty():
        raise CannotCopy("The database is not empty. Name an empty one, or a file that does not exist yet.")
    file = dialects.file_of(url)
    db.engine.dispose()
    if file is None:
        _run(
            url, "pg_restore", "--no-owner", "--no-privileges", "--no-comments", "--exit-on-error",
            "--single-transaction", str(source),
        )  # fmt: skip
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    part = file.with_name(f"{file.name}.part")
    shutil.copyfile(source, part)
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(file)


def is_empty() -> bool:
    """Whether the database has no tables at all."""
    return not inspect(db.engine).get_table_names()


def row_counts(connection: Connection) -> dict[str, int]:
    """How many rows each table of this release has; tables that are not there are left out."""
    there = set(inspect(connection).get_table_names())
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in Base.metadata.sorted_tables
        if table.name in there
    }


def _run(url: str, program: str, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise CannotCopy(f"{program} is not installed here: install the client programs of the database.")
    address, password = dialects.client_address(url)
    # The password by the environment: everybody on this machine sees arguments.
    environment = {"PATH": os.defpath, "PGCONNECT_TIMEOUT": "10"} | (
        {"PGPASSWORD": password} if password else {}
    )
    done = subprocess.run(  # noqa: S603 # nosec B603
        [path, f"--dbname={address}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise CannotCopy(f"{program} failed: {lines[0]}")

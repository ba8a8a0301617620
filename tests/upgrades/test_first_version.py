"""A database of the first version with its demo data, and of every migration since, comes to today's schema.

``first_version.sqlite3.xz`` is what `flask demo load` of 22 November 2026 made, at schema 0016.
"""

from __future__ import annotations

import lzma
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import flask_migrate
import psycopg
import pytest
from flask import Flask
from sqlalchemy import MetaData, Table, create_engine, func, inspect, select, text

from hwadmin.cli.checks import database
from hwadmin.cli.checks.findings import Level
from hwadmin.config import Settings
from hwadmin.db import dialects
from hwadmin.db.extensions import db
from hwadmin.db.schema_version import later_versions
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import HardwareOrder, Person
from hwadmin.queries.audit.chain_verification import verify
from tests import databases
from tests.builders import Browser, World, sign_in
from tests.races.rows import counts_are_right
from tests.running import FULL
from tests.upgrades.earlier_release import EarlierRelease

pytestmark = pytest.mark.slow

FIRST = "0016"
# Up to here the services are stopped for an upgrade: docs/admin/upgrade.md.
BEFORE_THE_RULE = "0030"
KEPT = Path(__file__).with_name("first_version.sqlite3.xz")


@contextmanager
def an_empty_server_database(settings: Settings) -> Iterator[Settings]:
    """The settings of a database with nothing in it."""
    name = f"hwadmin_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(databases.SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield replace(settings, database_url=settings.database_url.rsplit("/", 1)[0] + f"/{name}")
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def first_version(own_database: Settings, tmp_path: Path) -> Iterator[Flask]:
    """The product of today on a database of the first version."""
    file = tmp_path / "first.sqlite3"
    file.write_bytes(lzma.decompress(KEPT.read_bytes()))
    settings = replace(own_database, instance=tmp_path)
    if dialects.file_of(settings.database_url) is not None:
        with on(replace(settings, database_url=f"sqlite:///{file}")) as app:
            yield app
        return
    with an_empty_server_database(settings) as empty, on(empty) as app:
        migrate(FIRST)
        copy_rows(file)
        yield app


@contextmanager
def on(settings: Settings) -> Iterator[Flask]:
    """An application on a database, within its context."""
    app = databases.new_app(settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def migrate(number: str) -> None:
    """Bring the database to a migration, as a process of its own would, which lets go of what it holds."""
    flask_migrate.upgrade(revision=number)
    db.engine.dispose()


def tables_of(engine: Any) -> dict[str, Table]:
    """What is in a database beside what SQLite searches by."""
    metadata = MetaData()
    names = [name for name in inspect(engine).get_table_names() if "_search" not in name]
    metadata.reflect(engine, only=[name for name in names if not name.startswith("sqlite_")])
    return dict(metadata.tables)


def copy_rows(file: Path) -> None:
    """Put the rows of a file into the server's database, past its triggers, which ran when they were made."""
    source = create_engine(f"sqlite:///{file}")
    theirs, ours = tables_of(source), tables_of(db.engine)
    assert theirs.keys() == ours.keys()
    with source.connect() as reading, db.engine.begin() as writing:
        writing.execute(text("SET LOCAL session_replication_role = replica"))
        for name, table in ours.items():
            if name == "alembic_version":
                continue
            # What the migrations put there is theirs too.
            writing.execute(table.delete())
            columns = [column.name for column in table.columns if column.computed is None]
            rows = reading.execute(select(*(theirs[name].c[column] for column in columns))).mappings().all()
            if rows:
                writing.execute(table.insert(), [dict(row) for row in rows])
            if "id" in table.c and table.c.id.server_default is not None:
                last = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"
                writing.execute(text(last))
    source.dispose()


def rows_by_table() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in tables_of(db.engine).items()
        }


def test_it_comes_to_todays_schema_with_all_its_rows_and_refuses_nobody_on_the_way(
    first_version: Flask,
) -> None:
    before = rows_by_table()
    since = [number for number, _ in later_versions(BEFORE_THE_RULE)]
    # One that was released does not change any more: the last ones are what could be wrong.
    watched = since if FULL else since[-3:]
    migrate([BEFORE_THE_RULE, *since][-len(watched) - 1])
    for number in watched:
        with EarlierRelease(db.engine).working() as refused:
            migrate(number)
        assert refused == [], number
    after = rows_by_table()
    assert {name: rows for name, rows in after.items() if name in before} == before
    of_schema = (*database.database_answers(settings := first_version.config["HWADMIN"]),
                 *database.schema_is_whole(settings))  # fmt: skip
    assert [finding.sentence for finding in of_schema if finding.level is not Level.FINE] == []
    with acting_as(db.session, COMMAND_LINE):
        verdict = verify()
        db.session.remove()
    assert (verdict.fault, verdict.vouched) == (None, before["audit_event"])
    counts_are_right(first_version)
    assert pages_that_fail(first_version) == []


def pages_that_fail(app: Flask) -> list[str]:
    """The pages of a super-admin, every order's among them, that are not shown."""
    with acting_as(db.session, COMMAND_LINE):
        ada = db.session.scalars(select(Person).where(Person.email == "ada@example.com")).one()
        client = Browser(app, app.response_class)
        sign_in(client, ada)
        orders = [order.reference for order in db.session.scalars(select(HardwareOrder))]
        db.session.remove()
    pages = ["/orders/", "/devices/", "/accounts/", "/catalog/", "/audit/", "/outgoing/"]
    pages += [f"/orders/{reference}" for reference in orders]
    answers = {page: client.get(page, buffered=True).status_code for page in pages}
    return [f"{page}: {status}" for page, status in answers.items() if status != 200]


# A column that must be named, and is not.
NEEDED = {
    "postgresql": (
        "ALTER TABLE account ADD COLUMN region text NOT NULL DEFAULT 'x'",
        "ALTER TABLE account ALTER COLUMN region DROP DEFAULT",
    ),
    "sqlite": (
        "CREATE TRIGGER needed BEFORE INSERT ON account BEGIN SELECT RAISE(ABORT, 'NOT NULL: region'); END",
    ),
}


def test_what_an_earlier_release_would_stumble_over_is_named(own_app: Flask) -> None:
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        World().an_order("fulfilled", [("deskphone", 1)])
        db.session.commit()
        db.session.remove()
        earlier = EarlierRelease(db.engine)
        assert earlier.complaints() == []
        for statement in NEEDED[db.engine.dialect.name]:
            with db.engine.begin() as connection:
                connection.execute(text(statement))
        [complaint] = earlier.complaints()
        assert complaint.startswith("It could not add to account: ")
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE hardware_order RENAME COLUMN notes TO remarks"))
        named = " ".join(earlier.complaints())
        assert all(f"could not {what} hardware_order: " in named for what in ("read", "change", "add to"))
        db.engine.dispose()

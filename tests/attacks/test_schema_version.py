"""Ready means ready: the schema must be this release's, and two upgrades at once both end well."""

from __future__ import annotations

import multiprocessing
import uuid
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.schema_version import expected_version
from hwadmin.factory import create_app
from tests import databases

EXPECTED = expected_version()


def _set_version(app: Flask, version: str) -> None:
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(
                text("UPDATE alembic_version SET version_num = :version"), {"version": version}
            )
        db.session.remove()


def test_it_is_ready_with_the_schema_of_this_release(own_app: Flask) -> None:
    response = own_app.test_client().get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (
            "0003",
            f"The schema is at 0003, this release needs {EXPECTED}: run hwadmin upgrade.",
        ),
        (
            "9999",
            f"The schema is at 9999; this release knows {EXPECTED} at most: install a newer one.",
        ),
    ],
)
def test_an_older_or_newer_schema_is_a_clear_sentence(own_app: Flask, version: str, sentence: str) -> None:
    _set_version(own_app, version)
    response = own_app.test_client().get("/healthz")
    assert (response.status_code, response.json) == (503, {"status": sentence})
    assert response.headers["Retry-After"]
    _set_version(own_app, expected_version())


def test_a_database_that_was_never_set_up_is_not_ready(own_database: Settings, tmp_path: Path) -> None:
    app = create_app(replace(own_database, database_url=f"sqlite:///{tmp_path / 'empty.sqlite3'}"))
    response = app.test_client().get("/healthz")
    assert response.status_code == 503
    assert "never set up" in response.json["status"]
    with app.app_context():
        db.engine.dispose()


def _upgrade(app: Flask, start: Barrier) -> None:
    with app.app_context():
        start.wait(60)
        flask_migrate.upgrade()


def test_two_upgrades_at_once_both_end_well(templates: databases.Templates, tmp_path: Path) -> None:
    databases.skip_without_postgresql()
    name = f"hwadmin_test_{uuid.uuid4().hex[:12]}"
    fork = multiprocessing.get_context("fork")
    with psycopg.connect(databases.SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        try:
            app = databases.new_app(replace(templates["postgresql"].settings(name), instance=tmp_path))
            start = fork.Barrier(2)
            upgrades = [fork.Process(target=_upgrade, args=(app, start)) for _ in range(2)]
            for upgrade in upgrades:
                upgrade.start()
            for upgrade in upgrades:
                upgrade.join(120)
            assert [upgrade.exitcode for upgrade in upgrades] == [0, 0]
            with psycopg.connect(databases.server_url(name)) as connection:
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            assert row == (expected_version(),)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

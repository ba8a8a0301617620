"""Databases for tests: one migrated template per worker and kind, and cheap copies of it."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_migrate
import psycopg
import pytest
from sqlalchemy import Engine, event

from hwadmin.config import Settings
from hwadmin.extensions import db
from hwadmin.factory import create_app


@event.listens_for(Engine, "connect")
def _take_your_time(connection: Any, _record: Any) -> None:
    """A test may think as long as it needs within its transaction: the machine may have other work."""
    if isinstance(connection, psycopg.Connection):
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.commit()


KINDS = ("sqlite", "postgresql")
SECRET_KEY = "only-for-tests-" + "x" * 32
# Where a PostgreSQL for tests listens: its maintenance database, without the name of the one we make.
SERVER = os.environ.get("HWADMIN_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")


def postgresql_missing() -> str | None:
    """Why PostgreSQL cannot be tested here, or None where it can."""
    try:
        psycopg.connect(SERVER, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        return f"No PostgreSQL: {error}"
    return None


def skip_without_postgresql() -> None:
    """Skip where there is no PostgreSQL; fail where the environment demands one."""
    reason = postgresql_missing()
    if reason and os.environ.get("REQUIRE_POSTGRES"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


def _execute(statement: str) -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(statement)


class Template:
    """A migrated database, never used itself, copied for whoever needs one."""

    def __init__(self, kind: str, folder: Path, prefix: str = "hwadmin_test") -> None:
        self.kind, self.folder = kind, folder
        self.name = f"{prefix}_{uuid.uuid4().hex[:12]}"
        if kind == "postgresql":
            _execute(f"CREATE DATABASE {self.name}")
        settings = self.settings(self.name)
        app = create_app(settings)
        with app.app_context():
            flask_migrate.upgrade()
            db.engine.dispose()

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"

    def settings(self, name: str) -> Settings:
        """The settings of an application on the database of this name."""
        url = (
            f"sqlite:///{self._file(name)}"
            if self.kind == "sqlite"
            else SERVER.replace("postgresql://", "postgresql+psycopg://").rsplit("/", 1)[0] + f"/{name}"
        )
        return Settings(database_url=url, secret_key=SECRET_KEY, instance=self.folder, production=False)

    @contextmanager
    def copy(self) -> Iterator[Settings]:
        """The settings of an application on a fresh copy, dropped at the end."""
        name = f"hwadmin_test_{uuid.uuid4().hex[:12]}"
        if self.kind == "sqlite":
            shutil.copy(self._file(self.name), self._file(name))
            try:
                yield self.settings(name)
            finally:
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{self._file(name)}{suffix}").unlink(missing_ok=True)
        else:
            _execute(f"CREATE DATABASE {name} TEMPLATE {self.name}")
            try:
                yield self.settings(name)
            finally:
                _execute(f"DROP DATABASE {name} WITH (FORCE)")

    def drop(self) -> None:
        """Remove the template."""
        if self.kind == "postgresql":
            _execute(f"DROP DATABASE {self.name} WITH (FORCE)")

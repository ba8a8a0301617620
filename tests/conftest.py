"""What every test can ask for. Personas and orders are in builders.py."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from zlib import crc32

import pytest
from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from sqlalchemy_continuum import UnitOfWork, versioning_manager

from hwadmin.config import Settings
from hwadmin.extensions import db
from hwadmin.factory import create_app
from hwadmin.permissions import COMMAND_LINE
from hwadmin.tenancy import acting_as
from tests import databases
from tests.builders import Clients, World


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to `make test-full` what would say the same of the other database once more."""
    for item in items:
        given: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
        kind = given.get("template")
        if item.get_closest_marker("looks"):
            wanted = "postgresql"
        elif item.get_closest_marker("in_turn"):
            case = item.nodeid.replace(str(kind), "")
            wanted = databases.KINDS[crc32(case.encode()) % len(databases.KINDS)]
        else:
            continue
        if kind in databases.KINDS and kind != wanted:
            item.add_marker(pytest.mark.full)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests talk to this machine only."""
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and str(address[0]) not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"A test reached for the network: {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", local_only)


@pytest.fixture(scope="session", params=databases.KINDS)
def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[databases.Template]:
    """A migrated database of each kind; what asks for it runs on both."""
    if request.param == "postgresql":
        databases.skip_without_postgresql()
    template = databases.Template(request.param, tmp_path_factory.mktemp("database"))
    yield template
    template.drop()


@pytest.fixture(scope="session")
def shared_app(template: databases.Template) -> Iterator[Flask]:
    """One application per kind of database, on a database that stays empty: tests roll back."""
    with template.copy() as settings:
        app = create_app(settings)
        app.testing = True
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            engine = db.engine
        yield app
        engine.dispose()


class _VersionsInTheSameSavepoint(UnitOfWork):
    """Continuum's own session, told to join the test's savepoint as it joins a transaction elsewhere.

    Left to itself it opens a savepoint within the savepoint, which then outlives it.
    """

    def process_before_flush(self, session: Session) -> None:
        if self.version_session is None and session is not self.version_session and self.is_modified(session):
            self.version_session = Session(bind=session.connection(), join_transaction_mode="rollback_only")
        super().process_before_flush(session)


@pytest.fixture
def connection(shared_app: Flask) -> Iterator[Connection]:
    """The one connection everything in a test goes through; rolled back at its end."""
    engines = db._app_engines[shared_app]
    engine = engines[None]
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    versioning_manager.uow_class = _VersionsInTheSameSavepoint
    with engine.connect() as connection:
        transaction = connection.begin()
        engines[None] = connection
        yield connection
        transaction.rollback()
        engines[None] = engine
    versioning_manager.uow_class = UnitOfWork
    db.session.session_factory.configure(join_transaction_mode="conditional_savepoint")


@pytest.fixture
def app(shared_app: Flask, connection: Connection) -> Flask:
    """The application of this test, alone in its database. CSRF is off; tests of CSRF turn it on."""
    return shared_app


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    """Personas and builders, in an application context that sees every platform."""
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        yield World()
        db.session.remove()


@pytest.fixture
def clients(app: Flask, world: World) -> Clients:
    """Browsers, signed in as the personas: ``clients.ada.get(…)``."""
    return Clients(app, world)


@pytest.fixture
def own_database(template: databases.Template) -> Iterator[Settings]:
    """The settings of a database of this test's own, for tests with several connections or processes."""
    with template.copy() as settings:
        yield settings


@pytest.fixture
def own_app(own_database: Settings) -> Iterator[Flask]:
    """An application on a database of this test's own, which really commits."""
    app = create_app(own_database)
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    with app.app_context():
        db.engine.dispose()

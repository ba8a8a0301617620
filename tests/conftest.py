"""What every test can ask for. Personas and orders are in builders.py."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from tests import databases
from tests.borrowed_apps import borrowed_app
from tests.builders import Clients, World
from tests.drawn_once import Refusals
from tests.seeded_site import Stage, a_stage

pytest_plugins = ["tests.running"]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests talk to this machine only."""
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and str(address[0]) not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"A test reached for the network: {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", local_only)


@pytest.fixture(scope="session")
def templates() -> Iterator[databases.Templates]:
    """A migrated database of each kind, made when it is first asked for."""
    databases.prepare_for_tests()
    with databases.memory_folder() as folder, closing(databases.Templates(folder)) as templates:
        yield templates


@pytest.fixture(scope="session", params=databases.KINDS)
def template(request: pytest.FixtureRequest, templates: databases.Templates) -> databases.Template:
    """A migrated database of each kind; what asks for it runs on both, or on one of them in turn."""
    if request.param == "postgresql":
        databases.skip_without_postgresql()
    return templates[request.param]


@pytest.fixture(scope="session")
def shared_apps() -> Iterator[dict[str, Flask]]:
    """The applications of ``shared_app``, by kind of database."""
    apps: dict[str, Flask] = {}
    yield apps
    for app in apps.values():
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="session")
def copies(templates: databases.Templates) -> Iterator[ExitStack]:
    """Copies of databases that are kept to the end."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="session")
def shared_app(template: databases.Template, shared_apps: dict[str, Flask], copies: ExitStack) -> Flask:
    """One application per kind of database, on a database that stays empty: tests roll back."""
    if template.kind not in shared_apps:
        shared_apps[template.kind] = databases.new_app(copies.enter_context(template.copy()))
    return shared_apps[template.kind]


@pytest.fixture(scope="session")
def seeded_sites(copies: ExitStack) -> dict[str, Stage]:
    """The sites of ``shared_stage``, by kind of database."""
    return {}


@pytest.fixture(scope="session")
def shared_stage(template: databases.Template, seeded_sites: dict[str, Stage], copies: ExitStack) -> Stage:
    """Three platforms with everything an address can name, built once; see seeded_site.py."""
    if template.kind not in seeded_sites:
        seeded_sites[template.kind] = copies.enter_context(a_stage(template))
    return seeded_sites[template.kind]


@pytest.fixture
def stage(shared_stage: Stage) -> Iterator[Stage]:
    """The seeded site; what a test does to it is undone."""
    # With a wall taken away the menu around a refusal may show more: no test is given what another one drew.
    shared_stage.refusals = Refusals()
    with shared_stage.undone():
        yield shared_stage


@pytest.fixture
def connection(shared_app: Flask) -> Iterator[Connection]:
    """The one connection everything in a test goes through; rolled back at its end."""
    engines = db._app_engines[shared_app]
    engine = engines[None]
    assert isinstance(engine, Engine)
    with databases.rolled_back(engine) as connection:
        engines[None] = connection  # type: ignore[assignment]
        yield connection
        engines[None] = engine


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
    with borrowed_app(own_database) as app:
        yield app

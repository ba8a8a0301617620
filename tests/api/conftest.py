"""What tests of the API can ask for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import Person, Platform
from tests import databases
from tests.api.callers import Caller, Callers
from tests.builders import World
from tests.databases import Template, new_app, rows_of

# What a request may leave behind that is no action: the hour a token was used in.
_NOTES = {"api_token"}


# Who calls the API: they are there, each with a token, before a test begins.
CALLING = ("ada", "piet", "bea", "sam", "service")


@dataclass(frozen=True)
class Called:
    """An application on a database in which those who call have their tokens."""

    app: Flask
    # By name, what the platforms and people are, and the secrets of the tokens.
    keys: dict[str, int]
    secrets: dict[str, str]


class KnownWorld(World):
    """A world whose platforms and people are there already."""

    def __init__(self, keys: dict[str, int]) -> None:
        super().__init__()
        self._keys = keys

    def a_platform(self, name: str | None = None) -> Platform:
        key = self._keys.get(name or "")
        return db.session.get_one(Platform, key) if key else super().a_platform(name)

    def a_person(self, name: str, *facts: Any, **more: Any) -> Person:
        key = self._keys.get(name)
        return db.session.get_one(Person, key) if key else super().a_person(name, *facts, **more)


@pytest.fixture(scope="session")
def called_by_kind() -> dict[str, Called]:
    """The applications of ``called``, by kind of database."""
    return {}


@pytest.fixture(scope="session")
def called(template: Template, called_by_kind: dict[str, Called], copies: ExitStack) -> Called:
    """Made once: what a token costs is more than most calls."""
    if template.kind not in called_by_kind:
        app = new_app(copies.enter_context(template.copy()))
        with app.app_context(), acting_as(db.session, COMMAND_LINE):
            world = World()
            callers = Callers(app, world)
            secrets = {name: str(getattr(callers, name).secret) for name in CALLING}
            rows = (*(getattr(world, name) for name in CALLING[:-1]), world.northwind, world.blue_harbor)
            called_by_kind[template.kind] = Called(app, {row.name: row.id for row in rows}, secrets)
            db.session.remove()
            copies.callback(db.engine.dispose)
    return called_by_kind[template.kind]


@pytest.fixture(scope="session")
def shared_app(called: Called) -> Flask:
    """Of the tests of the API."""
    return called.app


@pytest.fixture
def world(app: Flask, called: Called) -> Iterator[World]:
    """The world of those who call."""
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        yield KnownWorld(called.keys)
        db.session.remove()


@pytest.fixture
def api(app: Flask, world: World, called: Called) -> Callers:
    api = Callers(app, world)
    for name, secret in called.secrets.items():
        setattr(api, name, Caller(app, secret))
    return api


@pytest.fixture
def _as_at_commits(api: Callers) -> None:
    """The feed has an event at once: it gets its place at a commit."""
    databases.act_as_at_commits()


class Traces:
    """What is in the database, to be compared: a refusal and a GET leave none."""

    def __init__(self) -> None:
        self.before = self._read()

    @staticmethod
    def _read() -> dict[str, object]:
        # Both sessions of a test share one connection: what this one began must not enclose a request.
        db.session.commit()
        found = rows_of(db.session.connection())
        db.session.commit()
        return {name: rows for name, rows in found.items() if name not in _NOTES}

    def none(self) -> bool:
        after = self._read()
        changed = [name for name, rows in after.items() if rows != self.before[name]]
        assert changed == []
        return True


@pytest.fixture
def traces(world: World) -> type[Traces]:
    """``before = traces()`` … ``assert before.none()``."""
    return Traces

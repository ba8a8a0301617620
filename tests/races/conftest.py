"""The races come in two lengths: a few rounds every time, and many of them when asked for (``-m full``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.databases import KINDS, Template
from tests.races.callers import Callers, Crew


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long form unless ``-m`` speaks of it."""
    if "full" in (config.getoption("markexpr") or ""):
        return
    here = Path(__file__).parent
    long_form = [item for item in items if here in item.path.parents and item.get_closest_marker("full")]
    if long_form:
        items[:] = [item for item in items if item not in long_form]
        config.hook.pytest_deselected(items=long_form)


@pytest.fixture
def rounds(request: pytest.FixtureRequest, template: Template) -> int:
    """How often a race is run.

    On PostgreSQL there is a lock for every row, and callers meet in another way each time. SQLite has the one
    lock of all writers: without it every second round fails, and every round of eight tests.
    """
    asked: int = request.param
    long = request.node.get_closest_marker("full") is not None
    return asked if long or template.kind == "postgresql" else min(asked, 2)


@pytest.fixture(scope="session")
def crews() -> Iterator[dict[str, Crew]]:
    """The processes that are callers in all tests of this worker, by kind of database."""
    crews = {kind: Crew() for kind in KINDS}
    yield crews
    for crew in crews.values():
        crew.dismiss()


@pytest.fixture
def crew(template: Template, crews: dict[str, Crew]) -> Crew:
    """Those on this kind of database."""
    return crews[template.kind]


@pytest.fixture
def nine(own_app: Flask, crew: Crew) -> Iterator[Callers]:
    """Nine callers of an application with a database of its own."""
    with Callers(crew, own_app, 9) as callers:
        yield callers


@pytest.fixture
def eight(own_app: Flask, crew: Crew) -> Iterator[Callers]:
    """Eight callers of an application with a database of its own."""
    with Callers(crew, own_app, 8) as callers:
        yield callers


@pytest.fixture
def two(own_app: Flask, crew: Crew) -> Iterator[Callers]:
    """Two callers of an application with a database of its own."""
    with Callers(crew, own_app, 2) as callers:
        yield callers

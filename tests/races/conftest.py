"""The races come in two lengths: a few rounds every time, and many of them when asked for (``-m full``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.databases import Template
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


@pytest.fixture(scope="module")
def crew(template: Template) -> Iterator[Crew]:
    """Processes that are callers in all tests of a module, on one kind of database."""
    crew = Crew()
    yield crew
    crew.dismiss()


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

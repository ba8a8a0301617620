"""The people of the stories, each with a browser of their own, and the platform's program with its token."""

from __future__ import annotations

import pytest

from tests.acceptance.visitor import Visitor
from tests.api.callers import Callers
from tests.builders import Clients, World


@pytest.fixture
def ada(clients: Clients) -> Visitor:
    """A super-admin."""
    return Visitor(clients.ada)


@pytest.fixture
def piet(clients: Clients) -> Visitor:
    """The platform admin of Northwind Voice."""
    return Visitor(clients.piet)


@pytest.fixture
def sam(clients: Clients) -> Visitor:
    """Northwind's support, who reads and changes nothing."""
    return Visitor(clients.sam)


@pytest.fixture
def api(clients: Clients, world: World) -> Callers:
    """Programs; ``api.service`` is one of Northwind Voice."""
    return Callers(clients.app, world)

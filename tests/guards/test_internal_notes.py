"""What stands in internal notes is in nothing a platform is ever answered: no page, export, or API answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import databases
from tests.guards.access_policy import API, POLICY, PROGRAM, ROUTES, SIGNED_OUT, Route
from tests.stage import ANY_PAGE, INTERNAL, Stage, a_stage, fill

# Piet is given one platform, Tess two; the program comes with a token, and so do they at the API's door.
PLATFORM = ("piet", "tess", *sorted(PROGRAM))
TELLING = (
    "/audit/",
    "/audit/?order={submitted}",
    "/orders/?status=all",
    f"/orders/?status=all&q={INTERNAL}",
    f"/search/?q={INTERNAL}",
    f"/devices/?search={INTERNAL}",
    f"/accounts/?search={INTERNAL}",
)


pytestmark = pytest.mark.in_turn


@pytest.fixture(scope="module")
def stage(template: databases.Template) -> Iterator[Stage]:
    with a_stage(template) as stage:
        yield stage


def told(stage: Stage, route: Route, persona: str) -> bool:
    """Whether the persona is told the word, on their own things."""
    things = stage.things["northwind"]
    data = fill(route.body, things) if route.body else None
    said = stage.ask(route, persona, stage.address(route, things), data)
    return INTERNAL in said.body + repr(said.headers)


@pytest.mark.parametrize("route", [*ROUTES, *API], ids=str)
def test_no_platform_is_told_what_a_note_says(stage: Stage, route: Route) -> None:
    door = [persona for persona in PLATFORM if persona in route.personas and persona not in SIGNED_OUT]
    assert [persona for persona in door if told(stage, route, persona)] == []


@pytest.mark.parametrize("address", TELLING)
def test_no_search_or_list_of_a_platform_tells_it(stage: Stage, address: str) -> None:
    path = fill(address, stage.things["northwind"])
    said = stage.ask(ANY_PAGE, "piet", path)
    assert said.status == 200
    assert "Internal note" not in said.body
    if INTERNAL in path:  # What is asked for is shown again; nothing is found by it.
        assert "<tr data-href" not in said.body
    else:
        assert INTERNAL not in said.body


def test_those_a_note_is_meant_for_are_told_on_the_orders_page(stage: Stage) -> None:
    route = POLICY["orders.order", "GET"]
    assert [who for who in ("ada", "sam", "uma", "piet", "tess") if told(stage, route, who)] == [
        "ada",
        "sam",
        "uma",
    ]

"""What stands in internal notes is in nothing a platform is ever answered: no page, export, or API answer."""

from __future__ import annotations

import pytest

from tests.guards.access_policy import POLICY
from tests.guards.answer_checks import tells_note
from tests.seeded_site import ANY_PAGE, INTERNAL, Stage, fill

TELLING = (
    "/audit/",
    "/audit/?order={submitted}",
    "/orders/?status=all",
    f"/orders/?status=all&q={INTERNAL}",
    f"/search/?q={INTERNAL}",
    f"/devices/?search={INTERNAL}",
    f"/accounts/?search={INTERNAL}",
)


@pytest.mark.parametrize("address", TELLING)
def test_no_search_or_list_of_a_platform_tells_it(stage: Stage, address: str) -> None:
    path = fill(address, stage.things["northwind"])
    response = stage.ask(ANY_PAGE, "piet", path)
    assert response.status == 200
    assert "Internal note" not in response.body
    if INTERNAL in path:  # What is asked for is shown again; nothing is found by it.
        assert "<tr data-href" not in response.body
    else:
        assert INTERNAL not in response.body


def test_those_a_note_is_meant_for_are_told_on_the_orders_page(stage: Stage) -> None:
    route = POLICY["order.show", "GET"]
    path = stage.address(route, stage.things["northwind"])
    people = ("ada", "sam", "uma", "piet", "tess")
    assert [who for who in people if tells_note(stage.ask(route, who, path))] == ["ada", "sam", "uma"]

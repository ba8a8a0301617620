"""What could hurt is done only with a proof of who one is of the last ten minutes: each act by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from hwadmin.clock import utcnow
from hwadmin.models import SignIn
from hwadmin.views.people.identity_confirmation import DEMANDING, FRESH_FOR
from tests.guards.access_policy import POLICY, Route
from tests.seeded_site import Answer, Stage, fill

# Sending asks by the amount.
BY_AMOUNT = ("placements.send", "several_orders.send")
ROUTES = [POLICY[endpoint, "POST"] for endpoint in (*sorted(DEMANDING), *BY_AMOUNT)]


def by_ada(
    stage: Stage, route: Route, monkeypatch: pytest.MonkeyPatch, age: timedelta, send_proof_above: int = 1
) -> Answer:
    """What Ada is answered whose last proof is as old as stated."""
    settings = replace(stage.app.config["HWADMIN"], send_proof_above=send_proof_above)
    monkeypatch.setitem(stage.app.config, "HWADMIN", settings)
    stage.connection.execute(update(SignIn).values(created_at=utcnow() - age, proved_at=None))
    monkeypatch.setattr(stage, "unchanged", stage.checksum())
    things = stage.things["northwind"]
    return stage.ask(route, "ada", stage.address(route, things), fill(route.body, things) or {"any": "field"})


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_an_old_proof_changes_nothing_and_a_fresh_one_is_answered_as_usual(
    stage: Stage, route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = by_ada(stage, route, monkeypatch, FRESH_FOR + timedelta(seconds=1))
    assert (old.status, old.changed) == (401, False)
    assert "Confirm that it is you" in old.body
    fresh = by_ada(stage, route, monkeypatch, FRESH_FOR - timedelta(minutes=1))
    assert fresh.status == route.answer
    assert fresh.changed == route.writes


@pytest.mark.parametrize("endpoint", BY_AMOUNT)
@pytest.mark.parametrize("above", [0, 1_000_000])
def test_an_order_that_costs_no_more_is_sent_with_an_old_proof(
    stage: Stage, endpoint: str, above: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    route = POLICY[endpoint, "POST"]
    answer = by_ada(stage, route, monkeypatch, timedelta(hours=1), above)
    assert (answer.status, answer.changed) == (route.answer, True)

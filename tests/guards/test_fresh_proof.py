"""What could hurt is done only with a proof of who one is of the last ten minutes: each act by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from hwadmin.api.calls import CALLS as CALLS_OF_THE_API
from hwadmin.clock import utcnow
from hwadmin.models import ApiToken, SignIn
from hwadmin.views.people.identity_confirmation import DEMANDING, FRESH_FOR
from tests.guards.access_policy import POLICY, Route
from tests.seeded_site import Answer, Stage, fill


def method_of(endpoint: str) -> str:
    """The method of a call of the API."""
    return next(call.method for call in CALLS_OF_THE_API if f"api.{call.name}" == endpoint)


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


# What the API does of it; the rest is done on pages only.
CALLS = {
    "people.create_view": "api.create_person",
    "people.edit_view": "api.change_person",
    "people.disable": "api.change_person",
    "people.enable": "api.change_person",
    "people.reset_password": "api.reset_password",
    "webhooks.rotate": "api.rotate",
    "devices.move": "api.move",
    "anonymization.anonymize": "api.anonymize",
}


@pytest.mark.parametrize(
    "route", [POLICY[name, method_of(name)] for name in sorted({*CALLS.values()})], ids=str
)
def test_a_token_without_the_right_changes_nothing_and_one_with_it_is_answered_as_usual(
    stage: Stage, route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    things, persona = stage.things["northwind"], "ada" if "ada" in route.may else "piet"
    with_right = stage.ask(route, persona, stage.address(route, things), fill(route.body, things) or None)
    assert (with_right.status, with_right.changed) == (route.answer, True)
    stage.connection.execute(update(ApiToken).values(acts_without_proof=False))
    monkeypatch.setattr(stage, "unchanged", stage.checksum())
    without = stage.ask(route, persona, stage.address(route, things), fill(route.body, things) or None)
    assert (without.status, without.changed) == (403, False)
    assert "only by a token that was made for it" in without.body


def test_what_asks_for_proof_on_the_pages_needs_the_right_in_the_api() -> None:
    assert {f"api.{call.name}" for call in CALLS_OF_THE_API if call.needs_proof} == {*CALLS.values()}
    assert CALLS.keys() <= DEMANDING


@pytest.mark.parametrize("endpoint", BY_AMOUNT)
@pytest.mark.parametrize("above", [0, 1_000_000])
def test_an_order_that_costs_no_more_is_sent_with_an_old_proof(
    stage: Stage, endpoint: str, above: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    route = POLICY[endpoint, "POST"]
    answer = by_ada(stage, route, monkeypatch, timedelta(hours=1), above)
    assert (answer.status, answer.changed) == (route.answer, True)

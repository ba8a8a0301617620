"""What orders wait for, the deadlines of platforms, and who is placing an order, for programs."""

from __future__ import annotations

from datetime import timedelta

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.domain.lifecycle import OrderStatus
from tests.api.callers import Callers, fields, problem
from tests.builders import World


def test_an_order_says_what_it_waits_for_and_lists_find_what_is_late(api: Callers, world: World) -> None:
    with clock.at(utcnow() - timedelta(days=3)):
        old = world.an_order()
    new = world.an_order()
    done = world.an_order(OrderStatus.FULFILLED)
    waiting = api.piet.get(f"/orders/{old.reference}").json["waiting"]
    assert (waiting["what"], waiting["owner"], waiting["late"]) == ("decision", "super-admins", True)
    assert waiting["since"] < waiting["due_at"]
    assert api.piet.get(f"/orders/{new.reference}").json["waiting"]["late"] is False
    assert api.piet.get(f"/orders/{done.reference}").json["waiting"] is None

    def found(query: str) -> list[str]:
        return [order["reference"] for order in api.piet.get(f"/orders?{query}").json["items"]]

    assert found("late=true") == [old.reference]
    assert found("late=false") == [done.reference, new.reference]
    assert found("waits_for=decision") == [new.reference, old.reference]
    assert found("waits_for=placement") == []
    assert fields(api.piet.get("/orders?waits_for=nothing")) == ["waits_for"]


def test_the_deadlines_of_a_platform_are_set(api: Callers, world: World) -> None:
    url = f"/platforms/{world.northwind.id}"
    body = {"deadlines": {"decision": {"days": 4, "owner_id": world.ada.id}}}
    shown = api.ada("PATCH", url, body).json["deadlines"]
    assert shown["decision"] == {"days": 4, "owner_id": world.ada.id}
    assert shown["placement"] == {"days": 1, "owner_id": None}
    order = world.an_order()
    assert api.bea.get(f"/orders/{order.reference}").status_code == 404
    assert api.piet.get(f"/orders/{order.reference}").json["waiting"]["owner"] == world.ada.name
    assert api.ada("PATCH", url, {"deadlines": {"decision": None}}).json["deadlines"]["decision"]["days"] == 2
    assert fields(api.ada("PATCH", url, {"deadlines": {"decision": {"days": 0}}})) == [
        "deadlines.decision.days"
    ]
    wrong = {"deadlines": {"decision": {"days": 3, "owner_id": world.piet.id}}}
    assert fields(api.ada("PATCH", url, wrong)) == ["decision_owner"]
    problem(api.piet("PATCH", url, body), 403)


def test_a_program_says_that_somebody_is_placing_an_order(api: Callers, world: World) -> None:
    order = world.an_order(OrderStatus.APPROVED)
    url = f"/orders/{order.reference}/claim"
    assert api.ada.get(url).json == {"reference": order.reference, "placing": None}
    placing = api.ada.post(url).json["placing"]
    assert placing["name"] == world.ada.name
    assert api.sam.get(url).json["placing"] == placing
    problem(api.piet.get(url), 403)
    assert api.ada("DELETE", url).json["placing"] is None
    problem(api.ada("DELETE", url), 409)
    problem(api.ada.post(f"/orders/{world.an_order().reference}/claim"), 409)

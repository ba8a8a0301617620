"""Placements as programs see them: the filter, the state of each unit."""

from __future__ import annotations

import pytest

from hwadmin.db.extensions import db
from hwadmin.models import HardwareOrder
from hwadmin.operations.orders.decisions import mark_ordered
from tests.api.callers import Callers, fields, problem
from tests.builders import World
from tests.operations.refusals import by


def placed(world: World, **details: object) -> HardwareOrder:
    order = world.an_order("approved")
    by(world.ada, lambda ada: mark_ordered(ada, order.id, **details))  # type: ignore[arg-type]
    return order


def from_spares(world: World) -> HardwareOrder:
    order = world.an_order("approved")
    order.nothing_to_buy = True
    db.session.commit()
    return order


@pytest.mark.parametrize("status", ["", "&status=approved"])
def test_a_program_asks_for_what_is_placed_and_what_is_not(world: World, api: Callers, status: str) -> None:
    waiting, done = world.an_order("approved"), placed(world)
    from_spares(world)

    def found(word: str) -> list[str]:
        answer = api.ada.get(f"/orders?placed={word}{status}").get_json()
        return [order["reference"] for order in answer["items"]]

    assert found("false") == [waiting.reference]
    assert found("true") == [done.reference]


def test_a_program_reads_the_state_of_each_unit(world: World, api: Callers) -> None:
    order = world.an_order()

    def states() -> set[str]:
        return {unit["state"] for unit in api.piet.get(f"/orders/{order.reference}").get_json()["units"]}

    assert states() == {"requested"}
    api.ada.post(f"/orders/{order.reference}/approve")
    assert states() == {"to_be_placed"}
    api.ada.post(f"/orders/{order.reference}/mark-ordered", {})
    assert states() == {"ordered"}


def test_a_program_corrects_a_placement(world: World, api: Callers) -> None:
    order = placed(world, distributor="Voxport", distributor_reference="VX-1")
    address = f"/orders/{order.reference}/placement"
    answer = api.ada("PATCH", address, {"distributor_reference": "VX-2"})
    assert answer.status_code == 200
    placement = answer.get_json()["placement"]
    assert (placement["distributor"], placement["distributor_reference"]) == ("Voxport", "VX-2")
    assert placement["sent_to"] is None
    assert answer.headers["ETag"] == f'"{answer.get_json()["version"]}"'
    problem(api.ada("PATCH", address, {"ordered_on": "2999-01-01"}), 422)
    problem(api.ada("PATCH", address, {"ordered_on": None}, headers={"If-Match": '"1"'}), 412)
    problem(api.ada("PATCH", f"/orders/{world.an_order().reference}/placement", {}), 409)
    problem(api.piet("PATCH", address, {"distributor_reference": "VX-3"}), 403)


def test_a_program_keeps_distributors(world: World, api: Callers) -> None:
    made = api.ada.post("/distributors", {"name": "Voxport", "expected_days": 7})
    assert made.status_code == 201
    key = made.get_json()["id"]
    assert api.ada.get(f"/distributors/{key}").get_json() == made.get_json()
    answer = api.ada("PATCH", f"/distributors/{key}", {"email": "orders@voxport.example"}).get_json()
    assert (answer["name"], answer["email"], answer["expected_days"]) == (
        "Voxport",
        "orders@voxport.example",
        7,
    )
    assert [row["id"] for row in api.ada.get("/distributors").get_json()["items"]] == [key]
    api.ada("PATCH", f"/distributors/{key}", {"archived": True})
    assert api.ada.get("/distributors").get_json()["items"] == []
    assert len(api.ada.get("/distributors?archived=true").get_json()["items"]) == 1
    assert fields(api.ada.post("/distributors", {"name": "VOXPORT"})) == ["name"]
    problem(api.ada.get("/distributors/999999"), 404)
    problem(api.piet.get("/distributors"), 403)


def test_a_program_decides_on_several_orders_with_a_result_for_each(world: World, api: Callers) -> None:
    first, rejected, stale = world.an_order(), world.an_order("rejected"), world.an_order()
    body = {
        "action": "mark-ordered",
        "placement": {"distributor": "Voxport"},
        "orders": [
            {"reference": first.reference, "version": first.version},
            {"reference": rejected.reference},
            {"reference": stale.reference, "version": 9},
            {"reference": "HW-999999"},
        ],
    }
    answer = api.ada.post("/orders/decisions", body, headers={"Idempotency-Key": "one"})
    assert answer.status_code == 200
    results = answer.get_json()["results"]
    assert [(row["done"], row["status"]) for row in results] == [
        (True, 200),
        (False, 409),
        (False, 412),
        (False, 404),
    ]
    assert (results[0]["order_status"], results[0]["version"]) == ("approved", first.version + 1)
    assert "it is Rejected" in results[1]["detail"]
    # The same again is the same answer; under another key it says that it was done.
    again = api.ada.post("/orders/decisions", body, headers={"Idempotency-Key": "one"})
    assert (again.get_json(), again.headers["Idempotency-Replayed"]) == (answer.get_json(), "true")
    once_more = api.ada.post("/orders/decisions", body).get_json()["results"]
    assert [row["done"] for row in once_more] == [False] * 4


def test_what_is_wrong_for_all_is_refused_and_its_key_is_free_again(world: World, api: Callers) -> None:
    order, key = world.an_order(), {"Idempotency-Key": "one"}
    body = {"action": "reject", "orders": [{"reference": order.reference}]}
    assert fields(api.ada.post("/orders/decisions", body, headers=key)) == ["reason"]
    answer = api.ada.post("/orders/decisions", body | {"reason": "Twice."}, headers=key)
    assert answer.get_json()["results"][0]["done"]
    problem(api.piet.post("/orders/decisions", body), 403)

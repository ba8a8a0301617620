"""Writing by the API: each action, and a whole order's life."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.models import AuditEvent, HardwareOrder
from tests.api import shapes
from tests.api.callers import Caller, Callers, fields, problem
from tests.api.conftest import Traces
from tests.builders import World, an_identifier


def test_a_whole_orders_life_by_the_api_alone(api: Callers, world: World) -> None:
    phone, base = world.item(Kind.DESKPHONE), world.item(Kind.DECT_BASE)
    handset, headset = world.item(Kind.DECT_HANDSET), world.item(Kind.ACCESSORY)
    piet, ada, service = api.piet, api.ada, api.service

    skus = {item["kind"]: item["sku"] for item in service.get("/catalog").json["items"]}
    assert skus["dect_base"] == base.sku
    account = service.post(
        "/accounts",
        {
            "name": "Riverside Clinic",
            "locations": [{"name": "Ward", "address": "1 Quay"}],
            "employees": [{"name": "Dana", "email": "dana@example.com", "employee_number": "7"}],
        },
    )
    assert account.status_code == 201
    assert account.headers["Location"] == f"/api/v1/accounts/{account.json['id']}"
    dana, ward = account.json["employees"][0]["id"], account.json["locations"][0]["id"]
    second = piet.post(f"/accounts/{account.json['id']}/employees", {"name": "Eli"})
    site = piet.post(f"/accounts/{account.json['id']}/locations", {"name": "Lab"})
    assert (second.status_code, site.status_code) == (201, 201)
    of_account = {"account_id": account.json["id"]}
    assert shapes.timeless(second.json) == shapes.EMPLOYEE | of_account | {
        "id": second.json["id"],
        "name": "Eli",
    }
    assert shapes.timeless(site.json) == shapes.LOCATION | {"id": site.json["id"], "name": "Lab"}

    submitted = service.post(
        "/orders",
        {
            "account_id": account.json["id"],
            "lines": [
                {"sku": handset.sku, "quantity": 2, "intents": [{"employee_id": dana, "base": 1}]},
                {"sku": base.sku, "quantity": 1, "intents": [{"location_id": ward}]},
                {"sku": phone.sku, "quantity": 3, "intents": [{"employee_id": second.json["id"]}]},
                {"sku": headset.sku, "quantity": 1},
            ],
            "requester": "Dana",
            "notify": ["dana@example.com"],
            "ship_to_location_id": ward,
            "attention": "Reception",
            "notes": "Ring twice.",
            "reason": "New ward",
            "accounting_codes": ["4711"],
        },
    )
    assert submitted.status_code == 201
    order = submitted.json
    at = f"/orders/{order['reference']}"
    assert submitted.headers["Location"] == f"/api/v1{at}"
    assert submitted.headers["ETag"] == '"1"'
    assert service.get(at).json == order
    assert (order["status"], order["fulfillable_units"]) == ("submitted", 6)

    edited = ada.put(
        f"{at}/lines",
        {"lines": [{"sku": line["sku"], "quantity": min(line["quantity"], 2)} for line in order["lines"]]},
        headers={"If-Match": submitted.headers["ETag"]},
    )
    assert (edited.status_code, edited.json["version"], edited.headers["ETag"]) == (200, 2, '"2"')
    assert edited.json["fulfillable_units"] == 5

    approved = ada.post(f"{at}/approve", headers={"If-Match": '"2"'})
    assert (approved.status_code, approved.json["status"]) == (200, "approved")
    assert approved.json["decided_by"] == {"name": "Ada Okafor"}
    assert ada.post(f"{at}/reopen", {"reason": "Look again"}).json["status"] == "submitted"
    placed = ada.post(
        f"{at}/mark-ordered",
        {"distributor": "Acme", "distributor_reference": "A-1", "ordered_on": "2026-01-02"},
    )
    assert placed.json["status"] == "approved"
    placement = placed.json["placement"]
    assert placement.pop("placed_at").endswith("Z")
    assert placement == {
        "distributor": "Acme",
        "distributor_reference": "A-1",
        "ordered_on": "2026-01-02",
        "placed_by": {"name": "Ada Okafor"},
        "sent_to": None,
    }

    units = [unit for unit in placed.json["units"] if unit["identifier_kind"]]
    typed = [{"unit_id": unit["id"], "identifier": an_identifier(unit["kind"])} for unit in units]
    part = ada.post(f"{at}/fulfill", {"units": typed[:3]})
    assert (part.status_code, part.json["written"]) == (200, True)
    assert part.json["order"]["status"] == "approved"
    assert part.json["order"]["fulfilled_units"] == 3
    assert [unit["outcome"] for unit in part.json["units"]] == ["created"] * 3 + ["empty"] * 2
    whole = ada.post(f"{at}/fulfill", {"units": typed})
    assert whole.json["order"]["status"] == "fulfilled"
    assert [unit["outcome"] for unit in whole.json["units"]] == ["skipped"] * 3 + ["created"] * 2
    again = ada.post(f"{at}/fulfill", {"units": typed})
    assert (again.status_code, again.json["written"]) == (200, False)
    assert {unit["outcome"] for unit in again.json["units"]} == {"skipped"}

    kinds = [event["kind"] for event in piet.get(f"{at}/events").json["items"]]
    assert kinds == [
        "order.submitted",
        "order.edited",
        "order.approved",
        "order.reopened",
        "order.marked_ordered",
        "order.fulfilled",
        "order.fulfilled",
    ]
    devices = piet.get(f"/accounts/{account.json['id']}/devices").json["items"]
    assert len(devices) == 5
    handsets = [device for device in devices if device["kind"] == "dect_handset"]
    assert [device["slot"] for device in handsets] == [1, 2]
    assert handsets[0]["employee"] == {"id": dana, "name": "Dana"}
    assert handsets[0]["location"] == {"id": ward, "name": "Ward"}


def test_an_order_is_rejected_or_cancelled(api: Callers, world: World) -> None:
    one, other = world.an_order(), world.an_order()
    rejected = api.ada.post(f"/orders/{one.reference}/reject", {"reason": "  Too dear. "})
    assert (rejected.json["status"], rejected.json["rejection_reason"]) == ("rejected", "Too dear.")
    cancelled = api.piet.post(f"/orders/{other.reference}/cancel")
    assert cancelled.json["status"] == "cancelled"
    third = world.an_order()
    assert api.service.post(f"/orders/{third.reference}/cancel", {"reason": "Twice."}).status_code == 200


def test_a_super_admin_creates_accounts_for_a_stated_platform(api: Callers, world: World) -> None:
    assert fields(api.ada.post("/accounts", {"name": "X"})) == ["platform_id"]
    made = api.ada.post("/accounts", {"name": "X", "platform_id": world.blue_harbor.id})
    assert made.status_code == 201
    assert made.json["platform"]["name"] == "Blue Harbor Telecom"
    assert api.bea.get(f"/accounts/{made.json['id']}").status_code == 200


def test_a_device_is_registered_without_an_order(api: Callers, world: World) -> None:
    account = world.an_account()
    phone = world.item(Kind.DESKPHONE)
    at = f"/accounts/{account.id}/devices"
    made = api.piet.post(at, {"sku": phone.sku, "identifier": "80-5E-C0-AA-BB-01"})
    assert made.status_code == 201
    assert made.json["identifier"] == "80:5e:c0:aa:bb:01"
    assert made.json["order_reference"] is made.json["unit_id"] is None
    taken = problem(api.piet.post(at, {"sku": phone.sku, "identifier": "805ec0aabb01"}), 409)
    assert "already" in taken["detail"]
    for writing in ("805ec0aabb01", "80:5E:C0:AA:BB:01", "805e.c0aa.bb01"):
        found = api.sam.get("/devices", query_string={"identifier": writing}).json["items"]
        assert [device["id"] for device in found] == [made.json["id"]]
    assert api.bea.get("/devices?identifier=805ec0aabb01").json["items"] == []


def test_who_holds_an_identifier_is_told_to_super_admins_only(api: Callers, world: World) -> None:
    held = an_identifier(Kind.DESKPHONE)
    theirs = world.an_account(world.blue_harbor, "Harbor Café")
    body = {"sku": world.item(Kind.DESKPHONE, world.blue_harbor).sku, "identifier": held}
    assert api.bea.post(f"/accounts/{theirs.id}/devices", body).status_code == 201
    account = world.an_account()
    body["sku"] = world.item(Kind.DESKPHONE).sku
    detail = problem(api.piet.post(f"/accounts/{account.id}/devices", body), 409)["detail"]
    assert "already in use" in detail
    assert "Harbor" not in detail
    assert "Harbor Café" in problem(api.ada.post(f"/accounts/{account.id}/devices", body), 409)["detail"]


# ---- Fulfillment


def unit_ids(caller: Caller, order: HardwareOrder) -> list[int]:
    return [unit["id"] for unit in caller.get(f"/orders/{order.reference}").json["units"]]


def test_a_dry_run_tells_and_writes_nothing(api: Callers, world: World, traces: type[Traces]) -> None:
    order = world.an_order(OrderStatus.APPROVED)
    first, second = unit_ids(api.ada, order)
    typed = {
        "units": [
            {"unit_id": first, "identifier": an_identifier(Kind.DESKPHONE)},
            {"unit_id": second, "identifier": None},
        ]
    }
    before = traces()
    for query in ("?dry_run=true", "?dry_run=true&only_valid=true"):
        answer = api.ada.post(
            f"/orders/{order.reference}/fulfill{query}", typed, headers={"Idempotency-Key": "k"}
        )
        assert (answer.status_code, answer.json["written"]) == (200, False)
        assert [unit["outcome"] for unit in answer.json["units"]] == ["created", "empty"]
        assert answer.json["units"][0]["identifier"].count(":") == 5
        assert answer.json["order"]["version"] == 2
    assert before.none()
    real = api.ada.post(f"/orders/{order.reference}/fulfill", typed, headers={"Idempotency-Key": "k"})
    assert real.json["written"]


def test_with_a_refused_unit_nothing_is_written_unless_asked(
    api: Callers, world: World, traces: type[Traces]
) -> None:
    order = world.an_order(OrderStatus.APPROVED)
    first, second = unit_ids(api.ada, order)
    typed = {
        "units": [
            {"unit_id": first, "identifier": an_identifier(Kind.DESKPHONE)},
            {"unit_id": second, "identifier": "00:15"},
            {"unit_id": 99_999_999, "identifier": "x"},
        ]
    }
    at = f"/orders/{order.reference}/fulfill"
    before = traces()
    for query in ("", "?dry_run=true"):
        body = problem(api.ada.post(at + query, typed, headers={"Idempotency-Key": "a"}), 422)
        assert body["written"] is False
        assert [error["field"] for error in body["errors"]] == ["units.1.identifier", "units.2.identifier"]
        assert [unit["outcome"] for unit in body["units"]] == ["created", "refused", "refused"]
        assert body["units"][1]["message"]
        assert body["order"]["fulfilled_units"] == 0
    assert before.none()
    answer = api.ada.post(f"{at}?only_valid=true", typed)
    assert (answer.status_code, answer.json["written"]) == (200, True)
    assert answer.json["order"]["fulfilled_units"] == 1
    other = {"units": [{"unit_id": first, "identifier": an_identifier(Kind.DESKPHONE)}]}
    assert problem(api.ada.post(at, other), 422)["units"][0]["outcome"] == "refused"


def test_a_unit_stated_twice_is_refused(api: Callers, world: World) -> None:
    order = world.an_order(OrderStatus.APPROVED)
    unit = {"unit_id": unit_ids(api.ada, order)[0], "identifier": ""}
    assert fields(api.ada.post(f"/orders/{order.reference}/fulfill", {"units": [unit, unit]})) == [
        "units.1.unit_id"
    ]


def test_an_order_of_accessories_is_fulfilled_by_confirming(api: Callers, world: World) -> None:
    order = world.an_order(OrderStatus.APPROVED, [(Kind.ACCESSORY, 2)])
    answer = api.ada.post(f"/orders/{order.reference}/fulfill")
    assert answer.json["order"]["status"] == "fulfilled"


# ---- Not now, not like this


ACTIONS = [
    ("approve", None),
    ("mark-ordered", None),
    ("reject", {"reason": "No."}),
    ("reopen", {"reason": "Again."}),
    ("fulfill", None),
]


@pytest.mark.parametrize(("action", "body"), ACTIONS)
def test_what_the_state_does_not_allow_is_a_conflict(
    api: Callers, world: World, traces: type[Traces], action: str, body: object
) -> None:
    order = world.an_order(OrderStatus.REJECTED)
    before = traces()
    detail = problem(api.ada.post(f"/orders/{order.reference}/{action}", body), 409)["detail"]
    assert order.reference in detail
    assert "Rejected, set by Ada Okafor at" in detail
    assert before.none()


def test_cancelling_and_editing_too_late_are_conflicts(
    api: Callers, world: World, traces: type[Traces]
) -> None:
    order = world.an_order(OrderStatus.APPROVED)
    before = traces()
    problem(api.piet.post(f"/orders/{order.reference}/cancel"), 409)
    lines = {"lines": [{"sku": world.item(Kind.DESKPHONE).sku, "quantity": 1}]}
    problem(api.piet.put(f"/orders/{order.reference}/lines", lines), 409)
    assert before.none()


@pytest.mark.parametrize(
    "tag", ['"7"', "7", 'W/"1"', '"x"', '""', '"2", "3"', 'W/"1", "2"', '"99999999999999999999"']
)
def test_another_version_is_a_failed_precondition(
    api: Callers, world: World, traces: type[Traces], tag: str
) -> None:
    order = world.an_order()
    before = traces()
    actions = [(api.ada, action, body) for action, body in ACTIONS] + [(api.piet, "cancel", None)]
    for caller, action, body in actions:
        answer = caller.post(f"/orders/{order.reference}/{action}", body, headers={"If-Match": tag})
        assert "changed meanwhile" in problem(answer, 412)["detail"]
    lines = {"lines": [{"sku": world.item(Kind.DESKPHONE).sku, "quantity": 1}]}
    problem(api.piet.put(f"/orders/{order.reference}/lines", lines, headers={"If-Match": tag}), 412)
    assert before.none()


@pytest.mark.parametrize("tag", ["", "0.5", '"', '"1', "x", '*, "1"', '"1" "2"', "null"])
def test_what_is_no_etag_is_malformed(api: Callers, world: World, traces: type[Traces], tag: str) -> None:
    order = world.an_order()
    before = traces()
    problem(api.ada.post(f"/orders/{order.reference}/approve", headers={"If-Match": tag}), 400)
    assert before.none()


@pytest.mark.parametrize("tag", ['"1"', "1", "*", '"7", "1"', ' "1" '])
def test_the_present_version_passes(api: Callers, world: World, tag: str) -> None:
    order = world.an_order()
    answer = api.ada.post(f"/orders/{order.reference}/approve", headers={"If-Match": tag})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"sku": "NO-SUCH", "quantity": 1}, "lines.0.sku"),
        ({"sku": "{phone}", "quantity": 0}, "lines.0.quantity"),
        ({"sku": "{phone}", "quantity": 2001}, "lines.0.quantity"),
        ({"sku": "{phone}", "quantity": "2"}, "lines.0.quantity"),
        ({"sku": "{phone}", "quantity": 2.5}, "lines.0.quantity"),
        ({"sku": "{phone}", "quantity": True}, "lines.0.quantity"),
        ({"sku": "{phone}", "quantity": None}, "lines.0.quantity"),
        ({"sku": "{phone}"}, "lines.0.quantity"),
        ({"sku": "{phone}", "quantity": 1, "price": 0}, "lines.0.price"),
        ({"sku": "a\x00b", "quantity": 1}, "lines.0.sku"),
        ({"sku": "{phone}", "quantity": 1, "intents": [{}, {}]}, "lines.0.intents"),
        ({"sku": "{phone}", "quantity": 1, "intents": [{"employee_id": 1}]}, "lines.0.intents.0.employee_id"),
        (
            {"sku": "{phone}", "quantity": 1, "intents": [{"employee_id": 2**63}]},
            "lines.0.intents.0.employee_id",
        ),
        ({"sku": "{phone}", "quantity": 1, "intents": [{"base": 1}]}, "lines.0.intents.0.base"),
    ],
)
def test_a_bad_line_is_refused_at_its_field(
    api: Callers, world: World, traces: type[Traces], line: dict[str, object], field: str
) -> None:
    account = world.an_account()
    if line["sku"] == "{phone}":
        line = line | {"sku": world.item(Kind.DESKPHONE).sku}
    before = traces()
    assert fields(api.piet.post("/orders", {"account_id": account.id, "lines": [line]})) == [field]
    assert before.none()


def test_every_bad_field_is_told_at_once(api: Callers, world: World) -> None:
    account = world.an_account()
    answer = api.piet.post(
        "/orders",
        {
            "account_id": account.id,
            "lines": [{"sku": "X", "quantity": 1}],
            "notify": ["nobody"],
            "attention": "x" * 200,
            "ship_to_location_id": 5,
        },
    )
    assert fields(answer) == ["lines.0.sku", "notify.0", "ship_to_location_id"]


def test_a_reason_must_say_something(api: Callers, world: World, traces: type[Traces]) -> None:
    order = world.an_order()
    before = traces()
    for body in ({"reason": ""}, {"reason": "  \n"}, {"reason": None}, {}, {"reason": "x\u202e"}):
        assert fields(api.ada.post(f"/orders/{order.reference}/reject", body)) == ["reason"]
    future = {"ordered_on": f"{utcnow().year + 1}-01-01"}
    assert fields(api.ada.post(f"/orders/{order.reference}/mark-ordered", future)) == ["ordered_on"]
    for bad in ({"ordered_on": 20260101}, {"ordered_on": "2026-02-30"}, {"ordered_on": "2026-01-01T00:00"}):
        assert fields(api.ada.post(f"/orders/{order.reference}/mark-ordered", bad)) == ["ordered_on"]
    assert before.none()


def test_what_is_written_bears_the_name_of_who_asked(api: Callers, world: World) -> None:
    account = world.an_account()
    line = {"sku": world.item(Kind.DESKPHONE).sku, "quantity": 1}
    api.service.post("/orders", {"account_id": account.id, "lines": [line]})
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "order.submitted")).one()
    assert event.actor_id is None
    assert event.actor_name.startswith("Service")
    assert event.request_id

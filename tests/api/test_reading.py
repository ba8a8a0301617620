"""Reading by the API: who sees what, in which shape."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.operations.orders.submission.new_order import NewIntent
from tests.api import shapes
from tests.api.callers import Caller, Callers
from tests.builders import World


def test_an_order_looks_as_the_contract_says(api: Callers, world: World) -> None:
    account = world.an_account(name="Riverside")
    dana = world.an_employee(account, "Dana")
    order = world.an_order(
        lines=[(Kind.DESKPHONE, 2), (Kind.ACCESSORY, 1)],
        account=account,
        intents={0: [NewIntent(employee_id=dana.id)]},
    )
    answer = api.piet.get(f"/orders/{order.reference}")
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"1"'
    body = answer.json
    phone, accessory = world.item(Kind.DESKPHONE), world.item(Kind.ACCESSORY)
    created = body.pop("created_at")
    assert created.endswith("Z")
    assert body.pop("updated_at").endswith("Z")
    assert body.pop("waiting")["what"] == "decision"
    first, second, third = body.pop("units")
    phones, accessories = body["lines"]
    assert body == shapes.ORDER | {
        "reference": order.reference,
        "status": "submitted",
        "status_label": "Pending approval",
        "version": 1,
        "platform": {"id": world.northwind.id, "name": "Northwind Voice"},
        "account": {"id": account.id, "name": "Riverside"},
        "lines": [
            shapes.LINE
            | {
                "id": phones["id"],
                "sku": phone.sku,
                "make": "Yealink",
                "model": "T54W",
                "kind": "deskphone",
                "quantity": 2,
                "requested_quantity": 2,
                "unit_price": "100.00",
                "currency": "EUR",
            },
            shapes.LINE
            | {
                "id": accessories["id"],
                "requested_quantity": 1,
                "sku": accessory.sku,
                "make": "Jabra",
                "model": "Engage 50",
                "kind": "accessory",
                "quantity": 1,
                "unit_price": "100.00",
                "currency": "EUR",
            },
        ],
        "submitted_by": {"name": "Piet Jansen"},
        "totals": {"now": "300.00", "monthly": "0.00", "currency": "EUR"},
        "fulfilled_units": 0,
        "fulfillable_units": 2,
        "rejection_reason": None,
        "decided_by": None,
        "decided_at": None,
        "placement": None,
        "manager_approval": "not_required",
    }
    assert first == shapes.UNIT | {
        "id": first["id"],
        "line_id": phones["id"],
        "label": "T54W #1",
        "user_name": "Dana",
        "sku": phone.sku,
        "kind": "deskphone",
        "identifier_kind": "mac",
        "employee": {"id": dana.id, "name": "Dana"},
        "location": None,
        "base_unit_id": None,
        "identifier": None,
        "device_id": None,
        "outcome": None,
        "fulfilled_at": None,
        "state": "requested",
    }
    assert second["employee"] is None
    assert (third["kind"], third["identifier_kind"]) == ("accessory", None)


def test_a_fulfilled_order_tells_its_devices(api: Callers, world: World) -> None:
    order = world.an_order(OrderStatus.FULFILLED, [(Kind.DECT_BASE, 1), (Kind.DECT_HANDSET, 1)])
    body = api.sam.get(f"/orders/{order.reference}").json
    base, handset = body["units"]
    assert (body["status"], body["fulfilled_units"]) == ("fulfilled", 2)
    assert (base["outcome"], base["identifier_kind"]) == ("created", "mac")
    assert base["fulfilled_at"].endswith("Z")
    device = api.sam.get("/devices", query_string={"identifier": handset["identifier"].lower()}).json[
        "items"
    ][0]
    for moment in ("created_at", "updated_at"):
        assert device.pop(moment).endswith("Z")
    assert device == shapes.DEVICE | {
        "id": handset["device_id"],
        "kind": "dect_handset",
        "make": "Yealink",
        "model": "W73H",
        "sku": handset["sku"],
        "identifier": handset["identifier"],
        "identifier_kind": "ipei",
        "identifier_display": device["identifier_display"],
        "account": body["account"],
        "employee": None,
        "location": None,
        "base_device_id": base["device_id"],
        "slot": 1,
        "order_reference": order.reference,
        "unit_id": handset["id"],
    }
    assert device["identifier_display"].count(" ") == 2


def test_whoever_decided_and_where_it_was_placed_are_told(api: Callers, world: World) -> None:
    rejected = world.an_order(OrderStatus.REJECTED)
    body = api.piet.get(f"/orders/{rejected.reference}").json
    assert (body["status"], body["rejection_reason"]) == ("rejected", "Ordered twice.")
    assert body["decided_by"] == {"name": "Ada Okafor"}
    assert body["decided_at"].endswith("Z")


def test_an_account_is_read_with_its_locations_and_employees(api: Callers, world: World) -> None:
    account = world.an_account(name="Riverside")
    site = world.a_location(account, "Clinic", address="1 Quay")
    gone = world.a_location(account, "Old")
    dana = world.an_employee(account, "Dana", email="dana@example.com", employee_number="7")
    gone.archived_at = account.created_at
    world._add(gone)
    expected = shapes.ACCOUNT | {
        "id": account.id,
        "created_at": account.created_at.isoformat().replace("+00:00", "Z"),
        "name": "Riverside",
        "platform": {"id": world.northwind.id, "name": "Northwind Voice"},
        "locations": [shapes.LOCATION | {"id": site.id, "name": "Clinic", "address": "1 Quay"}],
        "employees": [
            shapes.EMPLOYEE
            | {"account_id": account.id}
            | {"id": dana.id, "name": "Dana", "email": "dana@example.com", "employee_number": "7"}
        ],
    }
    for caller in (api.ada, api.piet, api.sam, api.service):

        def read(path: str, caller: Caller = caller) -> Any:
            return shapes.timeless(caller.get(path).json)

        assert read(f"/accounts/{account.id}") == expected
        assert read("/accounts") == {"items": [expected], "next_cursor": None}
        assert read("/accounts?q=river")["items"] == [expected]
        assert read("/accounts?q=nobody")["items"] == []
        assert read(f"/accounts/{account.id}/locations")["items"] == expected["locations"]
        assert read(f"/accounts/{account.id}/employees")["items"] == expected["employees"]
    assert api.bea.get("/accounts").json == {"items": [], "next_cursor": None}


def test_the_catalog_is_the_active_items_of_the_callers_platform(api: Callers, world: World) -> None:
    phone = world.an_item(Kind.DESKPHONE, unit_price=Decimal("129.50"), color="Black")
    base = world.an_item(Kind.DECT_BASE)
    theirs = world.an_item(Kind.MOBILE, world.blue_harbor)
    world.an_item(Kind.DESKPHONE, archived_at=phone.created_at)

    def skus(caller: object, query: str = "") -> list[str]:
        return [item["sku"] for item in caller.get(f"/catalog{query}").json["items"]]  # type: ignore[attr-defined]

    assert skus(api.piet) == skus(api.service) == [phone.sku, base.sku]
    assert skus(api.bea) == [theirs.sku]
    assert skus(api.ada) == [phone.sku, base.sku, theirs.sku]
    assert skus(api.ada, f"?platform={world.blue_harbor.id}") == [theirs.sku]
    assert skus(api.piet, f"?platform={world.blue_harbor.id}") == []
    assert skus(api.piet, "?kind=dect_base") == [base.sku]
    assert skus(api.ada, "?make=Apple") == [theirs.sku]
    assert skus(api.piet, "?q=t54") == [phone.sku]
    assert shapes.timeless(api.piet.get("/catalog").json["items"][0]) == shapes.ITEM | {
        "id": phone.id,
        "platform_id": world.northwind.id,
        "sku": phone.sku,
        "options": [{"size": None, "term_months": None, "unit_price": "129.50", "monthly_price": "0.00"}],
        "make": "Yealink",
        "model": "T54W",
        "kind": "deskphone",
        "identifier_kind": "mac",
        "unit_price": "129.50",
        "currency": "EUR",
        "max_handsets": None,
        "mobile_carrier": None,
        "color": "Black",
        "size": None,
        "terms": [],
        "archived": False,
    }


def test_the_terms_of_an_items_own_size_are_in_the_catalog(api: Callers, world: World) -> None:
    phone = world.an_item("mobile", size="256 GB")
    for size, term, now in (
        ("256 GB", 0, "899"),
        ("256 GB", 36, "9"),
        ("256 GB", 24, "99"),
        ("1 TB", 24, "5"),
    ):
        world.a_price(phone, size, term, now, "19.00")
    (item,) = api.piet.get("/catalog").json["items"]
    assert item["terms"] == [{"months": 24, "price": "99.00"}, {"months": 36, "price": "9.00"}]


def test_orders_are_filtered(api: Callers, world: World) -> None:
    account = world.an_account(name="Riverside")
    first = world.an_order(account=account)
    approved = world.an_order(OrderStatus.APPROVED)
    theirs = world.an_order(platform=world.blue_harbor)

    def found(caller: object, query: str = "") -> list[str]:
        return [order["reference"] for order in caller.get(f"/orders{query}").json["items"]]  # type: ignore[attr-defined]

    assert found(api.piet) == [approved.reference, first.reference]
    assert found(api.ada) == [theirs.reference, approved.reference, first.reference]
    assert found(api.piet, "?status=approved") == [approved.reference]
    assert found(api.piet, f"?account={account.id}") == [first.reference]
    assert found(api.ada, f"?platform={world.blue_harbor.id}") == [theirs.reference]
    assert found(api.piet, f"?platform={world.blue_harbor.id}") == []
    assert found(api.piet, "?q=riverside") == [first.reference]
    assert found(api.piet, f"?q={theirs.reference}") == []
    assert found(api.piet, "?placed=true") == []
    api.ada.post(f"/orders/{approved.reference}/mark-ordered")
    assert found(api.piet, "?placed=true") == [approved.reference]
    assert found(api.piet, "?placed=false") == [first.reference]
    assert found(api.piet, "?q=") == found(api.piet)


def test_events_tell_who_did_what_and_why(api: Callers, world: World) -> None:
    order = world.an_order(OrderStatus.REJECTED)
    for caller in (api.piet, api.sam, api.ada):
        submitted, rejected = caller.get(f"/orders/{order.reference}/events").json["items"]
        assert submitted["kind"] == "order.submitted"
        assert submitted["actor"] == {"name": "Piet Jansen"}
        assert rejected["kind"] == "order.rejected"
        assert rejected["actor"] == {"name": "Ada Okafor"}
        assert rejected["reason"] == "Ordered twice."
        assert set(rejected) == {"at", "kind", "actor", "reason", "summary", "details"}
        assert rejected["at"].endswith("Z")


def test_head_answers_as_get_without_a_body(api: Callers, world: World) -> None:
    order = world.an_order()
    answer = api.piet("HEAD", f"/orders/{order.reference}")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["ETag"] == '"1"'


@pytest.mark.both_databases
def test_an_account_is_found_by_its_people_however_they_are_typed(api: Callers, world: World) -> None:
    account = world.an_account(name="Straßenbau Müller & Çelik GmbH")
    for name in ("Jürgen Groß", "Łukasz Żółty", "Zoë Nuñez-O’Brien"):
        world.an_employee(account, name)
    world.an_employee(world.an_account(world.blue_harbor), "Jürgen Groß")
    for text in ("muller", "strassenbau", "jurgen", "LUKASZ zolty", "zoe", "nunez", "o'brien", "groß"):
        found = api.piet.get("/accounts", query_string={"q": text}).json["items"]
        assert [one["id"] for one in found] == [account.id], text
    assert api.piet.get("/accounts?q=jurgen+zolty").json["items"] == []

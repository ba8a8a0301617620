"""Changing the catalog: items, prices by size and term, what accessories fit."""

from __future__ import annotations

from typing import Any

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.models import AuditEvent
from tests.api.callers import Callers, fields, problem
from tests.api.conftest import Traces
from tests.builders import World

PHONE = {
    "sku": "AP-17",
    "make": "Apple",
    "model": "iPhone 17",
    "kind": "mobile",
    "unit_price": "899.00",
    "mobile_carrier": "KPN",
    "color": "black",
    "size": "128 GB",
    "colors": ["black", "green"],
    "external_id": "item-1",
}


def create(api: Callers, world: World, **values: Any) -> dict[str, Any]:
    answer = api.ada.post("/catalog", PHONE | {"platform_id": world.northwind.id} | values)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json
    return body


def test_an_item_comes_back_as_it_was_sent_and_is_changed_field_by_field(api: Callers, world: World) -> None:
    made = create(api, world)
    assert {name: made[name] for name in PHONE} == PHONE
    assert api.piet.get("/catalog/AP-17").json == made
    assert api.piet.get("/catalog?external_id=item-1").json["items"] == [made]
    for name, value in {
        "make": "Appel",
        "model": "iPhone 18",
        "unit_price": "950.50",
        "mobile_carrier": None,
        "color": "red",
        "size": None,
        "colors": ["red"],
        "external_id": None,
        "kind": "deskphone",
    }.items():
        changed = api.ada("PATCH", "/catalog/AP-17", {name: value})
        assert (changed.status_code, changed.json.get(name)) == (200, value), changed.text
    assert api.ada("PATCH", "/catalog/AP-17", {"sku": "AP-18"}).json["sku"] == "AP-18"
    problem(api.ada.get("/catalog/AP-17"), 404)
    count = db.session.query(AuditEvent).count()
    assert api.ada("PATCH", "/catalog/AP-18", {}).status_code == 200
    assert db.session.query(AuditEvent).count() == count


def test_prices_by_size_and_term_are_its_options(api: Callers, world: World) -> None:
    create(api, world)
    prices = [
        {"size": "128 GB", "term_months": None, "unit_price": "899.00", "monthly_price": "0.00"},
        {"size": "128 GB", "term_months": 24, "unit_price": "99.00", "monthly_price": "30.50"},
    ]
    answer = api.ada.post("/catalog/AP-17/prices", {"prices": prices})
    assert (answer.status_code, answer.json["options"]) == (200, prices), answer.text
    again = api.ada.post("/catalog/AP-17/prices", {"prices": prices})
    assert again.json["options"] == prices
    bad = {"prices": [prices[0], {"unit_price": "1.00"}]}
    assert fields(api.ada.post("/catalog/AP-17/prices", bad)) == ["prices.1.size"]
    assert fields(api.ada.post("/catalog/AP-17/prices", {"prices": [{"unit_price": "1.234"}]})) == [
        "prices.0.unit_price"
    ]


def test_an_accessory_fits_devices(api: Callers, world: World) -> None:
    create(api, world)
    case = world.an_item(Kind.ACCESSORY, sku="CASE")
    assert api.piet.get("/catalog/CASE/fits").json == {"skus": []}
    assert api.ada.post("/catalog/CASE/fits", {"skus": ["AP-17"]}).json == {"skus": ["AP-17"]}
    assert api.piet.get("/catalog/CASE/fits").json == {"skus": ["AP-17"]}
    assert fields(api.ada.post("/catalog/CASE/fits", {"skus": ["NONE"]})) == ["skus.0"]
    problem(api.ada.post("/catalog/AP-17/fits", {"skus": []}), 409)
    assert case.sku == "CASE"


def test_an_item_is_archived_restored_and_deleted(api: Callers, world: World) -> None:
    create(api, world)
    assert api.ada.post("/catalog/AP-17/archive").json["archived"] is True
    problem(api.ada.post("/catalog/AP-17/archive"), 409)
    assert api.piet.get("/catalog").json["items"] == []
    assert api.ada.post("/catalog/AP-17/restore").json["archived"] is False
    assert api.ada("DELETE", "/catalog/AP-17").status_code == 200
    problem(api.ada("DELETE", "/catalog/AP-17"), 404)
    order = world.an_order()
    problem(api.ada("DELETE", f"/catalog/{order.lines[0].sku}"), 409)


def test_several_platforms_may_sell_a_sku(api: Callers, world: World) -> None:
    create(api, world)
    create(api, world, platform_id=world.blue_harbor.id)
    assert fields(api.ada.get("/catalog/AP-17")) == ["platform"]
    theirs = api.ada.get(f"/catalog/AP-17?platform={world.blue_harbor.id}").json
    assert theirs["platform_id"] == world.blue_harbor.id
    assert api.bea.get("/catalog/AP-17").json == theirs


def test_bad_items_leave_no_trace(api: Callers, world: World, traces: type[Traces]) -> None:
    create(api, world)
    before = traces()
    own = {"platform_id": world.northwind.id}
    assert fields(api.ada.post("/catalog", PHONE)) == ["platform_id"]
    assert fields(api.ada.post("/catalog", PHONE | own)) == ["sku"]
    assert fields(api.ada.post("/catalog", PHONE | own | {"sku": "X"})) == ["external_id"]
    assert fields(api.ada.post("/catalog", PHONE | own | {"unit_price": "-1"})) == ["unit_price"]
    assert fields(api.ada("PATCH", "/catalog/AP-17", {"max_handsets": 4})) == ["max_handsets"]
    for caller in (api.piet, api.sam):
        problem(caller.post("/catalog", PHONE | own), 403)
        problem(caller("PATCH", "/catalog/AP-17", {"make": "X"}), 403)
    problem(api.ada.get("/catalog/NONE"), 404)
    assert before.none()

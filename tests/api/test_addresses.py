"""What the words of addresses can be: ids no database can hold, fixed words beside ids, moments."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from hwadmin.api import calls
from hwadmin.api.addresses import WORDS_BEHIND, is_addressable
from hwadmin.api.document.examples import examples_of
from hwadmin.domain.permissions import GRANTS, Role
from hwadmin.domain.row_ids import MAX_ID
from tests.api.callers import Callers, fields, problem
from tests.builders import World

TOO_LARGE = str(MAX_ID + 1)


@pytest.mark.both_databases
def test_an_id_no_database_can_hold_is_nobodys(api: Callers) -> None:
    examples = examples_of(calls.CALLS)
    tried = 0
    for one in calls.CALLS:
        caller = api.ada if one.permission in GRANTS[Role.SUPER_ADMIN] else api.piet
        for word in re.findall(r"<(\w+_id)>", one.path):
            if word == "external_id":
                continue
            path = one.path.replace(f"<{word}>", TOO_LARGE).replace("<reference>", "HW-000001")
            sent = {"data": "Name\nZoë"} if one.takes_list else {}
            body = examples[one.body] if one.body is not None else None
            problem(caller(one.method, re.sub(r"<\w+>", "1", path), body, **sent), 404)
            tried += 1
    assert tried > 60


def test_a_fixed_word_is_nobodys_id(api: Callers, world: World) -> None:
    account = world.an_account().id
    for path in (
        *("/accounts/import", f"/accounts/{account}/employees/import", "/devices/retire"),
        *(f"/accounts/{account}/phone-lines/import", "/orders/decisions"),
    ):
        for method in ("GET", "PATCH", "PUT", "DELETE"):
            answer = api.ada(method, path)
            problem(answer, 405)
            assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    for path in ("/accounts/nobody", "/devices/x", "/orders/HO-1", f"/accounts/{account}/employees/x"):
        problem(api.ada.get(path), 404)


@pytest.mark.parametrize("number", ["0", "0.5", "1700000000", "2026", "-1"])
def test_a_number_is_neither_a_moment_nor_a_day(api: Callers, world: World, number: str) -> None:
    for path, name in (("/orders", "updated_since"), ("/accounts", "updated_since"), ("/audit", "since")):
        assert fields(api.ada.get(path, query_string={name: number})) == [name]
    device = world.a_device(world.an_account())
    body = {"reason": "Lost.", "on": number}
    assert fields(api.ada.post(f"/devices/{device.id}/retire", body)) == ["on"]


@pytest.mark.parametrize("sku", ["MTP43QN/A", "A/B/C", "archive", "import", "A 1%?#ü"])
def test_whatever_an_sku_is_the_item_is_found_and_changed_by_it(api: Callers, world: World, sku: str) -> None:
    item = {"sku": sku, "make": "Apple", "model": "Case", "kind": "accessory", "unit_price": "1.00"}
    made = api.ada.post("/catalog", item | {"platform_id": world.northwind.id})
    assert made.status_code == 201, made.text
    assert api.ada.get(made.headers["Location"].partition("/api/v1")[2]).json["sku"] == sku
    for path in {f"/catalog/{quote(sku, safe='')}", f"/catalog/{quote(sku)}"}:
        for method, word, body in (
            *(("GET", "", None), ("PATCH", "", {"size": "L"}), ("POST", "/prices", {"prices": []})),
            *(("POST", "/fits", {"skus": []}), ("GET", "/article-numbers", None)),
            *(("POST", "/archive", None), ("POST", "/restore", None)),
        ):
            answer = api.ada(method, path + word, body)
            assert answer.status_code == 200, (path + word, answer.text)
    assert api.ada("DELETE", f"/catalog/{quote(sku)}").status_code == 200
    problem(api.ada.get(f"/catalog/{quote(sku)}"), 404)


@pytest.mark.parametrize(
    "sku", ["A/fits", "A/B/archive", "/A", "A/", "A//B", "..", "A/./B", "fits/restore", "-"]
)
def test_an_sku_no_address_can_hold_is_a_parameter(api: Callers, world: World, sku: str) -> None:
    item = {"sku": sku, "make": "Apple", "model": "Case", "kind": "accessory", "unit_price": "1.00"}
    made = api.ada.post("/catalog", item | {"platform_id": world.northwind.id})
    assert made.status_code == 201, made.text
    assert api.ada.get(made.headers["Location"].partition("/api/v1")[2]).json["sku"] == sku
    stated = f"?platform={world.northwind.id}&sku={quote(sku, safe='')}"
    for method, word, body in (
        *(("GET", "", None), ("PATCH", "", {"size": "L"}), ("POST", "/prices", {"prices": []})),
        *(("POST", "/fits", {"skus": []}), ("GET", "/fits", None), ("GET", "/article-numbers", None)),
        *(
            ("POST", "/article-numbers", {"numbers": []}),
            ("POST", "/archive", None),
            ("POST", "/restore", None),
        ),
    ):
        answer = api.ada(method, f"/catalog/-{word}{stated}", body)
        assert answer.status_code == 200, (word, answer.text)
    line = {"sku": sku, "quantity": 1}
    account = world.an_account().id
    ordered = api.piet.post("/orders", {"account_id": account, "lines": [line]})
    assert ordered.json["lines"][0]["sku"] == sku
    at = f"/orders/{ordered.json['reference']}"
    assert api.piet.put(f"{at}/lines", {"lines": [line | {"quantity": 2}]}).json["lines"][0]["quantity"] == 2
    other = api.ada("PATCH", f"/catalog/-{stated}", {"sku": f"{sku}x/prices"}).json
    assert other["sku"] == f"{sku}x/prices"
    problem(api.ada.get(f"/catalog/-{stated}"), 404)


def test_an_item_is_named_by_one_sku(api: Callers, world: World) -> None:
    world.an_item("accessory", sku="A")
    assert fields(api.ada.get("/catalog/A?sku=A")) == ["sku"]
    problem(api.ada.get("/catalog/-"), 404)


def test_what_no_sku_ends_with_is_what_addresses_have_behind_one() -> None:
    behind = {one.path.rpartition("/")[2] for one in calls.CALLS if one.path.startswith("/catalog/<sku>/")}
    assert behind == set(WORDS_BEHIND)
    assert [is_addressable(sku) for sku in ("T54W", "import/A", "A/fits")] == [True, True, False]


def test_no_word_takes_the_place_of_an_sku() -> None:
    """An item may have the SKU “import”: nothing is posted to an item itself."""
    beside = {(one.method, one.path) for one in calls.CALLS if re.fullmatch(r"/catalog/[^<]+", one.path)}
    assert beside == {("POST", "/catalog/import")}
    assert "POST" not in {one.method for one in calls.CALLS if one.path == "/catalog/<sku>"}

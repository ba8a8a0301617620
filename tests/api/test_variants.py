"""What was sent with an order comes back: variants, users, upgrades, spares and accounting codes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hwadmin.clock import utcnow
from hwadmin.domain.device_kinds import Kind
from hwadmin.models import Account
from tests.api.callers import Callers, fields, problem
from tests.builders import World


def an_account_with_a_mobile(world: World) -> tuple[Account, Any]:
    account = world.an_account()
    phone = world.an_item(Kind.MOBILE, colors=["black", "green"], size="128 GB")
    for size, term, now, monthly in (("128 GB", 0, "900", "0"), ("256 GB", 24, "99", "30.50")):
        world.a_price(phone, size, term, now, monthly)
    return account, phone


def test_everything_sent_with_an_order_comes_back(api: Callers, world: World) -> None:
    account, phone = an_account_with_a_mobile(world)
    case = world.an_item(Kind.ACCESSORY)
    spare = world.a_device(account, Kind.DESKPHONE)
    world.a_code(account, "4711"), world.a_code(account, "4712")
    line = world.a_phone_line(account, mobile_carrier="KPN")
    early = world.a_phone_line(
        account, mobile_carrier="KPN", contract_ends_on=utcnow().date() + timedelta(days=400)
    )
    account.allows_upgrade_override = True
    world._add(account)
    dana, site = world.an_employee(account, "Dana"), world.a_location(account, address="1 Quay")
    details = {
        "requester": "Kofi",
        "notify": ["kofi@example.com"],
        "attention": "Reception",
        "notes": "Ring\ntwice.",
        "reason": "A new ward",
        "accounting_codes": ["4711"],
    }
    codes = [{"code": "4711", "percent": 33.33}, {"code": "4712", "percent": 66.67}]
    chosen = {"size": "256 GB", "color": "green", "term_months": 24, "mobile_carrier": "KPN"}
    answer = api.piet.post(
        "/orders",
        details
        | {
            "account_id": account.id,
            "ship_to_location_id": site.id,
            "lines": [
                {"sku": case.sku, "quantity": 2, "accessory_of": 1},
                {
                    "sku": phone.sku,
                    "quantity": 2,
                    **chosen,
                    "intents": [
                        {
                            "employee_id": dana.id,
                            "user_name": "Dana R.",
                            "user_number": "A-9",
                            "accounting_codes": codes,
                            "phone_line_id": line.id,
                            "upgrade_reason": "Worn out.",
                        },
                        {"phone_line_id": early.id, "override_reason": "Broken."},
                    ],
                },
                {"sku": spare.sku, "quantity": 1, "from_spare_device_id": spare.id},
            ],
        },
    )
    assert answer.status_code == 201, answer.text
    order = api.piet.get(f"/orders/{answer.json['reference']}").json
    assert order == answer.json
    assert {name: order[name] for name in details} == details
    assert order["ship_to"] == {"id": site.id, "name": site.name, "address": "1 Quay"}
    assert order["submitted_by"] == {"name": "Piet Jansen"}
    accessory, mobile, from_spare = order["lines"]
    assert {name: mobile[name] for name in chosen} == chosen
    assert (mobile["unit_price"], mobile["monthly_price"]) == ("99.00", "30.50")
    assert accessory["accessory_of_line_id"] == mobile["id"]
    assert (from_spare["from_spare"], from_spare["unit_price"]) == (True, "0.00")
    assert order["totals"] == {"now": "398.00", "monthly": "61.00", "currency": "EUR"}
    first, second = (unit for unit in order["units"] if unit["line_id"] == mobile["id"])
    assert (first["user_name"], first["user_number"]) == ("Dana R.", "A-9")
    assert first["accounting_codes"] == codes
    assert first["phone_line"] == {"id": line.id, "number": line.phone_number}
    assert (first["upgrade_reason"], second["override_reason"]) == ("Worn out.", "Broken.")
    assert order["units"][-1]["from_spare_device_id"] == spare.id


def test_a_variant_an_item_does_not_come_in_is_refused_and_those_it_does_are_named(
    api: Callers, world: World
) -> None:
    account, phone = an_account_with_a_mobile(world)

    def refused(**chosen: Any) -> list[tuple[str, str]]:
        line = {"sku": phone.sku, "quantity": 1} | chosen
        body = problem(api.piet.post("/orders", {"account_id": account.id, "lines": [line]}), 422)
        return [(error["field"], error["message"]) for error in body["errors"]]

    [(field, message)] = refused(size="1 TB")
    assert (field, "128 GB or 256 GB" in message) == ("lines.0.size", True)
    [(field, message)] = refused(size="256 GB", term_months=12)
    assert (field, "for 24 months" in message) == ("lines.0.term_months", True)
    [(field, message)] = refused(color="mauve")
    assert (field, "black or green" in message) == ("lines.0.color", True)
    assert refused(mobile_carrier="Nobody")[0][0] == "lines.0.mobile_carrier"
    assert refused(from_spare_device_id=999_999)[0][0] == "lines.0.from_spare_device_id"
    assert refused(accessory_of=0)[0][0] == "lines.0.accessory_of"


def test_a_term_alone_is_of_the_items_own_size(api: Callers, world: World) -> None:
    account = world.an_account()
    phone = world.an_item(Kind.MOBILE, size="128 GB")
    world.a_price(phone, "128 GB", 24, "99", "20")
    body = {"account_id": account.id, "lines": [{"sku": phone.sku, "quantity": 1, "term_months": 24}]}
    [line] = api.piet.post("/orders", body).json["lines"]
    assert (line["size"], line["term_months"], line["unit_price"]) == ("128 GB", 24, "99.00")


def test_a_certain_spare_is_one_device_and_problems_are_at_the_apis_own_fields(
    api: Callers, world: World
) -> None:
    account = world.an_account()
    spare, mobile = world.a_device(account, Kind.DESKPHONE), world.item(Kind.MOBILE)

    def refused(line: dict[str, Any]) -> list[str]:
        return fields(api.piet.post("/orders", {"account_id": account.id, "lines": [line]}))

    assert refused({"sku": spare.sku, "quantity": 2, "from_spare_device_id": spare.id}) == [
        "lines.0.quantity"
    ]
    unknown = {"sku": mobile.sku, "quantity": 1, "intents": [{"phone_line_id": 999_999}]}
    assert refused(unknown) == ["lines.0.intents.0.phone_line_id"]


# ---- Correcting lines


def test_another_variant_is_another_line(api: Callers, world: World) -> None:
    account, phone = an_account_with_a_mobile(world)
    case = world.an_item(Kind.ACCESSORY)
    green = {"size": "256 GB", "color": "green", "term_months": 24}
    black = {"size": "128 GB", "color": "black"}
    body = {"account_id": account.id, "lines": [{"sku": phone.sku, "quantity": 1} | green]}
    url = f"/orders/{api.piet.post('/orders', body).json['reference']}/lines"
    stated = [
        {"sku": phone.sku, "quantity": 2} | green,
        {"sku": case.sku, "quantity": 1, "accessory_of": 2},
        {"sku": phone.sku, "quantity": 3} | black,
    ]
    answer = api.ada.put(url, {"lines": stated})
    assert answer.status_code == 200, answer.text
    first, second, third = answer.json["lines"]
    assert {name: first[name] for name in green} == green
    assert (first["quantity"], first["requested_quantity"]) == (2, 1)
    lines = {line["sku"]: line for line in (second, third)}
    assert {name: lines[phone.sku][name] for name in black} == black
    assert (lines[phone.sku]["unit_price"], lines[phone.sku]["requested_quantity"]) == ("900.00", 0)
    assert lines[case.sku]["accessory_of_line_id"] == lines[phone.sku]["id"]
    assert len(answer.json["units"]) == 6
    again = api.ada.put(url, {"lines": stated})
    assert again.json["version"] == answer.json["version"]
    fewer = api.ada.put(url, {"lines": [{"sku": phone.sku, "quantity": 1} | black]}).json
    assert [(line["size"], line["quantity"]) for line in fewer["lines"]] == [("128 GB", 1)]


def test_a_variant_that_cannot_be_added_is_refused_at_its_own_place(api: Callers, world: World) -> None:
    account, phone = an_account_with_a_mobile(world)
    case, base = world.an_item(Kind.ACCESSORY), world.item(Kind.DECT_BASE)
    body = {"account_id": account.id, "lines": [{"sku": phone.sku, "quantity": 1}]}
    url = f"/orders/{api.piet.post('/orders', body).json['reference']}/lines"
    kept = {"sku": phone.sku, "quantity": 1}

    def refused(**line: Any) -> list[str]:
        return fields(api.piet.put(url, {"lines": [kept, {"quantity": 1} | line]}))

    assert refused(sku=phone.sku, size="1 TB") == ["lines.1.size"]
    assert refused(sku=phone.sku, color="mauve") == ["lines.1.color"]
    assert refused(sku=phone.sku, from_spare_device_id=9) == ["lines.1.from_spare_device_id"]
    assert refused(sku=case.sku, accessory_of=7) == ["lines.1.accessory_of"]
    assert refused(sku=base.sku, accessory_of=0) == ["lines.1.accessory_of"]
    assert refused(sku="NONE", color="red") == ["lines.1.sku"]

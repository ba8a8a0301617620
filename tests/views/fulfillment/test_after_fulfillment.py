"""The pages behind a fulfilled unit: replacing, taking off, closing short, clashes, and the unit sheet."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from hwadmin.db.extensions import db
from hwadmin.identifiers.unit_code import read_unit_code
from hwadmin.models import Device, HardwareOrder
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.units.units import UnitRow, units_of
from hwadmin.rendering.qr_code import qr_code_svg
from hwadmin.views.orders.units import STICKER_SHEETS
from tests.builders import Clients, World, an_identifier
from tests.operations.refusals import by, events

MAC = "80:5e:c0:09:ab:dc"


def units(order: HardwareOrder) -> list[UnitRow]:
    return units_of(order.id)


def counts(order: HardwareOrder) -> tuple[str, int, int]:
    db.session.expire_all()
    return order.status.value, order.fulfilled_units, order.fulfillable_units


def words_of(page: TestResponse) -> str:
    """The words of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).replace("’", "'").split())


# ---- Replacing


def test_a_dead_phone_is_replaced_from_the_page_of_its_order(clients: Clients, world: World) -> None:
    order = world.an_order("fulfilled")
    unit = units(order)[0]
    link = f"/devices/{unit.device_id}/replace/?order={order.reference}"
    assert link in clients.ada.get(f"/orders/{order.reference}").text
    page = clients.ada.get(link)
    assert "Another device takes its place" in page.text
    typed = {"what": "broken", "identifier": MAC, "serial": "31460001", "reason": "Dead on arrival."}
    answer = clients.ada.post(link, data=typed)
    assert answer.status_code == 302
    assert answer.location == f"/orders/{order.reference}"
    page = clients.ada.get(answer.location)
    assert f"{MAC} has taken the place of Yealink T54W {unit.identifier}." in page.text
    assert "Replaced Yealink T54W" in page.text
    old = clients.ada.get(f"/devices/{unit.device_id}/").text
    assert "Out of service since" in old
    assert MAC in old
    new = clients.ada.get(f"/devices/{units(order)[0].device_id}/").text
    assert "31460001" in new
    assert "In place of" in new
    listed = clients.ada.get("/devices/?flt_state_is=retired").text
    assert listed.count("<tr data-href") == 1
    assert f"/devices/{unit.device_id}/" in listed
    assert f"/devices/{unit.device_id}/" not in clients.ada.get("/devices/?flt_state_is=in service").text
    # Who looks at the account sees what it has.
    assert f"/devices/{unit.device_id}/" not in clients.piet.get(f"/accounts/{order.account_id}/").text


def test_a_slip_is_corrected_and_what_looks_odd_is_said(clients: Clients, world: World) -> None:
    device = world.a_device()
    link = f"/devices/{device.id}/replace/"
    typed = {"what": "wrong", "identifier": "00:04:13:a1:00:01", "reason": "Wrong line of the list."}
    answer = clients.ada.post(link, data=typed)
    page = clients.ada.get(answer.location)
    assert "is Yealink T54W 00:04:13:a1:00:01 now; the former identifier is free again." in page.text
    assert "it is registered as a Yealink" in page.text


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"identifier": "?", "reason": "x"}, 422, "field has-error"),
        ({"identifier": MAC, "reason": ""}, 422, "Say what is wrong with it."),
        ({"what": "else", "identifier": MAC, "reason": "x"}, 422, "Choose one of the two."),
        ({"identifier": "80:5e:c0:00:00:01", "reason": "x"}, 409, "is already in use at"),
    ],
)
def test_a_replacement_that_is_refused_keeps_what_was_typed(
    clients: Clients, world: World, typed: dict[str, str], status: int, sentence: str
) -> None:
    world.a_device(world.an_account(), identifier="80:5e:c0:00:00:01")
    device = world.a_device()
    page = clients.ada.post(f"/devices/{device.id}/replace/", data={"what": "broken", **typed})
    assert page.status_code == status
    assert sentence in page.text
    assert typed["identifier"] in page.text
    assert db.session.get_one(Device, device.id, populate_existing=True).retired_at is None


def test_what_is_out_of_service_is_neither_changed_nor_moved_nor_replaced(
    clients: Clients, world: World
) -> None:
    device = world.a_device()
    typed = {"what": "broken", "identifier": MAC, "reason": "Broken."}
    clients.ada.post(f"/devices/{device.id}/replace/", data=typed)
    page = clients.ada.get(f"/devices/{device.id}/").text
    for part in ("edit", "move", "replace"):
        assert f"/devices/{device.id}/{part}/" not in page
        assert clients.ada.get(f"/devices/{device.id}/{part}/").status_code == 409


# ---- Taking a device off its unit


@pytest.mark.parametrize("status", ["approved", "fulfilled"])
def test_a_device_is_taken_off_its_unit(clients: Clients, world: World, status: str) -> None:
    order = world.an_order("approved")
    typed = world.identifiers_for(order, 1 if status == "approved" else None)
    by(world.ada, lambda ada: fulfill_order(ada, order.id, typed))
    unit = units(order)[0]
    link = f"/orders/{order.reference}/unlink?unit={unit.id}"
    page = words_of(clients.ada.get(link))
    assert "It goes out of service" in page
    assert ("is awaited again" in page) == (status == "approved")
    assert ("the unit is closed with your reason" in page) == (status == "fulfilled")
    refused = clients.ada.post(link, data={"device": unit.device_id, "reason": " "})
    assert (refused.status_code, "Say why." in refused.text) == (422, True)
    answer = clients.ada.post(link, data={"device": unit.device_id, "reason": "Another box."})
    assert answer.status_code == 302
    left = ("approved", 0, 2) if status == "approved" else ("fulfilled", 1, 1)
    assert counts(order) == left
    assert ("Another box." in clients.piet.get(f"/orders/{order.reference}").text) is True
    # The same page once more, from another browser.
    assert (
        clients.ada.post(link, data={"device": unit.device_id, "reason": "Another box."}).status_code == 409
    )


# ---- Closing short


def test_two_of_five_will_not_come(clients: Clients, world: World) -> None:
    order = world.an_order("approved", [("deskphone", 5)])
    here = f"/orders/{order.reference}"
    typed = world.identifiers_for(order, 3)
    by(world.ada, lambda ada: fulfill_order(ada, order.id, typed))
    assert f"{here}/close-short" in clients.ada.get(here).text
    page = clients.ada.get(f"{here}/close-short").text
    assert page.count('type="checkbox"') == 2
    for data, sentence in (
        ({"reason": "Sold out."}, "Choose the units that will not come."),
        ({f"unit-{units(order)[3].id}": "1"}, "Please give a reason."),
        ({f"unit-{units(order)[0].id}": "1", "reason": "x"}, "has a device by now"),
    ):
        refused = clients.ada.post(f"{here}/close-short", data=data)
        assert (refused.status_code, sentence in refused.text) == (422, True)
    open_units = {f"unit-{unit.id}": "1" for unit in units(order)[3:]}
    answer = clients.ada.post(f"{here}/close-short", data={**open_units, "reason": "Sold out for good."})
    page = words_of(clients.ada.get(answer.location))
    assert "is closed short, and fulfilled with the 3 units that came." in page
    assert page.count("Sold out for good.") >= 2
    assert counts(order) == ("fulfilled", 3, 3)
    api = clients.ada.get(f"/orders/{order.reference}/history").text
    assert "Closed" in api


# ---- An identifier somebody else has


def test_who_has_an_identifier_is_told_and_the_device_is_moved_here(clients: Clients, world: World) -> None:
    theirs = world.an_order("fulfilled", platform=world.blue_harbor)
    taken = units(theirs)[0]
    order = world.an_order("approved", [("deskphone", 2)])
    unit = units(order)[0]
    link = f"/orders/{order.reference}/identifier-conflict?unit={unit.id}"
    page = clients.ada.get(f"{link}&identifier={taken.identifier}")
    for fact in (theirs.account.name, "Blue Harbor Telecom", theirs.reference, "T54W #1", "Move it here"):
        assert fact in page.text
    refused = clients.ada.post(link, data={"do": "take", "identifier": taken.identifier, "reason": ""})
    assert (refused.status_code, "Say why it is taken" in refused.text) == (422, True)
    answer = clients.ada.post(
        link, data={"do": "take", "identifier": taken.identifier, "reason": "Boxes were swapped."}
    )
    assert answer.location == f"/orders/{order.reference}/fulfill"
    assert counts(order) == ("approved", 1, 2)
    assert counts(theirs) == ("fulfilled", 1, 1)
    assert units(order)[0].device_id == taken.device_id
    seen = clients.bea.get(f"/orders/{theirs.reference}").text
    assert "Boxes were swapped." in seen
    assert order.reference not in seen


def test_a_slip_is_put_right_on_the_spot(clients: Clients, world: World) -> None:
    other = world.a_device(world.an_account(world.blue_harbor))
    order = world.an_order("approved", [("deskphone", 1)])
    link = f"/orders/{order.reference}/identifier-conflict?unit={units(order)[0].id}"
    for wrong, sentence in (
        (other.identifier, "Already in use by"),
        ("nonsense", "✕"),
        ("", "Enter the identifier the unit really has."),
    ):
        page = clients.ada.post(link, data={"do": "right", "identifier": other.identifier, "right": wrong})
        assert page.status_code == 422
        assert sentence in page.text or 'id="right-error"' in page.text
    answer = clients.ada.post(link, data={"do": "right", "identifier": other.identifier, "right": MAC})
    assert answer.location == f"/orders/{order.reference}"
    assert units(order)[0].identifier == MAC
    assert len(events(order.id, "order.fulfilled")) == 1


def test_a_clash_within_the_account_is_explained(clients: Clients, world: World) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    base = world.a_device(order.account, "dect_base")
    first, second = units(order)
    mac = an_identifier("deskphone")
    by(world.ada, lambda ada: fulfill_order(ada, order.id, {first.id: mac}))
    link = f"/orders/{order.reference}/identifier-conflict?unit={second.id}&identifier="
    page = words_of(clients.ada.get(link + mac))
    assert "is a device of this account already" in page
    assert "Take it for this unit" in page
    page = words_of(clients.ada.get(link + base.identifier))
    assert "A DECT base cannot be a Desk phone." in page
    assert "Take it for this unit" not in page
    assert "Nobody has" in words_of(clients.ada.get(link + an_identifier("deskphone")))
    assert "Look up" in words_of(clients.ada.get(link + "nonsense"))


# ---- On paper


def test_every_unit_is_on_the_sheet_with_its_code_and_for_whom_it_is(clients: Clients, world: World) -> None:
    account = world.an_account()
    dana, ward = world.an_employee(account, "Dana Reed"), world.a_location(account, "Ward 3")
    order = world.an_order(
        "approved",
        [("accessory", 1), ("deskphone", 2), ("dect_base", 1), ("dect_handset", 2)],
        account=account,
        intents={1: [NewIntent(employee_id=dana.id, location_id=ward.id)]},
    )
    here = f"/orders/{order.reference}/units"
    assert here in clients.piet.get(f"/orders/{order.reference}").text
    page = clients.piet.get(here)
    codes = re.findall(r'aria-label="Code ([^"]+)"', page.text)
    assert [read_unit_code(code) for code in codes] == [(order.id, place) for place in range(1, 6)]
    words = words_of(page)
    assert "Dana Reed Ward 3" in words
    # Where each handset will be once everything has come.
    assert "W70B #1, slot 1" in words
    assert "W70B #1, slot 2" in words
    assert "style=" not in page.text


@pytest.mark.parametrize("sheet", STICKER_SHEETS, ids=lambda sheet: sheet.name)
def test_stickers_begin_at_the_first_free_label(clients: Clients, world: World, sheet: object) -> None:
    order = world.an_order("approved", [("deskphone", 31)])
    name, size = sheet.name, sheet.stickers  # type: ignore[attr-defined]
    page = clients.ada.get(f"/orders/{order.reference}/units?layout={name}&first=4").text
    assert page.count('class="sticker"') == 31
    assert page.count('class="sticker used"') == 3
    assert page.count(f'class="stickers {name}"') == -(-34 // size)
    for first in ("0", "999999", "x"):
        answer = clients.ada.get(f"/orders/{order.reference}/units?layout={name}&first={first}")
        assert answer.status_code == 200


def test_what_has_come_or_will_not_needs_no_sticker(clients: Clients, world: World) -> None:
    order = world.an_order("approved", [("deskphone", 3)])
    first, second, _ = units(order)
    by(world.ada, lambda ada: fulfill_order(ada, order.id, {first.id: MAC}))
    closing = {f"unit-{second.id}": "1", "reason": "Sold out."}
    clients.ada.post(f"/orders/{order.reference}/close-short", data=closing)
    here = f"/orders/{order.reference}/units"
    assert clients.ada.get(here).text.count("<svg") == 3
    assert clients.ada.get(f"{here}?layout=a4-24").text.count("<svg") == 2
    assert clients.ada.get(f"{here}?layout=a4-24&which=awaited").text.count("<svg") == 1
    assert MAC in clients.ada.get(here).text


def test_a_picture_is_drawn_without_a_style_of_its_own() -> None:
    picture = qr_code_svg("HW-000123/17")
    assert "style" not in picture
    assert 'aria-label="Code HW-000123/17"' in picture
    assert len(picture) < 3000


# ---- Serial numbers and second IMEIs


def test_what_a_list_says_beside_the_identifiers_is_stored_with_the_devices(
    clients: Clients, world: World
) -> None:
    order = world.an_order("approved", [("mobile", 2)])
    here = f"/orders/{order.reference}"
    text = "Model;IMEI1;IMEI2;Serial\niPhone 17;352099001761481;356938035643809;F2LX1\n"
    page = clients.ada.post(f"{here}/fulfill/list", data={"text": text})
    assert "stored with the device." in page.text
    sent = dict(re.findall(r'name="(unit-\d+)" value="([^"]*)"', page.text))
    assert list(sent.values()) == ["35 209900 176148 1; IMEI 2: 35 693803 564380 9; S/N: F2LX1"]
    clients.ada.post(f"{here}/fulfill", data=sent | {"do": "all"})
    unit = units(order)[0]
    assert (unit.serial, unit.second_imei) == ("F2LX1", "356938035643809")
    device = clients.ada.get(f"/devices/{unit.device_id}/").text
    assert "F2LX1" in device
    assert "35 693803 564380 9" in device
    for search in ("F2LX1", "356938035643809", "IMEI 2: 35-693803-564380-9"):
        assert (
            f"/devices/{unit.device_id}/"
            in clients.ada.get("/devices/", query_string={"search": search}).text
        )
    exported = clients.ada.post("/devices/export-rows/", data={"format": "csv"}).text
    assert "Serial number,Second IMEI,MAC-ID code" in exported
    assert "F2LX1,356938035643809" in exported


@pytest.mark.parametrize("kind", ["deskphone", "mobile"])
def test_what_may_stand_behind_an_identifier_is_said_where_it_is_typed(
    clients: Clients, world: World, kind: str
) -> None:
    order = world.an_order("approved", [(kind, 1)])
    here = f"/orders/{order.reference}/fulfill"
    helped = re.findall(r'id="behind">(.*)</p>', clients.ada.get(here).text)
    examples = re.findall(r"<code[^>]*>([^<]*)</code>", helped[0])
    assert len(examples) == (2 if kind == "mobile" else 1)
    in_a_list = clients.ada.get(f"{here}/list").text
    # What is given as an example is taken as it stands there.
    unit = units(order)[0]
    sent = clients.ada.post(here, data={f"unit-{unit.id}": examples[-1], "do": "all"})
    assert sent.status_code == 302
    after = units(order)[0]
    assert (after.serial, after.second_imei) == (
        (None, "356938035643809") if kind == "mobile" else ("3146C1", None)
    )
    for example in ("805EC009ABDC; S/N: 3146C1", "352099001761481; IMEI 2: 356938035643809"):
        assert f"<code>{example}</code>" in in_a_list


def test_serial_and_second_imei_are_changed_on_the_page_of_the_device(clients: Clients, world: World) -> None:
    phone, mobile = world.a_device(), world.a_device(kind="mobile")
    assert 'name="second_imei"' not in clients.piet.get(f"/devices/{phone.id}/edit/").text
    link = f"/devices/{mobile.id}/edit/"
    assert 'name="second_imei"' in clients.piet.get(link).text
    refused = clients.piet.post(link, data={"serial": "x", "second_imei": "y"})
    assert refused.status_code == 422
    assert "at least 4 characters" in refused.text
    clients.piet.post(link, data={"serial": "F2LX1", "second_imei": "356938035643809"})
    page = clients.piet.get(link).text
    assert 'value="F2LX1"' in page
    assert 'value="356938035643809"' in page

"""A device that is not the right one: its identifier corrected, or another device in its place."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.identifiers.label import Label
from hwadmin.models import Device, HardwareOrder, OutboxEvent
from hwadmin.operations.devices.devices import change_device, register_device
from hwadmin.operations.fulfillment import checks
from hwadmin.operations.fulfillment.corrections.identifier_corrections import correct_identifier
from hwadmin.operations.fulfillment.corrections.replacements import replace_device
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.devices.conditions import device_search, identified
from hwadmin.queries.devices.devices import device_row, device_rows, history_of
from hwadmin.queries.units.units import UnitRow, units_of
from tests.builders import World, an_identifier
from tests.operations.refusals import by, events, fields, refused

MAC, OTHER = "80:5e:c0:09:ab:dc", "80:5e:c0:09:ab:dd"


def units(order: HardwareOrder) -> list[UnitRow]:
    return units_of(order.id)


def device_of(order: HardwareOrder, place: int = 0) -> int:
    key = units(order)[place].device_id
    assert key is not None
    return key


def reread(key: int) -> Device:
    db.session.expire_all()
    return db.session.get_one(Device, key)


def announced() -> list[list[str]]:
    return [one.types for one in db.session.scalars(select(OutboxEvent).order_by(OutboxEvent.id))]


def correct(key: int, identifier: str, reason: str | None = "Two digits swapped.") -> Any:
    return lambda actor: correct_identifier(actor, key, identifier=identifier, reason=reason)


def replace(key: int, identifier: str, reason: str | None = "Dead on arrival.", **values: Any) -> Any:
    return lambda actor: replace_device(actor, key, identifier=identifier, reason=reason, **values)


@pytest.fixture
def order(world: World) -> HardwareOrder:
    """A fulfilled order of two phones, the first of them for Dana at her site."""
    account = world.an_account()
    dana, site = world.an_employee(account, "Dana Reed"), world.a_location(account, "Ward 3")
    intents = {0: [NewIntent(employee_id=dana.id, location_id=site.id)]}
    return world.an_order("fulfilled", account=account, intents=intents)


# ---- Entered wrongly


def test_a_corrected_identifier_is_of_the_same_device_and_the_former_one_is_free(
    world: World, order: HardwareOrder
) -> None:
    key = device_of(order)
    before, version = reread(key), order.version
    was, employee, site = before.identifier, before.employee_id, before.location_id
    device, doubts = by(world.ada, correct(key, MAC.upper()))
    assert (device.id, device.identifier, device.identifier_key) == (key, MAC, MAC)
    assert (device.employee_id, device.location_id) == (employee, site)
    assert not doubts
    unit = units(order)[0]
    assert (unit.device_id, unit.identifier, unit.outcome) == (key, MAC, "created")
    db.session.refresh(order)
    assert (order.version, order.status, order.fulfilled_units) == (version + 1, "fulfilled", 2)
    (event,) = events(order.id, "device.corrected")
    assert event.summary == f"Corrected Yealink T54W, T54W #1 of {order.reference}: {was} → {MAC}"
    assert (event.reason, event.device_id, event.actor_name) == ("Two digits swapped.", key, "Ada Okafor")
    assert announced()[-1] == ["order.updated", "device.updated"]
    # Somebody else's true device may have it now.
    assert world.a_device(world.an_account(world.blue_harbor), identifier=was).identifier == was


def test_the_code_of_a_mac_id_comes_and_goes_with_the_identifier(world: World) -> None:
    item = world.an_item("dect_base", make="Gigaset", model="N610")
    device = world.a_device(item=item, identifier="7C2F80E0D605-1A2B")
    by(world.ada, correct(device.id, "7C2F80E0D606-9Z9Z"))
    assert (device.identifier, device.mac_id_code) == ("7c:2f:80:e0:d6:06", "9Z9Z")
    by(world.ada, correct(device.id, "7C2F80E0D607"))
    assert device.mac_id_code is None


@pytest.mark.parametrize(
    ("identifier", "reason", "where"),
    [
        ("nonsense", "Typo.", ["identifier"]),
        ("", "Typo.", ["identifier"]),
        (MAC, " ", ["reason"]),
        ("11324 0822839 *", None, ["reason", "identifier"]),
        (MAC, "x" * 2001, ["reason"]),
    ],
)
@pytest.mark.parametrize("action", [correct, replace])
def test_what_is_wrong_with_the_input_is_told_at_once(
    world: World, order: HardwareOrder, action: Any, identifier: str, reason: str | None, where: list[str]
) -> None:
    problem = refused(InvalidInput, world.ada, action(device_of(order), identifier, reason))
    assert fields(problem) == where


@pytest.mark.parametrize("action", [correct, replace])
def test_its_own_identifier_is_no_other_one(world: World, order: HardwareOrder, action: Any) -> None:
    key = device_of(order)
    problem = refused(InvalidInput, world.ada, action(key, reread(key).identifier))
    assert problem.message == "This is the identifier it has already."


@pytest.mark.parametrize("action", [correct, replace])
def test_what_another_account_has_is_refused_by_name(world: World, order: HardwareOrder, action: Any) -> None:
    elsewhere = world.an_account(world.blue_harbor, "Harbor Inn")
    world.a_device(elsewhere, identifier=MAC)
    problem = refused(WrongState, world.ada, action(device_of(order), MAC))
    assert problem.message == f"{MAC} is already in use at Harbor Inn of Blue Harbor Telecom."


def test_a_device_cannot_be_corrected_into_another_one_of_its_account(
    world: World, order: HardwareOrder
) -> None:
    first, second = device_of(order), device_of(order, 1)
    problem = refused(WrongState, world.ada, correct(first, reread(second).identifier))
    assert "is registered on this account already, as Yealink T54W" in problem.message


@pytest.mark.parametrize("action", [correct, replace])
def test_only_a_super_admin_corrects_and_replaces(world: World, order: HardwareOrder, action: Any) -> None:
    for person in (world.piet, world.bea, world.sam):
        refused(NotAllowed, person, action(device_of(order), MAC))
    for nothing in (0, -1, 10**9, 10**30):
        refused(NotFound, world.ada, action(nothing, MAC))


# ---- Another device in its place


def test_another_device_takes_the_place_with_everything_that_belongs_to_it(
    world: World, order: HardwareOrder
) -> None:
    key = device_of(order)
    old, version = reread(key), order.version
    was, employee, site = old.identifier, old.employee_id, old.location_id
    now, _ = by(world.ada, replace(key, MAC, label=Label(serial="S/N: 3146-0001")))
    assert (now.identifier, now.serial, now.unit_outcome) == (MAC, "3146-0001", "created")
    assert (now.employee_id, now.location_id, now.sku) == (employee, site, old.sku)
    assert units(order)[0].device_id == now.id
    old = reread(key)
    assert (old.retired_reason, old.retired_by_name) == ("Dead on arrival.", "Ada Okafor")
    assert (old.replaced_by_id, old.identifier) == (now.id, was)
    assert (old.unit_id, old.employee_id, old.location_id) == (None, None, None)
    db.session.refresh(order)
    assert (order.version, order.status, order.fulfilled_units) == (version + 1, "fulfilled", 2)
    (event,) = events(order.id, "device.replaced")
    assert event.summary == f"Replaced Yealink T54W {was}, T54W #1 of {order.reference} by {MAC}"
    assert event.details["former_device_id"] == key
    assert event.details["device_id"] == now.id
    assert announced()[-2:] == [["order.updated", "device.created", "device.replaced"], ["device.updated"]]
    # The same list again changes nothing, and the former identifier can be anybody's.
    assert not by(world.ada, lambda ada: fulfill_order(ada, order.id, {units(order)[0].id: MAC})).written
    assert world.a_device(identifier=was).identifier == was


def test_what_is_out_of_service_is_found_by_its_identifier_and_told_of(
    world: World, order: HardwareOrder
) -> None:
    key = device_of(order)
    was = reread(key).identifier
    now, _ = by(world.ada, replace(key, MAC))
    ada = world.ada.actor
    assert [row.id for row in device_rows(ada, device_search(was))] == [key]
    # Programs are told of devices there are.
    assert device_rows(ada, identified(was)) == []
    for one in (key, now.id):
        row = device_row(ada, one)
        assert row is not None
        assert history_of(ada, row)[0].kind == "device.replaced"


def test_the_handsets_of_a_base_follow_it_with_their_slots(world: World) -> None:
    order = world.an_order("fulfilled", [("dect_base", 1), ("dect_handset", 3)])
    base, *handsets = units(order)
    assert base.device_id is not None
    now, _ = by(world.ada, replace(base.device_id, MAC))
    after = units(order)
    assert [unit.slot for unit in after[1:]] == [unit.slot for unit in handsets] == [1, 2, 3]
    assert {unit.base_device_id for unit in after[1:]} == {now.id}
    assert events(order.id, "device.replaced")[0].summary.endswith("; 3 handsets follow it")


def test_a_handset_in_the_place_of_another_has_its_base_and_slot(world: World) -> None:
    order = world.an_order("fulfilled", [("dect_base", 1), ("dect_handset", 2)])
    handset = units(order)[1]
    assert handset.device_id is not None
    by(world.ada, replace(handset.device_id, "02C3CC8E37"))
    after = units(order)[1]
    assert (after.identifier, after.base_device_id, after.slot) == (
        "02C3CC8E37",
        handset.base_device_id,
        handset.slot,
    )


def test_a_spare_device_of_the_account_takes_the_place_and_is_not_made_twice(
    world: World, order: HardwareOrder
) -> None:
    spare = world.a_device(order.account, identifier=MAC)
    now, _ = by(world.ada, replace(device_of(order), MAC))
    assert now.id == spare.id
    unit = units(order)[0]
    assert (unit.device_id, unit.outcome, unit.device_employee_id) == (spare.id, "linked", unit.employee_id)
    assert announced()[-2:] == [["order.updated", "device.replaced"], ["device.updated"]]


def test_a_device_without_an_order_is_replaced_as_well(world: World) -> None:
    device = world.a_device(identifier=MAC)
    now, _ = by(world.ada, replace(device.id, OTHER))
    assert (now.account_id, now.unit_id, reread(device.id).replaced_by_id) == (
        device.account_id,
        None,
        now.id,
    )
    assert announced()[-2:] == [["device.created", "device.replaced"], ["device.updated"]]


def test_what_is_somebodys_does_not_take_the_place(world: World, order: HardwareOrder) -> None:
    key, account = device_of(order), order.account
    lee = world.an_employee(account, "Lee")
    taken = world.a_device(account, identifier=MAC, employee_id=lee.id)
    assert "is assigned to somebody; change that" in refused(WrongState, world.ada, replace(key, MAC)).message
    second = reread(device_of(order, 1)).identifier
    assert "fulfills a unit" in refused(WrongState, world.ada, replace(key, second)).message
    base = world.a_device(account, "dect_base", OTHER)
    assert "is a DECT base of this account" in refused(WrongState, world.ada, replace(key, OTHER)).message
    assert taken.retired_at is base.retired_at is None


def test_a_base_with_handsets_of_its_own_does_not_take_the_place_of_another(world: World) -> None:
    account = world.an_account()
    base, other = (world.a_device(account, "dect_base", one) for one in (MAC, OTHER))
    world.a_device(account, "dect_handset", base_device_id=other.id)
    problem = refused(WrongState, world.ada, replace(base.id, OTHER))
    assert "is the base of other handsets" in problem.message


@pytest.mark.parametrize("action", [correct, replace])
def test_what_is_out_of_service_stays_so(world: World, order: HardwareOrder, action: Any) -> None:
    key = device_of(order)
    by(world.ada, replace(key, MAC))
    problem = refused(WrongState, world.ada, action(key, OTHER))
    assert "is out of service, since " in problem.message
    assert problem.message.endswith("by Ada Okafor: Dead on arrival.")

    def change(actor: Actor) -> object:
        return change_device(actor, key, employee_id=None, location_id=None, base_device_id=None)

    refused(WrongState, world.ada, change)


def test_a_repaired_device_comes_back_as_a_record_of_its_own(world: World, order: HardwareOrder) -> None:
    key = device_of(order)
    was = reread(key).identifier
    by(world.ada, replace(key, MAC))
    back, _ = by(world.ada, replace(device_of(order), was))
    assert (back.identifier, back.id != key) == (was, True)
    assert len(device_rows(world.ada.actor, device_search(was))) == 2


# ---- Second IMEIs

FIRST, SECOND, THIRD = "352099001761481", "356938035643809", "490154203237518"


def a_mobile(world: World, identifier: str, second: str = "") -> Device:
    account = world.an_account()
    item = world.item("mobile")
    return by(
        world.ada,
        lambda ada: register_device(
            ada, account.id, sku=item.sku, identifier=identifier, label=Label(second_imei=second)
        ),
    )


def test_the_second_imei_of_one_mobile_is_neither_imei_of_another(world: World) -> None:
    a_mobile(world, FIRST, SECOND)
    assert SECOND in [
        row.second_imei for row in device_rows(world.ada.actor, identified("IMEI 2: " + SECOND))
    ]
    account, sku = world.an_account(), world.item("mobile").sku

    def registering(identifier: str, second: str = "") -> Any:
        return lambda ada: register_device(
            ada, account.id, sku=sku, identifier=identifier, label=Label(second_imei=second)
        )

    assert "is already in use" in refused(WrongState, world.ada, registering(SECOND)).message
    for second in (FIRST, SECOND[:14]):
        problem = refused(InvalidInput, world.ada, registering(THIRD, second))
        assert fields(problem) == ["second_imei"]
    for second in (THIRD, "nonsense"):
        assert fields(refused(InvalidInput, world.ada, registering(THIRD, second))) == ["second_imei"]
    by(world.ada, registering(THIRD))


def test_a_mobile_out_of_service_lets_go_of_both_its_imeis(world: World) -> None:
    mobile = a_mobile(world, FIRST, SECOND)
    by(world.ada, replace(mobile.id, THIRD))
    assert reread(mobile.id).second_imei == SECOND
    a_mobile(world, SECOND, FIRST)


def test_serial_and_second_imei_are_changed_and_told(world: World) -> None:
    mobile = a_mobile(world, FIRST)

    def change(label: Label | None) -> Any:
        return lambda piet: change_device(
            piet, mobile.id, employee_id=None, location_id=None, base_device_id=None, label=label
        )

    by(world.piet, change(Label(" SN 12-AB ", SECOND)))
    device = reread(mobile.id)
    assert (device.serial, device.second_imei, device.second_imei_key) == ("SN 12-AB", SECOND, SECOND[:14])
    (event,) = events(kind="device.changed")
    assert event.summary.endswith(f": serial number set to “SN 12-AB”, second IMEI set to “{SECOND}”")
    by(world.piet, change(None))
    by(world.piet, change(Label("SN 12-AB", SECOND)))
    assert len(events(kind="device.changed")) == 1
    assert fields(refused(InvalidInput, world.piet, change(Label("x", FIRST)))) == ["serial", "second_imei"]
    problem = refused(InvalidInput, world.ada, correct(mobile.id, SECOND))
    assert "second IMEI" in problem.message


def test_only_a_mobile_has_a_second_imei(world: World) -> None:
    phone = world.a_device(identifier=an_identifier("deskphone"))
    problem = refused(
        InvalidInput,
        world.ada,
        lambda ada: change_device(
            ada,
            phone.id,
            employee_id=None,
            location_id=None,
            base_device_id=None,
            label=Label("", SECOND),
        ),
    )
    assert problem.message == "Only a mobile has a second IMEI."


# ---- Entered with the identifier


def test_what_stands_behind_an_identifier_is_stored_by_fulfillment(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 1), ("mobile", 2)])
    phone, first, second = units(order)
    typed = {
        phone.id: f"{MAC}; S/N: 3146C1",
        first.id: f"IMEI: {FIRST} IMEI 2: {SECOND}; S/N: F2LX1",
        second.id: THIRD,
    }
    report = by(world.ada, lambda ada: fulfill_order(ada, order.id, typed))
    assert report.written
    found = [(unit.identifier, unit.serial, unit.second_imei) for unit in units(order)]
    assert found == [(MAC, "3146C1", None), (FIRST, "F2LX1", SECOND), (THIRD, None, None)]
    # The same list again, with or without, changes nothing.
    assert not by(world.ada, lambda ada: fulfill_order(ada, order.id, typed)).written


def test_a_linked_device_gets_what_it_lacks_and_keeps_what_it_has(world: World) -> None:
    order = world.an_order("approved", [("mobile", 3)])
    account, item = order.account, world.item("mobile")

    def known(identifier: str, **values: str) -> Device:
        return by(
            world.ada,
            lambda ada: register_device(
                ada, account.id, sku=item.sku, identifier=identifier, label=Label(**values)
            ),
        )

    bare, full = known(FIRST), known(THIRD, serial="OLD-1", second_imei=SECOND)
    one, two, three = units(order)
    typed = {one.id: f"{FIRST}; S/N: NEW-1", two.id: f"{SECOND}; S/N: NEW-2"}
    report = by(world.ada, lambda ada: fulfill_order(ada, order.id, typed))
    assert [row.outcome.value for row in report.units] == ["linked", "linked", "empty"]
    assert [row.device_id for row in report.units[:2]] == [bare.id, full.id]
    assert report.units[0].warnings == []
    assert report.units[1].warnings == [
        "The existing device has the serial number OLD-1; it was left so.",
        f"This is the second IMEI of the existing device, known by {THIRD[:14]}….",
    ]
    assert (reread(bare.id).serial, reread(full.id).serial) == ("NEW-1", "OLD-1")
    again = by(world.ada, lambda ada: fulfill_order(ada, order.id, {three.id: THIRD}))
    assert "Already iPhone 17 #2" in again.units[2].message


@pytest.mark.parametrize(
    ("second", "has", "warnings"),
    [
        (SECOND, SECOND, []),
        (SECOND, THIRD, ["The existing device has another second IMEI; it was left so."]),
        (SECOND, "", []),
        (None, SECOND, []),
    ],
)
def test_a_linked_mobile_keeps_its_second_imei_and_another_one_is_told(
    world: World, second: str | None, has: str, warnings: list[str]
) -> None:
    order = world.an_order("approved", [("mobile", 1)])
    sku, (unit,) = world.item("mobile").sku, units(order)
    here = by(
        world.ada,
        lambda ada: register_device(
            ada, order.account_id, sku=sku, identifier=FIRST, label=Label(second_imei=has)
        ),
    )
    typed = f"{FIRST}; IMEI 2: {second}" if second else FIRST
    (result,) = by(world.ada, lambda ada: fulfill_order(ada, order.id, {unit.id: typed})).units
    assert (result.outcome.value, result.device_id, result.warnings) == ("linked", here.id, warnings)
    assert reread(here.id).second_imei == (has or second)


@pytest.mark.parametrize(
    ("typed", "dry_run", "locks"),
    [
        (FIRST, False, [False]),
        (f"{FIRST}; IMEI 2: {SECOND}", False, [True]),
        (FIRST, True, []),
        ("", False, []),
    ],
)
def test_imeis_are_locked_by_who_writes_some_and_by_nobody_else(
    world: World, monkeypatch: pytest.MonkeyPatch, typed: str, dry_run: bool, locks: list[bool]
) -> None:
    order = world.an_order("approved", [("deskphone", 1), ("mobile", 1)])
    phone, mobile = units(order)
    taken: list[bool] = []
    monkeypatch.setattr(checks, "lock_imeis", lambda *, second: taken.append(second))
    entered = {phone.id: MAC, mobile.id: typed}
    assert (
        by(world.ada, lambda ada: fulfill_order(ada, order.id, entered, dry_run=dry_run)).written != dry_run
    )
    assert taken == locks


def test_two_units_cannot_be_one_mobile_by_either_of_its_imeis(world: World) -> None:
    order = world.an_order("approved", [("mobile", 2)])
    one, two = units(order)
    for typed, message in (
        ({one.id: f"{FIRST}; IMEI 2: {SECOND}", two.id: SECOND}, "The same as iPhone 17 #1; each unit"),
        ({one.id: FIRST, two.id: f"{THIRD}; IMEI 2: {FIRST}"}, "Its second IMEI is the same as that of"),
    ):
        report = by(world.ada, lambda ada, typed=typed: fulfill_order(ada, order.id, typed))
        assert (report.written, message in report.units[1].message) == (False, True)
    a_mobile(world, FIRST, SECOND)
    report = by(
        world.ada,
        lambda ada: fulfill_order(ada, order.id, {one.id: SECOND, two.id: f"{THIRD}; IMEI 2: {FIRST}"}),
    )
    assert not report.written
    assert ["Already in use by" in row.message for row in report.units] == [True, True]
    here = by(
        world.ada,
        lambda ada: register_device(
            ada,
            order.account_id,
            sku=world.item("mobile").sku,
            identifier=f"{THIRD}; IMEI 2: 490154203237526",
        ),
    )
    typed = {one.id: THIRD, two.id: "490154203237526"}
    report = by(world.ada, lambda ada: fulfill_order(ada, order.id, typed))
    assert report.units[0].device_id == here.id
    assert "by its other IMEI" in report.units[1].message

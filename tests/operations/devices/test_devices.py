"""Devices registered by other means, changed, and moved: the rules, and what each side learns."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import COMMAND_LINE, Actor, Role
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import Account, AuditEvent, Device
from hwadmin.operations.devices.devices import change_device, register_device
from hwadmin.operations.devices.transfers import move_device
from hwadmin.queries.devices.conditions import identified, in_service
from hwadmin.queries.devices.devices import device_rows, history_of
from hwadmin.queries.units.awaited import awaited_count, awaited_units
from tests.builders import World, an_identifier

MAC = "80:5e:c0:09:ab:dc"


def events(kind: str | None = None) -> list[AuditEvent]:
    query = select(AuditEvent).order_by(AuditEvent.id)
    return list(db.session.scalars(query if kind is None else query.where(AuditEvent.kind == kind)))


def state() -> list[Any]:
    columns = (Device.id, Device.account_id, Device.employee_id, Device.location_id, Device.base_device_id)
    rows = db.session.execute(select(*columns, Device.slot).order_by(Device.id)).all()
    return [*rows, db.session.execute(select(func.count(AuditEvent.id))).scalar_one()]


def refused(error: type[Exception], action: Callable[[], object]) -> Any:
    """The refusal of an action, after which every device is as it was and no event was written."""
    before = state()
    with pytest.raises(error) as refusal:
        action()
    assert not db.session.dirty
    assert state() == before
    return refusal.value


def fields(error: InvalidInput) -> set[str]:
    return {problem.field for problem in error.errors}


# ---- Registering


def test_a_device_is_registered_with_its_employee_and_location(world: World) -> None:
    account = world.an_account()
    dana, site = world.an_employee(account, "Dana"), world.a_location(account, "HQ")
    item = world.item(Kind.DESKPHONE)
    device = register_device(
        world.actor(world.piet),
        account.id,
        sku=item.sku,
        identifier="MAC: 805E.C009.ABDC",
        employee_id=dana.id,
        location_id=site.id,
    )
    db.session.commit()
    assert (device.identifier, device.kind, device.sku) == (MAC, Kind.DESKPHONE, item.sku)
    assert (device.employee_id, device.location_id) == (dana.id, site.id)
    assert (device.platform_id, device.catalog_item_id) == (account.platform_id, item.id)
    assert device.created_by_name == "Piet Jansen"
    (event,) = events()
    assert event.kind == "device.registered"
    assert event.summary == f"Registered Yealink T54W {MAC} for Dana at HQ"
    assert (event.device_id, event.account_id) == (device.id, account.id)


@pytest.mark.parametrize(
    ("kind", "typed", "stored", "key"),
    [
        (Kind.DECT_HANDSET, "11324 0822839 *", "02C3CC8E37", "02C3CC8E37"),
        (Kind.MOBILE, "35-209900-176148-1", "352099001761481", "35209900176148"),
        (Kind.DECT_BASE, "7C2F80E0D605-1A2B", "7c:2f:80:e0:d6:05", "7c:2f:80:e0:d6:05"),
    ],
)
def test_each_kind_is_known_by_its_own_identifier(
    world: World, kind: Kind, typed: str, stored: str, key: str
) -> None:
    device = world.a_device(kind=kind, identifier=typed)
    assert (device.identifier, device.identifier_key) == (stored, key)
    assert device.mac_id_code == ("1A2B" if kind is Kind.DECT_BASE else None)


@pytest.mark.parametrize(
    ("kind", "form", "expected"),
    [
        (Kind.DESKPHONE, {"identifier": "11324 0822839 *"}, {"identifier"}),
        (Kind.DESKPHONE, {"identifier": ""}, {"identifier"}),
        (Kind.DESKPHONE, {"sku": "no such"}, {"sku"}),
        (Kind.DESKPHONE, {"sku": ""}, {"sku"}),
        (Kind.DESKPHONE, {"sku": "a\x00b"}, {"sku"}),
        (Kind.ACCESSORY, {}, {"sku"}),
        (Kind.DECT_BASE, {"employee": True}, {"employee_id"}),
        (Kind.DECT_HANDSET, {"location": True}, {"location_id"}),
        (Kind.MOBILE, {"location": True}, {"location_id"}),
        (Kind.DESKPHONE, {"base": True}, {"base_device_id"}),
        (Kind.DESKPHONE, {"employee_id": 10**9, "location_id": 10**30}, {"employee_id", "location_id"}),
        (Kind.DECT_HANDSET, {"base_device_id": -1}, {"base_device_id"}),
        (
            Kind.DESKPHONE,
            {"identifier": "?", "employee_id": 0, "base": True},
            {"identifier", "employee_id", "base_device_id"},
        ),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(
    world: World, kind: Kind, form: dict[str, Any], expected: set[str]
) -> None:
    account, item, piet = world.an_account(), world.item(kind), world.actor(world.piet)
    form = dict(form)
    for thing, make in (
        ("employee", lambda: world.an_employee(account).id),
        ("location", lambda: world.a_location(account).id),
        ("base_device", lambda: world.a_device(account, Kind.DECT_BASE).id),
    ):
        if form.pop(thing.removesuffix("_device"), False):
            form[f"{thing}_id"] = make()  # type: ignore[no-untyped-call]
    values = {"sku": item.sku, "identifier": "805ec009abdc"} | form
    if kind is Kind.DECT_HANDSET:
        values["identifier"] = "02C3CC8E37"
    if kind is Kind.MOBILE:
        values["identifier"] = "352099001761481"
    assert fields(refused(InvalidInput, lambda: register_device(piet, account.id, **values))) == expected


def test_people_who_left_and_archived_sites_are_not_offered_a_device(world: World) -> None:
    account, piet = world.an_account(), world.actor(world.piet)
    gone = world.an_employee(account, deactivated_at=utcnow())
    closed = world.a_location(account, archived_at=utcnow())
    sku = world.item(Kind.DESKPHONE).sku
    error = refused(
        InvalidInput,
        lambda: register_device(
            piet, account.id, sku=sku, identifier=MAC, employee_id=gone.id, location_id=closed.id
        ),
    )
    assert fields(error) == {"employee_id", "location_id"}


def test_employees_sites_and_bases_of_another_account_are_as_good_as_absent(world: World) -> None:
    account, other, piet = world.an_account(), world.an_account(), world.actor(world.piet)
    foreign = world.an_account(world.blue_harbor)
    values = {"sku": world.item(Kind.DECT_HANDSET).sku, "identifier": "02C3CC8E37"}
    for where in (other, foreign):
        person, base = world.an_employee(where), world.a_device(where, Kind.DECT_BASE)
        absent, there = (
            refused(InvalidInput, partial(register_device, piet, account.id, **values, **keys))  # type: ignore[arg-type]
            for keys in (
                {"employee_id": 10**8, "base_device_id": 10**8},
                {"employee_id": person.id, "base_device_id": base.id},
            )
        )
        assert absent.errors == there.errors


def test_an_identifier_in_use_names_its_holder_only_to_whom_it_concerns(world: World) -> None:
    here, beside = world.an_account(name="Here"), world.an_account(name="Beside")
    far = world.an_account(world.blue_harbor, "Far away")
    taken = {name: an_identifier(Kind.DESKPHONE) for name in ("here", "beside", "far")}
    for name, account in (("here", here), ("beside", beside), ("far", far)):
        world.a_device(account, identifier=taken[name])
    sku = world.item(Kind.DESKPHONE).sku

    def says(actor: Actor, which: str) -> str:
        error = refused(
            WrongState, lambda: register_device(actor, here.id, sku=sku, identifier=taken[which].upper())
        )
        return str(error.message).split(" is ", 1)[1]

    piet, ada = world.actor(world.piet), world.actor(world.ada)
    assert says(piet, "here") == "registered on this account already, as Yealink T54W."
    assert says(piet, "beside") == "already in use at Beside."
    assert says(piet, "far") == "already in use."
    assert says(ada, "far") == "already in use at Far away of Blue Harbor Telecom."


def test_an_imei_with_another_check_digit_is_the_same_phone(world: World) -> None:
    account, piet = world.an_account(), world.actor(world.piet)
    world.a_device(account, Kind.MOBILE, "352099001761481")
    sku = world.item(Kind.MOBILE).sku
    # Sixteen digits: the software version in place of the check digit.
    refused(WrongState, lambda: register_device(piet, account.id, sku=sku, identifier="3520990017614823"))


def test_an_archived_model_can_still_be_registered(world: World) -> None:
    item = world.an_item(Kind.DESKPHONE, archived_at=utcnow())
    assert world.a_device(item=item).sku == item.sku


# ---- Bases and slots


def test_handsets_take_the_next_free_slot_and_the_location_of_their_base(world: World) -> None:
    account = world.an_account()
    site = world.a_location(account, "HQ")
    base = world.a_device(account, Kind.DECT_BASE, location_id=site.id)
    first, second = (world.a_device(account, Kind.DECT_HANDSET, base_device_id=base.id) for _ in range(2))
    assert [(one.slot, one.location_id) for one in (first, second)] == [(1, site.id), (2, site.id)]
    change_device(world.actor(world.piet), first.id, employee_id=None, location_id=None, base_device_id=None)
    db.session.commit()
    assert (first.base_device_id, first.slot, first.location_id) == (None, None, None)
    assert world.a_device(account, Kind.DECT_HANDSET, base_device_id=base.id).slot == 1


def test_a_full_base_takes_no_more_handsets(world: World) -> None:
    account, piet = world.an_account(), world.actor(world.piet)
    base = world.a_device(account, item=world.an_item(Kind.DECT_BASE, max_handsets=1))
    world.a_device(account, Kind.DECT_HANDSET, base_device_id=base.id)
    late = world.a_device(account, Kind.DECT_HANDSET)
    error = refused(
        InvalidInput,
        lambda: change_device(piet, late.id, employee_id=None, location_id=None, base_device_id=base.id),
    )
    assert fields(error) == {"base_device_id"}
    assert "takes 1 handsets" in error.message


def test_a_handset_and_a_base_of_different_makes_do_not_pair(world: World) -> None:
    account, piet = world.an_account(), world.actor(world.piet)
    base = world.a_device(account, item=world.an_item(Kind.DECT_BASE, make="Snom", model="M700"))
    sku = world.item(Kind.DECT_HANDSET).sku
    error = refused(
        InvalidInput,
        lambda: register_device(piet, account.id, sku=sku, identifier="02C3CC8E37", base_device_id=base.id),
    )
    assert fields(error) == {"base_device_id"}


def test_the_handsets_of_a_base_go_with_it_to_its_new_location(world: World) -> None:
    account = world.an_account()
    old, new = world.a_location(account, "Old"), world.a_location(account, "New")
    base = world.a_device(account, Kind.DECT_BASE, location_id=old.id)
    handset = world.a_device(account, Kind.DECT_HANDSET, base_device_id=base.id)
    change_device(world.actor(world.piet), base.id, employee_id=None, location_id=new.id, base_device_id=None)
    db.session.commit()
    assert handset.location_id == new.id
    assert "location “Old” → “New”" in events("device.changed")[0].summary


# ---- Changing


def test_a_change_says_in_words_what_was_different(world: World) -> None:
    account = world.an_account()
    dana, tom = world.an_employee(account, "Dana"), world.an_employee(account, "Tom")
    base = world.a_device(account, Kind.DECT_BASE, "805ec009abdc")
    handset = world.a_device(account, Kind.DECT_HANDSET, "02C3CC8E37", employee_id=dana.id)
    piet = world.actor(world.piet)
    for _ in range(2):  # The second time nothing is different, and no event is written.
        change_device(piet, handset.id, employee_id=tom.id, location_id=None, base_device_id=base.id)
    db.session.commit()
    assert [event.summary for event in events("device.changed")] == [
        f"Changed Yealink W73H 11324 0822839 *: employee “Dana” → “Tom”, base set to {MAC}, slot 1"
    ]
    assert handset.employee is not None
    assert handset.employee.name == "Tom"


def test_somebody_who_left_keeps_a_device_until_it_is_given_away(world: World) -> None:
    account = world.an_account()
    dana, site = world.an_employee(account, "Dana"), world.a_location(account)
    device = world.a_device(account, employee_id=dana.id)
    dana.deactivated_at = utcnow()
    db.session.commit()
    change_device(
        world.actor(world.piet), device.id, employee_id=dana.id, location_id=site.id, base_device_id=None
    )
    db.session.commit()
    assert (device.employee_id, device.location_id) == (dana.id, site.id)


def test_support_and_other_platforms_change_no_device(world: World) -> None:
    device, target = world.a_device(), world.an_account()
    sku = world.item(Kind.DESKPHONE).sku
    same = {"employee_id": None, "location_id": None, "base_device_id": None}
    sam, bea, piet = world.actor(world.sam), world.actor(world.bea), world.actor(world.piet)
    refused(NotAllowed, lambda: change_device(sam, device.id, **same))
    refused(NotAllowed, lambda: register_device(sam, target.id, sku=sku, identifier=MAC))
    refused(NotAllowed, lambda: move_device(piet, device.id, target.id, reason="Mine"))
    refused(NotFound, lambda: change_device(bea, device.id, **same))
    refused(NotFound, lambda: register_device(bea, target.id, sku=sku, identifier=MAC))


# ---- Moving


def test_a_device_moved_within_its_platform_names_both_accounts(world: World) -> None:
    here, there = world.an_account(name="Here"), world.an_account(name="There")
    dana, site = world.an_employee(here), world.a_location(here)
    device = world.a_device(here, identifier=MAC, employee_id=dana.id, location_id=site.id)
    move_device(world.actor(world.ada), device.id, there.id, reason="Sold on.")
    db.session.commit()
    assert (device.account_id, device.employee_id, device.location_id) == (there.id, None, None)
    assert device.catalog_item_id is not None
    assert device.account.name == "There"
    assert [(event.account_id, event.summary, event.reason) for event in events("device.moved")] == [
        (here.id, f"Moved Yealink T54W {MAC} to There", "Sold on."),
        (there.id, f"Moved Yealink T54W {MAC} here from Here", "Sold on."),
    ]


def test_a_move_within_a_platform_is_told_once_on_the_device(world: World) -> None:
    here, there = world.an_account(), world.an_account()
    device = world.a_device(here)
    for account in (there, here):
        move_device(world.actor(world.ada), device.id, account.id, reason="To and fro.")
    db.session.commit()
    (row,) = device_rows(world.actor(world.piet), Device.account_id == here.id, in_service())
    summaries = [event.summary.split(" here ")[-1] for event in history_of(world.actor(world.piet), row)]
    assert summaries[:2] == [f"from {there.name}", f"from {here.name}"]
    assert len(summaries) == 3


def test_a_device_moved_to_another_platform_tells_neither_side_about_the_other(world: World) -> None:
    here, there = world.an_account(name="Here"), world.an_account(world.blue_harbor, "There")
    order = world.an_order("fulfilled", [(Kind.DESKPHONE, 1)], account=here)
    (row,) = device_rows(world.actor(world.ada), Device.account_id == here.id, in_service())
    move_device(world.actor(world.ada), row.id, there.id, reason="Wrong platform.")
    db.session.commit()
    (moved,) = device_rows(world.actor(world.bea), Device.account_id == there.id, in_service())
    assert (moved.id, moved.order_id, moved.order_reference) == (row.id, None, None)
    assert row.order_reference == order.reference
    (seen,) = history_of(world.actor(world.bea), moved)
    assert seen.summary.endswith("here from another platform")
    assert "Here" not in seen.summary
    left = [event.summary for event in history_of(world.actor(world.piet), row)]
    assert left[0].endswith("to another platform")
    assert device_rows(world.actor(world.piet), Device.account_id == here.id, in_service()) == []


def test_a_moved_base_leaves_its_handsets_behind(world: World) -> None:
    here, there = world.an_account(), world.an_account()
    base = world.a_device(here, Kind.DECT_BASE)
    handset = world.a_device(here, Kind.DECT_HANDSET, base_device_id=base.id)
    move_device(world.actor(world.ada), base.id, there.id, reason="Lent.")
    db.session.commit()
    assert (handset.account_id, handset.base_device_id, handset.slot) == (here.id, None, None)
    assert "has no base any more" in events("device.changed")[0].summary
    assert events("device.changed")[0].device_id == handset.id


def test_a_move_needs_a_reason_another_account_and_rows_that_are_there(world: World) -> None:
    device, there, ada = world.a_device(), world.an_account(), world.actor(world.ada)
    assert fields(refused(InvalidInput, lambda: move_device(ada, device.id, there.id, reason=" "))) == {
        "reason"
    }
    error = refused(WrongState, lambda: move_device(ada, device.id, device.account_id, reason="Why?"))
    assert "already" in error.message
    refused(NotFound, lambda: move_device(ada, device.id, 10**9, reason="Why?"))
    refused(NotFound, lambda: move_device(ada, 10**9, there.id, reason="Why?"))


# ---- Finding


@pytest.mark.parametrize(
    ("kind", "stored", "typed"),
    [
        (Kind.DESKPHONE, MAC, ["80-5E-C0-09-AB-DC", "805e.c009.abdc", "MAC: 805EC009ABDC", "805EC0-09ABDC"]),
        (
            Kind.DECT_HANDSET,
            "02C3CC8E37",
            ["11324 0822839 *", "113240822839", "0x02c3cc8e37", "IPEI 02C3CC8E37"],
        ),
        (Kind.MOBILE, "352099001761481", ["35 209900 176148 1", "35209900176148", "IMEI: 352099001761481"]),
    ],
)
def test_any_writing_of_an_identifier_finds_its_device(
    world: World, kind: Kind, stored: str, typed: list[str]
) -> None:
    device = world.a_device(kind=kind, identifier=stored)
    world.a_device(device.account, kind)
    for text in typed:
        assert [row.id for row in device_rows(world.actor(world.sam), identified(text))] == [device.id], text
        assert device_rows(world.actor(world.bea), identified(text)) == []
    assert device_rows(world.actor(world.ada), identified("nothing like it")) == []


def test_units_of_approved_orders_are_awaited_until_they_have_a_device(world: World) -> None:
    lines = [(Kind.DESKPHONE, 2), (Kind.ACCESSORY, 3)]
    account = world.an_account()
    approved = world.an_order("approved", lines, account=account)
    world.an_order("submitted", lines, account=account)
    world.an_order("fulfilled", lines, account=account)
    world.an_order("approved", lines, platform=world.blue_harbor)
    piet, ada = world.actor(world.piet), world.actor(world.ada)
    rows = awaited_units(piet, account_id=account.id)
    assert [(row.number, row.title, row.order_reference) for row in rows] == [
        (1, "Yealink T54W", approved.reference),
        (2, "Yealink T54W", approved.reference),
    ]
    assert awaited_count(piet) == awaited_count(piet, account_id=account.id) == 2
    assert awaited_count(ada) == len(awaited_units(ada)) == 4
    assert [row.unit_id for row in awaited_units(ada, limit=1, offset=1)] == [rows[1].unit_id]


def test_a_device_row_tells_where_it_is_and_where_it_came_from(world: World) -> None:
    account: Account = world.an_account(name="Halden")
    site = world.a_location(account, "HQ")
    world.an_order("fulfilled", [(Kind.DECT_BASE, 1), (Kind.DECT_HANDSET, 1)], account=account)
    base, handset = sorted(
        device_rows(world.actor(world.piet), Device.account_id == account.id, in_service()),
        key=lambda row: row.kind,
    )
    change_device(
        world.actor(world.piet), base.id, employee_id=None, location_id=site.id, base_device_id=None
    )
    db.session.commit()
    base, handset = sorted(
        device_rows(world.actor(world.piet), Device.account_id == account.id, in_service()),
        key=lambda row: row.kind,
    )
    assert (handset.base_device_id, handset.slot, handset.location_name) == (base.id, 1, "HQ")
    assert (handset.account_name, handset.platform_name) == ("Halden", "Northwind Voice")
    assert handset.base_title == "Yealink W70B"
    assert len(handset.identifier_forms) == 2
    assert handset.order_reference == base.order_reference
    assert handset.order_reference is not None
    nobody = Actor(None, "Nobody", Role.SUPPORT, frozenset())
    assert device_rows(nobody, Device.account_id == account.id, in_service()) == []


# ---- At the same moment


def test_of_many_who_register_an_identifier_at_once_one_wins_and_the_others_are_told(own_app: Flask) -> None:
    callers = 6
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        account, sku = world.an_account(name="Halden").id, world.item(Kind.DESKPHONE).sku
        ada = world.actor(world.ada)
    start = Barrier(callers)

    def register(_: int) -> str:
        with own_app.app_context(), acting_as(db.session, ada):
            start.wait(timeout=120)
            try:
                transact(lambda: register_device(ada, account, sku=sku, identifier=MAC))
            except WrongState as error:
                return error.message
            return "registered"

    with ThreadPoolExecutor(callers) as pool:
        results = sorted(pool.map(register, range(callers)))
    sentence = f"{MAC} is registered on this account already, as Yealink T54W."
    assert results == [*[sentence] * (callers - 1), "registered"]
    with own_app.app_context(), acting_as(db.session, ada):
        assert len(device_rows(ada, identified(MAC))) == len(events("device.registered")) == 1

"""Spare inventory: kept for a unit once, free again when it will not come, and fulfilled as what it is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.ordering.upgrade_eligibility import contract_end
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.models import Account, Device, HardwareOrder, Unit
from hwadmin.operations.devices.devices import change_device
from hwadmin.operations.devices.transfers import move_device
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import approve_order, cancel_order, reject_order, reopen_order
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.queries.devices.spares import spares_of
from hwadmin.queries.fulfillment.identifier_conflicts import holding
from hwadmin.queries.ordering.items import ItemFilter, offered_items
from hwadmin.queries.units.units import units_of
from tests.builders import World, an_identifier
from tests.operations.orders.copying import copy_order
from tests.operations.refusals import by, changes_nothing, fields, refused


@pytest.fixture
def account(world: World) -> Account:
    return world.an_account(name="Brightwater")


def spares(world: World, account: Account) -> list[int]:
    db.session.expire_all()
    return [spare.device_id for spare in spares_of(world.ada.actor, account)]


def ordered(
    world: World, account: Account, quantity: int = 1, *intents: NewIntent, kind: str = "deskphone"
) -> HardwareOrder:
    line = NewLine(world.item(kind).sku, quantity, intents, from_spare=True)
    return by(world.piet, lambda piet: submit_order(piet, NewOrder(account.id, [line])))


def refusal(world: World, account: Account, *lines: NewLine) -> InvalidInput:
    return refused(InvalidInput, world.piet, lambda piet: submit_order(piet, NewOrder(account.id, lines)))


def kept(order: HardwareOrder) -> list[int | None]:
    db.session.expire_all()
    return [unit.reserved_device_id for unit in units_of(order.id)]


# ---- What a spare is


def test_a_spare_is_a_device_nobody_has_and_nothing_uses(world: World, account: Account) -> None:
    spare = world.a_device(account)
    mobile = world.a_device(account, "mobile")
    handset = world.a_device(account, "dect_handset")
    lone_base = world.a_device(account, "dect_base")
    world.a_device(account, employee_id=world.an_employee(account).id)
    world.a_device(account, location_id=world.a_location(account).id)
    base = world.a_device(account, "dect_base")
    world.a_device(account, "dect_handset", base_device_id=base.id)
    world.a_phone_line(account, device_id=world.a_device(account, "mobile").id)
    world.a_device(world.an_account())
    assert spares(world, account) == [spare.id, mobile.id, handset.id, lone_base.id]


def test_a_device_of_an_open_order_is_no_spare_and_one_of_a_fulfilled_order_is_when_nobody_has_it(
    world: World, account: Account
) -> None:
    order = world.an_order("approved", [("mobile", 2)], account=account)
    typed = world.identifiers_for(order)
    first = dict(list(typed.items())[:1])
    by(world.ada, lambda ada: fulfill_order(ada, order.id, first))
    assert spares(world, account) == []
    by(world.ada, lambda ada: fulfill_order(ada, order.id, typed))
    assert len(spares(world, account)) == 2


def test_the_device_of_a_line_that_has_ended_is_spare_again(world: World, account: Account) -> None:
    mobile = world.a_device(account, "mobile")
    line = world.a_phone_line(account, device_id=mobile.id)
    assert spares(world, account) == []
    line.ended_at = utcnow()
    db.session.commit()
    assert spares(world, account) == [mobile.id]


def test_cards_tell_how_many_spares_the_account_has(world: World, account: Account) -> None:
    world.a_device(account)
    world.a_device(account)
    world.a_device(world.an_account())
    world.item("mobile")
    found = {card.kind.value: card.spares for card in offered_items(world.piet.actor, account, ItemFilter())}
    assert found == {"deskphone": 2, "mobile": 0}
    only = offered_items(world.piet.actor, account, ItemFilter(spares_only=True))
    assert [card.kind.value for card in only] == ["deskphone"]


# ---- Ordering them


def test_a_spare_costs_nothing_and_is_kept_for_its_unit(world: World, account: Account) -> None:
    devices = [world.a_device(account).id for _ in range(3)]
    order = ordered(world, account, 2)
    (line,) = order.lines
    assert (line.from_spare, line.unit_price, line.monthly_price) == (True, Decimal(0), Decimal(0))
    assert kept(order) == devices[:2]
    assert spares(world, account) == devices[2:]


def test_a_certain_spare_is_chosen_by_name(world: World, account: Account) -> None:
    devices = [world.a_device(account).id for _ in range(3)]
    order = ordered(world, account, 2, NewIntent(), NewIntent(spare_device_id=devices[0]))
    assert kept(order) == [devices[1], devices[0]]
    error = refusal(
        world,
        account,
        NewLine(
            world.item("deskphone").sku,
            3,
            [
                NewIntent(spare_device_id=devices[0]),
                NewIntent(spare_device_id=devices[2]),
                NewIntent(spare_device_id=devices[2]),
            ],
            from_spare=True,
        ),
    )
    assert [(one.field, one.message) for one in error.errors] == [
        (
            "lines.0.intents.0.spare_device_id",
            f"This device is kept for T54W #2 of {order.reference} by now; choose another.",
        ),
        ("lines.0.intents.2.spare_device_id", "This spare is named twice in this order."),
    ]


def test_more_spares_than_there_are_are_refused_in_a_sentence(world: World, account: Account) -> None:
    sku = world.item("deskphone").sku
    none = refusal(world, account, NewLine(sku, 1, from_spare=True))
    assert (none.errors[0].field, none.errors[0].message) == (
        "lines.0.quantity",
        "There is no spare Yealink T54W left; somebody else may just have taken it.",
    )
    world.a_device(account)
    few = refusal(world, account, NewLine(sku, 2, from_spare=True))
    assert few.errors[0].message.startswith("Only 1 spare Yealink T54W is left;")
    split = [NewIntent(location_id=world.a_location(account).id)]
    refusal(world, account, NewLine(sku, 1, split, from_spare=True), NewLine(sku, 1, from_spare=True))


def test_what_is_bought_names_no_spare_and_an_accessory_is_none(world: World, account: Account) -> None:
    device = world.a_device(account)
    error = refusal(
        world,
        account,
        NewLine(world.item("deskphone").sku, 1, [NewIntent(spare_device_id=device.id)]),
        NewLine(world.item("accessory").sku, 1, from_spare=True),
        NewLine(world.item("mobile").sku, 1, from_spare=True, term_months=24),
    )
    assert sorted(fields(error)) == [
        "lines.0.intents.0.spare_device_id",
        "lines.1.from_spare",
        "lines.2.term_months",
    ]


def test_the_spare_of_another_account_or_platform_is_not_there(world: World, account: Account) -> None:
    elsewhere = world.a_device(world.an_account())
    theirs = world.a_device(world.an_account(world.blue_harbor))
    world.a_device(account)
    for device in (elsewhere, theirs):
        line = NewLine(
            world.item("deskphone").sku, 1, [NewIntent(spare_device_id=device.id)], from_spare=True
        )
        (error,) = refusal(world, account, line).errors
        assert error.message == "This is not a spare Yealink T54W of Brightwater."


def test_a_spare_of_an_archived_item_can_still_be_taken(world: World, account: Account) -> None:
    device = world.a_device(account)
    world.item("deskphone").archived_at = utcnow()
    db.session.commit()
    assert kept(ordered(world, account)) == [device.id]
    assert [
        card.archived for card in offered_items(world.piet.actor, account, ItemFilter(spares_only=True))
    ] == []


# ---- Free again


@pytest.mark.parametrize("end", ["cancel", "reject"])
def test_a_spare_is_free_again_when_its_order_ends_unfulfilled(
    world: World, account: Account, end: str
) -> None:
    device = world.a_device(account)
    order = ordered(world, account)
    assert spares(world, account) == []
    if end == "cancel":
        by(world.piet, lambda piet: cancel_order(piet, order.id))
    else:
        by(world.ada, lambda ada: reject_order(ada, order.id, reason="No."))
    assert kept(order) == [None]
    assert spares(world, account) == [device.id]


def test_reopening_keeps_the_spare(world: World, account: Account) -> None:
    device = world.a_device(account)
    order = ordered(world, account)
    by(world.ada, lambda ada: approve_order(ada, order.id))
    by(world.ada, lambda ada: reopen_order(ada, order.id, reason="Wrong site."))
    assert kept(order) == [device.id]


def test_lowering_a_line_of_spares_frees_them_and_raising_it_is_refused(
    world: World, account: Account
) -> None:
    devices = [world.a_device(account).id for _ in range(3)]
    order = ordered(world, account, 2)
    key = order.lines[0].id
    by(world.ada, lambda ada: edit_lines(ada, order.id, {key: 1}))  # type: ignore[arg-type]
    assert spares(world, account) == devices[1:]
    error = refused(InvalidInput, world.ada, lambda ada: edit_lines(ada, order.id, {key: 2}))  # type: ignore[arg-type]
    assert error.errors[0].message == ("Spares are chosen when an order is made: keep these 1 or lower them.")
    sku = world.item("deskphone").sku
    refused(InvalidInput, world.ada, lambda ada: edit_lines(ada, order.id, {sku: 3}))
    by(world.ada, lambda ada: edit_lines(ada, order.id, [(key, 1), (sku, 2)]))
    assert [(line.quantity, line.from_spare) for line in order.lines] == [(1, True), (2, False)]


def test_a_copy_takes_other_spares_and_is_refused_where_there_are_none(
    world: World, account: Account
) -> None:
    devices = [world.a_device(account).id for _ in range(2)]
    order = ordered(world, account)
    copy = by(world.piet, lambda piet: copy_order(piet, order.id))
    assert kept(copy) == [devices[1]]
    error = refused(WrongState, world.piet, lambda piet: copy_order(piet, order.id))
    assert error.message.endswith("can be ordered any more: there is no other spare Yealink T54W.")


# ---- Fulfilled as what it is


def identifier(device_id: int | None) -> str:
    return db.session.scalars(select(Device.identifier).where(Device.id == device_id)).one()


def test_fulfilling_links_the_spare_and_no_other_device(world: World, account: Account) -> None:
    employee = world.an_employee(account)
    device = world.a_device(account)
    order = ordered(world, account, 1, NewIntent(employee.id))
    by(world.ada, lambda ada: approve_order(ada, order.id))
    (unit,) = units_of(order.id)
    assert unit.reserved_shown
    for other in (an_identifier("deskphone"), identifier(world.a_device(account).id)):
        report = by(world.ada, lambda ada, typed=other: fulfill_order(ada, order.id, {unit.id: typed}))
        assert report.refused[0].message == (
            f"T54W #1 is the account's spare {unit.reserved_shown} and no other device."
        )
    report = by(world.ada, lambda ada: fulfill_order(ada, order.id, {unit.id: identifier(device.id)}))
    assert report.written
    (after,) = units_of(order.id)
    assert (after.device_id, after.reserved_device_id, after.device_employee_id) == (
        device.id,
        None,
        employee.id,
    )
    repeated = changes_nothing(
        lambda: by(world.ada, lambda ada: fulfill_order(ada, order.id, {unit.id: identifier(device.id)}))
    )
    assert not repeated.written


def test_a_device_kept_for_one_unit_is_not_linked_to_another(world: World, account: Account) -> None:
    device = world.a_device(account)
    keeper = ordered(world, account)
    order = world.an_order("approved", [("deskphone", 1)], account=account)
    (unit,) = units_of(order.id)
    report = by(world.ada, lambda ada: fulfill_order(ada, order.id, {unit.id: identifier(device.id)}))
    assert report.refused[0].message == f"This spare is kept for T54W #1 of {keeper.reference}."


def test_another_orders_unit_is_named_with_its_variant(world: World, account: Account) -> None:
    item = world.an_item("mobile", sku="SAGE", model="iPhone 17", color="Sage", mobile_carrier="KPN")
    world.a_price(item, "256 GB", 24, "99.00", "19.00")
    line = NewLine("SAGE", 1, size="256 GB", term_months=24, color="Sage", mobile_carrier="KPN")
    holder, order = (
        by(world.piet, lambda piet: submit_order(piet, NewOrder(account.id, [line]))) for _ in range(2)
    )
    for one in (holder, order):
        by(world.ada, lambda ada, one=one: approve_order(ada, one.id))
    typed = world.identifiers_for(holder)
    by(world.ada, lambda ada: fulfill_order(ada, holder.id, typed))
    (unit,) = units_of(order.id)
    (imei,) = typed.values()
    report = by(world.ada, lambda ada: fulfill_order(ada, order.id, {unit.id: imei}))
    name = "iPhone 17 (256 GB, Sage, 24 months, KPN) #1"
    assert report.refused[0].message == f"Already {name} of {holder.reference}."
    held = holding(world.ada.actor, units_of(holder.id)[0].identifier_key or "")
    assert held is not None
    assert held.unit is not None
    assert held.unit.label == name


def test_a_kept_device_is_not_moved_changed_or_paired_to(world: World, account: Account) -> None:
    base = world.a_device(account, "dect_base")
    order = ordered(world, account, kind="dect_base")
    handset = world.a_device(account, "dect_handset")
    other = world.an_account()
    sentence = (
        f"This device is kept for W70B #1 of {order.reference} and cannot be {{}} meanwhile. "
        "It is free again once that order is fulfilled, cancelled or rejected."
    )
    site = world.a_location(account).id

    def change(ada: Any) -> object:
        return change_device(ada, base.id, employee_id=None, location_id=site, base_device_id=None)

    assert refused(WrongState, world.ada, change).message == sentence.format("changed")
    moved = refused(WrongState, world.ada, lambda ada: move_device(ada, base.id, other.id, reason="Sold."))
    assert moved.message == sentence.format("moved")
    error = refused(
        InvalidInput,
        world.ada,
        lambda ada: change_device(
            ada, handset.id, employee_id=None, location_id=None, base_device_id=base.id
        ),
    )
    assert fields(error) == ["base_device_id"]
    changes_nothing(
        lambda: by(
            world.ada,
            lambda ada: change_device(ada, base.id, employee_id=None, location_id=None, base_device_id=None),
        )
    )


def test_a_device_that_served_a_former_order_serves_another_and_the_former_says_where_it_went(
    world: World, account: Account
) -> None:
    former = world.an_order("fulfilled", [("deskphone", 1)], account=account)
    device = units_of(former.id)[0].device_id
    order = ordered(world, account)
    by(world.ada, lambda ada: approve_order(ada, order.id))
    (unit,) = units_of(order.id)
    typed = unit.reserved_shown
    report = by(world.ada, lambda ada: fulfill_order(ada, order.id, {unit.id: typed}))
    assert report.written
    db.session.expire_all()
    assert units_of(order.id)[0].device_id == device
    (before,) = units_of(former.id)
    assert (before.device_id, before.device_passed_on) == (None, f"{typed} → {order.reference}")
    db.session.refresh(former)
    assert (former.fulfilled_units, former.status.value) == (1, "fulfilled")


def test_an_upgraded_lines_device_is_the_new_one_once_it_is_there(world: World, account: Account) -> None:
    line = world.a_phone_line(account, contract_ends_on=date(2020, 1, 31))
    item = world.item("mobile")
    new = NewLine(item.sku, 1, [NewIntent(line_of_service_id=line.id)])
    order = by(world.piet, lambda piet: submit_order(piet, NewOrder(account.id, [new])))
    by(world.ada, lambda ada: approve_order(ada, order.id))
    by(world.ada, lambda ada: fulfill_order(ada, order.id, world.identifiers_for(order)))
    db.session.refresh(line)
    assert line.device_id == units_of(order.id)[0].device_id
    # Bought without a term, it leaves the contract as it is.
    assert (line.contract_ends_on, line.contract_balance) == (date(2020, 1, 31), None)


def test_a_device_with_a_term_begins_a_contract_once_it_is_there(world: World, account: Account) -> None:
    line = world.a_phone_line(
        account,
        contract_ends_on=date(2020, 1, 31),
        contract_balance=Decimal(0),
        eligible_from=date(2020, 1, 1),
    )
    item = world.item("mobile")
    world.a_price(item, "128 GB", 24, "99.00", "29.00")
    new = NewLine(item.sku, 1, [NewIntent(line_of_service_id=line.id)], size="128 GB", term_months=24)
    order = by(world.piet, lambda piet: submit_order(piet, NewOrder(account.id, [new])))
    by(world.ada, lambda ada: approve_order(ada, order.id))
    db.session.refresh(line)
    assert line.contract_ends_on == date(2020, 1, 31)
    by(world.ada, lambda ada: fulfill_order(ada, order.id, world.identifiers_for(order)))
    db.session.refresh(line)
    assert (line.contract_term_months, line.contract_balance, line.eligible_from) == (24, None, None)
    assert line.contract_ends_on == contract_end(utcnow().date(), 24)
    assert "cannot be upgraded yet" in str(refusal(world, account, new))


def test_a_unit_keeps_one_device_and_a_device_one_unit_whatever_is_written(
    world: World, account: Account
) -> None:
    device = world.a_device(account)
    order = ordered(world, account)
    other = world.an_order(account=account)
    unit = db.session.get_one(Unit, units_of(other.id)[0].id)
    unit.reserved_device_id = device.id
    with pytest.raises(IntegrityError, match="reserved_device_id"):
        db.session.flush()
    db.session.rollback()
    assert kept(order) == [device.id]

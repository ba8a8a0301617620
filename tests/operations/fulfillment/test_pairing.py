"""Pairing handsets to bases: which goes to which slot, on paper and in the database."""

from __future__ import annotations

import pytest

from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.errors import WrongState
from hwadmin.models import CatalogItem, Device, HardwareOrder
from hwadmin.operations.devices.devices import change_device, register_device
from hwadmin.operations.devices.transfers import move_device
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.fulfillment.report import FulfillmentReport
from hwadmin.operations.orders.decisions import approve_order
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.queries.units.units import units_of
from tests.builders import World, an_identifier
from tests.operations.refusals import by, events, refused


def fulfill(world: World, order: HardwareOrder, typed: dict[int, str]) -> FulfillmentReport:
    return by(world.ada, lambda ada: fulfill_order(ada, order.id, typed))


def approved(world: World, *lines: tuple[CatalogItem, int, list[NewIntent]]) -> HardwareOrder:
    """An approved order of these items, in this order."""
    account = world.an_account()
    new = NewOrder(account.id, [NewLine(item.sku, quantity, intents) for item, quantity, intents in lines])
    order = by(world.piet, lambda piet: submit_order(piet, new))
    return by(world.ada, lambda ada: approve_order(ada, order.id))


def paired(order: HardwareOrder) -> dict[str, tuple[str | None, int | None]]:
    """The base and slot of every handset that has a device, by its name."""
    units = units_of(order.id)
    labels = {unit.device_id: unit.label for unit in units if unit.device_id}
    return {
        unit.label: (labels.get(unit.base_device_id) if unit.base_device_id else None, unit.slot)
        for unit in units
        if unit.kind == "dect_handset" and unit.device_id
    }


def device(device_id: int | None) -> Device:
    assert device_id is not None
    return db.session.get_one(Device, device_id, populate_existing=True)


def unit_ids(order: HardwareOrder) -> list[int]:
    return [unit.id for unit in units_of(order.id)]


def test_with_a_single_base_the_handsets_take_its_slots_in_unit_order(world: World) -> None:
    order = world.an_order("approved", [("dect_handset", 3), ("dect_base", 1)])
    report = fulfill(world, order, world.identifiers_for(order))
    assert paired(order) == {f"W73H #{n}": ("W70B #1", n) for n in (1, 2, 3)}
    assert [(row.paired_label, row.slot) for row in report.units[:3]] == [("W70B #1", n) for n in (1, 2, 3)]
    assert {row.paired_to for row in report.units[:3]} == {report.units[3].device_id}
    assert report.warnings == ()


def test_with_several_bases_only_a_handset_for_which_one_was_chosen_is_paired(world: World) -> None:
    order = world.an_order(
        "approved",
        [("dect_base", 2), ("dect_handset", 4)],
        intents={1: [NewIntent(base=2), NewIntent(), NewIntent(base=1), NewIntent(base=2)]},
    )
    report = fulfill(world, order, world.identifiers_for(order))
    assert paired(order) == {
        "W73H #1": ("W70B #2", 1),
        "W73H #2": (None, None),
        "W73H #3": ("W70B #1", 1),
        "W73H #4": ("W70B #2", 2),
    }
    assert report.warnings == (
        "Left for on-site registration: the order has several bases and none was chosen.",
    )


def test_without_a_base_the_handsets_are_left_for_on_site_registration(world: World) -> None:
    order = world.an_order("approved", [("dect_handset", 2)])
    report = fulfill(world, order, world.identifiers_for(order))
    assert set(paired(order).values()) == {(None, None)}
    assert report.warnings == ("Left for on-site registration: the order has no base.",)
    assert order.status is OrderStatus.FULFILLED


def test_a_base_entered_last_pairs_the_handsets_entered_earlier(world: World) -> None:
    order = world.an_order("approved", [("dect_base", 1), ("dect_handset", 2)])
    base, first, second = unit_ids(order)
    report = fulfill(world, order, {second: an_identifier("dect_handset")})
    assert report.units[2].not_paired == "To be paired once W70B #1 has its MAC address."
    report = fulfill(world, order, {base: an_identifier("dect_base")})
    assert paired(order) == {"W73H #2": ("W70B #1", 1)}
    assert (report.units[2].slot, report.written) == (1, True)
    assert events(order.id)[-1].details["units"][-1] == {
        "unit_id": second,
        "unit": "W73H #2",
        "identifier": None,
        "outcome": "skipped",
        "device_id": report.units[2].device_id,
        "paired_to": "W70B #1",
        "slot": 1,
        "not_applied": [],
    }
    fulfill(world, order, {first: an_identifier("dect_handset")})
    assert paired(order) == {"W73H #1": ("W70B #1", 2), "W73H #2": ("W70B #1", 1)}


def test_handsets_are_left_over_by_name_where_the_base_is_full(world: World) -> None:
    base = world.an_item("dect_base", max_handsets=2)
    order = approved(world, (base, 1, []), (world.item("dect_handset"), 4, []))
    report = fulfill(world, order, world.identifiers_for(order))
    assert [slot for _, slot in paired(order).values()] == [1, 2, None, None]
    assert report.warnings == (
        "Left for on-site registration: W70B #1 takes 2 handsets, there is no slot for W73H #3, W73H #4.",
    )
    assert order.status is OrderStatus.FULFILLED


def test_a_base_of_unknown_capacity_takes_them_all(world: World) -> None:
    base = world.an_item("dect_base", max_handsets=None)
    order = approved(world, (base, 1, []), (world.item("dect_handset"), 30, []))
    fulfill(world, order, world.identifiers_for(order))
    assert [slot for _, slot in paired(order).values()] == list(range(1, 31))


def test_different_makes_are_not_paired_and_it_is_said(world: World) -> None:
    snom = world.an_item("dect_handset", make="Snom", model="M65")
    order = approved(
        world, (world.item("dect_base"), 1, []), (snom, 1, []), (world.item("dect_handset"), 1, [])
    )
    report = fulfill(world, order, world.identifiers_for(order))
    assert paired(order) == {"M65 #1": (None, None), "W73H #1": ("W70B #1", 1)}
    assert report.warnings == ("Not paired: a Snom handset and a Yealink base (W70B #1) differ in make.",)


def test_a_linked_base_counts_with_the_handsets_it_already_has(world: World) -> None:
    account = world.an_account()
    bases = world.an_item("dect_base", max_handsets=3)
    base = by(
        world.ada,
        lambda ada: register_device(ada, account.id, sku=bases.sku, identifier=an_identifier("dect_base")),
    )
    there = [
        by(
            world.ada,
            lambda ada: register_device(
                ada,
                account.id,
                sku=world.item("dect_handset").sku,
                identifier=an_identifier("dect_handset"),
                base_device_id=base.id,
            ),
        )
        for _ in range(2)
    ]
    # The handset of slot 1 goes: its slot is free again.
    by(
        world.ada,
        lambda ada: change_device(ada, there[0].id, employee_id=None, location_id=None, base_device_id=None),
    )
    order = world.an_order("approved", [("dect_base", 1), ("dect_handset", 3)], account=account)
    unit, *handsets = unit_ids(order)
    typed = {unit: base.identifier} | {one: an_identifier("dect_handset") for one in handsets}
    fulfill(world, order, typed)
    assert [slot for _, slot in paired(order).values()] == [1, 3, None]
    assert device(there[1].id).slot == 2


def test_a_handset_paired_by_someone_meanwhile_is_left_alone(world: World) -> None:
    account = world.an_account()
    other = by(
        world.ada,
        lambda ada: register_device(
            ada, account.id, sku=world.item("dect_base").sku, identifier=an_identifier("dect_base")
        ),
    )
    order = world.an_order("approved", [("dect_base", 1), ("dect_handset", 2)], account=account)
    base, first, second = unit_ids(order)
    fulfill(world, order, {first: an_identifier("dect_handset"), second: an_identifier("dect_handset")})
    handset = units_of(order.id)[1].device_id
    assert handset is not None
    by(
        world.ada,
        lambda ada: change_device(ada, handset, employee_id=None, location_id=None, base_device_id=other.id),
    )
    report = fulfill(world, order, {base: an_identifier("dect_base")})
    assert (device(handset).base_device_id, device(handset).slot) == (other.id, 1)
    assert [row.slot for row in report.units] == [None, None, 1]


def test_a_handset_takes_its_bases_location_and_keeps_its_own_where_the_base_has_none(world: World) -> None:
    account = world.an_account()
    site = world.a_location(account)
    order = world.an_order(
        "approved",
        [("dect_base", 2), ("dect_handset", 2)],
        account=account,
        intents={0: [NewIntent(None, site.id)], 1: [NewIntent(base=1), NewIntent(base=2)]},
    )
    first, second, *handsets = unit_ids(order)
    fulfill(world, order, {one: an_identifier("dect_handset") for one in handsets})
    elsewhere = world.a_location(account)
    for unit in units_of(order.id)[2:]:
        device(unit.device_id).location_id = elsewhere.id
    db.session.commit()
    fulfill(world, order, {first: an_identifier("dect_base"), second: an_identifier("dect_base")})
    placed = [device(unit.device_id).location_id for unit in units_of(order.id)[2:]]
    assert placed == [site.id, elsewhere.id]


def test_a_base_that_was_moved_away_pairs_nothing_and_the_reason_is_true(world: World) -> None:
    order = world.an_order("approved", [("dect_base", 1), ("dect_handset", 2)])
    base, first, second = unit_ids(order)
    fulfill(world, order, {base: an_identifier("dect_base"), first: an_identifier("dect_handset")})
    away = units_of(order.id)[0].device_id
    assert away is not None
    other = world.an_account()
    by(world.ada, lambda ada: move_device(ada, away, other.id, reason="Lent."))
    report = fulfill(world, order, {second: an_identifier("dect_handset")})
    assert set(paired(order).values()) == {(None, None)}
    assert report.warnings == ("Not paired: W70B #1 belongs to another account by now.",)
    assert device(away).account_id == other.id


def test_a_handset_that_was_moved_away_is_not_paired(world: World) -> None:
    order = world.an_order("approved", [("dect_base", 1), ("dect_handset", 1)])
    base, handset = unit_ids(order)
    fulfill(world, order, {handset: an_identifier("dect_handset")})
    away = units_of(order.id)[1].device_id
    assert away is not None
    other = world.an_account()
    by(world.ada, lambda ada: move_device(ada, away, other.id, reason="Lent."))
    report = fulfill(world, order, {base: an_identifier("dect_base")})
    assert (device(away).base_device_id, report.paired) == (None, 0)


def test_no_two_handsets_ever_have_one_slot(world: World) -> None:
    order = world.an_order("approved", [("dect_base", 1), ("dect_handset", 6)])
    base, *handsets = unit_ids(order)
    fulfill(world, order, {base: an_identifier("dect_base")})
    for one in (handsets[4], handsets[0], handsets[5], handsets[2]):
        fulfill(world, order, {one: an_identifier("dect_handset")})
    assert paired(order) == {
        "W73H #5": ("W70B #1", 1),
        "W73H #1": ("W70B #1", 2),
        "W73H #6": ("W70B #1", 3),
        "W73H #3": ("W70B #1", 4),
    }


@pytest.mark.parametrize("status", ["submitted", "cancelled"])
def test_nothing_is_paired_before_the_order_is_approved(world: World, status: str) -> None:
    order = world.an_order(status, [("dect_base", 1), ("dect_handset", 1)])
    refused(WrongState, world.ada, lambda ada: fulfill_order(ada, order.id, world.identifiers_for(order)))

"""An identifier somebody else has: taken from there to here, with everything told on either side."""

from __future__ import annotations

from typing import Any

import pytest

from hwadmin.db.extensions import db
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import Device, HardwareOrder
from hwadmin.operations.fulfillment.corrections.identifier_conflicts import take_device
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.queries.units.units import UnitRow, units_of
from tests.builders import World, an_identifier
from tests.operations.refusals import by, events, fields, refused

WHY = "The boxes were swapped at the distributor."


def units(order: HardwareOrder) -> list[UnitRow]:
    return units_of(order.id)


def take(order: HardwareOrder, identifier: str, reason: str | None = WHY, place: int = 0) -> Any:
    unit_id = units(order)[place].id
    return lambda actor: take_device(actor, order.id, unit_id, identifier=identifier, reason=reason)


def counts(order: HardwareOrder) -> tuple[str, int, int]:
    db.session.refresh(order)
    return order.status.value, order.fulfilled_units, order.fulfillable_units


@pytest.fixture
def order(world: World) -> HardwareOrder:
    return world.an_order("approved", [("deskphone", 2)])


@pytest.mark.parametrize("platform", ["northwind", "blue_harbor"])
def test_a_device_of_another_account_moves_here_and_fulfills_the_unit(
    world: World, order: HardwareOrder, platform: str
) -> None:
    theirs = world.an_account(getattr(world, platform), "Harbor Inn")
    lee = world.an_employee(theirs, "Lee")
    device = world.a_device(theirs, employee_id=lee.id)
    report = by(world.ada, take(order, device.identifier.upper()))
    assert report.written
    unit = units(order)[0]
    assert (unit.device_id, unit.outcome, unit.device_account_id) == (device.id, "linked", order.account_id)
    db.session.refresh(device)
    assert (device.platform_id, device.employee_id) == (order.platform_id, None)
    assert counts(order) == ("approved", 1, 2)
    left, arrived = events(kind="device.moved")
    assert [left.account_name, arrived.account_name] == ["Harbor Inn", order.account.name]
    assert left.reason == arrived.reason == WHY
    assert len(events(order.id, "order.fulfilled")) == 1


@pytest.mark.parametrize(
    ("status", "left"), [("approved", ("approved", 0, 2)), ("fulfilled", ("fulfilled", 1, 1))]
)
@pytest.mark.parametrize("older", [True, False])
def test_the_unit_it_fulfilled_is_awaited_again_or_closed(
    world: World, status: str, left: tuple[str, int, int], older: bool
) -> None:
    here = world.an_order("approved", [("deskphone", 1)]) if not older else None
    there = world.an_order(status, [("deskphone", 2)], platform=world.blue_harbor)
    here = here or world.an_order("approved", [("deskphone", 1)])
    if status == "approved":
        typed = world.identifiers_for(there, 1)
        by(world.ada, lambda ada: fulfill_order(ada, there.id, typed))
    taken = units(there)[0]
    assert taken.identifier is not None
    by(world.ada, take(here, taken.identifier))
    assert counts(there) == left
    assert counts(here) == ("fulfilled", 1, 1)
    assert units(here)[0].device_id == taken.device_id
    assert (units(there)[0].closed_at is not None) == (status == "fulfilled")
    (event,) = events(there.id, "order.unlinked")
    assert event.summary.endswith("is taken to another unit")
    # Neither side reads of the other.
    assert here.account.name not in event.summary
    assert here.reference not in event.summary
    assert db.session.get_one(Device, taken.device_id).retired_at is None


def test_a_device_of_the_same_account_is_taken_from_one_unit_to_another(world: World) -> None:
    there = world.an_order("fulfilled", [("deskphone", 1)])
    here = world.an_order("approved", [("deskphone", 1)], account=there.account)
    identifier = units(there)[0].identifier or ""
    by(world.ada, take(here, identifier))
    assert counts(here) == ("fulfilled", 1, 1)
    assert counts(there) == ("fulfilled", 0, 0)
    assert events(kind="device.moved") == []


def test_within_one_order_a_device_is_taken_to_the_right_unit(world: World, order: HardwareOrder) -> None:
    first = units(order)[0]
    identifier = an_identifier("deskphone")
    by(world.ada, lambda ada: fulfill_order(ada, order.id, {first.id: identifier}))
    by(world.ada, take(order, identifier, place=1))
    assert [unit.device_id is not None for unit in units(order)] == [False, True]
    assert counts(order) == ("approved", 1, 2)


def test_what_cannot_be_taken_is_refused_with_the_reason(world: World, order: HardwareOrder) -> None:
    device = world.a_device(world.an_account(world.blue_harbor))
    base = world.a_device(kind="dect_base")
    unit = units(order)[1]
    assert fields(refused(InvalidInput, world.ada, take(order, device.identifier, " "))) == ["reason"]
    assert fields(refused(InvalidInput, world.ada, take(order, "nonsense"))) == ["identifier"]
    assert "No device has" in refused(WrongState, world.ada, take(order, an_identifier("deskphone"))).message
    assert "not a Desk phone" in refused(WrongState, world.ada, take(order, base.identifier)).message
    by(world.ada, lambda ada: fulfill_order(ada, order.id, {unit.id: an_identifier("deskphone")}))
    assert "is not awaited" in refused(WrongState, world.ada, take(order, device.identifier, place=1)).message
    for status in ("submitted", "fulfilled"):
        other = world.an_order(status)
        refused(WrongState, world.ada, take(other, device.identifier))
    foreign = units(world.an_order("approved"))[0].id
    refused(
        WrongState,
        world.ada,
        lambda ada: take_device(ada, order.id, foreign, identifier=device.identifier, reason=WHY),
    )
    refused(NotFound, world.ada, lambda ada: take_device(ada, 10**9, 1, identifier="x", reason=WHY))


def test_only_a_super_admin_takes_a_device(world: World, order: HardwareOrder) -> None:
    device = world.a_device(world.an_account())
    for person in (world.piet, world.bea, world.sam):
        refused(NotAllowed, person, take(order, device.identifier))


def test_the_same_again_says_that_the_unit_has_it(world: World, order: HardwareOrder) -> None:
    device = world.a_device(world.an_account(world.blue_harbor))
    action = take(order, device.identifier)
    by(world.ada, action)
    refused(WrongState, world.ada, action)

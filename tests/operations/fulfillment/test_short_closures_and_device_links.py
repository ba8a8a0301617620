"""Closing an order short, and taking a device off its unit: what is left is right, and said."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.units import UnitOutcome
from hwadmin.errors import ChangedMeanwhile, InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import Device, HardwareOrder, OutboxEvent
from hwadmin.operations.devices.transfers import move_device
from hwadmin.operations.fulfillment.corrections.device_links import unlink_device
from hwadmin.operations.fulfillment.corrections.short_closures import close_short
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import reopen_order
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.units.awaited import awaited_count, awaited_units
from hwadmin.queries.units.units import UnitRow, units_of
from tests.builders import World, an_identifier
from tests.operations.refusals import by, changes_nothing, events, fields, refused

WHY = "The last two are out of production."


def units(order: HardwareOrder) -> list[UnitRow]:
    return units_of(order.id)


def close(order: HardwareOrder, ids: Collection[int], reason: str | None = WHY) -> Any:
    return lambda actor: close_short(actor, order.id, ids, reason=reason)


def unlink(order: HardwareOrder, place: int, reason: str | None = "Another one.", **values: Any) -> Any:
    unit = units(order)[place]
    seen = values.get("device_id", unit.device_id or 0)
    return lambda actor: unlink_device(actor, order.id, unit.id, device_id=seen, reason=reason)


def fulfill(world: World, order: HardwareOrder, most: int | None = None) -> None:
    typed = world.identifiers_for(order, most)
    by(world.ada, lambda ada: fulfill_order(ada, order.id, typed))


def counts(order: HardwareOrder) -> tuple[str, int, int]:
    db.session.refresh(order)
    return order.status.value, order.fulfilled_units, order.fulfillable_units


def announced() -> list[str]:
    return [
        kind for one in db.session.scalars(select(OutboxEvent).order_by(OutboxEvent.id)) for kind in one.types
    ]


# ---- Closing short


def test_what_is_closed_is_awaited_no_more_and_the_order_is_whole_with_the_rest(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 5), ("accessory", 1)])
    version = order.version
    gone = [unit.id for unit in units(order)[3:5]]
    by(world.ada, close(order, gone))
    assert counts(order) == ("approved", 0, 3)
    assert order.version == version + 1
    assert [unit.closed_reason for unit in units(order)] == [None, None, None, WHY, WHY, None]
    (event,) = events(order.id, "order.closed_short")
    assert event.summary == f"Closed {order.reference} short: T54W #4, T54W #5 will not come"
    assert (event.reason, event.actor_name) == (WHY, "Ada Okafor")
    assert announced()[-1] == "order.updated"
    ada = world.ada.actor
    assert awaited_count(ada) == len(awaited_units(ada)) == 3
    fulfill(world, order, 3)
    assert counts(order) == ("fulfilled", 3, 3)


def test_closing_the_last_open_units_fulfills_the_order_at_once(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 3)])
    fulfill(world, order, 2)
    by(world.ada, close(order, [units(order)[2].id]))
    assert counts(order) == ("fulfilled", 2, 2)
    assert order.fulfilled_at is not None
    assert order.status_by_name == "Ada Okafor"
    assert events(order.id, "order.closed_short")[0].summary.endswith("; fulfilled with 2")
    assert announced()[-1] == "order.fulfilled"


def test_the_same_again_does_nothing(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 3)])
    fulfill(world, order, 2)
    action = close(order, [units(order)[2].id])
    by(world.ada, action)
    changes_nothing(lambda: by(world.ada, action))


@pytest.mark.parametrize("kind", ["deskphone", "dect_base", "mobile"])
def test_a_closed_unit_takes_no_identifier_and_a_list_passes_it_by(world: World, kind: str) -> None:
    order = world.an_order("approved", [(kind, 2)])
    first, second = units(order)
    by(world.ada, close(order, [second.id]))
    typed = {first.id: an_identifier(kind), second.id: an_identifier(kind)}
    report = by(world.ada, lambda ada: fulfill_order(ada, order.id, typed))
    assert [row.outcome for row in report.units] == [UnitOutcome.CREATED, UnitOutcome.REFUSED]
    assert report.units[1].message == f"{second.label} was closed by Ada Okafor: {WHY}"
    assert not report.written
    blank = by(world.ada, lambda ada: fulfill_order(ada, order.id, {first.id: typed[first.id]}))
    assert [row.outcome for row in blank.units] == [UnitOutcome.CREATED, UnitOutcome.EMPTY]
    assert counts(order) == ("fulfilled", 1, 1)


def test_everything_cannot_be_closed(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 2), ("accessory", 1)])
    phones = [unit.id for unit in units(order)[:2]]
    everything = [unit.id for unit in units(order)]
    problem = refused(InvalidInput, world.ada, close(order, everything))
    assert "would leave nothing" in problem.message
    assert "reopen the order and reject it" in problem.message
    # Of accessories nobody enters anything: they are confirmed, as ever.
    by(world.ada, close(order, phones))
    assert counts(order) == ("approved", 0, 0)
    refused(InvalidInput, world.ada, close(order, everything))
    by(world.ada, lambda ada: fulfill_order(ada, order.id, {}))
    assert counts(order) == ("fulfilled", 0, 0)


def test_accessories_may_be_closed_too_and_count_for_nothing(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 1), ("accessory", 2)])
    by(world.ada, close(order, [units(order)[2].id]))
    assert counts(order) == ("approved", 0, 1)
    fulfill(world, order)
    assert counts(order) == ("fulfilled", 1, 1)


def test_a_choice_that_cannot_be_is_refused(world: World) -> None:
    order, other = (world.an_order("approved", [("deskphone", 3)]) for _ in range(2))
    fulfill(world, order, 1)
    first, second, _third = units(order)
    for ids in ([], [first.id, second.id], [units(other)[0].id], [10**30], [0]):
        problem = refused(InvalidInput, world.ada, close(order, ids))
        assert fields(problem) == ["units"]
    assert (
        "T54W #1 has a device by now." in refused(InvalidInput, world.ada, close(order, [first.id])).message
    )
    assert fields(refused(InvalidInput, world.ada, close(order, [second.id], " \n"))) == ["reason"]


@pytest.mark.parametrize("status", ["submitted", "rejected", "cancelled", "fulfilled"])
def test_only_an_approved_order_is_closed_short(world: World, status: str) -> None:
    order = world.an_order(status)
    problem = refused(WrongState, world.ada, close(order, [units(order)[0].id]))
    assert problem.message.startswith(f"{order.reference} cannot be closed short: it is {order.status.label}")


def test_only_a_super_admin_closes_and_unlinks(world: World) -> None:
    order, done = world.an_order("approved"), world.an_order("fulfilled")
    for person in (world.piet, world.bea, world.sam):
        refused(NotAllowed, person, close(order, [units(order)[0].id]))
        refused(NotAllowed, person, unlink(done, 0))
    refused(NotFound, world.ada, lambda ada: close_short(ada, 10**30, [1], reason="x"))


def test_a_base_that_will_not_come_leaves_its_handsets_for_on_site_registration(world: World) -> None:
    order = world.an_order("approved", [("dect_base", 1), ("dect_handset", 2)])
    base = units(order)[0]
    by(world.ada, close(order, [base.id]))
    report = by(
        world.ada, lambda ada: fulfill_order(ada, order.id, world.identifiers_for(order) | {base.id: ""})
    )
    assert report.written
    assert {unit.slot for unit in units(order)} == {None}
    assert report.warnings == (f"Left for on-site registration: {base.label} will not come.",)


def test_of_two_bases_the_one_that_comes_takes_all_but_what_was_meant_for_the_other(world: World) -> None:
    order = world.an_order(
        "approved",
        [("dect_base", 2), ("dect_handset", 3)],
        intents={1: [NewIntent(base=2)]},
    )
    first, second, *handsets = units(order)
    typed = {first.id: an_identifier("dect_base")} | {
        unit.id: an_identifier("dect_handset") for unit in handsets
    }
    by(world.ada, lambda ada: fulfill_order(ada, order.id, typed))
    assert [unit.slot for unit in units(order)[2:]] == [None, None, None]
    by(world.ada, close(order, [second.id]))
    after = units(order)[2:]
    assert [(unit.base_device_id, unit.slot) for unit in after] == [
        (None, None),
        (units(order)[0].device_id, 1),
        (units(order)[0].device_id, 2),
    ]
    assert counts(order) == ("fulfilled", 4, 4)
    assert len(events(order.id, "order.closed_short")[0].details["paired"]) == 2


def test_a_reopened_order_awaits_what_was_closed_again(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 3)])
    by(world.ada, close(order, [units(order)[2].id]))
    by(world.ada, lambda ada: reopen_order(ada, order.id, reason="They come after all."))
    assert counts(order) == ("submitted", 0, 3)
    assert [unit.closed_at for unit in units(order)] == [None] * 3
    assert events(order.id, "order.reopened")[0].details["closed"] == ["T54W #3"]
    sku = world.item("deskphone").sku
    by(world.piet, lambda piet: edit_lines(piet, order.id, {sku: 2}))
    assert counts(order) == ("submitted", 0, 2)


# ---- Taking a device off its unit


def test_a_device_made_for_its_unit_goes_out_of_service_and_the_unit_is_awaited_again(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    fulfill(world, order, 1)
    was = units(order)[0]
    assert was.identifier is not None
    by(world.ada, unlink(order, 0))
    assert counts(order) == ("approved", 0, 2)
    device = db.session.get_one(Device, was.device_id, populate_existing=True)
    assert (device.retired_reason, device.unit_id, device.identifier) == (
        "Another one.",
        None,
        was.identifier,
    )
    (event,) = events(order.id, "order.unlinked")
    assert event.summary == (
        f"Took the device off T54W #1 of {order.reference}, which is awaited again; "
        f"Yealink T54W {was.identifier} is out of service"
    )
    assert (event.device_id, event.reason) == (device.id, "Another one.")
    # It was the second one's.
    again = {units(order)[1].id: was.identifier}
    assert by(world.ada, lambda ada: fulfill_order(ada, order.id, again)).written


def test_a_device_that_was_there_before_stays_with_the_account_as_it_is(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 1)])
    lee = world.an_employee(order.account, "Lee")
    device = world.a_device(order.account, employee_id=lee.id)
    by(world.ada, lambda ada: fulfill_order(ada, order.id, {units(order)[0].id: device.identifier}))
    assert counts(order) == ("fulfilled", 1, 1)
    by(world.ada, unlink(order, 0))
    db.session.refresh(device)
    assert (device.unit_id, device.unit_outcome, device.retired_at) == (None, None, None)
    assert (device.employee_id, device.account_id) == (lee.id, order.account_id)


def test_a_fulfilled_order_is_final_and_its_unit_is_closed(world: World) -> None:
    order = world.an_order("fulfilled", [("deskphone", 2)])
    by(world.ada, unlink(order, 1, "Sent back."))
    assert counts(order) == ("fulfilled", 1, 1)
    assert [unit.closed_reason for unit in units(order)] == [None, "Sent back."]
    assert "which is closed" in events(order.id, "order.unlinked")[0].summary
    assert announced()[-2:] == ["order.updated", "device.retired"]


def test_the_handsets_of_a_base_made_by_mistake_wait_for_the_right_one(world: World) -> None:
    order = world.an_order("approved", [("dect_base", 1), ("dect_handset", 2), ("deskphone", 1)])
    base, *handsets, _phone = units(order)
    typed = {base.id: an_identifier("dect_base")} | {
        unit.id: an_identifier("dect_handset") for unit in handsets
    }
    by(world.ada, lambda ada: fulfill_order(ada, order.id, typed))
    by(world.ada, unlink(order, 0))
    assert [unit.slot for unit in units(order)[1:3]] == [None, None]
    assert len(events(kind="device.changed")) == 2
    by(world.ada, lambda ada: fulfill_order(ada, order.id, {base.id: an_identifier("dect_base")}))
    assert [unit.slot for unit in units(order)[1:3]] == [1, 2]


def test_a_device_moved_away_since_stays_where_it_is(world: World) -> None:
    order = world.an_order("fulfilled", [("deskphone", 2)])
    key = units(order)[0].device_id
    assert key is not None
    target = world.an_account(world.blue_harbor)
    by(world.ada, lambda ada: move_device(ada, key, target.id, reason="Sold."))
    by(world.ada, unlink(order, 0))
    device = db.session.get_one(Device, key, populate_existing=True)
    assert (device.account_id, device.unit_id, device.retired_at) == (target.id, None, None)
    assert events(order.id, "order.unlinked")[0].summary.endswith("stays with its account")


def test_what_is_not_there_cannot_be_taken_off(world: World) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    assert "has no device" in refused(WrongState, world.ada, unlink(order, 0)).message
    fulfill(world, order, 1)
    assert refused(ChangedMeanwhile, world.ada, unlink(order, 0, device_id=10**9)).message
    assert fields(refused(InvalidInput, world.ada, unlink(order, 0, ""))) == ["reason"]
    for unit_id in (0, 10**30, units(world.an_order("approved"))[0].id):
        refused(
            WrongState,
            world.ada,
            lambda ada, key=unit_id: unlink_device(ada, order.id, key, device_id=1, reason="x"),
        )
    action = unlink(order, 0)
    by(world.ada, action)
    refused(WrongState, world.ada, action)

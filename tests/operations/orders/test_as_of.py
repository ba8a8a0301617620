"""An order as it was: whatever happened to it, any moment of it looks as it looked then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlalchemy_continuum import version_class

from hwadmin import clock
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.errors import DomainError
from hwadmin.models import HardwareOrder
from hwadmin.operations.fulfillment.corrections.device_links import unlink_device
from hwadmin.operations.fulfillment.corrections.identifier_corrections import correct_identifier
from hwadmin.operations.fulfillment.corrections.replacements import replace_device
from hwadmin.operations.fulfillment.corrections.short_closures import close_short
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import (
    approve_order,
    cancel_order,
    mark_ordered,
    reject_order,
    reopen_order,
)
from hwadmin.operations.orders.edits.intents import Intent, edit_intents
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.transition import lock_order
from hwadmin.queries.orders.history.as_of import OrderSnapshot, moments_of, snapshot_at, snapshots_at
from hwadmin.queries.orders.history.comparison import comparison_of
from hwadmin.queries.units.units import units_of
from tests.builders import World, an_identifier
from tests.running import examples

pytestmark = pytest.mark.both_databases

BEGIN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
KINDS = ("deskphone", "dect_base", "dect_handset", "mobile", "accessory")

Action = Callable[[World, HardwareOrder], Any]


def edited(quantities: dict[str, int]) -> Action:
    def action(world: World, order: HardwareOrder) -> Any:
        wanted = {world.item(kind).sku: quantity for kind, quantity in quantities.items() if quantity}
        return edit_lines(world.piet.actor, order.id, wanted, drop_planned=True)

    return action


def fulfilled(most: int) -> Action:
    return lambda world, order: fulfill_order(world.ada.actor, order.id, world.identifiers_for(order, most))


def corrected(world: World, order: HardwareOrder) -> Any:
    unit = next((unit for unit in units_of(order.id) if unit.device_id), None)
    if unit is None:
        return None
    fields = {"identifier": an_identifier(unit.kind), "reason": "Misread."}
    return correct_identifier(world.ada.actor, unit.device_id, **fields)  # type: ignore[arg-type]


def replaced(world: World, order: HardwareOrder) -> Any:
    unit = next((unit for unit in units_of(order.id) if unit.device_id), None)
    if unit is None:
        return None
    fields = {"identifier": an_identifier(unit.kind), "reason": "Broken."}
    return replace_device(world.ada.actor, unit.device_id, **fields)  # type: ignore[arg-type]


def unlinked(world: World, order: HardwareOrder) -> Any:
    unit = next((unit for unit in units_of(order.id) if unit.device_id), None)
    if unit is None:
        return None
    actor = world.ada.actor
    return unlink_device(actor, order.id, unit.id, device_id=unit.device_id, reason="Wrong.")  # type: ignore[arg-type]


def closed(world: World, order: HardwareOrder) -> Any:
    unit_ids = [unit.id for unit in units_of(order.id) if unit.device_id is None][:1]
    return close_short(world.ada.actor, order.id, unit_ids, reason="It will not come.")


def planned(world: World, order: HardwareOrder) -> Any:
    employee = world.an_employee(order.account)
    plans = {unit.id: Intent(employee_id=employee.id) for unit in units_of(order.id)[:2]}
    return edit_intents(world.piet.actor, order.id, plans)


def decided(operation: Callable[..., Any], by: str, **values: Any) -> Action:
    return lambda world, order: operation(getattr(world, by).actor, order.id, **values)


ACTIONS = st.one_of(
    st.dictionaries(st.sampled_from(KINDS), st.integers(0, 4), min_size=1).map(edited),
    st.integers(1, 4).map(fulfilled),
    st.sampled_from(
        [
            planned,
            corrected,
            replaced,
            unlinked,
            closed,
            decided(approve_order, "ada"),
            decided(approve_order, "ada"),
            decided(reopen_order, "ada", reason="Once more."),
            decided(mark_ordered, "ada", distributor="Siewert", ordered_on=date(2026, 3, 1)),
            decided(reject_order, "ada", reason="Too dear."),
            decided(cancel_order, "piet", reason="Not needed."),
        ]
    ),
)


def picture(order_id: int) -> dict[str, Any]:
    """The order as its own rows say it is now, read without its versions."""
    db.session.rollback()
    order = db.session.scalars(
        select(HardwareOrder)
        .where(HardwareOrder.id == order_id)
        .options(selectinload(HardwareOrder.lines), selectinload(HardwareOrder.ship_to))
        .execution_options(populate_existing=True)
    ).one()
    facts = {
        "Ordered by": order.submitted_by_name,
        "Ship to": order.ship_to.name if order.ship_to else None,
        "Notes": order.notes,
        "Decided by": order.decided_by_name,
        "Rejection reason": order.rejection_reason,
        "Cancellation reason": order.cancellation_reason,
        "Marked as ordered by": order.placed_by_name,
        "Distributor": order.distributor,
    }
    return {
        "status": order.status,
        "version": order.version,
        "facts": facts,
        "lines": [
            (one.position, one.sku, one.title, one.kind, one.quantity, one.requested_quantity, one.total)
            for one in order.lines
        ],
        "units": {
            unit.id: (unit.label, unit.identifier_shown)
            for unit in units_of(order.id)
            if unit.device_id is not None
        },
        "plans": {
            unit.label: unit.employee_name for unit in units_of(order.id) if unit.employee_name is not None
        },
        "counts": (order.fulfilled_units, order.fulfillable_units),
    }


def seen(past: OrderSnapshot, names: Any) -> dict[str, Any]:
    """The same, as the versions have it."""
    return {
        "status": past.status,
        "version": past.version,
        "facts": {name: past.facts.get(name) for name in names},
        "lines": [
            (one.position, one.sku, one.title, one.kind, one.quantity, one.requested_quantity, one.total)
            for one in past.lines
        ],
        "units": {key: (unit.label, unit.identifier) for key, unit in past.units.items()},
        "plans": dict(past.plans),
        "counts": (past.fulfilled_units, past.fulfillable_units),
    }


@settings(
    deadline=None,
    max_examples=examples(30),
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    actions=st.lists(st.tuples(ACTIONS, st.integers(1, 10**10)), min_size=1, max_size=8),
    lines=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 3)), min_size=1, max_size=3),
)
def test_any_moment_of_any_history_looks_as_it_looked_then(
    world: World, actions: list[tuple[Action, int]], lines: list[tuple[str, int]]
) -> None:
    account = world.an_account()
    now = BEGIN
    with clock.at(now):
        order = world.an_order(
            "submitted",
            lines,
            account=account,
            notes="Ring twice.",
            ship_to_location_id=world.a_location(account).id,
        )
    pictures = [(now, picture(order.id))]
    for action, microseconds in actions:
        now += timedelta(microseconds=microseconds)
        with clock.at(now):
            try:
                transact(lambda action=action: action(world, order))
            except DomainError:
                db.session.rollback()
        pictures.append((now, picture(order.id)))
    ada = world.ada.actor
    for moment, then in pictures:
        past = snapshot_at(ada, order.id, moment)
        assert past is not None
        assert seen(past, then["facts"]) == then
    # All of them at once are the same, and so is the moment just before each change.
    assert snapshots_at(ada, order.id, [moment for moment, _ in pictures]) == [
        snapshot_at(ada, order.id, moment) for moment, _ in pictures
    ]
    for (_, before), (later, after) in pairwise(pictures):
        past = snapshot_at(ada, order.id, later - timedelta(microseconds=1))
        assert past is not None
        if before["version"] != after["version"]:
            assert seen(past, before["facts"]) == before
    assert snapshot_at(ada, order.id, BEGIN - timedelta(microseconds=1)) is None


def test_two_moments_are_compared_in_words(world: World) -> None:
    with clock.at(BEGIN):
        order = world.an_order(lines=[("deskphone", 2), ("mobile", 1)])
    phone, mobile, extra = (world.item(kind) for kind in ("deskphone", "mobile", "accessory"))
    with clock.at(BEGIN + timedelta(hours=1)):
        edit = {phone.sku: 5, extra.sku: 1}
        transact(lambda: edit_lines(world.piet.actor, order.id, edit))
    with clock.at(BEGIN + timedelta(hours=2)):
        transact(lambda: mark_ordered(world.ada.actor, order.id, distributor="Siewert"))
    identifiers = {units_of(order.id)[0].id: an_identifier("deskphone")}
    with clock.at(BEGIN + timedelta(hours=3)):
        transact(lambda: fulfill_order(world.ada.actor, order.id, identifiers))
    first, last = snapshots_at(world.sam.actor, order.id, [BEGIN, BEGIN + timedelta(hours=3)])
    assert first is not None
    assert last is not None
    found = comparison_of(first, last)
    assert {(one.name, one.before, one.after) for one in found.lines} == {
        (f"{phone.title} ({phone.sku})", "2", "5"),
        (f"{mobile.title} ({mobile.sku})", "1", None),
        (f"{extra.title} ({extra.sku})", None, "1"),
    }
    assert {(one.name, one.before, one.after) for one in found.facts} == {
        ("Status", "Pending approval", "Approved"),
        ("Decided by", None, "Ada Okafor"),
        ("Marked as ordered by", None, "Ada Okafor"),
        ("Distributor", None, "Siewert"),
    }
    assert [one.name for one in found.units] == [f"{phone.model} #1"]
    assert not comparison_of(first, first)


def test_variants_and_plans_are_as_they_were(world: World) -> None:
    account = world.an_account()
    dana, place = world.an_employee(account, "Dana Reed"), world.a_location(account, "Ward 3")
    with clock.at(BEGIN):
        order = world.an_order(lines=[("deskphone", 2)], account=account)
        first, second = units_of(order.id)
    plans = {
        first.id: Intent(employee_id=dana.id),
        second.id: Intent(employee_id=dana.id, location_id=place.id),
    }
    with clock.at(BEGIN + timedelta(hours=1)):
        transact(lambda: edit_intents(world.piet.actor, order.id, plans))
    sku = world.item("deskphone").sku
    with clock.at(BEGIN + timedelta(hours=2)):
        transact(lambda: edit_lines(world.piet.actor, order.id, {sku: 1}, drop_planned=True))
    ada = world.ada.actor
    at_first, planned, lowered = snapshots_at(
        ada, order.id, [BEGIN, BEGIN + timedelta(hours=1), BEGIN + timedelta(hours=2)]
    )
    assert at_first is not None
    assert planned is not None
    assert lowered is not None
    assert dict(at_first.plans) == {}
    assert dict(planned.plans) == {first.label: "Dana Reed", second.label: "Dana Reed, Ward 3"}
    assert dict(lowered.plans) == {first.label: "Dana Reed"}
    assert [(row.name, row.before, row.after) for row in comparison_of(at_first, lowered).plans] == [
        (first.label, None, "Dana Reed")
    ]
    # What was chosen of an item stands on the line, then as now.
    [line] = planned.lines
    assert line.variant == " · ".join(
        filter(None, (order.lines[0].size, order.lines[0].color, order.lines[0].mobile_carrier))
    )


@pytest.mark.parametrize("persona", ["bea"])
def test_another_platforms_past_is_not_there(world: World, persona: str) -> None:
    order = world.an_order()
    actor = getattr(world, persona).actor
    assert snapshot_at(actor, order.id, clock.utcnow()) is None
    assert moments_of(actor, order.id) == []


def test_an_order_written_twice_in_a_transaction_has_one_version_of_it_as_at_its_end(world: World) -> None:
    order = world.an_order()
    versions = version_class(HardwareOrder)

    def write_twice() -> None:
        locked = lock_order(world.piet.actor, order.id)
        for attention in ("First", "Second"):
            locked.attention = attention
            db.session.flush()

    transact(write_twice)
    kept = select(versions.attention).where(versions.id == order.id).order_by(versions.transaction_id)
    assert db.session.scalars(kept).all() == [None, "Second"]

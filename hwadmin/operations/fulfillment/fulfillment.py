"""Fulfilling an order: one identifier per unit becomes a real device record, exactly once.

The order of steps keeps two people, or two orders, from harming each other: lock the order, check its state,
look the devices up and lock them in the order of their keys, insert what is missing in the same order, bases
first, and ignore what somebody else inserted meanwhile, pair, then status and audit event, in one unit of
work. Where all devices are new, they are inserted with their pairing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, exists

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.lifecycle import OrderAction, OrderStatus
from hwadmin.domain.permissions import Actor
from hwadmin.domain.units import UnitOutcome
from hwadmin.domain.wording import inflect
from hwadmin.models import Device, FulfillmentDraft, HardwareOrder
from hwadmin.operations.audit.order_events import record_order_fulfilled
from hwadmin.operations.fulfillment.checks import check_identifiers
from hwadmin.operations.fulfillment.device_writes import insert_devices, link_devices, with_device
from hwadmin.operations.fulfillment.pairing import lock_for_pairing, pair_handsets, plan_for_new
from hwadmin.operations.fulfillment.pairing_plan import NOTHING_TO_PAIR, PairingPlan
from hwadmin.operations.fulfillment.preview import preview
from hwadmin.operations.fulfillment.report import FulfillmentReport, UnitResult
from hwadmin.operations.orders.decision_values import Completion
from hwadmin.operations.orders.transition import bump_version, lock_order_for, require_possible, transition
from hwadmin.operations.outgoing.events import publish
from hwadmin.operations.units.spares import hand_over_spares, put_into_service
from hwadmin.queries.units.units import UnitRow, units_of


def fulfill_order(
    actor: Actor,
    order_id: int,
    identifiers: Mapping[int, str],
    *,
    only_valid: bool = False,
    dry_run: bool = False,
    expected_version: int | None = None,
) -> FulfillmentReport:
    """Enter the identifiers of an approved order's units; each becomes a device, or is linked to one.

    Everything is checked first. With any refused unit nothing is written, unless ``only_valid`` says to write
    the others. A unit that has a device is skipped, so submitting the same again does nothing. The order is
    fulfilled once every unit that becomes a device has one; until then it stays approved.

    Args:
        actor: who fulfills.
        order_id: the order's key.
        identifiers: what was entered, by unit key; blank is allowed (a part shipment).
        only_valid: write the units that are right even where others are refused.
        dry_run: check only.
        expected_version: the version the actor saw; none is needed, since every unit is checked by itself.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState: nothing was done.
        TryAgain: somebody registered one of the identifiers meanwhile; the operation is run again.
    """
    order = lock_order_for(actor, order_id, OrderAction.FULFILL, expected_version)
    done = order.status is OrderStatus.FULFILLED
    if not done:
        require_possible(order, OrderAction.FULFILL)
    units = units_of(order.id)
    # What somebody else writes meanwhile shows only after the insert; then the whole operation is run again.
    report, known = check_identifiers(actor, order, units, identifiers, writes=not (done or dry_run))
    if done or dry_run or (report.refused and not only_valid):
        preview(order, units, report, known)
        return report
    _write(actor, order, units, report)
    return report


def _write(actor: Actor, order: HardwareOrder, units: Sequence[UnitRow], report: FulfillmentReport) -> None:
    now = utcnow()
    units_by_id = {unit.id: unit for unit in units}
    created = [result for result in report.units if result.outcome is UnitOutcome.CREATED]
    linked = [result for result in report.units if result.outcome is UnitOutcome.LINKED]
    pairs = any(unit.kind is Kind.DECT_HANDSET for unit in units)
    # Devices made just now are nobody else's yet: they need neither a lock nor to be read.
    all_new = not linked and all(unit.device_id is None for unit in units)
    plan = NOTHING_TO_PAIR
    if pairs and all_new:
        plan = _insert_paired(actor, order, units, created, now)
    else:
        insert_devices(actor, order, units_by_id, created, now)
    hand_over_spares(
        order, {result.device_id: units_by_id[result.unit_id] for result in linked if result.device_id}
    )
    link_devices(order, units_by_id, linked, now)
    accepted = report.accepted
    devices_by_unit = {unit_id: result.device_id for unit_id, result in accepted.items()}
    put_into_service(devices_by_unit, units_by_id, now.date())
    if pairs and not all_new:
        lock_for_pairing(order.id)
        plan = pair_handsets(units_of(order.id), order.account_id)
    report.add_pairing(plan)
    # Only after everything is read: each read would flush the order, and write one more version of it.
    order.fulfilled_units += len(accepted)
    complete = order.fulfilled_units == order.fulfillable_units
    if not (accepted or plan.pairings or complete):
        return
    if complete:
        transition(actor, order, OrderAction.FULFILL, Completion(now))
    else:
        bump_version(actor, order, now, waits_anew=bool(accepted))
        _delete_drafts(order)
    report.written = True
    _record(actor, order, report)


def _insert_paired(
    actor: Actor,
    order: HardwareOrder,
    units: Sequence[UnitRow],
    results: Sequence[UnitResult],
    now: datetime,
) -> PairingPlan:
    """Insert the first devices of an order: its bases before the others, so that its handsets name them."""
    units_by_id = {unit.id: unit for unit in units}
    bases = [result for result in results if units_by_id[result.unit_id].kind is Kind.DECT_BASE]
    others = [result for result in results if units_by_id[result.unit_id].kind is not Kind.DECT_BASE]
    insert_devices(actor, order, units_by_id, bases, now)
    made = {result.unit_id: with_device(order, units_by_id[result.unit_id], result) for result in bases}
    plan = plan_for_new(
        [made.get(unit.id, unit) for unit in units], order.account_id, {result.unit_id for result in others}
    )
    insert_devices(actor, order, units_by_id, others, now, plan)
    return plan


def _delete_drafts(order: HardwareOrder) -> None:
    """Delete whatever anybody entered for a unit that has its device now."""
    drafts, devices = FulfillmentDraft.__table__, Device.__table__
    db.session.connection().execute(
        delete(drafts).where(
            drafts.c.order_id == order.id,
            exists().where(devices.c.unit_id == drafts.c.unit_id),
        )
    )


def _record(actor: Actor, order: HardwareOrder, report: FulfillmentReport) -> None:
    """One audit event for the submission, with what became of every unit."""
    created = report.count(UnitOutcome.CREATED)
    parts = [
        f"{number} {word}"
        for number, word in (
            (created, f"{inflect(created, 'device')} created"),
            (report.count(UnitOutcome.LINKED), "linked"),
            (report.paired, "paired"),
            (sum(bool(result.not_applied) for result in report.units), "with a plan not applied"),
        )
        if number
    ]
    whole = order.status is OrderStatus.FULFILLED
    record_order_fulfilled(
        actor,
        order,
        f"Fulfilled {order.reference}"
        + ("" if whole else f" in part ({order.fulfilled_units} of {order.fulfillable_units} units)")
        + (f": {', '.join(parts)}" if parts else ""),
        units=[
            {
                "unit_id": result.unit_id,
                "unit": result.label,
                "identifier": result.identifier.display if result.identifier else None,
                "outcome": result.outcome.value,
                "device_id": result.device_id,
                "paired_to": result.paired_label,
                "slot": result.slot,
                "not_applied": result.not_applied,
            }
            for result in report.units
            if result.accepted
            or result.slot is not None
            or (result.outcome is UnitOutcome.SKIPPED and result.entered)
        ],
    )
    _publish(actor, order, report)


def _publish(actor: Actor, order: HardwareOrder, report: FulfillmentReport) -> None:
    """Publish which units have a device now; what was only paired is no shipment."""
    units = list(report.accepted)
    created = [
        result.device_id
        for result in report.units
        if result.outcome is UnitOutcome.CREATED and result.device_id
    ]
    if order.status is OrderStatus.FULFILLED:
        event_type = EventType.ORDER_FULFILLED
    else:
        event_type = EventType.ORDER_PARTIALLY_FULFILLED if units else EventType.ORDER_UPDATED
    publish(
        actor,
        event_type,
        *((EventType.DEVICE_CREATED,) if created else ()),
        order=order,
        device_ids=created,
        unit_ids=units,
    )

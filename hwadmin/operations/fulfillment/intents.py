"""The intent of a unit on its device: what is set when it is fulfilled, and applying the rest later."""

from __future__ import annotations

from sqlalchemy import update

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.lifecycle import OrderAction
from hwadmin.domain.permissions import Actor
from hwadmin.errors import WrongState
from hwadmin.models import Device, HardwareOrder
from hwadmin.operations.audit.device_events import record_intent_applied
from hwadmin.operations.fulfillment.known_devices import KnownDevice
from hwadmin.operations.fulfillment.pairing import bases_and_handsets, lock_for_pairing, occupied_slots
from hwadmin.operations.fulfillment.pairing_plan import Handset, PlannedPairing, plan_pairing
from hwadmin.operations.orders.transition import bump_version, lock_order_for
from hwadmin.operations.outgoing.events import publish
from hwadmin.queries.units.units import UnitRow, units_of


def split_intents(unit: UnitRow, device: KnownDevice | None) -> tuple[dict[str, int], list[str]]:
    """What of a unit's intent is set on its device, by column, and sentences about what is not.

    What an existing device already has is never taken away silently.

    Args:
        unit: the unit.
        device: the device it is linked to; None for a new one.
    """
    applied: dict[str, int] = {}
    not_applied: list[str] = []
    if unit.employee_id is not None:
        if problem := _employee_problem(unit, device):
            not_applied.append(problem)
        else:
            applied["employee_id"] = unit.employee_id
    if unit.location_id is not None:
        if problem := _location_problem(unit, device):
            not_applied.append(problem)
        else:
            applied["location_id"] = unit.location_id
    if unit.base_unit_id is not None and device is not None and device.base_device_id is not None:
        not_applied.append("Paired to a base already; it was left there.")
    return applied, not_applied


def _employee_problem(unit: UnitRow, device: KnownDevice | None) -> str | None:
    if not unit.kind.has_employee:
        return f"A base serves a site; it is not assigned to {unit.employee_name}."
    if unit.employee_left_at is not None:
        return f"{unit.employee_name} has left; nobody was assigned."
    if device is not None and device.employee_id not in (None, unit.employee_id):
        return f"Assigned to somebody else already; {unit.employee_name} was planned."
    return None


def _location_problem(unit: UnitRow, device: KnownDevice | None) -> str | None:
    if not unit.kind.has_location:
        handset = unit.kind is Kind.DECT_HANDSET
        reason = "a handset takes its base's location" if handset else "a mobile has no location"
        return f"{unit.location_name} was not set: {reason}."
    if unit.location_gone_at is not None:
        return f"{unit.location_name} is archived; no location was set."
    if device is not None and device.location_id not in (None, unit.location_id):
        return f"Located elsewhere already; {unit.location_name} was planned."
    return None


def apply_intents(actor: Actor, order_id: int, unit_id: int) -> Device:
    """Give a device the employee, location and base its unit was planned for, taking away what it had.

    The handsets of a base go with it to its new location.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: there is no device, or nothing of the plan is left to apply.
    """
    order = lock_order_for(actor, order_id, OrderAction.FULFILL)
    lock_for_pairing(order.id)
    units = {unit.id: unit for unit in units_of(order.id)}
    unit, device = _fulfilled_unit(order, units, unit_id)
    changes, not_applied, descriptions = _planned_changes(unit, units, device)
    before = {column: getattr(device, column) for column in changes}
    if before == changes:
        raise WrongState("The plan is applied already, as far as it still holds.")
    for column, value in changes.items():
        setattr(device, column, value)
    if unit.kind is Kind.DECT_BASE and "location_id" in changes:
        db.session.execute(
            update(Device).where(Device.base_device_id == device.id).values(location_id=device.location_id)
        )
    device.not_applied = not_applied or None
    bump_version(actor, order)
    record_intent_applied(
        actor,
        order,
        device,
        f"Applied the plan of {unit.label} of {order.reference}: {', '.join(descriptions)}",
        before=before,
        after=changes,
    )
    publish(actor, EventType.DEVICE_UPDATED, platform_id=device.platform_id, device_ids=[device.id])
    return device


def _fulfilled_unit(order: HardwareOrder, units: dict[int, UnitRow], unit_id: int) -> tuple[UnitRow, Device]:
    """The unit of the order and its device, locked."""
    unit = units.get(unit_id)
    if unit is None or unit.device_id is None:
        raise WrongState("This unit has no device yet.")
    device = db.session.get_one(Device, unit.device_id, populate_existing=True, with_for_update=True)
    if device.account_id != order.account_id:
        raise WrongState("The device belongs to another account by now.")
    return unit, device


def _planned_changes(
    unit: UnitRow, units: dict[int, UnitRow], device: Device
) -> tuple[dict[str, int | None], list[str], list[str]]:
    """The columns of a device as planned, what of the plan cannot be applied, and the changes in words."""
    applied, not_applied = split_intents(unit, None)
    columns: dict[str, int | None] = {**applied}
    descriptions = []
    if "employee_id" in columns and device.employee_id != columns["employee_id"]:
        descriptions.append(f"assigned to {unit.employee_name}")
    if "location_id" in columns and device.location_id != columns["location_id"]:
        descriptions.append(f"located at {unit.location_name}")
    base = units[unit.base_unit_id] if unit.base_unit_id is not None else None
    if base is not None and (base.device_id is None or base.device_id != device.base_device_id):
        pairing = _plan_one_pairing(unit, base, device)
        if isinstance(pairing, str):
            not_applied.append(pairing)
        else:
            columns |= {"base_device_id": base.device_id, "slot": pairing.slot}
            if base.device_location_id is not None:
                columns["location_id"] = base.device_location_id
            descriptions.append(f"paired to {base.label}, slot {pairing.slot}")
    return columns, not_applied, descriptions


def _plan_one_pairing(unit: UnitRow, base: UnitRow, device: Device) -> PlannedPairing | str:
    """The pairing of a handset to the base it was planned for; or the sentence why it cannot be."""
    bases, _ = bases_and_handsets([base], device.account_id)
    handset = Handset(unit.id, unit.label, device.make, device.id, base.id)
    plan = plan_pairing(bases, [handset], occupied_slots(bases))
    return plan.not_paired[unit.id] if plan.not_paired else plan.pairings[0]

"""Taking a device off the unit it fulfills: it was the wrong one, or it has gone elsewhere."""

from __future__ import annotations

from hwadmin.clock import utcnow
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.domain.units import UnitOutcome
from hwadmin.errors import ChangedMeanwhile, WrongState
from hwadmin.models import Device, HardwareOrder
from hwadmin.operations.audit.device_events import record_device_changed
from hwadmin.operations.audit.order_events import record_device_unlinked
from hwadmin.operations.devices.placement import name_of
from hwadmin.operations.devices.retirement import retire, take_off_unit
from hwadmin.operations.fulfillment.pairing import lock_for_pairing
from hwadmin.operations.orders.transition import bump_version, lock_order
from hwadmin.operations.outgoing.events import publish
from hwadmin.operations.units.closures import close_units
from hwadmin.operations.units.spares import refuse_if_reserved
from hwadmin.queries.scope import find
from hwadmin.queries.units.units import UnitRow, units_of


def unlink_device(
    actor: Actor, order_id: int, unit_id: int, *, device_id: int, reason: str | None
) -> HardwareOrder:
    """Take a device off its unit. One that was made for the unit goes out of service, and its identifier is
    free again; one that was there before stays with the account as it is.

    The unit of an approved order is awaited again. A fulfilled order is final: there the unit is closed, and
    the order stays fulfilled without it.

    Args:
        actor: who does it.
        order_id: the order's key.
        unit_id: the unit's.
        device_id: the device the actor saw on it.
        reason: why.

    Raises:
        NotAllowed, NotFound, WrongState, ChangedMeanwhile, InvalidInput: nothing was done.
    """
    require(actor, Permission.ORDERS_UNLINK)
    order = lock_order(actor, order_id)
    lock_for_pairing(order.id)
    unit = next((unit for unit in units_of(order.id) if unit.id == unit_id), None)
    if unit is None:
        raise WrongState(f"{order.reference} has no such unit.")
    if unit.device_id is None:
        raise WrongState(f"{unit.label} of {order.reference} has no device.")
    if unit.device_id != device_id:
        raise ChangedMeanwhile(f"{unit.label} of {order.reference} has another device by now; look again.")
    problems = Problems()
    reason = problems.text("reason", reason, most=2000, required="Say why.", lines=True) or ""
    refuse(problems)
    device = find(actor, Device, unit.device_id, lock=True)
    refuse_if_reserved(device, verb="taken off its unit")
    made = device.unit_outcome == UnitOutcome.CREATED.value and device.account_id == order.account_id
    name = name_of(device)
    handsets = retire(actor, device, reason) if made else []
    if not made:
        take_off_unit(device)
    became = f"{name} {'is out of service' if made else 'stays with its account'}"
    vacate_unit(actor, order, unit, device, reason, became)
    publish(
        actor,
        EventType.DEVICE_RETIRED if made else EventType.DEVICE_UPDATED,
        platform_id=device.platform_id,
        device_ids=[device.id],
        reason=reason,
    )
    for handset in handsets:
        record_device_changed(
            actor,
            handset,
            order.account,
            f"{name_of(handset)} has no base any more: {name} is out of service",
        )
    return order


def vacate_unit(
    actor: Actor, order: HardwareOrder, unit: UnitRow, device: Device, reason: str, became: str
) -> None:
    """Await the unit of a locked order again, or close it, after its device was taken off it.

    Args:
        actor: who did it.
        order: the order.
        unit: its unit, as it was.
        device: the device that was the unit's.
        reason: why.
        became: what became of the device, as the end of a sentence.
    """
    now = utcnow()
    order.fulfilled_units -= 1
    final = order.status is OrderStatus.FULFILLED
    if final:
        close_units(actor, order, [unit], reason, now)
    bump_version(actor, order, now)
    record_device_unlinked(actor, order, unit, device, reason=reason, became=became)
    publish(actor, EventType.ORDER_UPDATED, order=order, reason=reason)

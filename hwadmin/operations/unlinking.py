"""Taking a device off the unit it fulfills: it was the wrong one, or it has gone elsewhere."""

from __future__ import annotations

from hwadmin.clock import utcnow
from hwadmin.errors import ChangedMeanwhile, WrongState
from hwadmin.lifecycle import OrderStatus
from hwadmin.models import Device, HardwareOrder
from hwadmin.operations import audit
from hwadmin.operations._transition import found_order, touch
from hwadmin.operations.announcements import announce
from hwadmin.operations.closing import close_units
from hwadmin.operations.fulfillment_check import Outcome
from hwadmin.operations.pairing import lock_for_pairing
from hwadmin.operations.platforms import find, refuse
from hwadmin.operations.retiring import let_go, retire
from hwadmin.operations.spares import refuse_if_kept
from hwadmin.operations.whereabouts import name_of
from hwadmin.permissions import Actor, Permission, require
from hwadmin.queries.units import UnitRow, units_of
from hwadmin.texts import Problems


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
    order = found_order(actor, order_id)
    lock_for_pairing(order.id)
    unit = next((unit for unit in units_of(order.id) if unit.id == unit_id), None)
    if unit is None:
        raise WrongState(f"{order.reference} has no such unit.")
    if unit.device_id is None:
        raise WrongState(f"{unit.label} of {order.reference} has no device.")
    if unit.device_id != device_id:
        raise ChangedMeanwhile(f"{unit.label} of {order.reference} has another device by now; look again.")
    problems = Problems()
    said = problems.text("reason", reason, most=2000, required="Say why.", lines=True) or ""
    refuse(problems)
    device = find(actor, Device, unit.device_id, lock=True)
    refuse_if_kept(device, verb="taken off its unit")
    made = device.unit_outcome == Outcome.CREATED.value and device.account_id == order.account_id
    name = name_of(device)
    handsets = retire(actor, device, said) if made else []
    if not made:
        let_go(device)
    became = f"{name} {'is out of service' if made else 'stays with its account'}"
    vacate(actor, order, unit, device, said, became)
    for handset in handsets:
        audit.record(
            actor,
            "device.changed",
            f"{name_of(handset)} has no base any more: {name} is out of service",
            account=order.account,
            device=handset,
            details={"identifier": handset.identifier},
        )
    return order


def vacate(
    actor: Actor, order: HardwareOrder, unit: UnitRow, device: Device, reason: str, became: str
) -> None:
    """What a locked order is without the device of one of its units, which has let go of it already.

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
    touch(actor, order, now)
    audit.record(
        actor,
        "order.unlinked",
        f"Took the device off {unit.label} of {order.reference}, which is "
        f"{'closed' if final else 'awaited again'}; {became}",
        order=order,
        device=device,
        reason=reason,
        details={
            "unit_id": unit.id,
            "unit": unit.label,
            "identifier": device.identifier,
            "closed": final,
            "fulfilled_units": order.fulfilled_units,
            "fulfillable_units": order.fulfillable_units,
        },
    )
    announce(actor, "order.updated", order=order, reason=reason)

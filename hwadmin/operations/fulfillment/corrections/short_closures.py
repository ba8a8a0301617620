"""Closing an order short: some of its units will not come, and the order is whole with the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hwadmin.clock import utcnow
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.lifecycle import OrderAction
from hwadmin.domain.permissions import Actor
from hwadmin.errors import InvalidInput
from hwadmin.models import HardwareOrder
from hwadmin.operations.audit.order_events import record_order_closed_short
from hwadmin.operations.fulfillment.pairing import lock_for_pairing, pair_handsets
from hwadmin.operations.fulfillment.pairing_plan import named
from hwadmin.operations.orders.decision_values import Completion
from hwadmin.operations.orders.transition import (
    bump_version,
    check_reason,
    lock_order_for,
    require_possible,
    transition,
)
from hwadmin.operations.outgoing.events import publish
from hwadmin.operations.units.closures import close_units
from hwadmin.queries.units.units import UnitRow, units_of


def close_short(
    actor: Actor, order_id: int, unit_ids: Collection[int], *, reason: str | None
) -> HardwareOrder:
    """Say that units of an approved order will not come. It is fulfilled once all the others have come.

    Each unit is looked at by itself, so no version is asked for: others may go on entering what did come.
    Units closed already stay as they are; sending the same again does nothing.

    Raises:
        NotAllowed, NotFound, WrongState: nothing was done.
        InvalidInput: a unit has its device, is not of this order, or nothing would be left of the order.
    """
    order = lock_order_for(actor, order_id, OrderAction.CLOSE_SHORT)
    units = units_of(order.id)
    requested = set(unit_ids)
    chosen = [unit for unit in units if unit.id in requested and unit.closed_at is None]
    if requested and not chosen and requested <= {unit.id for unit in units}:
        return order
    require_possible(order, OrderAction.CLOSE_SHORT)
    _refuse_choice(order, units, requested, chosen)
    reason = check_reason(OrderAction.CLOSE_SHORT, reason) or ""
    now = utcnow()
    close_units(actor, order, chosen, reason, now)
    # A base that will not come may leave another one the only one.
    lock_for_pairing(order.id)
    plan = pair_handsets(units_of(order.id), order.account_id)
    complete = 0 < order.fulfillable_units == order.fulfilled_units
    if complete:
        transition(actor, order, OrderAction.CLOSE_SHORT, Completion(now))
    else:
        bump_version(actor, order, now)
    record_order_closed_short(
        actor,
        order,
        f"Closed {order.reference} short: {named([unit.label for unit in chosen])} will not come"
        + (f"; fulfilled with {order.fulfilled_units}" if complete else ""),
        reason=reason,
        closed=chosen,
        paired=[
            {"unit": pairing.handset.label, "paired_to": pairing.base.label, "slot": pairing.slot}
            for pairing in plan.pairings
        ],
    )
    publish(
        actor, EventType.ORDER_FULFILLED if complete else EventType.ORDER_UPDATED, order=order, reason=reason
    )
    return order


def _refuse_choice(
    order: HardwareOrder, units: Sequence[UnitRow], requested: Collection[int], chosen: Sequence[UnitRow]
) -> None:
    if not requested:
        raise InvalidInput.at("units", "Choose the units that will not come.")
    if not set(requested) <= {unit.id for unit in units}:
        raise InvalidInput.at("units", f"{order.reference} has no such unit; look at it again.")
    arrived = [unit.label for unit in chosen if unit.device_id is not None]
    if arrived:
        raise InvalidInput.at(
            "units", f"{named(arrived)} {'has a device' if len(arrived) == 1 else 'have devices'} by now."
        )
    if all(unit.closed_at is not None or unit.id in requested for unit in units):
        raise InvalidInput.at(
            "units",
            f"That would leave nothing of {order.reference}. If nothing comes at all, reopen the order and "
            "reject it with your reason.",
        )

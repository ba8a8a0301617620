"""Closing an order short: some of its units will not come, and the order is whole with the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Table, update

from hwadmin.clock import utcnow
from hwadmin.errors import InvalidInput
from hwadmin.extensions import db
from hwadmin.lifecycle import OrderAction
from hwadmin.models import HardwareOrder, Unit
from hwadmin.operations import audit
from hwadmin.operations._transition import locked_order, reason_for, require_fitting, touch, transition
from hwadmin.operations.announcements import announce
from hwadmin.operations.pairing import lock_for_pairing, named, pair_handsets
from hwadmin.permissions import Actor
from hwadmin.queries.units import UnitRow, units_of


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
    order = locked_order(actor, order_id, OrderAction.CLOSE_SHORT)
    units = units_of(order.id)
    wanted = set(unit_ids)
    chosen = [unit for unit in units if unit.id in wanted and unit.closed_at is None]
    if wanted and not chosen and wanted <= {unit.id for unit in units}:
        return order
    require_fitting(order, OrderAction.CLOSE_SHORT)
    _refuse_choice(order, units, wanted, chosen)
    reason = reason_for(OrderAction.CLOSE_SHORT, reason) or ""
    now = utcnow()
    close_units(actor, order, chosen, reason, now)
    # A base that will not come may leave another one the only one.
    lock_for_pairing(order.id)
    plan = pair_handsets(units_of(order.id), order.account_id)
    complete = 0 < order.fulfillable_units == order.fulfilled_units
    if complete:
        transition(actor, order, OrderAction.CLOSE_SHORT, fulfilled_at=now)
    else:
        touch(actor, order, now)
    audit.record(
        actor,
        "order.closed_short",
        f"Closed {order.reference} short: {named([unit.label for unit in chosen])} will not come"
        + (f"; fulfilled with {order.fulfilled_units}" if complete else ""),
        order=order,
        reason=reason,
        details={
            "complete": complete,
            "fulfilled_units": order.fulfilled_units,
            "fulfillable_units": order.fulfillable_units,
            "closed": [{"unit_id": unit.id, "unit": unit.label} for unit in chosen],
            "paired": [
                {"unit": one.handset.label, "paired_to": one.base.label, "slot": one.slot}
                for one in plan.pairings
            ],
        },
    )
    announce(actor, "order.fulfilled" if complete else "order.updated", order=order, reason=reason)
    return order


def _refuse_choice(
    order: HardwareOrder, units: Sequence[UnitRow], wanted: Collection[int], chosen: Sequence[UnitRow]
) -> None:
    if not wanted:
        raise InvalidInput.at("units", "Choose the units that will not come.")
    if not set(wanted) <= {unit.id for unit in units}:
        raise InvalidInput.at("units", f"{order.reference} has no such unit; look at it again.")
    come = [unit.label for unit in chosen if unit.device_id is not None]
    if come:
        raise InvalidInput.at(
            "units", f"{named(come)} {'has a device' if len(come) == 1 else 'have devices'} by now."
        )
    if all(unit.closed_at is not None or unit.id in wanted for unit in units):
        raise InvalidInput.at(
            "units",
            f"That would leave nothing of {order.reference}. If nothing comes at all, reopen the order and "
            "reject it with your reason.",
        )


def close_units(
    actor: Actor, order: HardwareOrder, units: Sequence[UnitRow], reason: str, now: datetime
) -> None:
    """Close units of a locked order: they are awaited no more, and count no more."""
    table = cast(Table, Unit.__table__)
    db.session.connection().execute(
        update(table)
        .where(table.c.id.in_([unit.id for unit in units]))
        # A spare kept for it is free again.
        .values(closed_at=now, closed_reason=reason, closed_by_name=actor.name, reserved_device_id=None)
    )
    order.fulfillable_units -= sum(unit.kind.becomes_device for unit in units)


def await_again(order: HardwareOrder) -> list[str]:
    """Open what was closed short of a locked order that is pending again; the units by name."""
    closed = [unit for unit in units_of(order.id) if unit.closed_at is not None]
    if closed:
        table = cast(Table, Unit.__table__)
        db.session.connection().execute(
            update(table)
            .where(table.c.order_id == order.id)
            .values(closed_at=None, closed_reason=None, closed_by_name=None)
        )
        order.fulfillable_units += sum(unit.kind.becomes_device for unit in closed)
    return [unit.label for unit in closed]

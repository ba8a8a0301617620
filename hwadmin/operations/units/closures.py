"""Closing units of an order that will not come, and reopening them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.models import HardwareOrder, Unit
from hwadmin.queries.units.units import UnitRow, units_of


def close_units(
    actor: Actor, order: HardwareOrder, units: Sequence[UnitRow], reason: str, now: datetime
) -> None:
    """Close units of a locked order: nothing is awaited for them, and they do not count any more."""
    table = Unit.__table__
    db.session.connection().execute(
        update(table)
        .where(table.c.id.in_([unit.id for unit in units]))
        # A spare kept for it is free again.
        .values(closed_at=now, closed_reason=reason, closed_by_name=actor.name, reserved_device_id=None)
    )
    order.fulfillable_units -= sum(unit.kind.becomes_device for unit in units)


def reopen_units(order: HardwareOrder) -> list[str]:
    """Reopen what was closed short of a locked order that is pending again; returns the units by name."""
    closed = [unit for unit in units_of(order.id) if unit.closed_at is not None]
    if closed:
        table = Unit.__table__
        db.session.connection().execute(
            update(table)
            .where(table.c.order_id == order.id)
            .values(closed_at=None, closed_reason=None, closed_by_name=None)
        )
        order.fulfillable_units += sum(unit.kind.becomes_device for unit in closed)
    return [unit.label for unit in closed]

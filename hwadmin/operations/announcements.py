"""Telling the outside: one row per deed, in the deed's own transaction. What is made of it comes later."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.models import HardwareOrder, OutboxEvent
from hwadmin.operations import audit
from hwadmin.permissions import Actor

# Everything that can be announced, with its name for people.
TYPES = {
    "order.submitted": "Order submitted",
    "order.updated": "Order updated",
    "order.approved": "Order approved",
    "order.ordered": "Order marked as ordered",
    "order.rejected": "Order rejected",
    "order.cancelled": "Order cancelled",
    "order.reopened": "Order reopened",
    "order.partially_fulfilled": "Order fulfilled in part",
    "order.fulfilled": "Order fulfilled",
    "device.created": "Device created",
}
# What only mail speaks of.
MAIL_TYPES = {
    "approval.asked": "Manager asked",
    "approval.reminded": "Manager reminded",
    "approval.expired": "Manager’s link expired",
    "orders.digest": "Daily mail of new orders",
}


def announce(
    actor: Actor,
    *types: str,
    platform_id: int | None = None,
    order: HardwareOrder | None = None,
    device_ids: Iterable[int] = (),
    **details: Any,
) -> OutboxEvent:
    """Announce a deed, in one row however much it did.

    Args:
        actor: who did it.
        types: what it was; several where one deed is several events.
        platform_id: whose it is, where there is no order.
        order: the order it was done to.
        device_ids: the devices it made.
        details: what nobody could read from the order later, such as the reason.
    """
    unknown = set(types) - set(TYPES)
    if unknown or not types:
        raise ValueError(f"Unknown kind of announcement: {', '.join(sorted(unknown)) or 'none'}")
    owner = order.platform_id if order is not None else platform_id
    assert owner is not None
    now = utcnow()
    event = OutboxEvent(
        at=now,
        types=list(types),
        platform_id=owner,
        order_id=order.id if order is not None else None,
        device_ids=list(device_ids) or None,
        details={"actor": actor.name} | {name: value for name, value in details.items() if value},
        request_id=audit.request_id.get(),
        next_at=now,
    )
    db.session.add(event)
    return event

"""Outgoing events: one row per operation, in its own transaction. Mails and webhooks are made of it later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict, Unpack

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import insert_rows
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.models import HardwareOrder, OutboxEvent
from hwadmin.operations.audit import recording


class EventDetails(TypedDict, total=False):
    """What nobody could read from the order later. Empty values are left out."""

    reason: str | None
    # Whether the order waits for its manager before anybody else.
    awaits_manager: bool
    # The answer of the manager.
    manager: str
    # The units that have a device now.
    unit_ids: Sequence[int]
    # The employees that were added or changed.
    employee_ids: Sequence[int]


def publish(
    actor: Actor,
    *types: EventType,
    platform_id: int | None = None,
    order: HardwareOrder | None = None,
    device_ids: Iterable[int] = (),
    **details: Unpack[EventDetails],
) -> None:
    """Publish what an operation did, in one row however much it was.

    Args:
        actor: who did it.
        types: what it was; several where one operation is several events.
        platform_id: whose it is, where there is no order.
        order: the order it was done to.
        device_ids: the devices it created or changed.
        details: what else receivers are told.
    """
    if not types:
        raise ValueError("An outgoing event needs a type.")
    owner = order.platform_id if order is not None else platform_id
    assert owner is not None
    now = utcnow()
    event = {
        "at": now,
        "types": [EventType(kind).value for kind in types],
        "platform_id": owner,
        "order_id": order.id if order is not None else None,
        "device_ids": list(device_ids) or None,
        "details": _details(actor, types) | {name: value for name, value in details.items() if value},
        "request_id": recording.request_id.get(),
        "next_at": now,
    }
    insert_rows(db.session.connection(), OutboxEvent.__table__, [event])


def _details(actor: Actor, types: Iterable[EventType]) -> dict[str, Any]:
    """Who did it; and of a change that it was not the platform itself, which is told of it by mail."""
    others = EventType.ORDER_UPDATED in types and actor.can(Permission.ORDERS_DECIDE)
    return {"actor": actor.name} | ({"by_super_admin": True} if others else {})


def publish_employees(actor: Actor, platform_id: int, employee_ids: Iterable[int]) -> None:
    """Publish that employees of an account were added or changed, in one row, if there are any."""
    ids = list(dict.fromkeys(employee_ids))
    if ids:
        publish(actor, EventType.EMPLOYEE_UPDATED, platform_id=platform_id, employee_ids=ids)

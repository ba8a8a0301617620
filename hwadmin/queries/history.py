"""What happened to an order: audit events and Continuum versions as one timeline, newest first, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy_continuum import Operation, version_class

from hwadmin.extensions import db
from hwadmin.lifecycle import ManagerApproval, OrderStatus
from hwadmin.models import AuditEvent, HardwareOrder, LineItem
from hwadmin.models.catalog import title
from hwadmin.permissions import Actor
from hwadmin.queries.scope import within

# The columns people care about, in their words. Who and when stand in the event itself.
_ORDER_WORDS = {
    "status": "Status",
    "manager_approval": "Manager approval",
    "requester": "Requester",
    "attention": "Attention",
    "notes": "Notes",
    "reason": "Reason",
    "distributor": "Distributor",
    "distributor_reference": "Distributor's order number",
    "ordered_on": "Ordered on",
    "rejection_reason": "Rejection reason",
    "cancellation_reason": "Cancellation reason",
    "fulfilled_units": "Units fulfilled",
}

_OrderVersion = version_class(HardwareOrder)
_LineVersion = version_class(LineItem)


@dataclass(frozen=True, slots=True)
class Entry:
    """One moment of an order's history."""

    at: datetime
    kind: str
    actor_name: str
    summary: str
    reason: str | None
    # What the rows looked like before and after: "Status: Pending approval → Approved".
    changes: list[str] = field(default_factory=list)
    details: Mapping[str, Any] = field(default_factory=dict)


def timeline(actor: Actor, order_id: int, most: int | None = None) -> list[Entry]:
    """The order's history, newest first.

    Args:
        actor: who reads.
        order_id: the order's key.
        most: only so many of the newest entries.
    """
    events = db.session.execute(
        select(
            AuditEvent.at,
            AuditEvent.kind,
            AuditEvent.actor_name,
            AuditEvent.summary,
            AuditEvent.reason,
            AuditEvent.details,
            AuditEvent.transaction_id,
        )
        .where(within(actor, AuditEvent), AuditEvent.order_id == order_id)
        .order_by(AuditEvent.id.desc())
        .limit(most)
    ).all()
    changes = _changes(order_id)
    return [
        Entry(
            at=event.at,
            kind=event.kind,
            actor_name=event.actor_name,
            summary=event.summary,
            reason=event.reason,
            # What the sentence says already is not said twice.
            changes=[
                change
                for change in changes.get(event.transaction_id, ())
                if change.replace(": ", " ") not in event.summary
            ],
            details=event.details,
        )
        for event in events
    ]


def _changes(order_id: int) -> dict[int | None, list[str]]:
    """Old → new in words, by Continuum transaction."""
    changes: dict[int | None, list[str]] = {}
    words = [getattr(_OrderVersion, column) for column in _ORDER_WORDS]
    orders = db.session.execute(
        select(_OrderVersion.transaction_id, *words)
        .where(_OrderVersion.id == order_id)
        .order_by(_OrderVersion.transaction_id)
    ).all()
    for before, after in _pairs(orders):
        for index, word in enumerate(_ORDER_WORDS.values(), 1):
            if before[index] != after[index]:
                said = f"{word}: {_said(before[index])} → {_said(after[index])}"
                changes.setdefault(after[0], []).append(said)
    lines = db.session.execute(
        select(
            _LineVersion.transaction_id,
            _LineVersion.id,
            _LineVersion.operation_type,
            _LineVersion.make,
            _LineVersion.model,
            _LineVersion.quantity,
        )
        .where(_LineVersion.order_id == order_id)
        .order_by(_LineVersion.transaction_id, _LineVersion.id)
    ).all()
    first = orders[0][0] if orders else None
    quantities: dict[int, int] = {}
    for transaction_id, line_id, operation, make, model, quantity in lines:
        before_quantity = quantities.get(line_id)
        name = title(make, model)
        if operation == Operation.DELETE:
            said = f"{name}: {before_quantity} → removed"
        elif before_quantity is None:
            said = f"{name}: added, {quantity}"
        else:
            said = f"{name}: {before_quantity} → {quantity}"
        # What an order began with is told by its submission.
        if transaction_id != first and (operation == Operation.DELETE or before_quantity != quantity):
            changes.setdefault(transaction_id, []).append(said)
        quantities[line_id] = quantity
    return changes


def _pairs(rows: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    before = None
    for row in rows:
        if before is not None:
            yield before, row
        before = row


def _said(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, OrderStatus):
        return value.label
    if isinstance(value, ManagerApproval):
        return value.value.replace("_", " ")
    if isinstance(value, (date, Decimal, int)):
        return str(value)
    return f"“{value}”"

"""What happened to an order: audit events and Continuum versions as one timeline, newest first, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy_continuum import Operation

from hwadmin.extensions import db
from hwadmin.models import AuditEvent
from hwadmin.models.catalog import title
from hwadmin.permissions import Actor
from hwadmin.queries.order_words import CHANGES, LineVersion, OrderVersion, names_of, quoted
from hwadmin.queries.scope import within

# A change of the rows that no event speaks of. There should be none; where there is one, it is shown.
UNSPOKEN = "order.changed"


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
    changes, moments = _changes(order_id)
    entries = [
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
    spoken = {event.transaction_id for event in events}
    unspoken = [key for key in changes if key not in spoken and key in moments]
    if unspoken and (most is None or len(events) < most):
        entries += [
            Entry(moments[key][0], UNSPOKEN, moments[key][1], "Changed", None, changes[key])
            for key in unspoken
        ]
        entries.sort(key=lambda entry: entry.at, reverse=True)
    return entries


def _changes(order_id: int) -> tuple[dict[int | None, list[str]], dict[int | None, tuple[datetime, str]]]:
    """Old → new in words, by Continuum transaction; and when and by whom each was."""
    changes: dict[int | None, list[str]] = {}
    orders = db.session.execute(
        select(
            OrderVersion.transaction_id,
            OrderVersion.updated_at,
            OrderVersion.updated_by_name,
            *(getattr(OrderVersion, column) for column in CHANGES),
        )
        .where(OrderVersion.id == order_id)
        .order_by(OrderVersion.transaction_id)
    ).all()
    moved = len({row.ship_to_location_id for row in orders}) > 1
    names = names_of(list(orders)) if moved else {}
    for before, after in _pairs(orders):
        for column, label in CHANGES.items():
            old, new = before._mapping[column], after._mapping[column]
            if old != new:
                words = f"{label}: {quoted(column, old, names)} → {quoted(column, new, names)}"
                changes.setdefault(after[0], []).append(words)
    lines = db.session.execute(
        select(
            LineVersion.transaction_id,
            LineVersion.id,
            LineVersion.operation_type,
            LineVersion.make,
            LineVersion.model,
            LineVersion.quantity,
        )
        .where(LineVersion.order_id == order_id)
        .order_by(LineVersion.transaction_id, LineVersion.id)
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
    return changes, {row[0]: (row[1], row[2]) for row in orders}


def _pairs(rows: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    before = None
    for row in rows:
        if before is not None:
            yield before, row
        before = row

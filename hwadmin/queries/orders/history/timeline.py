"""The timeline of an order: its audit events and Continuum versions as one list, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy_continuum import Operation

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.models import AuditEvent
from hwadmin.models.catalog import title
from hwadmin.queries.orders.history.descriptions import (
    TIMELINE_LABELS,
    LineVersion,
    OrderVersion,
    location_names,
    quote_value,
)
from hwadmin.queries.scope import within

# A change of the rows without an audit event. There should be none; where there is one, it is shown.
UNRECORDED = "order.changed"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry of the history of an order."""

    at: datetime
    kind: str
    actor_name: str
    summary: str
    reason: str | None
    # What changed in the rows: "Status: Pending approval → Approved".
    changes: list[str] = field(default_factory=list)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def moment(self) -> str:
        """When it was, exactly, as an address states it."""
        return f"{self.at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


@lru_cache(maxsize=64)
def _events(actor: Actor) -> Select[*tuple[Any, ...]]:
    """The audit events of an order, the parameter ``order``, newest first."""
    return (
        select(
            AuditEvent.at,
            AuditEvent.kind,
            AuditEvent.actor_name,
            AuditEvent.summary,
            AuditEvent.reason,
            AuditEvent.details,
            AuditEvent.transaction_id,
        )
        .where(within(actor, AuditEvent), AuditEvent.order_id == bindparam("order"))
        .order_by(AuditEvent.id.desc())
    )


def timeline(actor: Actor, order_id: int, most: int | None = None) -> list[TimelineEntry]:
    """The history of an order, newest first.

    Args:
        actor: who reads.
        order_id: the key of the order.
        most: only so many of the newest entries.
    """
    events = db.session.execute(_events(actor).limit(most), {"order": order_id}).all()
    versions = _order_versions(order_id)
    changes = _changes(order_id, versions)
    entries = [_recorded(event, changes.get(event.transaction_id, ())) for event in events]
    if most is None or len(events) < most:
        recorded = {event.transaction_id for event in events}
        unrecorded = [
            TimelineEntry(
                row.updated_at, UNRECORDED, row.updated_by_name, "Changed", None, changes[row.transaction_id]
            )
            for row in versions
            if row.transaction_id in changes and row.transaction_id not in recorded
        ]
        if unrecorded:
            entries = sorted(entries + unrecorded, key=lambda entry: entry.at, reverse=True)
    return entries


def timeline_since(actor: Actor, order_id: int, transaction_id: int) -> list[TimelineEntry]:
    """What was recorded of an order after a Continuum transaction, newest first."""
    events = db.session.execute(
        _events(actor).where(AuditEvent.transaction_id > transaction_id), {"order": order_id}
    ).all()
    changes = _changes(order_id, _order_versions(order_id)) if events else {}
    return [_recorded(event, changes.get(event.transaction_id, ())) for event in events]


def _recorded(event: Any, changes: Iterable[str]) -> TimelineEntry:
    """The entry of an audit event; a change that its sentence states already is left out."""
    return TimelineEntry(
        at=event.at,
        kind=event.kind,
        actor_name=event.actor_name,
        summary=event.summary,
        reason=event.reason,
        changes=[change for change in changes if change.replace(": ", " ") not in event.summary],
        details=event.details,
    )


def _order_versions(order_id: int) -> Sequence[Any]:
    return db.session.execute(_versions_statement(), {"order": order_id}).all()


@cache
def _versions_statement() -> Select[*tuple[Any, ...]]:
    return (
        select(
            OrderVersion.transaction_id,
            OrderVersion.updated_at,
            OrderVersion.updated_by_name,
            *(getattr(OrderVersion, column) for column in TIMELINE_LABELS),
        )
        .where(OrderVersion.id == bindparam("order"))
        .order_by(OrderVersion.transaction_id)
    )


def _changes(order_id: int, versions: Sequence[Any]) -> dict[int | None, list[str]]:
    """Old → new in words, by Continuum transaction: first those of the order, then those of its lines."""
    changes: dict[int | None, list[str]] = {}
    location_changed = len({row.ship_to_location_id for row in versions}) > 1
    names = location_names(list(versions)) if location_changed else {}
    for before, after in pairwise(versions):
        for column, label in TIMELINE_LABELS.items():
            old, new = before._mapping[column], after._mapping[column]
            if old != new:
                text = f"{label}: {quote_value(column, old, names)} → {quote_value(column, new, names)}"
                changes.setdefault(after.transaction_id, []).append(text)
    first = versions[0].transaction_id if versions else None
    for transaction_id, text in _line_changes(order_id):
        # The submission itself tells what the order began with.
        if transaction_id != first:
            changes.setdefault(transaction_id, []).append(text)
    return changes


def _line_changes(order_id: int) -> Iterator[tuple[int, str]]:
    """The changed quantities of lines in words, each with its Continuum transaction."""
    versions = db.session.execute(_line_versions_statement(), {"order": order_id})
    quantities: dict[int, int] = {}
    for row in versions:
        name, before = title(row.make, row.model), quantities.get(row.id)
        if row.operation_type == Operation.DELETE:
            yield row.transaction_id, f"{name}: {before} → removed"
        elif before is None:
            yield row.transaction_id, f"{name}: added, {row.quantity}"
        elif before != row.quantity:
            yield row.transaction_id, f"{name}: {before} → {row.quantity}"
        quantities[row.id] = row.quantity


@cache
def _line_versions_statement() -> Select[*tuple[Any, ...]]:
    return (
        select(
            LineVersion.transaction_id,
            LineVersion.id,
            LineVersion.operation_type,
            LineVersion.make,
            LineVersion.model,
            LineVersion.quantity,
        )
        .where(LineVersion.order_id == bindparam("order"))
        .order_by(LineVersion.transaction_id, LineVersion.id)
    )

"""The timeline of an order: its audit events and Continuum versions as one list, in words."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy_continuum import Operation

from hwadmin.db.quick_sql import read_rows
from hwadmin.domain.ordering.variants import VARIANT_COLUMNS, with_variant
from hwadmin.domain.permissions import Actor, Role
from hwadmin.domain.wording import from_to
from hwadmin.models import AuditEvent
from hwadmin.models.catalog import title
from hwadmin.queries.orders.history.descriptions import (
    TIMELINE_LABELS,
    LineVersion,
    OrderVersion,
    location_names,
    quote_value,
)
from hwadmin.queries.scope import given, within_given

# More than any order has.
_ALL = 2**31 - 1
# A change of the rows without an audit event. There should be none; where there is one, it is shown.
UNRECORDED = "order.changed"


class _Event(NamedTuple):
    """An audit event, as far as a timeline tells of it."""

    at: datetime
    kind: str
    actor_name: str
    summary: str
    reason: str | None
    details: Mapping[str, Any]
    transaction_id: int | None


# The order as it was after a Continuum transaction.
_VERSION_COLUMNS = ("transaction_id", "updated_at", "updated_by_name", *TIMELINE_LABELS)
_Version: Any = namedtuple("_Version", _VERSION_COLUMNS)  # type: ignore[misc]


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


def _read_events(
    actor: Actor, order_id: int, *, most: int | None = None, after: int | None = None
) -> list[_Event]:
    """The audit events of an order, newest first; those of later Continuum transactions than ``after``."""
    statement = _events(actor.platform_ids is None, actor.role is Role.SUPER_ADMIN, after is not None)
    bounds = {"most": most or _ALL} | ({} if after is None else {"after": after})
    return [_Event(*row) for row in read_rows(statement, order=order_id, **bounds, **given(actor))]


@cache
def _events(everything: bool, super_admin: bool, later: bool) -> Select[*tuple[Any, ...]]:
    conditions = [within_given(everything, AuditEvent), AuditEvent.order_id == bindparam("order")]
    if everything and not super_admin:
        conditions.append(AuditEvent.platform_id.is_not(None))
    if later:
        conditions.append(AuditEvent.transaction_id > bindparam("after"))
    columns = (getattr(AuditEvent, name) for name in _Event._fields)
    return select(*columns).where(*conditions).order_by(AuditEvent.id.desc()).limit(bindparam("most"))


def timeline(actor: Actor, order_id: int, most: int | None = None) -> list[TimelineEntry]:
    """The history of an order, newest first.

    Args:
        actor: who reads.
        order_id: the key of the order.
        most: only so many of the newest entries.
    """
    events = _read_events(actor, order_id, most=most)
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
    events = _read_events(actor, order_id, after=transaction_id)
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
    return [_Version(*row) for row in read_rows(_versions_statement(), order=order_id)]


@cache
def _versions_statement() -> Select[*tuple[Any, ...]]:
    return (
        select(*(getattr(OrderVersion, name) for name in _VERSION_COLUMNS))
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
            old, new = getattr(before, column), getattr(after, column)
            if old != new:
                both = (quote_value(column, value, names) for value in (old, new))
                changes.setdefault(after.transaction_id, []).append(f"{label}: {from_to(*both)}")
    first = versions[0].transaction_id if versions else None
    for transaction_id, text in _line_changes(order_id):
        # The submission itself tells what the order began with.
        if transaction_id != first:
            changes.setdefault(transaction_id, []).append(text)
    return changes


def _line_changes(order_id: int) -> Iterator[tuple[int, str]]:
    """The changed quantities of lines in words, each with its Continuum transaction."""
    quantities: dict[int, int] = {}
    rows = read_rows(_line_versions_statement(), order=order_id)
    for transaction_id, line_id, operation, quantity, make, model, *chosen in rows:
        name, before = with_variant(title(make, model), *chosen), quantities.get(line_id)
        if operation == Operation.DELETE:
            yield transaction_id, f"{name}: {before} → removed"
        elif before is None:
            yield transaction_id, f"{name}: added, {quantity}"
        elif before != quantity:
            yield transaction_id, f"{name}: {before} → {quantity}"
        quantities[line_id] = quantity


@cache
def _line_versions_statement() -> Select[*tuple[Any, ...]]:
    return (
        select(
            LineVersion.transaction_id,
            LineVersion.id,
            LineVersion.operation_type,
            LineVersion.quantity,
            *(getattr(LineVersion, name) for name in ("make", "model", *VARIANT_COLUMNS)),
        )
        .where(LineVersion.order_id == bindparam("order"))
        .order_by(LineVersion.transaction_id, LineVersion.id)
    )

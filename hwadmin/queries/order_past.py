"""An order as it was at any moment, from its versions, lines included; and two such moments compared.

What the order and its lines looked like is in their version rows. Units and devices are not versioned; which
units had a device by then is in the audit events up to that moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy_continuum import Operation

from hwadmin.extensions import db
from hwadmin.identifiers import IdentifierKind, display
from hwadmin.kinds import Kind
from hwadmin.lifecycle import ManagerApproval, OrderStatus
from hwadmin.models import AuditEvent, reference
from hwadmin.models.catalog import title
from hwadmin.permissions import Actor
from hwadmin.queries.order_words import COLUMNS, LineVersion, OrderVersion, names_of, said
from hwadmin.queries.scope import within

# Said apart from the other facts.
_APART = ("status", "fulfilled_units", "fulfillable_units")


@dataclass(frozen=True, slots=True)
class Moment:
    """A change of the order: from here on it looked so, until the next one."""

    at: datetime
    by: str
    transaction_id: int


@dataclass(frozen=True, slots=True)
class PastLine:
    """A line as it was."""

    position: int
    sku: str
    make: str
    model: str
    kind: Kind
    quantity: int
    requested_quantity: int
    unit_price: Decimal
    currency: str

    @property
    def title(self) -> str:
        """Make and model, as people say it."""
        return title(self.make, self.model)

    @property
    def total(self) -> Decimal:
        """Unit price times quantity."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class PastUnit:
    """A unit that had a device by then."""

    label: str
    identifier: str
    outcome: str
    paired_to: str | None = None
    slot: int | None = None


@dataclass(frozen=True, slots=True)
class PastOrder:
    """An order as it was."""

    reference: str
    status: OrderStatus
    version: int
    fulfilled_units: int
    fulfillable_units: int
    # What people call it → what it said; what said nothing is left out.
    facts: Mapping[str, str]
    lines: tuple[PastLine, ...]
    # By the key of the unit.
    units: Mapping[int, PastUnit]
    # The change that made it so, and its neighbours.
    since: Moment
    earlier: Moment | None
    later: Moment | None

    @property
    def total(self) -> Decimal:
        """What all of it cost."""
        return sum((line.total for line in self.lines), start=Decimal(0))


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that was not the same at two moments; None where it said nothing."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was not the same at two moments."""

    facts: list[Difference]
    # Quantities, by line.
    lines: list[Difference]
    # Identifiers, by unit.
    units: list[Difference]

    def __bool__(self) -> bool:
        return bool(self.facts or self.lines or self.units)


def moments_of(actor: Actor, order_id: int) -> list[Moment]:
    """Every change of an order's own rows, the first first."""
    rows = db.session.execute(
        select(OrderVersion.updated_at, OrderVersion.updated_by_name, OrderVersion.transaction_id)
        .where(within(actor, OrderVersion), OrderVersion.id == order_id)
        .order_by(OrderVersion.transaction_id)
    )
    return [Moment(*row) for row in rows]


def as_it_was(actor: Actor, order_id: int, at: datetime) -> PastOrder | None:
    """The order as it was at a moment; None where it was not there yet."""
    return at_each(actor, order_id, [at])[0]


def at_each(actor: Actor, order_id: int, moments: list[datetime]) -> list[PastOrder | None]:
    """The order as it was at each moment, in five statements however many they are."""
    changes = moments_of(actor, order_id)
    # By the order in which they were written, which no clock can disturb: the last that is not later.
    places = [
        max((place for place, change in enumerate(changes) if change.at <= at), default=None)
        for at in moments
    ]
    wanted = {changes[place].transaction_id for place in places if place is not None}
    if not wanted:
        return [None] * len(places)
    rows = {
        row.transaction_id: row
        for row in db.session.execute(
            select(OrderVersion.__table__)
            .select_from(OrderVersion)
            .where(
                within(actor, OrderVersion),
                OrderVersion.id == order_id,
                OrderVersion.transaction_id.in_(wanted),
            )
        )
    }
    names = names_of(list(rows.values()))
    line_rows = _line_rows(actor, order_id)
    events = _device_events(actor, order_id)
    return [
        None
        if place is None
        else _past(rows[changes[place].transaction_id], names, changes, place, line_rows, events)
        for place in places
    ]


def _past(
    row: Any,
    names: Mapping[int, str],
    changes: list[Moment],
    place: int,
    line_rows: list[Any],
    events: list[Any],
) -> PastOrder:
    until = row.transaction_id
    facts = {
        label: words
        for column, label in COLUMNS.items()
        if column not in _APART
        and row._mapping[column] is not ManagerApproval.NOT_REQUIRED
        and (words := said(column, row._mapping[column], names)) is not None
    }
    return PastOrder(
        reference=reference(row.id),
        status=row.status,
        version=row.version,
        fulfilled_units=row.fulfilled_units,
        fulfillable_units=row.fulfillable_units,
        facts=facts,
        lines=_lines([line for line in line_rows if line.transaction_id <= until]),
        units=_units([event for event in events if event.transaction_id <= until]),
        since=changes[place],
        earlier=changes[place - 1] if place else None,
        later=changes[place + 1] if place + 1 < len(changes) else None,
    )


def _line_rows(actor: Actor, order_id: int) -> list[Any]:
    return list(
        db.session.execute(
            select(
                LineVersion.transaction_id,
                LineVersion.id,
                LineVersion.operation_type,
                LineVersion.position,
                LineVersion.sku,
                LineVersion.make,
                LineVersion.model,
                LineVersion.kind,
                LineVersion.quantity,
                LineVersion.requested_quantity,
                LineVersion.unit_price,
                LineVersion.currency,
            )
            .where(within(actor, LineVersion), LineVersion.order_id == order_id)
            .order_by(LineVersion.transaction_id, LineVersion.id)
        )
    )


def _lines(rows: list[Any]) -> tuple[PastLine, ...]:
    lines: dict[int, PastLine] = {}
    for row in rows:
        if row.operation_type == Operation.DELETE:
            lines.pop(row.id, None)
        else:
            lines[row.id] = PastLine(*row[3:])
    return tuple(sorted(lines.values(), key=lambda line: line.position))


def _device_events(actor: Actor, order_id: int) -> list[Any]:
    return list(
        db.session.execute(
            select(AuditEvent.transaction_id, AuditEvent.kind, AuditEvent.device_id, AuditEvent.details)
            .where(
                within(actor, AuditEvent),
                AuditEvent.order_id == order_id,
                AuditEvent.kind.in_(
                    ("order.fulfilled", "order.unlinked", "device.corrected", "device.replaced")
                ),
                AuditEvent.transaction_id.is_not(None),
            )
            .order_by(AuditEvent.id)
        )
    )


def _units(events: list[Any]) -> dict[int, PastUnit]:
    units: dict[int, PastUnit] = {}
    # Which device was whose: a correction names the device.
    unit_of: dict[int | None, int] = {}
    for event in events:
        details: Mapping[str, Any] = event.details
        if event.kind == "order.unlinked":
            units.pop(details["unit_id"], None)
        elif event.kind == "device.corrected":
            _rename(units, unit_of.get(event.device_id), details["identifier"])
        elif event.kind == "device.replaced":
            _rename(units, details["unit_id"], details["identifier"])
            unit_of[details["device_id"]] = details["unit_id"]
        else:
            for row in details.get("units", ()):
                _report(units, row)
                unit_of[row["device_id"]] = row["unit_id"]
    return units


def _report(units: dict[int, PastUnit], row: Mapping[str, Any]) -> None:
    """What a fulfillment says of a unit; a later one of the same unit only adds its pairing."""
    known = units.get(row["unit_id"])
    if known is None and row["outcome"] in ("created", "linked"):
        known = PastUnit(row["unit"], row["identifier"], row["outcome"])
    if known is not None:
        paired = {"paired_to": row["paired_to"], "slot": row["slot"]} if row.get("slot") else {}
        units[row["unit_id"]] = replace(known, **paired)


def _rename(units: dict[int, PastUnit], unit_id: int | None, identifier: str) -> None:
    if unit_id in units:
        units[unit_id] = replace(units[unit_id], identifier=_shown(identifier))


def _shown(identifier: str) -> str:
    """An identifier as people read it, whose kind its length tells."""
    kinds = {10: IdentifierKind.IPEI, 15: IdentifierKind.IMEI}
    return display(kinds.get(len(identifier), IdentifierKind.MAC), identifier)


def compared(before: PastOrder, after: PastOrder) -> Comparison:
    """What was not the same at two moments."""
    facts = _differences(
        {"Status": before.status.label, **before.facts}, {"Status": after.status.label, **after.facts}
    )
    lines = _differences(
        {f"{line.title} ({line.sku})": str(line.quantity) for line in before.lines},
        {f"{line.title} ({line.sku})": str(line.quantity) for line in after.lines},
    )
    units = _differences(
        {unit.label: unit.identifier for unit in before.units.values()},
        {unit.label: unit.identifier for unit in after.units.values()},
    )
    return Comparison(facts, lines, units)


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    return [
        Difference(name, before.get(name), after.get(name))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]

"""An order as it was at any moment, from its versions, lines included.

What the order and its lines looked like is in their version rows. Units and devices are not versioned; which
units had a device by then is in the audit events up to that moment, and what they were planned for in those
since.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy_continuum import Operation

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import ManagerApproval, OrderStatus
from hwadmin.domain.ordering.variants import variant_words
from hwadmin.domain.permissions import Actor
from hwadmin.models import reference
from hwadmin.models.catalog import title
from hwadmin.queries.orders.history.descriptions import (
    LABELS,
    LineVersion,
    OrderVersion,
    describe_value,
    location_names,
)
from hwadmin.queries.orders.history.plan_history import plans_before
from hwadmin.queries.orders.history.unit_history import UnitSnapshot, unit_events, units_after
from hwadmin.queries.scope import within
from hwadmin.queries.units.units import units_of

# Shown apart from the other facts.
_SHOWN_APART = ("status", "fulfilled_units", "fulfillable_units")


@dataclass(frozen=True, slots=True)
class Moment:
    """A change of the order: from here on it looked like this, until the next change."""

    at: datetime
    by: str
    transaction_id: int


@dataclass(frozen=True, slots=True)
class LineSnapshot:
    """A line as it was."""

    position: int
    sku: str
    make: str
    model: str
    kind: Kind
    quantity: int
    requested_quantity: int
    unit_price: Decimal
    monthly_price: Decimal
    currency: str
    size: str | None
    color: str | None
    term_months: int | None
    mobile_carrier: str | None

    @property
    def variant(self) -> str:
        """Size, color, term and carrier, as far as they were chosen."""
        return " · ".join(variant_words(self.size, self.color, self.term_months, self.mobile_carrier))

    @property
    def title(self) -> str:
        """Make and model."""
        return title(self.make, self.model)

    @property
    def total(self) -> Decimal:
        """Unit price times quantity."""
        return self.unit_price * self.quantity

    @property
    def monthly_total(self) -> Decimal:
        """Monthly price times quantity."""
        return self.monthly_price * self.quantity


@dataclass(frozen=True, slots=True)
class OrderSnapshot:
    """An order as it was."""

    reference: str
    status: OrderStatus
    version: int
    fulfilled_units: int
    fulfillable_units: int
    # Label → value in words; empty values are left out.
    facts: Mapping[str, str]
    lines: tuple[LineSnapshot, ...]
    # By the key of the unit.
    units: Mapping[int, UnitSnapshot]
    # What units were planned for, by label.
    plans: Mapping[str, str]
    # The change that made it so, and its neighbours.
    since: Moment
    earlier: Moment | None
    later: Moment | None

    @property
    def total(self) -> Decimal:
        """What all of it cost."""
        return sum((line.total for line in self.lines), start=Decimal(0))

    @property
    def monthly_total(self) -> Decimal:
        """What all of it cost per month."""
        return sum((line.monthly_total for line in self.lines), start=Decimal(0))

    @property
    def unit_rows(self) -> list[tuple[str, str | None, UnitSnapshot | None]]:
        """The units that had a plan or a device: label, plan, device."""
        devices = {unit.label: unit for unit in self.units.values()}
        return [
            (label, self.plans.get(label), devices.get(label))
            for label in dict.fromkeys((*self.plans, *devices))
        ]


def moments_of(actor: Actor, order_id: int) -> list[Moment]:
    """Every change of an order's own rows, oldest first."""
    rows = db.session.execute(
        select(OrderVersion.updated_at, OrderVersion.updated_by_name, OrderVersion.transaction_id)
        .where(within(actor, OrderVersion), OrderVersion.id == order_id)
        .order_by(OrderVersion.transaction_id)
    )
    return [Moment(row.updated_at, row.updated_by_name, row.transaction_id) for row in rows]


def snapshot_at(actor: Actor, order_id: int, at: datetime) -> OrderSnapshot | None:
    """The order as it was at a moment; None where it was not there yet."""
    return snapshots_at(actor, order_id, [at])[0]


def snapshots_at(actor: Actor, order_id: int, moments: list[datetime]) -> list[OrderSnapshot | None]:
    """The order as it was at each moment, in six statements however many moments there are."""
    changes = moments_of(actor, order_id)
    # The last change that is not later, in the order of writing, which no clock can disturb.
    indexes = [
        max((index for index, change in enumerate(changes) if change.at <= at), default=None)
        for at in moments
    ]
    transaction_ids = {changes[index].transaction_id for index in indexes if index is not None}
    if not transaction_ids:
        return [None] * len(indexes)
    rows = _order_rows(actor, order_id, transaction_ids)
    names = location_names(list(rows.values()))
    line_rows = _line_rows(actor, order_id)
    events = unit_events(actor, order_id)
    units = units_of(order_id)

    def snapshot(index: int) -> OrderSnapshot:
        row = rows[changes[index].transaction_id]
        return OrderSnapshot(
            reference=reference(row.id),
            status=row.status,
            version=row.version,
            fulfilled_units=row.fulfilled_units,
            fulfillable_units=row.fulfillable_units,
            facts=_facts(row, names),
            lines=_lines([line for line in line_rows if line.transaction_id <= row.transaction_id]),
            units=units_after([event for event in events if event.transaction_id <= row.transaction_id]),
            plans=plans_before(
                units, [event for event in events if event.transaction_id > row.transaction_id]
            ),
            since=changes[index],
            earlier=changes[index - 1] if index else None,
            later=changes[index + 1] if index + 1 < len(changes) else None,
        )

    return [None if index is None else snapshot(index) for index in indexes]


def _order_rows(actor: Actor, order_id: int, transaction_ids: Collection[int]) -> dict[int, Any]:
    """The version rows of an order, by transaction."""
    rows = db.session.execute(
        select(OrderVersion.__table__)
        .select_from(OrderVersion)
        .where(
            within(actor, OrderVersion),
            OrderVersion.id == order_id,
            OrderVersion.transaction_id.in_(transaction_ids),
        )
    )
    return {row.transaction_id: row for row in rows}


def _facts(row: Any, names: Mapping[int, str]) -> dict[str, str]:
    """What a version row states besides what is shown apart, in words."""
    return {
        label: text
        for column, label in LABELS.items()
        if column not in _SHOWN_APART
        and row._mapping[column] is not ManagerApproval.NOT_REQUIRED
        and (text := describe_value(column, row._mapping[column], names)) is not None
    }


_LINE_COLUMNS = tuple(field.name for field in fields(LineSnapshot))


def _line_rows(actor: Actor, order_id: int) -> list[Any]:
    return list(
        db.session.execute(
            select(
                LineVersion.transaction_id,
                LineVersion.id,
                LineVersion.operation_type,
                *(getattr(LineVersion, name) for name in _LINE_COLUMNS),
            )
            .where(within(actor, LineVersion), LineVersion.order_id == order_id)
            .order_by(LineVersion.transaction_id, LineVersion.id)
        )
    )


def _lines(rows: list[Any]) -> tuple[LineSnapshot, ...]:
    lines: dict[int, LineSnapshot] = {}
    for row in rows:
        if row.operation_type == Operation.DELETE:
            lines.pop(row.id, None)
        else:
            lines[row.id] = LineSnapshot(**{name: row._mapping[name] for name in _LINE_COLUMNS})
    return tuple(sorted(lines.values(), key=lambda line: line.position))

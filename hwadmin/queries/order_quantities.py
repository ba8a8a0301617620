"""What was requested, approved and fulfilled of each line, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy_continuum import Operation

from hwadmin.extensions import db
from hwadmin.lifecycle import OrderStatus
from hwadmin.models import HardwareOrder
from hwadmin.models.catalog import title
from hwadmin.queries.order_words import LineVersion
from hwadmin.queries.units import UnitRow


@dataclass(frozen=True, slots=True)
class Quantity:
    """One line: how many were asked for, how many are approved, how many came."""

    requested: int
    approved: int
    # None: of an accessory nobody counts what came until the order is fulfilled.
    fulfilled: int | None

    @property
    def changed(self) -> bool:
        """Whether the reviewer made it another number."""
        return self.requested != self.approved

    @property
    def short(self) -> bool:
        """Whether less came than was approved."""
        return self.fulfilled is not None and self.fulfilled < self.approved


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """A line that was asked for and taken off the order."""

    title: str
    sku: str
    requested: int


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The quantities of an order's lines."""

    # By the key of the line.
    lines: dict[int, Quantity]
    removed: list[RemovedLine]
    # Whether the numbers in the middle were decided on: else they are what it stands at.
    decided: bool

    @property
    def requested_differs(self) -> bool:
        """Whether it is worth saying what was asked for."""
        return bool(self.removed) or any(one.changed for one in self.lines.values())

    @property
    def fulfilled_counts(self) -> bool:
        """Whether anything came."""
        return any(one.fulfilled for one in self.lines.values())


def side_by_side(order: HardwareOrder, units: Iterable[UnitRow]) -> SideBySide:
    """The quantities of an order whose lines and units are read already."""
    came = Counter(unit.line_id for unit in units if unit.device_id is not None)
    removed = _removed(order)
    complete = order.status is OrderStatus.FULFILLED
    lines = {}
    for line in order.lines:
        fulfilled = came[line.id] if line.kind.becomes_device else line.quantity if complete else None
        # Taken off and added again later is the same line to whoever asked for it.
        again = removed.pop(line.sku, None)
        lines[line.id] = Quantity(
            line.requested_quantity + (again.requested if again else 0), line.quantity, fulfilled
        )
    decided = order.status in (OrderStatus.APPROVED, OrderStatus.FULFILLED)
    return SideBySide(lines, list(removed.values()), decided)


def _removed(order: HardwareOrder) -> dict[str, RemovedLine]:
    """The lines that were asked for and are gone, by SKU."""
    if order.version == 1:
        return {}
    rows = db.session.execute(
        select(LineVersion.sku, LineVersion.make, LineVersion.model, LineVersion.requested_quantity)
        .where(
            LineVersion.order_id == order.id,
            LineVersion.operation_type == Operation.DELETE,
            LineVersion.requested_quantity > 0,
        )
        .order_by(LineVersion.position)
    )
    return {sku: RemovedLine(title(make, model), sku, requested) for sku, make, model, requested in rows}

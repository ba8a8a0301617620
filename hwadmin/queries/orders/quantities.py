"""What was requested, approved and fulfilled of each line, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy_continuum import Operation

from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.ordering.variants import VARIANT_COLUMNS, with_variant
from hwadmin.models import HardwareOrder
from hwadmin.models.catalog import title
from hwadmin.queries.orders.history.descriptions import LineVersion
from hwadmin.queries.units.units import UnitRow


@dataclass(frozen=True, slots=True)
class LineQuantities:
    """The quantities of one line: requested, approved and fulfilled."""

    requested: int
    approved: int
    # None for an accessory until the order is fulfilled: accessories are not counted one by one.
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
    """A line that was requested and removed from the order."""

    # The model with what was chosen of it.
    description: str
    sku: str
    requested: int


@dataclass(frozen=True, slots=True)
class OrderQuantities:
    """The quantities of an order's lines."""

    # By the key of the line.
    lines: dict[int, LineQuantities]
    removed: list[RemovedLine]
    # Whether the approved quantities are decided on; before that they are the present ones.
    decided: bool

    @property
    def requested_differs(self) -> bool:
        """Whether the requested quantities differ from the approved ones."""
        return bool(self.removed) or any(line.changed for line in self.lines.values())

    @property
    def fulfilled_counts(self) -> bool:
        """Whether any unit is fulfilled."""
        return any(line.fulfilled for line in self.lines.values())


def order_quantities(order: HardwareOrder, units: Iterable[UnitRow]) -> OrderQuantities:
    """The quantities of an order whose lines and units are read already."""
    came = Counter(unit.line_id for unit in units if unit.device_id is not None)
    removed = _removed(order)
    complete = order.status is OrderStatus.FULFILLED
    lines = {}
    for line in order.lines:
        fulfilled = came[line.id] if line.kind.becomes_device else line.quantity if complete else None
        # Taken off and added again later is the same line to whoever asked for it.
        again = removed.pop((line.sku, line.description), None)
        lines[line.id] = LineQuantities(
            line.requested_quantity + (again.requested if again else 0), line.quantity, fulfilled
        )
    decided = order.status in (OrderStatus.APPROVED, OrderStatus.FULFILLED)
    return OrderQuantities(lines, list(removed.values()), decided)


def _removed(order: HardwareOrder) -> dict[tuple[str, str], RemovedLine]:
    """The lines that were asked for and are gone, by SKU and description: each variant is a line."""
    if order.version == 1:
        return {}
    rows = db.session.execute(
        select(LineVersion.sku, LineVersion.requested_quantity, LineVersion.make, LineVersion.model)
        .add_columns(*(getattr(LineVersion, name) for name in VARIANT_COLUMNS))
        .where(
            LineVersion.order_id == order.id,
            LineVersion.operation_type == Operation.DELETE,
            LineVersion.requested_quantity > 0,
        )
        .order_by(LineVersion.position)
    )
    removed = {}
    for sku, requested, make, model, *chosen in rows:
        line = RemovedLine(with_variant(title(make, model), *chosen), sku, requested)
        removed[sku, line.description] = line
    return removed

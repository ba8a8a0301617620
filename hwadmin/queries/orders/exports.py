"""What accounting takes from the list of orders: totals, line items, and units with their shares in money."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from hwadmin.db.extensions import db
from hwadmin.domain.ordering.cost_allocation import WHOLE, Share, amounts_of
from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, HardwareOrder, LineItem
from hwadmin.queries.orders.filters import OrderFilter, order_conditions
from hwadmin.queries.orders.order_rows import OrderRow, order_rows
from hwadmin.queries.units.units import UnitRow, units_of_each

_AT_ONCE = 500
_ZERO = Decimal("0.00")
Row = tuple[Any, ...]

_LINE_HEADER = (
    *("SKU", "Kind", "Make", "Model", "Color", "Size", "Mobile carrier", "Term (months)", "From spares"),
)


@dataclass(frozen=True, slots=True)
class OrderExport:
    """One of the tables that can be taken from the list of orders."""

    title: str
    header: Sequence[str]
    # The rows of some orders, which are given with what the list shows of each.
    rows: Callable[[Sequence[_ExportedOrder]], Iterator[Row]]


class _ExportedOrder(NamedTuple):
    row: OrderRow
    order: HardwareOrder

    @property
    def heading(self) -> Row:
        """The order a line item or a unit belongs to."""
        row = self.row
        return (row.reference, row.status.label, row.platform_name, row.account_name)


def exported_rows(actor: Actor, filters: OrderFilter, table: str, most: int) -> Iterator[Row]:
    """The rows of a table about the filtered orders, newest first, read in batches.

    Args:
        actor: who takes them.
        filters: what narrows the orders.
        table: a key of ``TABLES``.
        most: the number of orders after which it ends; a table may have more rows than that.
    """
    conditions = order_conditions(actor, filters)
    query = select(HardwareOrder.id).where(*conditions).order_by(HardwareOrder.id.desc()).limit(most)
    ids = list(db.session.scalars(query))
    for start in range(0, len(ids), _AT_ONCE):
        yield from TABLES[table].rows(_batch(ids[start : start + _AT_ONCE]))


def _batch(ids: Sequence[int]) -> list[_ExportedOrder]:
    some = select(HardwareOrder.id).where(HardwareOrder.id.in_(ids))
    orders = {
        order.id: order
        for order in db.session.scalars(
            select(HardwareOrder)
            .join(HardwareOrder.account)
            .where(HardwareOrder.id.in_(ids))
            .options(
                contains_eager(HardwareOrder.account).load_only(Account.id),
                joinedload(HardwareOrder.ship_to),
                selectinload(HardwareOrder.lines),
            )
        )
    }
    listed = order_rows(some, [HardwareOrder.id.desc()])
    return [_ExportedOrder(row, orders[row.id]) for row in listed]


# ---- Orders


def _order_rows(batch: Sequence[_ExportedOrder]) -> Iterator[Row]:
    for row, order in batch:
        facts = (
            row.reference,
            row.status.label,
            row.platform_name,
            row.account_name,
            row.items,
        )
        counts = (row.fulfillable_units, row.fulfilled_units, row.created_at)
        where = order.ship_to
        details = (
            *(order.submitted_by_name, order.requester, order.reason),
            *(order.decided_by_name, order.decided_at),
            order.rejection_reason or order.cancellation_reason,
            *(where.name if where else None, where.address if where else None, order.attention, order.notes),
            order.fulfilled_at,
        )
        placement = (
            *(row.placement, row.distributor, row.distributor_reference),
            row.ordered_on or (row.placed_at.date() if row.placed_at else None),
            row.days_placed,
        )
        # Amounts of two currencies make no total: such an order has a row for each.
        for currency, due_now, monthly in _cost(order) or [(None, _ZERO, _ZERO)]:
            yield (*facts, due_now, monthly, currency, *counts, *details, *placement)


def _cost(order: HardwareOrder) -> list[tuple[str | None, Decimal, Decimal]]:
    """What an order costs now and per month, by currency."""
    of_currency: dict[str, list[LineItem]] = {}
    for line in order.lines:
        of_currency.setdefault(line.currency, []).append(line)
    return [
        (
            currency,
            sum((line.total for line in lines), _ZERO),
            sum((line.monthly_total for line in lines), _ZERO),
        )
        for currency, lines in of_currency.items()
    ]


# ---- Line items


def _line_rows(batch: Sequence[_ExportedOrder]) -> Iterator[Row]:
    for exported in batch:
        for number, line in enumerate(exported.order.lines, start=1):
            yield (
                *exported.heading,
                *(exported.row.created_at, exported.order.decided_at),
                *(number, *_line_facts(line)),
                *(line.requested_quantity, line.quantity, line.unit_price, line.monthly_price),
                *(line.total, line.monthly_total, line.currency),
            )


def _line_facts(line: LineItem) -> Row:
    return (
        *(line.sku, line.kind.label, line.make, line.model, line.color, line.size),
        *(line.mobile_carrier, line.term_months, line.from_spare),
    )


# ---- Units


def _unit_rows(batch: Sequence[_ExportedOrder]) -> Iterator[Row]:
    units = units_of_each([exported.row.id for exported in batch], UnitRow)
    for exported in batch:
        numbers = {line.id: (at, line) for at, line in enumerate(exported.order.lines, start=1)}
        for unit in units.get(exported.row.id, ()):
            number, line = numbers[unit.line_id]
            facts = (
                *exported.heading,
                *(number, unit.number, *_line_facts(line)),
                *(unit.employee_name or unit.user_name, unit.user_number, unit.location_name),
                *(unit.phone_number, unit.describe_state(exported.order.facts)),
                *(unit.identifier_shown, unit.serial, unit.second_imei, unit.fulfilled_at),
            )
            for code, percent, now, monthly in _shares(unit, line):
                yield (*facts, code, percent, now, monthly, line.currency)


def _shares(unit: UnitRow, line: LineItem) -> Iterator[tuple[str | None, Decimal, Decimal, Decimal]]:
    """What each code bears of a unit; without any code one row bears all of it."""
    shares = unit.shares
    booked = shares or (Share("", WHOLE),)
    for share, now, monthly in zip(
        booked, amounts_of(line.unit_price, booked), amounts_of(line.monthly_price, booked), strict=True
    ):
        yield (share.code or None, share.percent, now, monthly)


_HEADING = ("Order", "Status", "Platform", "Account")

TABLES = {
    "orders": OrderExport(
        "Hardware orders",
        (
            *(*_HEADING, "Line items", "Total", "Total per month", "Currency"),
            *("Units", "Fulfilled", "Ordered (UTC)"),
            *("Ordered by", "Requested by", "Reason for the order", "Decided by", "Decided (UTC)"),
            *("Reason for the decision", "Ship to", "Address", "Attention", "Notes", "Fulfilled (UTC)"),
            *("Placement", "Distributor", "Their order number", "Placed on", "Days since placed"),
        ),
        _order_rows,
    ),
    "lines": OrderExport(
        "Line items",
        (
            *(*_HEADING, "Ordered (UTC)", "Decided (UTC)", "Line", *_LINE_HEADER),
            *("Requested", "Quantity", "Unit price", "Price per month"),
            *("Total", "Total per month", "Currency"),
        ),
        _line_rows,
    ),
    "units": OrderExport(
        "Units",
        (
            *(*_HEADING, "Line", "Unit", *_LINE_HEADER),
            *("Person", "Employee number", "Location", "Upgraded number", "State"),
            *("Identifier", "Serial number", "Second IMEI", "Fulfilled (UTC)"),
            *("Accounting code", "Share (%)", "Amount now", "Amount per month", "Currency"),
        ),
        _unit_rows,
    ),
}

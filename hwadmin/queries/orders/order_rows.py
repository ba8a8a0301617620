"""The rows of the list of hardware orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    null,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import read_rows
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import ManagerApproval, OrderAction, OrderStatus, fits
from hwadmin.domain.money import currency_symbol, money_of_cents
from hwadmin.domain.ordering.variants import VARIANT_COLUMNS, with_variant
from hwadmin.domain.orders.waiting import WaitsFor
from hwadmin.models import Account, HardwareOrder, LineItem, OrderClaim, Platform
from hwadmin.models.catalog import title
from hwadmin.queries.orders.orders import OPEN, OrderState


class OrderLine(NamedTuple):
    """A line as the list shows it."""

    quantity: int
    kind: Kind
    # The model with what was chosen of it.
    description: str
    max_handsets: int | None
    # What the line costs now and each month, in cents.
    now_cents: int
    monthly_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class RowTotal:
    """What an order costs in one currency, in cents: now, and each month."""

    currency: str
    now_cents: int
    monthly_cents: int

    @property
    def paid_now(self) -> str:
        """What is paid now, in words."""
        return money_of_cents(self.now_cents, self.currency)

    @property
    def monthly(self) -> str:
        """What is paid each month, in words; empty for nothing."""
        return money_of_cents(self.monthly_cents, self.currency) if self.monthly_cents else ""

    @property
    def sums(self) -> str:
        """The same for a script: ``€ 106800 3900``."""
        return f"{currency_symbol(self.currency)} {self.now_cents} {self.monthly_cents}"


@dataclass(frozen=True, slots=True)
class OrderRow(OrderState):
    """An order as the list shows it."""

    id: int
    version: int
    status: OrderStatus
    manager_approval: ManagerApproval
    placed_at: datetime | None
    nothing_to_buy: bool
    distributor: str | None
    distributor_reference: str | None
    ordered_on: date | None
    expected_on: date | None
    created_at: datetime
    waits_for: WaitsFor | None
    due_at: datetime | None
    fulfilled_units: int
    fulfillable_units: int
    platform_name: str
    deadlines: dict[str, Any] | None
    account_name: str
    other_open: int
    # Who is placing it just now, where that was asked for.
    claimed_by: str | None
    lines: tuple[OrderLine, ...] = ()

    @property
    def items(self) -> str:
        """The lines in words."""
        return ", ".join(f"{line.quantity} × {line.description}" for line in self.lines)

    @property
    def totals(self) -> list[RowTotal]:
        """What it costs together, by currency; nearly always there is one."""
        sums: dict[str, tuple[int, int]] = {}
        for line in self.lines:
            now, monthly = sums.get(line.currency, (0, 0))
            sums[line.currency] = (now + line.now_cents, monthly + line.monthly_cents)
        return [RowTotal(currency, *sum_) for currency, sum_ in sums.items()]

    @property
    def waits_for_manager(self) -> bool:
        """Whether the account's own approver has still to answer."""
        return fits(OrderAction.ASK, self.facts)

    @property
    def waits(self) -> bool:
        """Whether it still waits for a decision."""
        return self.status is OrderStatus.SUBMITTED

    @property
    def lateness(self) -> Literal["warn", "late"] | None:
        """How urgent an order is that still waits: after two days, and after five."""
        if not self.waits:
            return None
        days = (utcnow() - self.created_at).days
        return "late" if days >= 5 else "warn" if days >= 2 else None

    @property
    def late(self) -> bool:
        """Whether it has waited longer than it should."""
        return self.due_at is not None and self.due_at < utcnow()

    @property
    def placement(self) -> str:
        """Whether it is placed with the distributor, in words; empty where that is no question."""
        if self.facts.to_be_placed:
            return "to be placed"
        if self.placed_at is None:
            return "from spares" if self.status is OrderStatus.APPROVED else ""
        return "with the distributor" if self.status is OrderStatus.APPROVED else "placed"

    @property
    def days_placed(self) -> int | None:
        """How many days ago it was placed with the distributor."""
        if self.placed_at is None:
            return None
        return max((utcnow().date() - (self.ordered_on or self.placed_at.date())).days, 0)

    @property
    def overdue(self) -> bool:
        """Whether it is with the distributor for longer than they usually take."""
        waits = self.status is OrderStatus.APPROVED
        return waits and self.expected_on is not None and self.expected_on < utcnow().date()

    @property
    def concern(self) -> str | None:
        """In two words what a reviewer should look at; the order's page says it in a sentence."""
        handsets = sum(line.quantity for line in self.lines if line.kind is Kind.DECT_HANDSET)
        bases = [line for line in self.lines if line.kind is Kind.DECT_BASE]
        if not handsets:
            return None
        if not bases:
            return "no base"
        if any(line.max_handsets is None for line in bases):
            return None
        room = sum(line.quantity * (line.max_handsets or 0) for line in bases)
        return f"base takes {room}" if handsets > room else None


_Other = aliased(HardwareOrder)
# The column of each field of an ``OrderRow``, in their order.
_COLUMNS = (
    HardwareOrder.id,
    HardwareOrder.version,
    HardwareOrder.status,
    HardwareOrder.manager_approval,
    HardwareOrder.placed_at,
    HardwareOrder.nothing_to_buy,
    HardwareOrder.distributor,
    HardwareOrder.distributor_reference,
    HardwareOrder.ordered_on,
    HardwareOrder.expected_on,
    HardwareOrder.created_at,
    HardwareOrder.waits_for,
    HardwareOrder.due_at,
    HardwareOrder.fulfilled_units,
    HardwareOrder.fulfillable_units,
    Platform.name.label("platform_name"),
    Platform.deadlines,
    Account.name.label("account_name"),
)


def order_rows(ids: Select[Any], columns: Sequence[ColumnElement[Any]]) -> list[OrderRow]:
    """The rows of some orders and their lines, in two statements.

    Args:
        ids: the statement that selects the keys.
        columns: what the rows are sorted by.
    """
    return with_lines(db.session.execute(rows_statement(ids, columns)))


def rows_statement(
    ids: Select[Any],
    columns: Sequence[ColumnElement[Any]],
    *,
    with_open: bool = False,
    with_claims: bool = False,
) -> Select[*tuple[Any, ...]]:
    """The statement that selects the rows, without their lines.

    The keys are chosen within it, by themselves: their index gives them, and only then is anything
    joined to them.

    Args:
        ids: the statement that selects the keys.
        columns: what the rows are sorted by.
        with_open: whether the other open orders of each account are counted.
        with_claims: whether it is asked who is placing an order at the moment ``now``, a parameter.
    """
    chosen = ids.subquery()
    statement = _rows_statement(with_open, with_claims)
    return statement.join(chosen, chosen.c.id == HardwareOrder.id).order_by(*columns)


def with_lines(rows: Iterable[Any]) -> list[OrderRow]:
    """What that statement has selected, with the lines of all of it read by another one."""
    rows = list(rows)
    lines = _lines_of([row[0] for row in rows])
    make: Callable[..., OrderRow] = OrderRow
    return [make(*row, tuple(lines.get(row[0], ()))) for row in rows]


@cache
def _rows_statement(with_open: bool, with_claims: bool) -> Select[*tuple[Any, ...]]:
    """All but the choice of the rows; made once, because making it takes longer than running it."""
    other_open: Any = literal_column("0")
    if with_open:
        other_open = (
            select(func.count())
            .select_from(_Other)
            .where(
                _Other.account_id == HardwareOrder.account_id,
                _Other.id != HardwareOrder.id,
                _Other.status.in_(OPEN),
            )
            .scalar_subquery()
        )
    statement = (
        select(
            *_COLUMNS,
            other_open.label("other_open"),
            (OrderClaim.person_name if with_claims else null()).label("claimed_by"),
        )
        .join(Platform, Platform.id == HardwareOrder.platform_id)
        .join(Account, Account.id == HardwareOrder.account_id)
    )
    if with_claims:
        in_force = and_(
            OrderClaim.order_id == HardwareOrder.id,
            OrderClaim.lapses_at > bindparam("now", type_=OrderClaim.lapses_at.type),
        )
        statement = statement.outerjoin(OrderClaim, in_force)
    return statement


def _lines_of(ids: Sequence[int]) -> dict[int, list[OrderLine]]:
    lines: dict[int, list[OrderLine]] = {}
    if not ids:
        return lines
    rows = read_rows(_lines_statement(), orders=tuple(ids))
    for order_id, quantity, kind, make, model, size, color, term, carrier, from_spare, *rest in rows:
        description = with_variant(title(make, model), size, color, term, carrier, from_spare)
        lines.setdefault(order_id, []).append(OrderLine(quantity, kind, description, *rest))
    return lines


_OF_LINES = ("order_id", "quantity", "kind", "make", "model", *VARIANT_COLUMNS, "max_handsets")


@cache
def _lines_statement() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(getattr(LineItem, name) for name in _OF_LINES),
            (type_coerce(LineItem.unit_price, BigInteger) * LineItem.quantity).label("now_cents"),
            (type_coerce(LineItem.monthly_price, BigInteger) * LineItem.quantity).label("monthly_cents"),
            LineItem.currency,
        )
        .where(LineItem.order_id.in_(bindparam("orders", expanding=True)))
        .order_by(LineItem.order_id, LineItem.position)
    )

"""The list of hardware orders: its pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_

from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.models import Account, HardwareOrder, Platform
from hwadmin.queries.orders.filters import (
    OrderFilter,
    any_status_conditions,
    status_conditions,
)
from hwadmin.queries.orders.order_rows import OrderRow, order_rows
from hwadmin.queries.orders.orders import MAX_COUNTED, OrderCounts, count_by_status, tallies
from hwadmin.queries.scope import within

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class PagePosition:
    """Which page: its number for people, and, in links from page to page, the order it goes on from."""

    page: int = 0
    after: int | None = None
    before: int | None = None


# What the list can be sorted by. "ordered" and "total" are kept flat on any page by an index; the others are
# for lists a person narrowed first.
SORTS: dict[str, Sequence[Any]] = {
    "total": (HardwareOrder.total_now, HardwareOrder.id),
    "platform": (func.lower(Platform.name), HardwareOrder.id),
    "account": (func.lower(Account.name), HardwareOrder.id),
    "units": (HardwareOrder.fulfillable_units, HardwareOrder.id),
}


SORTED_BY_INDEX = frozenset({"ordered", "total"})


@dataclass(frozen=True, slots=True)
class OrderListPage:
    """One page of the list."""

    rows: list[OrderRow]
    page: int
    # None where there are more than anybody counted.
    total: int | None
    has_next: bool

    @property
    def pages(self) -> int | None:
        """How many pages there are, where that is known."""
        return None if self.total is None else max(1, -(-self.total // PAGE_SIZE))


def orders_page(
    actor: Actor,
    filters: OrderFilter,
    position: PagePosition,
    *,
    sort: str = "ordered",
    descending: bool = True,
) -> tuple[OrderListPage, OrderCounts | None]:
    """One page of the orders this actor is given, and how many there are on each tab.

    Args:
        actor: who looks.
        filters: what narrows the list.
        position: which page.
        sort: ``ordered``, or a key of ``SORTS``.
        descending: newest, or largest, first.

    Returns:
        The page, and the counts of all tabs under the same filters; None where there are more than anybody
        counted.
    """
    others = any_status_conditions(actor, filters)
    conditions = [*others, *status_conditions(filters)]
    by_tally = filters.any_tab.counted_by_tally
    counts = tallies(actor, filters.platform_id) if by_tally else count_by_status(others)
    if counts and not filters.overdue:
        total: int | None = counts.of(filters.status, filters.placed)
    else:
        total = _capped_count(conditions)
    if sort in SORTED_BY_INDEX:
        columns = [HardwareOrder.id] if sort == "ordered" else list(SORTS[sort])
        ids = _ids_by_key(conditions, columns, position, total, descending)
    else:
        columns = list(SORTS[sort])
        ids = _sorted_ids(conditions, _directed(columns, descending), position.page)
    rows = order_rows(
        ids,
        _directed(columns, descending),
        with_open=filters.status is OrderStatus.SUBMITTED,
        # A platform's people are not shown who is placing an order.
        with_claims=actor.can(Permission.NOTES_READ),
    )
    if total is not None:
        has_next = (position.page + 1) * PAGE_SIZE < total
    else:
        # Who came back from a page knows that there is one.
        has_next = position.before is not None or len(rows) > PAGE_SIZE
    return OrderListPage(rows[:PAGE_SIZE], position.page, total, has_next), counts


def _directed(columns: Sequence[Any], descending: bool) -> list[ColumnElement[Any]]:
    return [column.desc() if descending else column.asc() for column in columns]


def _capped_count(conditions: Sequence[ColumnElement[bool]]) -> int | None:
    """How many there are of one tab, where that is not too many to count."""
    some = select(HardwareOrder.id).where(*conditions).limit(MAX_COUNTED + 1).subquery()
    counted = db.session.execute(select(func.count()).select_from(some)).scalar_one()
    return counted if counted <= MAX_COUNTED else None


def _sorted_ids(
    conditions: Sequence[ColumnElement[bool]], order: Sequence[ColumnElement[Any]], page: int
) -> Select[Any]:
    return (
        select(HardwareOrder.id)
        .join(Account, Account.id == HardwareOrder.account_id)
        .join(Platform, Platform.id == HardwareOrder.platform_id)
        .where(*conditions)
        .order_by(*order)
        .limit(PAGE_SIZE + 1)
        .offset(page * PAGE_SIZE)
    )


def _ids_by_key(
    conditions: Sequence[ColumnElement[bool]],
    columns: Sequence[Any],
    position: PagePosition,
    total: int | None,
    descending: bool,
) -> Select[Any]:
    """The keys of a page, from where the link says it goes on, or counted from the nearer end.

    Args:
        conditions: which orders.
        columns: what they are sorted by, the key last; an index has them in this order.
        position: which page.
        total: how many orders there are, where that is known.
        descending: whether the largest is first.
    """
    query = select(HardwareOrder.id).where(*conditions)
    backwards, offset, limit = False, 0, PAGE_SIZE + 1
    if position.after is not None:
        query = query.where(_beyond(columns, position.after, smaller=descending))
    elif position.before is not None:
        query = query.where(_beyond(columns, position.before, smaller=not descending))
        backwards, limit = True, PAGE_SIZE
    else:
        offset = position.page * PAGE_SIZE
        if total is not None and offset > total // 2:
            # From the other end: the last pages cost as little as the first.
            backwards, limit = True, min(PAGE_SIZE, max(total - offset, 0))
            offset = max(total - offset - PAGE_SIZE, 0)
    return query.order_by(*_directed(columns, descending != backwards)).limit(limit).offset(offset)


def _beyond(columns: Sequence[Any], order_id: int, *, smaller: bool) -> ColumnElement[bool]:
    """The condition that an order comes after a certain one in the order of the columns."""
    here, anchor = columns[0], order_id
    if len(columns) > 1:
        value = select(columns[0]).where(HardwareOrder.id == order_id).correlate(None).scalar_subquery()
        here, anchor = tuple_(*columns), tuple_(value, order_id)  # type: ignore[assignment]
    beyond: ColumnElement[bool] = here < anchor if smaller else here > anchor
    return beyond


def chosen_cost_above(actor: Actor, order_ids: Sequence[int], amount: Decimal) -> bool:
    """Whether one of the orders, of those that the actor has access to, costs more at once."""
    return (
        db.session.scalars(
            select(HardwareOrder.id)
            .where(
                within(actor, HardwareOrder),
                HardwareOrder.id.in_(order_ids),
                HardwareOrder.total_now > amount,
            )
            .limit(1)
        ).first()
        is not None
    )


def chosen_rows(actor: Actor, order_ids: Sequence[int]) -> list[OrderRow]:
    """Those of the orders that the actor has access to, as the list shows them, oldest first."""
    some = select(HardwareOrder.id).where(within(actor, HardwareOrder), HardwareOrder.id.in_(order_ids))
    return order_rows(some, [HardwareOrder.id.asc()])

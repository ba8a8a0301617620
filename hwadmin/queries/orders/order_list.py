"""The list of hardware orders: its pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, select, tuple_

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import read_rows
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.models import Account, HardwareOrder, Platform
from hwadmin.queries.orders.filters import (
    OrderFilter,
    any_status_conditions,
    order_conditions,
    status_conditions,
)
from hwadmin.queries.orders.order_rows import OrderRow, order_rows, rows_statement, with_lines
from hwadmin.queries.orders.orders import MAX_COUNTED, OrderCounts, counts_statement, summed_up, tallies
from hwadmin.queries.orders.search import OrdersNamed, condition_of, named_by, orders_named
from hwadmin.queries.scope import given, within, within_given

PAGE_SIZE = 50
Make = Callable[..., Select[*tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class PagePosition:
    """Which page: its number for people, and, in links from page to page, the order it goes on from."""

    page: int = 0
    after: int | None = None
    before: int | None = None


# What the list can be sorted by. "ordered" and "total" are kept flat on any page by an index. On PostgreSQL
# the names of platforms and accounts have one, too, by which the first and the last pages are read.
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
    platform_names: Sequence[tuple[int, str]],
    *,
    sort: str = "ordered",
    descending: bool = True,
) -> tuple[OrderListPage, OrderCounts | None]:
    """One page of the orders this actor is given, and how many there are on each tab.

    Args:
        actor: who looks.
        filters: what narrows the list.
        position: which page.
        platform_names: the key and name of each platform the actor is given.
        sort: ``ordered``, or a key of ``SORTS``.
        descending: newest, or largest, first.

    Returns:
        The page, and the counts of all tabs under the same filters; None where there are more than anybody
        counted.
    """
    by_index = sort in SORTED_BY_INDEX
    named = orders_named(actor, filters.text, platform_names)
    reads = _reads(actor, filters, named, by_index)
    if filters.any_tab.counted_by_tally:
        counts: OrderCounts | None = tallies(actor, filters.platform_id)
    else:
        counts = summed_up(reads.rows(_counts_statement))
    total: int | None = None
    if counts and not filters.overdue:
        total = counts.of(filters.status, filters.placed)
    elif filters.status is not None:
        # Of all together they are known to be too many.
        counted = reads.rows(_capped_count_statement)[0][0]
        total = counted if counted <= MAX_COUNTED else None
    way, values = _way(position if by_index else PagePosition(position.page), total)
    # A platform's people are not shown who is placing an order.
    with_claims = actor.can(Permission.NOTES_READ)
    if with_claims:
        values["now"] = utcnow()
    rows = with_lines(reads.rows(_page_statement, sort, descending, way, with_claims, **values))
    if total is not None:
        has_next = (position.page + 1) * PAGE_SIZE < total
    else:
        # Who came back from a page knows that there is one.
        has_next = position.before is not None or len(rows) > PAGE_SIZE
    return OrderListPage(rows[:PAGE_SIZE], position.page, total, has_next), counts


def overdue_count(actor: Actor, filters: OrderFilter) -> int:
    """How many of the approved orders under these filters are overdue."""
    conditions = order_conditions(actor, replace(filters.any_tab, overdue=True))
    return db.session.execute(select(func.count(HardwareOrder.id)).where(*conditions)).scalar_one()


def _directed(columns: Sequence[Any], descending: bool) -> list[ColumnElement[Any]]:
    return [column.desc() if descending else column.asc() for column in columns]


def _counts_statement(
    others: Sequence[ColumnElement[bool]], _filters: OrderFilter
) -> Select[*tuple[Any, ...]]:
    return counts_statement(others)


def _capped_count_statement(
    others: Sequence[ColumnElement[bool]], filters: OrderFilter
) -> Select[*tuple[Any, ...]]:
    """How many there are of one tab, so far."""
    some = select(HardwareOrder.id).where(*others, *status_conditions(filters)).limit(MAX_COUNTED + 1)
    return select(func.count()).select_from(some.subquery())


class _Usual(NamedTuple):
    """What most people ask for: a tab of all platforms or of one, or what a search finds there."""

    everything: bool
    # Without the search; of any platform, where it is of one.
    filters: OrderFilter
    # The columns by which a search names orders; None without one.
    named: tuple[str, ...] | None
    # The keys of a search are written differently for each.
    database: str


class _Reads(NamedTuple):
    """How the statements of a page are made and run."""

    filters: OrderFilter
    # Where they are made once and kept.
    usual: _Usual | None
    # The conditions of all tabs, where they are made anew.
    others: Sequence[ColumnElement[bool]]
    values: Mapping[str, Any]

    def rows(self, make: Make, *choices: Any, **values: Any) -> Sequence[Any]:
        """The rows of a statement, made by a function of the conditions, the filters and some choices."""
        if self.usual is None:
            return db.session.execute(make(self.others, self.filters, *choices), values).all()
        return read_rows(_made_once(make, self.usual, *choices), **self.values, **values)


def _reads(actor: Actor, filters: OrderFilter, named: OrdersNamed | None, by_index: bool) -> _Reads:
    """How to read what these filters find; ``named`` is what their text denotes."""
    without_text = replace(filters, text="")
    if by_index and without_text.counted_by_tally and (named is None or named.many_accounts is None):
        values: dict[str, Any] = {**given(actor), **(named.values if named else {})}
        if filters.platform_id is not None:
            values["platform"] = filters.platform_id
            without_text = replace(without_text, platform_id=0)
        kinds = named.kinds if named else None
        usual = _Usual(actor.platform_ids is None, without_text, kinds, db.session.get_bind().dialect.name)
        return _Reads(filters, usual, (), values)
    others = any_status_conditions(actor, without_text)
    if named is not None:
        others.append(condition_of(named))
    return _Reads(filters, None, others, {})


@lru_cache(maxsize=256)
def _made_once(make: Make, usual: _Usual, *choices: Any) -> Select[*tuple[Any, ...]]:
    others = [within_given(usual.everything, HardwareOrder)]
    if usual.filters.platform_id is not None:
        others.append(HardwareOrder.platform_id == bindparam("platform"))
    if usual.named is not None:
        others.append(named_by(usual.named))
    return make(others, usual.filters, *choices)


class _Way(NamedTuple):
    """How the keys of a page are reached."""

    # From the order that the link names, and not counted from an end of the list.
    from_anchor: bool
    backwards: bool


def _way(position: PagePosition, total: int | None) -> tuple[_Way, dict[str, Any]]:
    """The way to a page, and the parameters of a statement that takes it."""
    if position.after is not None:
        return _Way(True, False), {"anchor": position.after, "skipped": 0, "most": PAGE_SIZE + 1}
    if position.before is not None:
        return _Way(True, True), {"anchor": position.before, "skipped": 0, "most": PAGE_SIZE}
    skipped = position.page * PAGE_SIZE
    if total is not None and skipped > total // 2:
        # From the other end: the last pages cost as little as the first.
        most = min(PAGE_SIZE, max(total - skipped, 0))
        return _Way(False, True), {"skipped": max(total - skipped - PAGE_SIZE, 0), "most": most}
    return _Way(False, False), {"skipped": skipped, "most": PAGE_SIZE + 1}


def _page_statement(
    others: Sequence[ColumnElement[bool]],
    filters: OrderFilter,
    sort: str,
    descending: bool,
    way: _Way,
    with_claims: bool,
) -> Select[*tuple[Any, ...]]:
    """The statement of a page: its parameters are those of ``_way``, and ``now`` with claims.

    Args:
        others: the conditions of all tabs.
        filters: what was asked for.
        sort: ``ordered``, or a key of ``SORTS``.
        descending: whether the largest is first.
        way: how the page is reached.
        with_claims: whether it is asked who is placing an order just now.
    """
    columns = [HardwareOrder.id] if sort == "ordered" else list(SORTS[sort])
    ids = select(HardwareOrder.id).where(*others, *status_conditions(filters))
    if sort not in SORTED_BY_INDEX:
        ids = ids.join(Account, Account.id == HardwareOrder.account_id)
        ids = ids.join(Platform, Platform.id == HardwareOrder.platform_id)
    if way.from_anchor:
        ids = ids.where(_beyond(columns, bindparam("anchor"), smaller=descending != way.backwards))
    return rows_statement(
        ids.order_by(*_directed(columns, descending != way.backwards))
        .limit(bindparam("most"))
        .offset(bindparam("skipped")),
        _directed(columns, descending),
        with_open=filters.status is OrderStatus.SUBMITTED,
        with_claims=with_claims,
    )


def _beyond(columns: Sequence[Any], anchor: Any, *, smaller: bool) -> ColumnElement[bool]:
    """The condition that an order comes after a certain one in the order of the columns."""
    here = columns[0]
    if len(columns) > 1:
        value = select(columns[0]).where(HardwareOrder.id == anchor).correlate(None).scalar_subquery()
        here, anchor = tuple_(*columns), tuple_(value, anchor)
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

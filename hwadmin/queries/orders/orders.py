"""Hardware orders: those an actor has access to, how many there are, and what each row tells of its state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, literal_column, or_, select

from hwadmin.clock import utcnow
from hwadmin.db.dialects import Likely
from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import read_rows
from hwadmin.domain.lifecycle import ManagerApproval, OrderFacts, OrderStatus
from hwadmin.domain.permissions import Actor, Role
from hwadmin.models import HardwareOrder, OrderTally, Person, reference
from hwadmin.models.orders import DUE, EXPECTED, TO_BE_PLACED, WAITING, WITH_DISTRIBUTOR
from hwadmin.models.people import person_platform
from hwadmin.queries.scope import given, visible, within, within_given

# With a search or dates nothing keeps the count; it is counted so far and then called "more than".
MAX_COUNTED = 1000
# Orders from which units are still to come.
OPEN = (OrderStatus.SUBMITTED, OrderStatus.APPROVED)


def visible_orders(actor: Actor) -> Select[HardwareOrder]:
    """The orders the actor has access to."""
    return visible(actor, HardwareOrder)


def waiting_counts(actor: Actor) -> tuple[int, int]:
    """How many orders wait for a super-admin's decision, and how many approved ones are to be placed.

    Those that await a manager first do not count.
    """
    ((decisions, placements),) = read_rows(_waiting_statement(actor.platform_ids is None), **given(actor))
    return decisions, int(placements)


@cache
def _waiting_statement(everything: bool) -> Select[int, int]:
    decisions = _decisions().where(within_given(everything, HardwareOrder)).scalar_subquery()
    placements = (
        select(func.coalesce(func.sum(OrderTally.to_be_placed), 0))
        .where(within_given(everything, OrderTally), OrderTally.status == OrderStatus.APPROVED)
        .scalar_subquery()
    )
    return select(decisions, placements)


def _decisions() -> Select[int]:
    """How many orders wait for a super-admin, of all platforms."""
    # Every key is above 0. Asked for it, and told that the status is no rare one, SQLite reads the partial
    # index of the waiting orders alone; if not, all orders of their status, one by one.
    of_status, not_awaiting_its_manager = WAITING.split(" AND ")
    return select(func.count(HardwareOrder.platform_id)).where(
        Likely(literal_column(of_status)),
        _as_indexed(not_awaiting_its_manager),
        HardwareOrder.platform_id > 0,
    )


def waiting_counts_of_person() -> list[ColumnElement[int]]:
    """The same counts as two columns of a statement that reads a person, for what the person is given."""
    everything = or_(Person.role == Role.SUPER_ADMIN, Person.all_platforms)
    counts = (
        (_decisions(), HardwareOrder.platform_id),
        (
            select(func.coalesce(func.sum(OrderTally.to_be_placed), 0)).where(
                OrderTally.status == OrderStatus.APPROVED
            ),
            OrderTally.platform_id,
        ),
    )
    return [
        case(
            (everything, count.scalar_subquery()),
            # Each platform's own part of the index, where the one that knows all of them would be read whole.
            else_=count.join(person_platform, person_platform.c.platform_id == platform_id)
            .where(person_platform.c.person_id == Person.id)
            .scalar_subquery(),
        )
        for count, platform_id in counts
    ]


def waiting() -> ColumnElement[bool]:
    """The condition that an order waits for a super-admin; a manager who has to agree first is waited for."""
    return _as_indexed(WAITING)


def to_be_placed() -> ColumnElement[bool]:
    """The condition that an order is approved and has still to be bought."""
    return _as_indexed(TO_BE_PLACED)


def _as_indexed(condition: str) -> ColumnElement[bool]:
    """The very condition a partial index was made with: the index is used for no other.

    Without a type: SQLite's dialect would compare a Boolean with 1, which no index knows.
    """
    return literal_column(f"({condition})")


def with_distributor() -> ColumnElement[bool]:
    """The condition that an order is approved and placed with the distributor."""
    return _as_indexed(WITH_DISTRIBUTOR)


def overdue() -> ColumnElement[bool]:
    """The condition that an order is with the distributor for longer than they usually take."""
    return _as_indexed(EXPECTED) & (HardwareOrder.expected_on < utcnow().date())


def late() -> ColumnElement[bool]:
    """The condition that an order waits longer than it should."""
    return _as_indexed(DUE) & (HardwareOrder.due_at < utcnow())


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """How many orders there are."""

    by_status: Mapping[OrderStatus, int]
    # Of the approved ones.
    to_be_placed: int
    with_distributor: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_status.values())

    def of(self, status: OrderStatus | None, placed: bool | None = None) -> int:
        """How many there are of a status, or of all; of the approved ones those placed or not."""
        if placed is not None:
            return self.with_distributor if placed else self.to_be_placed
        return self.total if status is None else self.by_status[status]


def tallies(actor: Actor, platform_id: int | None = None) -> OrderCounts:
    """How many orders there are of each status, from the counts the database keeps."""
    one = {} if platform_id is None else {"platform": platform_id}
    rows = read_rows(_tallies_statement(actor.platform_ids is None, bool(one)), **one, **given(actor))
    counts = dict.fromkeys(OrderStatus, 0)
    unplaced = placed = 0
    for status, *numbers in rows:
        # PostgreSQL's sum is a Decimal.
        counts[status], open_, done = map(int, numbers)
        if status is OrderStatus.APPROVED:
            unplaced, placed = open_, done
    return OrderCounts(counts, unplaced, placed)


@cache
def _tallies_statement(everything: bool, of_one_platform: bool) -> Select[OrderStatus, Any, Any, Any]:
    condition = within_given(everything, OrderTally)
    if of_one_platform:
        condition = condition & (OrderTally.platform_id == bindparam("platform"))
    return (
        select(
            OrderTally.status,
            func.sum(OrderTally.orders),
            func.sum(OrderTally.to_be_placed),
            func.sum(OrderTally.placed),
        )
        .where(condition)
        .group_by(OrderTally.status)
    )


def oldest_open(actor: Actor) -> dict[OrderStatus, datetime]:
    """Since when the oldest order of each status from which units are still to come is there."""
    found = {}
    for status in OPEN:
        since = db.session.scalar(
            select(HardwareOrder.created_at)
            .where(within(actor, HardwareOrder), HardwareOrder.status == status)
            .order_by(HardwareOrder.id)
            .limit(1)
        )
        if since is not None:
            found[status] = since
    return found


def counts_statement(conditions: Sequence[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """The statement that counts orders by status under some conditions, in one pass over them."""
    some = (
        select(
            HardwareOrder.status,
            to_be_placed().label("to_be_placed"),
            with_distributor().label("with_distributor"),
        )
        .where(*conditions)
        .limit(MAX_COUNTED + 1)
        .subquery()
    )
    groups = (some.c.status, some.c.to_be_placed, some.c.with_distributor)
    return select(*groups, func.count()).group_by(*groups)


def summed_up(rows: Iterable[Any]) -> OrderCounts | None:
    """What that statement has counted; None where there are more than ``MAX_COUNTED`` together."""
    counts = dict.fromkeys(OrderStatus, 0)
    unplaced = placed = 0
    for status, is_unplaced, is_placed, number in rows:
        counts[status] += number
        unplaced += number if is_unplaced else 0
        placed += number if is_placed else 0
    return OrderCounts(counts, unplaced, placed) if sum(counts.values()) <= MAX_COUNTED else None


def other_open_orders(actor: Actor, order: HardwareOrder) -> list[str]:
    """The references of the first other open orders of the same account."""
    order_ids = db.session.scalars(
        visible_orders(actor)
        .with_only_columns(HardwareOrder.id)
        .where(
            HardwareOrder.account_id == order.account_id,
            HardwareOrder.id != order.id,
            HardwareOrder.status.in_(OPEN),
        )
        .order_by(HardwareOrder.id)
        .limit(6)
    )
    return [reference(order_id) for order_id in order_ids]


class OrderState:
    """What every row says of its order."""

    __slots__ = ()

    id: int
    status: OrderStatus
    placed_at: datetime | None
    fulfilled_units: int
    manager_approval: ManagerApproval
    nothing_to_buy: bool

    @property
    def reference(self) -> str:
        """The number people say."""
        return reference(self.id)

    @property
    def facts(self) -> OrderFacts:
        """What the lifecycle table needs to know."""
        return OrderFacts(
            self.status,
            self.placed_at is not None,
            self.fulfilled_units > 0,
            self.manager_approval,
            self.nothing_to_buy,
        )

"""Reading hardware orders: the list, its counts, its pages, and the badge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Select, func, literal_column, select
from sqlalchemy.orm import aliased

from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.lifecycle import ManagerApproval, OrderAction, OrderFacts, OrderStatus, fits
from hwadmin.models import Account, HardwareOrder, LineItem, OrderTally, Platform, reference
from hwadmin.models.catalog import title
from hwadmin.models.orders import AWAITING_ITS_MANAGER, WAITING
from hwadmin.permissions import Actor
from hwadmin.queries.order_search import matching_orders
from hwadmin.queries.scope import visible, within

PAGE_SIZE = 50
# With a search or dates nothing keeps the count; it is counted so far and then called "more than".
MOST_COUNTED = 1000


def visible_orders(actor: Actor) -> Select[HardwareOrder]:
    """The orders this actor is given."""
    return visible(actor, HardwareOrder)


def waiting_count(actor: Actor) -> int:
    """How many orders wait for a super-admin's decision; those that await a manager first do not count."""
    return db.session.execute(
        select(func.count(HardwareOrder.platform_id)).where(within(actor, HardwareOrder), waiting())
    ).scalar_one()


class Outcome(StrEnum):
    """What was decided about an order, whatever became of it since."""

    DECIDED = "decided"
    APPROVED = "approved"
    REJECTED = "rejected"


_STATUSES_OF = {
    Outcome.DECIDED: (OrderStatus.APPROVED, OrderStatus.FULFILLED, OrderStatus.REJECTED),
    Outcome.APPROVED: (OrderStatus.APPROVED, OrderStatus.FULFILLED),
    Outcome.REJECTED: (OrderStatus.REJECTED,),
}


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What narrows the list of orders; all of it is in the address, so a link can be sent."""

    status: OrderStatus | None = None
    platform_id: int | None = None
    account_id: int | None = None
    text: str = ""
    since: date | None = None
    until: date | None = None
    # Waiting for a super-admin's decision, for so many days or more; 0: at all.
    waits: int | None = None
    outcome: Outcome | None = None
    decided_since: date | None = None
    decided_until: date | None = None
    fulfilled_since: date | None = None
    fulfilled_until: date | None = None
    # With a line of this make and model.
    make: str = ""
    model: str = ""
    awaits_manager: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether anything but the status narrows it."""
        return self != OrderFilter(status=self.status)

    @property
    def counted_by_tally(self) -> bool:
        """Whether the kept counts answer how many there are."""
        return self == OrderFilter(status=self.status, platform_id=self.platform_id)


@dataclass(frozen=True, slots=True)
class Place:
    """Which page: its number for people, and, in links from page to page, the order it goes on from."""

    page: int = 0
    after: int | None = None
    before: int | None = None


# What the list can be sorted by. Only "ordered" is kept flat on any page by its key; the others are for
# lists a person narrowed first.
SORTS: dict[str, Sequence[Any]] = {
    "platform": (func.lower(Platform.name), HardwareOrder.id),
    "account": (func.lower(Account.name), HardwareOrder.id),
    "units": (HardwareOrder.fulfillable_units, HardwareOrder.id),
}


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line as the list shows it."""

    quantity: int
    kind: Kind
    title: str
    max_handsets: int | None


class Told:
    """What every row says of its order."""

    __slots__ = ()

    id: int
    status: OrderStatus
    placed_at: datetime | None
    fulfilled_units: int
    manager_approval: ManagerApproval

    @property
    def reference(self) -> str:
        """The number people say."""
        return reference(self.id)

    @property
    def facts(self) -> OrderFacts:
        """What the lifecycle table needs to know."""
        return OrderFacts(
            self.status, self.placed_at is not None, self.fulfilled_units > 0, self.manager_approval
        )


@dataclass(frozen=True, slots=True)
class OrderRow(Told):
    """An order as the list shows it."""

    id: int
    version: int
    status: OrderStatus
    manager_approval: ManagerApproval
    placed_at: datetime | None
    created_at: datetime
    fulfilled_units: int
    fulfillable_units: int
    platform_name: str
    account_name: str
    other_open: int
    lines: tuple[OrderLine, ...] = ()

    @property
    def items(self) -> str:
        """The lines in words."""
        return ", ".join(f"{line.quantity} × {line.title}" for line in self.lines)

    @property
    def waits_for_manager(self) -> bool:
        """Whether the account's own approver has still to answer."""
        return fits(OrderAction.ASK, self.facts)

    @property
    def waits(self) -> bool:
        """Whether it still waits for a decision."""
        return self.status is OrderStatus.SUBMITTED

    @property
    def lateness(self) -> str | None:
        """How an order that still waits is marked: after two days, and after five."""
        if not self.waits:
            return None
        days = (utcnow() - self.created_at).days
        return "age-late" if days >= 5 else "age-warn" if days >= 2 else None

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


@dataclass(frozen=True, slots=True)
class OrderPage:
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


def tallies(actor: Actor, platform_id: int | None = None) -> dict[OrderStatus, int]:
    """How many orders there are of each status, from the counts the database keeps."""
    condition = within(actor, OrderTally)
    if platform_id is not None:
        condition = condition & (OrderTally.platform_id == platform_id)
    rows = db.session.execute(
        select(OrderTally.status, func.sum(OrderTally.orders)).where(condition).group_by(OrderTally.status)
    )
    counts = dict.fromkeys(OrderStatus, 0)
    for status, number in rows:
        # PostgreSQL's sum is a Decimal.
        counts[status] = int(number)
    return counts


def _conditions(actor: Actor, wanted: OrderFilter) -> list[ColumnElement[bool]]:
    conditions = [within(actor, HardwareOrder)]
    if wanted.status is not None:
        conditions.append(HardwareOrder.status == wanted.status)
    if wanted.platform_id is not None:
        conditions.append(HardwareOrder.platform_id == wanted.platform_id)
    if wanted.account_id is not None:
        conditions.append(HardwareOrder.account_id == wanted.account_id)
    if wanted.awaits_manager:
        # The partial index is used only for the very condition it was made with.
        conditions.append(literal_column(f"({AWAITING_ITS_MANAGER})"))
    conditions += within_days(HardwareOrder.created_at, wanted.since, wanted.until)
    if wanted.waits is not None:
        conditions += [waiting(), HardwareOrder.created_at <= utcnow() - timedelta(days=wanted.waits)]
    if wanted.outcome is not None:
        conditions.append(HardwareOrder.status.in_(_STATUSES_OF[wanted.outcome]))
    conditions += within_days(HardwareOrder.decided_at, wanted.decided_since, wanted.decided_until)
    conditions += within_days(HardwareOrder.fulfilled_at, wanted.fulfilled_since, wanted.fulfilled_until)
    if wanted.make or wanted.model:
        conditions.append(
            select(LineItem.id)
            .where(
                LineItem.order_id == HardwareOrder.id,
                LineItem.make == wanted.make,
                LineItem.model == wanted.model,
            )
            .exists()
        )
    matching = matching_orders(actor, wanted.text)
    if matching is not None:
        conditions.append(matching)
    return conditions


def waiting() -> ColumnElement[bool]:
    """The condition that an order waits for a super-admin; a manager who has to agree first is waited for."""
    # The partial index is used only for the very condition it was made with.
    return literal_column(f"({WAITING})", Boolean)


def within_days(column: Any, since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    """The conditions that a moment is on these days in UTC, both included."""
    conditions = []
    if since is not None:
        conditions.append(column >= _midnight(since))
    # Nothing is later than the last day there is, and no day comes after it.
    if until is not None and until < date.max:
        conditions.append(column < _midnight(until + timedelta(days=1)))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def orders_page(
    actor: Actor,
    wanted: OrderFilter,
    place: Place,
    *,
    counts: dict[OrderStatus, int],
    sort: str = "ordered",
    descending: bool = True,
) -> OrderPage:
    """One page of the orders this actor is given.

    Args:
        actor: who looks.
        wanted: what narrows the list.
        place: which page.
        counts: the tallies of the same platform filter, which say how many there are.
        sort: ``ordered``, or a key of ``SORTS``.
        descending: newest, or largest, first.
    """
    conditions = _conditions(actor, wanted)
    if wanted.counted_by_tally:
        total: int | None = counts[wanted.status] if wanted.status else sum(counts.values())
    else:
        some = select(HardwareOrder.id).where(*conditions).limit(MOST_COUNTED + 1).subquery()
        counted = db.session.execute(select(func.count()).select_from(some)).scalar_one()
        total = counted if counted <= MOST_COUNTED else None
    if sort in SORTS:
        columns = [column.desc() if descending else column.asc() for column in SORTS[sort]]
        ids = _sorted_ids(conditions, columns, place.page)
    else:
        columns = [HardwareOrder.id.desc() if descending else HardwareOrder.id.asc()]
        ids = _ids_by_key(conditions, place, total, descending)
    rows = _rows(ids, columns, with_open=wanted.status is OrderStatus.SUBMITTED)
    if total is not None:
        has_next = (place.page + 1) * PAGE_SIZE < total
    else:
        # Who came back from a page knows that there is one.
        has_next = place.before is not None or len(rows) > PAGE_SIZE
    return OrderPage(rows[:PAGE_SIZE], place.page, total, has_next)


def _sorted_ids(
    conditions: Sequence[ColumnElement[bool]], columns: Sequence[ColumnElement[Any]], page: int
) -> Select[Any]:
    return (
        select(HardwareOrder.id)
        .join(Account, Account.id == HardwareOrder.account_id)
        .join(Platform, Platform.id == HardwareOrder.platform_id)
        .where(*conditions)
        .order_by(*columns)
        .limit(PAGE_SIZE + 1)
        .offset(page * PAGE_SIZE)
    )


def _ids_by_key(
    conditions: Sequence[ColumnElement[bool]], place: Place, total: int | None, descending: bool
) -> Select[Any]:
    """The keys of a page, from where the link says it goes on, or counted from the nearer end."""
    key = HardwareOrder.id
    query = select(key).where(*conditions)
    backwards, offset, limit = False, 0, PAGE_SIZE + 1
    if place.after is not None:
        query = query.where(key < place.after if descending else key > place.after)
    elif place.before is not None:
        query = query.where(key > place.before if descending else key < place.before)
        backwards, limit = True, PAGE_SIZE
    else:
        offset = place.page * PAGE_SIZE
        if total is not None and offset > total // 2:
            # From the other end: the last pages cost as little as the first.
            backwards, limit = True, min(PAGE_SIZE, max(total - offset, 0))
            offset = max(total - offset - PAGE_SIZE, 0)
    return query.order_by(key.desc() if descending != backwards else key.asc()).limit(limit).offset(offset)


_Other = aliased(HardwareOrder)


def _rows(ids: Select[Any], columns: Sequence[ColumnElement[Any]], *, with_open: bool) -> list[OrderRow]:
    """The rows of a page and their lines, in two statements.

    The keys are chosen within the first, by themselves: their index gives them, and only then is anything
    joined to them.
    """
    chosen = ids.subquery()
    other_open: Any = literal_column("0")
    if with_open:
        other_open = (
            select(func.count())
            .select_from(_Other)
            .where(
                _Other.account_id == HardwareOrder.account_id,
                _Other.id != HardwareOrder.id,
                _Other.status.in_([OrderStatus.SUBMITTED, OrderStatus.APPROVED]),
            )
            .scalar_subquery()
        )
    rows = db.session.execute(
        select(
            HardwareOrder.id,
            HardwareOrder.version,
            HardwareOrder.status,
            HardwareOrder.manager_approval,
            HardwareOrder.placed_at,
            HardwareOrder.created_at,
            HardwareOrder.fulfilled_units,
            HardwareOrder.fulfillable_units,
            Platform.name,
            Account.name,
            other_open,
        )
        .join(Platform, Platform.id == HardwareOrder.platform_id)
        .join(Account, Account.id == HardwareOrder.account_id)
        .join(chosen, chosen.c.id == HardwareOrder.id)
        .order_by(*columns)
    ).all()
    lines = _lines_of([row[0] for row in rows])
    return [OrderRow(*row, tuple(lines.get(row[0], ()))) for row in rows]


def _lines_of(ids: Sequence[int]) -> dict[int, list[OrderLine]]:
    lines: dict[int, list[OrderLine]] = {}
    if not ids:
        return lines
    for order_id, quantity, kind, make, model, max_handsets in db.session.execute(
        select(
            LineItem.order_id,
            LineItem.quantity,
            LineItem.kind,
            LineItem.make,
            LineItem.model,
            LineItem.max_handsets,
        )
        .where(LineItem.order_id.in_(ids))
        .order_by(LineItem.order_id, LineItem.position)
    ):
        lines.setdefault(order_id, []).append(OrderLine(quantity, kind, title(make, model), max_handsets))
    return lines


def all_rows(actor: Actor, wanted: OrderFilter, most: int) -> Iterator[OrderRow]:
    """The filtered orders, newest first, for an export: at most so many, read in batches."""
    conditions = _conditions(actor, wanted)
    query = select(HardwareOrder.id).where(*conditions).order_by(HardwareOrder.id.desc()).limit(most)
    ids = list(db.session.scalars(query))
    newest = [HardwareOrder.id.desc()]
    for start in range(0, len(ids), 1000):
        some = select(HardwareOrder.id).where(HardwareOrder.id.in_(ids[start : start + 1000]))
        yield from _rows(some, newest, with_open=False)

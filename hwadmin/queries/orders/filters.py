"""What the list of orders can be narrowed by, and the conditions that do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, literal_column, select

from hwadmin.clock import utcnow
from hwadmin.domain.dates import start_of
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.orders.waiting import WaitsFor
from hwadmin.domain.permissions import Actor
from hwadmin.models import HardwareOrder, LineItem
from hwadmin.models.orders import AWAITING_ITS_MANAGER
from hwadmin.queries.orders.orders import late, overdue, to_be_placed, waiting, with_distributor
from hwadmin.queries.orders.search import matching_orders
from hwadmin.queries.scope import within


class DecisionOutcome(StrEnum):
    """What was decided about an order, whatever became of it since."""

    DECIDED = "decided"
    APPROVED = "approved"
    REJECTED = "rejected"


_STATUSES_OF = {
    DecisionOutcome.DECIDED: (OrderStatus.APPROVED, OrderStatus.FULFILLED, OrderStatus.REJECTED),
    DecisionOutcome.APPROVED: (OrderStatus.APPROVED, OrderStatus.FULFILLED),
    DecisionOutcome.REJECTED: (OrderStatus.REJECTED,),
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
    outcome: DecisionOutcome | None = None
    decided_since: date | None = None
    decided_until: date | None = None
    fulfilled_since: date | None = None
    fulfilled_until: date | None = None
    # With a line of this make and model.
    make: str = ""
    model: str = ""
    awaits_manager: bool = False
    # Of approved orders: whether they are placed with the distributor, or have still to be.
    placed: bool | None = None
    # With the distributor for longer than they usually take.
    overdue: bool = False
    # Waiting longer than it should, for whatever it waits.
    late: bool = False
    waits_for: WaitsFor | None = None
    # Only these, whatever they are.
    order_ids: tuple[int, ...] = ()

    @property
    def narrowed(self) -> bool:
        """Whether anything but the status narrows it."""
        return self != OrderFilter(status=self.status, placed=self.placed, overdue=self.overdue)

    @property
    def any_tab(self) -> OrderFilter:
        """The same filter on the tab of all approved orders, or of whatever status it is."""
        return replace(self, placed=None, overdue=False)

    @property
    def counted_by_tally(self) -> bool:
        """Whether the kept counts answer how many there are."""
        return self == OrderFilter(status=self.status, platform_id=self.platform_id, placed=self.placed)


def order_conditions(actor: Actor, filters: OrderFilter) -> list[ColumnElement[bool]]:
    """The conditions of the orders that the actor has access to and that pass the filters."""
    return [*any_status_conditions(actor, filters), *status_conditions(filters)]


def status_conditions(filters: OrderFilter) -> list[ColumnElement[bool]]:
    """The conditions that choose a tab: a status, and of the approved ones whether they are placed."""
    conditions: list[ColumnElement[bool]] = []
    if filters.status is not None:
        conditions.append(HardwareOrder.status == filters.status)
    return [*conditions, *_placements(filters)]


def any_status_conditions(actor: Actor, filters: OrderFilter) -> list[ColumnElement[bool]]:
    """All other conditions: every tab counts by them."""
    conditions = [within(actor, HardwareOrder)]
    if filters.order_ids:
        conditions.append(HardwareOrder.id.in_(filters.order_ids))
    if filters.platform_id is not None:
        conditions.append(HardwareOrder.platform_id == filters.platform_id)
    if filters.account_id is not None:
        conditions.append(HardwareOrder.account_id == filters.account_id)
    conditions += _waits(filters)
    conditions += within_days(HardwareOrder.created_at, filters.since, filters.until, start_of)
    if filters.outcome is not None:
        conditions.append(HardwareOrder.status.in_(_STATUSES_OF[filters.outcome]))
    conditions += within_days(HardwareOrder.decided_at, filters.decided_since, filters.decided_until)
    conditions += within_days(HardwareOrder.fulfilled_at, filters.fulfilled_since, filters.fulfilled_until)
    if filters.make or filters.model:
        conditions.append(
            select(LineItem.id)
            .where(
                LineItem.order_id == HardwareOrder.id,
                LineItem.make == filters.make,
                LineItem.model == filters.model,
            )
            .exists()
        )
    matching = matching_orders(actor, filters.text)
    if matching is not None:
        conditions.append(matching)
    return conditions


def _waits(filters: OrderFilter) -> list[ColumnElement[bool]]:
    """The conditions about what an order waits for, and for how long."""
    conditions: list[ColumnElement[bool]] = []
    if filters.late:
        conditions.append(late())
    if filters.waits_for is not None:
        conditions.append(HardwareOrder.waits_for == filters.waits_for)
    if filters.awaits_manager:
        # The partial index is used only for the very condition it was made with.
        conditions.append(literal_column(f"({AWAITING_ITS_MANAGER})"))
    if filters.waits is not None:
        conditions += [waiting(), HardwareOrder.created_at <= utcnow() - timedelta(days=filters.waits)]
    return conditions


def _placements(filters: OrderFilter) -> list[ColumnElement[bool]]:
    """The conditions about the placement with a distributor."""
    conditions = []
    if filters.placed is not None:
        conditions.append(with_distributor() if filters.placed else to_be_placed())
    if filters.overdue:
        conditions.append(overdue())
    return conditions


def within_days(
    column: Any, since: date | None, until: date | None, start: Callable[[date], datetime] | None = None
) -> list[ColumnElement[bool]]:
    """The conditions that a moment is on these days, both included.

    Args:
        column: of moments.
        since: the first day; None for all before.
        until: the last day; None for all after.
        start: when a day begins; at midnight in UTC by default.
    """
    start = start or _midnight
    conditions = []
    if since is not None:
        conditions.append(column >= start(since))
    # Nothing is later than the last day there is, and no day comes after it.
    if until is not None and until < date.max:
        conditions.append(column < start(until + timedelta(days=1)))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)

"""The numbers of the dashboard: what waits, what was decided and fulfilled, and how long it took.

Each number counts orders that a list of orders can show: by the same columns and the same days in UTC. A
decision is the one that stands, so an order that was reopened and approved again was decided once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, String, and_, case, cast, func, literal, null, select

from hwadmin.clock import utcnow
from hwadmin.db.dialects import count_and_quantiles, monday_of, seconds_between
from hwadmin.db.extensions import db
from hwadmin.domain.dates import start_of
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import Actor
from hwadmin.models import HardwareOrder, LineItem
from hwadmin.queries.orders.filters import within_days
from hwadmin.queries.orders.orders import waiting
from hwadmin.queries.scope import within

# After this many days a waiting order is marked on the list, and then marked as late.
WARN_DAYS, LATE_DAYS = 2, 5
_WEEK = timedelta(days=7)
_PLATFORM, _MODEL, _EVERY = "platform", "model", "every"
# Stands between make and model in a key; no name contains it.
_JOINT = "\x1f"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole weeks, Monday to Sunday in UTC, up to the present one."""

    mondays: tuple[date, ...]

    @classmethod
    def last(cls, weeks: int) -> Period:
        """The last weeks, the present one included."""
        today = utcnow().date()
        monday = today - timedelta(days=today.weekday())
        return cls(tuple(monday - _WEEK * back for back in range(weeks - 1, -1, -1)))

    @property
    def since(self) -> date:
        """The first day."""
        return self.mondays[0]

    @property
    def until(self) -> date:
        """The last day."""
        return self.mondays[-1] + timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took: in how many cases, and the median and the 90th percentile in seconds."""

    count: int = 0
    median: float | None = None
    ninetieth: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """How long something took in a period: of all, and by what they belong to."""

    every: Times = field(default_factory=Times)
    by_week: Mapping[date, Times] = field(default_factory=dict)
    by_platform: Mapping[int, Times] = field(default_factory=dict)
    by_model: Mapping[tuple[str, str], Times] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many orders wait for a decision, and how many have for days."""

    count: int = 0
    warn: int = 0
    late: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ModelCount:
    """How often a model was ordered."""

    make: str
    model: str
    orders: int
    units: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All numbers of the dashboard."""

    period: Period
    waiting: Waiting
    waiting_by_platform: Mapping[int, Waiting]
    oldest: int | None
    ordered_by_platform: Mapping[int, int]
    # Monday → approved and rejected.
    decisions: Mapping[date, tuple[int, int]]
    decided: Measure
    fulfilled: Measure
    models: Sequence[ModelCount]

    @property
    def ordered(self) -> int:
        """How many orders came in."""
        return sum(self.ordered_by_platform.values())

    @property
    def approved(self) -> int:
        """How many were approved."""
        return sum(approved for approved, _ in self.decisions.values())

    @property
    def rejected(self) -> int:
        """How many were rejected."""
        return sum(rejected for _, rejected in self.decisions.values())


def dashboard(actor: Actor, period: Period, platform_id: int | None = None) -> Dashboard:
    """The numbers of the platforms an actor has access to, or of one of them.

    Args:
        actor: who looks.
        period: of what was ordered, decided and fulfilled; what waits is counted now.
        platform_id: only this one.
    """
    scope = within(actor, HardwareOrder)
    if platform_id is not None:
        scope = and_(scope, HardwareOrder.platform_id == platform_id)
    by_platform = _waiting(scope)
    every = _all_of(by_platform.values())
    return Dashboard(
        period=period,
        waiting=every,
        waiting_by_platform=by_platform,
        oldest=_waiting_since(scope, every.since),
        ordered_by_platform=_ordered(scope, period),
        decisions=_decisions(scope, period),
        decided=_measured(scope, period, HardwareOrder.created_at, HardwareOrder.decided_at),
        fulfilled=_measured(scope, period, HardwareOrder.decided_at, HardwareOrder.fulfilled_at),
        models=_models(scope, period),
    )


# ---- What waits


def _waiting(scope: ColumnElement[bool]) -> dict[int, Waiting]:
    def waiting_for(days: int) -> ColumnElement[Any]:
        return func.sum(case((HardwareOrder.created_at <= utcnow() - timedelta(days=days), 1), else_=0))

    rows = db.session.execute(
        select(
            HardwareOrder.platform_id,
            func.count(HardwareOrder.platform_id),
            waiting_for(WARN_DAYS),
            waiting_for(LATE_DAYS),
            func.min(HardwareOrder.created_at),
        )
        .where(scope, waiting())
        .group_by(HardwareOrder.platform_id)
    )
    return {row[0]: Waiting(row[1], int(row[2]), int(row[3]), row[4]) for row in rows}


def _all_of(parts: Any) -> Waiting:
    parts = list(parts)
    return Waiting(
        sum(part.count for part in parts),
        sum(part.warn for part in parts),
        sum(part.late for part in parts),
        min((part.since for part in parts), default=None),
    )


def _waiting_since(scope: ColumnElement[bool], since: datetime | None) -> int | None:
    """The order that has waited longest, found by its exact moment so that an index is used."""
    if since is None:
        return None
    return db.session.scalars(
        select(HardwareOrder.id)
        .where(scope, waiting(), HardwareOrder.created_at == since)
        .order_by(HardwareOrder.id)
        .limit(1)
    ).first()


# ---- What came in


def _ordered(scope: ColumnElement[bool], period: Period) -> dict[int, int]:
    rows = db.session.execute(
        select(HardwareOrder.platform_id, func.count(HardwareOrder.id))
        .where(scope, *within_days(HardwareOrder.created_at, period.since, period.until, start_of))
        .group_by(HardwareOrder.platform_id)
    )
    return {row[0]: row[1] for row in rows}


def _models(scope: ColumnElement[bool], period: Period) -> list[ModelCount]:
    units = func.sum(LineItem.quantity)
    rows = db.session.execute(
        select(LineItem.make, LineItem.model, func.count(LineItem.order_id.distinct()), units)
        .join(HardwareOrder, HardwareOrder.id == LineItem.order_id)
        .where(scope, *within_days(HardwareOrder.created_at, period.since, period.until, start_of))
        .group_by(LineItem.make, LineItem.model)
        .order_by(units.desc(), LineItem.make, LineItem.model)
    )
    return [ModelCount(row[0], row[1], row[2], int(row[3])) for row in rows]


# ---- What was decided


def _decisions(scope: ColumnElement[bool], period: Period) -> dict[date, tuple[int, int]]:
    week, rejected = monday_of(HardwareOrder.decided_at), HardwareOrder.status == OrderStatus.REJECTED
    rows = db.session.execute(
        select(week, func.count(HardwareOrder.id), func.sum(case((rejected, 1), else_=0)))
        .where(scope, *within_days(HardwareOrder.decided_at, period.since, period.until))
        .group_by(week)
    )
    counts = {date.fromisoformat(row[0]): (row[1] - int(row[2]), int(row[2])) for row in rows}
    return {monday: counts.get(monday, (0, 0)) for monday in period.mondays}


# ---- How long it took


def _measured(scope: ColumnElement[bool], period: Period, start: Any, end: Any) -> Measure:
    """The times from a moment of an order to another, of the orders whose later one is in the period."""
    taken = select(
        HardwareOrder.id.label("order_id"),
        HardwareOrder.platform_id.label("platform_id"),
        monday_of(end).label("week"),
        seconds_between(start, end).label("seconds"),
    ).where(scope, *within_days(end, period.since, period.until))
    times_by_group = quantiles(*_samples(taken.cte("taken")))
    return Measure(
        every=times_by_group.get((_EVERY, None), Times()),
        by_week={
            date.fromisoformat(name): times
            for (by, name), times in times_by_group.items()
            if by == "week" and name
        },
        by_platform={
            int(name): times for (by, name), times in times_by_group.items() if by == _PLATFORM and name
        },
        by_model={
            (make, model): times
            for (by, name), times in times_by_group.items()
            if by == _MODEL and name
            for make, _, model in [name.partition(_JOINT)]
        },
    )


def _samples(base: CTE) -> Iterator[Select[Any]]:
    """The times of all orders, and the same by week, platform and model."""
    # An order counts once for a model. By IN: for a join SQLite would read all line items there are.
    models = (
        select(LineItem.order_id, (LineItem.make + _JOINT + LineItem.model).label("name"))
        .where(LineItem.order_id.in_(select(base.c.order_id)))
        .distinct()
        .subquery()
    )
    yield select(literal(_EVERY).label("by"), cast(null(), String).label("name"), base.c.seconds)
    yield select(literal("week").label("by"), base.c.week.label("name"), base.c.seconds)
    yield select(
        literal(_PLATFORM).label("by"), cast(base.c.platform_id, String).label("name"), base.c.seconds
    )
    yield select(literal(_MODEL).label("by"), models.c.name, base.c.seconds).join(
        models, models.c.order_id == base.c.order_id
    )


def quantiles(*samples: Select[Any]) -> dict[tuple[str, str | None], Times]:
    """Count, median and 90th percentile of samples of (what it is grouped by, its name, seconds)."""
    rows = count_and_quantiles(samples)
    return {(by, name): Times(count, median, ninetieth) for by, name, count, median, ninetieth in rows}

"""The numbers of the dashboard: what waits, what was decided and fulfilled, and how long it took.

Each number counts orders that a list of orders can show: by the same columns and the same days in UTC. A
decision is the one that stands, so an order that was reopened and approved again was decided once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Float,
    Select,
    String,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, array

from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.lifecycle import OrderStatus
from hwadmin.models import HardwareOrder, LineItem
from hwadmin.permissions import Actor
from hwadmin.queries.orders import waiting, within_days
from hwadmin.queries.scope import within

# After so many days an order that waits is marked on the list, and after so many more.
WARN_DAYS, LATE_DAYS = 2, 5
_WEEK = timedelta(days=7)
_PLATFORM, _MODEL, _EVERY = "platform", "model", "every"
# Between make and model in a key; in no name.
_JOINT = "\x1f"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole weeks, Monday to Sunday in UTC, up to the present one."""

    mondays: tuple[date, ...]

    @classmethod
    def last(cls, weeks: int) -> Period:
        """So many weeks, the present one included."""
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
    """Everything the dashboard says."""

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
    """What the dashboard says of the platforms an actor is given, or of one of them.

    Args:
        actor: who looks.
        period: of what was ordered, decided and fulfilled; what waits is counted now.
        platform_id: only this one.
    """
    mine = within(actor, HardwareOrder)
    if platform_id is not None:
        mine = and_(mine, HardwareOrder.platform_id == platform_id)
    by_platform = _waiting(mine)
    every = _all_of(by_platform.values())
    return Dashboard(
        period=period,
        waiting=every,
        waiting_by_platform=by_platform,
        oldest=_waiting_since(mine, every.since),
        ordered_by_platform=_ordered(mine, period),
        decisions=_decisions(mine, period),
        decided=_measured(mine, period, HardwareOrder.created_at, HardwareOrder.decided_at),
        fulfilled=_measured(mine, period, HardwareOrder.decided_at, HardwareOrder.fulfilled_at),
        models=_models(mine, period),
    )


# ---- What waits


def _waiting(mine: ColumnElement[bool]) -> dict[int, Waiting]:
    def older(days: int) -> ColumnElement[Any]:
        return func.sum(case((HardwareOrder.created_at <= utcnow() - timedelta(days=days), 1), else_=0))

    rows = db.session.execute(
        select(
            HardwareOrder.platform_id,
            func.count(HardwareOrder.platform_id),
            older(WARN_DAYS),
            older(LATE_DAYS),
            func.min(HardwareOrder.created_at),
        )
        .where(mine, waiting())
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


def _waiting_since(mine: ColumnElement[bool], since: datetime | None) -> int | None:
    """The order that has waited longest; by its very moment, which an index finds at once."""
    if since is None:
        return None
    return db.session.scalars(
        select(HardwareOrder.id)
        .where(mine, waiting(), HardwareOrder.created_at == since)
        .order_by(HardwareOrder.id)
        .limit(1)
    ).first()


# ---- What came in


def _ordered(mine: ColumnElement[bool], period: Period) -> dict[int, int]:
    rows = db.session.execute(
        select(HardwareOrder.platform_id, func.count(HardwareOrder.id))
        .where(mine, *within_days(HardwareOrder.created_at, period.since, period.until))
        .group_by(HardwareOrder.platform_id)
    )
    return {row[0]: row[1] for row in rows}


def _models(mine: ColumnElement[bool], period: Period) -> list[ModelCount]:
    units = func.sum(LineItem.quantity)
    rows = db.session.execute(
        select(LineItem.make, LineItem.model, func.count(LineItem.order_id.distinct()), units)
        .join(HardwareOrder, HardwareOrder.id == LineItem.order_id)
        .where(mine, *within_days(HardwareOrder.created_at, period.since, period.until))
        .group_by(LineItem.make, LineItem.model)
        .order_by(units.desc(), LineItem.make, LineItem.model)
    )
    return [ModelCount(row[0], row[1], row[2], int(row[3])) for row in rows]


# ---- What was decided


def _decisions(mine: ColumnElement[bool], period: Period) -> dict[date, tuple[int, int]]:
    week, rejected = _monday(HardwareOrder.decided_at), HardwareOrder.status == OrderStatus.REJECTED
    rows = db.session.execute(
        select(week, func.count(HardwareOrder.id), func.sum(case((rejected, 1), else_=0)))
        .where(mine, *within_days(HardwareOrder.decided_at, period.since, period.until))
        .group_by(week)
    )
    found = {date.fromisoformat(row[0]): (row[1] - int(row[2]), int(row[2])) for row in rows}
    return {monday: found.get(monday, (0, 0)) for monday in period.mondays}


# ---- How long it took


def _measured(mine: ColumnElement[bool], period: Period, start: Any, end: Any) -> Measure:
    """The times from a moment of an order to another, of the orders whose later one is in the period."""
    taken = select(
        HardwareOrder.id.label("order_id"),
        HardwareOrder.platform_id.label("platform_id"),
        _monday(end).label("week"),
        _seconds(start, end).label("seconds"),
    ).where(mine, *within_days(end, period.since, period.until))
    base = taken.cte("taken")
    # An order counts once for a model, however many of its lines are of it.
    models = (
        select(LineItem.order_id, (LineItem.make + _JOINT + LineItem.model).label("name"))
        .join(base, base.c.order_id == LineItem.order_id)
        .distinct()
        .subquery()
    )
    found = quantiles(
        select(literal(_EVERY).label("by"), cast(null(), String).label("name"), base.c.seconds),
        select(literal("week"), base.c.week, base.c.seconds),
        select(literal(_PLATFORM), cast(base.c.platform_id, String), base.c.seconds),
        select(literal(_MODEL), models.c.name, base.c.seconds).join(
            models, models.c.order_id == base.c.order_id
        ),
    )
    return Measure(
        every=found.get((_EVERY, None), Times()),
        by_week={
            date.fromisoformat(name): times for (by, name), times in found.items() if by == "week" and name
        },
        by_platform={int(name): times for (by, name), times in found.items() if by == _PLATFORM and name},
        by_model={
            (make, model): times
            for (by, name), times in found.items()
            if by == _MODEL and name
            for make, _, model in [name.partition(_JOINT)]
        },
    )


def quantiles(*samples: Select[Any]) -> dict[tuple[str, str | None], Times]:
    """Count, median and 90th percentile of samples of (what it is grouped by, its name, seconds).

    Between two values the percentile is interpolated, as ``percentile_cont`` of SQL does; of n values in
    order it stands at place (n - 1) × p, counted from 0. SQLite has no such function, but windows.
    """
    every = union_all(*samples).subquery("samples")
    group = (every.c.by, every.c.name)
    if _postgresql():
        shares = cast(array([0.5, 0.9]), ARRAY(Float))
        both = func.percentile_cont(shares, type_=ARRAY(Float)).within_group(every.c.seconds)
        found = db.session.execute(select(*group, func.count(), both).group_by(*group))
        return {(row[0], row[1]): Times(row[2], *row[3]) for row in found}
    ranked = select(
        *group,
        every.c.seconds,
        (func.row_number().over(partition_by=group, order_by=every.c.seconds) - 1).label("place"),
        func.count().over(partition_by=group).label("many"),
    ).subquery("ranked")

    def at(tenths: int) -> ColumnElement[Any]:
        # In whole numbers: a tenth is no binary fraction.
        exact = (ranked.c.many - 1) * tenths
        below, beyond = exact // 10, cast(exact % 10, Float) / 10.0
        low = func.max(case((ranked.c.place == below, ranked.c.seconds)))
        high = func.max(case((ranked.c.place == below + 1, ranked.c.seconds)))
        share = func.max(beyond)
        return low + share * (func.coalesce(high, low) - low)

    rows = db.session.execute(
        select(ranked.c.by, ranked.c.name, func.max(ranked.c.many), at(5), at(9)).group_by(
            ranked.c.by, ranked.c.name
        )
    )
    return {(row[0], row[1]): Times(row[2], float(row[3]), float(row[4])) for row in rows}


# ---- Moments as the two databases count them


def _postgresql() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"


def _seconds(start: Any, end: Any) -> ColumnElement[float]:
    if _postgresql():
        return cast(extract("epoch", end - start), Float)
    return (func.julianday(end) - func.julianday(start)) * 86400.0


def _monday(moment: Any) -> ColumnElement[str]:
    """The Monday of the week a moment is in, in UTC, as ``2026-11-16``."""
    if _postgresql():
        day = cast(func.timezone("UTC", moment), Date)
        return cast(cast(func.date_trunc("week", day), Date), String)
    # The day as it is written: SQLite rounds what it computes to the millisecond, over midnight too.
    return func.date(func.substr(cast(moment, String), 1, 10), "weekday 0", "-6 days", type_=String)

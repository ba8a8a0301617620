"""The numbers of the dashboard: what waits, what was decided and fulfilled, and how long it took.

Each number counts orders that a list of orders can show: by the same columns and the same days in UTC. A
decision is the one that stands, so an order that was reopened and approved again was decided once.

What happened on past days is kept, where a worker has come to it and nothing was changed since; the rest is
counted as the page is made. Both are counted by the same statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.dashboard.durations import Times
from hwadmin.domain.dashboard.stretches import Stretch, beyond, without
from hwadmin.domain.dates import start_of
from hwadmin.domain.permissions import Actor
from hwadmin.models import HardwareOrder
from hwadmin.queries.dashboard.counting import CountedOrders, count
from hwadmin.queries.dashboard.stored import stored_figures
from hwadmin.queries.dashboard.sums import Measured, Model, Sums, TimesBy
from hwadmin.queries.orders.orders import waiting
from hwadmin.queries.scope import within

# After this many days a waiting order is marked on the list, and then marked as late.
WARN_DAYS, LATE_DAYS = 2, 5
_WEEK = timedelta(days=7)


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
class Measure:
    """How long something took in a period: of all, and by what they belong to."""

    every: Times
    by_week: TimesBy[date]
    by_platform: TimesBy[int]
    by_model: TimesBy[Model]


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
    sums = _sums(actor, scope, period, platform_id)
    return Dashboard(
        period=period,
        waiting=every,
        waiting_by_platform=by_platform,
        oldest=_waiting_since(scope, every.since),
        ordered_by_platform=sums.ordered,
        decisions=_decisions(sums, period),
        decided=_measure(sums.decided),
        fulfilled=_measure(sums.fulfilled),
        models=_models(sums),
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


# ---- What happened in the period


def _sums(actor: Actor, scope: ColumnElement[bool], period: Period, platform_id: int | None) -> Sums:
    """What the orders of a period add up to: what is kept of it, and what is not, counted now."""
    kept = stored_figures(actor, period.since, period.until, platform_id)
    known = list(dict.fromkeys(Stretch.of_days(one.since, one.until) for one in kept))
    days = Stretch.of_days(period.since, period.until)
    # What came in is counted by the reader's days, which begin at another hour than those that are kept.
    readers_days = Stretch(start_of(period.since), start_of(period.until + timedelta(days=1)))
    wanted = CountedOrders(
        scope,
        arrived=without(readers_days, known),
        arrived_beyond=beyond(readers_days, known),
        done=without(days, known),
    )
    sums = count(wanted)[None]
    for one in kept:
        if one.content is not None:
            sums.add_stored(one.since - timedelta(days=one.since.weekday()), one.content)
    return sums


def _decisions(sums: Sums, period: Period) -> dict[date, tuple[int, int]]:
    decided, rejected = TimesBy(sums.decided.by_week), sums.rejected
    return {monday: (decided.count(monday) - rejected[monday], rejected[monday]) for monday in period.mondays}


def _measure(measured: Measured) -> Measure:
    return Measure(
        measured.every.times(),
        TimesBy(measured.by_week),
        TimesBy(measured.by_platform),
        TimesBy(measured.by_model),
    )


def _models(sums: Sums) -> list[ModelCount]:
    """The models that were ordered, most units first."""
    counts = [ModelCount(*key, orders, sums.units[key]) for key, orders in sums.orders.items() if orders]
    return sorted(counts, key=lambda one: (-one.units, one.make, one.model))

"""The dashboard: what waits and for how long, what was decided and fulfilled, and how long that took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup
from sqlalchemy import select

from hwadmin import charts
from hwadmin.charts import Series
from hwadmin.extensions import db
from hwadmin.forms.orders import whole_number
from hwadmin.models import Platform, reference
from hwadmin.models.catalog import title
from hwadmin.permissions import Permission
from hwadmin.queries.dashboard import (
    LATE_DAYS,
    WARN_DAYS,
    Dashboard,
    Measure,
    Period,
    Times,
    Waiting,
    dashboard,
)
from hwadmin.queries.scope import within
from hwadmin.views.base import GuardedView
from hwadmin.views.gate import current_actor

WEEKS = (4, 12, 26, 52)
_USUAL = 12
# In a chart, and in a table before the rest is asked for.
_IN_CHART, _IN_TABLE = 8, 12
_HOUR, _DAY = 3600, 86_400


class DashboardView(GuardedView):
    """Of all platforms for super-admins; of their own, and less of it, for platform admins."""

    permissions = {"index_view": Permission.DASHBOARD_READ}

    def __init__(self) -> None:
        super().__init__(name="Dashboard", endpoint="dashboard", url="/dashboard")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """The numbers of some weeks, each with a link to the orders behind it."""
        actor = current_actor()
        weeks = whole_number(request.args.get("weeks"))
        weeks = weeks if weeks in WEEKS else _USUAL
        platforms = {
            row[0]: row[1]
            for row in db.session.execute(
                select(Platform.id, Platform.name).where(within(actor, Platform)).order_by(Platform.name)
            )
        }
        asked = whole_number(request.args.get("platform"))
        platform_id = asked if asked in platforms else None
        found = dashboard(actor, Period.last(weeks), platform_id)
        links = Links(found.period, platform_id)
        whole = actor.can(Permission.ORDERS_DECIDE)
        every = request.args.get("rows") == "all"
        by_platform = _platform_rows(found, platforms) if platform_id is None and len(platforms) > 1 else []
        page: str = self.render(
            "admin/hw/dashboard.html",
            heading="Dashboard",
            found=found,
            links=links,
            weeks=weeks,
            choices=WEEKS,
            platforms=platforms,
            platform_id=platform_id,
            whole=whole,
            oldest=reference(found.oldest) if found.oldest else None,
            warn_days=WARN_DAYS,
            late_days=LATE_DAYS,
            waiting=_waiting_chart(found.waiting),
            decisions=_decisions_chart(found),
            decided=_times_chart("decided", "Time to decision", found.period, found.decided),
            fulfilled=_times_chart("fulfilled", "Time to fulfillment", found.period, found.fulfilled),
            platform_chart=_bars(
                "platforms", "Orders by platform", [(row.name, row.ordered) for row in by_platform]
            ),
            model_chart=_bars(
                "models",
                "Units by model",
                [(title(model.make, model.model), model.units) for model in found.models],
            ),
            weekly=[_Week(monday, *found.decisions[monday]) for monday in reversed(found.period.mondays)],
            by_platform=by_platform[: None if every else _IN_TABLE],
            more_platforms=0 if every else max(len(by_platform) - _IN_TABLE, 0),
            models=found.models[: None if every else _IN_TABLE],
            more_models=0 if every else max(len(found.models) - _IN_TABLE, 0),
            no_times=Times(),
        )
        return page


@dataclass(frozen=True, slots=True)
class _Week:
    monday: date
    approved: int
    rejected: int


@dataclass(frozen=True, slots=True)
class _PlatformRow:
    id: int
    name: str
    waiting: Waiting
    ordered: int
    decided: Times
    fulfilled: Times


def _platform_rows(found: Dashboard, platforms: dict[int, str]) -> list[_PlatformRow]:
    """The platforms something happened on, the busiest first."""
    rows = [
        _PlatformRow(
            key,
            name,
            found.waiting_by_platform.get(key, Waiting()),
            found.ordered_by_platform.get(key, 0),
            found.decided.by_platform.get(key, Times()),
            found.fulfilled.by_platform.get(key, Times()),
        )
        for key, name in platforms.items()
    ]
    active = [
        row for row in rows if row.waiting.count or row.ordered or row.decided.count or row.fulfilled.count
    ]
    return sorted(active, key=lambda row: (-row.ordered, row.name))


# ---- The lists behind the numbers


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of lists of exactly the orders that a number counts."""

    period: Period
    platform_id: int | None

    def _orders(self, status: str = "all", **narrowed: Any) -> str:
        return url_for("orders.index_view", status=status, **{"platform": self.platform_id} | narrowed)

    def waiting(self, days: int = 0, **narrowed: Any) -> str:
        """Orders that have waited for so many days."""
        return self._orders("submitted", waits=days, **narrowed)

    def ordered(self, **narrowed: Any) -> str:
        """Orders that came in."""
        return self._orders(since=self.period.since, until=self.period.until, **narrowed)

    def decided(self, outcome: str = "decided", week: date | None = None, **narrowed: Any) -> str:
        """Orders that were decided, in the period or in one week of it."""
        since, until = self._days(week)
        return self._orders(outcome=outcome, decided_since=since, decided_until=until, **narrowed)

    def fulfilled(self, week: date | None = None, **narrowed: Any) -> str:
        """Orders that were fulfilled, in the period or in one week of it."""
        since, until = self._days(week)
        return self._orders(fulfilled_since=since, fulfilled_until=until, **narrowed)

    def _days(self, week: date | None) -> tuple[date, date]:
        if week is None:
            return self.period.since, self.period.until
        return week, week + timedelta(days=6)


# ---- The charts


def _labels(period: Period) -> list[str]:
    return [f"{monday.day} {monday:%b}" for monday in period.mondays]


def _waiting_chart(waiting: Waiting) -> Markup | None:
    if not waiting.count:
        return None
    return charts.bars(
        "waiting",
        "Waiting now, by how long",
        f"{waiting.count} orders wait, {waiting.warn} of them for {WARN_DAYS} days or more.",
        [
            (f"up to {WARN_DAYS} days", waiting.count - waiting.warn),
            (f"{WARN_DAYS} to {LATE_DAYS} days", waiting.warn - waiting.late),
            (f"{LATE_DAYS} days or more", waiting.late),
        ],
    )


def _decisions_chart(found: Dashboard) -> Markup | None:
    numbers = list(found.decisions.values())
    busiest = max((sum(both) for both in numbers), default=0)
    if not busiest:
        return None
    return charts.counts(
        "decisions",
        "Decisions per week",
        f"{found.approved} orders were approved and {found.rejected} rejected in {len(numbers)} weeks; "
        f"{busiest} decisions in the busiest week.",
        _labels(found.period),
        [
            Series("Approved", [approved for approved, _ in numbers]),
            Series("Rejected", [rejected for _, rejected in numbers]),
        ],
    )


def _times_chart(key: str, name: str, period: Period, measure: Measure) -> Markup | None:
    weeks = [measure.by_week.get(monday, Times()) for monday in period.mondays]
    longest = max((week.ninetieth or 0 for week in weeks), default=0)
    if not measure.every.count:
        return None
    size, unit = (_DAY, "d") if longest > 3 * _DAY else (_HOUR, "h")

    def scaled(value: float | None) -> float | None:
        return None if value is None else value / size

    median, ninetieth = scaled(measure.every.median), scaled(measure.every.ninetieth)
    return charts.lines(
        key,
        f"{name}, by week",
        f"Over {measure.every.count} orders the median was {median:.1f} {unit}; "
        f"nine of ten took no more than {ninetieth:.1f} {unit}.",
        _labels(period),
        [
            Series("Median", [scaled(week.median) for week in weeks]),
            Series("90th percentile", [scaled(week.ninetieth) for week in weeks]),
        ],
        unit,
    )


def _bars(key: str, name: str, rows: Sequence[tuple[str, int]]) -> Markup | None:
    shown = [row for row in rows if row[1]][:_IN_CHART]
    if not shown:
        return None
    most = shown[0]
    rest = sum(count for _, count in rows) - sum(count for _, count in shown)
    if rest:
        shown = [*shown, ("All others", rest)]
    return charts.bars(key, name, f"Most: {most[0]}, {most[1]:,}.", shown)

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

from hwadmin.domain.dashboard.durations import Times
from hwadmin.domain.dates import format_day_and_month
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.domain.wording import inflect, plural
from hwadmin.forms.orders.orders import whole_number
from hwadmin.models import reference
from hwadmin.models.catalog import title
from hwadmin.queries.dashboard.figures import (
    LATE_DAYS,
    WARN_DAYS,
    Dashboard,
    Measure,
    Period,
    Waiting,
    dashboard,
)
from hwadmin.queries.orders.orders import tallies
from hwadmin.queries.orders.waiting.late_orders import late_and_overdue, late_orders, owners_of
from hwadmin.queries.people.platforms import platform_names
from hwadmin.rendering import charts
from hwadmin.rendering.charts import Series
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView
from hwadmin.web.formatting import format_duration

WEEKS = (4, 12, 26, 52)
_USUAL = 12
# In a chart, and in a table before the rest is asked for.
_IN_CHART, _IN_TABLE = 8, 12
_LATE_SHOWN = 8
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
        platforms = dict(platform_names(actor))
        platform_id = whole_number(request.args.get("platform"))
        platform_id = platform_id if platform_id in platforms else None
        numbers = dashboard(actor, Period.last(weeks), platform_id)
        show_all = request.args.get("rows") == "all"
        by_platform = _busiest(numbers, platforms) if platform_id is None and len(platforms) > 1 else []
        page: str = self.render(
            "admin/hw/dashboard/dashboard.html",
            heading="Dashboard",
            numbers=numbers,
            links=Links(numbers.period, platform_id),
            weeks=weeks,
            choices=WEEKS,
            platforms=platforms,
            platform_id=platform_id,
            counts=tallies(actor, platform_id),
            **_late(actor, platform_id),
            whole=actor.can(Permission.ORDERS_DECIDE),
            oldest=reference(numbers.oldest) if numbers.oldest else None,
            warn_days=WARN_DAYS,
            late_days=LATE_DAYS,
            weekly=[_Week(monday, *numbers.decisions[monday]) for monday in reversed(numbers.period.mondays)],
            by_platform=[
                _platform_row(numbers, *one) for one in by_platform[: None if show_all else _IN_TABLE]
            ],
            more_platforms=0 if show_all else max(len(by_platform) - _IN_TABLE, 0),
            models=numbers.models[: None if show_all else _IN_TABLE],
            more_models=0 if show_all else max(len(numbers.models) - _IN_TABLE, 0),
            no_times=Times(),
            **_charts(numbers, by_platform),
        )
        return page


def _late(actor: Actor, platform_id: int | None) -> dict[str, Any]:
    """What waits longer than it should, the latest first, with who has to see to each."""
    count, overdue = late_and_overdue(actor, platform_id)
    rows = late_orders(actor, platform_id, limit=_LATE_SHOWN) if count != 0 else []
    owners = owners_of((row.waits_for, row.deadlines) for row in rows)
    return {"late": list(zip(rows, owners, strict=True)), "late_count": count, "overdue": overdue}


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


def _busiest(numbers: Dashboard, platforms: dict[int, str]) -> list[tuple[int, str]]:
    """The platforms something happened on, by key and name, the busiest first."""
    active = [
        (key, name)
        for key, name in platforms.items()
        if numbers.ordered_by_platform.get(key)
        or key in numbers.waiting_by_platform
        or numbers.decided.by_platform.count(key)
        or numbers.fulfilled.by_platform.count(key)
    ]
    return sorted(active, key=lambda one: (-numbers.ordered_by_platform.get(one[0], 0), one[1]))


def _platform_row(numbers: Dashboard, key: int, name: str) -> _PlatformRow:
    return _PlatformRow(
        key,
        name,
        numbers.waiting_by_platform.get(key, Waiting()),
        numbers.ordered_by_platform.get(key, 0),
        numbers.decided.by_platform.get(key, Times()),
        numbers.fulfilled.by_platform.get(key, Times()),
    )


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

    def late(self) -> str:
        """Orders that have waited longer than they should."""
        return self._orders(late="true")

    def placements(self, **narrowed: Any) -> str:
        """Approved orders: to be placed, with the distributor, or overdue."""
        return self._orders("approved", **narrowed)

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


def _charts(numbers: Dashboard, by_platform: Sequence[tuple[int, str]]) -> dict[str, Markup | None]:
    """The charts, by the names the template has for them."""
    return {
        "waiting": _waiting_chart(numbers.waiting),
        "decisions": _decisions_chart(numbers),
        "decided": _times_chart("decided", "Time to decision", numbers.period, numbers.decided),
        "fulfilled": _times_chart("fulfilled", "Time to fulfillment", numbers.period, numbers.fulfilled),
        "platform_chart": _bars(
            "platforms",
            "Orders by platform",
            [(name, numbers.ordered_by_platform.get(key, 0)) for key, name in by_platform],
        ),
        "model_chart": _bars(
            "models",
            "Units by model",
            [(title(model.make, model.model), model.units) for model in numbers.models],
        ),
    }


def _labels(period: Period) -> list[str]:
    return [format_day_and_month(monday) for monday in period.mondays]


def _waiting_chart(waiting: Waiting) -> Markup | None:
    if not waiting.count:
        return None
    return charts.bars(
        "waiting",
        "Waiting now, by how long",
        f"{plural(waiting.count, 'order')} {inflect(waiting.count, 'waits', 'wait')}, "
        f"{waiting.warn} of them for {WARN_DAYS} days or more.",
        [
            (f"up to {WARN_DAYS} days", waiting.count - waiting.warn),
            (f"{WARN_DAYS} to {LATE_DAYS} days", waiting.warn - waiting.late),
            (f"{LATE_DAYS} days or more", waiting.late),
        ],
    )


def _decisions_chart(numbers: Dashboard) -> Markup | None:
    weekly = list(numbers.decisions.values())
    busiest = max((sum(both) for both in weekly), default=0)
    if not busiest:
        return None
    return charts.counts(
        "decisions",
        "Decisions per week",
        f"{numbers.approved:,} approved and {numbers.rejected:,} rejected in {len(weekly)} weeks; "
        f"{plural(busiest, 'decision')} in the busiest week.",
        _labels(numbers.period),
        [
            Series("Approved", [approved for approved, _ in weekly]),
            Series("Rejected", [rejected for _, rejected in weekly]),
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

    median, ninetieth = map(format_duration, (measure.every.median, measure.every.ninetieth))
    return charts.lines(
        key,
        f"{name}, by week",
        f"Over {plural(measure.every.count, 'order')} the median was {median}; "
        f"nine of ten took no more than {ninetieth}.",
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

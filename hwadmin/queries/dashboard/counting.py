"""Counting orders: what came in, what was decided and fulfilled in some time, and how long it took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    null,
    or_,
    select,
    true,
    union_all,
)

from hwadmin.db.dialects import KEY, monday_of, whole_seconds_between
from hwadmin.db.extensions import db
from hwadmin.domain.dashboard.durations import IN_HOURS, IN_MINUTES, MINUTE, TENTH_OF_DAY, TENTH_OF_HOUR
from hwadmin.domain.dashboard.stretches import Stretch
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.models import HardwareOrder, LineItem
from hwadmin.queries.dashboard.sums import Sums

# What a row of times may be about; what it is not is NULL.
_ABOUT: dict[str, Any] = {"platform_id": KEY, "week": String, "make": String, "model": String}


@dataclass(frozen=True, slots=True)
class CountedOrders:
    """Which orders are counted: the condition that all meet, and when what happened to them."""

    scope: ColumnElement[bool]
    # When they came in; and when those did that are counted elsewhere, too much, and taken away here.
    arrived: Sequence[Stretch]
    # When they were decided, or fulfilled.
    done: Sequence[Stretch]
    arrived_beyond: Sequence[Stretch] = ()


def count(wanted: CountedOrders, *, each_platform: bool = False) -> Mapping[int | None, Sums]:
    """The sums of these orders: by None of all together, and by each platform where that is asked for."""
    found: defaultdict[int | None, Sums] = defaultdict(Sums)

    def sums_with(platform_id: int) -> Iterable[Sums]:
        return (found[None], found[platform_id]) if each_platform else (found[None],)

    for platform_id, sign, orders in _ordered(wanted):
        for sums in sums_with(platform_id):
            sums.ordered[platform_id] += sign * orders
    for platform_id, make, model, sign, orders, units in _models(wanted, each_platform):
        for sums in sums_with(platform_id):
            sums.orders[make, model] += sign * orders
            sums.units[make, model] += sign * int(units)
    for end in (HardwareOrder.decided_at, HardwareOrder.fulfilled_at):
        for row in _times(wanted, end, each_platform):
            for sums in sums_with(row.platform_id):
                _add(sums, row, end)
    return found


def count_days(since: date, until: date) -> Mapping[int | None, Sums]:
    """The sums of some days in UTC, of each platform and of all together."""
    days = [Stretch.of_days(since, until)]
    return count(CountedOrders(true(), arrived=days, done=days), each_platform=True)


def _add(sums: Sums, row: Any, end: Any) -> None:
    """Add the times of a group to what they are about."""
    decided = end is HardwareOrder.decided_at
    measured = sums.decided if decided else sums.fulfilled
    if row.model is not None:
        measured.by_model[row.make, row.model].add(row.orders, row.times)
        return
    if row.platform_id is not None:
        measured.by_platform[row.platform_id].add(row.orders, row.times)
    if row.week is not None:
        monday = date.fromisoformat(row.week)
        measured.by_week[monday].add(row.orders, row.times)
        if decided:
            sums.rejected[monday] += row.rejected


def _during(moment: Any, stretches: Iterable[Stretch]) -> ColumnElement[bool]:
    return or_(false(), *(and_(moment >= one.start, moment < one.end) for one in stretches))


# ---- What came in


def _arrived(wanted: CountedOrders, *columns: Any) -> Select[Any]:
    """The orders that came in then, each with the sign it counts with."""
    moment = HardwareOrder.created_at
    sign = case((_during(moment, wanted.arrived_beyond), -1), else_=1).label("sign")
    return select(HardwareOrder.platform_id, sign, *columns).where(
        wanted.scope, _during(moment, [*wanted.arrived, *wanted.arrived_beyond])
    )


def _ordered(wanted: CountedOrders) -> Iterable[Any]:
    orders = _arrived(wanted).subquery()
    groups = orders.c.platform_id, orders.c.sign
    return db.session.execute(select(*groups, func.count()).group_by(*groups))


def _models(wanted: CountedOrders, each_platform: bool) -> Iterable[Any]:
    columns = LineItem.order_id, LineItem.make, LineItem.model, LineItem.quantity
    lines = _arrived(wanted, *columns).join(LineItem, LineItem.order_id == HardwareOrder.id).subquery()
    platform = lines.c.platform_id if each_platform else cast(null(), KEY).label("platform_id")
    groups = lines.c.make, lines.c.model, lines.c.sign
    counts = func.count(lines.c.order_id.distinct()), func.sum(lines.c.quantity)
    statement = select(platform, *groups, *counts)
    return db.session.execute(statement.group_by(*groups, *([platform] if each_platform else [])))


# ---- How long it took


def _times(wanted: CountedOrders, end: Any, each_platform: bool) -> Iterable[Any]:
    """How many orders took how long to be decided, or fulfilled, of those that were then."""
    decided = end is HardwareOrder.decided_at
    start: Any = HardwareOrder.created_at if decided else HardwareOrder.decided_at
    taken = (
        select(
            HardwareOrder.id.label("order_id"),
            HardwareOrder.platform_id.label("platform_id"),
            monday_of(end).label("week"),
            case((HardwareOrder.status == OrderStatus.REJECTED, 1), else_=0).label("rejected"),
            whole_seconds_between(start, end).label("seconds"),
        )
        .where(wanted.scope, _during(end, wanted.done))
        .cte("taken")
    )
    parts = (
        (_of(taken, "platform_id", "week"), _of(taken, "platform_id", "make", "model"))
        if each_platform
        else (_of(taken, "week"), _of(taken, "platform_id"), _of(taken, "make", "model"))
    )
    return db.session.execute(union_all(*parts))


def _of(taken: CTE, *about: str) -> Select[Any]:
    """The times by what they are about; an order counts once for each of its models."""
    rows: Any = taken.c
    source: Any = taken
    if "model" in about:
        # By IN: for a join SQLite would read all line items there are.
        models = (
            select(LineItem.order_id, LineItem.make, LineItem.model)
            .where(LineItem.order_id.in_(select(taken.c.order_id)))
            .distinct()
            .subquery()
        )
        source = taken.join(models, models.c.order_id == taken.c.order_id)
        rows = {**dict(taken.c), "make": models.c.make, "model": models.c.model}
    names = {
        name: (rows[name] if name in about else cast(null(), kind)).label(name)
        for name, kind in _ABOUT.items()
    }
    minutes = _minutes(taken.c.seconds).label("minutes")
    some = select(*names.values(), minutes, taken.c.rejected).select_from(source).subquery()
    groups = [some.c[name] for name in (*names, "minutes")]
    counts = func.count().label("orders"), func.sum(some.c.rejected).label("rejected")
    counted = select(*groups, *counts).group_by(*groups).subquery()
    # Of each group as it is kept; see ``Sample``.
    time = cast(counted.c.minutes, String) + " " + cast(counted.c.orders, String)
    groups = [counted.c[name] for name in names]
    return select(
        *groups,
        cast(func.sum(counted.c.orders), Integer).label("orders"),
        cast(func.sum(counted.c.rejected), Integer).label("rejected"),
        func.aggregate_strings(time, " ").label("times"),
    ).group_by(*groups)


def _minutes(seconds: ColumnElement[int]) -> ColumnElement[int]:
    """The minutes a time counts as; see ``counted_minutes``."""

    def whole(step: int) -> ColumnElement[int]:
        return (seconds + step // 2) // step * (step // 60)

    return cast(
        case(
            (seconds < 0, 0),
            (seconds < IN_MINUTES, whole(MINUTE)),
            (seconds < IN_HOURS, whole(TENTH_OF_HOUR)),
            else_=whole(TENTH_OF_DAY),
        ),
        Integer,
    )

"""Keeping the figures of finished days and weeks, so that the dashboard need not count them again.

Whoever changes an order or a line of a past day leaves a row in ``changed_day``, by triggers, in the same
transaction. The page then counts that day or week itself, until it was kept anew. Nobody waits for a lock: a
change that was committed after its day was counted here has left a row that was not seen here, and stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from hwadmin.db.dialects import in_keys, takes_turn
from hwadmin.db.extensions import db
from hwadmin.models import ChangedDay, FigureSpan, StoredFigures
from hwadmin.queries.dashboard.counting import count_days

# As far back as the dashboard looks.
WEEKS = 52
_WEEK = timedelta(days=7)
# So many changed days are looked at together.
_AT_ONCE = 5_000
# The number of this work: only one worker does it at a time.
_TURN = 482_910_402


@dataclass(frozen=True, slots=True)
class Counted:
    """The figures of some days as they were counted, and what they are to replace."""

    since: date
    until: date
    contents: Mapping[int | None, dict[str, Any]]
    # The keys of the spans that were kept of these days, and of the changed days that were seen before.
    former: Sequence[int]
    changed: Sequence[int]


def spans(today: date) -> Iterator[tuple[date, date]]:
    """The days of this week that are over, and the weeks before it, the latest first.

    Args:
        today: the first day that is not over.
    """
    monday = today - timedelta(days=today.weekday())
    for back in range(1, today.weekday() + 1):
        yield today - timedelta(days=back), today - timedelta(days=back)
    for back in range(1, WEEKS + 1):
        yield monday - _WEEK * back, monday - _WEEK * back + timedelta(days=6)


def count_next(today: date) -> Counted | None:
    """The figures of the next day or week that is to be kept, or kept anew; None where there is none.

    Reads only, so that on SQLite nobody waits for it to write.

    Args:
        today: the first day to which things still happen. Whatever was written to the days before it is
            committed, or leaves a changed day.
    """
    wanted = list(spans(today))
    changed = db.session.execute(
        select(ChangedDay.id, ChangedDay.day)
        .where(ChangedDay.day < today, ChangedDay.day >= wanted[-1][0])
        .order_by(ChangedDay.id)
        .limit(_AT_ONCE)
    ).all()
    kept = db.session.execute(select(FigureSpan.id, FigureSpan.since, FigureSpan.until)).all()
    whole = {(since, until) for _, since, until in kept}
    for days in wanted:
        since, until = days
        settled = [key for key, day in changed if since <= day <= until]
        if settled or days not in whole:
            former = [key for key, start, end in kept if start <= until and end >= since]
            contents = {key: sums.content() for key, sums in count_days(since, until).items()}
            return Counted(since, until, contents, former, settled)
    return None


def keep(counted: Counted) -> bool:
    """Keep what was counted; False where another one keeps these days meanwhile."""
    of_these_days = (FigureSpan.since <= counted.until) & (FigureSpan.until >= counted.since)
    if not takes_turn(_TURN) or set(counted.former) != set(
        db.session.scalars(select(FigureSpan.id).where(of_these_days))
    ):
        return False
    # Whichever of its weeks this is, the dashboard does not look that far back.
    too_old = counted.since - _WEEK * 2 * WEEKS
    keys = [*counted.former, *db.session.scalars(select(FigureSpan.id).where(FigureSpan.until < too_old))]
    db.session.execute(delete(StoredFigures).where(in_keys(StoredFigures.span_id, keys)))
    db.session.execute(delete(FigureSpan).where(in_keys(FigureSpan.id, keys)))
    span = FigureSpan(since=counted.since, until=counted.until)
    db.session.add(span)
    db.session.flush()
    rows = [
        {"span_id": span.id, "platform_id": platform_id, "content": content}
        for platform_id, content in counted.contents.items()
    ]
    if rows:
        db.session.execute(insert(StoredFigures), rows)
    db.session.execute(
        delete(ChangedDay).where(in_keys(ChangedDay.id, counted.changed) | (ChangedDay.day < too_old))
    )
    return True

"""Reading the kept figures of past days and weeks: of those of which nothing was changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, select, true

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.models import ChangedDay, FigureSpan, StoredFigures
from hwadmin.queries.scope import within


@dataclass(frozen=True, slots=True)
class StoredSpan:
    """What is kept of a day or week; no content where nothing happened in it."""

    since: date
    until: date
    content: Mapping[str, Any] | None


def stored_figures(actor: Actor, since: date, until: date, platform_id: int | None) -> Sequence[StoredSpan]:
    """What is kept of days that lie between two others, one after the other.

    In one statement: what is kept, and whether it still holds, at the same moment. A span is there several
    times where an actor is given several platforms, once with the figures of each.

    Args:
        actor: who looks.
        since: the first day.
        until: the last day.
        platform_id: only of this platform; None: of all the actor is given.
    """
    figures, changed = within(actor, StoredFigures), within(actor, ChangedDay)
    if platform_id is not None:
        figures = and_(figures, StoredFigures.platform_id == platform_id)
        changed = and_(changed, ChangedDay.platform_id == platform_id)
    elif actor.platform_ids is None:
        figures, changed = StoredFigures.platform_id.is_(None), true()
    changed = and_(ChangedDay.day >= FigureSpan.since, ChangedDay.day <= FigureSpan.until, changed)
    rows = db.session.execute(
        select(FigureSpan.since, FigureSpan.until, StoredFigures.content)
        .outerjoin(StoredFigures, and_(StoredFigures.span_id == FigureSpan.id, figures))
        .where(
            FigureSpan.since >= since,
            FigureSpan.until <= until,
            ~select(ChangedDay.id).where(changed).exists(),
        )
        .order_by(FigureSpan.since)
    )
    return [StoredSpan(*row) for row in rows]

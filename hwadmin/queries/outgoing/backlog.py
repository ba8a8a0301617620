"""How much is on its way out, and how late it is: for whoever watches the server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.models import MessageKind, OutboxEvent, OutgoingMessage


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to be sent."""

    # Events no worker has made messages of yet.
    events: int
    mails: int
    webhooks: int
    # For how many seconds the most delayed of them has been due; 0 where nothing is.
    late_seconds: float
    failed: int


def backlog() -> Backlog:
    """What waits now. Each part reads the index of what waits, however many messages were sent before."""
    now = utcnow()
    events, first_event = db.session.execute(
        select(func.count(), func.min(OutboxEvent.next_at)).where(OutboxEvent.next_at.is_not(None))
    ).one()
    waiting = db.session.execute(
        select(OutgoingMessage.kind, func.count(), func.min(OutgoingMessage.next_at))
        .where(OutgoingMessage.next_at.is_not(None))
        .group_by(OutgoingMessage.kind)
    ).all()
    numbers = {kind: number for kind, number, _ in waiting}
    failed = db.session.scalar(
        select(func.count()).select_from(OutgoingMessage).where(OutgoingMessage.failed_at.is_not(None))
    )
    moments = [moment for moment in (first_event, *(first for _, _, first in waiting)) if moment]
    return Backlog(
        events=events,
        mails=numbers.get(MessageKind.MAIL, 0),
        webhooks=numbers.get(MessageKind.WEBHOOK, 0),
        late_seconds=_late(moments, now),
        failed=failed or 0,
    )


def _late(due: list[datetime], now: datetime) -> float:
    return max(0.0, (now - min(due)).total_seconds()) if due else 0.0

"""How long what nobody needs any more is kept: messages that have come to an end, keys, failed sign-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, exists, func, or_, select, true, tuple_

from hwadmin.clock import utcnow
from hwadmin.errors import InvalidInput
from hwadmin.extensions import Base, db
from hwadmin.models import DeliveryAttempt, FailedSignIn, IdempotencyRecord, OutboxEvent, OutgoingMessage
from hwadmin.operations import audit
from hwadmin.operations.idempotency import KEPT_FOR
from hwadmin.permissions import Actor, Permission, require
from hwadmin.uow import transact

# So many rows are deleted in one transaction: nobody waits for it.
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Kept:
    """For how many days something is kept."""

    messages_days: int
    failed_sign_ins_days: int


def prune(actor: Actor, kept: Kept, *, really: bool = True, at_once: int = AT_ONCE) -> dict[str, int]:
    """Delete what is older than it is kept for, in many small transactions, and write down how much it was.

    Messages are deleted once they were delivered, or had failed for good, so many days ago, with their
    attempts; what is still on its way stays however old it is. The audit trail is never pruned.

    Args:
        actor: who asks for it.
        kept: for how long.
        really: whether to delete, or only to count.
        at_once: how many rows in one transaction.

    Returns:
        How many rows there were of each, by what people call them.

    Raises:
        NotAllowed: nothing was done.
        InvalidInput: a number of days that is none.
    """
    require(actor, Permission.OUTGOING_REPLAY)
    for field, days in (("messages", kept.messages_days), ("failed sign-ins", kept.failed_sign_ins_days)):
        if not 1 <= days <= 36_500:
            raise InvalidInput.at(field, f"Keep {field} for 1 to 36,500 days, not for {days}.")
    found = {
        name: _delete(model, old, at_once) if really else _count(old)
        for name, model, old in _old(kept, utcnow(), really)
    }
    if really and any(found.values()):
        said = ", ".join(f"{number:,} {name}" for name, number in found.items() if number)
        transact(lambda: audit.record(actor, "retention.pruned", f"Pruned {said}", details=found))
    return found


def _old(kept: Kept, now: datetime, really: bool) -> Iterator[tuple[str, type[Base], Callable[[], Any]]]:
    """What is too old, by its keys; what leads to something else before that."""
    cut = now - timedelta(days=kept.messages_days)
    end = func.coalesce(OutgoingMessage.delivered_at, OutgoingMessage.failed_at)
    ended = end < cut
    # Those that lead there are gone by then, unless somebody is at them; who only counts looks ahead.
    leading = exists().where(OutgoingMessage.event_id == OutboxEvent.id)
    if not really:
        leading = leading.where(or_(end.is_(None), end >= cut))
    yield (
        "delivery attempts",
        DeliveryAttempt,
        lambda: (
            select(DeliveryAttempt.id)
            .join(OutgoingMessage, OutgoingMessage.id == DeliveryAttempt.message_id)
            .where(ended)
        ),
    )
    yield (
        "messages",
        OutgoingMessage,
        lambda: select(OutgoingMessage.id).where(
            ended, ~exists().where(DeliveryAttempt.message_id == OutgoingMessage.id) if really else true()
        ),
    )
    yield (
        "announcements",
        OutboxEvent,
        lambda: select(OutboxEvent.id).where(
            OutboxEvent.next_at.is_(None),
            OutboxEvent.at < cut,
            ~leading,
        ),
    )
    yield (
        "answers kept for repeated requests",
        IdempotencyRecord,
        # An hour later than they end, so that nobody's claim is about to renew one.
        lambda: select(IdempotencyRecord.owner, IdempotencyRecord.key).where(
            IdempotencyRecord.created_at < now - KEPT_FOR - timedelta(hours=1)
        ),
    )
    yield (
        "failed sign-ins",
        FailedSignIn,
        lambda: select(FailedSignIn.id).where(
            FailedSignIn.at < now - timedelta(days=kept.failed_sign_ins_days)
        ),
    )


def _count(old: Callable[[], Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(old().subquery())) or 0


def _delete(model: type[Base], old: Callable[[], Any], at_once: int) -> int:
    deleted = 0
    while True:
        number = transact(lambda: _delete_some(model, old().limit(at_once)))
        deleted += number
        if number < at_once:
            return deleted


def _delete_some(model: type[Base], old: Select[Any]) -> int:
    # What somebody else is at, such as a message that is sent again just now, is left for the next time.
    locked = old.with_for_update(of=model, skip_locked=True)
    keys = [tuple(row) for row in db.session.execute(locked)]
    if keys:
        columns = [getattr(model, column.key) for column in model.__table__.primary_key]
        db.session.execute(
            delete(model).where(tuple_(*columns).in_(keys)).execution_options(synchronize_session=False)
        )
    return len(keys)

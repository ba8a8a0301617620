"""How long what nobody needs any more is kept: messages that have come to an end, keys, failed sign-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, exists, func, or_, select, true, tuple_

from hwadmin.clock import utcnow
from hwadmin.db.extensions import Base, db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.errors import InvalidInput
from hwadmin.models import (
    AccountNotice,
    DeliveryAttempt,
    FailedSignIn,
    IdempotencyRecord,
    OutboxEvent,
    OutgoingMessage,
    PasswordLink,
    SignInRequest,
)
from hwadmin.operations.audit.outgoing_events import record_retention_pruned

# So many rows are deleted in one transaction: nobody waits for it.
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class RetentionPeriods:
    """For how many days something is kept."""

    messages_days: int
    failed_sign_ins_days: int


def prune(
    actor: Actor, periods: RetentionPeriods, *, really: bool = True, at_once: int = AT_ONCE
) -> dict[str, int]:
    """Delete what is older than it is kept for, in many small transactions, and write down how much it was.

    Messages are deleted once they were delivered, or had failed for good, so many days ago, with their
    attempts; what is still on its way stays however old it is. The audit trail is never pruned.

    Args:
        actor: who asks for it.
        periods: for how long each is kept.
        really: whether to delete, or only to count.
        at_once: how many rows in one transaction.

    Returns:
        How many rows there were of each, by what people call them.

    Raises:
        NotAllowed: nothing was done.
        InvalidInput: a number of days that is none.
    """
    require(actor, Permission.OUTGOING_REPLAY)
    for field, days in (
        ("messages", periods.messages_days),
        ("failed sign-ins", periods.failed_sign_ins_days),
    ):
        if not 1 <= days <= 36_500:
            raise InvalidInput.at(field, f"Keep {field} for 1 to 36,500 days, not for {days}.")
    counts = {
        expired.name: _delete(expired, at_once) if really else _count(expired)
        for expired in _expired(periods, utcnow(), really)
    }
    if really and any(counts.values()):
        transact(lambda: record_retention_pruned(actor, counts))
    return counts


@dataclass(frozen=True, slots=True)
class _Expired:
    """Rows of one kind that are too old: what people call them, their model, and the query of their keys."""

    name: str
    model: type[Base]
    keys: Callable[[], Any]


def _expired(periods: RetentionPeriods, now: datetime, really: bool) -> Iterator[_Expired]:
    """What is too old; what leads to something else comes before that."""
    yield from _expired_messages(now - timedelta(days=periods.messages_days), really)
    # An hour later than they end, so that nobody's claim is about to renew one.
    ended = now - IdempotencyRecord.LIFETIME - timedelta(hours=1)
    yield _Expired(
        "responses kept for repeated requests",
        IdempotencyRecord,
        lambda: select(IdempotencyRecord.owner, IdempotencyRecord.key).where(
            IdempotencyRecord.created_at < ended
        ),
    )
    failed_before = now - timedelta(days=periods.failed_sign_ins_days)
    yield _Expired(
        "failed sign-ins",
        FailedSignIn,
        lambda: select(FailedSignIn.id).where(FailedSignIn.at < failed_before),
    )
    yield from _expired_sign_in_notes(failed_before, now)


def _expired_sign_in_notes(before: datetime, now: datetime) -> Iterator[_Expired]:
    """Mails about signing in, written before a moment, and visits to identity providers that ended."""
    for name, model in (("notices of sign-ins", AccountNotice), ("password links", PasswordLink)):
        yield _Expired(
            name,
            model,
            lambda model=model: select(model.id).where(  # type: ignore[misc]
                model.next_at.is_(None), model.created_at < before
            ),
        )
    yield _Expired(
        "unfinished sign-ins",
        SignInRequest,
        lambda: select(SignInRequest.state_hash).where(
            SignInRequest.created_at < now - SignInRequest.LIFETIME
        ),
    )


def _expired_messages(before: datetime, really: bool) -> Iterator[_Expired]:
    """Messages that ended before a moment, with their attempts, and the events they were made of."""
    end = func.coalesce(OutgoingMessage.delivered_at, OutgoingMessage.failed_at)
    ended = end < before
    yield _Expired(
        "delivery attempts",
        DeliveryAttempt,
        lambda: (
            select(DeliveryAttempt.id)
            .join(OutgoingMessage, OutgoingMessage.id == DeliveryAttempt.message_id)
            .where(ended)
        ),
    )
    # Attempts are gone by then, unless somebody is at them; who only counts looks ahead.
    without_attempts = ~exists().where(DeliveryAttempt.message_id == OutgoingMessage.id) if really else true()
    yield _Expired(
        "messages", OutgoingMessage, lambda: select(OutgoingMessage.id).where(ended, without_attempts)
    )
    remaining = exists().where(OutgoingMessage.event_id == OutboxEvent.id)
    if not really:
        remaining = remaining.where(or_(end.is_(None), end >= before))
    yield _Expired(
        "outgoing events",
        OutboxEvent,
        lambda: select(OutboxEvent.id).where(
            OutboxEvent.next_at.is_(None), OutboxEvent.at < before, ~remaining
        ),
    )


def _count(expired: _Expired) -> int:
    return db.session.scalar(select(func.count()).select_from(expired.keys().subquery())) or 0


def _delete(expired: _Expired, at_once: int) -> int:
    deleted = 0
    while True:
        number = transact(lambda: _delete_some(expired.model, expired.keys().limit(at_once)))
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

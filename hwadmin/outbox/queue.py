"""The queue: taking a message under a lease, and writing down what came of it, in short transactions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager

from hwadmin import engines
from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.models import (
    ApprovalRequest,
    DeliveryAttempt,
    MessageKind,
    OutboxEvent,
    OutgoingMessage,
    WebhookEndpoint,
)
from hwadmin.operations.webhooks import disable_webhook
from hwadmin.permissions import Actor, Role
from hwadmin.tenancy import acting_as
from hwadmin.uow import transact

# As Standard Webhooks has it: at once, then after each of these; about three days in all.
DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# Far longer than an attempt may take, its name looked up slowly included.
LEASE = timedelta(minutes=2)
_QUIET_AT_LEAST, _QUIET_AT_MOST = timedelta(seconds=5), timedelta(minutes=5)
_GIVEN_UP_AFTER = timedelta(days=3)
GONE = 410

# Who disables a webhook; not a person.
DELIVERY = Actor(None, "Delivery", Role.SUPER_ADMIN, None)


@dataclass(frozen=True, slots=True)
class Task:
    """A message under lease, with all that delivering it needs."""

    message_id: int
    uid: str
    kind: MessageKind
    recipient: str
    subject: str
    payload: str
    created_at: datetime
    # The former one as well while it still signs.
    secrets: tuple[str, ...] = ()
    # Why it cannot be sent at all any more.
    closed: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an attempt."""

    delivered: bool
    problem: str | None = None
    answer: int | None = None
    excerpt: str | None = None
    milliseconds: int = 0
    # Nothing answered at all.
    silent: bool = False
    # Trying again would not help.
    final: bool = False


def anything_due() -> bool:
    """Whether there is something to do, asked without taking the lock that writing needs."""
    now, before = utcnow(), engines.reading.get()
    db.session.rollback()
    engines.reading.set(True)
    try:
        with acting_as(db.session, DELIVERY):
            return any(
                db.session.scalar(statement.limit(1)) is not None
                for statement in (
                    select(OutboxEvent.id).where(OutboxEvent.next_at <= now),
                    select(ApprovalRequest.id).where(ApprovalRequest.next_at <= now),
                    _due(now).with_only_columns(OutgoingMessage.id),
                )
            )
    finally:
        db.session.rollback()
        engines.reading.set(before)


def _due(now: datetime) -> Select[OutgoingMessage]:
    return (
        select(OutgoingMessage)
        .outerjoin(OutgoingMessage.endpoint)
        .where(
            OutgoingMessage.next_at <= now,
            or_(OutgoingMessage.lease_until.is_(None), OutgoingMessage.lease_until <= now),
            or_(WebhookEndpoint.quiet_until.is_(None), WebhookEndpoint.quiet_until <= now),
        )
        .order_by(OutgoingMessage.next_at, OutgoingMessage.id)
    )


def take(worker: str) -> Task | None:
    """Put the longest waiting message that nobody is at under a lease; None where there is none."""

    def deed() -> Task | None:
        now = utcnow()
        message = db.session.scalars(
            _due(now)
            .options(contains_eager(OutgoingMessage.endpoint))
            .limit(1)
            # On SQLite the transaction has the only lock from its beginning.
            .with_for_update(of=OutgoingMessage, skip_locked=True)
            .execution_options(populate_existing=True)
        ).first()
        if message is None:
            return None
        message.lease_until, message.lease_by = now + LEASE, worker
        return _task(message, now)

    with acting_as(db.session, DELIVERY):
        return transact(deed)


def _task(message: OutgoingMessage, now: datetime) -> Task:
    endpoint = message.endpoint
    # A webhook may have been given another address since.
    recipient, closed = message.recipient, None
    secrets: tuple[str, ...] = ()
    if endpoint is not None:
        if endpoint.deleted_at is not None:
            closed = "The webhook was deleted."
        elif endpoint.disabled_at is not None:
            closed = f"The webhook is disabled: {endpoint.disabled_reason}"[:500]
        recipient = endpoint.url
        former = endpoint.former_secret if endpoint.former_until and endpoint.former_until > now else None
        secrets = tuple(secret for secret in (endpoint.secret, former) if secret)
    return Task(
        message_id=message.id,
        uid=message.uid,
        kind=message.kind,
        recipient=recipient,
        subject=message.subject,
        payload=message.payload,
        created_at=message.created_at,
        secrets=secrets,
        closed=closed,
    )


def settle(worker: str, task: Task, result: Result) -> None:
    """Write down what came of an attempt: delivered, to be tried again, or failed for good."""

    def deed() -> None:
        now = utcnow()
        message = db.session.scalars(
            select(OutgoingMessage)
            .where(OutgoingMessage.id == task.message_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        db.session.add(
            DeliveryAttempt(
                message_id=message.id,
                platform_id=message.platform_id,
                at=now,
                milliseconds=result.milliseconds,
                answer=result.answer,
                error=None if result.delivered else result.problem,
                excerpt=result.excerpt or None,
            )
        )
        mine = message.lease_by == worker
        if mine:
            message.lease_until = message.lease_by = None
        # Our lease had run out and another worker is at it: what we know for sure is only a delivery.
        if message.next_at is not None and (mine or result.delivered):
            _conclude(message, result, now)
        if message.endpoint_id is not None:
            _mind_endpoint(message.endpoint_id, result, now)

    with acting_as(db.session, DELIVERY):
        transact(deed)


def _conclude(message: OutgoingMessage, result: Result, now: datetime) -> None:
    message.attempts += 1
    message.last_error = None if result.delivered else (result.problem or "")[:500]
    if result.delivered:
        message.delivered_at, message.next_at = now, None
        message.lease_until = message.lease_by = None
    elif result.final or message.attempts > len(DELAYS):
        message.failed_at, message.next_at = now, None
    else:
        message.next_at = now + DELAYS[message.attempts - 1]


def _mind_endpoint(endpoint_id: int, result: Result, now: datetime) -> None:
    """Leave an address alone for a while where nobody answers, and for good where it is gone."""
    if result.answer is None and not result.silent:
        return
    endpoint = db.session.scalars(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if not result.silent:
        endpoint.silent_since = endpoint.quiet_until = None
        if result.answer == GONE:
            disable_webhook(DELIVERY, endpoint, "The receiver answered 410: it wants nothing more.")
        return
    endpoint.silent_since = endpoint.silent_since or now
    silence = now - endpoint.silent_since
    endpoint.quiet_until = now + min(max(silence, _QUIET_AT_LEAST), _QUIET_AT_MOST)
    if silence >= _GIVEN_UP_AFTER:
        disable_webhook(DELIVERY, endpoint, "Nobody has answered there for three days.")

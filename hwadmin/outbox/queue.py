"""The queue: leasing a message and recording the attempt to deliver it, each in a short transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager

from hwadmin.clock import utcnow
from hwadmin.db import engines
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Actor, Role
from hwadmin.models import (
    AccountNotice,
    ApprovalRequest,
    DeliveryAttempt,
    MessageKind,
    OutboxEvent,
    OutgoingMessage,
    PasswordLink,
    WebhookEndpoint,
)
from hwadmin.operations.outgoing.webhooks import disable_webhook

# The schedule of Standard Webhooks: at once, then after each of these; about three days in all.
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
# Far longer than an attempt may take, even with a slow name look-up.
LEASE = timedelta(minutes=2)
_MIN_PAUSE, _MAX_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
_DISABLED_AFTER = timedelta(days=3)
GONE = 410

# The actor that disables webhooks; not a person.
DELIVERY = Actor(None, "Delivery", Role.SUPER_ADMIN, None)


@dataclass(frozen=True, slots=True)
class Task:
    """A leased message, with everything needed to deliver it."""

    message_id: int
    uid: str
    kind: MessageKind
    recipient: str
    subject: str
    payload: str
    created_at: datetime
    # The former secret too, while messages are still signed with it.
    secrets: tuple[str, ...] = ()
    # Why it cannot be sent any more.
    closed: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The result of an attempt to deliver a message."""

    delivered: bool
    problem: str | None = None
    answer: int | None = None
    excerpt: str | None = None
    milliseconds: int = 0
    # There was no response at all.
    silent: bool = False
    # Trying again would not help.
    final: bool = False


def anything_due() -> bool:
    """Whether there is something to do. Reads only, without the lock that writing needs."""
    now = utcnow()
    db.session.rollback()
    try:
        with engines.reads_only(True), acting_as(db.session, DELIVERY):
            return any(
                db.session.scalar(statement.limit(1)) is not None
                for statement in (
                    select(OutboxEvent.id).where(OutboxEvent.next_at <= now),
                    select(ApprovalRequest.id).where(ApprovalRequest.next_at <= now),
                    select(PasswordLink.id).where(PasswordLink.next_at <= now),
                    select(AccountNotice.id).where(AccountNotice.next_at <= now),
                    _due(now).with_only_columns(OutgoingMessage.id),
                )
            )
    finally:
        db.session.rollback()


def _due(now: datetime) -> Select[OutgoingMessage]:
    return (
        select(OutgoingMessage)
        .outerjoin(OutgoingMessage.endpoint)
        .where(
            OutgoingMessage.next_at <= now,
            or_(OutgoingMessage.lease_until.is_(None), OutgoingMessage.lease_until <= now),
            or_(WebhookEndpoint.paused_until.is_(None), WebhookEndpoint.paused_until <= now),
        )
        .order_by(OutgoingMessage.next_at, OutgoingMessage.id)
    )


def lease_next(worker: str) -> Task | None:
    """Lease the message that has waited longest and that no other worker has; None where there is none."""

    def work() -> Task | None:
        now = utcnow()
        message = db.session.scalars(
            _due(now)
            .options(contains_eager(OutgoingMessage.endpoint))
            .limit(1)
            # SQLite has no row locks: its transaction holds the only lock from the beginning.
            .with_for_update(of=OutgoingMessage, skip_locked=True)
            .execution_options(populate_existing=True)
        ).first()
        if message is None:
            return None
        message.lease_until, message.lease_by = now + LEASE, worker
        return _task(message, now)

    with acting_as(db.session, DELIVERY):
        return transact(work)


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


def record_attempt(worker: str, task: Task, result: DeliveryResult) -> None:
    """Record an attempt and what follows: the message is delivered, tried again, or failed for good."""

    def work() -> None:
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
        leased = message.lease_by == worker
        if leased:
            message.lease_until = message.lease_by = None
        # Where our lease had run out, another worker tries it: only a delivery is certain then.
        if message.next_at is not None and (leased or result.delivered):
            _schedule_next(message, result, now)
        if message.endpoint_id is not None:
            _update_endpoint_health(message.endpoint_id, result, now)

    with acting_as(db.session, DELIVERY):
        transact(work)


def _schedule_next(message: OutgoingMessage, result: DeliveryResult, now: datetime) -> None:
    """Set when the message is tried next, or that it is delivered or failed."""
    message.attempts += 1
    message.last_error = None if result.delivered else (result.problem or "")[:500]
    if result.delivered:
        message.delivered_at, message.next_at = now, None
        message.lease_until = message.lease_by = None
    elif result.final or message.attempts > len(DELAYS):
        message.failed_at, message.next_at = now, None
    else:
        message.next_at = now + DELAYS[message.attempts - 1]


def _update_endpoint_health(endpoint_id: int, result: DeliveryResult, now: datetime) -> None:
    """Pause a webhook that does not respond. Disable it after three days, or when its address is gone."""
    if result.answer is None and not result.silent:
        return
    endpoint = db.session.scalars(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if not result.silent:
        endpoint.silent_since = endpoint.paused_until = None
        if result.answer == GONE:
            disable_webhook(DELIVERY, endpoint, "The receiver answered 410: it wants nothing more.")
        return
    endpoint.silent_since = endpoint.silent_since or now
    silence = now - endpoint.silent_since
    endpoint.paused_until = now + min(max(silence, _MIN_PAUSE), _MAX_PAUSE)
    if silence >= _DISABLED_AFTER:
        disable_webhook(DELIVERY, endpoint, "Nobody has answered there for three days.")

"""Fan-out: of each event, one message per webhook that subscribes to it and one mail per person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db import dialects
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.permissions import Actor, Role
from hwadmin.models import MessageKind, OutboxEvent, OutgoingMessage, WebhookEndpoint
from hwadmin.outbox.mail_templates import Mail, mails_for
from hwadmin.outbox.polling import process_next, row_failures
from hwadmin.queries.outgoing.feed import subject_ids
from hwadmin.schemas.event_objects import describe_object, event_objects

_BATCH_SIZE = 500


def expand_next() -> bool:
    """Make the messages of the oldest event that has none yet; False where there is no such event.

    One transaction: an event has all of its messages, or is still waiting for them.
    """
    return process_next(_expand_oldest, OutboxEvent)


def _expand_oldest() -> bool:
    event = db.session.scalars(
        select(OutboxEvent)
        .where(OutboxEvent.next_at <= utcnow())
        .order_by(OutboxEvent.next_at, OutboxEvent.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()
    if event is None:
        return False
    with row_failures(event.id):
        insert_messages(list(_messages(event)))
    event.next_at = None
    return True


def insert_messages(rows: list[dict[str, Any]]) -> None:
    """Insert messages, a thousand as quickly as one; what is there already is left alone."""
    if rows:
        connection = db.session.connection()
        statement = dialects.insert(OutgoingMessage.__table__)
        connection.execute(statement.on_conflict_do_nothing(index_elements=["uid"]), rows)


def _messages(event: OutboxEvent) -> Iterator[dict[str, Any]]:
    # Read with the rights of this platform: no name of another one can get into a message.
    owner = Actor(None, "Webhook", Role.PLATFORM_ADMIN, frozenset({event.platform_id}))
    endpoints = db.session.scalars(
        select(WebhookEndpoint)
        .where(
            WebhookEndpoint.platform_id == event.platform_id,
            WebhookEndpoint.deleted_at.is_(None),
            WebhookEndpoint.disabled_at.is_(None),
        )
        .order_by(WebhookEndpoint.id)
    ).all()
    with acting_as(db.session, owner):
        for kind in event.types:
            subscribed = [row for row in endpoints if row.event_types is None or kind in row.event_types]
            if subscribed:
                yield from _webhooks(event, kind, subscribed, owner)
        mails = mails_for(event, owner)
    for mail in mails:
        yield mail_row(mail, f"{event.id}", event)


def _webhooks(
    event: OutboxEvent, kind: str, endpoints: Iterable[WebhookEndpoint], owner: Actor
) -> Iterator[dict[str, Any]]:
    endpoints = list(endpoints)
    for key, data, subject in _data(event, kind, owner):
        body = json.dumps({"type": kind, "timestamp": _timestamp(event.at), "data": data}, ensure_ascii=False)
        for endpoint in endpoints:
            yield {
                "uid": message_uid("msg", event.at, event.id, kind, endpoint.id, key),
                "kind": MessageKind.WEBHOOK,
                "type": kind,
                "platform_id": event.platform_id,
                "event_id": event.id,
                "order_id": event.order_id,
                "endpoint_id": endpoint.id,
                "recipient": endpoint.url,
                "subject": subject,
                "payload": body,
            } | _waiting()


def _data(event: OutboxEvent, kind: str, owner: Actor) -> Iterator[tuple[int, Any, str]]:
    """What the event is about, as the API shows it to the platform: id, data, subject of each message."""
    subject = kind.partition(".")[0]
    ids = subject_ids(event, kind)
    assert ids or subject != "order", f"The event {event.id} names no order."
    for start in range(0, len(ids), _BATCH_SIZE):
        # A device that was moved to another platform since is not shown to this one.
        objects = event_objects(owner, subject, ids[start : start + _BATCH_SIZE])
        for key, shown in objects.items():
            yield key, shown.model_dump(mode="json"), f"{EventType(kind).label}: {describe_object(shown)}"


def mail_row(mail: Mail, about: str, event: OutboxEvent | None = None, **parts: Any) -> dict[str, Any]:
    """The row of a mail.

    Args:
        mail: the mail.
        about: what it is about; together with the recipient it identifies the mail.
        event: the event it tells of, if it is about a single one.
        parts: what else is needed to send it.
    """
    at = event.at if event is not None else None
    return {
        "uid": message_uid("mail", at, about, mail.recipient.lower()),
        "kind": MessageKind.MAIL,
        "type": mail.type,
        "platform_id": event.platform_id if event is not None else None,
        "event_id": event.id if event is not None else None,
        "order_id": event.order_id if event is not None else None,
        "endpoint_id": None,
        "recipient": mail.recipient,
        "subject": mail.subject,
        "payload": json.dumps({"text": mail.text, "html": mail.html} | parts, ensure_ascii=False),
    } | _waiting()


def message_uid(mark: str, at: datetime | None, *parts: object) -> str:
    """An id that is the same whenever the same message is made."""
    text = "\n".join(str(part) for part in (at.isoformat() if at else "", *parts))
    return f"{mark}_{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def _waiting() -> dict[str, Any]:
    now = utcnow()
    return {"created_at": now, "next_at": now, "attempts": 0}


def _timestamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")

"""From what happened to who is told: one message per webhook that wants it, and one per person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite

from hwadmin.api import represent
from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.models import Device, MessageKind, OutboxEvent, OutgoingMessage, WebhookEndpoint, reference
from hwadmin.operations.announcements import TYPES
from hwadmin.outbox.due import about, do_next
from hwadmin.outbox.letters import Letter, letters_for
from hwadmin.permissions import Actor, Role
from hwadmin.queries.api_lists import whole_order
from hwadmin.queries.devices import device_rows
from hwadmin.queries.units import units_of
from hwadmin.tenancy import acting_as

DEVICE = "device.created"
_MOST_AT_ONCE = 500


def expand_next() -> bool:
    """Make the messages of the oldest event that has none; False where there is no such event.

    One transaction: an event has all of its messages, or is still waiting for them.
    """
    return do_next(_expand_oldest, OutboxEvent)


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
    with about(event.id):
        insert_messages(list(_messages(event)))
    event.next_at = None
    return True


def insert_messages(rows: list[dict[str, Any]]) -> None:
    """Insert messages, a thousand as quickly as one; what is there already is left alone."""
    if rows:
        connection = db.session.connection()
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(cast(Table, OutgoingMessage.__table__))
        connection.execute(statement.on_conflict_do_nothing(index_elements=["uid"]), rows)


def _messages(event: OutboxEvent) -> Iterator[dict[str, Any]]:
    # Read as somebody of this very platform: no name of another one can get into a message.
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
            wanting = [one for one in endpoints if one.event_types is None or kind in one.event_types]
            if wanting:
                yield from _webhooks(event, kind, wanting, owner)
        letters = letters_for(event, owner)
    for letter in letters:
        yield mail_of(letter, f"{event.id}", event)


def _webhooks(
    event: OutboxEvent, kind: str, endpoints: Iterable[WebhookEndpoint], owner: Actor
) -> Iterator[dict[str, Any]]:
    endpoints = list(endpoints)
    for key, data, subject in _data(event, kind, owner):
        body = json.dumps({"type": kind, "timestamp": _written(event.at), "data": data}, ensure_ascii=False)
        for endpoint in endpoints:
            yield {
                "uid": uid_of("msg", event.at, event.id, kind, endpoint.id, key),
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
    """What an event of a kind is about, as the API shows it to the platform; a message for each."""
    if kind == DEVICE:
        keys = event.device_ids or []
        for start in range(0, len(keys), _MOST_AT_ONCE):
            batch = keys[start : start + _MOST_AT_ONCE]
            # One that has been moved to another platform since is not this one's to see any more.
            for row in device_rows(owner, Device.id.in_(batch), descending=False):
                subject = f"{TYPES[kind]}: {row.identifier_display}"
                yield row.id, represent.device(row).model_dump(mode="json"), subject
        return
    assert event.order_id is not None
    order = whole_order(owner, event.order_id)
    if order is not None:
        data = represent.order(order, units_of(order.id)).model_dump(mode="json")
        yield order.id, data, f"{TYPES[kind]}: {reference(order.id)}"


def mail_of(letter: Letter, about: str, event: OutboxEvent | None = None, **parts: Any) -> dict[str, Any]:
    """The row of a mail.

    Args:
        letter: the mail.
        about: what it is about; with the recipient it makes the mail the one it is.
        event: what happened, where it is about one thing.
        parts: what else must be known to send it.
    """
    at = event.at if event is not None else None
    return {
        "uid": uid_of("mail", at, about, letter.recipient.lower()),
        "kind": MessageKind.MAIL,
        "type": letter.type,
        "platform_id": event.platform_id if event is not None else None,
        "event_id": event.id if event is not None else None,
        "order_id": event.order_id if event is not None else None,
        "endpoint_id": None,
        "recipient": letter.recipient,
        "subject": letter.subject,
        "payload": json.dumps({"text": letter.text, "html": letter.html} | parts, ensure_ascii=False),
    } | _waiting()


def uid_of(mark: str, at: datetime | None, *parts: object) -> str:
    """An id that is the same whenever the same message is made."""
    said = "\n".join(str(part) for part in (at.isoformat() if at else "", *parts))
    return f"{mark}_{hashlib.sha256(said.encode()).hexdigest()[:40]}"


def _waiting() -> dict[str, Any]:
    now = utcnow()
    return {"created_at": now, "next_at": now, "attempts": 0}


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")

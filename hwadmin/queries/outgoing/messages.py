"""Reading webhooks, and the messages on their way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, raiseload, selectinload

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.models import MessageKind, OutgoingMessage, WebhookEndpoint
from hwadmin.queries.scope import visible

STATES = ("waiting", "failed", "delivered")


def webhooks_of(
    actor: Actor, *conditions: ColumnElement[bool], after: int = 0, limit: int | None = None
) -> Sequence[WebhookEndpoint]:
    """The webhooks of the platforms an actor is given, by key; ``after`` is the last key seen."""
    return db.session.scalars(
        visible(actor, WebhookEndpoint)
        .where(WebhookEndpoint.deleted_at.is_(None), WebhookEndpoint.id > after, *conditions)
        .options(joinedload(WebhookEndpoint.platform), raiseload("*"))
        .order_by(WebhookEndpoint.id)
        .limit(limit)
    ).all()


def webhook(actor: Actor, endpoint_id: int) -> WebhookEndpoint | None:
    """One webhook, or None where the actor is not given it."""
    return next(iter(webhooks_of(actor, WebhookEndpoint.id == endpoint_id)), None)


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages are wanted; ``None`` is any."""

    state: str | None = None
    kind: MessageKind | None = None
    platform_id: int | None = None
    endpoint_id: int | None = None
    order_id: int | None = None
    recipient: str | None = None


def messages(
    actor: Actor, message_filter: MessageFilter, *, before: int | None = None, size: int = 50
) -> tuple[list[OutgoingMessage], int | None]:
    """The newest matching messages, and the key before which there are more; None where there are none."""
    query = visible(actor, OutgoingMessage).where(*_conditions(message_filter))
    if before is not None:
        query = query.where(OutgoingMessage.id < before)
    found = list(
        db.session.scalars(
            query.options(
                selectinload(OutgoingMessage.tries).raiseload("*"),
                joinedload(OutgoingMessage.platform),
                raiseload("*"),
            )
            .order_by(OutgoingMessage.id.desc())
            .limit(size + 1)
        )
    )
    return found[:size], found[size - 1].id if len(found) > size else None


def message(actor: Actor, message_id: int) -> OutgoingMessage | None:
    """One message with its attempts, or None where the actor is not given it."""
    return db.session.scalars(
        visible(actor, OutgoingMessage)
        .where(OutgoingMessage.id == message_id)
        .options(
            selectinload(OutgoingMessage.tries).raiseload("*"),
            joinedload(OutgoingMessage.platform),
            joinedload(OutgoingMessage.endpoint).raiseload("*"),
            raiseload("*"),
        )
    ).one_or_none()


def is_any(state: str) -> bool:
    """Whether there is a message in this state, for a tab that should be seen."""
    return db.session.scalar(select(OutgoingMessage.id).where(_in_state(state)).limit(1)) is not None


def _in_state(state: str) -> ColumnElement[bool]:
    return {
        "waiting": OutgoingMessage.next_at.is_not(None),
        "failed": OutgoingMessage.failed_at.is_not(None),
        "delivered": OutgoingMessage.delivered_at.is_not(None),
    }[state]


def _conditions(message_filter: MessageFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if message_filter.state is not None:
        found.append(_in_state(message_filter.state))
    for column, value in (
        (OutgoingMessage.kind, message_filter.kind),
        (OutgoingMessage.platform_id, message_filter.platform_id),
        (OutgoingMessage.endpoint_id, message_filter.endpoint_id),
        (OutgoingMessage.order_id, message_filter.order_id),
    ):
        if value is not None:
            found.append(column == value)
    if message_filter.recipient is not None:
        found.append(
            or_(
                OutgoingMessage.recipient.icontains(message_filter.recipient, autoescape=True),
                OutgoingMessage.subject.icontains(message_filter.recipient, autoescape=True),
            )
        )
    return found

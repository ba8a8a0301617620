"""Reading webhooks, and the messages on their way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, raiseload, selectinload

from hwadmin.extensions import db
from hwadmin.models import MessageKind, OutgoingMessage, WebhookEndpoint
from hwadmin.permissions import Actor
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
    actor: Actor, wanted: MessageFilter, *, before: int | None = None, size: int = 50
) -> tuple[list[OutgoingMessage], int | None]:
    """The newest matching messages, and the key before which there are more; None where there are none."""
    query = visible(actor, OutgoingMessage).where(*_conditions(wanted))
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


def _conditions(wanted: MessageFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(_in_state(wanted.state))
    for column, value in (
        (OutgoingMessage.kind, wanted.kind),
        (OutgoingMessage.platform_id, wanted.platform_id),
        (OutgoingMessage.endpoint_id, wanted.endpoint_id),
        (OutgoingMessage.order_id, wanted.order_id),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.recipient is not None:
        found.append(
            or_(
                OutgoingMessage.recipient.icontains(wanted.recipient, autoescape=True),
                OutgoingMessage.subject.icontains(wanted.recipient, autoescape=True),
            )
        )
    return found

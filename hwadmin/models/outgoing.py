"""Outgoing events, webhooks, messages and their deliveries.

The database is the queue: what is to be sent is written in the transaction it is about, and sent after it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.db import dialects
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Tenanted
from hwadmin.models.people import Platform
from hwadmin.models.types import Document, Key, UTCDateTime, Word, one_of

_DUE = "next_at IS NOT NULL"


class MessageKind(StrEnum):
    """How a message travels."""

    WEBHOOK = "webhook"
    MAIL = "mail"


class OutboxEvent(Tenanted, Base):
    """That something happened, in one cheap row; a worker makes the messages of it afterwards."""

    __tablename__ = "outbox_event"
    __table_args__ = (
        dialects.partial_index("ix_outbox_event_next_at", "next_at", where=_DUE),
        Index("ix_outbox_event_position", "position"),
        Index("ix_outbox_event_platform_id_position", "platform_id", "position"),
        # A key must never come back: the messages of an event are known by it.
        dialects.KEYS_NEVER_COME_BACK,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    # One action may be several events, such as an order fulfilled and a thousand devices made by it.
    types: Mapped[list[str]] = mapped_column(Document)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("hardware_order.id"))
    device_ids: Mapped[list[int] | None] = mapped_column(Document)
    # What cannot be read from the order later: who, why, which units.
    details: Mapped[dict[str, Any]] = mapped_column(Document)
    request_id: Mapped[str | None] = mapped_column(String(36))
    # Its place in the feed, given by the database when the transaction ends: what is committed later comes
    # later, which is not so of the id.
    position: Mapped[int | None] = mapped_column(BigInteger)
    # When to make its messages; NULL once they are made.
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow)


class WebhookEndpoint(Tenanted, Base):
    """An address of a platform's own program that receives messages about what happens."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        CheckConstraint("(disabled_at IS NULL) = (disabled_reason IS NULL)", name="disabled"),
        CheckConstraint("(former_secret IS NULL) = (former_until IS NULL)", name="former_secret"),
        CheckConstraint("(deleted_at IS NULL) = (secret IS NOT NULL)", name="secret"),
        Index("ix_webhook_endpoint_platform_id_id", "platform_id", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    url: Mapped[str] = mapped_column(String(500))
    description: Mapped[str] = mapped_column(String(200), default="")
    # NULL: all of them, those to come included.
    event_types: Mapped[list[str] | None] = mapped_column(Document)
    # In the clear, since we sign with it; gone once the endpoint is deleted.
    secret: Mapped[str | None] = mapped_column(String(100))
    # Signs as well until then, so that the receiver may change over in its own time.
    former_secret: Mapped[str | None] = mapped_column(String(100))
    former_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    disabled_reason: Mapped[str | None] = mapped_column(String(300))
    # Kept for its delivery log, and no longer offered.
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Since when nobody has answered there at all, and until when it is left alone: a dead address must not
    # hold up the messages of others.
    silent_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paused_until: Mapped[datetime | None] = mapped_column("quiet_until", UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow, onupdate=utcnow)
    created_by_name: Mapped[str] = mapped_column(String(200))

    platform: Mapped[Platform] = relationship(viewonly=True)

    @property
    def is_open(self) -> bool:
        """Whether it receives messages: it is neither disabled nor deleted."""
        return self.deleted_at is None and self.disabled_at is None


class OutgoingMessage(Tenanted, Base):
    """One message to one receiver, tried until it is delivered or has failed for good."""

    __tablename__ = "outgoing_message"
    __table_args__ = (
        CheckConstraint(one_of("kind", MessageKind), name="kind"),
        CheckConstraint("(kind = 'webhook') = (endpoint_id IS NOT NULL)", name="endpoint"),
        CheckConstraint("delivered_at IS NULL OR failed_at IS NULL", name="one_end"),
        CheckConstraint(
            "(next_at IS NULL) = (delivered_at IS NOT NULL OR failed_at IS NOT NULL)", name="next_at"
        ),
        CheckConstraint("(lease_until IS NULL) = (lease_by IS NULL)", name="lease"),
        CheckConstraint("attempts >= 0", name="attempts"),
        dialects.partial_index("ix_outgoing_message_next_at", "next_at", where=_DUE),
        dialects.partial_index("ix_outgoing_message_failed", "id", where="failed_at IS NOT NULL"),
        Index("ix_outgoing_message_endpoint_id_id", "endpoint_id", "id"),
        Index("ix_outgoing_message_order_id_id", "order_id", "id"),
        dialects.KEYS_NEVER_COME_BACK,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    # By which the receiver knows a repeated delivery: the webhook-id, and the Message-ID of a mail.
    uid: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[MessageKind] = mapped_column(Word(MessageKind))
    type: Mapped[str] = mapped_column(String(40))
    # NULL: a digest, which speaks of several platforms.
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platform.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_event.id"))
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    endpoint_id: Mapped[int | None] = mapped_column(ForeignKey("webhook_endpoint.id"))
    # The address, as it was when the message was made.
    recipient: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(300))
    # What is sent, every time the same: the JSON body of a webhook; text and HTML of a mail, as JSON.
    payload: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow)
    # A worker is at it until then; whoever dies over it gives it back by the passing of time.
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_by: Mapped[str | None] = mapped_column(String(120))
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str | None] = mapped_column(String(500))

    endpoint: Mapped[WebhookEndpoint | None] = relationship(viewonly=True)
    platform: Mapped[Platform | None] = relationship(viewonly=True)
    tries: Mapped[list[DeliveryAttempt]] = relationship(viewonly=True, order_by="DeliveryAttempt.id")

    @property
    def state(self) -> str:
        """In one word, what became of it."""
        if self.delivered_at is not None:
            return "delivered"
        return "failed" if self.failed_at is not None else "waiting"


class DeliveryAttempt(Tenanted, Base):
    """One attempt to deliver a message, and what came of it."""

    __tablename__ = "delivery_attempt"
    __table_args__ = (Index("ix_delivery_attempt_message_id", "message_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("outgoing_message.id"))
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platform.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    milliseconds: Mapped[int]
    # The status of the HTTP answer; NULL where there was none.
    answer: Mapped[int | None]
    # Why it was not delivered; NULL where it was.
    error: Mapped[str | None] = mapped_column(String(500))
    # The beginning of what was answered, for whoever looks for the reason.
    excerpt: Mapped[str | None] = mapped_column(String(300))

"""Audit events: who decided what, when and why. Append-only; the database refuses the rest.

Every event is a link of one chain, written by the database as the last thing in the event's transaction; see
``hwadmin/domain/audit_hash_chain.py``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hwadmin.clock import utcnow
from hwadmin.db import dialects
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Shared, Tenanted
from hwadmin.models.types import Document, Key, UTCDateTime


class AuditEvent(Tenanted, Base):
    """One action, refusal or sign-in, with copied names, so that it reads the same for ever.

    It has no foreign keys on purpose: it must outlive whatever it speaks of.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_at", "at"),
        Index("ix_audit_event_order_id_id", "order_id", "id"),
        Index("ix_audit_event_platform_id_id", "platform_id", "id"),
        Index("ix_audit_event_kind_id", "kind", "id"),
        Index("ix_audit_event_actor_id_id", "actor_id", "id"),
        dialects.partial_index("ix_audit_event_device_id", "device_id", where="device_id IS NOT NULL"),
        Index("ix_audit_event_request_id", "request_id"),
        dialects.KEYS_NEVER_COME_BACK,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    kind: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_name: Mapped[str] = mapped_column(String(200))
    # NULL: an event of the whole product, for super-admins only.
    platform_id: Mapped[int | None] = mapped_column(BigInteger)
    platform_name: Mapped[str | None] = mapped_column(String(120))
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    account_name: Mapped[str | None] = mapped_column(String(200))
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    device_id: Mapped[int | None] = mapped_column(BigInteger)
    # One sentence for a person; the facts behind it are in details.
    summary: Mapped[str] = mapped_column(String(1000))
    reason: Mapped[str | None] = mapped_column(String(2000))
    details: Mapped[dict[str, Any]] = mapped_column(Document)
    # All events of one request share it.
    request_id: Mapped[str | None] = mapped_column(String(36))
    # The Continuum transaction that holds what the rows looked like.
    transaction_id: Mapped[int | None] = mapped_column(BigInteger)
    # What the chain holds: the facts, and a commitment to the words, made with the salt. NULL: written before
    # there was a chain.
    salt: Mapped[str | None] = mapped_column(String(32))
    commitment: Mapped[str | None] = mapped_column(String(64))
    digest: Mapped[str | None] = mapped_column(String(64))
    # The last redaction of its words, where there was one: then they are held to the redaction's commitment.
    redaction_id: Mapped[int | None] = mapped_column(BigInteger)


class AuditLink(Shared, Base):
    """One link of the chain over the audit events; written by the database alone."""

    __tablename__ = "audit_link"

    seq: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    hash: Mapped[str] = mapped_column(String(64))


class AuditTail(Shared, Base):
    """The end of the chain, in one row: whoever appends takes its lock as the last thing they do."""

    __tablename__ = "audit_tail"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    # The last event written before there was a chain; nothing vouches for those.
    begins_after: Mapped[int] = mapped_column(BigInteger)


class AuditRedaction(Shared, Base):
    """That the words of an event were changed to no longer name somebody, and what they are held to since.

    The rows of a batch are held by the chain through the event that says who asked for it and why.
    """

    __tablename__ = "audit_redaction"
    __table_args__ = (
        Index("ix_audit_redaction_event_id", "event_id"),
        Index("ix_audit_redaction_batch", "batch"),
        dialects.KEYS_NEVER_COME_BACK,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    event_id: Mapped[int] = mapped_column(BigInteger)
    batch: Mapped[str] = mapped_column(String(36))
    commitment: Mapped[str] = mapped_column(String(64))

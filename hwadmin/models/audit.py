"""Audit events: who decided what, when and why. Append-only; the database refuses the rest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hwadmin.clock import utcnow
from hwadmin.extensions import Base
from hwadmin.models.types import Document, Key, UTCDateTime
from hwadmin.tenancy import Tenanted


class AuditEvent(Tenanted, Base):
    """One deed, refusal or sign-in, with copied names, so that it reads the same for ever.

    It has no foreign keys on purpose: it must outlive whatever it speaks of.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_at", "at"),
        Index("ix_audit_event_order_id_id", "order_id", "id"),
        Index("ix_audit_event_platform_id_id", "platform_id", "id"),
        Index("ix_audit_event_kind_id", "kind", "id"),
        Index("ix_audit_event_actor_id_id", "actor_id", "id"),
        Index("ix_audit_event_device_id", "device_id"),
        {"sqlite_autoincrement": True},
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

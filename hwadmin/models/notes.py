"""Internal notes on an order: for super-admins and support, never for the platform."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hwadmin.clock import utcnow
from hwadmin.extensions import Base
from hwadmin.models.types import Key, UTCDateTime
from hwadmin.tenancy import Tenanted


class OrderNote(Tenanted, Base):
    """What somebody noted about an order. It is never changed; removed, its text is gone for good."""

    __tablename__ = "order_note"
    __table_args__ = (
        ForeignKeyConstraint(
            ["order_id", "platform_id"], ["hardware_order.id", "hardware_order.platform_id"]
        ),
        CheckConstraint("text <> ''", name="said"),
        CheckConstraint("(removed_at IS NULL) = (text IS NOT NULL)", name="removed"),
        CheckConstraint("(removed_at IS NULL) = (removed_by_name IS NULL)", name="removed_by"),
        Index("ix_order_note_order_id_id", "order_id", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(Key)
    platform_id: Mapped[int] = mapped_column(Key)
    text: Mapped[str | None] = mapped_column(String(4000))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    author_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    removed_by_name: Mapped[str | None] = mapped_column(String(200))

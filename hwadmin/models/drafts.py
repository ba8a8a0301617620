"""What somebody is entering for an order and has not written yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hwadmin.clock import utcnow
from hwadmin.extensions import Base
from hwadmin.models.types import Key, UTCDateTime
from hwadmin.tenancy import Tenanted

# As much as a field of the form takes.
LONGEST_TEXT = 250


class FulfillmentDraft(Tenanted, Base):
    """What one person typed or scanned for one unit; it is no identifier yet, and may be none at all."""

    __tablename__ = "fulfillment_draft"
    __table_args__ = (
        ForeignKeyConstraint(
            ["order_id", "platform_id"], ["hardware_order.id", "hardware_order.platform_id"]
        ),
        Index("ix_fulfillment_draft_unit_id", "unit_id"),
    )

    order_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="CASCADE"), primary_key=True)
    platform_id: Mapped[int] = mapped_column(Key)
    text: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

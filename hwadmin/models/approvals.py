"""What belongs to an order besides its lines: requests to managers, internal notes, and who is placing it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, and_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.db import dialects
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Tenanted
from hwadmin.domain.lifecycle import ManagerApproval
from hwadmin.models.orders import HardwareOrder
from hwadmin.models.types import Document, Key, UTCDateTime, Word, one_of

ANSWERS = (ManagerApproval.AGREED, ManagerApproval.DECLINED)
_OPEN = "used_at IS NULL AND closed_at IS NULL"
_DUE = "next_at IS NOT NULL"


class LinkState(StrEnum):
    """Whether a link still works, or why not."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    # A newer link was sent, or the order was decided without this one.
    REPLACED = "replaced"
    OVERTAKEN = "overtaken"


class ApprovalRequest(Tenanted, Base):
    """That an account's manager was asked about an order, by a link that works once and not for ever."""

    __tablename__ = "approval_request"
    __table_args__ = (
        ForeignKeyConstraint(
            ["order_id", "platform_id"], ["hardware_order.id", "hardware_order.platform_id"]
        ),
        CheckConstraint(one_of("answer", ANSWERS), name="answer"),
        CheckConstraint("(used_at IS NULL) = (answer IS NULL)", name="used"),
        CheckConstraint(
            "answer <> 'declined' OR (reason IS NOT NULL AND reason <> '')", name="declined_has_reason"
        ),
        CheckConstraint("used_at IS NULL OR closed_at IS NULL", name="one_end"),
        CheckConstraint("expires_at > sent_at", name="expires_later"),
        CheckConstraint(f"next_at IS NULL OR ({_OPEN})", name="next_at"),
        CheckConstraint("reminders >= 0", name="reminders"),
        # One link at a time can be answered.
        dialects.partial_index("ix_approval_request_open", "order_id", where=_OPEN, unique=True),
        Index("ix_approval_request_order_id_id", "order_id", "id"),
        dialects.partial_index("ix_approval_request_next_at", "next_at", where=_DUE),
        # A key must never come back: links name it.
        dialects.KEYS_NEVER_COME_BACK,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(Key)
    order_id: Mapped[int] = mapped_column(Key)
    approver_name: Mapped[str] = mapped_column(String(200))
    approver_email: Mapped[str] = mapped_column(String(254))
    # 256 random bits the link is signed over; without our secret key nobody makes the link of it.
    seed: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    # When its mail was written, how often it was followed up, and when something is to be done next.
    mailed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reminders: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answer: Mapped[ManagerApproval | None] = mapped_column(Word(ManagerApproval))
    reason: Mapped[str | None] = mapped_column(String(2000))
    # What it cost when they answered or, before that, in the last mail, by currency: once, and each month.
    cost: Mapped[dict[str, Any] | None] = mapped_column(Document)
    # Replaced by a newer link, or no longer needed.
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    order: Mapped[HardwareOrder] = relationship(viewonly=True)

    def state(self, awaited: bool, now: datetime) -> LinkState:
        """What the link is good for.

        Args:
            awaited: whether the order still waits for a manager's answer.
            now: the present moment.
        """
        if self.used_at is not None:
            return LinkState.USED
        if not awaited:
            return LinkState.OVERTAKEN
        if self.closed_at is not None:
            return LinkState.REPLACED
        return LinkState.EXPIRED if now >= self.expires_at else LinkState.OPEN


# A condition: the request still waits for its answer; each order has one such at most.
WAITS_FOR_ANSWER = and_(ApprovalRequest.used_at.is_(None), ApprovalRequest.closed_at.is_(None))


class OrderClaim(Tenanted, Base):
    """Who is placing an order just now, so that no other does the same; it lapses by itself."""

    __tablename__ = "order_claim"
    __table_args__ = (
        ForeignKeyConstraint(
            ["order_id", "platform_id"], ["hardware_order.id", "hardware_order.platform_id"]
        ),
    )

    order_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    platform_id: Mapped[int] = mapped_column(Key)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    person_name: Mapped[str] = mapped_column(String(200))
    claimed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lapses_at: Mapped[datetime] = mapped_column(UTCDateTime)


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

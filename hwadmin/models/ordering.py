"""Baskets: what somebody is about to order for an account, kept until they confirm or delete it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hwadmin.clock import utcnow
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Tenanted
from hwadmin.models.types import Document, Key, UTCDateTime


class Basket(Tenanted, Base):
    """One person's basket for one account. It is not an order: nothing is promised by it."""

    __tablename__ = "basket"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "platform_id"], ["account.id", "account.platform_id"]),
        UniqueConstraint("person_id", "account_id"),
        CheckConstraint("version > 0", name="version"),
        Index("ix_basket_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    content: Mapped[dict[str, Any]] = mapped_column(Document)
    # Moves with every change, so that two tabs do not overwrite each other.
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

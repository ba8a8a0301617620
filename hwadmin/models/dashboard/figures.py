"""What the dashboard's figures of past days were, kept so that nobody counts them again."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hwadmin.db import dialects
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Shared, Tenanted
from hwadmin.models.types import Document, Key


class FigureSpan(Shared, Base):
    """A finished day or week, in UTC, whose figures are kept; no two of them have a day in common."""

    __tablename__ = "figure_span"
    # By its key a worker sees that these are still the figures it is about to replace.
    __table_args__ = (dialects.KEYS_NEVER_COME_BACK,)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    since: Mapped[date] = mapped_column(unique=True)
    until: Mapped[date]


class StoredFigures(Tenanted, Base):
    """The figures of a span: of each platform on which anything happened, and of all platforms together."""

    __tablename__ = "stored_figures"
    __table_args__ = (UniqueConstraint("span_id", "platform_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    span_id: Mapped[int] = mapped_column(ForeignKey("figure_span.id"))
    # NULL: of all platforms, for those who see them all. No foreign key: nobody waits for who counts.
    platform_id: Mapped[int | None] = mapped_column(Key)
    content: Mapped[dict[str, Any]] = mapped_column(Document)


class ChangedDay(Tenanted, Base):
    """A past day of which something was changed since: what is kept of it is to be counted anew.

    Triggers write it in the transaction that changes an order or a line. There may be any number of a day, so
    that nobody waits for anybody. Whoever counts anew deletes those they had seen before they began.
    """

    __tablename__ = "changed_day"
    __table_args__ = (Index("ix_changed_day_day", "day"), dialects.KEYS_NEVER_COME_BACK)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    day: Mapped[date]
    platform_id: Mapped[int] = mapped_column(Key)

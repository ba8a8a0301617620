"""One row per physical unit of an order, and what somebody is entering for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.db import dialects
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Tenanted
from hwadmin.models.accounts import Employee, Location
from hwadmin.models.orders import LineItem
from hwadmin.models.types import Document, Key, UTCDateTime


class Unit(Tenanted, Base):
    """One physical piece of a line, and its intent: for whom, where, with which base."""

    __tablename__ = "unit"
    __table_args__ = (
        ForeignKeyConstraint(
            ["order_id", "platform_id"], ["hardware_order.id", "hardware_order.platform_id"]
        ),
        UniqueConstraint("line_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint(
            "(closed_at IS NULL) = (closed_reason IS NULL)"
            " AND (closed_at IS NULL) = (closed_by_name IS NULL)",
            name="closed",
        ),
        CheckConstraint("closed_reason <> ''", name="closed_reason_said"),
        Index("ix_unit_order_id", "order_id"),
        dialects.partial_index("ix_unit_employee_id", "employee_id", where="employee_id IS NOT NULL"),
        dialects.partial_index("ix_unit_base_unit_id", "base_unit_id", where="base_unit_id IS NOT NULL"),
        # One unit per spare device, whatever two people do at the same moment.
        dialects.partial_index(
            "ix_unit_reserved_device_id",
            "reserved_device_id",
            where="reserved_device_id IS NOT NULL",
            unique=True,
        ),
        dialects.partial_index(
            "ix_unit_line_of_service_id", "line_of_service_id", where="line_of_service_id IS NOT NULL"
        ),
        CheckConstraint("override_reason IS NULL OR line_of_service_id IS NOT NULL", name="override"),
        dialects.KEYS_NEVER_COME_BACK,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(Key)
    platform_id: Mapped[int] = mapped_column(Key)
    line_id: Mapped[int] = mapped_column(ForeignKey("line_item.id"))
    # Its place within the line, from 1.
    number: Mapped[int]

    # The base of an intent is a unit of the same order.
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    base_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id", ondelete="SET NULL"))
    # Closed short: it will not come, or has gone again. Nothing is awaited any more.
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_reason: Mapped[str | None] = mapped_column(String(2000))
    closed_by_name: Mapped[str | None] = mapped_column(String(200))

    # The spare device kept for it until it is fulfilled, cancelled or rejected. (use_alter: devices name
    # units as well, and neither table can come first.)
    reserved_device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id", use_alter=True))
    # The phone line it upgrades, why, and why it may although the line is not eligible.
    line_of_service_id: Mapped[int | None] = mapped_column(ForeignKey("line_of_service.id", use_alter=True))
    upgrade_reason: Mapped[str | None] = mapped_column(String(2000))
    override_reason: Mapped[str | None] = mapped_column(String(2000))
    # Whose it will be and what it is booked on, as it was ordered; never read again from
    # the directory. Codes: [{"code", "percent"}], 100 in all.
    user_name: Mapped[str | None] = mapped_column(String(200))
    user_number: Mapped[str | None] = mapped_column(String(60))
    accounting_codes: Mapped[list[dict[str, Any]] | None] = mapped_column(Document)
    # The identifier of the device it was fulfilled with, and where that has gone since: a spare fulfills
    # again, and a device names one unit only.
    device_passed_on: Mapped[str | None] = mapped_column(String(200))

    line: Mapped[LineItem] = relationship(viewonly=True)
    employee: Mapped[Employee | None] = relationship(viewonly=True)
    location: Mapped[Location | None] = relationship(viewonly=True)


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
    # The key of the person it was taken over from, who is told; it outlives them, and leads nowhere then.
    taken_over_from_id: Mapped[int | None] = mapped_column(Key)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

"""Hardware orders: the order, its line items, and one row per physical unit."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.extensions import Base
from hwadmin.kinds import Kind
from hwadmin.lifecycle import ManagerApproval, OrderFacts, OrderStatus
from hwadmin.models.catalog import CatalogItem, title
from hwadmin.models.devices import Device
from hwadmin.models.lines import LineOfService
from hwadmin.models.platforms import Account, Employee, Location, Platform
from hwadmin.models.types import Document, Key, Money, UTCDateTime, Word, one_of
from hwadmin.tenancy import Tenanted

# Both a bound parameter and a different spelling would miss the partial index.
WAITING = "status = 'submitted' AND manager_approval <> 'awaiting'"
AWAITING_ITS_MANAGER = "status = 'submitted' AND manager_approval = 'awaiting'"


class HardwareOrder(Tenanted, Base):
    """An order of hardware for one account, from submission to its end."""

    __tablename__ = "hardware_order"
    __versioned__: dict[str, Any] = {"base_classes": (Tenanted, Base), "exclude": ["submission_key"]}
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "platform_id"], ["account.id", "account.platform_id"]),
        UniqueConstraint("id", "platform_id"),
        CheckConstraint(one_of("status", OrderStatus), name="status"),
        CheckConstraint(one_of("manager_approval", ManagerApproval), name="manager_approval"),
        CheckConstraint("(status = 'rejected') = (rejection_reason IS NOT NULL)", name="rejected_has_reason"),
        CheckConstraint("rejection_reason <> ''", name="rejection_reason_said"),
        CheckConstraint(
            "(status IN ('approved', 'fulfilled', 'rejected'))"
            " = (decided_at IS NOT NULL AND decided_by_name IS NOT NULL)",
            name="decided",
        ),
        CheckConstraint("(status = 'fulfilled') = (fulfilled_at IS NOT NULL)", name="fulfilled_at"),
        CheckConstraint(
            "placed_at IS NULL OR status IN ('approved', 'fulfilled')", name="placed_only_when_approved"
        ),
        CheckConstraint(
            "fulfilled_units >= 0 AND fulfilled_units <= fulfillable_units", name="fulfilled_units"
        ),
        CheckConstraint("version > 0", name="version"),
        # Orders are numbered as they arrive: "newest first" is the key, backwards, behind what is filtered.
        Index("ix_hardware_order_status_id", "status", "id"),
        Index("ix_hardware_order_platform_id_status_id", "platform_id", "status", "id"),
        Index("ix_hardware_order_platform_id_id", "platform_id", "id"),
        Index("ix_hardware_order_account_id_id", "account_id", "id"),
        Index("ix_hardware_order_created_at", "created_at"),
        *(
            Index(
                f"ix_hardware_order_{column}",
                column,
                postgresql_where=text(f"{column} IS NOT NULL"),
                sqlite_where=text(f"{column} IS NOT NULL"),
            )
            for column in ("decided_at", "fulfilled_at", "distributor_reference")
        ),
        Index(
            "ix_hardware_order_waiting",
            "platform_id",
            postgresql_where=text(WAITING),
            sqlite_where=text(WAITING),
        ),
        Index(
            "ix_hardware_order_awaiting",
            "platform_id",
            "id",
            postgresql_where=text(AWAITING_ITS_MANAGER),
            sqlite_where=text(AWAITING_ITS_MANAGER),
        ),
        Index("ix_hardware_order_submitted_by_id_id", "submitted_by_id", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    account_id: Mapped[int] = mapped_column(Key)
    status: Mapped[OrderStatus] = mapped_column(Word(OrderStatus), default=OrderStatus.SUBMITTED)
    # Moves with every change of the order, its lines or its units; people decide on what they saw.
    version: Mapped[int] = mapped_column(default=1)
    manager_approval: Mapped[ManagerApproval] = mapped_column(
        Word(ManagerApproval), default=ManagerApproval.NOT_REQUIRED
    )
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    # Who set the present status and who changed anything last, and when: for refusals that name them.
    status_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    status_by_name: Mapped[str] = mapped_column(String(200))
    updated_by_name: Mapped[str] = mapped_column(String(200))

    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    submitted_by_name: Mapped[str] = mapped_column(String(200))
    requester: Mapped[str | None] = mapped_column(String(200))
    ship_to_location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    attention: Mapped[str | None] = mapped_column(String(200))
    notes: Mapped[str | None] = mapped_column(String(4000))
    # Why it is asked for, who else is told, and what it is booked on.
    reason: Mapped[str | None] = mapped_column(String(2000))
    notify: Mapped[list[str] | None] = mapped_column(Document)
    accounting_codes: Mapped[list[Any] | None] = mapped_column(Document)
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("hardware_order.id"))
    # One submission makes one order, however often the browser sends it.
    submission_key: Mapped[str | None] = mapped_column(String(64), unique=True)

    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_by_name: Mapped[str | None] = mapped_column(String(200))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    rejection_reason: Mapped[str | None] = mapped_column(String(2000))
    cancellation_reason: Mapped[str | None] = mapped_column(String(2000))

    # The placement: the order at the distributor.
    distributor: Mapped[str | None] = mapped_column(String(120))
    distributor_reference: Mapped[str | None] = mapped_column(String(120))
    ordered_on: Mapped[date | None]
    placed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    placed_by_name: Mapped[str | None] = mapped_column(String(200))

    fulfilled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    fulfilled_units: Mapped[int] = mapped_column(default=0)
    fulfillable_units: Mapped[int] = mapped_column(default=0)

    platform: Mapped[Platform] = relationship(viewonly=True)
    account: Mapped[Account] = relationship(viewonly=True)
    ship_to: Mapped[Location | None] = relationship(viewonly=True)
    lines: Mapped[list[LineItem]] = relationship(
        back_populates="order", order_by="LineItem.position", cascade="all, delete-orphan"
    )
    # The last guard against a lost update; operations lock and compare first, and say who was faster.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}

    @property
    def reference(self) -> str:
        """The number people say: ``HW-000123``."""
        return reference(self.id)

    @property
    def facts(self) -> OrderFacts:
        """What the lifecycle table needs to know."""
        return OrderFacts(
            status=self.status,
            placed=self.placed_at is not None,
            has_devices=self.fulfilled_units > 0,
            manager_approval=self.manager_approval,
        )

    def __str__(self) -> str:
        return self.reference


class LineItem(Tenanted, Base):
    """A catalog item times a quantity, with what the catalog said at submission."""

    __tablename__ = "line_item"
    __versioned__: dict[str, Any] = {"base_classes": (Tenanted, Base)}
    __table_args__ = (
        ForeignKeyConstraint(
            ["order_id", "platform_id"], ["hardware_order.id", "hardware_order.platform_id"]
        ),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price >= 0", name="price"),
        CheckConstraint("monthly_price >= 0", name="monthly_price"),
        CheckConstraint(one_of("kind", Kind), name="kind"),
        Index("ix_line_item_order_id", "order_id"),
        Index("ix_line_item_catalog_item_id", "catalog_item_id"),
        Index(
            "ix_line_item_accessory_of_id",
            "accessory_of_id",
            postgresql_where=text("accessory_of_id IS NOT NULL"),
            sqlite_where=text("accessory_of_id IS NOT NULL"),
        ),
        # A key must never come back: version rows of a removed line would be taken for the new one's.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    order_id: Mapped[int] = mapped_column(Key)
    platform_id: Mapped[int] = mapped_column(Key)
    position: Mapped[int]
    catalog_item_id: Mapped[int] = mapped_column(ForeignKey("catalog_item.id"))
    quantity: Mapped[int]
    # What was asked for at submission; 0 for a line a reviewer added.
    requested_quantity: Mapped[int]
    sku: Mapped[str] = mapped_column(String(60))
    make: Mapped[str] = mapped_column(String(60))
    model: Mapped[str] = mapped_column(String(120))
    kind: Mapped[Kind] = mapped_column(Word(Kind))
    unit_price: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    max_handsets: Mapped[int | None]
    mobile_carrier: Mapped[str | None] = mapped_column(String(60))
    color: Mapped[str | None] = mapped_column(String(40))
    size: Mapped[str | None] = mapped_column(String(40))
    term_months: Mapped[int | None]
    # What is paid per month of the term, besides the unit price.
    monthly_price: Mapped[Decimal] = mapped_column(Money, default=Decimal(0), server_default=text("0"))
    # Taken from the account's spare inventory: nothing is bought.
    from_spare: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The line of the device an accessory was ordered with.
    accessory_of_id: Mapped[int | None] = mapped_column(ForeignKey("line_item.id"))

    order: Mapped[HardwareOrder] = relationship(back_populates="lines")
    catalog_item: Mapped[CatalogItem] = relationship(viewonly=True)

    @property
    def title(self) -> str:
        """Make and model, as people say it."""
        return title(self.make, self.model)

    @property
    def said(self) -> str:
        """Make and model with what sets the line apart: ``Apple iPhone 17 (512 GB, 24 months)``."""
        words = []
        if self.term_months:
            words += [word for word in (self.size, f"{self.term_months} months") if word]
        if self.from_spare:
            words.append("from spares")
        return f"{self.title} ({', '.join(words)})" if words else self.title

    @property
    def total(self) -> Decimal:
        """Unit price times quantity: what is paid now."""
        return self.unit_price * self.quantity

    @property
    def monthly_total(self) -> Decimal:
        """Monthly price times quantity: what is paid per month of the term."""
        return self.monthly_price * self.quantity


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
        Index(
            "ix_unit_employee_id",
            "employee_id",
            postgresql_where=text("employee_id IS NOT NULL"),
            sqlite_where=text("employee_id IS NOT NULL"),
        ),
        Index("ix_unit_base_unit_id", "base_unit_id"),
        # One unit per spare device, whatever two people do at the same moment.
        Index(
            "ix_unit_reserved_device_id",
            "reserved_device_id",
            unique=True,
            postgresql_where=text("reserved_device_id IS NOT NULL"),
            sqlite_where=text("reserved_device_id IS NOT NULL"),
        ),
        Index(
            "ix_unit_line_of_service_id",
            "line_of_service_id",
            postgresql_where=text("line_of_service_id IS NOT NULL"),
            sqlite_where=text("line_of_service_id IS NOT NULL"),
        ),
        CheckConstraint("override_reason IS NULL OR line_of_service_id IS NOT NULL", name="override"),
        {"sqlite_autoincrement": True},
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
    # The line of service it upgrades, why, and why it may although the line is not eligible.
    line_of_service_id: Mapped[int | None] = mapped_column(ForeignKey("line_of_service.id", use_alter=True))
    upgrade_reason: Mapped[str | None] = mapped_column(String(2000))
    override_reason: Mapped[str | None] = mapped_column(String(2000))
    # Whose it will be and what it is booked on, as it was said when it was ordered; never read again from
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
    base_unit: Mapped[Unit | None] = relationship(viewonly=True, remote_side="Unit.id")
    line_of_service: Mapped[LineOfService | None] = relationship(viewonly=True)
    reserved_device: Mapped[Device | None] = relationship(
        viewonly=True, foreign_keys="Unit.reserved_device_id"
    )
    # What fulfillment made of it: the device that names this unit.
    device: Mapped[Device | None] = relationship(
        viewonly=True, back_populates="unit", foreign_keys="Device.unit_id"
    )


class OrderTally(Tenanted, Base):
    """How many orders of a platform have a status. Kept by triggers, so counting costs nothing."""

    __tablename__ = "order_tally"

    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), primary_key=True)
    status: Mapped[OrderStatus] = mapped_column(Word(OrderStatus), primary_key=True)
    orders: Mapped[int]


# Plain digits, no more than fit a BIGINT; a sign in front of bare digits is none of ours.
_REFERENCE = re.compile(r"(?:HW[ -]*)?([0-9]{1,18})", re.IGNORECASE)


def reference(order_id: int) -> str:
    """The order number people say, from its key."""
    return f"HW-{order_id:06d}"


def order_id_of(said: str) -> int | None:
    """The key of a reference as people write it (``HW-000123``, ``hw 123``, ``123``), or None."""
    found = _REFERENCE.fullmatch(said.strip())
    return int(found[1]) or None if found else None

"""Hardware orders: the order, its line items, and how many there are."""

from __future__ import annotations

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
from hwadmin.db import dialects
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Tenanted
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import ManagerApproval, OrderFacts, OrderStatus
from hwadmin.domain.ordering.variants import variant_words, with_variant
from hwadmin.domain.orders.waiting import WaitsFor
from hwadmin.domain.row_ids import reference
from hwadmin.models.accounts import Account, Location
from hwadmin.models.catalog import CatalogItem, title
from hwadmin.models.people import Platform
from hwadmin.models.types import Document, Key, Money, UTCDateTime, Word, one_of

# Both a bound parameter and a different spelling would miss the partial index.
WAITING = "status = 'submitted' AND manager_approval <> 'awaiting'"
AWAITING_ITS_MANAGER = "status = 'submitted' AND manager_approval = 'awaiting'"
TO_BE_PLACED = "status = 'approved' AND placed_at IS NULL AND NOT nothing_to_buy"
WITH_DISTRIBUTOR = "status = 'approved' AND placed_at IS NOT NULL"
EXPECTED = "status = 'approved' AND expected_on IS NOT NULL"
DUE = "due_at IS NOT NULL"


class HardwareOrder(Tenanted, Base):
    """An order of hardware for one account, from submission to its end."""

    __tablename__ = "hardware_order"
    __versioned__: dict[str, Any] = {
        "base_classes": (Tenanted, Base),
        "exclude": [
            *("submission_key", "external_id", "nothing_to_buy", "expected_on", "total_now"),
            *("waits_for", "waits_since", "due_at"),
        ],
    }
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "platform_id"], ["account.id", "account.platform_id"]),
        UniqueConstraint("id", "platform_id"),
        dialects.external_key("hardware_order", "platform_id"),
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
        CheckConstraint("sent_to IS NULL OR placed_at IS NOT NULL", name="sent_is_placed"),
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
        Index("ix_hardware_order_total_now", "total_now", "id"),
        Index("ix_hardware_order_status_total_now", "status", "total_now", "id"),
        *(
            dialects.partial_index(f"ix_hardware_order_{column}", column, where=f"{column} IS NOT NULL")
            for column in ("decided_at", "fulfilled_at", "distributor_reference")
        ),
        dialects.partial_index("ix_hardware_order_waiting", "platform_id", where=WAITING),
        dialects.partial_index("ix_hardware_order_awaiting", "platform_id", "id", where=AWAITING_ITS_MANAGER),
        dialects.partial_index("ix_hardware_order_to_be_placed", "id", where=TO_BE_PLACED),
        dialects.partial_index("ix_hardware_order_with_distributor", "id", where=WITH_DISTRIBUTOR),
        dialects.partial_index("ix_hardware_order_expected_on", "expected_on", where=EXPECTED),
        dialects.partial_index("ix_hardware_order_due_at", "due_at", "platform_id", where=DUE),
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

    # The key another program knows it by.
    external_id: Mapped[str | None] = mapped_column(String(120))

    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_by_name: Mapped[str | None] = mapped_column(String(200))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    rejection_reason: Mapped[str | None] = mapped_column(String(2000))
    cancellation_reason: Mapped[str | None] = mapped_column(String(2000))

    # All of it comes from the account's spares: there is nothing to place.
    nothing_to_buy: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The placement: the order at the distributor.
    distributor: Mapped[str | None] = mapped_column(String(120))
    distributor_reference: Mapped[str | None] = mapped_column(String(120))
    ordered_on: Mapped[date | None]
    placed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    placed_by_name: Mapped[str | None] = mapped_column(String(200))
    # Of the distributors we know; the name is kept as it was.
    distributor_id: Mapped[int | None] = mapped_column(ForeignKey("distributor.id"))
    # The address the order was sent to.
    sent_to: Mapped[str | None] = mapped_column(String(254))
    # The day by which the distributor usually delivers.
    expected_on: Mapped[date | None]

    # What it waits for, since when, and until when it should not; see hwadmin/domain/orders/waiting.py.
    waits_for: Mapped[WaitsFor | None] = mapped_column(Word(WaitsFor))
    waits_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    fulfilled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    fulfilled_units: Mapped[int] = mapped_column(default=0)
    fulfillable_units: Mapped[int] = mapped_column(default=0)
    # What its lines cost together now, to sort by; what is shown is summed up from the lines themselves.
    total_now: Mapped[Decimal] = mapped_column(Money, default=Decimal(0), server_default=text("0"))

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
    def overdue(self) -> bool:
        """Whether it is with the distributor for longer than they usually take."""
        waits = self.status is OrderStatus.APPROVED
        return waits and self.expected_on is not None and self.expected_on < utcnow().date()

    @property
    def late(self) -> bool:
        """Whether it has waited longer than it should."""
        return self.due_at is not None and self.due_at < utcnow()

    @property
    def due_from_distributor(self) -> bool:
        """Whether the day the distributor usually delivers by is the first of its deadlines."""
        return (
            self.status is OrderStatus.APPROVED
            and self.expected_on is not None
            and (self.due_at is None or self.expected_on < self.due_at.date())
        )

    @property
    def facts(self) -> OrderFacts:
        """What the lifecycle table needs to know."""
        return OrderFacts(
            status=self.status,
            placed=self.placed_at is not None,
            has_devices=self.fulfilled_units > 0,
            manager_approval=self.manager_approval,
            nothing_to_buy=self.nothing_to_buy,
        )

    def __str__(self) -> str:
        return self.reference


class LineItem(Tenanted, Base):
    """A catalog item times a quantity, with the catalog's facts at submission."""

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
        dialects.partial_index(
            "ix_line_item_accessory_of_id", "accessory_of_id", where="accessory_of_id IS NOT NULL"
        ),
        # A key must never come back: version rows of a removed line would be taken for the new one's.
        dialects.KEYS_NEVER_COME_BACK,
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
    def description(self) -> str:
        """Make and model with what was chosen: ``Apple iPhone 17 (512 GB, Blue, 24 months)``."""
        chosen = self.size, self.color, self.term_months, self.mobile_carrier
        return with_variant(self.title, *chosen, self.from_spare)

    @property
    def variant(self) -> list[str]:
        """What was chosen of the model: size, color, term and carrier."""
        return variant_words(self.size, self.color, self.term_months, self.mobile_carrier)

    @property
    def total(self) -> Decimal:
        """Unit price times quantity: what is paid now."""
        return self.unit_price * self.quantity

    @property
    def monthly_total(self) -> Decimal:
        """Monthly price times quantity: what is paid per month of the term."""
        return self.monthly_price * self.quantity


class OrderTally(Tenanted, Base):
    """How many orders of a platform have a status. Kept by triggers, so counting costs nothing."""

    __tablename__ = "order_tally"

    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), primary_key=True)
    status: Mapped[OrderStatus] = mapped_column(Word(OrderStatus), primary_key=True)
    orders: Mapped[int]
    # Of these: how many somebody has still to buy, and how many have been placed with the distributor.
    to_be_placed: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    placed: Mapped[int] = mapped_column(default=0, server_default=text("0"))

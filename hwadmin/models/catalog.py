"""What a platform's customers can be sold, and from whom we buy it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.db import dialects
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Shared, Tenanted
from hwadmin.domain.device_kinds import Kind
from hwadmin.models.people import Platform
from hwadmin.models.types import Document, Key, Money, UTCDateTime, Word, one_of


class CatalogItem(Tenanted, Base):
    """A make and model a platform sells. Archived, never deleted, once an order used it."""

    __tablename__ = "catalog_item"
    __table_args__ = (
        UniqueConstraint("platform_id", "sku"),
        # The target of the composite keys that tie the prices and fits of an item to the item's platform.
        Index("ix_catalog_item_id_platform_id", "id", "platform_id", unique=True),
        dialects.external_key("catalog_item", "platform_id"),
        CheckConstraint(one_of("kind", Kind), name="kind"),
        CheckConstraint("unit_price >= 0", name="price"),
        CheckConstraint("max_handsets IS NULL OR (max_handsets > 0 AND kind = 'dect_base')", name="handsets"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    sku: Mapped[str] = mapped_column(String(60))
    # The key another program knows it by.
    external_id: Mapped[str | None] = mapped_column(String(120))
    make: Mapped[str] = mapped_column(String(60))
    model: Mapped[str] = mapped_column(String(120))
    kind: Mapped[Kind] = mapped_column(Word(Kind))
    # What one costs where no term and no size is chosen, in the platform's currency.
    unit_price: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    # How many handsets a base takes; unknown for some.
    max_handsets: Mapped[int | None]
    mobile_carrier: Mapped[str | None] = mapped_column(String(60))
    color: Mapped[str | None] = mapped_column(String(40))
    size: Mapped[str | None] = mapped_column(String(40))
    # The colors to choose from, where there are several.
    colors: Mapped[list[str] | None] = mapped_column(Document)
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow, onupdate=utcnow)

    platform: Mapped[Platform] = relationship()

    @property
    def title(self) -> str:
        """Make and model, as people say it."""
        return title(self.make, self.model)

    def __str__(self) -> str:
        return f"{self.title} ({self.sku})"


class CatalogPrice(Tenanted, Base):
    """What an item costs in a size and with a term: now, and per month of the term."""

    __tablename__ = "catalog_price"
    __table_args__ = (
        ForeignKeyConstraint(
            ["catalog_item_id", "platform_id"],
            ["catalog_item.id", "catalog_item.platform_id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("catalog_item_id", "size", "term_months"),
        CheckConstraint("term_months >= 0", name="term"),
        CheckConstraint("unit_price >= 0 AND monthly_price >= 0", name="price"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(Key)
    catalog_item_id: Mapped[int] = mapped_column(Key)
    # Storage, cable length and the like; empty where the item has one size only.
    size: Mapped[str] = mapped_column(String(40), default="")
    # 0: without a term.
    term_months: Mapped[int] = mapped_column(default=0)
    unit_price: Mapped[Decimal] = mapped_column(Money)
    monthly_price: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))


class AccessoryFit(Tenanted, Base):
    """An accessory goes with a device of the same catalog. One without any fits everything."""

    __tablename__ = "accessory_fit"
    __table_args__ = (
        ForeignKeyConstraint(
            ["accessory_id", "platform_id"],
            ["catalog_item.id", "catalog_item.platform_id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["device_item_id", "platform_id"],
            ["catalog_item.id", "catalog_item.platform_id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("accessory_id", "device_item_id"),
        CheckConstraint("accessory_id <> device_item_id", name="two_items"),
        Index("ix_accessory_fit_device_item_id", "device_item_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(Key)
    accessory_id: Mapped[int] = mapped_column(Key)
    device_item_id: Mapped[int] = mapped_column(Key)


@lru_cache(maxsize=1024)
def title(make: str, model: str) -> str:
    """Make and model, without saying the make twice."""
    return model if model.casefold().startswith(make.casefold()) else f"{make} {model}"


class Distributor(Shared, Base):
    """Who sells us the hardware, and how an order reaches them. It belongs to no platform."""

    __tablename__ = "distributor"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("expected_days > 0", name="expected_days"),
        Index("uq_distributor_folded_name", "folded_name", unique=True),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    # By which a typed name is recognised, in any case.
    folded_name: Mapped[str] = mapped_column(String(120))
    # Where orders are sent; none where they do not take orders by mail.
    email: Mapped[str | None] = mapped_column(String(254))
    # Ours, with them.
    customer_number: Mapped[str | None] = mapped_column(String(60))
    note: Mapped[str | None] = mapped_column(String(2000))
    # Within how many days an order usually arrives.
    expected_days: Mapped[int | None]
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow, onupdate=utcnow)

    def __str__(self) -> str:
        return self.name


class ArticleNumber(Tenanted, Base):
    """What a distributor calls a catalog item."""

    __tablename__ = "article_number"
    __table_args__ = (
        ForeignKeyConstraint(
            ["catalog_item_id", "platform_id"],
            ["catalog_item.id", "catalog_item.platform_id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("distributor_id", "catalog_item_id"),
        CheckConstraint("number <> ''", name="stated"),
        Index("ix_article_number_catalog_item_id", "catalog_item_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    distributor_id: Mapped[int] = mapped_column(ForeignKey("distributor.id"))
    catalog_item_id: Mapped[int] = mapped_column(Key)
    platform_id: Mapped[int] = mapped_column(Key)
    number: Mapped[str] = mapped_column(String(60))

"""What a platform's customers can be sold."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.extensions import Base
from hwadmin.kinds import Kind
from hwadmin.models.platforms import Platform
from hwadmin.models.types import Key, Money, UTCDateTime, Word, one_of
from hwadmin.tenancy import Tenanted


class CatalogItem(Tenanted, Base):
    """A make and model a platform sells. Archived, never deleted, once an order used it."""

    __tablename__ = "catalog_item"
    __table_args__ = (
        UniqueConstraint("platform_id", "sku"),
        CheckConstraint(one_of("kind", Kind), name="kind"),
        CheckConstraint("unit_price >= 0", name="price"),
        CheckConstraint("max_handsets IS NULL OR (max_handsets > 0 AND kind = 'dect_base')", name="handsets"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    sku: Mapped[str] = mapped_column(String(60))
    make: Mapped[str] = mapped_column(String(60))
    model: Mapped[str] = mapped_column(String(120))
    kind: Mapped[Kind] = mapped_column(Word(Kind))
    unit_price: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    # How many handsets a base takes; unknown for some.
    max_handsets: Mapped[int | None]
    mobile_carrier: Mapped[str | None] = mapped_column(String(60))
    color: Mapped[str | None] = mapped_column(String(40))
    size: Mapped[str | None] = mapped_column(String(40))
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    platform: Mapped[Platform] = relationship()

    @property
    def title(self) -> str:
        """Make and model, as people say it."""
        return title(self.make, self.model)

    def __str__(self) -> str:
        return f"{self.title} ({self.sku})"


def title(make: str, model: str) -> str:
    """Make and model, without saying the make twice."""
    return model if model.casefold().startswith(make.casefold()) else f"{make} {model}"

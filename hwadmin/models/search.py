"""Saved searches: a list with its filters, under a name, for oneself or for colleagues too."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Shared
from hwadmin.models.people import Person
from hwadmin.models.types import Key, UTCDateTime, Word, one_of


class SearchedPage(StrEnum):
    """A page whose search can be saved."""

    ORDERS = "orders"
    DEVICES = "devices"
    ACCOUNTS = "accounts"
    AUDIT = "audit"
    EVERYTHING = "everything"

    @property
    def label(self) -> str:
        """The page in the words of the menu."""
        return _LABELS[self]


_LABELS = {
    SearchedPage.ORDERS: "Hardware Orders",
    SearchedPage.DEVICES: "Devices",
    SearchedPage.ACCOUNTS: "Accounts",
    SearchedPage.AUDIT: "Audit log",
    SearchedPage.EVERYTHING: "Everything",
}


class SavedSearch(Shared, Base):
    """A search somebody keeps. What it finds is what whoever opens it is given."""

    __tablename__ = "saved_search"
    __table_args__ = (
        UniqueConstraint("person_id", "name"),
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint(one_of("page", SearchedPage), name="page"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    page: Mapped[SearchedPage] = mapped_column(Word(SearchedPage))
    # What stands behind the question mark of the address.
    query: Mapped[str] = mapped_column(String(1500))
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    person: Mapped[Person] = relationship(viewonly=True)

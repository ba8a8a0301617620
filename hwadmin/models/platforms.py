"""Platforms, their customers' accounts, and the accounts' sites and people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, synonym

from hwadmin.clock import utcnow
from hwadmin.extensions import Base
from hwadmin.models.types import Key, UTCDateTime
from hwadmin.tenancy import Tenanted


class Platform(Tenanted, Base):
    """A telecom platform: the tenant."""

    __tablename__ = "platform"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    # Off by default, because a super-admin may also test.
    forbids_self_approval: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    # A platform is its own tenant.
    platform_id = synonym("id")

    def __str__(self) -> str:
        return self.name


class Account(Tenanted, Base):
    """A platform's customer."""

    __tablename__ = "account"
    __table_args__ = (
        # The target of the composite keys that tie every row of an account to the account's platform.
        UniqueConstraint("id", "platform_id"),
        Index("ix_account_platform_id_name", "platform_id", "name"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    # One submission of the account form makes one account, however often the browser sends it.
    submission_key: Mapped[str | None] = mapped_column(String(64), unique=True)

    platform: Mapped[Platform] = relationship()
    locations: Mapped[list[Location]] = relationship(
        back_populates="account", order_by="Location.id", viewonly=True
    )
    employees: Mapped[list[Employee]] = relationship(
        back_populates="account", order_by="Employee.id", viewonly=True
    )

    def __str__(self) -> str:
        return self.name


class Location(Tenanted, Base):
    """A site of an account."""

    __tablename__ = "location"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "platform_id"], ["account.id", "account.platform_id"]),
        Index("ix_location_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(300), default="")
    # Gone: kept for history, offered no more.
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    account: Mapped[Account] = relationship(back_populates="locations")

    def __str__(self) -> str:
        return self.name


class Employee(Tenanted, Base):
    """A person on an account."""

    __tablename__ = "employee"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "platform_id"], ["account.id", "account.platform_id"]),
        Index("ix_employee_account_id_name", "account_id", "name"),
        CheckConstraint("name <> ''", name="named"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    employee_number: Mapped[str | None] = mapped_column(String(60))
    # Left the account: kept for history, offered no more.
    deactivated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    account: Mapped[Account] = relationship(back_populates="employees")

    def __str__(self) -> str:
        return self.name

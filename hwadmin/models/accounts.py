"""The platforms' customers: accounts with their locations, employees and accounting codes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    event,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, validates

from hwadmin.clock import utcnow
from hwadmin.db import dialects
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Tenanted
from hwadmin.models.people import Platform
from hwadmin.models.types import Document, Key, UTCDateTime, Word, one_of


class Account(Tenanted, Base):
    """A platform's customer."""

    __tablename__ = "account"
    __table_args__ = (
        # The target of the composite keys that tie every row of an account to the account's platform.
        UniqueConstraint("id", "platform_id"),
        Index("ix_account_platform_id_name", "platform_id", "name"),
        # The list of all platforms' accounts, a page at a time.
        Index("ix_account_name_id", "name", "id"),
        dialects.external_key("account", "platform_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    name: Mapped[str] = mapped_column(String(200))
    # The key another program knows it by.
    external_id: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow, onupdate=utcnow)
    # One submission of the account form makes one account, however often the browser sends it.
    submission_key: Mapped[str | None] = mapped_column(String(64), unique=True)

    # The End-User Requests Menu: ordering begins with a choice of what to request.
    requests_menu: Mapped[bool] = mapped_column(default=False, server_default=false())
    requires_employee_number: Mapped[bool] = mapped_column(default=False, server_default=false())
    # A line that is not eligible may be upgraded all the same, with a reason.
    allows_upgrade_override: Mapped[bool] = mapped_column(default=False, server_default=false())
    requires_manager_approval: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Who is asked where the employee has no manager with an e-mail address.
    approver_name: Mapped[str | None] = mapped_column(String(200))
    approver_email: Mapped[str | None] = mapped_column(String(254))

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
        dialects.external_key("location", "account_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(300), default="")
    # The key another program knows it by.
    external_id: Mapped[str | None] = mapped_column(String(120))
    # NULL: not changed since this was noted.
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow, onupdate=utcnow)
    # Gone: kept for history, no longer offered.
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    account: Mapped[Account] = relationship(back_populates="locations")

    def __str__(self) -> str:
        return self.name


class Source(StrEnum):
    """Where what is known of a person comes from."""

    HAND = "hand"
    SCIM = "scim"
    IMPORT = "import"

    @property
    def label(self) -> str:
        """The source in the words of the pages."""
        return {"hand": "Entered by hand", "scim": "HR directory", "import": "Imported list"}[self.value]


class Employee(Tenanted, Base):
    """A person on an account."""

    __tablename__ = "employee"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "platform_id"], ["account.id", "account.platform_id"]),
        Index("ix_employee_account_id_name", "account_id", "name"),
        dialects.external_key("employee", "account_id", "program_external_id"),
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint(one_of("source", Source), name="source"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("(scim_id IS NULL) = (user_name_key IS NULL)", name="in_directory"),
        CheckConstraint("scim_id IS NULL OR source = 'scim'", name="from_directory"),
        # By what a directory, an import or a search finds a person.
        Index("ix_employee_scim_id", "scim_id", unique=True),
        Index("ix_employee_account_id_user_name_key", "account_id", "user_name_key", unique=True),
        Index("ix_employee_account_id_external_id", "account_id", "external_id"),
        Index("ix_employee_account_id_email_key", "account_id", "email_key"),
        Index("ix_employee_account_id_employee_number", "account_id", "employee_number"),
        Index("ix_employee_account_id_manager_reference", "account_id", "manager_reference"),
        Index("ix_employee_manager_id", "manager_id"),
        CheckConstraint(
            "anonymized_at IS NULL"
            " OR (deactivated_at IS NOT NULL AND email IS NULL AND employee_number IS NULL)",
            name="anonymized",
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    employee_number: Mapped[str | None] = mapped_column(String(60))
    # Somebody of the same account.
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    # What their devices are booked on unless an order says otherwise: [{"code", "percent"}], 100 in all.
    accounting_codes: Mapped[list[dict[str, Any]] | None] = mapped_column(Document)
    # The key the platform's own program knows them by; ``external_id`` is the HR directory's.
    program_external_id: Mapped[str | None] = mapped_column(String(120))
    # Left the account: kept for history, no longer offered.
    deactivated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # What they were called before, by column: who is anonymized is so under every name they had.
    former: Mapped[dict[str, list[str]] | None] = mapped_column(Document, deferred=True)
    # The record of the same person that took over what this one held; it is kept for history.
    merged_into_id: Mapped[int | None] = mapped_column(Key)
    # Since then nothing here says who it was.
    anonymized_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    # ---- What an HR directory or an imported list says

    source: Mapped[Source] = mapped_column(Word(Source), default=Source.HAND, server_default="hand")
    title: Mapped[str | None] = mapped_column(String(200))
    department: Mapped[str | None] = mapped_column(String(200))
    division: Mapped[str | None] = mapped_column(String(200))
    organization: Mapped[str | None] = mapped_column(String(200))
    # [{"value", "type"?, "primary"?}]
    phone_numbers: Mapped[list[dict[str, Any]] | None] = mapped_column(Document)
    # In the directory, as long as it has them: its name for the person, ours for it, and its own entry.
    scim_id: Mapped[str | None] = mapped_column(String(36))
    user_name: Mapped[str | None] = mapped_column(String(254))
    external_id: Mapped[str | None] = mapped_column(String(254))
    directory_record: Mapped[dict[str, Any] | None] = mapped_column(Document, deferred=True)
    # The manager as the directory named them, who may be pushed later.
    manager_reference: Mapped[str | None] = mapped_column(String(254))
    # What user names and e-mail addresses are compared by.
    user_name_key: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254))
    # Moved by every change: what another program saw is known by it.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    # NULL: made before this was noted.
    created_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow)
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow, onupdate=utcnow)

    account: Mapped[Account] = relationship(back_populates="employees")
    manager: Mapped[Employee | None] = relationship(viewonly=True, remote_side="Employee.id")

    @validates("email")
    def _keep_email_key(self, _name: str, email: str | None) -> str | None:
        self.email_key = email.lower() if email else None
        return email

    @property
    def in_directory(self) -> bool:
        """Whether an HR directory looks after this record, so that nobody changes it by hand."""
        return self.scim_id is not None

    @property
    def phone_number(self) -> str | None:
        """The number to call first."""
        numbers = self.phone_numbers or []
        first = next((one for one in numbers if one.get("primary")), numbers[0] if numbers else None)
        return first["value"] if first else None

    def __str__(self) -> str:
        return self.name


# By what texts may name a person.
CALLED = ("name", "email", "employee_number", "user_name", "external_id")


def _keep_former(column: str) -> None:
    def keep(employee: Employee, value: object, before: object, _initiator: object) -> None:
        if isinstance(before, str) and before != value:
            former = dict(employee.former or {})
            former[column] = [*former.get(column, []), before]
            employee.former = former

    event.listen(getattr(Employee, column), "set", keep, active_history=True)


for _column in CALLED:
    _keep_former(_column)


@event.listens_for(Employee, "before_update")
def _move_version(_mapper: object, _connection: object, employee: Employee) -> None:
    session = object_session(employee)
    assert session is not None
    if session.is_modified(employee, include_collections=False):
        employee.version += 1


class AccountingCode(Tenanted, Base):
    """What an account books its devices on: a cost center, a project, whatever its ledger calls it."""

    __tablename__ = "accounting_code"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "platform_id"], ["account.id", "account.platform_id"]),
        UniqueConstraint("account_id", "code"),
        CheckConstraint("code <> ''", name="said"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    code: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(String(200), default="")
    # Kept for the orders booked on it, no longer offered.
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    account: Mapped[Account] = relationship(viewonly=True)

    def __str__(self) -> str:
        return self.code

"""Phone lines: the mobile numbers of an account, and the contracts they run under."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Tenanted
from hwadmin.models.accounts import Account, Employee
from hwadmin.models.devices import Device
from hwadmin.models.types import Key, Money, UTCDateTime


class PhoneLine(Tenanted, Base):
    """A phone number of an account with its carrier, its user, its device and its contract."""

    __tablename__ = "line_of_service"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "platform_id"], ["account.id", "account.platform_id"]),
        UniqueConstraint("account_id", "phone_number"),
        CheckConstraint("phone_number <> ''", name="number"),
        CheckConstraint("contract_term_months > 0", name="term"),
        CheckConstraint("contract_balance >= 0", name="balance"),
        Index("ix_line_of_service_employee_id", "employee_id"),
        Index("ix_line_of_service_device_id", "device_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    # Digits, with a plus in front where it is written internationally.
    phone_number: Mapped[str] = mapped_column(String(20))
    mobile_carrier: Mapped[str] = mapped_column(String(60))
    # What the carrier calls the tariff.
    rate_plan: Mapped[str | None] = mapped_column(String(120))
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    # The device the line is used in today.
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    contract_term_months: Mapped[int | None]
    contract_ends_on: Mapped[date | None]
    # What is still to be paid for the present device.
    contract_balance: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    # Where the carrier allows an upgrade before the contract ends, or only some time after.
    eligible_from: Mapped[date | None]
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow, onupdate=utcnow)

    account: Mapped[Account] = relationship(viewonly=True)
    employee: Mapped[Employee | None] = relationship(viewonly=True)
    device: Mapped[Device | None] = relationship(viewonly=True)

    def __str__(self) -> str:
        return self.phone_number

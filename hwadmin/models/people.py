"""People who sign in, what they are given, and how they signed in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.extensions import Base
from hwadmin.models.platforms import Platform
from hwadmin.models.types import Key, UTCDateTime, Word, one_of
from hwadmin.permissions import SIGNING_IN, Actor, Role
from hwadmin.tenancy import Shared

person_platform = Table(
    "person_platform",
    Base.metadata,
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("platform_id", ForeignKey("platform.id", ondelete="CASCADE"), primary_key=True),
)


class NewOrderMail(StrEnum):
    """How a super-admin is told of new orders."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NONE = "none"

    @property
    def label(self) -> str:
        """The choice in the words of the pages."""
        return {"at_once": "At once", "daily": "Once a day", "none": "Not at all"}[self.value]


class Person(Shared, Base):
    """Somebody who signs in."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint(one_of("role", SIGNING_IN), name="role"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("NOT all_platforms OR role = 'support'", name="all_platforms"),
        CheckConstraint(one_of("new_order_mail", NewOrderMail), name="new_order_mail"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(Word(Role))
    # Support staff may be given every platform, those to come included.
    all_platforms: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str] = mapped_column(String(200))
    # For super-admins only.
    new_order_mail: Mapped[NewOrderMail] = mapped_column(
        Word(NewOrderMail), default=NewOrderMail.AT_ONCE, server_default="at_once"
    )
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    platforms: Mapped[list[Platform]] = relationship(secondary=person_platform, order_by=Platform.name)

    @property
    def actor(self) -> Actor:
        """This person as one who does something. A super-admin is given every platform."""
        everything = self.role is Role.SUPER_ADMIN or self.all_platforms
        return Actor(
            id=self.id,
            name=self.name,
            role=self.role,
            platform_ids=None if everything else frozenset(platform.id for platform in self.platforms),
        )

    def __str__(self) -> str:
        return self.name


class SignIn(Shared, Base):
    """One signed-in browser. Ending the row ends the session, wherever its cookie was copied to."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_person_id", "person_id"),)

    # SHA-256 of the random handle in the cookie: whoever reads the table cannot sign in with it.
    handle_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    person: Mapped[Person] = relationship()


class FailedSignIn(Shared, Base):
    """One failed attempt, counted per account and per address by every worker alike."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (
        Index("ix_failed_sign_in_email_at", "email", "at"),
        Index("ix_failed_sign_in_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(45))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

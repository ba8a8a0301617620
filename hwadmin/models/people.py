"""Platforms, the people who sign in, their tokens, and what repeated requests are answered with."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, synonym, validates

from hwadmin.clock import utcnow
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Shared, Tenanted
from hwadmin.domain.permissions import SIGNING_IN, Actor, Role
from hwadmin.models.types import Document, Key, UTCDateTime, Word, one_of


class Platform(Tenanted, Base):
    """A telecom platform: the tenant."""

    __tablename__ = "platform"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    # Off by default, because a super-admin may also test.
    forbids_self_approval: Mapped[bool] = mapped_column(default=False)
    # What is due when, and who sees to it, where it is not as usual; see hwadmin/domain/orders/waiting.py.
    deadlines: Mapped[dict[str, Any] | None] = mapped_column(Document)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow, onupdate=utcnow)

    # A platform is its own tenant.
    platform_id = synonym("id")

    def __str__(self) -> str:
        return self.name


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
    # The identity provider that decides their role and platforms, by its key in the settings.
    managed_by: Mapped[str | None] = mapped_column(String(40))
    # Disabled because the provider gave no access any more; when it does again, they are let in again.
    access_withdrawn: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Since when a one-time code is asked for at each sign-in; read with every request, unlike its secret.
    second_factor_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # The first sign-in of a super-admin, from which the time to set it up is counted where it is required.
    second_factor_awaited_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow, onupdate=utcnow)

    platforms: Mapped[list[Platform]] = relationship(secondary=person_platform, order_by=Platform.name)

    @validates("platforms", include_removes=True)
    def _note_change(self, _name: str, platform: Platform, _is_removed: bool) -> Platform:
        # What somebody is given lies in a table of its own.
        self.updated_at = utcnow()
        return platform

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


class ServiceAccount(Shared, Base):
    """A platform's own program: it acts as a platform admin of that platform and never signs in."""

    __tablename__ = "service_account"
    __table_args__ = (
        UniqueConstraint("platform_id", "name"),
        CheckConstraint("name <> ''", name="named"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    platform: Mapped[Platform] = relationship(viewonly=True)

    @property
    def actor(self) -> Actor:
        """This program as one who does something."""
        return Actor(None, self.name, Role.PLATFORM_ADMIN, frozenset({self.platform_id}))


class ApiToken(Shared, Base):
    """A secret that lets a program act as its owner: a person or a service account."""

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (service_account_id IS NULL)", name="one_owner"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_name IS NULL)", name="revoked"),
        Index("ix_api_token_person_id", "person_id"),
        Index("ix_api_token_service_account_id", "service_account_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    # The beginning of the secret, by which people tell tokens apart.
    prefix: Mapped[str] = mapped_column(String(12), unique=True)
    # SHA-256 of the secret, which is 256 random bits: whoever reads the table cannot use it.
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    service_account_id: Mapped[int | None] = mapped_column(ForeignKey("service_account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    created_by_name: Mapped[str] = mapped_column(String(200))
    # Whether it may send orders above the amount at which people prove again who they are.
    sends_any_amount: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Whether it may do what people prove again who they are for, such as changing roles.
    acts_without_proof: Mapped[bool] = mapped_column(default=False, server_default=false())
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    # To the hour: enough to find tokens nobody uses, and one write an hour.
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_by_name: Mapped[str | None] = mapped_column(String(200))

    person: Mapped[Person | None] = relationship(viewonly=True)
    service_account: Mapped[ServiceAccount | None] = relationship(viewonly=True)

    @property
    def owner_name(self) -> str:
        """As whom it acts."""
        owner = self.person or self.service_account
        assert owner is not None
        return owner.name

    @property
    def state(self) -> str:
        """In one word, whether it can be used."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at <= utcnow():
            return "expired"
        if self.person is not None and self.person.disabled_at is not None:
            return "disabled"
        return "active"


class IdempotencyRecord(Shared, Base):
    """What a request was answered with, so that its repetition gets the same answer and does nothing."""

    # How long a repeated request is answered with what the first one was.
    LIFETIME: ClassVar[timedelta] = timedelta(hours=24)

    __tablename__ = "idempotency_record"
    __table_args__ = (Index("ix_idempotency_record_created_at", "created_at"),)

    # "person:7" or "service:3": whoever owns the token.
    owner: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    # SHA-256 of method, address and body: another request under the key is a mistake of the caller's.
    fingerprint: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    # Written at the end of the same transaction; nobody else ever sees the row without them.
    status: Mapped[int | None]
    # Encrypted, see operations/people/idempotency.py; null where the answer had to be forgotten.
    body: Mapped[str | None] = mapped_column(Text)
    headers: Mapped[dict[str, str] | None] = mapped_column(Document)

"""API tokens, the service accounts that may have them, and what repeated requests are answered with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.extensions import Base
from hwadmin.models.people import Person
from hwadmin.models.platforms import Platform
from hwadmin.models.types import Document, Key, UTCDateTime
from hwadmin.permissions import Actor, Role
from hwadmin.tenancy import Shared


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

    __tablename__ = "idempotency_record"
    __table_args__ = (Index("ix_idempotency_record_created_at", "created_at"),)

    # "person:7" or "service:3": whoever owns the token, so that a new token of theirs may repeat.
    owner: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    # SHA-256 of method, address and body: another request under the key is a mistake of the caller's.
    fingerprint: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    # Written at the end of the same transaction; nobody else ever sees the row without them.
    status: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(Text)
    headers: Mapped[dict[str, str] | None] = mapped_column(Document)

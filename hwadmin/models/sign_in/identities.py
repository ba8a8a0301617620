"""Signing in by a company's identity provider: who somebody is there, and what they are given here for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.db import dialects
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Shared
from hwadmin.domain.permissions import SIGNING_IN, Role
from hwadmin.models.people import Person, Platform
from hwadmin.models.types import Key, UTCDateTime, Word, one_of


class ExternalIdentity(Shared, Base):
    """Who a person is at an identity provider: its subject, which never changes, unlike an address."""

    __tablename__ = "external_identity"
    __table_args__ = (Index("ix_external_identity_person_id", "person_id"),)

    issuer: Mapped[str] = mapped_column(String(500), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    person: Mapped[Person] = relationship()


class SignInRequest(Shared, Base):
    """Somebody is on their way to an identity provider and back. The row goes when they return."""

    # How long they may take.
    LIFETIME: ClassVar[timedelta] = timedelta(minutes=15)

    __tablename__ = "sign_in_request"
    __table_args__ = (
        Index("ix_sign_in_request_created_at", "created_at"),
        Index("ix_sign_in_request_person_id", "person_id"),
    )

    # SHA-256 of the state, which only the browser and the provider have.
    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    provider: Mapped[str] = mapped_column(String(40))
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))
    # Who proves once more who they are; none where somebody signs in.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    # Where to go on to, and what was entered before, sealed.
    page: Mapped[str | None] = mapped_column(Text)
    unsaved_input: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)


access_rule_platform = Table(
    "access_rule_platform",
    Base.metadata,
    Column("access_rule_id", ForeignKey("access_rule.id", ondelete="CASCADE"), primary_key=True),
    Column("platform_id", ForeignKey("platform.id", ondelete="CASCADE"), primary_key=True),
)


class AccessRule(Shared, Base):
    """What a claim of an identity provider gives: whoever has the value is given role and platforms."""

    __tablename__ = "access_rule"
    __table_args__ = (
        UniqueConstraint("provider", "claim", "value"),
        CheckConstraint(one_of("role", SIGNING_IN), name="role"),
        CheckConstraint("NOT all_platforms OR role = 'support'", name="all_platforms"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    provider: Mapped[str] = mapped_column(String(40))
    # Such as groups or roles.
    claim: Mapped[str] = mapped_column(String(100))
    value: Mapped[str] = mapped_column(String(300))
    role: Mapped[Role] = mapped_column(Word(Role))
    all_platforms: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    platforms: Mapped[list[Platform]] = relationship(secondary=access_rule_platform, order_by=Platform.name)


class NoticeKind(StrEnum):
    """What a mail about signing in tells."""

    # To all super-admins.
    BREAK_GLASS = "break_glass"
    # To the person.
    NEW_BROWSER = "new_browser"


class AccountNotice(Shared, Base):
    """A mail about signing in that the worker is to write."""

    __tablename__ = "account_notice"
    __table_args__ = (
        CheckConstraint(one_of("kind", NoticeKind), name="kind"),
        Index("ix_account_notice_person_id", "person_id"),
        dialects.partial_index("ix_account_notice_next_at", "next_at", where="next_at IS NOT NULL"),
        dialects.KEYS_NEVER_COME_BACK,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(Word(NoticeKind))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    # None once it is written.
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow)

    person: Mapped[Person] = relationship()

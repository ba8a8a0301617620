"""Signed-in browsers, what proves who somebody is, and tries that failed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.db import dialects
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Shared
from hwadmin.models.people import Person
from hwadmin.models.types import Key, UTCDateTime


class SignIn(Shared, Base):
    """One signed-in browser. Ending the row ends the session, wherever its cookie was copied to."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_person_id", "person_id"),)

    # SHA-256 of the random handle in the cookie: whoever reads the table cannot sign in with it.
    handle_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    # When the person last proved who they are in this session; at its beginning where absent.
    proved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # To a quarter of an hour: see operations/people/sessions.py. At its beginning where absent.
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # The mark under which the history has its sign-in, where the handle was renewed since.
    first_mark: Mapped[str | None] = mapped_column(String(16))
    # By which identity provider, and what it calls the session; none by a password.
    provider: Mapped[str | None] = mapped_column(String(40))
    provider_session: Mapped[str | None] = mapped_column(String(255))

    person: Mapped[Person] = relationship()


class SecondFactor(Shared, Base):
    """The secret a person's authenticator app shares with us."""

    __tablename__ = "second_factor"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    # In base 32. It must be known to compare codes, so it cannot be stored as a hash.
    secret: Mapped[str] = mapped_column(String(64))
    # The step of half a minute of the last code taken: none counts twice.
    last_step: Mapped[int]


class RecoveryCode(Shared, Base):
    """A code that stands in for one of the app, once. The row goes when it was used.

    Those made before 0.2 are shorter: about 49 bits.
    """

    __tablename__ = "recovery_code"
    __table_args__ = (Index("ix_recovery_code_person_id", "person_id"),)

    # SHA-256 with the person's key; see domain/people/one_time_codes.py.
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))


class Passkey(Shared, Base):
    """A key that a person's device keeps; we know its public half."""

    __tablename__ = "passkey"
    __table_args__ = (Index("ix_passkey_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    # Both in base 64, as browsers send them.
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[str] = mapped_column(String(2000))
    # How often it was used, by its own counting; 0 where it is kept on several devices.
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    person: Mapped[Person] = relationship()


class PasswordLink(Shared, Base):
    """A request for a link to choose a new password; also of an address nobody has, with no person."""

    # How long the link in the mail is good for.
    LIFETIME: ClassVar[timedelta] = timedelta(hours=1)

    __tablename__ = "password_link"
    __table_args__ = (
        Index("ix_password_link_person_id", "person_id"),
        dialects.partial_index("ix_password_link_next_at", "next_at", where="next_at IS NOT NULL"),
        dialects.KEYS_NEVER_COME_BACK,
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    # Random; the link is signed over it. See domain/people/signed_links.py.
    seed: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    # When the worker is to write the mail; none once it did.
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime, default=utcnow)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    person: Mapped[Person | None] = relationship()


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

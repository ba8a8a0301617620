"""The people of the company itself, as its identity provider pushes them: entries, groups, and its tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Shared
from hwadmin.models.people import Person
from hwadmin.models.types import Document, Key, UTCDateTime


class StaffToken(Shared, Base):
    """A secret that lets an identity provider write who may sign in, by our rules, and do nothing else."""

    __tablename__ = "staff_token"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_name IS NULL)", name="revoked"),
        Index("ix_staff_token_provider", "provider"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    # By its key in the settings.
    provider: Mapped[str] = mapped_column(String(40))
    # What it is for, as the history names it.
    name: Mapped[str] = mapped_column(String(120))
    # The beginning of the secret, by which people tell tokens apart.
    prefix: Mapped[str] = mapped_column(String(12), unique=True)
    # SHA-256 of the secret, which is 256 random bits: whoever reads the table cannot use it.
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    created_by_name: Mapped[str] = mapped_column(String(200))
    # To the hour: enough to see whether it is in use, and one write an hour.
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_by_name: Mapped[str | None] = mapped_column(String(200))


staff_group_entry = Table(
    "staff_group_entry",
    Base.metadata,
    Column("group_id", ForeignKey("staff_group.id", ondelete="CASCADE"), primary_key=True),
    Column("entry_id", ForeignKey("staff_entry.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_staff_group_entry_entry_id", "entry_id"),
)


class StaffGroup(Shared, Base):
    """A group of an identity provider; the access rules state what it gives here."""

    __tablename__ = "staff_group"
    __table_args__ = (Index("ix_staff_group_provider_name_key", "provider", "name_key"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    provider: Mapped[str] = mapped_column(String(40))
    scim_id: Mapped[str] = mapped_column(String(36), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    # In small letters, by which it is found.
    name_key: Mapped[str] = mapped_column(String(300))
    external_id: Mapped[str | None] = mapped_column(String(255))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    members: Mapped[list[StaffEntry]] = relationship(
        secondary=staff_group_entry, order_by="StaffEntry.id", back_populates="groups"
    )


class StaffEntry(Shared, Base):
    """Somebody as the identity provider describes them; a person here once a rule gives them access."""

    __tablename__ = "staff_entry"
    __table_args__ = (
        UniqueConstraint("provider", "user_name_key"),
        Index("ix_staff_entry_provider_email", "provider", "email"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    provider: Mapped[str] = mapped_column(String(40))
    scim_id: Mapped[str] = mapped_column(String(36), unique=True)
    # In small letters, by which the provider finds them.
    user_name_key: Mapped[str] = mapped_column(String(254))
    external_id: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(200))
    # In small letters; whose it is, is for the settings to say.
    email: Mapped[str] = mapped_column(String(254))
    active: Mapped[bool]
    # What was sent, for what is sent back.
    record: Mapped[dict[str, Any]] = mapped_column(Document)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    person: Mapped[Person | None] = relationship()
    groups: Mapped[list[StaffGroup]] = relationship(
        secondary=staff_group_entry, order_by=StaffGroup.name, back_populates="members"
    )

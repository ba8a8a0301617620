"""The tokens with which an account's identity provider pushes its employees."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hwadmin.clock import utcnow
from hwadmin.db.extensions import Base
from hwadmin.db.tenancy import Tenanted
from hwadmin.models.accounts import Account
from hwadmin.models.types import Key, UTCDateTime


class DirectoryToken(Tenanted, Base):
    """A secret that lets an identity provider write the employees of one account, and do nothing else."""

    __tablename__ = "directory_token"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "platform_id"], ["account.id", "account.platform_id"]),
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_name IS NULL)", name="revoked"),
        Index("ix_directory_token_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    platform_id: Mapped[int] = mapped_column(Key)
    account_id: Mapped[int] = mapped_column(Key)
    # Which provider it is for, as the history names it.
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

    account: Mapped[Account] = relationship(viewonly=True)

    @property
    def is_active(self) -> bool:
        """Whether it can be used."""
        return self.revoked_at is None

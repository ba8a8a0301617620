"""The people of the company itself, as its identity provider pushes them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "staff_token",
        sa.Column("id", KEY, nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_name", sa.String(length=200), nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by_name", sa.String(length=200), nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_staff_token_named")),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_name IS NULL)", name=op.f("ck_staff_token_revoked")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_token")),
        sa.UniqueConstraint("prefix", name=op.f("uq_staff_token_prefix")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_staff_token_secret_hash")),
    )
    op.create_index("ix_staff_token_provider", "staff_token", ["provider"])
    op.create_table(
        "staff_group",
        sa.Column("id", KEY, nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("scim_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("name_key", sa.String(length=300), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_group")),
        sa.UniqueConstraint("scim_id", name=op.f("uq_staff_group_scim_id")),
    )
    op.create_index("ix_staff_group_provider_name_key", "staff_group", ["provider", "name_key"])
    op.create_table(
        "staff_entry",
        sa.Column("id", KEY, nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("scim_id", sa.String(length=36), nullable=False),
        sa.Column("user_name_key", sa.String(length=254), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("record", DOCUMENT, nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_staff_entry_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_entry")),
        sa.UniqueConstraint("provider", "user_name_key", name=op.f("uq_staff_entry_provider_user_name_key")),
        sa.UniqueConstraint("person_id", name=op.f("uq_staff_entry_person_id")),
        sa.UniqueConstraint("scim_id", name=op.f("uq_staff_entry_scim_id")),
    )
    op.create_index("ix_staff_entry_provider_email", "staff_entry", ["provider", "email"])
    op.create_table(
        "staff_group_entry",
        sa.Column("group_id", KEY, nullable=False),
        sa.Column("entry_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["staff_group.id"],
            name=op.f("fk_staff_group_entry_group_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["staff_entry.id"],
            name=op.f("fk_staff_group_entry_entry_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "entry_id", name=op.f("pk_staff_group_entry")),
    )
    op.create_index("ix_staff_group_entry_entry_id", "staff_group_entry", ["entry_id"])


def downgrade() -> None:
    op.drop_table("staff_group_entry")
    op.drop_table("staff_entry")
    op.drop_table("staff_group")
    op.drop_table("staff_token")

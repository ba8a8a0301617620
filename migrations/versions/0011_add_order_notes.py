"""Add internal notes on orders."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "order_note",
        sa.Column("id", KEY, nullable=False),
        sa.Column("order_id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=True),
        sa.Column("author_id", KEY, nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("removed_by_name", sa.String(length=200), nullable=True),
        sa.CheckConstraint("text <> ''", name=op.f("ck_order_note_said")),
        sa.CheckConstraint("(removed_at IS NULL) = (text IS NOT NULL)", name=op.f("ck_order_note_removed")),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removed_by_name IS NULL)", name=op.f("ck_order_note_removed_by")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_order_note_author_id")),
        sa.ForeignKeyConstraint(
            ["order_id", "platform_id"],
            ["hardware_order.id", "hardware_order.platform_id"],
            name=op.f("fk_order_note_order_id_platform_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_note")),
    )
    op.create_index("ix_order_note_order_id_id", "order_note", ["order_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("order_note")

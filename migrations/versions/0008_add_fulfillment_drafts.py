"""Add what somebody is entering for an order and has not written yet."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "fulfillment_draft",
        sa.Column("order_id", KEY, autoincrement=False, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("text", sa.String(length=250), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id", "platform_id"],
            ["hardware_order.id", "hardware_order.platform_id"],
            name=op.f("fk_fulfillment_draft_order_id_platform_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_fulfillment_draft_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_fulfillment_draft_unit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("order_id", "person_id", "unit_id", name=op.f("pk_fulfillment_draft")),
    )
    op.create_index("ix_fulfillment_draft_unit_id", "fulfillment_draft", ["unit_id"])


def downgrade() -> None:
    op.drop_table("fulfillment_draft")

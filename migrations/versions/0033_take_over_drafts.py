"""Whose a fulfillment draft was before somebody took it over."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("fulfillment_draft", sa.Column("taken_over_from_id", KEY, nullable=True))


def downgrade() -> None:
    op.drop_column("fulfillment_draft", "taken_over_from_id")

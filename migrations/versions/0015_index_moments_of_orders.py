"""Find the orders decided or fulfilled in a period without reading all others."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENTS = ("decided_at", "fulfilled_at")


def upgrade() -> None:
    for column in MOMENTS:
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_hardware_order_{column}",
            "hardware_order",
            [column],
            postgresql_where=there,
            sqlite_where=there,
        )


def downgrade() -> None:
    for column in MOMENTS:
        op.drop_index(f"ix_hardware_order_{column}", table_name="hardware_order")

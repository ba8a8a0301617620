"""Find the versions of an order's lines by the order; its history read all versions of all lines."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_line_item_version_order_id", "line_item_version", ["order_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_line_item_version_order_id", table_name="line_item_version")

"""Sort orders by what they cost now."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_hardware_order_total_now": ["total_now", "id"],
    "ix_hardware_order_status_total_now": ["status", "total_now", "id"],
}


def upgrade() -> None:
    op.add_column(
        "hardware_order", sa.Column("total_now", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.execute(
        "UPDATE hardware_order SET total_now = coalesce((SELECT sum(line_item.unit_price * line_item.quantity)"
        " FROM line_item WHERE line_item.order_id = hardware_order.id), 0)"
    )
    for name, columns in _INDEXES.items():
        op.create_index(name, "hardware_order", columns)


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, table_name="hardware_order")
    op.drop_column("hardware_order", "total_now")

"""Drop the indexes of versions that no query uses.

Continuum makes three for each table of versions: of the kind of change, of its transaction, and one that the primary
key is already. Versions are found by the row they are of; each new version was written into all of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_TABLES = ("hardware_order_version", "line_item_version")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # Whoever writes orders now is not kept waiting long: the upgrade gives up, and is run again.
        op.execute("SET LOCAL lock_timeout = '5s'")
    for table in _TABLES:
        for columns in ("operation_type", "pk_transaction_id", "transaction_id"):
            op.drop_index(f"ix_{table}_{columns}", table_name=table)


def downgrade() -> None:
    for table in _TABLES:
        op.create_index(f"ix_{table}_operation_type", table, ["operation_type"])
        op.create_index(
            f"ix_{table}_pk_transaction_id", table, ["id", sa.literal_column("transaction_id DESC")]
        )
        op.create_index(f"ix_{table}_transaction_id", table, ["transaction_id"])

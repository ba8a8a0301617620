"""Leave rows out of two indexes of what most of them do not have: the base a unit is meant for, the device of an event.

Each new unit and event was written into them, under NULL, by which nobody looks.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_INDEXES = (("unit", "base_unit_id"), ("audit_event", "device_id"))


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # Whoever writes orders now is not kept waiting long: the upgrade gives up, and is run again.
        op.execute("SET LOCAL lock_timeout = '5s'")
    for table, column in _INDEXES:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
        stated = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=stated, postgresql_where=stated)


def downgrade() -> None:
    for table, column in _INDEXES:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
        op.create_index(f"ix_{table}_{column}", table, [column])

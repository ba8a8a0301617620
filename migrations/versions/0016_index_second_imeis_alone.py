"""Index second IMEIs without all the devices that have none."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INDEX, COLUMN = "uq_device_second_imei_key", "second_imei_key"
THERE = sa.text(f"{COLUMN} IS NOT NULL")


def upgrade() -> None:
    op.drop_index(INDEX, table_name="device")
    op.create_index(INDEX, "device", [COLUMN], unique=True, postgresql_where=THERE, sqlite_where=THERE)


def downgrade() -> None:
    op.drop_index(INDEX, table_name="device")
    op.create_index(INDEX, "device", [COLUMN], unique=True)

"""Note when people, platforms, distributors and webhooks change, for programs that keep a copy."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_DATED = ("person", "platform", "distributor", "webhook_endpoint")


def upgrade() -> None:
    moment = "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"
    # In plain SQL on both: SQLite adds a column in place, where Alembic would copy the table.
    for table in _DATED:
        op.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN updated_at {moment}"))
        rows = sa.table(table, sa.column("updated_at"), sa.column("created_at"))
        op.execute(rows.update().values(updated_at=rows.c.created_at))


def downgrade() -> None:
    for table in reversed(_DATED):
        op.execute(sa.text(f"ALTER TABLE {table} DROP COLUMN updated_at"))

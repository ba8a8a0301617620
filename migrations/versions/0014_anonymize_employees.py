"""Let an employee be anonymized: who they were, under every name they had, is said nowhere any more."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    moment, document = ("TIMESTAMP WITH TIME ZONE", "JSONB") if postgresql else ("DATETIME", "JSON")
    # In plain SQL on both: SQLite adds a column with its CHECK in place, where Alembic would copy the table.
    op.execute(sa.text(f"ALTER TABLE employee ADD COLUMN former {document}"))
    op.execute(
        sa.text(
            f"""
            ALTER TABLE employee ADD COLUMN anonymized_at {moment} CONSTRAINT ck_employee_anonymized CHECK (
                anonymized_at IS NULL OR (deactivated_at IS NOT NULL AND email IS NULL AND employee_number IS NULL)
            )
            """
        )
    )


def downgrade() -> None:
    op.execute(sa.text("ALTER TABLE employee DROP COLUMN anonymized_at"))
    op.execute(sa.text("ALTER TABLE employee DROP COLUMN former"))

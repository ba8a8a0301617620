"""Forget the answers to repeated requests that were kept in the clear; from now on they are encrypted."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The records stay, so that nothing is done again.
    op.execute("UPDATE idempotency_record SET body = NULL WHERE body IS NOT NULL")


def downgrade() -> None:
    # The release before would answer with what it cannot read.
    upgrade()

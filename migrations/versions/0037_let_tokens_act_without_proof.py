"""Tokens that may do what people prove again who they are for. Those there are go on doing it."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "api_token",
        sa.Column("acts_without_proof", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    token = sa.table("api_token", sa.column("acts_without_proof"), sa.column("revoked_at"))
    op.execute(token.update().where(token.c.revoked_at.is_(None)).values(acts_without_proof=sa.true()))


def downgrade() -> None:
    op.drop_column("api_token", "acts_without_proof")

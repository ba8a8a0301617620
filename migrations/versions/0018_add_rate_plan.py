"""Keep what a carrier calls the tariff of a phone line."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("line_of_service", sa.Column("rate_plan", sa.String(length=120), nullable=True))


def downgrade() -> None:
    op.drop_column("line_of_service", "rate_plan")

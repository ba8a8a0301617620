"""Under which mark the history has the sign-in of a session whose handle was renewed."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sign_in", sa.Column("first_mark", sa.String(16), nullable=True))


def downgrade() -> None:
    op.drop_column("sign_in", "first_mark")

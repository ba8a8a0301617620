"""Index accounts by name, so that the list of all of them reads one page and not every account."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

INDEX = "ix_account_name_id"


def upgrade() -> None:
    op.create_index(INDEX, "account", ["name", "id"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name="account")

"""Let PostgreSQL read orders in the order of their accounts' or platforms' names, and not sort all for one page."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        # Its lower() is ours, and no other program could write to a file with an index of it.
        return
    # Whoever writes accounts now is not kept waiting long: the upgrade gives up, and is run again.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_account_lower_name ON account (lower(name))")
    op.execute("CREATE INDEX ix_platform_lower_name ON platform (lower(name))")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_account_lower_name")
        op.execute("DROP INDEX ix_platform_lower_name")

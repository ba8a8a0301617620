"""Add the requests by which an account's manager is asked, and find what waits for one or was submitted by whom."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
OPEN = "used_at IS NULL AND closed_at IS NULL"
DUE = sa.text("next_at IS NOT NULL")
AWAITING = sa.text("status = 'submitted' AND manager_approval = 'awaiting'")


def upgrade() -> None:
    op.create_table(
        "approval_request",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("order_id", KEY, nullable=False),
        sa.Column("approver_name", sa.String(length=200), nullable=False),
        sa.Column("approver_email", sa.String(length=254), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("mailed_at", MOMENT, nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("answer", sa.String(length=30), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.Column("cost", DOCUMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.CheckConstraint("answer IN ('agreed', 'declined')", name=op.f("ck_approval_request_answer")),
        sa.CheckConstraint("(used_at IS NULL) = (answer IS NULL)", name=op.f("ck_approval_request_used")),
        sa.CheckConstraint(
            "answer <> 'declined' OR (reason IS NOT NULL AND reason <> '')",
            name=op.f("ck_approval_request_declined_has_reason"),
        ),
        sa.CheckConstraint("used_at IS NULL OR closed_at IS NULL", name=op.f("ck_approval_request_one_end")),
        sa.CheckConstraint("expires_at > sent_at", name=op.f("ck_approval_request_expires_later")),
        sa.CheckConstraint(f"next_at IS NULL OR ({OPEN})", name=op.f("ck_approval_request_next_at")),
        sa.CheckConstraint("reminders >= 0", name=op.f("ck_approval_request_reminders")),
        sa.ForeignKeyConstraint(
            ["order_id", "platform_id"],
            ["hardware_order.id", "hardware_order.platform_id"],
            name=op.f("fk_approval_request_order_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_request")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_approval_request_open",
        "approval_request",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text(OPEN),
        sqlite_where=sa.text(OPEN),
    )
    op.create_index("ix_approval_request_order_id_id", "approval_request", ["order_id", "id"])
    op.create_index(
        "ix_approval_request_next_at", "approval_request", ["next_at"], postgresql_where=DUE, sqlite_where=DUE
    )
    op.create_index(
        "ix_hardware_order_awaiting",
        "hardware_order",
        ["platform_id", "id"],
        postgresql_where=AWAITING,
        sqlite_where=AWAITING,
    )
    op.create_index(
        "ix_hardware_order_submitted_by_id_id", "hardware_order", ["submitted_by_id", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_hardware_order_submitted_by_id_id", table_name="hardware_order")
    op.drop_index("ix_hardware_order_awaiting", table_name="hardware_order")
    op.drop_table("approval_request")

"""Note what each open order waits for and until when, the rules of platforms, and who is placing an order."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_DUE = sa.text("due_at IS NOT NULL")
_COLUMNS = (("waits_for", sa.String(length=30)), ("waits_since", MOMENT), ("due_at", MOMENT))

# What is open now waits since it came to where it is; later this is kept by the operations.
_WAITS = """
    UPDATE hardware_order SET
        waits_for = CASE
            WHEN status = 'submitted' AND manager_approval = 'awaiting' THEN 'manager'
            WHEN status = 'submitted' THEN 'decision'
            WHEN placed_at IS NULL AND NOT nothing_to_buy THEN 'placement'
            WHEN placed_at IS NOT NULL AND fulfilled_units = 0 THEN 'delivery'
            ELSE 'fulfillment' END,
        waits_since = CASE
            WHEN status = 'submitted' OR placed_at IS NULL THEN status_at
            WHEN fulfilled_units = 0 THEN placed_at
            ELSE updated_at END
    WHERE status IN ('submitted', 'approved')
"""
_DAYS = "CASE waits_for WHEN 'manager' THEN 3 WHEN 'decision' THEN 2 WHEN 'placement' THEN 1 ELSE 14 END"
_DUE_AT = {
    "postgresql": """
        UPDATE hardware_order SET due_at = CASE
            WHEN waits_for = 'delivery' AND expected_on IS NOT NULL
            THEN (expected_on + 1)::timestamp AT TIME ZONE 'UTC'
            ELSE waits_since + make_interval(days => {days}) END
        WHERE waits_for IS NOT NULL
    """,
    "sqlite": """
        UPDATE hardware_order SET due_at = CASE
            WHEN waits_for = 'delivery' AND expected_on IS NOT NULL
            THEN strftime('%Y-%m-%d 00:00:00.000000', expected_on, '+1 day')
            ELSE strftime('%Y-%m-%d %H:%M:%f000', waits_since, '+' || ({days}) || ' days') END
        WHERE waits_for IS NOT NULL
    """,
}


def upgrade() -> None:
    op.add_column("platform", sa.Column("deadlines", DOCUMENT, nullable=True))
    for name, kind in _COLUMNS:
        op.add_column("hardware_order", sa.Column(name, kind, nullable=True))
    op.create_index(
        "ix_hardware_order_due_at",
        "hardware_order",
        ["due_at", "platform_id"],
        postgresql_where=_DUE,
        sqlite_where=_DUE,
    )
    op.execute(_WAITS)
    # Past SQLAlchemy's own text, which would take the colons of a moment for parameters.
    op.get_bind().exec_driver_sql(_DUE_AT[op.get_bind().dialect.name].format(days=_DAYS))
    op.create_table(
        "order_claim",
        sa.Column("order_id", KEY, nullable=False, autoincrement=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.Column("lapses_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id", "platform_id"],
            ["hardware_order.id", "hardware_order.platform_id"],
            name=op.f("fk_order_claim_order_id_platform_id"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_order_claim_person_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_claim")),
    )


def downgrade() -> None:
    op.drop_table("order_claim")
    op.drop_index("ix_hardware_order_due_at", table_name="hardware_order")
    for name, _ in reversed(_COLUMNS):
        op.drop_column("hardware_order", name)
    op.drop_column("platform", "deadlines")

"""Add distributors, their article numbers, and which distributor an order was placed with or sent to.

The names that are on orders already stay there as they were typed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
# In plain SQL on both: SQLite adds a column with its CHECK and its key in place, where Alembic would copy
# the table.
COLUMNS = [
    (
        "hardware_order",
        "distributor_id",
        "{key} CONSTRAINT fk_hardware_order_distributor_id REFERENCES distributor (id)",
    ),
    (
        "hardware_order",
        "sent_to",
        "VARCHAR(254) CONSTRAINT ck_hardware_order_sent_is_placed"
        " CHECK (sent_to IS NULL OR placed_at IS NOT NULL)",
    ),
    ("hardware_order", "expected_on", "DATE"),
    ("hardware_order_version", "distributor_id", "{key}"),
    ("hardware_order_version", "sent_to", "VARCHAR(254)"),
]
_EXPECTED = sa.text("status = 'approved' AND expected_on IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "distributor",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("folded_name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("customer_number", sa.String(length=60), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("expected_days", sa.Integer(), nullable=True),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_distributor_named")),
        sa.CheckConstraint("expected_days > 0", name=op.f("ck_distributor_expected_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distributor")),
    )
    op.create_index("uq_distributor_folded_name", "distributor", ["folded_name"], unique=True)
    op.create_table(
        "article_number",
        sa.Column("id", KEY, nullable=False),
        sa.Column("distributor_id", KEY, nullable=False),
        sa.Column("catalog_item_id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.CheckConstraint("number <> ''", name=op.f("ck_article_number_stated")),
        sa.ForeignKeyConstraint(
            ["distributor_id"], ["distributor.id"], name=op.f("fk_article_number_distributor_id")
        ),
        sa.ForeignKeyConstraint(
            ["catalog_item_id", "platform_id"],
            ["catalog_item.id", "catalog_item.platform_id"],
            name=op.f("fk_article_number_catalog_item_id_platform_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_number")),
        sa.UniqueConstraint(
            "distributor_id",
            "catalog_item_id",
            name=op.f("uq_article_number_distributor_id_catalog_item_id"),
        ),
    )
    op.create_index("ix_article_number_catalog_item_id", "article_number", ["catalog_item_id"])
    key = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    for table, column, definition in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {definition.format(key=key)}")
    op.create_index(
        "ix_hardware_order_expected_on",
        "hardware_order",
        ["expected_on"],
        postgresql_where=_EXPECTED,
        sqlite_where=_EXPECTED,
    )


def downgrade() -> None:
    op.drop_index("ix_hardware_order_expected_on", table_name="hardware_order")
    for table, column, _ in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.drop_table("article_number")
    op.drop_table("distributor")

"""Add what ordering needs: account settings, codes, prices by term, lines of service, baskets, spares."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# In plain SQL on both: SQLite adds a column with its CHECK and its key in place, where Alembic would copy
# the table. Where a CHECK names another column, that one comes first and goes last.
COLUMNS = [
    ("account", "requests_menu", "BOOLEAN DEFAULT FALSE NOT NULL"),
    ("account", "requires_employee_number", "BOOLEAN DEFAULT FALSE NOT NULL"),
    ("account", "allows_upgrade_override", "BOOLEAN DEFAULT FALSE NOT NULL"),
    ("account", "requires_manager_approval", "BOOLEAN DEFAULT FALSE NOT NULL"),
    ("account", "approver_name", "VARCHAR(200)"),
    ("account", "approver_email", "VARCHAR(254)"),
    ("employee", "manager_id", "{key} CONSTRAINT fk_employee_manager_id REFERENCES employee (id)"),
    ("employee", "accounting_codes", "{document}"),
    ("catalog_item", "colors", "{document}"),
    (
        "line_item",
        "monthly_price",
        "{key} DEFAULT 0 NOT NULL CONSTRAINT ck_line_item_monthly_price CHECK (monthly_price >= 0)",
    ),
    ("line_item", "from_spare", "BOOLEAN DEFAULT FALSE NOT NULL"),
    (
        "line_item",
        "accessory_of_id",
        "{key} CONSTRAINT fk_line_item_accessory_of_id REFERENCES line_item (id)",
    ),
    ("line_item_version", "monthly_price", "{key}"),
    ("line_item_version", "from_spare", "BOOLEAN"),
    ("line_item_version", "accessory_of_id", "{key}"),
    ("unit", "reserved_device_id", "{key} CONSTRAINT fk_unit_reserved_device_id REFERENCES device (id)"),
    (
        "unit",
        "line_of_service_id",
        "{key} CONSTRAINT fk_unit_line_of_service_id REFERENCES line_of_service (id)",
    ),
    ("unit", "upgrade_reason", "VARCHAR(2000)"),
    (
        "unit",
        "override_reason",
        "VARCHAR(2000) CONSTRAINT ck_unit_override"
        " CHECK (override_reason IS NULL OR line_of_service_id IS NOT NULL)",
    ),
    ("unit", "user_name", "VARCHAR(200)"),
    ("unit", "user_number", "VARCHAR(60)"),
    ("unit", "accounting_codes", "{document}"),
    ("unit", "device_passed_on", "VARCHAR(200)"),
]
# Index, table, column, unique: of the few rows that have one.
PARTIAL = [
    ("ix_line_item_accessory_of_id", "line_item", "accessory_of_id", False),
    ("ix_unit_reserved_device_id", "unit", "reserved_device_id", True),
    ("ix_unit_line_of_service_id", "unit", "line_of_service_id", False),
]


def _types() -> dict[str, str]:
    postgres = op.get_bind().dialect.name == "postgresql"
    return {"key": "BIGINT" if postgres else "INTEGER", "document": "JSONB" if postgres else "JSON"}


def upgrade() -> None:
    op.create_index("ix_catalog_item_id_platform_id", "catalog_item", ["id", "platform_id"], unique=True)
    op.create_table(
        "accounting_code",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("code <> ''", name=op.f("ck_accounting_code_said")),
        sa.ForeignKeyConstraint(
            ["account_id", "platform_id"],
            ["account.id", "account.platform_id"],
            name=op.f("fk_accounting_code_account_id_platform_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounting_code")),
        sa.UniqueConstraint("account_id", "code", name=op.f("uq_accounting_code_account_id_code")),
    )
    op.create_table(
        "catalog_price",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("catalog_item_id", KEY, nullable=False),
        sa.Column("size", sa.String(length=40), nullable=False),
        sa.Column("term_months", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("monthly_price", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("term_months >= 0", name=op.f("ck_catalog_price_term")),
        sa.CheckConstraint("unit_price >= 0 AND monthly_price >= 0", name=op.f("ck_catalog_price_price")),
        sa.ForeignKeyConstraint(
            ["catalog_item_id", "platform_id"],
            ["catalog_item.id", "catalog_item.platform_id"],
            name=op.f("fk_catalog_price_catalog_item_id_platform_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_price")),
        sa.UniqueConstraint(
            "catalog_item_id",
            "size",
            "term_months",
            name=op.f("uq_catalog_price_catalog_item_id_size_term_months"),
        ),
    )
    op.create_table(
        "accessory_fit",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("accessory_id", KEY, nullable=False),
        sa.Column("device_item_id", KEY, nullable=False),
        sa.CheckConstraint("accessory_id <> device_item_id", name=op.f("ck_accessory_fit_two_items")),
        sa.ForeignKeyConstraint(
            ["accessory_id", "platform_id"],
            ["catalog_item.id", "catalog_item.platform_id"],
            name=op.f("fk_accessory_fit_accessory_id_platform_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["device_item_id", "platform_id"],
            ["catalog_item.id", "catalog_item.platform_id"],
            name=op.f("fk_accessory_fit_device_item_id_platform_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accessory_fit")),
        sa.UniqueConstraint(
            "accessory_id", "device_item_id", name=op.f("uq_accessory_fit_accessory_id_device_item_id")
        ),
    )
    op.create_index("ix_accessory_fit_device_item_id", "accessory_fit", ["device_item_id"])
    op.create_table(
        "line_of_service",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("phone_number", sa.String(length=20), nullable=False),
        sa.Column("mobile_carrier", sa.String(length=60), nullable=False),
        sa.Column("employee_id", KEY, nullable=True),
        sa.Column("device_id", KEY, nullable=True),
        sa.Column("contract_term_months", sa.Integer(), nullable=True),
        sa.Column("contract_ends_on", sa.Date(), nullable=True),
        sa.Column("contract_balance", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("eligible_from", sa.Date(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("phone_number <> ''", name=op.f("ck_line_of_service_number")),
        sa.CheckConstraint("contract_term_months > 0", name=op.f("ck_line_of_service_term")),
        sa.CheckConstraint("contract_balance >= 0", name=op.f("ck_line_of_service_balance")),
        sa.ForeignKeyConstraint(
            ["account_id", "platform_id"],
            ["account.id", "account.platform_id"],
            name=op.f("fk_line_of_service_account_id_platform_id"),
        ),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["employee.id"], name=op.f("fk_line_of_service_employee_id")
        ),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_line_of_service_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_of_service")),
        sa.UniqueConstraint(
            "account_id", "phone_number", name=op.f("uq_line_of_service_account_id_phone_number")
        ),
    )
    op.create_index("ix_line_of_service_employee_id", "line_of_service", ["employee_id"])
    op.create_index("ix_line_of_service_device_id", "line_of_service", ["device_id"])
    op.create_table(
        "basket",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("content", DOCUMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_basket_version")),
        sa.ForeignKeyConstraint(
            ["account_id", "platform_id"],
            ["account.id", "account.platform_id"],
            name=op.f("fk_basket_account_id_platform_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_basket_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_basket")),
        sa.UniqueConstraint("person_id", "account_id", name=op.f("uq_basket_person_id_account_id")),
    )
    op.create_index("ix_basket_account_id", "basket", ["account_id"])
    types = _types()
    for table, column, definition in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {definition.format(**types)}")
    for name, table, column, unique in PARTIAL:
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, table, [column], unique=unique, postgresql_where=there, sqlite_where=there)


def downgrade() -> None:
    for name, table, _, _ in reversed(PARTIAL):
        op.drop_index(name, table_name=table)
    for table, column, _ in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.drop_table("basket")
    op.drop_table("line_of_service")
    op.drop_table("accessory_fit")
    op.drop_table("catalog_price")
    op.drop_table("accounting_code")
    op.drop_index("ix_catalog_item_id_platform_id", table_name="catalog_item")

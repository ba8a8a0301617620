"""Add the HR directory: what it says of employees, and the tokens it comes with."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

# In plain SQL on both: SQLite adds a column with its CHECK in place, where Alembic would copy the table.
# Where a CHECK names another column, that one comes first and goes last.
COLUMNS = [
    (
        "source",
        "VARCHAR(30) DEFAULT 'hand' NOT NULL"
        " CONSTRAINT ck_employee_source CHECK (source IN ('hand', 'scim', 'import'))",
    ),
    ("title", "VARCHAR(200)"),
    ("department", "VARCHAR(200)"),
    ("division", "VARCHAR(200)"),
    ("organization", "VARCHAR(200)"),
    ("phone_numbers", "{document}"),
    (
        "scim_id",
        "VARCHAR(36) CONSTRAINT ck_employee_from_directory CHECK (scim_id IS NULL OR source = 'scim')",
    ),
    ("user_name", "VARCHAR(254)"),
    ("external_id", "VARCHAR(254)"),
    ("directory_record", "{document}"),
    ("manager_reference", "VARCHAR(254)"),
    (
        "user_name_key",
        "VARCHAR(254) CONSTRAINT ck_employee_in_directory"
        " CHECK ((scim_id IS NULL) = (user_name_key IS NULL))",
    ),
    ("email_key", "VARCHAR(254)"),
    ("version", "INTEGER DEFAULT 1 NOT NULL CONSTRAINT ck_employee_version CHECK (version > 0)"),
    ("created_at", "{moment}"),
    ("updated_at", "{moment}"),
]
INDEXES = [
    ("ix_employee_scim_id", ["scim_id"], True),
    ("ix_employee_account_id_user_name_key", ["account_id", "user_name_key"], True),
    ("ix_employee_account_id_external_id", ["account_id", "external_id"], False),
    ("ix_employee_account_id_email_key", ["account_id", "email_key"], False),
    ("ix_employee_account_id_employee_number", ["account_id", "employee_number"], False),
    ("ix_employee_account_id_manager_reference", ["account_id", "manager_reference"], False),
    ("ix_employee_manager_id", ["manager_id"], False),
]


def upgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    types = {
        "document": "JSONB" if postgres else "JSON",
        "moment": "TIMESTAMP WITH TIME ZONE" if postgres else "DATETIME",
    }
    for column, definition in COLUMNS:
        op.execute(f"ALTER TABLE employee ADD COLUMN {column} {definition.format(**types)}")
    op.execute("UPDATE employee SET email_key = lower(email) WHERE email IS NOT NULL")
    for name, columns, unique in INDEXES:
        op.create_index(name, "employee", columns, unique=unique)
    op.create_table(
        "directory_token",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_name", sa.String(length=200), nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by_name", sa.String(length=200), nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_directory_token_named")),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_name IS NULL)", name=op.f("ck_directory_token_revoked")
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "platform_id"],
            ["account.id", "account.platform_id"],
            name=op.f("fk_directory_token_account_id_platform_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_token")),
        sa.UniqueConstraint("prefix", name=op.f("uq_directory_token_prefix")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_directory_token_secret_hash")),
    )
    op.create_index("ix_directory_token_account_id", "directory_token", ["account_id"])


def downgrade() -> None:
    op.drop_table("directory_token")
    for name, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name="employee")
    for column, _ in reversed(COLUMNS):
        op.execute(f"ALTER TABLE employee DROP COLUMN {column}")

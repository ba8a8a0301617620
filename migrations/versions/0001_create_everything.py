"""Create the tables, and the triggers that keep counts, search and the audit trail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# Counts per platform and status, kept by the database, so that no path past the models can make them wrong.
# The rows are taken in the order of the status, so that two transactions cannot wait for each other.
TALLY_POSTGRESQL = [
    """
    CREATE FUNCTION hardware_order_tally() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' AND (TG_OP = 'DELETE' OR OLD.status < NEW.status) THEN
            UPDATE order_tally SET orders = orders - 1
            WHERE platform_id = OLD.platform_id AND status = OLD.status;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO order_tally (platform_id, status, orders) VALUES (NEW.platform_id, NEW.status, 1)
            ON CONFLICT (platform_id, status) DO UPDATE SET orders = order_tally.orders + 1;
        END IF;
        IF TG_OP = 'UPDATE' AND OLD.status > NEW.status THEN
            UPDATE order_tally SET orders = orders - 1
            WHERE platform_id = OLD.platform_id AND status = OLD.status;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER hardware_order_tally_on_insert_or_delete AFTER INSERT OR DELETE ON hardware_order
    FOR EACH ROW EXECUTE FUNCTION hardware_order_tally()
    """,
    """
    CREATE TRIGGER hardware_order_tally_on_update AFTER UPDATE OF status ON hardware_order
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION hardware_order_tally()
    """,
]
_PLUS = """
    INSERT INTO order_tally (platform_id, status, orders) VALUES (NEW.platform_id, NEW.status, 1)
    ON CONFLICT (platform_id, status) DO UPDATE SET orders = orders + 1;
"""
_MINUS = """
    UPDATE order_tally SET orders = orders - 1 WHERE platform_id = OLD.platform_id AND status = OLD.status;
"""
TALLY_SQLITE = [
    f"CREATE TRIGGER hardware_order_tally_on_insert AFTER INSERT ON hardware_order BEGIN {_PLUS} END",
    f"CREATE TRIGGER hardware_order_tally_on_delete AFTER DELETE ON hardware_order BEGIN {_MINUS} END",
    f"""
    CREATE TRIGGER hardware_order_tally_on_update AFTER UPDATE OF status ON hardware_order
    WHEN OLD.status <> NEW.status BEGIN {_MINUS} {_PLUS} END
    """,
]

# The audit trail is append-only, whoever asks.
AUDIT_POSTGRESQL = [
    """
    CREATE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'audit events are append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_append_only()
    """,
    """
    CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only()
    """,
]
AUDIT_SQLITE = [
    f"""
    CREATE TRIGGER audit_event_no_{deed.lower()} BEFORE {deed} ON audit_event
    BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
    """
    for deed in ("UPDATE", "DELETE")
]

# Search by part of an account's name stays quick however many there are.
SEARCH_POSTGRESQL = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX ix_account_name_trigrams ON account USING gin (name gin_trgm_ops)",
]
SEARCH_SQLITE = [
    """
    CREATE VIRTUAL TABLE account_search
    USING fts5(name, content='account', content_rowid='id', tokenize='trigram')
    """,
    """
    CREATE TRIGGER account_search_on_insert AFTER INSERT ON account
    BEGIN INSERT INTO account_search (rowid, name) VALUES (NEW.id, NEW.name); END
    """,
    """
    CREATE TRIGGER account_search_on_delete AFTER DELETE ON account
    BEGIN INSERT INTO account_search (account_search, rowid, name) VALUES ('delete', OLD.id, OLD.name); END
    """,
    """
    CREATE TRIGGER account_search_on_update AFTER UPDATE OF name ON account BEGIN
        INSERT INTO account_search (account_search, rowid, name) VALUES ('delete', OLD.id, OLD.name);
        INSERT INTO account_search (rowid, name) VALUES (NEW.id, NEW.name);
    END
    """,
]


def _run(postgresql_statements: list[str], sqlite_statements: list[str]) -> None:
    statements = postgresql_statements if op.get_bind().dialect.name == "postgresql" else sqlite_statements
    for statement in statements:
        op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("platform_id", sa.BigInteger(), nullable=True),
        sa.Column("platform_name", sa.String(length=120), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("account_name", sa.String(length=200), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("device_id", sa.BigInteger(), nullable=True),
        sa.Column("summary", sa.String(length=1000), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.Column("details", DOCUMENT, nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_event_actor_id_id", "audit_event", ["actor_id", "id"], unique=False)
    op.create_index("ix_audit_event_at", "audit_event", ["at"], unique=False)
    op.create_index("ix_audit_event_device_id", "audit_event", ["device_id"], unique=False)
    op.create_index("ix_audit_event_kind_id", "audit_event", ["kind", "id"], unique=False)
    op.create_index("ix_audit_event_order_id_id", "audit_event", ["order_id", "id"], unique=False)
    op.create_index("ix_audit_event_platform_id_id", "audit_event", ["platform_id", "id"], unique=False)
    op.create_table(
        "failed_sign_in",
        sa.Column("id", KEY, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_sign_in")),
    )
    op.create_index("ix_failed_sign_in_address_at", "failed_sign_in", ["address", "at"], unique=False)
    op.create_index("ix_failed_sign_in_email_at", "failed_sign_in", ["email", "at"], unique=False)
    op.create_table(
        "hardware_order_version",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("platform_id", KEY, autoincrement=False, nullable=True),
        sa.Column("account_id", KEY, autoincrement=False, nullable=True),
        sa.Column("status", sa.String(length=30), autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("manager_approval", sa.String(length=30), autoincrement=False, nullable=True),
        sa.Column("created_at", MOMENT, autoincrement=False, nullable=True),
        sa.Column("updated_at", MOMENT, autoincrement=False, nullable=True),
        sa.Column("status_at", MOMENT, autoincrement=False, nullable=True),
        sa.Column("status_by_name", sa.String(length=200), autoincrement=False, nullable=True),
        sa.Column("updated_by_name", sa.String(length=200), autoincrement=False, nullable=True),
        sa.Column("submitted_by_id", KEY, autoincrement=False, nullable=True),
        sa.Column("submitted_by_name", sa.String(length=200), autoincrement=False, nullable=True),
        sa.Column("requester", sa.String(length=200), autoincrement=False, nullable=True),
        sa.Column("ship_to_location_id", KEY, autoincrement=False, nullable=True),
        sa.Column("attention", sa.String(length=200), autoincrement=False, nullable=True),
        sa.Column("notes", sa.String(length=4000), autoincrement=False, nullable=True),
        sa.Column("reason", sa.String(length=2000), autoincrement=False, nullable=True),
        sa.Column("notify", DOCUMENT, autoincrement=False, nullable=True),
        sa.Column("accounting_codes", DOCUMENT, autoincrement=False, nullable=True),
        sa.Column("copied_from_id", KEY, autoincrement=False, nullable=True),
        sa.Column("decided_by_id", KEY, autoincrement=False, nullable=True),
        sa.Column("decided_by_name", sa.String(length=200), autoincrement=False, nullable=True),
        sa.Column("decided_at", MOMENT, autoincrement=False, nullable=True),
        sa.Column("rejection_reason", sa.String(length=2000), autoincrement=False, nullable=True),
        sa.Column("cancellation_reason", sa.String(length=2000), autoincrement=False, nullable=True),
        sa.Column("distributor", sa.String(length=120), autoincrement=False, nullable=True),
        sa.Column("distributor_reference", sa.String(length=120), autoincrement=False, nullable=True),
        sa.Column("ordered_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("placed_at", MOMENT, autoincrement=False, nullable=True),
        sa.Column("placed_by_name", sa.String(length=200), autoincrement=False, nullable=True),
        sa.Column("fulfilled_at", MOMENT, autoincrement=False, nullable=True),
        sa.Column("fulfilled_units", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("fulfillable_units", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("operation_type", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "transaction_id", name=op.f("pk_hardware_order_version")),
    )
    op.create_index(
        op.f("ix_hardware_order_version_operation_type"),
        "hardware_order_version",
        ["operation_type"],
        unique=False,
    )
    op.create_index(
        "ix_hardware_order_version_pk_transaction_id",
        "hardware_order_version",
        ["id", sa.literal_column("transaction_id DESC")],
        unique=False,
    )
    op.create_index(
        op.f("ix_hardware_order_version_transaction_id"),
        "hardware_order_version",
        ["transaction_id"],
        unique=False,
    )
    op.create_table(
        "line_item_version",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("order_id", KEY, autoincrement=False, nullable=True),
        sa.Column("platform_id", KEY, autoincrement=False, nullable=True),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("catalog_item_id", KEY, autoincrement=False, nullable=True),
        sa.Column("quantity", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("requested_quantity", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("sku", sa.String(length=60), autoincrement=False, nullable=True),
        sa.Column("make", sa.String(length=60), autoincrement=False, nullable=True),
        sa.Column("model", sa.String(length=120), autoincrement=False, nullable=True),
        sa.Column("kind", sa.String(length=30), autoincrement=False, nullable=True),
        sa.Column("unit_price", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("currency", sa.String(length=3), autoincrement=False, nullable=True),
        sa.Column("max_handsets", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("mobile_carrier", sa.String(length=60), autoincrement=False, nullable=True),
        sa.Column("color", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("size", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("term_months", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("operation_type", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "transaction_id", name=op.f("pk_line_item_version")),
    )
    op.create_index(
        op.f("ix_line_item_version_operation_type"), "line_item_version", ["operation_type"], unique=False
    )
    op.create_index(
        "ix_line_item_version_pk_transaction_id",
        "line_item_version",
        ["id", sa.literal_column("transaction_id DESC")],
        unique=False,
    )
    op.create_index(
        op.f("ix_line_item_version_transaction_id"), "line_item_version", ["transaction_id"], unique=False
    )
    op.create_table(
        "person",
        sa.Column("id", KEY, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("all_platforms", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("NOT all_platforms OR role = 'support'", name=op.f("ck_person_all_platforms")),
        sa.CheckConstraint(
            "role IN ('super_admin', 'platform_admin', 'support')", name=op.f("ck_person_role")
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_person_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_table(
        "platform",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("forbids_self_approval", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform")),
        sa.UniqueConstraint("name", name=op.f("uq_platform_name")),
    )
    op.create_table(
        "transaction",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("remote_addr", sa.String(length=50), nullable=True),
        sa.Column("issued_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transaction")),
    )
    op.create_table(
        "account",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("submission_key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_account_platform_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("id", "platform_id", name=op.f("uq_account_id_platform_id")),
        sa.UniqueConstraint("submission_key", name=op.f("uq_account_submission_key")),
    )
    op.create_index("ix_account_platform_id_name", "account", ["platform_id", "name"], unique=False)
    op.create_table(
        "catalog_item",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("sku", sa.String(length=60), nullable=False),
        sa.Column("make", sa.String(length=60), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("max_handsets", sa.Integer(), nullable=True),
        sa.Column("mobile_carrier", sa.String(length=60), nullable=True),
        sa.Column("color", sa.String(length=40), nullable=True),
        sa.Column("size", sa.String(length=40), nullable=True),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('deskphone', 'dect_base', 'dect_handset', 'mobile', 'accessory')",
            name=op.f("ck_catalog_item_kind"),
        ),
        sa.CheckConstraint(
            "max_handsets IS NULL OR (max_handsets > 0 AND kind = 'dect_base')",
            name=op.f("ck_catalog_item_handsets"),
        ),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_catalog_item_price")),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_catalog_item_platform_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_item")),
        sa.UniqueConstraint("platform_id", "sku", name=op.f("uq_catalog_item_platform_id_sku")),
    )
    op.create_table(
        "order_tally",
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_order_tally_platform_id")),
        sa.PrimaryKeyConstraint("platform_id", "status", name=op.f("pk_order_tally")),
    )
    op.create_table(
        "person_platform",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_platform_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["platform.id"], name=op.f("fk_person_platform_platform_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "platform_id", name=op.f("pk_person_platform")),
    )
    op.create_table(
        "sign_in",
        sa.Column("handle_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("handle_hash", name=op.f("pk_sign_in")),
    )
    op.create_index("ix_sign_in_person_id", "sign_in", ["person_id"], unique=False)
    op.create_table(
        "employee",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("employee_number", sa.String(length=60), nullable=True),
        sa.Column("deactivated_at", MOMENT, nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_employee_named")),
        sa.ForeignKeyConstraint(
            ["account_id", "platform_id"],
            ["account.id", "account.platform_id"],
            name=op.f("fk_employee_account_id_platform_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employee")),
    )
    op.create_index("ix_employee_account_id_name", "employee", ["account_id", "name"], unique=False)
    op.create_table(
        "location",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "platform_id"],
            ["account.id", "account.platform_id"],
            name=op.f("fk_location_account_id_platform_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
    )
    op.create_index("ix_location_account_id", "location", ["account_id"], unique=False)
    op.create_table(
        "hardware_order",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("manager_approval", sa.String(length=30), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("status_at", MOMENT, nullable=False),
        sa.Column("status_by_name", sa.String(length=200), nullable=False),
        sa.Column("updated_by_name", sa.String(length=200), nullable=False),
        sa.Column("submitted_by_id", KEY, nullable=True),
        sa.Column("submitted_by_name", sa.String(length=200), nullable=False),
        sa.Column("requester", sa.String(length=200), nullable=True),
        sa.Column("ship_to_location_id", KEY, nullable=True),
        sa.Column("attention", sa.String(length=200), nullable=True),
        sa.Column("notes", sa.String(length=4000), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.Column("notify", DOCUMENT, nullable=True),
        sa.Column("accounting_codes", DOCUMENT, nullable=True),
        sa.Column("copied_from_id", KEY, nullable=True),
        sa.Column("submission_key", sa.String(length=64), nullable=True),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_by_name", sa.String(length=200), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("rejection_reason", sa.String(length=2000), nullable=True),
        sa.Column("cancellation_reason", sa.String(length=2000), nullable=True),
        sa.Column("distributor", sa.String(length=120), nullable=True),
        sa.Column("distributor_reference", sa.String(length=120), nullable=True),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("placed_at", MOMENT, nullable=True),
        sa.Column("placed_by_name", sa.String(length=200), nullable=True),
        sa.Column("fulfilled_at", MOMENT, nullable=True),
        sa.Column("fulfilled_units", sa.Integer(), nullable=False),
        sa.Column("fulfillable_units", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'fulfilled') = (fulfilled_at IS NOT NULL)", name=op.f("ck_hardware_order_fulfilled_at")
        ),
        sa.CheckConstraint(
            "(status = 'rejected') = (rejection_reason IS NOT NULL)",
            name=op.f("ck_hardware_order_rejected_has_reason"),
        ),
        sa.CheckConstraint(
            "(status IN ('approved', 'fulfilled', 'rejected')) = (decided_at IS NOT NULL AND decided_by_name IS NOT NULL)",
            name=op.f("ck_hardware_order_decided"),
        ),
        sa.CheckConstraint(
            "manager_approval IN ('not_required', 'awaiting', 'agreed', 'declined', 'overridden')",
            name=op.f("ck_hardware_order_manager_approval"),
        ),
        sa.CheckConstraint(
            "placed_at IS NULL OR status IN ('approved', 'fulfilled')",
            name=op.f("ck_hardware_order_placed_only_when_approved"),
        ),
        sa.CheckConstraint("rejection_reason <> ''", name=op.f("ck_hardware_order_rejection_reason_said")),
        sa.CheckConstraint(
            "status IN ('submitted', 'approved', 'fulfilled', 'rejected', 'cancelled')",
            name=op.f("ck_hardware_order_status"),
        ),
        sa.CheckConstraint(
            "fulfilled_units >= 0 AND fulfilled_units <= fulfillable_units",
            name=op.f("ck_hardware_order_fulfilled_units"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_hardware_order_version")),
        sa.ForeignKeyConstraint(
            ["account_id", "platform_id"],
            ["account.id", "account.platform_id"],
            name=op.f("fk_hardware_order_account_id_platform_id"),
        ),
        sa.ForeignKeyConstraint(
            ["copied_from_id"], ["hardware_order.id"], name=op.f("fk_hardware_order_copied_from_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_hardware_order_decided_by_id")
        ),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_hardware_order_platform_id")),
        sa.ForeignKeyConstraint(
            ["ship_to_location_id"], ["location.id"], name=op.f("fk_hardware_order_ship_to_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["person.id"], name=op.f("fk_hardware_order_submitted_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hardware_order")),
        sa.UniqueConstraint("id", "platform_id", name=op.f("uq_hardware_order_id_platform_id")),
        sa.UniqueConstraint("submission_key", name=op.f("uq_hardware_order_submission_key")),
    )
    op.create_index("ix_hardware_order_account_id_id", "hardware_order", ["account_id", "id"], unique=False)
    op.create_index("ix_hardware_order_created_at", "hardware_order", ["created_at"], unique=False)
    op.create_index("ix_hardware_order_platform_id_id", "hardware_order", ["platform_id", "id"], unique=False)
    op.create_index(
        "ix_hardware_order_platform_id_status_id",
        "hardware_order",
        ["platform_id", "status", "id"],
        unique=False,
    )
    op.create_index("ix_hardware_order_status_id", "hardware_order", ["status", "id"], unique=False)
    op.create_index(
        "ix_hardware_order_waiting",
        "hardware_order",
        ["platform_id"],
        unique=False,
        postgresql_where=sa.text("status = 'submitted' AND manager_approval <> 'awaiting'"),
        sqlite_where=sa.text("status = 'submitted' AND manager_approval <> 'awaiting'"),
    )
    op.create_table(
        "line_item",
        sa.Column("id", KEY, nullable=False),
        sa.Column("order_id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("catalog_item_id", KEY, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("requested_quantity", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=60), nullable=False),
        sa.Column("make", sa.String(length=60), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("max_handsets", sa.Integer(), nullable=True),
        sa.Column("mobile_carrier", sa.String(length=60), nullable=True),
        sa.Column("color", sa.String(length=40), nullable=True),
        sa.Column("size", sa.String(length=40), nullable=True),
        sa.Column("term_months", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('deskphone', 'dect_base', 'dect_handset', 'mobile', 'accessory')",
            name=op.f("ck_line_item_kind"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_line_item_quantity")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_line_item_price")),
        sa.ForeignKeyConstraint(
            ["catalog_item_id"], ["catalog_item.id"], name=op.f("fk_line_item_catalog_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id", "platform_id"],
            ["hardware_order.id", "hardware_order.platform_id"],
            name=op.f("fk_line_item_order_id_platform_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_item")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_line_item_catalog_item_id", "line_item", ["catalog_item_id"], unique=False)
    op.create_index("ix_line_item_order_id", "line_item", ["order_id"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", KEY, nullable=False),
        sa.Column("order_id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("line_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("employee_id", KEY, nullable=True),
        sa.Column("location_id", KEY, nullable=True),
        sa.Column("base_unit_id", KEY, nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_unit_number")),
        sa.ForeignKeyConstraint(
            ["base_unit_id"], ["unit.id"], name=op.f("fk_unit_base_unit_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_unit_employee_id")),
        sa.ForeignKeyConstraint(["line_id"], ["line_item.id"], name=op.f("fk_unit_line_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_unit_location_id")),
        sa.ForeignKeyConstraint(
            ["order_id", "platform_id"],
            ["hardware_order.id", "hardware_order.platform_id"],
            name=op.f("fk_unit_order_id_platform_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("line_id", "number", name=op.f("uq_unit_line_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_unit_base_unit_id", "unit", ["base_unit_id"], unique=False)
    op.create_index(
        "ix_unit_employee_id",
        "unit",
        ["employee_id"],
        unique=False,
        postgresql_where=sa.text("employee_id IS NOT NULL"),
        sqlite_where=sa.text("employee_id IS NOT NULL"),
    )
    op.create_index("ix_unit_order_id", "unit", ["order_id"], unique=False)
    op.create_table(
        "device",
        sa.Column("id", KEY, nullable=False),
        sa.Column("platform_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("catalog_item_id", KEY, nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("make", sa.String(length=60), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("sku", sa.String(length=60), nullable=False),
        sa.Column("max_handsets", sa.Integer(), nullable=True),
        sa.Column("identifier_kind", sa.String(length=30), nullable=False),
        sa.Column("identifier", sa.String(length=20), nullable=False),
        sa.Column("identifier_key", sa.String(length=20), nullable=False),
        sa.Column("mac_id_code", sa.String(length=4), nullable=True),
        sa.Column("employee_id", KEY, nullable=True),
        sa.Column("location_id", KEY, nullable=True),
        sa.Column("base_device_id", KEY, nullable=True),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("unit_id", KEY, nullable=True),
        sa.Column("unit_outcome", sa.String(length=20), nullable=True),
        sa.Column("unit_at", MOMENT, nullable=True),
        sa.Column("not_applied", DOCUMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "base_device_id IS NULL OR kind = 'dect_handset'", name=op.f("ck_device_only_handsets_pair")
        ),
        sa.CheckConstraint(
            "employee_id IS NULL OR kind <> 'dect_base'", name=op.f("ck_device_no_employee_on_a_base")
        ),
        sa.CheckConstraint(
            "identifier_kind IN ('mac', 'ipei', 'imei')", name=op.f("ck_device_identifier_kind")
        ),
        sa.CheckConstraint(
            "kind IN ('deskphone', 'dect_base', 'dect_handset', 'mobile', 'accessory')",
            name=op.f("ck_device_kind"),
        ),
        sa.CheckConstraint("unit_outcome IN ('created', 'linked')", name=op.f("ck_device_unit_outcome_word")),
        sa.CheckConstraint("(base_device_id IS NULL) = (slot IS NULL)", name=op.f("ck_device_slot")),
        sa.CheckConstraint("(unit_id IS NULL) = (unit_at IS NULL)", name=op.f("ck_device_unit_at")),
        sa.CheckConstraint("(unit_id IS NULL) = (unit_outcome IS NULL)", name=op.f("ck_device_unit_outcome")),
        sa.CheckConstraint("slot > 0", name=op.f("ck_device_slot_number")),
        sa.ForeignKeyConstraint(
            ["account_id", "platform_id"],
            ["account.id", "account.platform_id"],
            name=op.f("fk_device_account_id_platform_id"),
        ),
        sa.ForeignKeyConstraint(["base_device_id"], ["device.id"], name=op.f("fk_device_base_device_id")),
        sa.ForeignKeyConstraint(
            ["catalog_item_id"], ["catalog_item.id"], name=op.f("fk_device_catalog_item_id")
        ),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_device_employee_id")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_device_location_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_device_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("base_device_id", "slot", name=op.f("uq_device_base_device_id_slot")),
        sa.UniqueConstraint("identifier_key", name=op.f("uq_device_identifier_key")),
        sa.UniqueConstraint("unit_id", name=op.f("uq_device_unit_id")),
    )
    op.create_index("ix_device_account_id", "device", ["account_id"], unique=False)
    op.create_index("ix_device_employee_id", "device", ["employee_id"], unique=False)
    op.create_index("ix_device_platform_id_id", "device", ["platform_id", "id"], unique=False)
    _run(TALLY_POSTGRESQL, TALLY_SQLITE)
    _run(AUDIT_POSTGRESQL, AUDIT_SQLITE)
    _run(SEARCH_POSTGRESQL, SEARCH_SQLITE)


def downgrade() -> None:
    # Dropping a table drops its triggers; the functions and the search table stand alone.
    _run([], ["DROP TABLE account_search"])
    op.drop_index("ix_device_platform_id_id", table_name="device")
    op.drop_index("ix_device_employee_id", table_name="device")
    op.drop_index("ix_device_account_id", table_name="device")
    op.drop_table("device")
    op.drop_index("ix_unit_order_id", table_name="unit")
    op.drop_index(
        "ix_unit_employee_id",
        table_name="unit",
        postgresql_where=sa.text("employee_id IS NOT NULL"),
        sqlite_where=sa.text("employee_id IS NOT NULL"),
    )
    op.drop_index("ix_unit_base_unit_id", table_name="unit")
    op.drop_table("unit")
    op.drop_index("ix_line_item_order_id", table_name="line_item")
    op.drop_index("ix_line_item_catalog_item_id", table_name="line_item")
    op.drop_table("line_item")
    op.drop_index(
        "ix_hardware_order_waiting",
        table_name="hardware_order",
        postgresql_where=sa.text("status = 'submitted' AND manager_approval <> 'awaiting'"),
        sqlite_where=sa.text("status = 'submitted' AND manager_approval <> 'awaiting'"),
    )
    op.drop_index("ix_hardware_order_status_id", table_name="hardware_order")
    op.drop_index("ix_hardware_order_platform_id_status_id", table_name="hardware_order")
    op.drop_index("ix_hardware_order_platform_id_id", table_name="hardware_order")
    op.drop_index("ix_hardware_order_created_at", table_name="hardware_order")
    op.drop_index("ix_hardware_order_account_id_id", table_name="hardware_order")
    op.drop_table("hardware_order")
    op.drop_index("ix_location_account_id", table_name="location")
    op.drop_table("location")
    op.drop_index("ix_employee_account_id_name", table_name="employee")
    op.drop_table("employee")
    op.drop_index("ix_sign_in_person_id", table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_table("person_platform")
    op.drop_table("order_tally")
    op.drop_table("catalog_item")
    op.drop_index("ix_account_platform_id_name", table_name="account")
    op.drop_table("account")
    op.drop_table("transaction")
    op.drop_table("platform")
    op.drop_table("person")
    op.drop_index(op.f("ix_line_item_version_transaction_id"), table_name="line_item_version")
    op.drop_index("ix_line_item_version_pk_transaction_id", table_name="line_item_version")
    op.drop_index(op.f("ix_line_item_version_operation_type"), table_name="line_item_version")
    op.drop_table("line_item_version")
    op.drop_index(op.f("ix_hardware_order_version_transaction_id"), table_name="hardware_order_version")
    op.drop_index("ix_hardware_order_version_pk_transaction_id", table_name="hardware_order_version")
    op.drop_index(op.f("ix_hardware_order_version_operation_type"), table_name="hardware_order_version")
    op.drop_table("hardware_order_version")
    op.drop_index("ix_failed_sign_in_email_at", table_name="failed_sign_in")
    op.drop_index("ix_failed_sign_in_address_at", table_name="failed_sign_in")
    op.drop_table("failed_sign_in")
    op.drop_index("ix_audit_event_platform_id_id", table_name="audit_event")
    op.drop_index("ix_audit_event_order_id_id", table_name="audit_event")
    op.drop_index("ix_audit_event_kind_id", table_name="audit_event")
    op.drop_index("ix_audit_event_device_id", table_name="audit_event")
    op.drop_index("ix_audit_event_at", table_name="audit_event")
    op.drop_index("ix_audit_event_actor_id_id", table_name="audit_event")
    op.drop_table("audit_event")
    _run(["DROP FUNCTION hardware_order_tally()", "DROP FUNCTION audit_event_is_append_only()"], [])

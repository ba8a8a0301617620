"""Keep what happens to devices and units after fulfillment; and the serial number and second IMEI of a device."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# In plain SQL on both: SQLite adds a column with its CHECK in place, where Alembic would copy the table. A
# CHECK stands with the last of the columns it speaks of, so that they can be dropped one by one again.
DEVICE = (
    ("serial", "VARCHAR(40) CONSTRAINT ck_device_serial_said CHECK (serial <> '')"),
    ("retired_at", "{moment}"),
    ("retired_reason", "VARCHAR(2000)"),
    (
        "retired_by_name",
        "VARCHAR(200)"
        " CONSTRAINT ck_device_retired CHECK ((retired_at IS NULL) = (retired_reason IS NULL)"
        " AND (retired_at IS NULL) = (retired_by_name IS NULL))"
        " CONSTRAINT ck_device_retired_key CHECK"
        " ((retired_at IS NULL) = (substr(identifier_key, 1, 8) <> 'retired:'))"
        " CONSTRAINT ck_device_retired_is_nowhere CHECK (retired_at IS NULL OR (unit_id IS NULL"
        " AND employee_id IS NULL AND location_id IS NULL AND base_device_id IS NULL))",
    ),
    (
        "replaced_by_id",
        "{key} CONSTRAINT fk_device_replaced_by_id REFERENCES device (id)"
        " CONSTRAINT ck_device_replaced_is_retired CHECK (replaced_by_id IS NULL OR retired_at IS NOT NULL)",
    ),
    (
        "second_imei",
        "VARCHAR(15)"
        " CONSTRAINT ck_device_second_imei_of_mobiles CHECK"
        " (second_imei IS NULL OR identifier_kind = 'imei')"
        " CONSTRAINT ck_device_second_imei_is_another CHECK (second_imei <> identifier)",
    ),
    (
        "second_imei_key",
        "VARCHAR(14) CONSTRAINT ck_device_second_imei_key CHECK"
        " (second_imei_key IS NULL OR (second_imei IS NOT NULL AND retired_at IS NULL))",
    ),
)
UNIT = (
    ("closed_at", "{moment}"),
    ("closed_reason", "VARCHAR(2000) CONSTRAINT ck_unit_closed_reason_said CHECK (closed_reason <> '')"),
    (
        "closed_by_name",
        "VARCHAR(200)"
        " CONSTRAINT ck_unit_closed CHECK ((closed_at IS NULL) = (closed_reason IS NULL)"
        " AND (closed_at IS NULL) = (closed_by_name IS NULL))",
    ),
)
INDEXES = (
    ("ix_device_retired", "INDEX ix_device_retired ON device (identifier) WHERE retired_at IS NOT NULL"),
    (
        "ix_device_replaced_by_id",
        "INDEX ix_device_replaced_by_id ON device (replaced_by_id) WHERE replaced_by_id IS NOT NULL",
    ),
    ("uq_device_second_imei_key", "UNIQUE INDEX uq_device_second_imei_key ON device (second_imei_key)"),
)


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    types = {
        "moment": "TIMESTAMP WITH TIME ZONE" if on_postgresql else "DATETIME",
        "key": "BIGINT" if on_postgresql else "INTEGER",
    }
    for table, columns in (("device", DEVICE), ("unit", UNIT)):
        for name, definition in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {definition.format(**types)}")
    for _name, definition in INDEXES:
        op.execute(f"CREATE {definition}")


def downgrade() -> None:
    for name, _definition in reversed(INDEXES):
        op.drop_index(name, table_name="device")
    for table, columns in (("unit", UNIT), ("device", DEVICE)):
        for name, _definition in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")

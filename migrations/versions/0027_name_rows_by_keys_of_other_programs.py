"""Let other programs name rows by keys of their own, note when rows change, and number what happened for the feed."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# The column of the caller's key, and the rows within which it names one.
_KEYS = (
    ("account", "external_id", "platform_id"),
    ("location", "external_id", "account_id"),
    ("employee", "program_external_id", "account_id"),
    ("catalog_item", "external_id", "platform_id"),
    ("device", "external_id", "platform_id"),
    ("hardware_order", "external_id", "platform_id"),
)
_DATED = ("account", "location", "catalog_item", "device", "line_of_service")

# The position is given at the commit, under the lock that the audit trail takes there as well: so whoever has
# read up to a position misses nothing that is committed later.
_FUNCTION = """
    CREATE FUNCTION {schema}.outbox_event_has_position() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        PERFORM 1 FROM {schema}.audit_tail WHERE id = 1 FOR UPDATE;
        UPDATE {schema}.outbox_event SET position = pg_catalog.nextval('{schema}.outbox_event_position')
        WHERE id = NEW.id;
        RETURN NULL;
    END $$
"""
_START = """
    SELECT setval('{schema}.outbox_event_position', coalesce(max(position), 0) + 1) FROM {schema}.outbox_event
"""
_TRIGGER = """
    CREATE CONSTRAINT TRIGGER outbox_event_has_position AFTER INSERT ON {schema}.outbox_event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {schema}.outbox_event_has_position()
"""
_TRIGGER_SQLITE = """
    CREATE TRIGGER outbox_event_has_position AFTER INSERT ON outbox_event BEGIN
        UPDATE outbox_event SET position = NEW.id WHERE id = NEW.id;
    END
"""


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def upgrade() -> None:
    moment = "TIMESTAMP WITH TIME ZONE" if _is_postgresql() else "DATETIME"
    # In plain SQL on both: SQLite adds a column in place, where Alembic would copy the table.
    for table, column, _ in _KEYS:
        op.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(120)"))
    for table in _DATED:
        op.execute(sa.text(f"ALTER TABLE {table} ADD COLUMN updated_at {moment}"))
        if table != "location":
            rows = sa.table(table, sa.column("updated_at"), sa.column("created_at"))
            op.execute(sa.update(rows).values(updated_at=rows.c.created_at))
    for table, column, scope in _KEYS:
        condition = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"uq_{table}_{column}",
            table,
            [scope, column],
            unique=True,
            postgresql_where=condition,
            sqlite_where=condition,
        )
    number = "BIGINT" if _is_postgresql() else "INTEGER"
    op.execute(sa.text(f"ALTER TABLE outbox_event ADD COLUMN position {number}"))
    op.execute(sa.text("UPDATE outbox_event SET position = id"))
    op.create_index("ix_outbox_event_position", "outbox_event", ["position"])
    op.create_index("ix_outbox_event_platform_id_position", "outbox_event", ["platform_id", "position"])
    _number_events()


def _number_events() -> None:
    connection = op.get_bind()
    if not _is_postgresql():
        connection.exec_driver_sql(_TRIGGER_SQLITE)
        return
    schema = connection.execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    connection.exec_driver_sql(
        f"CREATE SEQUENCE {schema}.outbox_event_position OWNED BY {schema}.outbox_event.position"
    )
    connection.exec_driver_sql(_START.format(schema=schema))
    connection.exec_driver_sql(_FUNCTION.format(schema=schema))
    connection.exec_driver_sql(_TRIGGER.format(schema=schema))
    connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {schema}.outbox_event_has_position() FROM PUBLIC")


def downgrade() -> None:
    if _is_postgresql():
        op.execute(sa.text("DROP TRIGGER outbox_event_has_position ON outbox_event"))
        op.execute(sa.text("DROP FUNCTION outbox_event_has_position()"))
    else:
        op.execute(sa.text("DROP TRIGGER outbox_event_has_position"))
    op.drop_index("ix_outbox_event_platform_id_position", table_name="outbox_event")
    op.drop_index("ix_outbox_event_position", table_name="outbox_event")
    op.execute(sa.text("ALTER TABLE outbox_event DROP COLUMN position"))
    for table, column, _ in _KEYS:
        op.drop_index(f"uq_{table}_{column}", table_name=table)
        op.execute(sa.text(f"ALTER TABLE {table} DROP COLUMN {column}"))
    for table in _DATED:
        op.execute(sa.text(f"ALTER TABLE {table} DROP COLUMN updated_at"))

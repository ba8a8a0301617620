"""Name everything in the functions of the triggers in full, and fix the search path they run with.

A function that looks names up by its caller's search path reads the caller's temporary tables first. The function
of the audit trail runs as the owner, so a temporary table with a trigger ran its owner's code: whoever held the
role the product runs as could rewrite the trail.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# pg_temp is named, and last: unnamed it would be searched first. Every table is named with its schema.
_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION {schema}.audit_event_is_linked() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        tail {schema}.audit_tail;
    BEGIN
        UPDATE {schema}.audit_tail SET seq = seq + 1, hash = pg_catalog.encode(pg_catalog.sha256(
            pg_catalog.convert_to(hash || ':' || (seq + 1) || ':' || NEW.id || ':' || NEW.digest, 'UTF8')
        ), 'hex') WHERE id = 1 RETURNING * INTO STRICT tail;
        INSERT INTO {schema}.audit_link (seq, event_id, hash) VALUES (tail.seq, NEW.id, tail.hash);
        RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION {schema}.audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        words CONSTANT text[] := '{{redaction_id,salt,actor_name,account_name,summary,reason,details}}';
    BEGIN
        IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_event' THEN
            IF NEW.redaction_id > coalesce(OLD.redaction_id, 0)
                AND pg_catalog.to_jsonb(NEW) - words = pg_catalog.to_jsonb(OLD) - words
                AND EXISTS (
                    SELECT FROM {schema}.audit_redaction WHERE id = NEW.redaction_id AND event_id = NEW.id
                )
            THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'audit events are append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION {schema}.hardware_order_tally() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP <> 'INSERT' AND (TG_OP = 'DELETE' OR OLD.status < NEW.status) THEN
            UPDATE {schema}.order_tally SET orders = orders - 1
            WHERE platform_id = OLD.platform_id AND status = OLD.status;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO {schema}.order_tally (platform_id, status, orders)
            VALUES (NEW.platform_id, NEW.status, 1)
            ON CONFLICT (platform_id, status) DO UPDATE SET orders = order_tally.orders + 1;
        END IF;
        IF TG_OP = 'UPDATE' AND OLD.status > NEW.status THEN
            UPDATE {schema}.order_tally SET orders = orders - 1
            WHERE platform_id = OLD.platform_id AND status = OLD.status;
        END IF;
        RETURN NULL;
    END $$
    """,
)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    schema = connection.execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    for function in _FUNCTIONS:
        connection.exec_driver_sql(function.format(schema=schema))
    # Whoever may execute it can put it on a table of their own, and append links as the owner.
    connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {schema}.audit_event_is_linked() FROM PUBLIC")


def downgrade() -> None:
    """Leave the functions as they are: they do the same for the former schema, and safely."""

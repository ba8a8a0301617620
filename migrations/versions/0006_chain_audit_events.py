"""Chain the audit events: one link per event, appended by the database as the last thing in a transaction.

PostgreSQL appends when the transaction commits, so the lock on the one row at the tail is always the last one
taken: nobody who holds it waits for anything else. SQLite has one writer at a time anyway.
"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# As hwadmin/domain/audit_hash_chain.py has it; on SQLite hwadmin_link is that very function.
LINK_POSTGRESQL = [
    # As the owner of the tables: the role the product runs as need not be able to write the chain.
    """
    CREATE FUNCTION audit_event_is_linked() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
    DECLARE
        tail audit_tail;
    BEGIN
        UPDATE audit_tail SET seq = seq + 1, hash = encode(
            sha256(convert_to(hash || ':' || (seq + 1) || ':' || NEW.id || ':' || NEW.digest, 'UTF8')), 'hex'
        ) WHERE id = 1 RETURNING * INTO STRICT tail;
        INSERT INTO audit_link (seq, event_id, hash) VALUES (tail.seq, NEW.id, tail.hash);
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER audit_event_is_linked AFTER INSERT ON audit_event
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.digest IS NOT NULL) EXECUTE FUNCTION audit_event_is_linked()
    """,
]
LINK_SQLITE = [
    """
    CREATE TRIGGER audit_event_is_linked AFTER INSERT ON audit_event WHEN NEW.digest IS NOT NULL BEGIN
        UPDATE audit_tail SET seq = seq + 1, hash = hwadmin_link(hash, seq + 1, NEW.id, NEW.digest)
        WHERE id = 1;
        INSERT INTO audit_link (seq, event_id, hash) SELECT seq, NEW.id, hash FROM audit_tail WHERE id = 1;
    END
    """,
]

# Links and redactions are only ever added, and the tail only ever moves on by one.
GUARD_POSTGRESQL = [
    *(
        f"""
        CREATE TRIGGER {table}_{name} BEFORE {deed} ON {table}
        FOR EACH {each} EXECUTE FUNCTION audit_event_is_append_only()
        """
        for table in ("audit_link", "audit_redaction")
        for name, deed, each in (
            ("append_only", "UPDATE OR DELETE", "ROW"),
            ("no_truncate", "TRUNCATE", "STATEMENT"),
        )
    ),
    """
    CREATE TRIGGER audit_tail_moves_on BEFORE UPDATE ON audit_tail FOR EACH ROW
    WHEN (NEW.seq <> OLD.seq + 1 OR NEW.begins_after <> OLD.begins_after OR NEW.id <> OLD.id)
    EXECUTE FUNCTION audit_event_is_append_only()
    """,
    """
    CREATE TRIGGER audit_tail_stays BEFORE DELETE ON audit_tail
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_append_only()
    """,
    """
    CREATE TRIGGER audit_tail_no_truncate BEFORE TRUNCATE ON audit_tail
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only()
    """,
]
_REFUSE = "BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END"
GUARD_SQLITE = [
    *(
        f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} {_REFUSE}"
        for table in ("audit_link", "audit_redaction")
        for deed in ("UPDATE", "DELETE")
    ),
    f"""
    CREATE TRIGGER audit_tail_moves_on BEFORE UPDATE ON audit_tail
    WHEN NEW.seq <> OLD.seq + 1 OR NEW.begins_after <> OLD.begins_after OR NEW.id <> OLD.id {_REFUSE}
    """,
    f"CREATE TRIGGER audit_tail_stays BEFORE DELETE ON audit_tail {_REFUSE}",
]

# The words of an event may be changed once for each redaction declared before; its facts never.
REDACTION_POSTGRESQL = """
    CREATE OR REPLACE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_event' THEN
            IF NEW.redaction_id > coalesce(OLD.redaction_id, 0)
                AND to_jsonb(NEW) - '{redaction_id,salt,actor_name,account_name,summary,reason,details}'::text[]
                  = to_jsonb(OLD) - '{redaction_id,salt,actor_name,account_name,summary,reason,details}'::text[]
                AND EXISTS (SELECT FROM audit_redaction WHERE id = NEW.redaction_id AND event_id = NEW.id)
            THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'audit events are append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""
APPEND_ONLY_POSTGRESQL = """
    CREATE OR REPLACE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'audit events are append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """
_UNCHANGED = " AND ".join(
    f"NEW.{column} IS OLD.{column}"
    for column in (
        "id",
        "at",
        "kind",
        "actor_id",
        "platform_id",
        "platform_name",
        "account_id",
        "order_id",
        "device_id",
        "request_id",
        "transaction_id",
        "commitment",
        "digest",
    )
)
_DECLARED = "EXISTS (SELECT 1 FROM audit_redaction WHERE id = NEW.redaction_id AND event_id = NEW.id)"
REDACTION_SQLITE = [
    "DROP TRIGGER audit_event_no_update",
    f"""
    CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
    WHEN NOT (coalesce(NEW.redaction_id, 0) > coalesce(OLD.redaction_id, 0) AND {_UNCHANGED} AND {_DECLARED})
    {_REFUSE}
    """,
]
APPEND_ONLY_SQLITE = [
    "DROP TRIGGER audit_event_no_update",
    """
    CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
    BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
    """,
]


def _run(postgresql_statements: list[str], sqlite_statements: list[str]) -> None:
    statements = postgresql_statements if op.get_bind().dialect.name == "postgresql" else sqlite_statements
    for statement in statements:
        op.execute(sa.text(statement.replace(":", "\\:")))


def upgrade() -> None:
    op.add_column("audit_event", sa.Column("salt", sa.String(length=32), nullable=True))
    op.add_column("audit_event", sa.Column("commitment", sa.String(length=64), nullable=True))
    op.add_column("audit_event", sa.Column("digest", sa.String(length=64), nullable=True))
    op.add_column("audit_event", sa.Column("redaction_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_audit_event_request_id", "audit_event", ["request_id"], unique=False)
    op.create_table(
        "audit_link",
        sa.Column("seq", KEY, autoincrement=False, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_link_event_id")),
    )
    op.create_table(
        "audit_tail",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("begins_after", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_tail")),
    )
    op.create_table(
        "audit_redaction",
        sa.Column("id", KEY, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.String(length=36), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_redaction")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_redaction_event_id", "audit_redaction", ["event_id"], unique=False)
    op.create_index("ix_audit_redaction_batch", "audit_redaction", ["batch"], unique=False)
    # What was written before is declared to be before the chain: nothing vouches for it now.
    last = op.get_bind().execute(sa.text("SELECT coalesce(max(id), 0) FROM audit_event")).scalar_one()
    genesis = hashlib.sha256(f"The chain begins after event {last}.".encode()).hexdigest()
    op.execute(
        sa.text(
            "INSERT INTO audit_tail (id, seq, hash, begins_after) VALUES (1, 0, :hash, :last)"
        ).bindparams(hash=genesis, last=last)
    )
    _run(GUARD_POSTGRESQL, GUARD_SQLITE)
    _run([REDACTION_POSTGRESQL], REDACTION_SQLITE)
    _run(LINK_POSTGRESQL, LINK_SQLITE)


def downgrade() -> None:
    _run(
        ["DROP TRIGGER audit_event_is_linked ON audit_event", "DROP FUNCTION audit_event_is_linked()"],
        ["DROP TRIGGER audit_event_is_linked"],
    )
    _run([APPEND_ONLY_POSTGRESQL], APPEND_ONLY_SQLITE)
    op.drop_index("ix_audit_redaction_batch", table_name="audit_redaction")
    op.drop_index("ix_audit_redaction_event_id", table_name="audit_redaction")
    op.drop_table("audit_redaction")
    op.drop_table("audit_tail")
    op.drop_table("audit_link")
    op.drop_index("ix_audit_event_request_id", table_name="audit_event")
    for column in ("redaction_id", "digest", "commitment", "salt"):
        op.drop_column("audit_event", column)

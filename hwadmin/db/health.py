"""Whether the database is set up as the deployment files say: for ``hwadmin doctor``. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import inspect, text

from hwadmin.db import dialects
from hwadmin.db.extensions import Base, db

_VERBS = ("delete", "insert", "update")
_OF_BOTH = frozenset(
    {
        "audit_event: audit_event_is_linked",
        "audit_tail: audit_tail_moves_on",
        "audit_tail: audit_tail_stays",
        "hardware_order: hardware_order_tally_on_update",
        "outbox_event: outbox_event_has_position",
        *(
            f"{table}: {table}_changes_day_on_{verb}"
            for table in ("hardware_order", "line_item")
            for verb in _VERBS
        ),
    }
)
# What keeps the audit trail and the counts of orders: of a file, and of a server.
TRIGGERS_OF_FILE = _OF_BOTH | {
    *(f"audit_{table}: audit_{table}_no_delete" for table in ("event", "link", "redaction")),
    *(f"audit_{table}: audit_{table}_no_update" for table in ("event", "link", "redaction")),
    *(f"hardware_order: hardware_order_tally_on_{verb}" for verb in ("delete", "insert")),
}
TRIGGERS_OF_SERVER = _OF_BOTH | {
    *(f"audit_{table}: audit_{table}_append_only" for table in ("event", "link", "redaction")),
    *(f"audit_{table}: audit_{table}_no_truncate" for table in ("event", "link", "redaction", "tail")),
    "hardware_order: hardware_order_tally_on_insert_or_delete",
}
# By these a PostgreSQL server searches and sorts; the models do not name them, since SQLite has none of them.
INDEXES_OF_SERVER = {
    "account": ("ix_account_lower_name", "ix_account_name_trigrams"),
    "catalog_item": ("ix_catalog_item_trigrams",),
    "device": ("ix_device_trigrams",),
    "employee": ("ix_employee_trigrams",),
    "hardware_order": ("ix_hardware_order_trigrams",),
    "line_of_service": ("ix_line_of_service_trigrams",),
    "platform": ("ix_platform_lower_name",),
}
# What the product may not do, however it asks: deploy/postgresql/grants.sql.
FORBIDDEN = {
    "audit_event": ("UPDATE", "DELETE", "TRUNCATE"),
    "audit_redaction": ("UPDATE", "DELETE", "TRUNCATE"),
    "audit_link": ("INSERT", "UPDATE", "DELETE", "TRUNCATE"),
    "audit_tail": ("INSERT", "UPDATE", "DELETE", "TRUNCATE"),
    "alembic_version": ("INSERT", "UPDATE", "DELETE", "TRUNCATE"),
}
_ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")


def missing_triggers(*, server: bool) -> list[str]:
    """The triggers of the migrations that are not there, or are switched off."""
    found = dialects.triggers()
    expected = TRIGGERS_OF_SERVER if server else TRIGGERS_OF_FILE
    missing = sorted(name for name in expected if not found.get(name, False))
    return missing + ([] if server else _missing_triggers_of_search(found))


def _missing_triggers_of_search(found: Mapping[str, bool]) -> list[str]:
    """Each table of searched words is kept up by three triggers on the table the words are from."""
    names = {name.partition(": ")[2] for name in found}
    tables = set(inspect(db.session.connection()).get_table_names()) - set(Base.metadata.tables)
    return sorted(
        f"{table}_on_{verb}"
        for table in tables
        if table.endswith("_search")
        for verb in _VERBS
        if f"{table}_on_{verb}" not in names
    )


def missing_indexes(*, server: bool) -> list[str]:
    """The indexes that are not there as they should be, and those that the database does not use."""
    inspector = inspect(db.session.connection())
    there = set(inspector.get_table_names())
    missing: list[str] = []
    for table in Base.metadata.sorted_tables:
        if table.name not in there:
            continue
        expected = {str(index.name) for index in table.indexes}
        if server:
            expected.update(INDEXES_OF_SERVER.get(table.name, ()))
        missing += expected - {index["name"] for index in inspector.get_indexes(table.name)}
    return sorted(missing) + dialects.invalid_indexes()


def missing_tables() -> list[str]:
    """The tables of the models that are not there."""
    there = set(inspect(db.session.connection()).get_table_names())
    return sorted(table.name for table in Base.metadata.sorted_tables if table.name not in there)


def powers_of_role() -> list[str]:
    """What the role that the product runs as can do on a server and should not; a phrase for each."""
    row = db.session.execute(
        text(
            "SELECT r.rolsuper AS super, r.rolcreatedb OR r.rolcreaterole AS creates_roles,"
            " r.rolreplication AS copies, r.rolbypassrls AS bypasses,"
            " EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = 'public'::regnamespace"
            "   AND relkind = 'r' AND relowner = r.oid) AS owns,"
            " pg_catalog.has_schema_privilege('public', 'CREATE') AS makes,"
            " pg_catalog.has_database_privilege(current_database(), 'TEMP') AS makes_temporary"
            " FROM pg_catalog.pg_roles r WHERE r.rolname = current_user"
        )
    ).one()
    powers = {
        "is a superuser": row.super,
        "may create databases or roles": row.creates_roles,
        "may copy the whole server": row.copies,
        "is above the policies of rows": row.bypasses,
        "owns tables": row.owns,
        "may make objects in the schema": row.makes,
        "may make temporary tables": row.makes_temporary,
    }
    return [phrase for phrase, has in powers.items() if has]


def confirming_standbys() -> str:
    """The standbys without which a server confirms no write, as its setting names them; empty: none."""
    return str(db.session.scalar(text("SELECT pg_catalog.current_setting('synchronous_standby_names')")))


def wrong_grants() -> list[str]:
    """What the present role may do with tables and should not, or may not and should; a phrase for each."""
    tables = (*sorted(Base.metadata.tables), "alembic_version")
    must_not = [(table, privilege) for table in FORBIDDEN for privilege in FORBIDDEN[table]]
    must = [
        (table, privilege) for table in tables for privilege in _ALL if (table, privilege) not in must_not
    ]
    held = _held(must_not + must)
    return [
        *(f"may {privilege} {table}" for table, privilege in must_not if (table, privilege) in held),
        *(f"may not {privilege} {table}" for table, privilege in must if (table, privilege) not in held),
        *_sequences_out_of_reach(),
    ]


def _held(asked: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these privileges on tables the present role has."""
    statement = text(
        "SELECT asked.name, asked.privilege"
        " FROM ROWS FROM (pg_catalog.unnest(CAST(:tables AS text[])),"
        " pg_catalog.unnest(CAST(:privileges AS text[]))) AS asked(name, privilege)"
        " WHERE pg_catalog.has_table_privilege('public.' || quote_ident(asked.name), asked.privilege)"
    )
    tables, privileges = zip(*asked, strict=True)
    rows = db.session.execute(statement, {"tables": list(tables), "privileges": list(privileges)})
    return {(name, privilege) for name, privilege in rows}


def _sequences_out_of_reach() -> Iterator[str]:
    # By CASE: the server may ask for the privilege before it looks whether it is a sequence.
    sequences = text(
        "SELECT relname FROM pg_catalog.pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND CASE WHEN relkind = 'S' THEN NOT pg_catalog.has_sequence_privilege(oid, 'USAGE') ELSE false END"
        " ORDER BY relname"
    )
    for name in db.session.scalars(sequences):
        yield f"may not use the sequence {name}"

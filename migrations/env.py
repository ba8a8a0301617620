"""How migrations run: online only, on the application's own engine, comparing types and defaults."""

from itertools import chain
from typing import Any

from alembic import context
from alembic.script import ScriptDirectory

from hwadmin.db.extensions import Base, db
from hwadmin.db.health import INDEXES_OF_SERVER

# What a migration keeps beside the models: what has no portable model, such as full-text and trigram search.
UNMODELLED = (
    *("account_search", "catalog_search", "device_search", "employee_search", "line_search", "order_search"),
    *chain(*INDEXES_OF_SERVER.values()),
    # On PostgreSQL a column computed from others; SQLite keeps it in the full-text tables.
    "search_text",
)


# The advisory lock that whoever migrates holds until the connection closes.
UPGRADES = 482_910_377


def include_name(name: str | None, _type: str, _parents: Any) -> bool:
    return name is None or not name.startswith(UNMODELLED)


def number_revision(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Name a new migration by the number after the last one."""
    head = ScriptDirectory.from_config(context.config).get_current_head()
    for directive in directives:
        directive.rev_id = f"{int(head or 0) + 1:04}"


if context.is_offline_mode():
    raise SystemExit("Run migrations against a database: this project has triggers for each dialect.")

with db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        process_revision_directives=number_revision,
    )
    if connection.dialect.name == "postgresql":
        # Of two upgrades at once the second waits here, and then finds nothing left to do. Longer than any lock
        # the product waits for: a migration may take its time.
        connection.exec_driver_sql("SET lock_timeout = '10min'")
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("SET idle_in_transaction_session_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({UPGRADES})")
        connection.commit()
    with context.begin_transaction():
        context.run_migrations()

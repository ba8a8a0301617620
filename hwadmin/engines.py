"""What each database needs on connect and on begin to keep our promises.

SQLite as a driver opens it loses updates, ignores foreign keys and lets INSERT OR REPLACE slip past a
delete trigger; PostgreSQL waits for ever for a lock. Both are set right here, once per connection.
"""

from __future__ import annotations

import sqlite3
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Connection, Engine, event

from hwadmin import chain

BUSY_TIMEOUT_SECONDS = 15
# On SQLite, the function that does to a text what lower() does on PostgreSQL.
LOWER = "lower_all"

# True while a request that only shows (GET, HEAD) is answered. Everything else, jobs and the command line
# included, takes SQLite's write lock at the start, so that no transaction reads, waits and then overwrites.
reading: ContextVar[bool] = ContextVar("hwadmin_reading", default=False)


def engine_options(url: str) -> dict[str, Any]:
    """The engine options Flask-SQLAlchemy is given for this database."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_TIMEOUT_SECONDS}}
    return {
        "pool_pre_ping": True,
        "connect_args": {
            "options": "-c lock_timeout=5s -c statement_timeout=15s"
            " -c idle_in_transaction_session_timeout=30s -c timezone=UTC"
            # Every statement here takes a few rows out of many. The server's own defaults are for spinning
            # disks and for reports: they read whole tables, by several processes, which costs more to start
            # than the index look-ups they replace.
            " -c random_page_cost=1.1 -c max_parallel_workers_per_gather=0 -c jit=off"
        },
    }


def install() -> None:
    """Listen to every engine made after this call."""
    event.listen(Engine, "connect", _on_connect)
    event.listen(Engine, "begin", _on_begin)


def _on_connect(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver must not begin transactions by itself: _on_begin does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    # SQLite cannot hash. The trigger that appends to the audit trail's chain asks us to.
    connection.create_function("hwadmin_link", 4, chain.link, deterministic=True)
    # SQLite's own lower() knows ASCII only.
    connection.create_function(LOWER, 1, _lowered, deterministic=True)


def _lowered(text: Any) -> Any:
    return text.lower() if isinstance(text, str) else text


def _on_begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN" if reading.get() else "BEGIN IMMEDIATE")

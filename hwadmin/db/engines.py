"""What each database needs on connect and on begin to keep our promises.

SQLite as a driver opens it loses updates, ignores foreign keys and lets INSERT OR REPLACE slip past a
delete trigger; PostgreSQL waits for ever for a lock. Both are set right here, once per connection.

On PostgreSQL a request that only shows reads without a transaction: at READ COMMITTED each statement sees
what is committed when it begins, in a transaction or not, and beginning and ending one are two round trips.
"""

from __future__ import annotations

import math
import select
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, event, make_url
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import ORMExecuteState, Session, scoped_session
from sqlalchemy.pool import NullPool

from hwadmin.db.failures import is_unstorable_text
from hwadmin.domain import audit_hash_chain
from hwadmin.domain.text_folding import search_text
from hwadmin.errors import InvalidInput

BUSY_TIMEOUT_SECONDS = 15
CONNECT_TIMEOUT_SECONDS = 5
# On SQLite, the function that does to a text what lower() does on PostgreSQL.
LOWER = "lower_all"

# True while a request that only shows (GET, HEAD) is answered. Everything else, jobs and the command line
# included, takes SQLite's write lock at the start, so that no transaction reads, waits and then overwrites.
reading: ContextVar[bool] = ContextVar("hwadmin_reading", default=False)


@contextmanager
def reads_only(wanted: bool) -> Iterator[None]:
    """Let the transactions that begin meanwhile only read, or write as well."""
    before = reading.set(wanted)
    try:
        yield
    finally:
        reading.reset(before)


# When the time of the present request is over, by the monotonic clock; None: no limit but the database's own.
_deadline: ContextVar[float | None] = ContextVar("hwadmin_deadline", default=None)


def begin_request(seconds: float) -> None:
    """Start the time one request may wait for locks, repetitions included."""
    _deadline.set(time.monotonic() + seconds)


def end_request() -> None:
    """What follows, a job or a command, may wait as long as the database lets it."""
    _deadline.set(None)


def seconds_left() -> float:
    """How long the present request may still wait, in seconds; infinite outside of requests."""
    deadline = _deadline.get()
    return math.inf if deadline is None else max(0.0, deadline - time.monotonic())


def engine_options(url: str) -> dict[str, Any]:
    """The engine options Flask-SQLAlchemy is given for this database."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_TIMEOUT_SECONDS}}
    return {
        # A worker answers one request at a time; whoever cannot get a connection soon is told so.
        "pool_timeout": CONNECT_TIMEOUT_SECONDS,
        "connect_args": {
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            # A server whose power was cut says nothing: after eleven seconds it is taken for lost, before the
            # web server gives up on the worker that waits for it.
            "tcp_user_timeout": 10_000,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "options": "-c lock_timeout=5s -c statement_timeout=15s"
            " -c idle_in_transaction_session_timeout=30s -c timezone=UTC"
            # Every statement here takes a few rows out of many. The server's own defaults are for spinning
            # disks and for reports: they read whole tables, by several processes, which costs more to start
            # than the index look-ups they replace.
            " -c random_page_cost=1.1 -c max_parallel_workers_per_gather=0 -c jit=off",
        },
    }


def install() -> None:
    """Listen to every engine made after this call."""
    event.listen(Engine, "connect", _on_connect)
    event.listen(Engine, "begin", _on_begin)
    event.listen(Engine, "savepoint", _on_savepoint)
    event.listen(Engine, "checkout", _on_checkout)
    event.listen(Engine, "handle_error", _on_error)
    event.listen(Session, "before_flush", _on_flush)
    event.listen(Session, "do_orm_execute", _on_execute)


def has_other_listeners(connection: Connection) -> bool:
    """Whether anybody but the product listens to what a connection sends, such as a tracer or a test."""
    return len(connection.dispatch.before_cursor_execute) > _own_listeners()


@cache
def _own_listeners() -> int:
    """How many listen to every engine: we and Continuum."""
    # Made by hand, and never connected: a tracer listens to each that ``create_engine`` makes.
    nowhere: Any = sqlite3.connect
    engine = Engine(NullPool(nowhere), sqlite.dialect(), make_url("sqlite://"))
    return len(engine.dispatch.before_cursor_execute)


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
    connection.create_function("hwadmin_link", 4, audit_hash_chain.link, deterministic=True)
    # SQLite's own lower() knows ASCII only.
    connection.create_function(LOWER, 1, _lowered, deterministic=True)
    # PostgreSQL has a function of this name that does the same.
    connection.create_function("search_text", 1, _search_text, deterministic=True)


def _on_checkout(connection: Any, _record: Any, _proxy: Any) -> None:
    """Give out no connection the server has closed. It is not asked: what it closed is ready to be read."""
    if isinstance(connection, sqlite3.Connection):
        return
    if not connection.closed:
        socket = select.poll()
        socket.register(connection.fileno(), select.POLLIN)
        if not socket.poll(0):
            return
    raise InvalidatePoolError


def _lowered(text: Any) -> Any:
    return text.lower() if isinstance(text, str) else text


# Of the devices of an order most are of the same makes and models.
@lru_cache(maxsize=2048)
def _search_text(text: Any) -> Any:
    return search_text(text) if isinstance(text, str) else None


def _on_begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        wait = min(BUSY_TIMEOUT_SECONDS, seconds_left())
        if wait < BUSY_TIMEOUT_SECONDS:
            driver: Any = connection.connection.driver_connection
            driver.execute(f"PRAGMA busy_timeout = {round(wait * 1000)}")
        connection.exec_driver_sql("BEGIN" if reading.get() else "BEGIN IMMEDIATE")
    else:
        _set_autocommit(connection, reading.get())


def _on_savepoint(connection: Connection, _name: str) -> None:
    """A savepoint needs a transaction to stand in, where the request only shows as well."""
    if connection.dialect.name != "sqlite":
        _set_autocommit(connection, False)


def _set_autocommit(connection: Connection, wanted: bool) -> None:
    driver: Any = connection.connection.driver_connection
    if driver.autocommit != wanted:
        driver.autocommit = wanted


def hold_transaction(session: Session | scoped_session[Any]) -> None:
    """Let what the session does from here on be one transaction, where its request only shows as well."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        _set_autocommit(connection, False)


def _on_error(context: ExceptionContext) -> None:
    """Refuse a text no check had looked at, instead of failing: PostgreSQL will not even compare with it."""
    if is_unstorable_text(context.sqlalchemy_exception or context.original_exception):
        raise InvalidInput.at("", "A text contains a character that cannot be stored.") from None


def _on_flush(session: Session, _context: Any, _instances: Any) -> None:
    hold_transaction(session)


def _on_execute(state: ORMExecuteState) -> None:
    statement: Any = state.statement
    if not state.is_select or getattr(statement, "_for_update_arg", None) is not None:
        hold_transaction(state.session)

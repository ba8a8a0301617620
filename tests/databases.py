"""Databases for tests: one migrated template per worker and kind, and cheap copies of it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import flask_migrate
import psycopg
import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket
from psycopg import sql
from psycopg._preparing import Prepare, PrepareManager
from psycopg.pq.abc import PGresult
from sqlalchemy import Connection, Engine, TextClause, event, text
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.factory import create_app


@event.listens_for(Engine, "connect")
def _allow_slow_transactions(connection: Any, _record: Any) -> None:
    """A test may think as long as it needs within its transaction: the machine may have other work."""
    if isinstance(connection, psycopg.Connection):
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.commit()


KINDS = ("sqlite", "postgresql")
SECRET_KEY = "only-for-tests-" + "x" * 32
# Where a PostgreSQL for tests listens: its maintenance database, without the name of the one we make.
SERVER = os.environ.get("HWADMIN_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")


@cache
def postgresql_missing() -> str | None:
    """Why PostgreSQL cannot be tested here, or None where it can."""
    try:
        psycopg.connect(SERVER, connect_timeout=30).close()
    except psycopg.OperationalError as error:
        return f"No PostgreSQL: {error}"
    return None


def available_kinds() -> tuple[str, ...]:
    """The kinds of database cases are spread over; one that is demanded counts, missing or not."""
    if postgresql_missing() and not os.environ.get("REQUIRE_POSTGRES"):
        return ("sqlite",)
    return KINDS


def skip_without_postgresql() -> None:
    """Skip where there is no PostgreSQL; fail where the environment demands one."""
    reason = postgresql_missing()
    if reason and os.environ.get("REQUIRE_POSTGRES"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


def server_url(name: str) -> str:
    """The address of a database of the test server."""
    return SERVER.rsplit("/", 1)[0] + f"/{name}"


def _execute(statement: str) -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(statement.encode())


@contextmanager
def memory_folder() -> Iterator[Path]:
    """A folder for SQLite files, in memory where the machine has such a place: no test waits for a disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="hwadmin_test_",
        dir=memory if os.access(memory, os.W_OK) else None,
        ignore_cleanup_errors=True,
    ) as folder:
        yield Path(folder)


class Template:
    """A migrated database, never used itself, copied for whoever needs one."""

    def __init__(self, kind: str, folder: Path, prefix: str = "hwadmin_test") -> None:
        self.kind, self.folder = kind, folder
        self.name = f"{prefix}_{uuid.uuid4().hex[:12]}"
        if kind == "postgresql":
            _execute(f"CREATE DATABASE {self.name}")
        settings = self.settings(self.name)
        app = create_app(settings)
        with app.app_context():
            flask_migrate.upgrade()
            db.engine.dispose()
        self._server_copies = _ServerCopies(self.name) if kind == "postgresql" else None

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"

    def settings(self, name: str) -> Settings:
        """The settings of an application on the database of this name."""
        url = (
            f"sqlite:///{self._file(name)}"
            if self.kind == "sqlite"
            else server_url(name).replace("postgresql://", "postgresql+psycopg://")
        )
        return Settings(
            database_url=url,
            secret_key=SECRET_KEY,
            instance=self.folder,
            # The personas do in seconds what people and programs do in days.
            uploads_per_minute=10**6,
            searches_per_minute=10**6,
            api_requests_per_minute=10**6,
            scim_requests_per_minute=10**6,
            # Who waits for others waits longer where the machine has other work.
            request_seconds=120.0,
        )

    @contextmanager
    def copy(self) -> Iterator[Settings]:
        """The settings of an application on a database like the template, gone at the end."""
        if self._server_copies is not None:
            with self._server_copies.one() as name:
                yield self.settings(name)
            return
        name = f"hwadmin_test_{uuid.uuid4().hex[:12]}"
        shutil.copy(self._file(self.name), self._file(name))
        try:
            yield self.settings(name)
        finally:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self._file(name)}{suffix}").unlink(missing_ok=True)

    def drop(self) -> None:
        """Remove the template and its copies."""
        if self._server_copies is not None:
            self._server_copies.drop()
            _execute(f"DROP DATABASE {self.name} WITH (FORCE)")


# Every catalog row a change of the schema would replace. Sequences are left out: they only count.
_SCHEMA_FINGERPRINT = """
    SELECT md5(string_agg(part, ',' ORDER BY part)) FROM (
        SELECT 'class' || oid || '.' || xmin AS part FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind <> 'S'
        UNION ALL SELECT 'column' || attrelid || '.' || attnum || '.' || a.xmin
            FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
            WHERE relnamespace = 'public'::regnamespace AND relkind <> 'S'
        UNION ALL SELECT 'trigger' || oid || '.' || xmin FROM pg_trigger
        UNION ALL SELECT 'function' || oid || '.' || xmin FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT 'constraint' || oid || '.' || xmin FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
    ) parts
"""


class _ServerCopies:
    """Copies of a template on PostgreSQL, emptied and used again.

    Creating and dropping a database writes eight megabytes to the disk; deleting what a test left behind
    takes milliseconds. A copy whose schema was changed, or that cannot be emptied at once, is dropped.
    """

    def __init__(self, template: str) -> None:
        self.template = template
        self.free: list[str] = []
        self.fingerprints: dict[str, str] = {}
        with psycopg.connect(server_url(template), autocommit=True) as connection:
            self.tables = [
                row[0]
                for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ]
            # What migrations put there.
            rows = {table: self._copy_out(connection, table) for table in self.tables}
        self.first_rows = {table: content for table, content in rows.items() if content}

    @staticmethod
    def _copy_out(connection: psycopg.Connection[Any], table: str) -> bytes:
        with connection.cursor().copy(
            sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(table))
        ) as out:
            content = b"".join(out)
        count = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        return content if count.fetchone() != (0,) else b""

    @contextmanager
    def one(self) -> Iterator[str]:
        """The name of a database like the template."""
        name = self.free.pop() if self.free else self._create()
        try:
            yield name
        finally:
            if self._emptied(name):
                self.free.append(name)
            else:
                _execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _create(self) -> str:
        name = f"hwadmin_test_{uuid.uuid4().hex[:12]}"
        _execute(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        with psycopg.connect(server_url(name), autocommit=True) as connection:
            self.fingerprints[name] = self._fingerprint(connection)
        return name

    @staticmethod
    def _fingerprint(connection: psycopg.Connection[Any]) -> str:
        row = connection.execute(_SCHEMA_FINGERPRINT).fetchone()
        assert row is not None
        return str(row[0])

    def _emptied(self, name: str) -> bool:
        """Whether the database is as new again."""
        try:
            with psycopg.connect(server_url(name)) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                if self._fingerprint(connection) != self.fingerprints[name]:
                    return False
                # Without triggers: an audit trail does not let go of its rows, and nothing is cascaded.
                connection.execute(
                    "SET LOCAL session_replication_role = replica; SET LOCAL lock_timeout = '2s';"
                    "SET LOCAL synchronous_commit = off"
                )
                connection.execute(
                    sql.SQL(";").join(
                        sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in self.tables
                    )
                )
                for table, content in self.first_rows.items():
                    statement = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(table))
                    with connection.cursor().copy(statement) as copy:
                        copy.write(content)
                connection.execute(
                    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
                    " FROM pg_sequences WHERE schemaname = 'public'"
                )
        except psycopg.Error:
            return False
        return True

    def drop(self) -> None:
        for name in self.free:
            _execute(f"DROP DATABASE {name} WITH (FORCE)")


class Templates:
    """The template of each kind, made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()
        self._made: dict[str, Template] = {}

    def __getitem__(self, kind: str) -> Template:
        if kind not in self._made:
            self._made[kind] = template = Template(kind, self.folder)
            self._stack.callback(template.drop)
        return self._made[kind]

    def close(self) -> None:
        self._stack.close()


def _commit_without_waiting(connection: Any, _record: Any) -> None:
    if isinstance(connection, psycopg.Connection):
        connection.execute("SET synchronous_commit = off")
        connection.commit()


# ---- Applications


class _CompiledTemplates(FileSystemBytecodeCache):
    """Templates, compiled once for all applications and kept where Python keeps what it has compiled."""

    def __init__(self) -> None:
        self.code: dict[str, tuple[str, CodeType | None]] = {}
        self.is_kept = sys.pycache_prefix is not None
        if sys.pycache_prefix is not None:
            folder = Path(sys.pycache_prefix) / "templates"
            folder.mkdir(parents=True, exist_ok=True)
            super().__init__(str(folder))

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self.code.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code
        elif self.is_kept:
            super().load_bytecode(bucket)
            self.code[bucket.key] = bucket.checksum, bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key] = bucket.checksum, bucket.code
        if self.is_kept:
            super().dump_bytecode(bucket)


_COMPILED = _CompiledTemplates()


_compiled_builder = Rule._compile_builder


def _compile_builder_when_needed(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    """What builds the addresses of a route, made when one is built.

    Compiling it for every route of every application is most of what an application costs.
    """
    build: Callable[..., Any] | None = None

    def build_address(*args: Any, **values: Any) -> Any:
        nonlocal build
        if build is None:
            build = _compiled_builder(rule, append_unknown)
        return build(*args, **values)

    return build_address


# Statements that were compiled, for all applications on one kind of database.
_STATEMENTS: dict[str, LRUCache[Any, Any]] = {kind: LRUCache(10_000) for kind in KINDS}


def _share_compiled_statements() -> None:
    """Take the dialects of two engines on one kind of database for one: they are compiled for alike."""
    for dialect in (SQLiteDialect, PGDialect):
        dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
        dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]


def new_app(settings: Settings) -> Flask:
    """An application for tests. CSRF is off; tests of CSRF turn it on."""
    app = create_app(settings)
    engine = db._app_engines[app][None]
    engine._compiled_cache = _STATEMENTS[engine.dialect.name]
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False
    app.jinja_env.bytecode_cache = _COMPILED
    return app


def rows_of(connection: Connection) -> dict[str, Any]:
    """What each table holds: on SQLite its rows, on PostgreSQL a digest of them: what is quickest."""
    if connection.dialect.name == "postgresql":
        return {row[0]: row[1] for row in connection.execute(_digests())}
    driver = connection.connection.dbapi_connection
    assert driver is not None
    return {
        table.name: driver.execute(f'SELECT * FROM "{table.name}"').fetchall()
        for table in db.metadata.sorted_tables
    }


@cache
def _digests() -> TextClause:
    return text(
        " UNION ALL ".join(
            f"SELECT '{table.name}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{table.name}\" t"
            for table in db.metadata.sorted_tables
        )
    )


# ---- One connection for everything in a test, rolled back at its end


class _KeptThroughRollbacks(PrepareManager):
    """What was prepared stays so when a test is rolled back: the tables are the same afterwards.

    Otherwise each statement of each test is parsed and planned anew, most of what a server has to do here.
    """

    prepare_threshold = 1
    prepared_max = 1000

    def _should_discard(self, prep: Prepare, results: Sequence[PGresult], *_: Any) -> bool:
        ended = [one for one in results if not (one.command_status or b"").startswith(b"ROLLBACK")]
        return super()._should_discard(prep, ended)


def send(connection: Connection, statement: str) -> None:
    """Send what frames a test, and is no statement of the product's, past everything that looks at those."""
    driver: Any = connection.connection.driver_connection
    driver.execute(statement)


def _send_savepoints_directly(engine: Engine) -> None:
    """Send savepoints, of which each commit in a test is two, without compiling and announcing them."""
    for way, words in _SAVEPOINTS.items():
        # Of this engine's own dialect: where tests really commit, the product's savepoints are as they are.
        setattr(
            engine.dialect, way, lambda connection, name, words=words: send(connection, f"{words} {name}")
        )


_SAVEPOINTS = {
    "do_savepoint": "SAVEPOINT",
    "do_rollback_to_savepoint": "ROLLBACK TO SAVEPOINT",
    "do_release_savepoint": "RELEASE SAVEPOINT",
}


def act_as_at_commits() -> None:
    """Let what PostgreSQL does at a commit be done at once: that of a test is a savepoint's.

    The trail is numbered and chained there, and events get their place in the feed.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


@contextmanager
def rolled_back(engine: Engine) -> Iterator[Connection]:
    """A connection whose transaction is rolled back at the end."""
    _send_savepoints_directly(engine)
    with engine.connect() as connection:
        driver: object = connection.connection.driver_connection
        if isinstance(driver, psycopg.Connection) and not isinstance(driver._prepared, _KeptThroughRollbacks):
            driver._prepared = _KeptThroughRollbacks()
        transaction = connection.begin()
        try:
            yield connection
        finally:
            transaction.rollback()


def prepare_for_tests() -> None:
    """Let sessions on one given connection nest; those on an engine are as they are outside of tests.

    Applications are made cheaply. No commit waits for the disk: a test may kill a process, but never the
    server.
    """
    event.listen(Engine, "connect", _commit_without_waiting)
    _share_compiled_statements()
    Rule._compile_builder = _compile_builder_when_needed  # type: ignore[method-assign, assignment]
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")

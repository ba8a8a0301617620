"""The role the product runs as, with the grants of deploy/postgresql: what it cannot do with them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from flask import Flask
from psycopg import sql

from hwadmin.config import Settings
from hwadmin.db import health
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.factory import create_app
from hwadmin.queries.audit.chain_verification import Verdict, verify
from tests import databases
from tests.builders import World

SCRIPTS = Path(__file__).resolve().parents[2] / "deploy" / "postgresql"
SERVER = databases.SERVER
PASSWORD = "only-for-tests"


@dataclass(frozen=True, slots=True)
class Deployment:
    """A database of two roles, deployed by the scripts as they are written."""

    app: Flask
    # Connection strings of the database for each of the two roles.
    owner: str
    runtime: str
    owner_role: str

    @property
    def database(self) -> str:
        """Its name."""
        return self.runtime.rpartition("/")[2]

    def verdict(self) -> Verdict:
        """What `audit verify` says now, asked by the runtime role."""
        with self.app.app_context(), acting_as(db.session, COMMAND_LINE):
            db.session.rollback()
            return verify()


def _address(name: str, role: str) -> str:
    return re.sub(r"//([^@/]*@)?", f"//{role}:{PASSWORD}@", SERVER.rsplit("/", 1)[0]) + f"/{name}"


def _script(name: str, suffix: str) -> bytes:
    text = (SCRIPTS / name).read_text()
    # Roles belong to the whole server: tests that run at the same time have their own.
    text = re.sub(r"\bhwadmin_(owner|runtime)\b", rf"hwadmin_\1_{suffix}", text)
    return "\n".join(line for line in text.splitlines() if not line.startswith("\\")).encode()


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The product on PostgreSQL, set up by the scripts of deploy/, with a few orders in it."""
    databases.skip_without_postgresql()
    suffix = uuid.uuid4().hex[:8]
    name = f"hwadmin_test_{suffix}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    superuser = SERVER.rsplit("/", 1)[0] + f"/{name}"
    try:
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(_script("roles.sql", suffix))
            for role in ("owner", "runtime"):
                # A server that nobody prepared asks for one.
                connection.execute(f"ALTER ROLE hwadmin_{role}_{suffix} PASSWORD '{PASSWORD}'".encode())
        owner, runtime = (_address(name, f"hwadmin_{role}_{suffix}") for role in ("owner", "runtime"))
        settings = Settings(
            database_url=owner.replace("postgresql://", "postgresql+psycopg://"),
            secret_key=databases.SECRET_KEY,
            instance=tmp_path_factory.mktemp("instance"),
        )
        migrating = create_app(settings)
        with migrating.app_context():
            flask_migrate.upgrade()
            db.engine.dispose()
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute(_script("grants.sql", suffix))
        app = databases.new_app(
            replace(settings, database_url=runtime.replace("postgresql://", "postgresql+psycopg://"))
        )
        with app.app_context(), acting_as(db.session, COMMAND_LINE):
            world = World()
            world.an_order("fulfilled", [("deskphone", 2), ("dect_base", 1), ("dect_handset", 2)])
            world.an_order("rejected")
            db.session.commit()
            db.session.remove()
        yield Deployment(app, owner, runtime, f"hwadmin_owner_{suffix}")
        with app.app_context():
            db.engine.dispose()
    finally:
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
            for role in ("owner", "runtime"):
                server.execute(f"DROP ROLE IF EXISTS hwadmin_{role}_{suffix}")


def test_the_product_works_as_the_runtime_role(deployment: Deployment) -> None:
    verdict = deployment.verdict()
    assert verdict.fault is None
    assert verdict.vouched >= 3


def test_the_role_may_do_with_every_table_what_it_must_and_no_more(deployment: Deployment) -> None:
    with deployment.app.app_context(), acting_as(db.session, COMMAND_LINE):
        assert health.wrong_grants() == []
        assert health.powers_of_role() == []
        db.session.rollback()


def test_two_machines_that_start_at_once_both_say_what_is_granted(deployment: Deployment) -> None:
    script = _script("grants.sql", deployment.owner_role.rpartition("_")[2])
    with ExitStack() as stack:
        first, second, watching = (
            stack.enter_context(psycopg.connect(deployment.owner, autocommit=True)) for _ in range(3)
        )
        first.execute(script.partition(b"COMMIT;")[0])
        other = stack.enter_context(ThreadPoolExecutor(1)).submit(second.execute, script)
        stands_behind = sql.SQL("SELECT %s = ANY (pg_blocking_pids(%s))")
        pids = [first.info.backend_pid, second.info.backend_pid]
        while watching.execute(stands_behind, pids).fetchone() != (True,):
            assert not other.done(), other.result()
        first.execute("COMMIT")
        assert other.result(60)


# What somebody who has taken the runtime role over may try.
REFUSED = {
    "a temporary table in the way of the chain's": (
        "CREATE TEMP TABLE audit_tail (id int, seq bigint, hash text, begins_after bigint)"
    ),
    "a function of one's own": "CREATE FUNCTION public.evil() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a schema of one's own": "CREATE SCHEMA evil",
    "an operator of one's own": (
        "CREATE OPERATOR public.|| (LEFTARG = text, RIGHTARG = bigint, FUNCTION = textcat)"
    ),
    "becoming the owner": "SET ROLE {owner}",
    "switching the triggers off": "SET session_replication_role = replica",
    "taking a trigger away": "ALTER TABLE audit_event DISABLE TRIGGER ALL",
    "replacing the trigger's function": (
        "CREATE OR REPLACE FUNCTION public.audit_event_is_linked() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NULL; END'"
    ),
    "putting the owner's function on another table": (
        "CREATE TRIGGER mine AFTER INSERT ON order_tally"
        " FOR EACH ROW EXECUTE FUNCTION audit_event_is_linked()"
    ),
    "removing an event": "DELETE FROM audit_event",
    "emptying the trail": "TRUNCATE audit_event",
    "changing what was done": "UPDATE audit_event SET kind = 'order.rejected'",
    "changing its words without saying so": "UPDATE audit_event SET summary = 'nothing'",
    "moving the tail": "UPDATE audit_tail SET hash = repeat('0', 64)",
    "a link of one's own": "INSERT INTO audit_link (seq, event_id, hash) VALUES (1000, 1, repeat('0', 64))",
    "taking a declared anonymization back": "DELETE FROM audit_redaction",
    "saying that the schema is older": "UPDATE alembic_version SET version_num = '0001'",
    "rights for tables to come": "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT ALL ON TABLES TO PUBLIC",
    "a rule in the way": "CREATE RULE mine AS ON INSERT TO audit_event DO INSTEAD NOTHING",
    "a program on the server": "COPY audit_event TO PROGRAM 'cat'",
    "a file of the server": "COPY audit_link FROM '/etc/hostname'",
    "reading a file of the server": "SELECT pg_read_file('/etc/hostname')",
    "a file as a large object": "SELECT lo_import('/etc/hostname')",
    "links by the quick way": "COPY audit_link FROM STDIN",
    "a trigger on all commands": "CREATE EVENT TRIGGER mine ON sql_drop EXECUTE FUNCTION search_text_of()",
    "an extension": "CREATE EXTENSION hstore",
    "an extension that connects": "CREATE EXTENSION dblink",
    "a view in the way": "CREATE VIEW public.mine AS SELECT * FROM audit_event",
    "a type of one's own": "CREATE TYPE public.mine AS (a int)",
    "a cast of one's own": "CREATE CAST (bigint AS text) WITH INOUT AS IMPLICIT",
    "a publication": "CREATE PUBLICATION mine FOR TABLE audit_event",
    "a policy": "CREATE POLICY mine ON audit_event USING (false)",
    "becoming another at the start": "SET SESSION AUTHORIZATION {owner}",
    "a role that reads all": "SET ROLE pg_read_all_data",
    "a role that writes files": "GRANT pg_write_server_files TO CURRENT_USER",
    "a setting of everybody": "ALTER SYSTEM SET session_replication_role = replica",
    "a setting of one's own role": "ALTER ROLE CURRENT_USER SET session_replication_role = replica",
    "a setting of the database": "ALTER DATABASE {database} SET search_path = pg_temp",
    "a setting of the trigger's function": "ALTER FUNCTION audit_event_is_linked() RESET search_path",
    "taking the table": "ALTER TABLE audit_event OWNER TO CURRENT_USER",
    "no rules for a column": "ALTER TABLE audit_event DROP CONSTRAINT pk_audit_event",
    "the catalog itself": "UPDATE pg_catalog.pg_trigger SET tgenabled = 'D'",
    "the numbers of events": "SELECT setval('audit_event_id_seq', 1)",
    "changing by adding": (
        "INSERT INTO audit_event (id, at, kind, actor_name, summary, details)"
        " SELECT id, at, kind, actor_name, summary, details FROM audit_event"
        " ON CONFLICT (id) DO UPDATE SET kind = 'order.rejected'"
    ),
    "merging into the trail": (
        "MERGE INTO audit_event t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE"
    ),
    "locking everybody out of the chain": "DO 'BEGIN LOCK TABLE audit_tail IN ACCESS EXCLUSIVE MODE; END'",
    "locking the tail": "SELECT * FROM audit_tail FOR UPDATE",
    "asking for the trigger's work": "SELECT audit_event_is_linked()",
    "the log of another database": "SELECT pg_logical_emit_message(true, 'x', 'y') FROM pg_authid",
}


@pytest.mark.parametrize("attempt", REFUSED.values(), ids=REFUSED)
def test_the_runtime_role_is_refused(deployment: Deployment, attempt: str) -> None:
    connecting = psycopg.connect(deployment.runtime, autocommit=True)
    with connecting as connection, pytest.raises(psycopg.Error) as refusal:
        connection.execute(attempt.format(owner=deployment.owner_role, database=deployment.database).encode())
    # 0A000: an extension that this server has not got.
    assert refusal.value.sqlstate in {"42501", "23000", "42809", "0A000"}, refusal.value
    assert deployment.verdict().fault is None


def _attack(deployment: Deployment, *statements: str) -> None:
    with psycopg.connect(deployment.runtime) as connection:
        for statement in statements:
            connection.execute(statement.encode())
        connection.commit()


EVENT = (
    "INSERT INTO audit_event ({id}at, kind, actor_name, summary, details, digest)"
    " VALUES ({value}now(), 'order.approved', 'Nobody', 'Forged', '{{}}', {digest})"
)


@pytest.mark.parametrize(
    "forged",
    [
        EVENT.format(id="", value="", digest="NULL"),
        EVENT.format(id="id, ", value="-5, ", digest="NULL"),
        EVENT.format(id="", value="", digest="repeat('0', 64)"),
    ],
    ids=["without a link", "before the beginning", "with a digest of its own"],
)
def test_a_forged_event_is_named(deployment: Deployment, forged: str) -> None:
    with psycopg.connect(deployment.owner) as owner:
        before = owner.execute("SELECT coalesce(max(id), 0) FROM audit_event").fetchone()
    try:
        _attack(deployment, forged)
        assert deployment.verdict().fault is not None
    finally:
        _forget(deployment, before)


def test_words_changed_behind_a_redaction_of_ones_own_are_named(deployment: Deployment) -> None:
    """Declaring a redaction lets the words be changed; without an anonymization in the chain it is found."""
    with psycopg.connect(
        SERVER.rsplit("/", 1)[0] + deployment.runtime[deployment.runtime.rindex("/") :]
    ) as owner:
        kept = owner.execute("SELECT id, summary FROM audit_event ORDER BY id LIMIT 1").fetchone()
    assert kept is not None
    _attack(
        deployment,
        "INSERT INTO audit_redaction (event_id, batch, commitment)"
        f" VALUES ({kept[0]}, 'mine', repeat('0', 64))",
        "UPDATE audit_event SET summary = 'Nothing happened', redaction_id ="
        f" (SELECT max(id) FROM audit_redaction WHERE event_id = {kept[0]}) WHERE id = {kept[0]}",
    )
    fault = deployment.verdict().fault
    assert fault is not None
    assert fault.event_id == kept[0]
    _restore(deployment, kept)


def _as_superuser(deployment: Deployment) -> str:
    return SERVER.rsplit("/", 1)[0] + deployment.runtime[deployment.runtime.rindex("/") :]


def _forget(deployment: Deployment, before: tuple[int] | None) -> None:
    """Take a forged event away, its link too, so that the next test finds an honest trail."""
    assert before is not None
    with psycopg.connect(_as_superuser(deployment)) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM audit_link WHERE event_id > %s OR event_id < 1", before)
        connection.execute("DELETE FROM audit_event WHERE id > %s OR id < 1", before)
        connection.execute(
            "UPDATE audit_tail SET (seq, hash) = (SELECT seq, hash FROM audit_link ORDER BY seq DESC LIMIT 1)"
        )


def _restore(deployment: Deployment, kept: tuple[int, str]) -> None:
    with psycopg.connect(_as_superuser(deployment)) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "UPDATE audit_event SET summary = %s, redaction_id = NULL WHERE id = %s", kept[::-1]
        )
        connection.execute("DELETE FROM audit_redaction WHERE batch = 'mine'")


@pytest.fixture
def temp_granted(deployment: Deployment) -> Iterator[None]:
    """TEMP granted after all, as PostgreSQL does by default."""
    database = sql.Identifier(deployment.runtime[deployment.runtime.rindex("/") + 1 :])
    role = sql.Identifier(deployment.owner_role.replace("owner", "runtime"))
    with psycopg.connect(_as_superuser(deployment), autocommit=True) as superuser:
        superuser.execute(sql.SQL("GRANT TEMP ON DATABASE {} TO {}").format(database, role))
        yield
        superuser.execute(sql.SQL("REVOKE TEMP ON DATABASE {} FROM {}").format(database, role))


@pytest.mark.usefixtures("temp_granted")
def test_a_temporary_tail_with_a_trigger_runs_no_code_as_the_owner(deployment: Deployment) -> None:
    with psycopg.connect(deployment.owner) as owner:
        before = owner.execute("SELECT coalesce(max(id), 0) FROM audit_event").fetchone()
    try:
        with psycopg.connect(deployment.runtime) as connection:
            connection.execute("CREATE TEMP TABLE audit_tail AS SELECT * FROM public.audit_tail")
            connection.execute("CREATE TEMP TABLE caught (who text)")
            connection.execute("GRANT ALL ON caught TO PUBLIC")
            connection.execute(
                "CREATE FUNCTION pg_temp.evil() RETURNS trigger LANGUAGE plpgsql AS"
                " 'BEGIN INSERT INTO pg_temp.caught VALUES (current_user); RETURN NEW; END'"
            )
            connection.execute(
                "CREATE TRIGGER evil BEFORE UPDATE ON pg_temp.audit_tail FOR EACH ROW"
                " EXECUTE FUNCTION pg_temp.evil()"
            )
            connection.execute("GRANT ALL ON pg_temp.audit_tail TO PUBLIC")
            connection.execute(EVENT.format(id="", value="", digest="repeat('0', 64)").encode())
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            assert connection.execute("SELECT who FROM caught").fetchall() == []
    finally:
        _forget(deployment, before)


@pytest.mark.usefixtures("temp_granted")
def test_a_temporary_redaction_declares_nothing(deployment: Deployment) -> None:
    with psycopg.connect(deployment.runtime) as connection:
        connection.execute("CREATE TEMP TABLE audit_redaction (id bigint, event_id bigint)")
        connection.execute("INSERT INTO audit_redaction SELECT 99, min(id) FROM public.audit_event")
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            connection.execute(
                "UPDATE public.audit_event SET summary = 'nothing', redaction_id = 99"
                " WHERE id = (SELECT min(id) FROM public.audit_event)"
            )


@pytest.mark.usefixtures("temp_granted")
@pytest.mark.parametrize("function", ["audit_event_is_linked", "outbox_event_has_position"])
def test_no_table_of_ones_own_gets_a_function_that_runs_as_the_owner(
    deployment: Deployment, function: str
) -> None:
    """On the product's tables the role may make no trigger; on a temporary one it may."""
    with psycopg.connect(deployment.runtime) as connection:
        connection.execute("CREATE TEMP TABLE mine (id bigint, digest text)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=f"function public.{function}"):
            connection.execute(
                "CREATE CONSTRAINT TRIGGER mine AFTER INSERT ON pg_temp.mine DEFERRABLE"
                f" FOR EACH ROW EXECUTE FUNCTION public.{function}()".encode()
            )


def test_every_function_of_the_schema_has_a_fixed_search_path(deployment: Deployment) -> None:
    with psycopg.connect(deployment.owner) as connection:
        rows = connection.execute(
            "SELECT proname, proconfig FROM pg_proc JOIN pg_language l ON l.oid = prolang"
            " WHERE pronamespace = 'public'::regnamespace AND lanname NOT IN ('c', 'internal')"
        ).fetchall()
    assert {name for name, _ in rows} >= {"audit_event_is_linked", "hardware_order_tally"}
    for name, settings in rows:
        path = next((one for one in settings or [] if one.startswith("search_path=")), "")
        assert path.endswith("pg_temp"), f"{name} runs with its caller's search path"

"""Planted faults: ``hwadmin doctor`` names each, and says what to do."""

from __future__ import annotations

import json
import os
import smtplib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import flask_migrate
import psycopg
import pytest
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import ProgrammingError

from hwadmin import clock
from hwadmin.cli.checks.findings import Finding, Level
from hwadmin.cli.doctor import examine
from hwadmin.clock import utcnow
from hwadmin.config import IdentityProvider, Settings
from hwadmin.db import dialects, health
from hwadmin.db.extensions import Base, db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE, Role
from hwadmin.models import MessageKind, OutgoingMessage
from tests import databases
from tests.attacks.test_runtime_role import Deployment
from tests.attacks.test_runtime_role import deployment as deployment
from tests.builders import World
from tests.ports import free_port
from tests.running import only_on


class _Product(BaseHTTPRequestHandler):
    """Answers as this product does, through a proxy that says what it should."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("X-Request-Id", "1")
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


class _Stranger(_Product):
    def do_GET(self) -> None:
        self.send_response(404)
        self.end_headers()


@contextmanager
def served_by(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served_by(_Product) as url:
        yield url


@pytest.fixture
def sound(app: Flask, world: World, tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A product with nothing wrong: what each test plants is the only fault."""
    settings = replace(app.config["HWADMIN"], instance=tmp_path, base_url=address)
    monkeypatch.setitem(app.config, "HWADMIN", settings)
    world.an_order()
    databases.act_as_at_commits()
    db.session.commit()
    return app


def wrongs(app: Flask, **changed: Any) -> list[Finding]:
    db.session.rollback()
    settings: Settings = replace(app.config["HWADMIN"], **changed)
    return [finding for finding in examine(settings) if finding.level is Level.WRONG]


def assert_named(found: list[Finding], check: str, words: str) -> None:
    """Exactly one thing is wrong, with what to do about it."""
    assert [finding.check for finding in found] == [check], found
    assert words in found[0].sentence
    assert found[0].sentence.endswith(".")
    assert found[0].action.rstrip(").").strip()


def execute(*statements: str) -> None:
    db.session.rollback()
    for statement in statements:
        db.session.execute(text(statement))
    db.session.commit()


def is_file(app: Flask) -> bool:
    return dialects.file_of(app.config["HWADMIN"].database_url) is not None


# ---- Nothing is wrong


@pytest.mark.both_databases
def test_nothing_is_wrong_with_a_sound_product(sound: Flask) -> None:
    assert wrongs(sound) == []
    result = sound.test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 0, result.output
    assert "ok     audit trail: The chain has" in result.stdout
    quiet = sound.test_cli_runner().invoke(args=["doctor", "--quiet", "--json"])
    assert json.loads(quiet.stdout) == []


@pytest.mark.both_databases
def test_the_triggers_it_looks_for_are_those_of_the_migrations(sound: Flask) -> None:
    expected = health.TRIGGERS_OF_FILE if is_file(sound) else health.TRIGGERS_OF_SERVER
    found = {name for name, enabled in dialects.triggers().items() if enabled and "_search_on_" not in name}
    assert found == expected, "name the triggers of the new migration in hwadmin/db/health.py"


# ---- Settings and surroundings


@pytest.mark.parametrize(
    ("changed", "check", "words"),
    [
        ({"webhook_loopback": True}, "settings", "Webhooks may go to this machine"),
        ({"smtp_url": ""}, "mail", "Mail is written to files"),
        ({}, "settings", "do not lead to a safe address"),
    ],
)
def test_settings_that_do_not_go_together(
    sound: Flask, changed: dict[str, Any], check: str, words: str
) -> None:
    found = wrongs(sound, production=True, https=True, **changed)
    assert (check, True) in [(finding.check, words in finding.sentence) for finding in found]


def test_cookies_without_tls_and_a_proxy_that_is_not_counted(sound: Flask) -> None:
    found = wrongs(sound, base_url="https://hardware.example.com", https=False, proxies=0)
    assert [finding.check for finding in found] == ["settings", "proxy"]
    assert "Cookies also travel without TLS" in found[0].sentence
    assert "HWADMIN_PROXIES is 0" in found[1].sentence


OKTA = IdentityProvider("okta", "Okta", "http://127.0.0.1:9", "hwadmin", "secret", domains=("example.com",))


def test_a_provider_that_is_away_and_nobody_for_emergencies(sound: Flask) -> None:
    away, nobody = wrongs(sound, providers=(OKTA,))
    assert_named([away], "sign-in", "Okta cannot be used: 127.0.0.1:9 does not answer")
    assert_named([nobody], "sign-in", "There is no break-glass account")


def test_a_break_glass_account_that_is_not_ready(sound: Flask) -> None:
    assert_named(wrongs(sound, break_glass="nobody@example.com"), "sign-in", "is no active super-admin")
    ada = World().a_person("Ada Okafor", Role.SUPER_ADMIN)
    assert_named(wrongs(sound, break_glass=ada.email), "sign-in", "has no second factor")
    ada.second_factor_since = utcnow()
    db.session.commit()
    assert wrongs(sound, break_glass=ada.email) == []


def test_an_address_nobody_answers_at(sound: Flask) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert_named(wrongs(sound, base_url=url), "proxy", "does not answer from here")


def test_an_address_that_leads_elsewhere(sound: Flask) -> None:
    with served_by(_Stranger) as url:
        assert_named(wrongs(sound, base_url=url), "proxy", "answers 404, and not as this product")


def test_a_dead_mail_server(sound: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("hwadmin.cli.checks.surroundings.mail.get_connection", refuse)
    assert_named(
        wrongs(sound, smtp_url="smtp://mail.example.com"), "mail", "does not answer as a mail server"
    )


def test_a_mail_server_that_refuses_the_password(sound: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise smtplib.SMTPAuthenticationError(535, b"no")

    monkeypatch.setattr("hwadmin.cli.checks.surroundings.mail.get_connection", refuse)
    assert_named(wrongs(sound, smtp_url="smtp://mail.example.com"), "mail", "refuses the password")


def test_a_full_disk(sound: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 12_000_000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    found = wrongs(sound)
    assert {finding.check for finding in found} == {"disk"}
    assert found[0].sentence.startswith("12 MB are left where")


def test_a_folder_that_cannot_be_written(sound: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert_named(wrongs(sound), "folder", "cannot be written")


def test_a_secret_key_that_others_can_read(sound: Flask, tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("x" * 40)
    (tmp_path / "secret_key").chmod(0o644)
    assert_named(wrongs(sound), "folder", "Others on this machine can read")


# ---- The database


@pytest.mark.both_databases
def test_an_old_schema_and_one_that_is_too_new(sound: Flask) -> None:
    execute("UPDATE alembic_version SET version_num = '0003'")
    found = wrongs(sound)
    assert_named(found, "schema", "The schema is at 0003, this release needs")
    assert found[0].action == "Run hwadmin upgrade."
    execute("UPDATE alembic_version SET version_num = '9999'")
    found = wrongs(sound)
    assert_named(found, "schema", "The schema is at 9999; this release knows")


@pytest.mark.both_databases
def test_a_database_that_was_never_set_up(sound: Flask) -> None:
    execute("DROP TABLE alembic_version")
    assert_named(wrongs(sound), "database", "does not answer, or was never set up")


@pytest.mark.both_databases
def test_a_trigger_that_is_missing(sound: Flask) -> None:
    name = "audit_event_no_update" if is_file(sound) else "audit_event_append_only ON audit_event"
    execute(f"DROP TRIGGER {name}")
    assert_named(wrongs(sound), "triggers", "audit_event: audit_event_")


@only_on("sqlite")  # PostgreSQL keeps its search indexes up by itself.
def test_a_trigger_that_keeps_search_up(sound: Flask) -> None:
    execute("DROP TRIGGER account_search_on_insert")
    assert_named(wrongs(sound), "triggers", "account_search_on_insert")


@only_on("postgresql")  # SQLite cannot switch triggers off.
def test_a_trigger_that_is_switched_off(sound: Flask) -> None:
    execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_is_linked")
    assert_named(wrongs(sound), "triggers", "audit_event: audit_event_is_linked")


@pytest.mark.both_databases
def test_an_index_and_a_table_that_are_missing(sound: Flask) -> None:
    execute("DROP INDEX ix_hardware_order_waiting")
    assert_named(wrongs(sound), "indexes", "ix_hardware_order_waiting")
    execute("DROP TABLE saved_search")
    assert {finding.check for finding in wrongs(sound)} == {"tables", "indexes"}


@only_on("postgresql")  # A file has tables of searched words instead.
def test_an_index_for_searching_or_sorting_that_is_missing(sound: Flask) -> None:
    in_models = {str(index.name) for table in Base.metadata.tables.values() for index in table.indexes}
    beside = {
        (table, index["name"])
        for table in inspect(db.session.connection()).get_table_names()
        for index in inspect(db.session.connection()).get_indexes(table)
        if index["name"] not in in_models and not index.get("duplicates_constraint")
    }
    expected = {(table, name) for table, names in health.INDEXES_OF_SERVER.items() for name in names}
    assert beside == expected
    for name in ("ix_account_lower_name", "ix_device_trigrams"):
        execute(f"DROP INDEX {name}")
        assert_named(wrongs(sound), "indexes", name)


@only_on("postgresql")  # SQLite makes an index or not.
def test_an_index_that_was_half_made(sound: Flask) -> None:
    execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_hardware_order_waiting'::regclass")
    assert_named(wrongs(sound), "indexes", "ix_hardware_order_waiting")


@only_on("postgresql")  # A file has no standby.
def test_a_primary_that_confirms_without_its_standby(sound: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    several = sound.config["HWADMIN"].database_url + "?host=127.0.0.1,127.0.0.2&port=5432,5432"
    assert_named(wrongs(sound, database_url=several), "standby", "confirmed without a standby")
    monkeypatch.setattr("hwadmin.db.health.confirming_standbys", lambda: "db2")
    assert wrongs(sound, database_url=several) == []


def test_a_clock_that_is_off(sound: Flask) -> None:
    with clock.at(utcnow() - timedelta(minutes=10)):
        found = wrongs(sound)
    # Nothing else can be told by a wrong clock.
    assert [finding.check for finding in found if finding.check == "clock"] == ["clock"]
    assert "differ by 600 s" in found[0].sentence or "is from the future" in found[0].sentence


# ---- What goes on


def a_message(**values: Any) -> OutgoingMessage:
    return OutgoingMessage(
        kind=MessageKind.MAIL, type="x", recipient="a@example.com", subject="s", payload="{}", **values
    )


def test_a_worker_that_does_not_run(sound: Flask) -> None:
    db.session.add(a_message(uid="late", next_at=utcnow() - timedelta(hours=2)))
    db.session.commit()
    assert_named(wrongs(sound), "outbox", "due to be sent for 120 minutes")


def test_messages_that_failed_are_noted(sound: Flask) -> None:
    db.session.add(a_message(uid="failed"))
    db.session.commit()
    execute("UPDATE outgoing_message SET next_at = NULL, failed_at = created_at")
    notes = [finding for finding in examine(sound.config["HWADMIN"]) if finding.level is Level.NOTE]
    assert "1 messages failed for good." in [finding.sentence for finding in notes]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("disabled_at = '2026-11-01 00:00:00', disabled_reason = 'Silent'", "Disabled"),
        ("silent_since = '2026-11-01 00:00:00'", "Nobody answers at webhook"),
    ],
)
def test_webhooks_that_nobody_answers(sound: Flask, values: str, words: str) -> None:
    platform = db.session.execute(text("SELECT id FROM platform")).scalar_one()
    execute(
        "INSERT INTO webhook_endpoint (platform_id, url, description, secret, created_at, created_by_name)"
        f" VALUES ({platform}, 'https://x.example', '', 's', '2026-11-01 00:00:00', 'Ada')",
        f"UPDATE webhook_endpoint SET {values}",
    )
    assert_named(wrongs(sound), "webhooks", words)


def _past_triggers(app: Flask, statement: str, trigger: str) -> None:
    if is_file(app):
        [sql] = db.session.execute(
            text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": trigger}
        ).scalars()
        execute(f"DROP TRIGGER {trigger}", statement, sql)
    else:
        execute("SET LOCAL session_replication_role = replica", statement)


@pytest.mark.both_databases
def test_an_audit_trail_whose_end_was_removed(sound: Flask) -> None:
    _past_triggers(sound, "DELETE FROM audit_link", "audit_link_no_delete")
    assert_named(wrongs(sound), "audit trail", "not the one its end names")


def test_an_audit_trail_that_is_not_the_published_one(sound: Flask, tmp_path: Path) -> None:
    (tmp_path / "audit-heads.txt").write_text(f"2026-11-21 1 {'0' * 64}\n")
    assert_named(wrongs(sound), "audit trail", "does not pass through a head that was published")
    (tmp_path / "audit-heads.txt").write_text("nonsense\n")
    assert_named(wrongs(sound), "audit trail", "holds something else than heads")


def test_a_check_that_cannot_be_made_does_not_end_the_others(
    sound: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ProgrammingError("SELECT", {}, Exception())

    monkeypatch.setattr("hwadmin.cli.checks.work.backlog", fail)
    assert_named(wrongs(sound), "outbox moves", "could not be looked at (ProgrammingError)")


# ---- Roles and grants, on a server


GRANTS: dict[str, tuple[str, str]] = {
    "an audit event may be changed": ("GRANT UPDATE ON audit_event TO {role}", "may UPDATE audit_event"),
    "the chain may be written": ("GRANT INSERT ON audit_link TO {role}", "may INSERT audit_link"),
    "a table cannot be read": ("REVOKE SELECT ON device FROM {role}", "may not SELECT device"),
    "the version may be changed": ("GRANT UPDATE ON alembic_version TO {role}", "may UPDATE alembic_version"),
}


@pytest.fixture(scope="module")
def deployed() -> Callable[..., list[Finding]]:
    """Looks at what the runtime role of a server may do."""

    def look(deployment: Deployment, *statements: str) -> list[Finding]:
        with psycopg.connect(deployment.owner, autocommit=True) as owner:
            for statement in statements:
                owner.execute(statement.encode())
        with deployment.app.app_context():
            settings = deployment.app.config["HWADMIN"]
            return [one for one in examine(settings) if one.check in {"role", "grants"}]

    return look


@pytest.mark.slow
def test_wrong_grants_are_named(
    request: pytest.FixtureRequest, deployed: Callable[..., list[Finding]]
) -> None:
    deployment: Deployment = request.getfixturevalue("deployment")
    role = deployment.owner_role.replace("owner", "runtime")
    assert [finding.level for finding in deployed(deployment)] == [Level.FINE, Level.FINE]
    for statement, words in GRANTS.values():
        [_, found] = deployed(deployment, statement.format(role=role))
        assert found.level is Level.WRONG
        assert words in found.sentence
        undo = statement.replace("GRANT", "X").replace("REVOKE", "GRANT").replace("X", "REVOKE")
        undo = undo.replace(" TO ", " Y ").replace(" FROM ", " TO ").replace(" Y ", " FROM ")
        assert [one.level for one in deployed(deployment, undo.format(role=role))] == [Level.FINE] * 2
    # The right to change some columns went with that to change all of them.
    columns = "actor_name, account_name, summary, reason, details, salt, redaction_id"
    deployed(deployment, f"GRANT UPDATE ({columns}) ON audit_event TO {role}")
    [found] = deployed(deployment, f"GRANT CREATE ON SCHEMA public TO {role}")
    assert "may make objects in the schema" in found.sentence
    deployed(deployment, f"REVOKE CREATE ON SCHEMA public FROM {role}")


# ---- Upgrading


@pytest.mark.both_databases
def test_upgrade_says_what_it_would_do_and_does_it(own_app: Flask) -> None:
    run = own_app.test_cli_runner().invoke
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        World().an_order()
        db.session.commit()
        db.session.remove()
    assert run(args=["upgrade", "--check"]).stdout == "The schema is that of this release.\n"
    with own_app.app_context():
        flask_migrate.downgrade(revision="0016")
    found = json.loads(run(args=["upgrade", "--check", "--json"]).stdout)
    assert found["schema"] == "0016"
    assert found["pending"][0] == ["0017", "fix search path of functions"]
    done = run(args=["upgrade"])
    assert done.exit_code == 0, done.output
    assert f"The schema is at {found['release']} now." in done.stdout
    with own_app.app_context():
        execute("UPDATE alembic_version SET version_num = '9999'")
        db.session.remove()
    refused = run(args=["upgrade", "--check"])
    assert refused.exit_code == 1
    assert "install a newer one" in refused.stderr

"""Backing up and restoring: consistent while others write, proven, and damaged backups refused."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from click.testing import Result
from flask import Flask
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import func, select, text

from hwadmin.cli.backup_files import MANIFEST
from hwadmin.config import Settings
from hwadmin.db import dialects
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import unit_of_work
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.factory import create_app
from hwadmin.models import HardwareOrder, Platform
from hwadmin.operations.people.platforms import create_platform
from tests import databases
from tests.builders import World

pytestmark = pytest.mark.both_databases


@pytest.fixture
def own_settings(own_database: Settings, tmp_path: Path) -> Settings:
    return replace(own_database, instance=tmp_path / "instance")


@pytest.fixture
def site(own_settings: Settings) -> Iterator[Flask]:
    """A database with some orders in it."""
    app = databases.new_app(own_settings)
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        world.an_order("fulfilled", [("deskphone", 2)])
        world.an_order("rejected")
        db.session.commit()
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def empty(own_settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """The product on an empty database of the same kind."""
    name = f"hwadmin_test_{uuid.uuid4().hex[:12]}"
    file = dialects.file_of(own_settings.database_url)
    if file is None:
        url = own_settings.database_url.rsplit("/", 1)[0] + f"/{name}"
        with psycopg.connect(databases.SERVER, autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}".encode())
    else:
        url = f"sqlite:///{tmp_path / 'restored' / 'other.sqlite3'}"
        (tmp_path / "restored").mkdir()
    app = create_app(replace(own_settings, database_url=url, instance=tmp_path / "restored"))
    yield app
    with app.app_context():
        db.engine.dispose()
    if file is None:
        with psycopg.connect(databases.SERVER, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def run(app: Flask, *arguments: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


def backed_up(app: Flask, folder: Path) -> Path:
    result = run(app, "backup", folder, "--json")
    assert result.exit_code == 0, result.output
    return Path(json.loads(result.stdout)["folder"])


def orders(app: Flask) -> int:
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        return db.session.scalar(select(func.count()).select_from(HardwareOrder)) or 0


@pytest.mark.slow
def test_what_is_backed_up_comes_back_and_is_proven(site: Flask, empty: Flask, tmp_path: Path) -> None:
    (tmp_path / "instance" / "secret_key").write_text("a secret")
    assert run(site, "audit", "publish").exit_code == 0
    folder = backed_up(site, tmp_path / "backups")
    assert folder.stat().st_mode & 0o077 == 0
    restored = run(empty, "restore", folder, "--verify")
    assert restored.exit_code == 0, restored.output
    assert "Verified: every table has its rows" in restored.stdout
    assert orders(empty) == orders(site) == 2
    assert (tmp_path / "restored" / "secret_key").read_text() == "a secret"
    assert (tmp_path / "restored" / "audit-heads.txt").exists()
    assert run(empty, "audit", "verify").exit_code == 0
    # It works on: the triggers and counters came along.
    created = run(empty, "person", "create", "noor@example.com", "--name", "Noor", "--role", "super_admin")
    assert created.exit_code == 0, created.output
    assert run(empty, "audit", "verify").exit_code == 0
    again = run(empty, "restore", folder)
    assert again.exit_code == 1
    assert "Nothing was restored. The database is not empty." in again.stderr
    assert orders(empty) == 2


@pytest.mark.slow
def test_a_backup_is_one_moment_while_others_write(site: Flask, empty: Flask, tmp_path: Path) -> None:
    stop, begun = threading.Event(), threading.Event()

    def write() -> None:
        with site.app_context(), acting_as(db.session, COMMAND_LINE):
            for number in range(10_000):
                if stop.is_set():
                    break
                with unit_of_work():
                    create_platform(COMMAND_LINE, name=f"Planet {number}")
                begun.set()
            db.session.remove()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert begun.wait(30)
        folders = [backed_up(site, tmp_path / f"backups-{number}") for number in range(2)]
    finally:
        stop.set()
        writer.join(30)
    rows = [json.loads((folder / MANIFEST).read_text())["rows"] for folder in folders]
    assert rows[0]["platform"] < rows[1]["platform"]
    # Each platform is created with one event, and each event has its link, whenever one looks.
    assert all(found["audit_event"] == found["audit_link"] for found in rows)
    assert run(empty, "restore", folders[1], "--verify").exit_code == 0
    with empty.app_context(), acting_as(db.session, COMMAND_LINE):
        assert db.session.scalar(select(func.count()).select_from(Platform)) == rows[1]["platform"]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.slow
def test_a_damaged_backup_is_refused_and_nothing_is_written(
    site: Flask, empty: Flask, tmp_path: Path
) -> None:
    folder = backed_up(site, tmp_path / "backups")
    whole = {path.name: path.read_bytes() for path in folder.iterdir()}
    manifest = folder / MANIFEST
    for damage, sentence in (
        (lambda: flip(folder / "database"), "database is not what was written"),
        (lambda: cut(folder / "database"), "database is not what was written"),
        ((folder / "database").unlink, "database is missing"),
        (manifest.unlink, "it is no backup"),
        (lambda: manifest.write_text(manifest.read_text()[:-3]), "cannot be read"),
        (
            lambda: manifest.write_text(
                manifest.read_text().replace('"hardware_order": 2', '"hardware_order": 3')
            ),
            "backup.json is not what was written",
        ),
        (lambda: manifest.write_text("[]"), "cannot be read"),
    ):
        damage()
        refused = run(empty, "restore", folder, "--verify")
        assert refused.exit_code == 1, sentence
        assert refused.stderr.startswith("Error: Nothing was restored. ")
        assert sentence in refused.stderr
        for name, content in whole.items():
            (folder / name).write_bytes(content)
    unfinished = folder.rename(folder.with_name("x.part"))
    assert "never finished" in run(empty, "restore", unfinished).stderr
    assert run(empty, "restore", unfinished.rename(folder), "--verify").exit_code == 0


@pytest.mark.slow
def test_a_backup_of_a_broken_audit_trail_is_restored_but_not_called_good(
    site: Flask, empty: Flask, tmp_path: Path
) -> None:
    with site.app_context():
        switch = "SET session_replication_role = replica" if db.engine.dialect.name == "postgresql" else None
        with db.engine.begin() as connection:
            if switch:
                connection.execute(text(switch))
            else:
                connection.execute(text("DROP TRIGGER audit_event_no_update"))
            connection.execute(text("UPDATE audit_event SET summary = 'Nothing' WHERE id = 2"))
            if switch:
                connection.execute(text("SET session_replication_role = DEFAULT"))
    result = run(empty, "restore", backed_up(site, tmp_path / "backups"), "--verify")
    assert result.exit_code == 1
    assert "The audit trail is broken after link 1" in result.stderr


def test_a_place_that_cannot_be_written_is_a_sentence(site: Flask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = run(site, "backup", tmp_path / "file")
    assert refused.exit_code == 2
    refused = run(site, "backup", tmp_path / "file" / "below")
    assert refused.exit_code == 1
    assert "No backup was made." in refused.stderr


def test_only_the_folder_of_the_backups_is_made(site: Flask, tmp_path: Path) -> None:
    refused = run(site, "backup", tmp_path / "mistyped" / "backups")
    assert (refused.exit_code, "No such file or directory" in refused.stderr) == (1, True)
    assert not (tmp_path / "mistyped").exists()


def test_the_password_is_no_argument_of_a_program(site: Flask) -> None:
    address, password = dialects.client_address("postgresql+psycopg://ada:s%40crt@db.example:5433/hwadmin")
    assert (address, password) == ("postgresql://ada@db.example:5433/hwadmin", "s@crt")


def test_a_backup_is_fetched_by_tls_and_from_the_hosts_that_the_address_names() -> None:
    asked = "host=10.0.0.21,10.0.0.22&port=5432,5432&sslmode=verify-full&target_session_attrs=read-write"
    address, _ = dialects.client_address(f"postgresql+psycopg://ada:s@/hwadmin?{asked}")
    read = conninfo_to_dict(address)
    assert read == dict(part.split("=") for part in asked.split("&")) | {"user": "ada", "dbname": "hwadmin"}

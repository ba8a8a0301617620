"""The command ``hwadmin``: that it runs from anywhere, what it prints for programs, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask

from hwadmin.__main__ import main
from hwadmin.cli import COMMANDS
from hwadmin.cli.program import CANNOT_WORK, program
from hwadmin.clock import utcnow
from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.models import MessageKind, OutgoingMessage
from hwadmin.operations.people.tokens import authenticate_token
from tests.builders import World
from tests.guards.source_tree import ROOT

SCRIPT = ROOT / "bin/hwadmin"


def start(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, from another folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HWADMIN_", "PYTHONPATH"))}
    return subprocess.run(
        [str(SCRIPT), *arguments],
        cwd=folder,
        env=kept | {"HWADMIN_INSTANCE": str(folder), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def run(app: Flask, *arguments: str, **kwargs: Any) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments), **kwargs)


def all_commands(group: click.Group, *path: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from all_commands(command, *path, name)
        else:
            yield " ".join((*path, name)), command


# ---- As a process


@pytest.mark.slow
def test_the_script_runs_from_any_folder_and_takes_no_other_hwadmin(tmp_path: Path) -> None:
    (tmp_path / "hwadmin").mkdir()
    (tmp_path / "hwadmin/__init__.py").write_text("raise SystemExit(9)")
    result = start(tmp_path, "--version")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("hwadmin 0.")


@pytest.mark.slow
def test_the_script_ends_with_3_where_it_cannot_work_and_says_what_to_do(tmp_path: Path) -> None:
    never_set_up = start(tmp_path, "person", "list", "--json")
    assert never_set_up.returncode == 3
    assert never_set_up.stdout == ""
    assert never_set_up.stderr == "Error: The database was never set up: run hwadmin upgrade.\n"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("HWADMIN_PROXIES", "two", "Error: HWADMIN_PROXIES must be a whole number, not 'two'.\n"),
        (
            "HWADMIN_DATABASE_URL",
            "postgresql://nobody:planted@127.0.0.1:1/nothing",
            "Error: The database does not answer",
        ),
        (
            "HWADMIN_DATABASE_URL",
            "mysql://nobody:planted@127.0.0.1/nothing",
            "Error: HWADMIN_DATABASE_URL must begin with postgresql:// or sqlite:///.",
        ),
    ],
)
def test_it_ends_with_3_where_a_setting_or_the_database_is_wrong(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    sentence: str,
) -> None:
    monkeypatch.setenv("HWADMIN_INSTANCE", str(tmp_path))
    monkeypatch.setenv(name, value)
    # A command of this process has its log already.
    monkeypatch.setattr("hwadmin.logs.configure", lambda _settings: None)
    monkeypatch.setattr(sys, "argv", ["hwadmin", "person", "list"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == CANNOT_WORK
    out, err = capsys.readouterr()
    assert (out, err.startswith(sentence), "planted" in err) == ("", True, False)


def test_it_ends_with_2_where_the_command_is_not_understood() -> None:
    assert CliRunner().invoke(program, ["person", "dance"]).exit_code == 2


@pytest.mark.slow
def test_the_script_does_what_flask_does(own_database: Settings, tmp_path: Path) -> None:
    environ = {"HWADMIN_DATABASE_URL": own_database.database_url, "HWADMIN_SECRET_KEY": "k" * 40}
    arguments = ["person", "create-super-admin", "noor@example.com", "--name", "Noor", "--password-stdin"]
    created = subprocess.run(
        [str(SCRIPT), *arguments, "--json"],
        env=os.environ | environ,
        input="tall walnut under bridge\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (created.returncode, created.stderr) == (0, "")
    assert json.loads(created.stdout)["email"] == "noor@example.com"
    listed = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "person", "list"],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert listed.stdout.startswith("noor@example.com\tNoor\tSuper-admin\tall\tactive")


# ---- Help


def test_every_command_says_what_it_does_in_sentences() -> None:
    found = dict(all_commands(program))
    assert {"person create", "token create", "outbox run", "db upgrade"} <= set(found)
    for name, command in found.items():
        if name.startswith("db "):
            continue
        assert (command.help or "").strip().endswith("."), name
        options = [option for option in command.params if isinstance(option, click.Option)]
        assert [option.name for option in options if not option.help and option.name != "role"] == [], name


def test_every_command_that_ends_can_answer_in_json() -> None:
    without = {
        name
        for group in COMMANDS
        if isinstance(group, click.Group)
        for name, command in all_commands(group, group.name or "")
        if "as_json" not in {parameter.name for parameter in command.params}
    }
    assert without == {"outbox run", "demo load"}


# ---- What it prints for programs


def test_people_are_created_listed_and_enabled_with_json(world: World, app: Flask) -> None:
    made = run(
        app, "person", "create", "noor@example.com", "--name", "Noor", "--role", "platform_admin",
        "--platform", world.northwind.name, "--json",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    document = json.loads(made.stdout)
    assert len(document.pop("password")) > 20
    assert document == {
        "email": "noor@example.com",
        "name": "Noor",
        "role": "platform_admin",
        "all_platforms": False,
        "platforms": [world.northwind.name],
        "disabled_at": None,
    }
    assert json.loads(run(app, "person", "disable", "noor@example.com", "--json").stdout)["disabled_at"]
    assert run(app, "person", "enable", "noor@example.com").stdout == "Noor may sign in again.\n"
    assert document in json.loads(run(app, "person", "list", "--json").stdout)
    new = json.loads(run(app, "person", "reset-password", "noor@example.com", "--json").stdout)["password"]
    assert len(new) > 20
    again = run(app, "person", "enable", "noor@example.com", "--json")
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr == "Error: Noor is not disabled.\n"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--platform", "Nowhere"], "There is no platform named Nowhere."),
        (["--password-stdin", "--all-platforms"], "Use 15 characters or more."),
    ],
)
def test_nobody_is_created_where_something_is_wrong(
    world: World, app: Flask, more: list[str], sentence: str
) -> None:
    arguments = ["person", "create", "noor@example.com", "--name", "Noor", "--role", "support", *more]
    refused = run(app, *arguments, input="short\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert sentence in refused.stderr
    assert "noor@example.com" not in run(app, "person", "list").stdout


def test_a_token_as_json_is_a_token(world: World, app: Flask) -> None:
    made = json.loads(run(app, "token", "create", world.piet.email, "--days", "3", "--json").stdout)
    assert authenticate_token(made["token"]) is not None
    [listed] = json.loads(run(app, "token", "list", "--json").stdout)
    assert listed == {key: value for key, value in made.items() if key != "token"}
    assert made["token"] not in json.dumps(listed)
    service = ["token", "create-service", world.northwind.name, "Billing", "--days", "30", "--json"]
    assert authenticate_token(json.loads(run(app, *service).stdout)["token"]) is not None
    assert json.loads(run(app, "token", "revoke", made["prefix"], "--json").stdout)["state"] == "revoked"


def test_the_audit_trail_and_what_waits_as_json(world: World, app: Flask) -> None:
    verdict = json.loads(run(app, "audit", "verify", "--json").stdout)
    assert verdict["whole"] is True
    assert verdict["fault"] is None
    assert json.loads(run(app, "outbox", "status", "--json").stdout) == {
        "events": 0, "mails": 0, "webhooks": 0, "late_seconds": 0.0, "failed": 0,
    }  # fmt: skip
    db.session.add(
        OutgoingMessage(
            uid="a",
            kind=MessageKind.MAIL,
            type="x",
            recipient="a@example.com",
            subject="s",
            payload="{}",
            next_at=utcnow(),
        )
    )
    db.session.commit()
    status = run(app, "outbox", "status").stdout
    assert "1 mails and 0 webhook messages wait to be sent.\nNothing is late.\n" in status
    assert json.loads(run(app, "retention", "prune", "--dry-run", "--json").stdout)["dry_run"] is True

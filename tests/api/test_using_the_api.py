"""The commands of docs/integrations/api.md do what the text says, pasted as they are."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.operations.people import tokens
from tests.api.fuzzing import served
from tests.builders import World

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_the_commands_of_the_docs_do_what_the_text_says(own_app: Flask) -> None:
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        world.item(Kind.DESKPHONE)
        secrets = {
            "piet": tokens.create_token(COMMAND_LINE, world.piet.id, name="Docs", acts_without_proof=True)[1],
            "ada": tokens.create_token(COMMAND_LINE, world.ada.id, name="Docs", acts_without_proof=True)[1],
        }
        db.session.commit()
        db.session.remove()
    page = (ROOT / "docs/integrations/api.md").read_text()
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```", page, re.M | re.S))
    with served(own_app) as url:
        script = script.replace("http://127.0.0.1:8000", url).replace(".venv/bin/python", sys.executable)
        for name, secret in secrets.items():
            command = f"$(.venv/bin/hwadmin token create {name}@example.com 2>/dev/null)"
            assert command in script
            script = script.replace(command, secret)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            cwd=ROOT,
        )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert re.fullmatch(r"HW-\d{6}", lines[0])
    assert lines[1:4] == ["approved", "False", "fulfilled"]
    assert '"kind": "order.fulfilled"' in done.stdout
    assert '"status": "submitted"' in done.stderr or '"status":"submitted"' in done.stderr

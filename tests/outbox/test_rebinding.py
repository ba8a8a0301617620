"""A name that leads elsewhere at its second look, by a real name server: nothing of ours ever goes inside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.outbox.rebinding import NAME

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What arrived where, of the webhooks that rebinding.py sends."""
    apart = ["unshare", "--net", "--mount"]
    if not all(map(shutil.which, ("unshare", "ip", "openssl"))) or os.geteuid():
        pytest.skip("A network apart can be made by root alone.")
    if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode:
        pytest.skip("There is no network apart to be had.")
    folder = tmp_path_factory.mktemp("apart")
    subprocess.run(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout key.pem"
        f" -out certificate.pem -subj /CN={NAME} -addext subjectAltName=DNS:{NAME},IP:127.0.0.1".split(),
        cwd=folder,
        check=True,
        capture_output=True,
    )
    command = [*apart, sys.executable, "-m", "tests.outbox.rebinding", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_nothing_of_ours_goes_inside_whatever_the_name_server_says(cases: dict[str, Any]) -> None:
    assert {case: row["inside"] for case, row in cases.items()} == dict.fromkeys(cases, 0)


def test_what_the_name_led_to_when_it_was_looked_at_is_where_it_goes(cases: dict[str, Any]) -> None:
    assert cases["outside"]["statuses"] == [200] * 4
    # Looked up once for each attempt, and never between the look and the connection.
    turns = cases["first outside, then inside"]
    assert (turns["asked"], turns["outside"], turns["statuses"]) == (4, 2, [200, None, 200, None])
    for case in ("inside", "inside behind outside"):
        assert cases[case]["outside"] == 0
        assert all(problem.startswith("Not sent: ") for problem in cases[case]["problems"]), cases[case]


def test_no_redirect_is_followed(cases: dict[str, Any]) -> None:
    row = cases["outside, and leading inside"]
    assert (row["outside"], row["asked"], row["statuses"]) == (4, 4, [307] * 4)

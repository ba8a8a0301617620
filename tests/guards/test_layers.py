"""Data flows one way: the contracts in pyproject.toml hold, and each of them can fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lint(folder: Path) -> tuple[bool, str]:
    """Whether the code in the folder keeps its contracts, and what the check says."""
    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return result.returncode == 0, result.stdout + result.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(
        ROOT / "hwadmin", tmp_path / "hwadmin", ignore=shutil.ignore_patterns("__pycache__", "static")
    )
    return tmp_path


def test_imports_point_downwards() -> None:
    kept, report = lint(ROOT)
    assert kept, report


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("operations/audit/recording.py", "from hwadmin.views import gate", "Imports point downwards"),
        ("queries/scope.py", "from hwadmin.operations import audit", "Imports point downwards"),
        ("domain/lifecycle.py", "from hwadmin.models import Person", "Imports point downwards"),
        ("somewhere.py", "x = 1", "Imports point downwards"),
        ("scim/routes.py", "from hwadmin.api import paging", "Imports point downwards"),
        ("outbox/polling.py", "from hwadmin.views import site", "Imports point downwards"),
        (
            "operations/units/spares.py",
            "from hwadmin.operations.orders import notes",
            "The areas",
        ),
        (
            "operations/orders/notes.py",
            "from hwadmin.operations.devices import devices",
            "The areas",
        ),
        ("operations/lending/__init__.py", "x = 1", "The areas"),
        ("db/extensions.py", "from hwadmin.db import unit_of_work", "No two packages or modules"),
        (
            "domain/ordering/cost_allocation.py",
            "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from hwadmin.domain.ordering import basket",
            "No two packages or modules",
        ),
        ("queries/scope.py", "import flask", "Business code knows nothing of HTTP"),
        (
            "operations/audit/recording.py",
            "from werkzeug.exceptions import NotFound",
            "Business code knows nothing of HTTP",
        ),
        ("domain/permissions.py", "import sqlalchemy", "The rules need neither HTTP nor a database"),
    ],
)
def test_an_import_against_the_flow_is_found(copy: Path, module: str, line: str, contract: str) -> None:
    (copy / "hwadmin" / module).parent.mkdir(exist_ok=True)
    with (copy / "hwadmin" / module).open("a") as file:
        file.write(f"\n{line}\n")
    kept, report = lint(copy)
    assert not kept
    assert any(text.startswith(contract) and " BROKEN" in text for text in report.splitlines()), report

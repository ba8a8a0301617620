"""Data flows one way: the contracts in pyproject.toml hold, and each of them can fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

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


def broken(report: str) -> dict[str, str]:
    """What the check says against each contract that does not hold."""
    _, told = report.split("Broken contracts\n", 1)
    parts = re.split(r"\n\n(\S.*)\n-{20,}\n\n", told)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_imports_point_downwards() -> None:
    kept, report = lint(ROOT)
    assert kept, report


LAYERS = "Imports point downwards; a new module says where it stands"
AREAS = "The areas of operations need each other in one direction"
CIRCLES = "No two packages or modules need each other, not even for the type checker"
NO_HTTP = "Business code knows nothing of HTTP"
PURE = "The rules need neither HTTP nor a database"
# A module, a line that must not stand in it, the contract that forbids it, and how the check names it.
AGAINST_THE_FLOW = (
    (
        "operations/audit/recording.py",
        "from hwadmin.views import gate",
        LAYERS,
        "hwadmin.operations.audit.recording -> hwadmin.views ",
    ),
    (
        "queries/scope.py",
        "from hwadmin.operations import audit",
        LAYERS,
        "hwadmin.queries.scope -> hwadmin.operations.audit ",
    ),
    (
        "domain/lifecycle.py",
        "from hwadmin.models import Person",
        LAYERS,
        "hwadmin.domain.lifecycle -> hwadmin.models ",
    ),
    ("somewhere.py", "x = 1", LAYERS, "not listed as layers:\n\n- hwadmin.somewhere\n"),
    (
        "scim/routes.py",
        "from hwadmin.api import paging",
        LAYERS,
        "hwadmin.scim.routes -> hwadmin.api.paging ",
    ),
    (
        "outbox/polling.py",
        "from hwadmin.views import site",
        LAYERS,
        "hwadmin.outbox.polling -> hwadmin.views.site ",
    ),
    (
        "operations/units/spares.py",
        "from hwadmin.operations.orders import notes",
        AREAS,
        "hwadmin.operations.units.spares -> hwadmin.operations.orders.notes ",
    ),
    (
        "operations/orders/notes.py",
        "from hwadmin.operations.devices import devices",
        AREAS,
        "hwadmin.operations.orders.notes -> hwadmin.operations.devices.devices ",
    ),
    (
        "operations/lending/__init__.py",
        "x = 1",
        AREAS,
        "not listed as layers:\n\n- hwadmin.operations.lending\n",
    ),
    (
        "db/extensions.py",
        "from hwadmin.db import unit_of_work",
        CIRCLES,
        "hwadmin.db.\nIt could be made acyclic by removing 1 dependency:\n\n- .unit_of_work -> .extensions ",
    ),
    (
        "domain/ordering/cost_allocation.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from hwadmin.domain.ordering import basket",
        CIRCLES,
        "hwadmin.domain.ordering.\nIt could be made acyclic by removing 1 dependency:\n\n"
        "- .cost_allocation -> .basket ",
    ),
    ("queries/scope.py", "import flask", NO_HTTP, "hwadmin.queries.scope -> flask "),
    (
        "operations/audit/recording.py",
        "from werkzeug.exceptions import NotFound",
        NO_HTTP,
        "hwadmin.operations.audit.recording -> werkzeug ",
    ),
    ("domain/permissions.py", "import sqlalchemy", PURE, "hwadmin.domain.permissions -> sqlalchemy "),
)


def test_every_import_against_the_flow_is_found(tmp_path: Path) -> None:
    """All of them stand in one copy of the code; each must be named, under the contract that forbids it."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(
        ROOT / "hwadmin", tmp_path / "hwadmin", ignore=shutil.ignore_patterns("__pycache__", "static")
    )
    for module, line, _, _ in AGAINST_THE_FLOW:
        path = tmp_path / "hwadmin" / module
        path.parent.mkdir(exist_ok=True)
        with path.open("a") as file:
            file.write(f"\n{line}\n")
    kept, report = lint(tmp_path)
    assert not kept
    told = broken(report)
    assert [case for case in AGAINST_THE_FLOW if case[3] not in told.get(case[2], "")] == [], report

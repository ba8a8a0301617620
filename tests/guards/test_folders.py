"""Where files lie: few in a folder, few at the top, and the same areas in every layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from pathlib import PurePosixPath

import pytest

from tests.guards.source_tree import MODULES, ROOT

MAX_FILES = 15
MAX_LOOSE_MODULES = 6

# This list only gets shorter.
CROWDED_STILL: set[str] = set()

AREAS = {
    "orders",
    "fulfillment",
    "units",
    "ordering",
    "devices",
    "accounts",
    "directory",
    "catalog",
    "people",
    "audit",
    "outgoing",
    "search",
    "dashboard",
}
# Each folder that is divided by area, with what else may lie in it: what all areas share.
BY_AREA = {
    "hwadmin/operations": set[str](),
    "hwadmin/queries": {"scope.py", "sorting.py", "text_match.py"},
    "hwadmin/forms": {"fields.py"},
    "hwadmin/views": {"site.py"},
    "templates/admin/hw": {
        "admin_views",
        "api",
        "_export.html",
        "_unsaved_input.html",
        "_macros.html",
        "base.html",
        "error.html",
    },
    "tests/operations": {
        "refusals.py",
        "test_builders.py",
        "test_clock_jumps.py",
        "test_demo.py",
        "test_quick_sql.py",
        "test_tenancy.py",
        "test_unit_of_work.py",
    },
    "tests/views": {"test_every_action.py", "test_hostile_input.py"},
}


def crowded_folders(paths: Collection[str]) -> list[str]:
    """Folders with too many files beside their sub-folders."""
    counts = Counter(PurePosixPath(path).parent.as_posix() for path in paths)
    return sorted(folder for folder, count in counts.items() if count > MAX_FILES)


def loose_modules(paths: Collection[str]) -> list[str]:
    """Modules that lie in no folder."""
    return sorted(path for path in paths if "/" not in path and path != "__init__.py")


def of_no_area(names: Collection[str], shared: Collection[str]) -> list[str]:
    """What lies in a folder divided by area and is none, nor shared by all."""
    return sorted(set(names) - AREAS - set(shared) - {"__init__.py", "__pycache__"})


def test_no_folder_is_crowded() -> None:
    crowded = set(crowded_folders(MODULES))
    assert crowded - CROWDED_STILL == set(), f"{MAX_FILES} files at most beside the sub-folders"
    assert CROWDED_STILL - crowded == set(), "few enough: take it off the list"


def test_few_modules_lie_loose() -> None:
    assert len(loose_modules(MODULES)) <= MAX_LOOSE_MODULES, loose_modules(MODULES)


@pytest.mark.parametrize("folder", BY_AREA)
def test_every_layer_has_the_same_areas(folder: str) -> None:
    assert of_no_area([path.name for path in (ROOT / folder).iterdir()], BY_AREA[folder]) == []


# ---- The guards can fail


def test_a_crowded_folder_is_found() -> None:
    files = [f"domain/rule_{number}.py" for number in range(MAX_FILES)]
    assert crowded_folders([*files, "domain/prices/one.py"]) == []
    assert crowded_folders([*files, "domain/rule.py"]) == ["domain"]


def test_a_loose_module_is_found() -> None:
    assert loose_modules(["__init__.py", "clock.py", "domain/money.py"]) == ["clock.py"]


def test_an_area_of_another_name_is_found() -> None:
    assert of_no_area(["orders", "__init__.py", "scope.py", "purchases", "prices.py"], ["scope.py"]) == [
        "prices.py",
        "purchases",
    ]

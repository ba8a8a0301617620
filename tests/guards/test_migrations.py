"""Migrations come in two steps, so that the release before serves while the next one is brought in."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
# Those up to here were there before the rule; see docs/admin/upgrade.md.
_BEFORE_THE_RULE = 30
# What a process of the release before would stumble over.
_TAKES_AWAY = re.compile(
    r"drop_column|drop_table|rename_table|new_column_name|\bDROP (TABLE|COLUMN)\b|\bRENAME (TO|COLUMN)\b"
    r"|alter_column\([^)]*nullable=False",
    re.IGNORECASE,
)
_CONTRACTS = re.compile(r"^Contract \d{4}: ")


def is_allowed(text: str) -> bool:
    """Whether a migration only adds, or says which earlier one it is the second step of."""
    module = ast.parse(text)
    upgrade = next(
        (node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade"), None
    )
    if upgrade is None:
        return True
    # What it does, with the texts above it; the way back may take away.
    rest = [
        node for node in module.body if not (isinstance(node, ast.FunctionDef) and node.name == "downgrade")
    ]
    done = "\n".join(ast.unparse(node) for node in rest[1:])
    return not _TAKES_AWAY.search(done) or bool(_CONTRACTS.match(ast.get_docstring(module) or ""))


def test_a_migration_only_adds_or_says_what_it_completes() -> None:
    later = [path for path in MIGRATIONS.glob("[0-9]*.py") if int(path.name[:4]) > _BEFORE_THE_RULE]
    assert [path.name for path in later if not is_allowed(path.read_text())] == [], (
        "A migration only adds; one that completes an earlier one begins with “Contract NNNN: ”."
    )


def misnumbered(texts: Mapping[str, str]) -> list[str]:
    """The files that do not have the next number, in their name, their revision and the one before it."""
    wrong = []
    for number, name in enumerate(sorted(texts), 1):
        before = f'"{number - 1:04}"' if number > 1 else "None"
        lines = (f'revision = "{number:04}"', f"down_revision = {before}")
        if not (name.startswith(f"{number:04}_") and all(f"\n{line}\n" in texts[name] for line in lines)):
            wrong.append(name)
    return wrong


def test_migrations_are_numbered_one_after_the_other() -> None:
    assert misnumbered({path.name: path.read_text() for path in MIGRATIONS.glob("*.py")}) == [], (
        "Give the file, `revision` and `down_revision` the next numbers; `hwadmin db migrate` does."
    )


def test_a_migration_with_another_number_is_found() -> None:
    first = {"0001_a.py": '\nrevision = "0001"\ndown_revision = None\n'}
    second = '\nrevision = "0002"\ndown_revision = "0001"\n'
    assert misnumbered(first | {"0002_b.py": second}) == []
    assert misnumbered(first | {"0003_b.py": second}) == ["0003_b.py"]
    assert misnumbered(first | {"0002_b.py": second.replace("0001", "0000")}) == ["0002_b.py"]


_TAKING = '"""{}"""\ndef upgrade():\n    op.drop_column("device", "old")\ndef downgrade():\n    pass\n'


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        (_TAKING.format("Drop a column."), False),
        (_TAKING.format("Contract 0031: drop the column nobody reads any more."), True),
        ('"""Add."""\ndef upgrade():\n    op.alter_column("unit", "note", nullable=False)\n', False),
        ('"""Add."""\ndef upgrade():\n    op.execute("ALTER TABLE unit RENAME COLUMN a TO b")\n', False),
        (_TAKING.replace("op.drop_column", "op.add_column", 1).replace("pass", "op.drop_column(1)"), True),
    ],
)
def test_what_takes_away_unannounced_is_found(text: str, allowed: bool) -> None:
    assert is_allowed(text) is allowed

"""Migrations come in two steps, so that the release before serves while the next one is brought in."""

from __future__ import annotations

import ast
import re
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


def test_migrations_are_numbered_one_after_the_other() -> None:
    stated = [
        (
            path.name[:4],
            *re.findall(r'^(?:down_)?revision = (?:"(\d+)"|None)', path.read_text(), re.MULTILINE),
        )
        for path in sorted(MIGRATIONS.glob("*.py"))
    ]
    numbers = [f"{number:04}" for number in range(len(stated) + 1)]
    assert stated == list(zip(numbers[1:], numbers[1:], ["", *numbers[1:-1]], strict=True)), (
        "Give the file, `revision` and `down_revision` the next numbers; `hwadmin db migrate` does."
    )


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

"""The source of the product, for the guards: its modules, parsed once each."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "hwadmin"

MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@cache
def tree_of(module: str) -> ast.Module:
    """The syntax tree of a module, which is named by its path in the package."""
    return ast.parse((PACKAGE / module).read_text())


@cache
def nodes_of(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Everything in a tree, collected once for all rules that look through it."""
    return tuple(ast.walk(tree))

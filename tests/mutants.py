"""Mutation testing of the rules: each is changed a little, one change at a time, and some test must fail.

``python -m tests.mutants`` (make mutants) tries a sample of all changes and lists those no test noticed.
A change is made while the module is imported; no file is written.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.machinery
import os
import random
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# The rules, and the tests that are quick and about them.
PURE: dict[str, tuple[str, ...]] = {
    "hwadmin/domain/lifecycle.py": ("tests/pure/test_lifecycle.py",),
    "hwadmin/domain/permissions.py": ("tests/pure/test_permissions.py", "tests/pure/test_lifecycle.py"),
    "hwadmin/domain/audit_hash_chain.py": ("tests/pure/test_audit_hash_chain.py",),
    "hwadmin/domain/ordering/upgrade_eligibility.py": ("tests/pure/ordering/test_upgrade_eligibility.py",),
    "hwadmin/domain/ordering/cost_allocation.py": ("tests/pure/ordering/test_cost_allocation.py",),
    # The likeliest first: the first test that fails ends a run.
    **{
        f"hwadmin/identifiers/{module}.py": (
            f"tests/pure/identifiers/test_{test}.py",
            "tests/pure/identifiers",
        )
        for module, test in (
            *((f"formats/{kind}", kind) for kind in ("mac", "ipei", "imei", "serial")),
            ("plausibility", "vendors"),
            ("harvest", "harvest"),
        )
    },
}
# These need a database; SQLite alone, which is quicker.
WITH_DATABASE: dict[str, tuple[str, ...]] = {
    "hwadmin/operations/fulfillment/checks.py": (
        "tests/operations/fulfillment",
        "tests/operations/units/test_spares.py",
    ),
    "hwadmin/queries/scope.py": ("tests/pure/test_scope_conditions.py", "tests/operations/test_tenancy.py"),
}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True)
class Mutant:
    """One change of one module: which of its nodes, and what becomes of it."""

    module: str
    node: int
    line: int
    change: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.change}"


def mutated(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What may become of a node, each with a description."""
    new: Any = copy.deepcopy(node)
    before = ast.unparse(node) if isinstance(node, ast.expr) else ""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        new.ops[0] = _COMPARISONS[type(node.ops[0])]()
    elif isinstance(node, ast.BoolOp):
        new.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        new.op = _OPERATORS[type(node.op)]()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        new = node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        new.value = not node.value
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        new.value = node.value + 1
    elif isinstance(node, ast.IfExp):
        new.body, new.orelse = node.orelse, node.body
    else:
        return
    yield f"{before} → {ast.unparse(new)}", new


def mutants_of(module: str) -> list[Mutant]:
    """Every change of a module."""
    tree = ast.parse((ROOT / module).read_text())
    # Annotations are never evaluated, and decorators say how a class is made, not what a rule is.
    left_out = {inner for node in ast.walk(tree) for part in _no_rules(node) for inner in ast.walk(part)}
    return [
        Mutant(module, number, getattr(node, "lineno", 0), change)
        for number, node in enumerate(ast.walk(tree))
        if node not in left_out
        for change, _ in mutated(node)
    ]


def _no_rules(node: ast.AST) -> Iterator[ast.AST]:
    for name in ("annotation", "returns"):
        if part := getattr(node, name, None):
            yield part
    yield from getattr(node, "decorator_list", ())


def compiled(mutant: Mutant) -> CodeType:
    """The module with its change."""
    tree = ast.parse((ROOT / mutant.module).read_text())
    old = list(ast.walk(tree))[mutant.node]
    new = next(replacement for change, replacement in mutated(old) if change == mutant.change)
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(child is old for child in value):
                setattr(parent, name, [new if child is old else child for child in value])
    return compile(ast.fix_missing_locations(tree), str(ROOT / mutant.module), "exec")


def survives(mutant: Mutant | None, tests: tuple[str, ...], module: str, seconds: int = 120) -> bool:
    """Whether all tests pass with the change, or without any for None. It runs in a process of its own."""
    child = os.fork()
    if child == 0:
        import pytest
        from hypothesis import Phase, settings

        # That a property fails is enough, not its smallest example. The suite's profile inherits this.
        settings.register_profile("mutants", deadline=None, phases=(Phase.explicit, Phase.generate))
        settings.load_profile("mutants")
        # A change may make a loop endless.
        signal.alarm(seconds)
        if mutant is not None:
            code = compiled(mutant)
            get_code = importlib.machinery.SourceFileLoader.get_code

            def changed(self: Any, fullname: str) -> CodeType | None:
                return code if self.path == str(ROOT / mutant.module) else get_code(self, fullname)

            importlib.machinery.SourceFileLoader.get_code = changed  # type: ignore[method-assign]
        pure = module in PURE
        options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "--durations=0"]
        # What is imported already cannot be rewritten, and need not be: it holds no tests.
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        options += ["--noconftest"] if pure else ["-m", "not full and not slow"]
        out = os.open(os.devnull, os.O_WRONLY)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os._exit(0 if pytest.main([*options, *tests]) == 0 else 1)
    return os.waitpid(child, 0)[1] == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=300, help="how many changes to try")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="modules whose path contains this")
    parser.add_argument("--pure", action="store_true", help="leave out what needs a database")
    arguments = parser.parse_args()
    tests = PURE if arguments.pure else PURE | WITH_DATABASE
    tests = {module: paths for module, paths in tests.items() if arguments.only in module}
    # Where there is no PostgreSQL, each case runs on SQLite, the quicker one, and none is left to the other.
    os.environ["HWADMIN_TEST_POSTGRESQL"] = "postgresql://127.0.0.1:1/none"
    os.environ.pop("REQUIRE_POSTGRES", None)
    # What takes long to import, once for all.
    for name in ("pytest", "hypothesis", "stdnum", "sqlalchemy", "flask", "pydantic"):
        importlib.import_module(name)
    for module, paths in tests.items():
        if not survives(None, paths, module, 600):
            sys.stderr.write(f"{module}: its tests fail without any change.\n")
            return 2
    every = [mutant for module in tests for mutant in mutants_of(module)]
    sample = random.Random(arguments.seed).sample(every, min(arguments.sample, len(every)))
    survivors = []
    for number, mutant in enumerate(sample, 1):
        if survives(mutant, tests[mutant.module], mutant.module):
            survivors.append(mutant)
            sys.stdout.write(f"{number}/{len(sample)} survived: {mutant}\n")
            sys.stdout.flush()
    killed = len(sample) - len(survivors)
    sys.stdout.write(
        f"{killed} of {len(sample)} killed ({killed / len(sample):.1%}), of {len(every)} in all.\n"
    )
    return 0 if killed >= 0.9 * len(sample) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Files and functions stay small enough to hold in the head.

Complexity and the number of parameters are ruff's (C901, PLR0913); its exceptions are in pyproject.toml.
The exceptions only get fewer: whoever makes one small enough takes it off its list.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.source_tree import MODULES, PACKAGE, ROOT, tree_of

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
MAX_EXCEPTIONS = 2  # Of all three lists together; only ever lowered, none in the end.

LONG_FILES: frozenset[str] = frozenset({})
LONG_FUNCTIONS: frozenset[str] = frozenset()
_RUFF_RULES = {"C901", "PLR0913"}


def is_long(source: str) -> bool:
    return source.count("\n") > MAX_FILE_LINES


def function_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function from its ``def`` on, without its docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (function.body[0].end_lineno or 0) - function.body[0].lineno + 1
    return lines


def long_functions(tree: ast.AST, prefix: str = "") -> Iterator[str]:
    """The functions that are too long, by their names: ``View.index``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.expr):
            continue  # No function is defined within one.
        name = prefix
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{prefix}{node.name}"
            if not isinstance(node, ast.ClassDef) and function_lines(node) > MAX_FUNCTION_LINES:
                yield name
            name += "."
        yield from long_functions(node, name)


def ruff_exceptions() -> set[tuple[str, str]]:
    """The files that ruff lets be too complex, each with the rule."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    return {
        (path, rule)
        for path, rules in settings["per-file-ignores"].items()
        if path.startswith("hwadmin/")
        for rule in _RUFF_RULES & set(rules)
    }


def breaks(rule: str, path: Path) -> bool:
    """Whether a file breaks a rule of ruff, with the limits of pyproject.toml and without its exceptions."""
    settings = ROOT / "pyproject.toml"
    command = [Path(sys.executable).with_name("ruff"), "check", "--no-cache", "--quiet", "--config", settings]
    command += ["--select", rule, "--config", "lint.per-file-ignores = {}", path]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 1  # type: ignore[arg-type]


def test_no_other_file_is_long() -> None:
    found = {module for module in MODULES if is_long((PACKAGE / module).read_text())}
    assert found - LONG_FILES == set(), f"split it along its meaning: {MAX_FILE_LINES} lines at most"
    assert LONG_FILES - found == set(), "short enough: take it off the list"


def test_no_other_function_is_long() -> None:
    found = {f"{module}:{name}" for module in MODULES for name in long_functions(tree_of(module))}
    assert found - LONG_FUNCTIONS == set(), f"take it apart: {MAX_FUNCTION_LINES} lines at most"
    assert LONG_FUNCTIONS - found == set(), "short enough: take it off the list"


def test_every_exception_of_ruff_is_needed() -> None:
    assert {(path, rule) for path, rule in ruff_exceptions() if not breaks(rule, ROOT / path)} == set()


def test_the_exceptions_only_get_fewer() -> None:
    assert len(LONG_FILES) + len(LONG_FUNCTIONS) + len(ruff_exceptions()) <= MAX_EXCEPTIONS


# ---- The guards can fail


def test_a_long_file_is_found() -> None:
    assert not is_long("x = 1\n" * MAX_FILE_LINES)
    assert is_long("x = 1\n" * (MAX_FILE_LINES + 1))


def test_a_long_function_is_found_by_its_name_and_its_docstring_does_not_count() -> None:
    docstring, line = '        """One.\n\n        Two.\n        """\n', "        x = 1\n"
    short = f"class View:\n    def index(self):\n{docstring}{line * (MAX_FUNCTION_LINES - 1)}"
    assert list(long_functions(ast.parse(short))) == []
    assert list(long_functions(ast.parse(short + line))) == ["View.index"]


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        ("C901", "def f(x):\n" + "".join(f"    if x == {number}:\n        g()\n" for number in range(10))),
        ("PLR0913", "def f(a, b, c, d, e, f, g):\n    return a\n"),
    ],
)
def test_a_complex_function_is_found(tmp_path: Path, rule: str, source: str) -> None:
    path = tmp_path / "complex.py"
    path.write_text(source)
    assert breaks(rule, path)
    path.write_text("def f(a, b, c, d, e, f):\n    return a\n")
    assert not breaks(rule, path)

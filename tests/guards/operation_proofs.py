"""Which tests prove an operation: found by reading them, not by running them.

A test proves an operation by using it, itself or by a helper, fixture or table of its own module. What only
pages or calls of the API use is proved by the walks; see docs/developers/testing.md.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from tests.guards.source_tree import ROOT, nodes_of, tree_of

FOLDERS = ("operations", "races", "outbox", "scim")
SUCCESS, REPETITION, RACE = "success", "repetition", "race"
# Who may do what, and that what is not there is not found, the walk over every route shows. What may be tried
# again the unit of work does again; nobody is refused.
_NOT_HERE = frozenset({"NotAllowed", "NotFound", "TryAgain"})
# How tests are named that do the same once more.
_AGAIN = re.compile(r"again|twice|repeat|once|second|already|same|no_event|nothing|idempotent")
_RAISES = re.compile(r"^ *Raises:\n(.*)", re.MULTILINE | re.DOTALL)
_ERROR = re.compile(r"\b(?:[A-Z][a-z]+){2,}\b")

Uses = Mapping[str, Collection[str]]


def refusals_of(module: str, name: str) -> frozenset[str]:
    """The refusals an operation's docstring names, but those of the walk over every route."""
    function = next(
        node for node in tree_of(f"operations/{module}.py").body if getattr(node, "name", "") == name
    )
    assert isinstance(function, ast.FunctionDef)
    stated = _RAISES.search(ast.get_docstring(function) or "")
    return frozenset(_ERROR.findall(stated[1]) if stated else ()) - _NOT_HERE


def proofs(names: Collection[str]) -> Mapping[str, set[str]]:
    """What is proved of each operation: success, repetition, race, and the refusals by the error's name."""
    wanted = re.compile(rf"\b(?:{'|'.join(names)})\b")
    proved: dict[str, set[str]] = defaultdict(set)
    for folder in FOLDERS:
        for path in sorted((ROOT / "tests" / folder).rglob("*.py")):
            text = path.read_text()
            if wanted.search(text):
                for name, kind in proofs_of(text, names, race=folder == "races"):
                    proved[name].add(kind)
    return proved


def proofs_of(text: str, names: Collection[str], *, race: bool = False) -> Iterator[tuple[str, str]]:
    """What a module of tests proves: the operation, and what of it."""
    tree = ast.parse(text)
    functions = [node for node in nodes_of(tree) if isinstance(node, ast.FunctionDef)]
    uses = {function.name: _names(nodes_of(function)) for function in functions}
    uses |= _assigned(tree.body)
    for function in functions:
        if not (race or function.name.startswith("test_")):
            continue
        refused = list(_refused(function))
        known = {**uses, **_parameters(function), **_assigned(function.body)}
        away = {id(node) for _, part in refused for node in nodes_of(part)}
        done = _names(node for node in nodes_of(function) if id(node) not in away)
        for name in _reached(done, known).intersection(names):
            yield name, RACE if race else SUCCESS
            if _AGAIN.search(function.name):
                yield name, REPETITION
        for error, part in refused:
            yield from ((name, error) for name in _reached(_names(nodes_of(part)), known).intersection(names))


def _parameters(function: ast.FunctionDef) -> Uses:
    """What is given to each parameter of a test that is run for several."""
    return {
        name.strip(): _names(nodes_of(decorator))
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call) and decorator.args and isinstance(decorator.args[0], ast.Constant)
        for name in str(decorator.args[0].value).split(",")
    }


def _assigned(statements: Collection[ast.stmt]) -> dict[str, set[str]]:
    """What each variable is made of."""
    return {
        name: _names(nodes_of(statement.value))
        for statement in statements
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        for name in _names([target])
    }


def _names(nodes: Collection[ast.AST] | Iterator[ast.AST]) -> set[str]:
    """The names that are used, those of fixtures among them."""
    return {
        node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else node.arg
        for node in nodes
        if isinstance(node, ast.Name | ast.Attribute | ast.arg)
    }


def _reached(used: Collection[str], uses: Uses) -> set[str]:
    """The names, and those that the module's own functions among them use."""
    reached: set[str] = set()
    waiting = set(used)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting.update(set(uses.get(name, ())) - reached)
    return reached


def _refused(function: ast.FunctionDef) -> Iterator[tuple[str, ast.AST]]:
    """Each error that is expected in a function, with the code that is refused."""
    for node in nodes_of(function):
        if isinstance(node, ast.With):
            for item in node.items:
                for error in _expected(item.context_expr):
                    yield from ((error, statement) for statement in node.body)
        else:
            yield from ((error, node) for error in _expected(node))


def _expected(call: ast.AST) -> list[str]:
    """The errors that ``pytest.raises`` expects, or ``refused`` of the tests and its like."""
    if not isinstance(call, ast.Call) or not call.args:
        return []
    if not any(name == "raises" or name.startswith("refused") for name in _names([call.func])):
        return []
    return sorted(_names(nodes_of(call.args[0])))

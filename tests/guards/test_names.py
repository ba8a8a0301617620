"""Public names are plain words, and each class name means one thing.

The exceptions only get fewer: whoever renames one takes it off its list.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

import pytest

from tests.guards.source_tree import MODULES, PACKAGE, ROOT, tree_of

# Words of a private dialect; glossary and plain words: see the README.
DENIED = {
    "asked",
    "asking",
    "beside",
    "deed",
    "deeds",
    "door",
    "doubt",
    "doubts",
    "foresee",
    "found",
    "gate",
    "judge",
    "kept",
    "letter",
    "letters",
    "mine",
    "said",
    "spoken",
    "tied",
    "told",
    "typed",
    "wanted",
    "whereabouts",
}
# Here the word is meant as in any dictionary.
PLAINLY_MEANT = {
    "errors.py:NotFound",
    "identifiers/entry.py:letter_for_digit",
    "identifiers/shapes.py:digits_for_letters",
    # The API's own field: when the account's manager was asked.
    "schemas/response_models/orders.py:ManagerResponse.asked_at",
}
# How often the word may stand in the source and the templates: in the names of two constraints.
MAX_SAID = 2

DENIED_STILL: frozenset[str] = frozenset()
# Names of classes with several meanings.
AMBIGUOUS_STILL: frozenset[str] = frozenset()


def words_of(name: str) -> set[str]:
    """The words of a name: ``read`` and ``row`` of ``read_row`` and of ``ReadRow``."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def public_names(tree: ast.AST, prefix: str = "") -> Iterator[str]:
    """Functions, classes, their methods and fields, and the constants of a module."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield f"{prefix}{node.name}"
            if isinstance(node, ast.ClassDef):
                yield from public_names(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.AnnAssign | ast.Assign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name) and not target.id.startswith("_"):
                    yield f"{prefix}{target.id}"


def denied_names(module: str, tree: ast.AST) -> set[str]:
    """The module's own name and its public names that hold a denied word, as ``module:name``."""
    names = {f"{module}:{name}" for name in public_names(tree) if words_of(name.split(".")[-1]) & DENIED}
    return names | ({f"{module}:"} if words_of(module) & DENIED else set())


def ambiguous_classes(trees: Mapping[str, ast.Module]) -> dict[str, list[str]]:
    """Public class names that several modules define, with the modules."""
    modules: dict[str, list[str]] = {}
    for module, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                modules.setdefault(node.name, []).append(module)
    return {name: where for name, where in modules.items() if len(where) > 1}


def test_public_names_are_plain_words() -> None:
    found = set().union(*(denied_names(module, tree_of(module)) for module in MODULES)) - PLAINLY_MEANT
    assert found - DENIED_STILL == set(), "say what it is in the words of the field"
    assert DENIED_STILL - found == set(), "renamed: take it off the list"


def test_a_class_name_has_one_meaning() -> None:
    found = ambiguous_classes({module: tree_of(module) for module in MODULES})
    assert {name: where for name, where in found.items() if name not in AMBIGUOUS_STILL} == {}
    assert AMBIGUOUS_STILL - set(found) == set(), "renamed: take it off the list"


def test_said_is_rare() -> None:
    sources = [*(PACKAGE / module for module in MODULES), *(ROOT / "templates").rglob("*.html")]
    count = sum(len(re.findall(r"\bsaid\b", path.read_text())) for path in sources)
    assert count <= MAX_SAID


# ---- The guards can fail


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def read_asked(): pass", ["read_asked"]),
        ("class LetterBox: pass", ["LetterBox"]),
        ("class Row:\n    def told(self): pass", ["Row.told"]),
        ("class Row:\n    said: str", ["Row.said"]),
        ("KEPT_FOR = 1", ["KEPT_FOR"]),
        ("def _asked(): pass", []),
        ("def profound(): pass\nclass Gateway: pass\nNEWSLETTER = 1", []),
    ],
)
def test_a_denied_word_is_found(source: str, names: list[str]) -> None:
    assert denied_names("a.py", ast.parse(source)) == {f"a.py:{name}" for name in names}


def test_a_denied_module_is_found() -> None:
    assert denied_names("views/gate.py", ast.parse("")) == {"views/gate.py:"}


def test_a_class_name_with_two_meanings_is_found() -> None:
    trees = {"a.py": ast.parse("class Row: pass"), "b.py": ast.parse("class Row: pass\nclass _Own: pass")}
    assert ambiguous_classes(trees | {"c.py": ast.parse("class _Own: pass")}) == {"Row": ["a.py", "b.py"]}

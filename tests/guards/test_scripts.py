"""Every script of the pages is checked for types: it says so in its first line, and `npx tsc` looks at it."""

from __future__ import annotations

import json

from tests.guards.source_tree import PACKAGE, ROOT

STATIC = PACKAGE / "static"
# Not typed yet. This list only gets shorter: whoever types one takes it off.
UNTYPED = {"account_form.js", "ordering.js"}
_CHECKED = "// @ts-check\n"


def has_content(source: str) -> bool:
    """Whether the type checker looks at a script, at all of it."""
    return source.startswith(_CHECKED) and "@ts-nocheck" not in source and "@ts-ignore" not in source


def test_every_script_is_typed() -> None:
    untyped = {
        path.relative_to(STATIC).as_posix()
        for path in STATIC.rglob("*.js")
        if not has_content(path.read_text(encoding="utf-8"))
    }
    assert untyped == UNTYPED, (
        f"Begin {sorted(untyped - UNTYPED)} with “// @ts-check” and give what it needs types in JSDoc; "
        f"take {sorted(UNTYPED - untyped)} off UNTYPED: it is typed."
    )


def test_a_script_that_is_not_checked_is_found() -> None:
    assert has_content("// @ts-check\nlet a = 1;\n")
    assert not has_content("let a = 1;\n")
    assert not has_content("// @ts-check\n// @ts-ignore\nlet a = '' + {};\n")


def test_the_type_checker_reads_all_of_them() -> None:
    settings = json.loads((ROOT / "tsconfig.json").read_text())
    assert "hwadmin/static/**/*.js" in settings["include"]
    assert settings["compilerOptions"]["strict"] is True
    assert "exclude" not in settings

"""Every command of the documentation exists with its options, and is run by a test or named with why not."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from hwadmin.cli.program import program
from tests.guards.source_tree import ROOT
from tests.guards.test_docs import PAGES

# Done block by block by tests/faults: what stands there is run as it stands.
FOLLOWED = {"docs/admin/install.md", "docs/admin/several-machines.md"}
# Commands that no test runs, and why.
NOT_RUN = {
    "hwadmin db migrate": "Writes a migration into the repository; what it wrote is read by the guards.",
}
# `make` is not run by tests, which it runs itself: that its targets make sense is shown by --dry-run.
_ENDS = re.compile(r"\s#|\s\d?>|[|;&)]")


class Said(NamedTuple):
    """A command as a page says it."""

    page: str
    # "hwadmin", or "flask" for `flask --app app`.
    words: tuple[str, ...]
    # Whether it stands in a block, to be typed as it is.
    whole: bool


def _code(text: str) -> Iterator[tuple[str, bool]]:
    """The lines of a page's code, and whether each is of a block."""
    for block in re.findall(r"^```.*?\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from ((line, True) for line in block.splitlines())
    for inline, line in re.findall(r"`([^`\n]+)`|^ {4,}(\S.+)$", text, re.MULTILINE):
        yield (inline or line, bool(line))


def commands_in(page: str, text: str) -> Iterator[Said]:
    """The commands of ours that a page says to run; what `doctor` answers is none."""
    for line, whole in _code(text):
        if line.startswith("WRONG "):
            continue
        for found in re.finditer(r"(?:^|[\s/(])(?:hwadmin|flask(?: --app app)?) ([a-z][^`]*)", line):
            yield Said(page, tuple(shlex.split(_ENDS.split(found[1])[0])), whole)


def targets_in(text: str) -> Iterator[list[str]]:
    """What a page gives to `make`: targets and variables."""
    for line, _ in _code(text):
        for found in re.finditer(r"(?:^|\s)make ([a-z][^`#|;&]*)", line):
            yield shlex.split(found[1])


def _command(words: Sequence[str]) -> tuple[click.Command | None, int]:
    """The command that words begin with, and how many of them name it."""
    found: click.Command | None = program
    for number, word in enumerate(words):
        if not isinstance(found, click.Group):
            return found, number
        found = found.commands.get(word)
    return found, len(words)


def complaint(said: Said) -> str | None:
    """What is wrong with a command, without running it."""
    command, named = _command(said.words)
    if command is None or (isinstance(command, click.Group) and said.whole):
        return "there is no such command"
    if isinstance(command, click.Group):
        return None
    context = click.Context(command, info_name=" ".join(said.words[:named]))
    try:
        values, rest, _ = command.make_parser(context).parse_args(list(said.words[named:]))
    except click.UsageError as error:
        return error.message
    missing = [
        one.name
        for one in command.params
        if one.required and one.value_is_missing(values.get(one.name or ""))
    ]
    if said.whole and missing and "--help" not in said.words:
        return f"without {', '.join(map(str, missing))}"
    return f"what is {' '.join(rest)}?" if rest else None


@cache
def run_by_tests() -> frozenset[tuple[str, ...]]:
    """The words that the tests hand to something that runs commands, one tuple for each call or list."""
    found = set()
    for path in (ROOT / "tests").rglob("*.py"):
        text = path.read_text()
        if path.name == Path(__file__).name or not re.search(r"test_cli_runner|bin/hwadmin|\"bin\"", text):
            continue
        for node in ast.walk(ast.parse(text)):
            parts = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
            words = [part.value if isinstance(part, ast.Constant) else None for part in parts]
            found.add(tuple(str(word) for word in words if isinstance(word, str)))
    return frozenset(found)


def is_run(said: Said, calls: frozenset[tuple[str, ...]] | None = None) -> bool:
    """Whether a test runs this command, with all these options together."""
    command, named = _command(said.words)
    name = said.words[:named]
    options = {word for word in said.words[named:] if word.startswith("--")} - {"--help"}
    if isinstance(command, click.Group) or "--help" in said.words:
        return True
    return any(
        options <= set(words)
        for words in (run_by_tests() if calls is None else calls)
        if any(words[start : start + named] == name for start in range(len(words)))
    )


SAID = [said for page in PAGES for said in commands_in(page.relative_to(ROOT).as_posix(), page.read_text())]


def test_every_command_exists_with_its_options() -> None:
    wrong = [(said.page, " ".join(said.words), why) for said in SAID if (why := complaint(said))]
    assert wrong == []


def test_every_command_is_run_by_a_test() -> None:
    named = {tuple(name.split()[1:]) for name in NOT_RUN}
    missing = {
        (said.page, " ".join(said.words))
        for said in SAID
        if said.page not in FOLLOWED and said.words[: _command(said.words)[1]] not in named
        if not is_run(said)
    }
    assert missing == set(), "Let a test run it, or name it in NOT_RUN with why not."


def test_what_no_test_runs_is_still_documented() -> None:
    said = {said.words[: _command(said.words)[1]] for said in SAID}
    assert {name for name in NOT_RUN if tuple(name.split()[1:]) not in said} == set()


def test_every_target_of_make_can_be_made() -> None:
    said = {tuple(words) for page in PAGES for words in targets_in(page.read_text())}
    assert ("run",) in said
    wanted = sorted({word for words in said for word in words})
    done = subprocess.run(
        ["make", "--dry-run", *wanted], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("    hwadmin audit forget\n", "there is no such command"),
        ("`hwadmin nobody list`", "there is no such command"),
        ("```sh\nflask --app app audit verify --heds x\n```\n", "No such option"),
        ("    hwadmin backup\n", "without folder"),
        ("    hwadmin audit verify everything\n", "what is everything?"),
        ("    5 2 * * *  hwadmin  hwadmin outbox run --once twice && rm x\n", "what is twice?"),
    ],
)
def test_a_command_that_is_wrong_would_be_noticed(text: str, words: str) -> None:
    [said] = commands_in("page", text)
    assert words in (complaint(said) or "")


def test_what_is_right_is_not_complained_about() -> None:
    text = (
        "`hwadmin backup` `hwadmin_owner` `createdb hwadmin` `bin/hwadmin audit verify`\n\n"
        "    PIET=$(.venv/bin/hwadmin token create piet@example.com 2>/dev/null)  # a token\n"
        "    hwadmin token create --help\n"
    )
    said = list(commands_in("page", text))
    assert [" ".join(one.words) for one in said] == [
        "backup",
        "audit verify",
        "token create piet@example.com",
        "token create --help",
    ]
    assert [complaint(one) for one in said] == [None] * 4


def test_a_command_that_no_test_runs_would_be_noticed() -> None:
    said = Said("page", ("token", "create-service", "A", "B", "--days", "30", "--json"), whole=True)
    calls = frozenset({("token", "create-service", "Billing", "--days", "3"), ("token", "list", "--json")})
    assert not is_run(said, calls)
    assert is_run(said, calls | {("token", "create-service", "--days", "--json")})
    assert list(targets_in("`make no`\n\n    make nothing PORT=1  # to see\n")) == [
        ["no"],
        ["nothing", "PORT=1"],
    ]

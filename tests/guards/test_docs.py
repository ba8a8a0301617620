"""The documentation agrees with the code: links, settings, tables, and a short README."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote

import pytest

import hwadmin
from hwadmin.config import IdentityProvider
from hwadmin.domain.lifecycle import TRANSITIONS
from hwadmin.domain.permissions import Permission
from tests import pictures
from tests.guards.doc_tables import CONDITIONS, TABLES, with_table
from tests.guards.source_tree import PACKAGE, ROOT

MAX_README_LINES = 150
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda path: path.relative_to(ROOT).as_posix()
)
CONFIGURATION = ROOT / "docs/admin/configuration.md"
# Set for the tests only, by whoever runs them.
OF_THE_TESTS = {"HWADMIN_TEST_POSTGRESQL", "HWADMIN_TEST_FULL"}
# The file of a decision.
_DECISION = re.compile(r"(\d{4})-[a-z0-9-]+\.md")


def anchors(text: str) -> set[str]:
    """The names of a page's headings, as links write them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path, text: str) -> Iterator[str]:
    """The links and pictures of a page that lead nowhere in the repository."""
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = unquote(target).partition("#")
        path = page.parent / name if name else page
        if not path.exists() or (anchor and anchor not in anchors(path.read_text())):
            yield target


def settings_in(text: str) -> set[str]:
    """The settings that a text names."""
    return set(re.findall(r"\bHWADMIN_[A-Z_]*[A-Z]\b", text))


def settings_explained(text: str) -> set[str]:
    """The settings that have a row in the table of settings."""
    return set(re.findall(r"^\| `(HWADMIN_[A-Z_]+)` \|", text, re.MULTILINE))


def unproved_requirements(text: str) -> Iterator[str]:
    """The requirements of a table of ASVS that are met, and name no test for it.

    On the page of all chapters the way they are met may be the proof, such as a page of the documentation.
    """
    for line in re.findall(r"^\| \d+\.\d+\.\d+.*$", text, re.MULTILINE):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        needed = cells[5] if len(cells) == 6 else cells[2] + cells[3]
        if "yes" in cells and not needed:
            yield cells[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    assert list(broken_links(page, page.read_text())) == []


def test_a_broken_link_would_be_noticed() -> None:
    text = (
        "[a](docs/none.md) ![b](docs/none.png) [c](#no-such-heading) [d](Makefile) [e](https://example.com/x)"
    )
    assert list(broken_links(ROOT / "README.md", text)) == [
        "docs/none.md",
        "docs/none.png",
        "#no-such-heading",
    ]


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        links = re.findall(r"\]\(([^)#:\s]+)\)", page.read_text())
        waiting += [(page.parent / link).resolve() for link in links]
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= MAX_README_LINES


def test_every_setting_is_explained_and_nothing_else() -> None:
    explained = settings_explained(CONFIGURATION.read_text())
    assert explained == settings_in((PACKAGE / "config.py").read_text())
    for page in PAGES:
        assert settings_in(page.read_text()) <= explained | OF_THE_TESTS, page


def test_the_settings_of_an_identity_provider_are_those_there_are() -> None:
    text = (ROOT / "docs/integrations/sign-in.md").read_text()
    table = tomllib.loads(re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[0])["okta"]
    assert table.keys() == {field.name for field in fields(IdentityProvider)} - {"key"}
    # Those of the single providers, which are named in passing.
    named = set(re.findall(r"`(\w+) = ", text)) | set(re.findall(r"leave `(\w+)` out", text))
    assert named <= table.keys()
    assert len(named) >= 3


def test_a_setting_that_is_forgotten_or_gone_would_be_noticed() -> None:
    read = settings_in('_flag(environ, "HWADMIN_NEW", False)')
    assert read == {"HWADMIN_NEW"}
    assert settings_explained("| `HWADMIN_OLD` | meaning | `0` |\n| see `HWADMIN_NEW` |") == {"HWADMIN_OLD"}


@pytest.mark.parametrize("path", TABLES)
def test_the_tables_say_what_the_code_does(path: str) -> None:
    name, table = TABLES[path]
    page = (ROOT / path).read_text()
    assert page == with_table(page, name, table()), "run: make docs"


def test_a_table_that_the_code_has_left_behind_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from hwadmin.domain import permissions

    name, table = TABLES["docs/security/permissions.md"]
    page = (ROOT / "docs/security/permissions.md").read_text()
    more = permissions.GRANTS[permissions.Role.SUPPORT] | {Permission.ORDERS_DECIDE}
    monkeypatch.setitem(permissions.GRANTS, permissions.Role.SUPPORT, more)
    assert page != with_table(page, name, table())
    with pytest.raises(ValueError, match="one place"):
        with_table("no marks", name, table())


def test_every_condition_of_the_lifecycle_is_put_into_words() -> None:
    conditional = {action for action, row in TRANSITIONS.items() if row.when.__name__ != "_always"}
    assert conditional == set(CONDITIONS)


@pytest.mark.parametrize("page", ["asvs.md", "asvs-authentication.md"])
def test_what_is_met_of_asvs_names_a_proof_or_says_how(page: str) -> None:
    assert list(unproved_requirements((ROOT / "docs/security" / page).read_text())) == []


def test_a_requirement_without_a_proof_would_be_noticed() -> None:
    text = (
        "| 6.1.1 | 1 | documented | yes | above | |\n| 6.1.2 | 1 | x | no | | |\n| 1.1.1 once | yes | | |\n"
    )
    assert list(unproved_requirements(text)) == ["6.1.1", "1.1.1 once"]


def test_decisions_are_numbered_without_a_gap() -> None:
    names = sorted(path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md"))
    numbers = [int(match[1]) for name in names if (match := _DECISION.fullmatch(name))]
    assert numbers == list(range(1, len(names) + 1))
    for name in names:
        text = (ROOT / "docs/decisions" / name).read_text()
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Alternatives", "Consequences"], name


def test_the_version_has_one_source() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert re.fullmatch(r"\d+\.\d+\.\d+", hwadmin.__version__)
    assert "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "hwadmin.__version__"}
    assert f"## {hwadmin.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_every_picture_is_taken_by_the_program_and_shown_on_a_page() -> None:
    taken = {one.__name__.replace("_", "-") for one in (*pictures.OF_ADA, *pictures.OF_PIET)}
    shown = {
        Path(target).stem
        for page in PAGES
        for target in re.findall(r"!\[[^\]]*\]\(([^)\s]+\.png)\)", page.read_text())
    }
    assert taken == shown == {file.stem for file in pictures.FOLDER.iterdir()}

"""A person at the pages without a browser: reads them, follows links, fills in forms, presses buttons.

What is not on the page cannot be pressed, and every page must be sound HTML. Controls are found by what they
are called, as by a person who listens to the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.reading_pages import sound_tree_of

_CONTROLS = {"input", "select", "textarea"}
_BLOCKS = {"div", "li", "p", "td", "th", "option", "dd", "dt", "h1", "h2", "nav", "summary", "button"}


def words(element: Element, *without: str) -> str:
    """The text of an element as one line; without the elements of some classes."""
    return " ".join("".join(_texts(element, without)).split())


def _texts(element: Element, without: tuple[str, ...]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        block = child.tag in _BLOCKS or "sub" in classes(child)
        yield " " if block else ""
        if child.tag not in {"template", "script"} and not {*without} & classes(child):
            yield from _texts(child, without)
        yield " " if block else ""
        yield child.tail or ""


def classes(element: Element) -> set[str]:
    return set((element.get("class") or "").split())


@dataclass
class Row:
    """One row of a table: its cells by the heads of their columns."""

    element: Element
    cells: dict[str, Element]

    def __getitem__(self, head: str) -> str:
        return words(self.cells[head])

    def moment(self, head: str) -> str:
        """The exact time in a cell."""
        (time,) = self.cells[head].iter("time")
        return time.get("datetime", "")

    @property
    def status(self) -> str:
        """What the row says an order is."""
        (pill,) = [one for one in self.element.iter() if "pill" in classes(one)]
        return words(pill)

    @property
    def opens(self) -> str:
        """Where a click on the row leads."""
        return self.element.get("data-href", "")

    @property
    def text(self) -> str:
        return words(self.element)

    @property
    def hover_actions(self) -> list[str]:
        """The actions that appear on hover."""
        return [
            words(action)
            for cell in self.element.iter("td")
            if "row-actions" in classes(cell)
            for action in cell.iter()
            if action.tag in {"a", "button"}
        ]


class Visitor:
    """Somebody with a browser, on one page at a time."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    # ---- Going

    def open(self, url: str, status: int = 200) -> Visitor:
        return self._show(self.client.get(url, follow_redirects=True), status)

    def follow(self, label: str, within: Row | None = None, status: int = 200) -> Visitor:
        """Follow the link of these words."""
        root = within.element if within else self.tree
        found = {link.get("href", "") for link in root.iter("a") if words(link) == label}
        assert len(found) == 1, f"{len(found)} links are called {label!r}"
        return self.open(found.pop(), status)

    def press(
        self, label: str, fill: dict[str, str] | None = None, within: Row | None = None, status: int = 200
    ) -> Visitor:
        """Fill in controls by what they are called and press a button of their form."""
        root = within.element if within else self.tree
        buttons = [
            one for one in root.iter("button") if self._called(one, label) and self._form(one) is not None
        ]
        assert buttons, f"No button is called {label!r} on {self.url}"
        button = buttons[-1]
        form = self._form(button)
        assert form is not None
        sent = self._fields(form, fill or {})
        if button.get("name"):
            sent.append((button.get("name", ""), button.get("value") or ""))
        address = (button.get("formaction") or form.get("action") or self.url).split("#")[0] or self.url
        if form.get("method", "get") == "get":
            return self.open(f"{address}?{urlencode(sent)}", status)
        answer = self.client.post(
            address,
            data=urlencode(sent),
            content_type="application/x-www-form-urlencoded",
            follow_redirects=True,
        )
        return self._show(answer, status)

    def _show(self, answer: TestResponse, status: int) -> Visitor:
        self.url = answer.request.full_path.rstrip("?")
        assert answer.status_code == status, (self.url, answer.status_code, answer.text)
        self.answer = answer
        self.tree = sound_tree_of(answer.text)
        self._parents = {child: parent for parent in self.tree.iter() for child in parent}
        (self.main,) = self.tree.iter("main")
        return self

    # ---- Reading

    @property
    def text(self) -> str:
        return words(self.main)

    @property
    def heading(self) -> str:
        (heading,) = self.tree.iter("h1")
        return words(heading)

    @property
    def menu(self) -> list[str]:
        """What the menu offers, with its badges."""
        (nav,) = [one for one in self.tree.iter("nav") if one.get("aria-label") == "Main"]
        return [words(link) for link in nav.iter("a")]

    @property
    def messages(self) -> list[str]:
        """What the page says about what was just done."""
        return [words(one) for one in self.main.iter("div") if "notice" in classes(one)]

    @property
    def actions(self) -> list[str]:
        """The links and buttons at the head of the page: what can be done now."""
        (head,) = [one for one in self.main.iter("div") if "page-actions" in classes(one)]
        return [words(one) for one in head.iter() if one.tag in {"a", "button"}]

    def rows(self, caption: str | None = None) -> list[Row]:
        """The rows of the tables, or of those in the section of this title."""
        found = []
        for table in self.main.iter("table"):
            if caption is not None and caption != self._section_of(table):
                continue
            heads = [words(head) for part in table.iter("thead") for head in part.iter("th")]
            for body in table.iter("tbody"):
                found += [
                    Row(
                        row,
                        dict(zip(heads, [cell for cell in row if cell.tag in {"td", "th"}], strict=False)),
                    )
                    for row in body.iter("tr")
                    # Above a group of rows stands what they have in common.
                    if not any(cell.get("scope") == "rowgroup" for cell in row)
                ]
        return found

    def row(self, text: str, caption: str | None = None) -> Row:
        """The one row with this text in it."""
        found = [row for row in self.rows(caption) if text in row.text]
        assert len(found) == 1, f"{len(found)} rows with {text!r} on {self.url}"
        return found[0]

    def _section_of(self, element: Element) -> str | None:
        here: Element | None = element
        while here is not None:
            if here.tag == "section":
                titles = [words(one) for one in here.iter("h2")]
                return titles[0] if titles else here.get("aria-label")
            here = self._parents.get(here)
        return None

    # ---- Forms

    def control(self, called: str, form: Element | None = None) -> Element:
        """The one control of this name, or that is called so."""
        found = [
            one
            for one in self.tree.iter()
            if one.tag in _CONTROLS
            and one.get("type") != "hidden"
            and (form is None or self._form(one) is form)
            and not self._in_template(one)
            and (one.get("name") == called or self._called(one, called))
        ]
        assert len(found) == 1, f"{len(found)} controls are called {called!r} on {self.url}"
        return found[0]

    def control_value(self, name: str) -> str:
        """What a hidden control of this name holds."""
        (value,) = {one.get("value", "") for one in self.tree.iter("input") if one.get("name") == name}
        return value

    def controls(self) -> list[str]:
        """What the controls of the page are called."""
        return [
            self._name(one)
            for one in self.main.iter()
            if one.tag in _CONTROLS and one.get("type") != "hidden" and not self._in_template(one)
        ]

    def options(self, called: str) -> list[str]:
        return [words(option) for option in self.control(called).iter("option")]

    def _called(self, element: Element, label: str) -> bool:
        return self._name(element) == label

    def _name(self, element: Element) -> str:
        """What a control is called: by its label, its aria-label, or the words on it."""
        if element.get("aria-label"):
            return element.get("aria-label", "")
        if element.tag == "button":
            return words(element)
        key = element.get("id")
        for label in self.tree.iter("label"):
            if (key and label.get("for") == key) or element in label.iter():
                return words(label, "optional")
        return ""

    def _form(self, element: Element) -> Element | None:
        if element.get("form"):
            (form,) = [one for one in self.tree.iter("form") if one.get("id") == element.get("form")]
            return form
        here: Element | None = element
        while here is not None and here.tag != "form":
            here = self._parents.get(here)
        return here

    def _in_template(self, element: Element) -> bool:
        here: Element | None = element
        while here is not None and here.tag != "template":
            here = self._parents.get(here)
        return here is not None

    def _fields(self, form: Element, fill: dict[str, str]) -> list[tuple[str, str]]:
        """What a browser would send of a form, with some controls filled in."""
        filled = {id(self.control(called, form)): value for called, value in fill.items()}
        # Of radio buttons that go together one is sent: the one that was chosen now.
        chosen = {
            one.get("name")
            for one in self.tree.iter("input")
            if id(one) in filled and one.get("type") == "radio"
        }
        sent = []
        for one in self.tree.iter():
            name = one.get("name")
            if one.tag not in _CONTROLS or not name or self._form(one) is not form or self._in_template(one):
                continue
            value = filled.get(id(one))
            if one.tag == "select":
                sent.append((name, self._chosen(one, value)))
            elif one.get("type") in {"checkbox", "radio"}:
                if value is not None or (one.get("checked") is not None and name not in chosen):
                    sent.append((name, one.get("value", "on")))
            elif value is not None:
                sent.append((name, value))
            else:
                sent.append((name, (one.text or "") if one.tag == "textarea" else one.get("value", "")))
        return sent

    def _chosen(self, select: Element, wanted: str | None) -> str:
        options = list(select.iter("option"))
        if wanted is not None:
            found = [
                one
                for one in options
                if words(one) == wanted or words(one).startswith((f"{wanted} · ", f"{wanted} ("))
            ]
            assert len(found) == 1, f"{len(found)} options {wanted!r} in {[words(one) for one in options]}"
            return found[0].get("value", "")
        chosen = [one for one in options if one.get("selected") is not None] or options[:1]
        return chosen[0].get("value", "") if chosen else ""

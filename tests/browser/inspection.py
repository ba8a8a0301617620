"""Looks at pages in a browser, and writes down everything that is wrong with them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response

from tests.browser.screen_checks import (
    MAX_HEIGHT,
    MIN_TARGET,
    MIN_TEXT,
    height_of_fifty_rows,
    resize,
    show_all_of,
    small_targets,
    small_texts,
)
from tests.reading_pages import faults_of, tree_of
from tests.running import one_of

PageName = TypeVar("PageName", bound=Hashable)

WIDE, NARROW = (1400, 900), (390, 844)


class Screen(NamedTuple):
    """What a page is looked at on."""

    size: tuple[int, int]
    scheme: str
    # What it must fit as well: a tablet has the least room beside the menu, or the most below it. What fits a
    # desk and a phone need not fit one.
    tablet: tuple[int, int] | None = None


SCREENS = (
    Screen(WIDE, "light", (1024, 768)),
    Screen(WIDE, "dark", (820, 1180)),
    Screen(NARROW, "light"),
    Screen(NARROW, "dark"),
)


def screens_of(page: str) -> Sequence[Screen]:
    """The screens a page is looked at on: one of them in turn, by the page's name, and in full all."""
    return one_of(SCREENS, page)


# Fifty rows of a long list, its search and its pager are then less than 4,000 pixels.
MAX_ROW_HEIGHT = 68
# A card of the catalog that nobody opened may have a title of two lines.
_HIGH_ROWS = """most => [...document.querySelectorAll(".compact > tbody > tr, .product")]
    .filter(row => row.getBoundingClientRect().height > (row.matches(".product") ? most + 20 : most))
    .slice(0, 3).map(row => row.textContent.trim().slice(0, 80))"""
# What a screen may change; the other rules look at the document, which is the same on all of them.
_OF_THE_SCREEN = {"runOnly": ["target-size", "scrollable-region-focusable", "link-in-text-block"]}
# Contrast takes four fifths of axe's time: it has a look of its own.
_OF_THE_DOCUMENT = {"rules": {"color-contrast": {"enabled": False}}}
_OF_BOTH = {"rules": {"color-contrast": {"enabled": False}, "target-size": {"enabled": True}}}
_CONTRAST = {"runOnly": ["color-contrast"]}
# Finds the elements with text whose look is new, and keeps them for axe. A look is what contrast is computed
# from: how the element and everything around it are painted, under the names the stylesheet knows them by.
_NEW_LOOKS = """known => {
    const seen = new Set(JSON.parse(known)), found = [];
    window.newLooks = [];
    const hash = (text, above) => {
        let one = 0xdeadbeef ^ above, two = 0x41c6ce57 ^ Math.floor(above / 4294967296);
        for (let place = 0; place < text.length; place++) {
            const code = text.charCodeAt(place);
            one = Math.imul(one ^ code, 2654435761);
            two = Math.imul(two ^ code, 1597334677);
        }
        return 4294967296 * ((two ^ two >>> 13) & 2097151) + ((one ^ one >>> 16) >>> 0);
    };
    const walk = (element, above) => {
        const style = getComputedStyle(element);
        if (style.display === "none") return;
        const look = hash([
            element.localName, element.className, element.type, element.disabled, element.ariaDisabled,
            style.color, style.backgroundColor, style.backgroundImage, style.opacity, style.visibility,
            style.fontSize, style.fontWeight, style.position, style.textShadow, style.filter,
        ].join("|"), above);
        const speaks = element.matches("input, select, textarea")
            || [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
        if (speaks && !seen.has(look)) {
            seen.add(look);
            found.push(look);
            window.newLooks.push(element);
        }
        for (const child of element.children) walk(child, look);
    };
    walk(document.documentElement, 0);
    return found;
}"""
# Nothing comes back but what is wrong. Stylesheets need not be fetched again: no rule that is asked for reads
# them. Nor is it said by which selector an element is found: its markup tells.
_RUN = """async ([include, options]) => {
    if (!("axe" in window)) return null;
    const where = include ? {include: window.newLooks} : document;
    const how = {resultTypes: ["violations"], preload: false, selectors: false, ...options};
    const { violations } = await axe.run(where, how);
    return violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html.slice(0, 160))]);
}"""


def document_violations(page: Page, rules: dict[str, Any] = _OF_THE_DOCUMENT) -> list[str]:
    """What axe says of a page by all its rules but contrast, or by these."""
    return _violations(page, rules)


def contrast_violations(page: Page, looks: set[int]) -> list[str]:
    """What has too little contrast on a page, of all that does not look like what was looked at before.

    Args:
        page: shows the page.
        looks: what was looked at before; the looks of this page are added.
    """
    # As one text: a list of thousands would be handed over number by number.
    new = page.evaluate(_NEW_LOOKS, json.dumps(list(looks)))
    looks.update(new)
    return _violations(page, _CONTRAST, new_looks=True) if new else []


def faults_in_turn(page: Page, looks: set[int], name: str) -> list[str]:
    """What axe says of the page as it is, and where it is too wide, on the screens of this name.

    Args:
        page: shows the page.
        looks: whose contrast was looked at before; see ``contrast_violations``.
        name: what tells this state of the page from others.
    """
    faults = []
    for number, screen in enumerate(screens_of(name)):
        _set(page, screen)
        faults += [] if number else document_violations(page)
        faults += contrast_violations(page, looks)
        if page.evaluate("document.documentElement.scrollWidth") > screen.size[0]:
            faults.append(f"{name}: wider than {screen.size[0]} pixels")
    return faults


def _set(page: Page, screen: Screen) -> None:
    page.emulate_media(color_scheme=screen.scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    resize(page, *screen.size)


def _violations(page: Page, rules: dict[str, Any], *, new_looks: bool = False) -> list[str]:
    found = page.evaluate(_RUN, [new_looks, rules])
    if found is None:
        page.evaluate(Axe().axe_script)
        found = page.evaluate(_RUN, [new_looks, rules])
    return [f"{rule}: {nodes}" for rule, nodes in found]


def _kind(element: Element) -> str:
    """What an element is, without any words: its tag, what it looks like, and what scripts know it by."""
    parts = [
        f"{name}={value}" if name in _TELLING else name
        for name, value in sorted(element.attrib.items())
        if name in _TELLING or name.startswith("data-")
    ]
    return f"{element.tag}[{' '.join(parts)}]"


def _parts(element: Element, above: str = "") -> Iterator[str]:
    """Every element in there, and what it stands in."""
    here = f"{above}/{_kind(element)}"
    yield here
    for child in element:
        yield from _parts(child, here)


_TELLING = {"class", "type", "role", "aria-current", "aria-invalid", "aria-sort", "disabled"}


def parts_of(tree: Element) -> set[str]:
    """What a page is made of, its menu, its footer and its scripts included."""
    return {*_parts(next(tree.iter("body"))), *_scripts(tree)}


def elements_of(tree: Element) -> set[str]:
    """The kinds of elements a page is made of, wherever they stand, and its scripts."""
    return {*map(_kind, next(tree.iter("body")).iter()), *_scripts(tree)}


def _scripts(tree: Element) -> Iterator[str]:
    return (script.get("src", "") for script in tree.iter("script"))


def enough_of(pages: Mapping[PageName, set[str]]) -> list[PageName]:
    """Pages that are made of everything any of these is made of; first what is made of most."""
    chosen: list[PageName] = []
    left = set().union(*pages.values())
    while left:
        chosen.append(max(pages, key=lambda page: len(pages[page] & left)))
        left -= pages[chosen[-1]]
    return chosen


class Seen:
    """What axe has looked at already, by whomever."""

    def __init__(self) -> None:
        # What pages are made of, by kind of page, and all of them.
        self.anatomy: dict[str, set[str]] = {}
        self.elements: set[str] = set()
        self.looks: set[int] = set()

    def knows(self, elements: set[str]) -> bool:
        """Whether a page is made of nothing but kinds of elements that were looked at before."""
        return elements <= self.elements


class Inspection:
    """Opens pages in a browser of somebody's own, and writes down everything that is wrong with them."""

    def __init__(self, url: str, page: Page, seen: Seen | None = None) -> None:
        self.url, self.page = url, page
        self.seen = seen or Seen()
        self.faults: list[str] = []
        self.parts: set[str] = set()
        self.elements: set[str] = set()
        self.expected_status = 200
        self._screen: Screen | None = None
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self._note(f"script: {error}"))
        page.on("response", self._answered)

    @property
    def path(self) -> str:
        """Where the page is that is open."""
        return urlsplit(self.page.url)._replace(scheme="", netloc="").geturl()

    def _note(self, fault: str) -> None:
        self.faults.append(f"{self.path}: {fault}")

    def _heard(self, kind: str, text: str) -> None:
        # A failed request is judged by its answer.
        if kind in {"error", "warning"} and not text.startswith("Failed to load resource"):
            self._note(f"console {kind}: {text}")

    def _answered(self, answer: Response) -> None:
        of_the_page = answer.request.is_navigation_request()
        if answer.status >= 400 and not (of_the_page and answer.status == self.expected_status):
            self._note(f"{answer.status} for {answer.url}")

    def open(self, path: str, status: int = 200, screen: Screen | None = None) -> None:
        """Go to a page, on this screen or on the one there is, and read it."""
        self.expected_status = status
        if screen is not None:
            self._set(screen)
        answer = self.page.goto(self.url + path)
        assert answer is not None
        if answer.status != status:
            self._note(f"answered {answer.status} instead of {status}")
        self.read(answer.text())

    def read(self, html: str) -> None:
        """Whether the document is sound."""
        tree = tree_of(html)
        for fault in faults_of(html):
            self._note(fault)
        ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
        self._note_all("id used twice", [key for key, times in ids.items() if times > 1])
        self.parts, self.elements = parts_of(tree), elements_of(tree)
        headings = list(tree.iter("h1"))
        if len(headings) != 1:
            self._note(f"{len(headings)} h1")
        self._note_all(
            "label for nothing",
            {label.get("for") for label in tree.iter("label") if label.get("for")} - ids.keys(),
        )

    def _note_all(self, fault: str, things: Iterable[Any]) -> None:
        for thing in things:
            self._note(f"{fault}: {thing}")

    def look(self, kind: str, screens: Sequence[Screen] = SCREENS) -> None:
        """Look at the page that is open, on each of these screens.

        Axe need not look at it where it is made of nothing but what a page of its kind was made of before,
        nor at the contrast of what looks like something that was looked at.
        """
        looked_at = self.seen.anatomy.setdefault(kind, set())
        new = not self.parts <= looked_at
        looked_at |= self.parts
        self.seen.elements |= self.elements
        for screen in screens:
            self._show(screen)
            first, narrow = screen is screens[0], screen.size == NARROW
            found = contrast_violations(self.page, self.seen.looks)
            if new and first:
                found += document_violations(self.page, _OF_BOTH if narrow else _OF_THE_DOCUMENT)
            elif new and narrow:
                found += document_violations(self.page, _OF_THE_SCREEN)
            self._note_all(f"{screen.size[0]} {screen.scheme}", found)
            if narrow:
                self._on_a_phone()
            if screen.tablet is not None:
                self._fit(screen.tablet)

    def _set(self, screen: Screen) -> None:
        if screen is not self._screen:
            _set(self.page, screen)
        self._screen = screen
        resize(self.page, *screen.size)

    def _on_a_phone(self) -> None:
        self._note_all(
            f"a row higher than {MAX_ROW_HEIGHT} pixels on a phone",
            self.page.evaluate(_HIGH_ROWS, MAX_ROW_HEIGHT),
        )
        height = height_of_fifty_rows(self.page)
        if height > MAX_HEIGHT:
            self._note(f"{height} pixels high on a phone with fifty rows")
        self._note_all(f"a target smaller than {MIN_TARGET} pixels on a phone", small_targets(self.page))

    def _fit(self, size: tuple[int, int] | None = None) -> None:
        """Show the page on a screen of this size, or of the size it has, which it must not be wider than."""
        if size is not None:
            resize(self.page, *size)
        wide, screen = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if wide > screen:
            self._note(f"{wide} pixels wide on a screen of {screen}")

    def _show(self, screen: Screen) -> None:
        """Show the page on a screen, which it must fit, with everything large enough to be read."""
        self._set(screen)
        self._fit()
        if screen.size == NARROW:
            # What sticks to the foot of a small screen lies over something, wherever that is.
            show_all_of(self.page)
        fault = f"text smaller than {MIN_TEXT} pixels on a screen of {screen.size[0]}"
        self._note_all(fault, small_texts(self.page))


@contextmanager
def inspection(url: str, browser: Browser, seen: Seen | None = None) -> Iterator[Inspection]:
    """An inspection with a browser of its own; it fails with everything that was found."""
    context = browser.new_context()
    context.set_default_timeout(120_000)
    # Read once for all pages: brought into each of them, it would be read anew.
    context.add_init_script(Axe().axe_script)
    found = Inspection(url, context.new_page(), seen)
    yield found
    context.close()
    assert not found.faults, "\n" + "\n".join(dict.fromkeys(found.faults))

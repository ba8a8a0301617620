"""That an inspection finds what it is for, on pages with one fault each."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.inspection import SCREENS, Inspection, Seen, screens_of
from tests.running import FULL

SOUND = "<h1>Orders</h1><p>Two phones</p>"


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    """A page without a site."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def seen(blank: Page) -> Seen:
    """What is known once a sound page was looked at."""
    seen = Seen()
    assert faults_of(blank, SOUND, seen=seen) == ""
    return seen


def faults_of(page: Page, *bodies: str, seen: Seen | None = None) -> str:
    """What is found on pages of one kind with these bodies, one after the other."""
    inspection = Inspection("", page, seen)
    for body in bodies:
        head = '<!DOCTYPE html><html lang="en"><head><title>x</title></head>'
        html = f"{head}<body><main>{body}</main></body></html>"
        page.set_content(html)
        inspection.read(html)
        inspection.look("a page", SCREENS)
    return "\n".join(inspection.faults)


def test_nothing_is_found_on_a_sound_page(blank: Page) -> None:
    assert faults_of(blank, SOUND) == ""
    link = "<p>Ordered in <a href='/x' style='text-decoration: underline'>HW-000001</a> today.</p>"
    box = "<label style='display: block; min-height: 44px'><input type='checkbox'> Both of them</label>"
    rows = "<tr><td style='height: 60px'>Phone</td></tr>" * 3
    table = f"<table class='compact' style='border-spacing: 0'><tbody>{rows}</tbody></table>"
    assert faults_of(blank, SOUND + link + box + table) == ""


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<p style="color: #bbb">pale</p>', "1400 light: color-contrast"),
        ('<p style="opacity: 0.3">pale</p>', "1400 light: color-contrast"),
        (
            "<style>@media (prefers-color-scheme: dark) { p { color: #333; background: #000 } }</style>",
            "1400 dark: color-contrast",
        ),
        (
            "<style>@media (max-width: 500px) { p { color: #bbb } }</style>",
            "390 light: color-contrast",
        ),
        # Of the same parts as what is sound beside it, and painted otherwise.
        ("<style>p:nth-of-type(2) { color: #bbb }</style><p>pale</p>", "1400 light: color-contrast"),
        ("<input>", "1400 light: label"),
        ("<button style='width: 9px; height: 9px'>x</button>" * 2, "390 light: target-size"),
        ("<div style='width: 2000px'>x</div>", "pixels wide on a screen of 1400"),
        ("<div style='width: 600px'>x</div>", "608 pixels wide on a screen of 390"),
        ("<div style='width: 900px'>x</div>", "908 pixels wide on a screen of 820"),
        (
            "<table class='compact'><tbody><tr><td><p>Two</p><p>phones</p></table>",
            "a row higher than 68 pixels on a phone: Two",
        ),
        (
            "<p style='font-size: 12.5px'>small</p>",
            "text smaller than 13 pixels on a screen of 1400: p. 12.5",
        ),
        (
            "<style>@media (max-width: 500px) { p { font-size: 12px } }</style>",
            "text smaller than 13 pixels on a screen of 390: p. 12.0",
        ),
        (
            "<svg viewBox='0 0 200 100' width='100'><text y='50' font-size='16'>small</text></svg>",
            "text smaller than 13 pixels on a screen of 1400: text. 8.0",
        ),
        (
            "<button style='width: 60px; height: 30px'>x</button>",
            "a target smaller than 44 pixels on a phone: <button",
        ),
        ("<p><a href='/x'>x</a></p>", "a target smaller than 44 pixels on a phone: <a"),
        # Large enough, and half of it under something else.
        (
            "<a href='/x' style='display: block; height: 44px'>x</a>"
            "<a href='/y' style='display: block; position: relative; top: -20px; height: 44px'>y</a>",
            "a target smaller than 44 pixels on a phone: <a",
        ),
        (
            "<table class='compact'><tbody>" + "<tr><td style='height: 66px'>Phone</td></tr>" * 5 + "</table>"
            "<p style='height: 900px'>x</p>",
            "pixels high on a phone with fifty rows",
        ),
        ("<h1>Again</h1>", "2 h1"),
        ("<p id='x'>a</p><p id='x'>b</p>", "id used twice: x"),
        ("<label for='nothing'>x</label>", "label for nothing: nothing"),
        ("<table><b>x</b></table>", "HTML, line 1"),
        ("<script>throw Error('oh')</script>", "script: oh"),
    ],
)
def test_a_fault_is_found(blank: Page, seen: Seen, body: str, fault: str) -> None:
    # Where the page before it was sound, which leaves the least to be looked at.
    assert fault in faults_of(blank, SOUND + body, seen=deepcopy(seen))
    # And where there was none before it.
    assert not FULL or fault in faults_of(blank, SOUND + body)


def test_what_looks_as_before_is_not_looked_at_again(blank: Page) -> None:
    pale = '<p style="color: #bbb">pale</p>'
    faults = faults_of(blank, SOUND + pale, SOUND + pale, SOUND + pale + "<p><b>more</b></p>")
    assert faults.count("1400 light: color-contrast") == 1


def test_pages_are_spread_over_the_screens_and_each_is_on_the_same_in_every_run() -> None:
    chosen = [screens_of(f"page {number}") for number in range(60)]
    assert {screen for screens in chosen for screen in screens} == set(SCREENS)
    assert {len(screens) for screens in chosen} == {len(SCREENS) if FULL else 1}
    assert screens_of("page 7") == screens_of("page 7")

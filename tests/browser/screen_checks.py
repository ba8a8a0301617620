"""Whether what a page shows can be read, hit with a finger and scrolled through on a phone."""

from __future__ import annotations

from playwright.sync_api import Page

# In pixels. Smaller text is not read by everybody; what is printed on labels is as small as the labels.
MIN_TEXT = 13
_SMALL_TEXTS = """least => {
    const skipped = "script, style, template, option, .stickers, .sr-only";
    const found = new Map(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode());) {
        const element = text.parentElement, range = document.createRange();
        if (!text.data.trim() || element.closest(skipped)) continue;
        range.selectNodeContents(text);
        const { width, height } = range.getBoundingClientRect(), style = getComputedStyle(element);
        if (width < 2 || height < 2 || style.visibility === "hidden") continue;
        const size = parseFloat(style.fontSize) * (element.closest("svg") ? element.getScreenCTM().a : 1);
        const what = `${element.localName}.${element.getAttribute("class") ?? ""}`;
        if (size < least - 0.01) found.set(what, size);
    }
    return [...found].slice(0, 3).map(([what, size]) => `${what} ${size.toFixed(1)}`);
}"""
# WCAG 2.2, 2.5.5: in pixels, links in a line of text left out.
MIN_TARGET = 44
_SMALL_TARGETS = """least => {
    const targets = "a[href], button, input:not([type=hidden]), select, textarea, summary";
    const hit = (x, y) => {
        const top = document.elementFromPoint(x, y);
        return top?.closest(targets) ?? top?.closest("label")?.control;
    };
    const inText = element => {
        let block = element;
        while (getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
        return block !== element && block.textContent.trim() !== element.textContent.trim();
    };
    const reach = (element, x, y, dx, dy) => {
        let steps = 0;
        while (steps < least && hit(x + dx * (steps + 1), y + dy * (steps + 1)) === element) steps++;
        return steps;
    };
    const tooSmall = element => {
        element.scrollIntoView({ block: "nearest", inline: "nearest" });
        const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
        if (element.disabled || width < 2 || height < 2 || right <= 0 || left >= innerWidth) return false;
        if (element.localName === "a" && inText(element)) return false;
        const x = (Math.max(left, 0) + Math.min(right, innerWidth)) / 2, y = (top + bottom) / 2;
        if (hit(x, y) !== element) return false;
        const high = reach(element, x, y, 0, -1) + 1 + reach(element, x, y, 0, 1);
        const wide = reach(element, x, y, -1, 0) + 1 + reach(element, x, y, 1, 0);
        return Math.min(high, wide) < least - 0.5;
    };
    const small = [...document.querySelectorAll(targets)].filter(tooSmall);
    return small.slice(0, 5).map(element => element.outerHTML.slice(0, 120));
}"""
# In pixels, of a page with fifty rows and everything that stands around them.
MAX_HEIGHT = 4_000
# Lists are long tables of rows; line items are few, and cards of the catalog are no rows. Where a phone shows
# ten rows of many until all are wanted, the page is as high as it is. Few rows have an error below them, or a
# colleague's scan.
_HEIGHT_OF_FIFTY_ROWS = """() => {
    const lists = ":is(.compact, .folding, .awaited-units, .unit-sheet, .spares, .saved-searches)";
    const rows = [...document.querySelectorAll(`${lists}:not(:has(+ .all-rows)) > tbody > tr`)];
    const usual = rows.filter(row => !row.querySelector(".check, .sub > button"));
    const room = usual.reduce((sum, row) => sum + row.getBoundingClientRect().height, 0);
    const height = document.documentElement.scrollHeight;
    if (!rows.length) return document.querySelector(".all-rows") ? height : 0;
    return Math.round(height + (usual.length ? (room / usual.length) * (50 - rows.length) : 0));
}"""


def resize(page: Page, width: int, height: int) -> None:
    """Make the screen as large as this, where it is not: the page is laid out and painted anew."""
    if page.viewport_size != {"width": width, "height": height}:
        page.set_viewport_size({"width": width, "height": height})


def show_all_of(page: Page) -> None:
    """Make the screen as high as the page."""
    size = page.viewport_size
    assert size is not None
    whole = page.evaluate("document.documentElement.scrollHeight")
    resize(page, size["width"], max(whole, size["height"]))


def small_texts(page: Page) -> list[str]:
    """What is written smaller than ``MIN_TEXT`` on the screen, and how small."""
    return list(page.evaluate(_SMALL_TEXTS, MIN_TEXT))


def small_targets(page: Page) -> list[str]:
    """What can be hit in less than ``MIN_TARGET`` by ``MIN_TARGET`` pixels, on a screen as high as it."""
    show_all_of(page)
    return list(page.evaluate(_SMALL_TARGETS, MIN_TARGET))


def height_of_fifty_rows(page: Page) -> int:
    """How high the page is if its long lists have fifty rows like those they have; 0 where it has none."""
    return int(page.evaluate(_HEIGHT_OF_FIFTY_ROWS))

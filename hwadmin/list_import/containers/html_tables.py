"""HTML tables, which portals like to save as .xls: rows and cells, without what is hidden.

A list needs no tree of the page, so the tags are read one after the other, in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from html import unescape

from hwadmin.list_import.containers.grid import CellCount, Grid
from hwadmin.list_import.lists import WHAT_TO_SEND, refuse

_TAG = re.compile(r"(/?)([A-Za-z][A-Za-z0-9:]*)")
_SPAN = {
    name: re.compile(rf"""{name}\s*=\s*["']?\s*([0-9]{{1,5}})""", re.IGNORECASE)
    for name in ("colspan", "rowspan", "span")
}
_HIDDEN = re.compile(
    r"display\s*:\s*none|(?:font-size|opacity)\s*:\s*0(?![.0-9])|mso-hide\s*:\s*all|visibility\s*:\s*(?:hidden|collapse)|(?:^|\s)hidden(?:\s|=|$)",
    re.IGNORECASE,
)
_STYLE = re.compile(r"<style[^>]*>([^<]*)", re.IGNORECASE)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_CLASS = re.compile(r"""class\s*=\s*["']?([\w -]+)""", re.IGNORECASE)
_CLASS_NAME = re.compile(r"\.([\w-]+)")
_STRUCK = re.compile(r"text-decoration[^;]*:[^;]*line-through", re.IGNORECASE)
_STRIKES = frozenset(("s", "del", "strike"))
# They have no end of their own, so nothing stands inside them.
_VOID = frozenset(("br", "img", "hr", "input", "meta", "link", "col", "wbr", "td", "th", "tr", "li", "p"))
_INLINE = frozenset(("span", "div", "font", "b", "i", "a", "em", "strong", "small", "label"))
_WHITE = re.compile(r"[\r\n\t]+")
_BREAKS = frozenset(("br", "p", "div", "li"))
_SILENT = frozenset(("script", "style", "head", "title", "xml"))
# What stands on lines of its own, beside or around tables.
_BLOCKS = _BREAKS | frozenset(
    ("table", "caption", "tr", "td", "th", "ul", "ol", "pre", "hr", "h1", "h2", "h3", "h4")
)


def is_html(text: str) -> bool:
    """Whether a text begins like a page, or like a table that was cut out of one."""
    start = text[:3000].lstrip("\ufeff \t\r\n").lower()
    page = start.startswith(("<!doctype html", "<html", "<table", "<head", "<body", "<meta", "<style"))
    return page or (start.startswith("<") and ("<table" in text[:200_000].lower() or "<html" in start))


def read_html(text: str) -> list[Grid]:
    """The tables of a page, one after the other, as one sheet; lines around them are rows of one cell.

    Raises InvalidInput where the page has no table.
    """
    grid = Grid()
    reader = _TableReader(grid, _layouts(text))
    unseen = _unseen_classes(text)
    for tag, attributes, content in _tags(text):
        if unseen and (named := _CLASS.search(attributes)) and unseen & set(named[1].split()):
            attributes += " hidden"
        reader.take(tag, attributes, content)
    reader.end_line()
    if not (grid.rows and reader.has_cells):
        raise refuse(f"This is a web page without a table. {WHAT_TO_SEND}")
    return [grid]


def _layouts(text: str) -> set[int]:
    """Which tables of a page, counted from 0, only place others: tables of several rows and columns."""
    found: set[int] = set()
    if text.lower().count("<table") < 2:
        return found
    open_tables: list[tuple[int, int, int]] = []  # number, rows, cells
    tables = 0
    for tag, _attributes, _content in _tags(text):
        if tag == "table":
            open_tables.append((tables, 0, 0))
            tables += 1
        elif open_tables and tag in ("tr", "td", "th"):
            number, rows, cells = open_tables[-1]
            open_tables[-1] = (number, rows + (tag == "tr"), cells + (tag != "tr"))
        elif open_tables and tag == "/table":
            number, rows, cells = open_tables.pop()
            if (rows > 1 and cells > rows) or number in found:
                found.update(outer for outer, _rows, _cells in open_tables[-1:])
    return found


def _unseen_classes(text: str) -> set[str]:
    """The classes that the style sheet of the page hides."""
    rules = (rule for sheet in _STYLE.findall(text[:200_000]) for rule in _RULE.findall(sheet))
    return {name for names, what in rules if _HIDDEN.search(what) for name in _CLASS_NAME.findall(names)}


def _tags(text: str) -> Iterator[tuple[str, str, str]]:
    """Each tag (closing ones with a slash in front) with its attributes and the text that follows it."""
    silent = comment = ""
    for chunk in text.split("<")[1:]:
        if comment:
            _before, closed, after = chunk.partition("-->")
            comment = "" if closed else comment
            if closed:
                yield "", "", after
            continue
        if chunk.startswith("!--"):
            _before, closed, after = chunk.partition("-->")
            comment = "" if closed else "!--"
            yield "", "", after if closed else ""
            continue
        name = _TAG.match(chunk)
        if not name:
            # A declaration, or no tag at all: "a < b".
            yield "", "", chunk.partition(">")[2] if chunk.startswith(("!", "?")) else "<" + chunk
            continue
        tag = name[1] + name[2].lower()
        if silent:
            silent = "" if tag == "/" + silent else silent
            continue
        silent = tag if tag in _SILENT and tag != "head" else ""
        inside, closed, content = chunk[name.end() :].partition(">")
        yield tag, inside, content if closed and not silent else ""


@dataclass(slots=True)
class _Nesting:
    """Whether what is read stands within an element of some sort."""

    name: str = ""
    depth: int = 0

    def take(self, tag: str, begins: bool) -> None:
        """Take one tag; `begins`: whether it is of the sort."""
        if not self.depth:
            if begins and tag not in _VOID and not tag.startswith("/"):
                self.name, self.depth = tag, 1
        elif tag == self.name:
            self.depth += 1
        elif tag == "/" + self.name:
            self.depth -= 1

    def __bool__(self) -> bool:
        return self.depth > 0


class _TableReader:
    """The rows of the tables being read; a table inside a cell is part of that cell's text."""

    def __init__(self, grid: Grid, layouts: Set[int]) -> None:
        self.grid, self.count = grid, CellCount()
        self.layouts, self.tables = layouts, 0
        # Of each table that is open, whether it only places others; and the line outside of tables.
        self.open_tables: list[bool] = []
        self.line: list[str] = []
        self.has_cells = False
        self.row = self.column = self.depth = self.span = 0
        self.cell: list[str] | None = None
        self.rowspan = 1
        # Cells of rows above that reach down: by column, the last row they cover.
        self.covered: dict[int, int] = {}
        self.hidden_cell = self.struck_cell = False
        # Within what hides, and within what strikes out.
        self.hiding = _Nesting()
        self.striking = _Nesting()
        self.struck: list[str] = []
        self.columns = 0

    def take(self, tag: str, attributes: str, content: str) -> None:
        """Take one tag and the text behind it."""
        self.hiding.take(tag, bool(_HIDDEN.search(attributes)))
        self.striking.take(tag, tag in _STRIKES or bool(_STRUCK.search(attributes)))
        if tag.removeprefix("/") in _BLOCKS:
            self.end_line()
        if tag == "table":
            self._open_table()
        elif tag == "/table":
            self._close_table()
        elif self.depth == 1 or not self.open_tables:
            self._take_in_table(tag, attributes)
        if tag in _BREAKS and self.cell:
            self.cell.append("\n")
        if content and (self.cell is not None or self.depth <= 1):
            self._take_text(self.line if self.cell is None else self.cell, content)

    def _open_table(self) -> None:
        self.open_tables.append(self.tables in self.layouts)
        self.tables += 1
        if not self.open_tables[-1]:
            self.depth += 1
            if self.depth == 1 and self.row:
                self.row += 1  # a blank row parts two tables

    def _close_table(self) -> None:
        if self.open_tables and self.open_tables.pop():
            return
        self.depth = max(0, self.depth - 1)
        if not self.depth:
            self._close_cell()
            self.covered.clear()
            self.columns = 0

    def end_line(self) -> None:
        """End a line that stands outside of tables: it is a row of one cell."""
        text = unescape("".join(self.line)).strip()
        self.line = []
        if text:
            self.row += 1
            self.grid.put(self.row, 1, text)
            self.grid.outside.add(self.row)

    def _take_text(self, cell: list[str], content: str) -> None:
        # Line ends of the source are blanks.
        text = _WHITE.sub(" ", content)
        if self.striking:
            self.struck.append(text)
        elif not self.hiding or (self.cell is not None and self.hiding.name not in _INLINE):
            cell.append(text)
        elif text.strip():
            self.grid.leave(self.row, "Cells hold text that is not shown")

    def _take_in_table(self, tag: str, attributes: str) -> None:
        if tag == "tr":
            self._close_cell()
            self.row, self.column = self.row + 1, 0
            if _HIDDEN.search(attributes) or self.hiding:
                self.grid.hidden_rows.add(self.row)
        elif tag == "col":
            self.columns += _span(attributes, "span")
            if _HIDDEN.search(attributes):
                self.grid.hidden_columns.add(self.columns)
        elif tag in ("td", "th"):
            self._close_cell()
            self._open_cell(attributes)
        elif tag in ("/td", "/th", "/tr"):
            self._close_cell()

    def _open_cell(self, attributes: str) -> None:
        self.count.add()
        self.row, self.has_cells = self.row or 1, True
        self.column += 1
        while self.covered.get(self.column, 0) >= self.row:
            self.column += 1
        self.cell, self.struck = [], []
        self.struck_cell = bool(_STRUCK.search(attributes))
        self.span, self.rowspan = _span(attributes, "colspan"), _span(attributes, "rowspan")
        self.hidden_cell = bool(_HIDDEN.search(attributes))

    def _close_cell(self) -> None:
        if self.cell is None:
            return
        if not self.hidden_cell:
            text, struck = unescape("".join(self.cell)), unescape("".join(self.struck))
            self.grid.put(self.row, self.column, "" if self.struck_cell else text)
            self.grid.put_struck(self.row, self.column, text if self.struck_cell else struck)
        if self.rowspan > 1:
            bottom = self.row + self.rowspan - 1
            self.grid.merged.append((self.column, self.row, self.column, bottom))
            for column in range(self.column, min(self.column + self.span, 100)):
                self.covered[column] = bottom
        self.column += self.span - 1
        self.cell = None


def _span(attributes: str, name: str) -> int:
    span = _SPAN[name].search(attributes)
    return max(1, int(span[1])) if span else 1

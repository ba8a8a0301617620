"""OpenDocument spreadsheets (.ods): the cells as they are shown, with what is hidden or filtered."""

from __future__ import annotations

from hwadmin.list_import.containers.archive import ZippedDocument
from hwadmin.list_import.containers.grid import (
    MAX_SHEETS,
    UNSEEN,
    CellCount,
    Grid,
    number_text,
    once_tidied,
)
from hwadmin.list_import.containers.xml_reading import Attributes, read_xml, shows_nothing
from hwadmin.list_import.lists import MAX_COLUMNS, damaged

# A sheet's unused rows and columns are written as one that repeats a million times.
_MAX_REPEATED_ROWS = 20_001
# No list is read so far down.
_LAST_ROW = 100_000
_OF_AUTHORS = ("creator", "date", "date-string", "creator-initials")
_WHITE, _TINY = "#ffffff", ("0pt", "1pt")
_STYLED = ("p", "span")
_GROUPS = ("table-row-group", "table-column-group")


def is_open_document(archive: ZippedDocument) -> bool:
    """Whether the archive is an OpenDocument spreadsheet."""
    return (
        "content.xml" in archive
        and "mimetype" in archive
        and b"spreadsheet" in archive.read("mimetype")[:100]
    )


def read_open_document(archive: ZippedDocument) -> list[Grid]:
    """The sheets of an OpenDocument spreadsheet. Raises InvalidInput where it cannot be read."""
    reader = _ContentReader()
    read_xml(archive.read("content.xml"), reader.start, reader.end, reader.text)
    if not reader.grids:
        raise damaged()
    return reader.grids


class _ContentReader:
    """The content of the document being read."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self.count = CellCount()
        self.hidden_styles: set[str] = set()
        self.struck_styles: set[str] = set()
        # Styles of white letters, and those with a ground of their own to see them on.
        self.white_styles: set[str] = set()
        self.grounds: set[str] = set()
        self.struck: list[tuple[int, str]] = []
        self.is_struck = self.is_unseen = False
        # Rows and columns of no size; what cells take their style from that name none.
        self.flat_styles: set[str] = set()
        self.row_style = ""
        self.column_styles: dict[int, str] = {}
        # Within a paragraph, whether each element that is open strikes out.
        self.striking: list[bool] = []
        self.struck_text: list[str] = []
        # Groups that are collapsed and what of them is open now: of rows, and of columns.
        self.collapsed: list[bool] = []
        self.style = ""
        self.row = self.column = self.row_repeats = self.repeats = 0
        self.cell: list[str] | None = None
        self.value = self.kind = ""
        self.in_note = 0
        self.note: list[str] = []
        self.cells: list[tuple[int, str]] = []

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if name == "table":
            hidden = attributes.get("style-name", "") in self.hidden_styles
            self.grids.append(Grid(attributes.get("name", ""), hidden=hidden))
            self.row = self.column = 0
            self.column_styles = {}
        elif not self.grids:
            self._start_style(name, attributes)
        elif name in _GROUPS:
            self.collapsed.append(attributes.get("display") == "false")
        elif name == "table-column":
            self._start_column(attributes)
        elif name == "table-row":
            self.row_repeats = min(_repeated(attributes, "number-rows-repeated"), _MAX_REPEATED_ROWS)
            self.row_style = attributes.get("default-cell-style-name", "")
            if self._is_hidden(attributes):
                last = min(self.row + self.row_repeats, _LAST_ROW)
                self.grids[-1].hidden_rows.update(range(self.row + 1, last + 1))
            self.column, self.cells, self.struck = 0, [], []
        elif name in ("table-cell", "covered-table-cell"):
            self._start_cell(attributes)
        else:
            self._start_text(name, attributes)

    def _is_hidden(self, attributes: Attributes) -> bool:
        flat = attributes.get("style-name", "") in self.flat_styles
        return attributes.get("visibility", "visible") != "visible" or flat or any(self.collapsed)

    def _start_text(self, name: str, attributes: Attributes) -> None:
        if self.cell is not None and name in _STYLED:
            self.striking.append(attributes.get("style-name", "") in self.struck_styles)
        if name == "annotation":
            self.in_note += 1
            self.note = []
        elif name in ("p", "line-break") and self.cell:
            self.cell.append("\n")
        elif name in ("s", "tab") and self.cell is not None:
            self.cell.append(" ")

    def _start_style(self, name: str, attributes: Attributes) -> None:
        if name == "style":
            self.style = attributes.get("name", "")
        elif name == "table-properties" and attributes.get("display") == "false":
            self.hidden_styles.add(self.style)
        elif name == "text-properties":
            self._start_letters(attributes)
        elif name == "table-cell-properties":
            if attributes.get("background-color", "transparent") not in ("transparent", _WHITE):
                self.grounds.add(self.style)
        elif shows_nothing(attributes.get("row-height")) or shows_nothing(attributes.get("column-width")):
            self.flat_styles.add(self.style)

    def _start_letters(self, attributes: Attributes) -> None:
        if attributes.get("text-line-through-style", "none") != "none":
            self.struck_styles.add(self.style)
        if attributes.get("color") == _WHITE or attributes.get("font-size") in _TINY:
            self.white_styles.add(self.style)

    def _start_column(self, attributes: Attributes) -> None:
        repeated = _repeated(attributes, "number-columns-repeated")
        last = min(self.column + repeated, MAX_COLUMNS)
        if self._is_hidden(attributes):
            self.grids[-1].hidden_columns.update(range(self.column + 1, last + 1))
        if (style := attributes.get("default-cell-style-name", "")) in self.struck_styles:
            self.column_styles |= dict.fromkeys(range(self.column + 1, last + 1), style)
        self.column += repeated

    def _start_cell(self, attributes: Attributes) -> None:
        self.count.add()
        self.cell, self.in_note = [], 0
        self.striking, self.struck_text = [], []
        inherited = self.row_style or self.column_styles.get(self.column + 1, "")
        style = attributes.get("style-name", inherited)
        self.is_struck = style in self.struck_styles
        self.is_unseen = style in self.white_styles - self.grounds
        self.repeats = _repeated(attributes, "number-columns-repeated")
        self.kind = attributes.get("value-type", "")
        self.value = attributes.get("date-value" if self.kind == "date" else "value", "")
        spanned = _repeated(attributes, "number-rows-spanned")
        if spanned > 1:
            column, row = self.column + 1, self.row + 1
            self.grids[-1].merged.append((column, row, column, row + spanned - 1))

    def text(self, text: str) -> None:
        """Take a piece of text."""
        if self.in_note:
            self.note.append(text)
        elif self.cell is not None:
            (self.struck_text if any(self.striking) else self.cell).append(text)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == "annotation":
            self.in_note -= 1
            self.grids[-1].add_note(self.row + 1, "".join(self.note))
        elif self.in_note and name in _OF_AUTHORS:
            self.note.clear()
        elif name in _STYLED and self.striking:
            self.striking.pop()
        elif name in _GROUPS and self.collapsed:
            self.collapsed.pop()
        elif name in ("table-cell", "covered-table-cell") and self.cell is not None:
            self._end_cell(once_tidied(self._cell_text()))
        elif name == "table-row" and self.grids:
            self._end_row(self.grids[-1])
            self.row += self.row_repeats

    def _end_cell(self, text: str) -> None:
        if text and self.is_unseen:
            self.grids[-1].leave(self.row + 1, UNSEEN)
            text = ""
        for column in range(self.column + 1, min(self.column + self.repeats, MAX_COLUMNS + 1) + 1):
            if text:
                (self.struck if self.is_struck else self.cells).append((column, text))
        if self.struck_text and not self.is_struck:
            self.struck.append((self.column + 1, "".join(self.struck_text)))
        self.column += self.repeats
        self.cell = None

    def _end_row(self, grid: Grid) -> None:
        if not (self.cells or self.struck) or len(self.grids) > MAX_SHEETS:
            return
        self.count.add((len(self.cells) + len(self.struck)) * (self.row_repeats - 1))
        for row in range(self.row + 1, self.row + self.row_repeats + 1):
            for column, text in self.cells:
                grid.put(row, column, text)
            for column, text in self.struck:
                grid.put_struck(row, column, text)

    def _cell_text(self) -> str:
        shown = "".join(self.cell or ())
        if self.kind == "float":
            number = number_text(self.value)
            # What is shown has the leading zeros; what is stored has all digits.
            plain = shown.strip()
            return plain if plain.isdecimal() and plain.lstrip("0") == number else number
        if self.kind == "date":
            return self.value.partition("T")[0]
        return shown


def _repeated(attributes: Attributes, name: str) -> int:
    written = attributes.get(name, "1")
    return max(int(written), 1) if written.isdecimal() and len(written) < 9 else 1

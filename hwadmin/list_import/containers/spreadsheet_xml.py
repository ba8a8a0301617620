"""SpreadsheetML 2003: one XML file that many programs save as .xls."""

from __future__ import annotations

from hwadmin.list_import.containers.grid import MAX_SHEETS, CellCount, Grid, number_text
from hwadmin.list_import.containers.xml_reading import Attributes, read_xml, shows_nothing
from hwadmin.list_import.lists import MAX_COLUMNS, damaged

_NAMESPACE = b"urn:schemas-microsoft-com:office:spreadsheet"


def is_spreadsheet_xml(data: bytes) -> bool:
    """Whether a file begins like SpreadsheetML 2003."""
    start = data[:2000].replace(b"\0", b"")
    return b"<?xml" in start[:100] and _NAMESPACE in start and b"Workbook" in start


def read_spreadsheet_xml(data: bytes) -> list[Grid]:
    """The sheets of a SpreadsheetML file. Raises InvalidInput where it cannot be read."""
    reader = _Reader()
    read_xml(data, reader.start, reader.end, reader.text)
    if not reader.grids:
        raise damaged()
    return reader.grids


class _Reader:
    """The workbook being read."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self.count = CellCount()
        self.row = self.column = self.defined = self.across = 0
        self.kind = ""
        self.data: list[str] | None = None
        self.element = self.style = ""
        self.struck_styles: set[str] = set()
        self.is_struck = False
        # What cells take their style from that name none.
        self.row_style = ""
        self.column_styles: dict[int, str] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        self.element = name
        if name == "Worksheet":
            self.grids.append(Grid(attributes.get("Name", "")))
            self.row = self.defined = 0
            self.column_styles = {}
        elif not self.grids:
            self._start_style(name, attributes)
        elif name == "Column":
            self.defined = _index(attributes, self.defined)
            span = int(attributes.get("Span", "0"))
            if attributes.get("Hidden") == "1" or shows_nothing(attributes.get("Width")):
                self.grids[-1].hidden_columns.update(range(self.defined, self.defined + min(span, 100) + 1))
            if attributes.get("StyleID", "") in self.struck_styles:
                columns = range(self.defined, min(self.defined + span, MAX_COLUMNS) + 1)
                self.column_styles |= dict.fromkeys(columns, attributes["StyleID"])
            self.defined += span
        elif name == "Row":
            self.row = _index(attributes, self.row)
            self.column, self.row_style = 0, attributes.get("StyleID", "")
            if attributes.get("Hidden") == "1" or shows_nothing(attributes.get("Height")):
                span = min(int(attributes.get("Span", "0")), 20_000)
                self.grids[-1].hidden_rows.update(range(self.row, self.row + span + 1))
        elif name == "Cell":
            self._start_cell(attributes)
        elif name == "Data":
            self.kind, self.data = attributes.get("Type", "String"), []

    def _start_style(self, name: str, attributes: Attributes) -> None:
        if name == "Style":
            self.style = attributes.get("ID", "")
        elif name == "Font" and attributes.get("StrikeThrough") == "1":
            self.struck_styles.add(self.style)

    def _start_cell(self, attributes: Attributes) -> None:
        self.count.add()
        self.column = _index(attributes, self.column)
        inherited = self.row_style or self.column_styles.get(self.column, "")
        self.is_struck = attributes.get("StyleID", inherited) in self.struck_styles
        down = int(attributes.get("MergeDown", "0"))
        if down > 0:
            self.grids[-1].merged.append((self.column, self.row, self.column, self.row + down))
        self.across = int(attributes.get("MergeAcross", "0"))

    def text(self, text: str) -> None:
        """Take a piece of text."""
        if self.data is not None:
            self.data.append(text)
        elif self.element == "Visible" and text.strip().startswith("Sheet") and self.grids:
            self.grids[-1].hidden = text.strip() != "SheetVisible"

    def end(self, name: str) -> None:
        """Take the end of an element."""
        self.element = ""
        if name == "Data" and self.data is not None:
            text = "".join(self.data)
            if self.kind == "Number":
                text = number_text(text)
            elif self.kind == "DateTime":
                text = text.partition("T")[0]
            if len(self.grids) <= MAX_SHEETS:
                grid = self.grids[-1]
                (grid.put_struck if self.is_struck else grid.put)(self.row, self.column, text)
            self.data = None
        elif name == "Cell":
            self.column += self.across
            self.across = 0


def _index(attributes: Attributes, before: int) -> int:
    """The number of a row, column or cell: as it says, or the one after the one before."""
    written = attributes.get("Index", "")
    return int(written) if written.isdecimal() and len(written) < 8 else before + 1

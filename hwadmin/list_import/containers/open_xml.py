"""Open XML workbooks (.xlsx, .xlsm), by their relationships: Strict files and odd part names are read.

The numbers are taken as they are written in the file, not as floating point, and what is hidden is known. Of
the styles only the formats of numbers are used, and a file whose styles are damaged is read all the same.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hwadmin.list_import.containers.archive import ZippedDocument
from hwadmin.list_import.containers.grid import (
    MAX_SHEETS,
    CellCount,
    Grid,
    formula_text,
    number_text,
    once_tidied,
)
from hwadmin.list_import.containers.open_xml_notes import read_notes
from hwadmin.list_import.containers.open_xml_styles import CellStyles, TextReader, styles_of, with_breaks
from hwadmin.list_import.containers.xml_reading import Attributes, read_xml, shows_nothing
from hwadmin.list_import.lists import CONDITIONAL, WHAT_TO_SEND, damaged, refuse

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_RANGE = re.compile(rf"{_CELL.pattern}:{_CELL.pattern}")
_MAX_MERGED = 5_000
_SHOWS_NOTHING = re.compile(";;;")
_OTHER_DOCUMENTS = {
    "word/": "a Word document",
    "ppt/": "a presentation",
    "xl/workbook.bin": "a binary spreadsheet (.xlsb); save it as .xlsx",
}


@dataclass(slots=True)
class _Book:
    """What the workbook itself says: its sheets by name, and how its days count."""

    sheets: list[tuple[str, str, bool]] = field(default_factory=list)  # name, relationship, hidden
    epoch_1904: bool = False
    strings: list[str] = field(default_factory=list)
    styles: CellStyles = field(default_factory=CellStyles)
    # The shared strings of which something is struck out.
    struck_strings: set[int] = field(default_factory=set)


def read_open_xml(archive: ZippedDocument) -> list[Grid]:
    """The sheets of an Open XML workbook.

    Raises InvalidInput with a sentence for another document, and for what cannot be read.
    """
    path = _workbook_path(archive)
    related = _relationships(archive, path)
    book = _read_book(archive, path, related)
    count = CellCount()
    grids: list[Grid] = []
    for name, key, hidden in book.sheets:
        kind, target = related.get(key, ("", ""))
        if kind != "worksheet":
            continue
        grid = Grid(name, hidden=hidden)
        if len(grids) >= MAX_SHEETS:
            grid.notes.append(f"The sheet {name} was not read; the first {MAX_SHEETS} are.")
        elif not hidden:
            _SheetReader(grid, book, count).read(archive.read(target))
            read_notes(archive, _relationships(archive, target), grid)
        grids.append(grid)
    if not grids:
        raise damaged()
    return grids


def _read_book(archive: ZippedDocument, path: str, related: Mapping[str, tuple[str, str]]) -> _Book:
    book = _Book()

    def start(name: str, attributes: Attributes) -> None:
        if name == "workbookPr":
            book.epoch_1904 = attributes.get("date1904", "0").lower() in ("1", "true")
        elif name == "sheet":
            hidden = attributes.get("state", "visible") != "visible"
            # Both the sheet's own id and its relationship are called "id" in some files; the latter is text.
            book.sheets.append((attributes.get("name", ""), attributes.get("id", ""), hidden))

    read_xml(archive.read(path), start)
    for kind, target in related.values():
        if kind == "sharedStrings" and target in archive:
            _read_strings(archive.read(target), book)
        elif kind == "styles" and target in archive:
            book.styles = styles_of(archive, target)
    return book


def _workbook_path(archive: ZippedDocument) -> str:
    for kind, target in _relationships(archive, "").values():
        is_xml = kind == "officeDocument" and target in archive and target.lower().endswith(".xml")
        if is_xml and b"workbook" in archive.read(target)[:4000]:
            return target
    for beginning, what in _OTHER_DOCUMENTS.items():
        if any(name.startswith(beginning) for name in archive.names):
            raise refuse(f"This is {what}. {WHAT_TO_SEND}")
    if "xl/workbook.xml" in archive:
        return "xl/workbook.xml"
    raise refuse(f"This is a compressed file. {WHAT_TO_SEND}")


def _relationships(archive: ZippedDocument, path: str) -> dict[str, tuple[str, str]]:
    """By id, the kind and the target of each relationship of a part; of the whole document for no path."""
    folder, name = posixpath.split(path)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    related: dict[str, tuple[str, str]] = {}
    if rels not in archive:
        return related

    def start(element: str, attributes: Attributes) -> None:
        if element == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            whole = target if target.startswith("/") else posixpath.join(folder, target)
            kind = attributes.get("Type", "").rpartition("/")[2]
            related[attributes.get("Id", "")] = kind, whole.lstrip("/")

    read_xml(archive.read(rels), start)
    return related


def _read_strings(data: bytes, book: _Book) -> None:
    reader = TextReader()

    def start(name: str, attributes: Attributes) -> None:
        if name == "si":
            reader.begin()
        reader.open(name, attributes)

    def end(name: str) -> None:
        reader.close(name)
        if name == "si":
            if reader.has_struck:
                book.struck_strings.add(len(book.strings))
            book.strings.append(once_tidied(reader.text))

    read_xml(data, start, end, reader.add)


class _SheetReader:
    """One sheet being read; a cell or a row without its address follows the one before."""

    def __init__(self, grid: Grid, book: _Book, count: CellCount) -> None:
        self.grid, self.book, self.count = grid, book, count
        self.row = self.column = 0
        self.kind, self.style = "", 0
        self.formula = self.in_value = False
        self.value: list[str] = []
        self.text = TextReader()
        # Cells whose text has the color of their ground, unless something else colors that.
        self.unseen: list[tuple[int, int, str]] = []
        self.has_grounds = False
        self.conditional = ""

    def read(self, data: bytes) -> None:
        """Read the sheet into its grid."""
        read_xml(data, self._start, self._end, self._text)
        self.grid.put_unseen(self.unseen, has_grounds=self.has_grounds)

    def _start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif name == "row":
            self._start_row(attributes)
        elif name == "v":
            self.in_value = True
        elif name == "f":
            self.formula = True
        elif name == "col":
            self._start_column(attributes)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        else:
            self._start_format(name, attributes)
            self.text.open(name, attributes)

    def _start_column(self, attributes: Attributes) -> None:
        if attributes.get("hidden") in ("1", "true") or shows_nothing(attributes.get("width"), least=0.3):
            first, last = int(attributes.get("min", "0")), int(attributes.get("max", "0"))
            self.grid.hidden_columns.update(range(max(first, 1), min(last, 100) + 1))

    def _start_format(self, name: str, attributes: Attributes) -> None:
        if name == "conditionalFormatting":
            self.conditional = attributes.get("sqref", "")
        elif name == "cfRule":
            self._start_condition(attributes.get("dxfId", ""))
        elif name == "tablePart":
            self.has_grounds = True

    def _start_condition(self, style: str) -> None:
        if style.isdecimal() and int(style) in self.book.styles.hiding:
            note = f"{CONDITIONAL} strikes out or hides some cells of {self.conditional[:40]}."
            if note not in self.grid.notes:
                self.grid.notes.append(note)
        else:
            self.has_grounds = True

    def _start_row(self, attributes: Attributes) -> None:
        self.row = int(attributes.get("r", self.row + 1))
        self.column = 0
        if attributes.get("hidden") in ("1", "true") or shows_nothing(attributes.get("ht"), least=2):
            self.grid.hidden_rows.add(self.row)

    def _start_cell(self, attributes: Attributes) -> None:
        self.count.add()
        address = _CELL.fullmatch(attributes.get("r", ""))
        if address:
            self.column, self.row = column_number(address[1]), int(address[2])
        else:
            self.column += 1
        style = attributes.get("s", "0")
        self.kind, self.style = attributes.get("t", "n"), int(style) if style.isdecimal() else 0
        self.formula, self.value = False, []
        self.text.begin()

    def _text(self, text: str) -> None:
        if self.in_value:
            self.value.append(text)
        else:
            self.text.add(text)

    def _end(self, name: str) -> None:
        if name == "v":
            self.in_value = False
        elif name == "c":
            self._put(formula_text(self.formula, self._cell_text()))
        else:
            self.text.close(name)

    def _put(self, text: str) -> None:
        formats = self.book.styles.formats
        if self.style < len(formats) and _SHOWS_NOTHING.fullmatch(formats[self.style]):
            if text:
                self.grid.leave(self.row, "Cells have a format that shows nothing")
        elif text and self.style in self.book.styles.unseen:
            self.unseen.append((self.row, self.column, text))
        elif self.style in self.book.styles.struck:
            self.grid.put_struck(self.row, self.column, text)
        else:
            self.grid.put(self.row, self.column, text)

    def _cell_text(self) -> str:
        value = "".join(self.value)
        if self.kind == "s":
            index = int(value) if value.isdecimal() else -1
            if index in self.book.struck_strings:
                self.grid.leave(self.row, "Cells have parts that are struck out")
            return self.book.strings[index] if 0 <= index < len(self.book.strings) else ""
        if self.kind == "inlineStr":
            return self.text.text
        if self.kind == "b":
            return "TRUE" if value in ("1", "true") else "FALSE" if value else ""
        if self.kind == "n" and value:
            formats = self.book.styles.formats
            number_format = formats[self.style] if self.style < len(formats) else ""
            return number_text(value, number_format, epoch_1904=self.book.epoch_1904)
        if self.kind == "d":
            return value.removesuffix("T00:00:00").removesuffix("T00:00:00Z")
        return with_breaks(value)

    def _merge(self, reference: str) -> None:
        merged = _RANGE.fullmatch(reference)
        if merged and len(self.grid.merged) < _MAX_MERGED:
            left, top, right, bottom = merged.groups()
            self.grid.merged.append((column_number(left), int(top), column_number(right), int(bottom)))


def column_number(letters: str) -> int:
    """The number of a column from 1: C is 3, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number

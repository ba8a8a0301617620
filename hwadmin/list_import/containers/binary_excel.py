"""Workbooks of Excel 97-2003 (.xls): values by python-calamine, what else is known of them from the records.

python-calamine lays a sheet out as a full rectangle, so its extent is looked at before it is given the file.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from hwadmin.list_import.containers.binary_excel_styles import BinaryComments, BinaryStyles
from hwadmin.list_import.containers.compound_file import SIGNATURE, stream_of
from hwadmin.list_import.containers.grid import MAX_SHEETS, CellCount, Grid, number_text
from hwadmin.list_import.containers.open_xml_notes import without_author
from hwadmin.list_import.lists import WHAT_TO_SEND, damaged, refuse

_MAX_AREA = 2_000_000
_BOF, _EOF, _BOUNDSHEET, _FILEPASS, _CONDITION = 0x809, 0x0A, 0x85, 0x2F, 0x1B0
# In twentieths of a point, and in parts of 256 of a character.
_LEAST_HEIGHT, _LEAST_WIDTH = 40, 77
_ROW, _COLINFO, _MERGED = 0x208, 0x7D, 0xE5
_SEVERAL_NUMBERS = 0xBD
_CELLS = frozenset((0xFD, 0x203, 0x27E, _SEVERAL_NUMBERS, 0x204, 0x06, 0x205, 0xD6, 0xBE, 0x201))


def is_compound_file(data: bytes) -> bool:
    """Whether a file is of the format Office used before 2007."""
    return data.startswith(SIGNATURE[:4])


@dataclass(slots=True)
class _SheetFacts:
    """What the records say of a sheet beside its values."""

    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    # By row and column, counted from 1.
    struck: set[tuple[int, int]] = field(default_factory=set)
    unseen: set[tuple[int, int]] = field(default_factory=set)
    comments: BinaryComments = field(default_factory=BinaryComments)
    has_grounds: bool = False
    rows: int = 0
    columns: int = 0


def read_binary_excel(data: bytes) -> list[Grid]:
    """The sheets of an .xls file.

    Raises InvalidInput with a sentence for another document, and for what cannot be read.
    """
    stream = stream_of(data, ("Workbook", "Book"))
    if stream is None:
        raise refuse(f"This is a document of the old format (.doc, .ppt), or it is damaged. {WHAT_TO_SEND}")
    facts = _facts(stream)
    if sum(sheet.rows * sheet.columns for sheet in facts) > _MAX_AREA:
        raise refuse("This spreadsheet is far larger than a list; copy the columns that matter.")
    values = _values(data)
    if len(values) != len(facts):
        facts = [_SheetFacts() for _ in values]
    grids, count = [], CellCount()
    for (name, rows), sheet in zip(values, facts, strict=True):
        grid = Grid(
            name, hidden=sheet.hidden, hidden_rows=sheet.hidden_rows, hidden_columns=sheet.hidden_columns
        )
        grid.merged = sheet.merged
        _fill(grid, rows, sheet, count)
        grids.append(grid)
    if not grids:
        raise damaged()
    return grids


def _fill(grid: Grid, rows: list[list[object]], sheet: _SheetFacts, count: CellCount) -> None:
    unseen: list[tuple[int, int, str]] = []
    for row, cells in enumerate(rows, start=1):
        for column, value in enumerate(cells, start=1):
            if value == "":
                continue
            count.add()
            if (row, column) in sheet.struck:
                grid.put_struck(row, column, _text(value))
            elif (row, column) in sheet.unseen:
                unseen.append((row, column, _text(value)))
            else:
                grid.put(row, column, _text(value))
    grid.put_unseen(unseen, has_grounds=sheet.has_grounds)
    for row, text in sheet.comments.by_row.items():
        grid.add_note(row, without_author(text.replace("\r", "\n")))


def _values(data: bytes) -> list[tuple[str, list[list[object]]]]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum  # seldom needed

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            names = [sheet.name for sheet in book.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]
            return [
                (name, list(map(list, book.get_sheet_by_name(name).to_python(skip_empty_area=False))))
                for name in names[:MAX_SHEETS]
            ]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        # A panic of the reader is no Exception.
        raise damaged() from error


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return number_text(repr(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _facts(stream: bytes) -> list[_SheetFacts]:
    """What the records say of each worksheet, in the order of the workbook."""
    by_offset: dict[int, _SheetFacts] = {}
    sheet: _SheetFacts | None = None
    styles = BinaryStyles()
    depth = 0
    try:
        for at, kind, body in _records(stream):
            if kind == _BOF:
                depth += 1
                sheet = by_offset.get(at, sheet)
            elif kind == _EOF:
                depth -= 1
                sheet = sheet if depth else None
            elif depth == 1 and sheet is None:
                _take_of_book(by_offset, styles, kind, body)
            elif sheet is not None and depth == 1:
                _take(sheet, styles, kind, body)
    except struct.error as error:
        raise damaged() from error
    return list(by_offset.values())[:MAX_SHEETS]


def _take_of_book(by_offset: dict[int, _SheetFacts], styles: BinaryStyles, kind: int, body: bytes) -> None:
    """Take a record of the workbook itself."""
    if kind == _FILEPASS:
        raise refuse(f"This spreadsheet is protected by a password. {WHAT_TO_SEND}")
    if kind == _BOUNDSHEET:
        offset, state, sheet_type = struct.unpack_from("<IBB", body)
        if sheet_type == 0:
            by_offset[offset] = _SheetFacts(hidden=bool(state & 3))
    else:
        styles.take(kind, body)


def _take(sheet: _SheetFacts, styles: BinaryStyles, kind: int, body: bytes) -> None:
    if kind in _CELLS:
        row, column = struct.unpack_from("<HH", body)
        last = (
            struct.unpack_from("<H", body, len(body) - 2)[0] if kind in (_SEVERAL_NUMBERS, 0xBE) else column
        )
        sheet.rows, sheet.columns = max(sheet.rows, row + 1), max(sheet.columns, last + 1)
        _take_styles(sheet, styles, kind, body)
    elif kind == _ROW:
        height = struct.unpack_from("<H", body, 6)[0] & 0x7FFF
        if struct.unpack_from("<H", body, 12)[0] & 0x20 or height < _LEAST_HEIGHT:
            sheet.hidden_rows.add(struct.unpack_from("<H", body)[0] + 1)
    elif kind == _COLINFO:
        first, last, width, _style, options = struct.unpack_from("<5H", body)
        if options & 1 or width < _LEAST_WIDTH:
            sheet.hidden_columns.update(range(first + 1, min(last, 255) + 2))
    elif kind == _CONDITION:
        sheet.has_grounds = True
    elif kind == _MERGED:
        for index in range(struct.unpack_from("<H", body)[0]):
            top, bottom, left, right = struct.unpack_from("<4H", body, 2 + 8 * index)
            sheet.merged.append((left + 1, top + 1, right + 1, bottom + 1))
    else:
        sheet.comments.take(kind, body)


def _take_styles(sheet: _SheetFacts, styles: BinaryStyles, kind: int, body: bytes) -> None:
    """Note the cells of a record that are struck out or not seen."""
    row, column, style = struct.unpack_from("<3H", body)
    several = struct.iter_unpack("<HI", body[4:-2]) if kind == _SEVERAL_NUMBERS else ((style, 0),)
    for place, (number, _value) in enumerate(several, start=column + 1):
        if styles.is_struck(number):
            sheet.struck.add((row + 1, place))
        elif styles.is_unseen(number):
            sheet.unseen.add((row + 1, place))

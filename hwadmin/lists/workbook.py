"""From an XLSX file to rows: numbers as they were typed, merged cells filled downwards, bombs refused."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
import zlib
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from hwadmin.errors import InvalidInput
from hwadmin.lists.reading import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    WANTED,
    refuse,
    too_many,
)

# A list of 5,000 rows is some 3 MB of XML; what unpacks to much more is no list.
MAX_UNPACKED = 16 * 1024 * 1024
MAX_PARTS = 400
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_MOST_MERGED = 5_000
_OTHERS = {
    "word/": "a Word document",
    "ppt/": "a presentation",
    "content.xml": "an OpenDocument file",
    "xl/workbook.bin": "a binary spreadsheet (.xlsb)",
}


def workbook_text(data: bytes, most_rows: int = MAX_ROWS) -> str:
    """The first sheet of an XLSX file that is not empty, as a text with one line for each row.

    What other sheets hold is named in comments at its end. Raises InvalidInput with a sentence for anything
    else.
    """
    merged = _inspected(data)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of what it leaves out: charts, validation, missing styles.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            read = [(sheet.title, _rows(sheet, most_rows), _path(sheet)) for sheet in sheets[:20]]
            book.close()
    except InvalidInput:
        raise
    except Exception as error:
        # openpyxl raises whatever a damaged file leads it to: KeyError, ValueError, BadZipFile, ParseError.
        raise refuse(f"This spreadsheet is damaged and cannot be read. {WANTED}") from error
    filled = [one for one in read if any(any(cells) for cells in one[1])]
    if not filled:
        raise refuse("This spreadsheet is empty.")
    title, cells, path = filled[0]
    _fill_down(cells, merged.get(path, []))
    text = io.StringIO()
    text.write("sep=\t\n")
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows(cells)
    for other, rest, _path_of_it in filled[1:]:
        text.write(f"# Only the sheet {title} was read; {other}, with {len(rest)} rows, was not.\n")
    return text.getvalue()


def _inspected(data: bytes) -> dict[str, list[tuple[int, int, int, int]]]:
    """Look into the archive before anything is unpacked by others; the merged cells of each sheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names:
                found = (what for start, what in _OTHERS.items() if any(n.startswith(start) for n in names))
                raise refuse(f"This is {next(found, 'a compressed file')}. {WANTED}")
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise refuse("This spreadsheet is far larger than a list; copy the columns that matter.")
            merged = {}
            for part in parts:
                if not part.filename.endswith((".xml", ".rels", ".vml")):
                    continue
                # The sizes in the directory can lie: read no more than was said.
                with archive.open(part) as file:
                    text = file.read(part.file_size + 1)
                if len(text) > part.file_size:
                    raise refuse(f"This spreadsheet is damaged and cannot be read. {WANTED}")
                # Office writes UTF-8 without a document type; entities are how XML explodes.
                if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text[:200]:
                    raise refuse(f"This spreadsheet is not written as Office writes them. {WANTED}")
                if part.filename.startswith("xl/worksheets/"):
                    merged[part.filename] = _merged(text)
            return merged
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        # An encrypted part is a RuntimeError, an unknown compression a NotImplementedError.
        raise refuse(f"This spreadsheet is damaged or protected and cannot be read. {WANTED}") from error


def _merged(text: bytes) -> list[tuple[int, int, int, int]]:
    found = []
    for match in _MERGED.finditer(text):
        left, top, right, bottom = range_boundaries(match[1].decode())
        if None not in (left, top, right, bottom):
            found.append((int(left or 0), int(top or 0), int(right or 0), int(bottom or 0)))
        if len(found) >= _MOST_MERGED:
            break
    return found


def _path(sheet: Any) -> str:
    return str(getattr(sheet, "_worksheet_path", "")).lstrip("/")


def _rows(sheet: Any, most: int) -> list[list[str]]:
    sheet.reset_dimensions()  # the size it claims may be a million rows, or wrong
    rows: list[list[str]] = []
    blank = 0
    for row in sheet.iter_rows(max_col=MAX_COLUMNS):
        cells = [_text(cell) for cell in row]
        rows.append(cells)
        blank = 0 if any(cells) else blank + 1
        if len(rows) - blank > most:
            raise too_many(len(rows), most)
        if blank > most:
            break
    return rows[: len(rows) - blank]


def _text(cell: Any) -> str:
    """The cell as the person sees it who made the list, as far as that matters to identifiers."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return " ".join(str(value).split())[:MAX_CELL]
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")) or not value.is_integer():
            return str(value)
        if abs(value) >= 1e15:
            return f"{value:.5E}"  # beyond fifteen digits a spreadsheet makes them up
        value = int(value)
    digits = str(value)
    if len(digits) > 15 or (len(digits) >= 11 and digits.endswith("00000")):
        return f"{value:.5E}"  # 805E9 was typed, or digits were lost
    shown = str(cell.number_format or "")
    # A format of nothing but zeros shows the leading ones that the number has not.
    return digits.zfill(len(shown)) if re.fullmatch("0{5,20}", shown) else digits


def _fill_down(cells: list[list[str]], merged: list[tuple[int, int, int, int]]) -> None:
    """One model merged over twenty rows is the model of each; sideways nothing is repeated."""
    for left, top, _right, bottom in merged:
        if not (1 <= top <= len(cells) and 1 <= left <= MAX_COLUMNS):
            continue
        value = cells[top - 1][left - 1] if left <= len(cells[top - 1]) else ""
        for row in cells[top : min(bottom, len(cells))] if value else ():
            row.extend([""] * (left - len(row)))
            row[left - 1] = value

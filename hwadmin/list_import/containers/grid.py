"""The cells of one sheet as a container's reader puts them, and the text of all sheets, a line each row."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from hwadmin.list_import.cells import NO_RESULT
from hwadmin.list_import.lists import (
    HIDDEN_ROW_MARK,
    LINE_BREAK,
    MAX_BYTES,
    MAX_CELL,
    MAX_COLUMNS,
    NOTE_MARK,
    OUTSIDE_ROW_MARK,
    SHEET_MARK,
    STRUCK_ROW_MARK,
    refuse,
    too_many,
)

MAX_SHEETS = 20
# Formatted empty cells count as well: a list of 20,000 rows and fifteen columns has 300,000.
MAX_CELLS = 400_000
_MAX_FILLED = 100_000
# Why cells are left out whose text has the color of its ground, or no size.
UNSEEN = "Cells hold text that cannot be seen, white on white or tiny"


@dataclass(slots=True)
class Grid:
    """The cells of a sheet by row and column, both counted from 1, and what of them is hidden."""

    name: str = ""
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    hidden: bool = False
    # Left, top, right, bottom of each merged range.
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # Rows that are lines outside of the table.
    outside: set[int] = field(default_factory=set)
    # What is struck out, by row and column.
    struck: dict[int, dict[int, str]] = field(default_factory=dict)
    # What comments on cells say, by row.
    comments: dict[int, str] = field(default_factory=dict)

    def put_struck(self, row: int, column: int, text: str) -> None:
        """Note a cell that is struck out; it is no value."""
        tidy = tidied(text)[:MAX_CELL]
        if tidy and row > 0 and 0 < column <= MAX_COLUMNS:
            self.struck.setdefault(row, {})[column] = tidy

    def leave(self, row: int, why: str) -> None:
        """Note, once for a sheet, that cells are left out."""
        if all(why not in note for note in self.notes):
            self.notes.append(f"{why}, first in row {row}; they are left out.")

    def put_unseen(self, cells: Sequence[tuple[int, int, str]], *, has_grounds: bool) -> None:
        """Leave out cells whose text has the color of their ground, by row, column and text.

        White letters are seen where a table or a condition gives them a ground, and meant where most are.
        """
        are_seen = has_grounds or 2 * len(cells) > sum(map(len, self.rows.values()))
        for row, column, text in cells:
            if are_seen:
                self.put(row, column, text)
            else:
                self.leave(row, UNSEEN)

    def put(self, row: int, column: int, text: str) -> None:
        """Set a cell; white space is tidied, line breaks inside stay."""
        if not (text and row > 0 and column > 0):
            return
        if column > MAX_COLUMNS:
            self._note_once(f"Columns after the {MAX_COLUMNS}th are left out.")
            return
        tidy = tidied(text)
        if len(tidy) > MAX_CELL:
            self._note_once(
                f"Row {row} has a cell of more than {MAX_CELL:,} characters; its end is left out."
            )
        if tidy:
            self.rows.setdefault(row, {})[column] = tidy[:MAX_CELL]

    def add_note(self, row: int, text: str) -> None:
        """Keep a comment on a cell of a row, to be put beside it once everything is read."""
        if row > 0 and text.strip():
            self.comments[row] = " ".join((self.comments.get(row, ""), *text.split())).strip()

    def put_notes(self) -> None:
        """Put the comments into a column of their own."""
        column = _width(self) + 1
        for row, text in self.comments.items():
            self.put(row, column, f"Comment: {text}")

    def _note_once(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def fill_down(self) -> None:
        """One model merged over twenty rows is the model of each; sideways nothing is repeated."""
        last, budget = max(self.rows, default=0), _MAX_FILLED
        for left, top, _right, bottom in self.merged:
            value = self.rows.get(top, {}).get(left)
            if not value:
                continue
            below = range(top + 1, min(bottom, last) + 1)
            budget -= len(below)
            if budget < 0:
                raise refuse(
                    "This spreadsheet merges far more cells than a list; copy the columns that matter."
                )
            for row in below:
                self.rows.setdefault(row, {}).setdefault(left, value)
        self.merged.clear()


class CellCount:
    """Counts the cells of a file while it is read, and refuses what is no list."""

    def __init__(self) -> None:
        self._count = 0

    def add(self, count: int = 1) -> None:
        """Count some more cells. Raises InvalidInput beyond the limit."""
        self._count += count
        if self._count > MAX_CELLS:
            raise refuse("This spreadsheet is far larger than a list; copy the columns that matter.")


def tidied(text: str) -> str:
    """The text of a cell: single spaces, no blank lines, a mark for each line break that is left."""
    if "\n" not in text and "\r" not in text and LINE_BREAK not in text:
        return " ".join(text.split())
    lines = (" ".join(line.split()) for line in text.splitlines())
    return LINE_BREAK.join(line for line in lines if line)


def once_tidied(text: str) -> str:
    """The text of what stands in many cells: tidied once, and cut where it is seen that it was longer."""
    return tidied(text)[: MAX_CELL + 1]


def text_of_grids(grids: Iterable[Grid], most_rows: int) -> str:
    """All visible sheets as one text with a line for each row; what is hidden is named in it.

    Raises InvalidInput where there is nothing, or too much.
    """
    notes: list[str] = []
    shown: list[Grid] = []
    for grid in grids:
        if grid.hidden:
            notes.append(f"The sheet {grid.name} is hidden and left out.")
        elif grid.rows or grid.struck:
            shown.append(grid)
    if not shown:
        raise refuse(
            "This spreadsheet is empty."
            if not notes
            else "This spreadsheet shows nothing: " + " ".join(notes)
        )
    count = sum(len(grid.rows) for grid in shown)
    if count > most_rows:
        raise too_many(count, most_rows)
    text = io.StringIO()
    text.write("sep=\t\n")
    for grid in shown:
        grid.fill_down()
        grid.put_notes()
        if len(shown) > 1:
            text.write(f"{SHEET_MARK}{' '.join(grid.name.split()) or 'without a name'}\n")
        for line in _lines(grid, most_rows):
            text.write(line)
            if text.tell() > 4 * MAX_BYTES:
                raise refuse("This spreadsheet is far larger than a list; copy the columns that matter.")
    text.writelines(f"{NOTE_MARK}{note}\n" for note in notes)
    return text.getvalue()


def _lines(grid: Grid, most_rows: int) -> Iterator[str]:
    columns = [column for column in range(1, _width(grid) + 1) if column not in grid.hidden_columns]
    last = max((*grid.rows, *grid.struck))
    if last > 2 * most_rows:
        end = max((row for row in grid.rows if row <= 2 * most_rows), default=0)
        below = sum(row > end for row in grid.rows)
        grid.notes.append(f"The {below} rows after row {end} stand far below the others and are left out.")
        last = end
    for column in sorted(grid.hidden_columns):
        values = [cells[column] for _row, cells in sorted(grid.rows.items()) if column in cells]
        if values:
            grid.notes.append(f"Column {column} ({values[0][:40]}) is hidden and left out.")
    for number in range(1, last + 1):
        cells, struck = grid.rows.get(number, {}), grid.struck.get(number, {})
        line = _csv_line([(cells or struck).get(column, "") for column in columns])
        if cells and struck:
            gone = ", ".join(struck.values())[:80]
            grid.notes.append(f"In row {number}, “{gone}” is struck out and left out.")
        mark = HIDDEN_ROW_MARK if number in grid.hidden_rows else "" if cells else STRUCK_ROW_MARK
        mark = OUTSIDE_ROW_MARK if number in grid.outside else mark
        yield mark + line if cells or struck else line
    yield from (f"{NOTE_MARK}{note}\n" for note in grid.notes)


def _width(grid: Grid) -> int:
    return max((max(cells) for cells in (*grid.rows.values(), *grid.struck.values()) if cells), default=0)


def _csv_line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter="\t", lineterminator="\n").writerow(cells)
    return line.getvalue()


# ---- Values of cells


def number_text(written: str, number_format: str = "", *, epoch_1904: bool = False) -> str:
    """A number as the person saw it who made the list, as far as that matters to a list.

    Beyond fifteen digits a spreadsheet makes them up, so those become a number in scientific notation, which
    every column refuses. A format of nothing but zeros shows the leading ones that the number has not.
    """
    try:
        value = float(written)
    except ValueError:
        return written
    if not math.isfinite(value):
        return "#NUM!"
    if is_date_format(number_format):
        return _date_text(value, epoch_1904)
    if not value.is_integer():
        return written if len(written) <= 18 and "E" not in written.upper() else repr(value)
    digits = str(int(value)) if abs(value) < 1e15 else ""
    # 805E9 was typed, or digits were lost.
    if not digits or (len(digits) >= 11 and digits.endswith("00000")):
        return f"{value:.5E}"
    return digits.zfill(len(number_format)) if re.fullmatch("0{2,20}", number_format) else digits


@lru_cache(maxsize=1_000)
def is_date_format(number_format: str) -> bool:
    """Whether a format shows a number as a day: it names a year or a day, outside quotes and brackets."""
    plain = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", number_format).lower()
    return plain != "general" and bool(re.search(r"[yd]", plain))


def _date_text(value: float, epoch_1904: bool) -> str:
    if not 0 < value < 2_958_466:
        return repr(value)
    # Excel takes 1900 for a leap year, so its days count from 30 December 1899.
    start = date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30)
    return (start + timedelta(days=int(value))).isoformat()


def formula_text(has_formula: bool, text: str) -> str:
    """The text of a cell, or the sign of a formula that was saved without its result."""
    return NO_RESULT if has_formula and not text else text

"""A list as rows of cells, whatever it came in, and how large it may be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hwadmin.errors import InvalidInput

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 60
MAX_CELL = 2_000
SEPARATORS = (";", "\t", "|", ",", "^", "~", "\u00a6")
# A line break inside a cell, while a list is text with a line for each row.
LINE_BREAK = "\u2028"
_NAMED = 12
_QUOTED = re.compile("\u201c([^\u201d]*)\u201d")
WHAT_TO_SEND = "Choose a CSV, text or spreadsheet file, or paste the list."

# Lines that a file's reader adds to the text of a list: they tell of what the text itself does not hold.
SHEET_MARK = "#!sheet "
HIDDEN_ROW_MARK = "#!hidden row "
STRUCK_ROW_MARK = "#!struck row "
NOTE_MARK = "#!left out: "
OUTSIDE_ROW_MARK = "#!outside row "
ENCODING_MARK = "#!encoding "
# How the note begins of what nobody can tell who reads a workbook without computing it.
CONDITIONAL = "A conditional format"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a list: its number as people count them, its cells, and the text it came from.

    `left_out`: why the row is not to be used, where its file says so. `sheet`: where a file has several.
    """

    number: int
    cells: tuple[str, ...]
    text: str
    comment: bool = False
    left_out: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list as rows. `separator` is None where the text is no table; each row then has one cell."""

    rows: tuple[SourceRow, ...]
    separator: str | None = None
    name: str = ""

    @property
    def width(self) -> int:
        """How many columns the widest row has."""
        return max((len(row.cells) for row in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class LeftOutRows:
    """Why rows are left out, one sentence for all of them. `rows`: of each its title and its place."""

    sentence: str
    rows: tuple[tuple[str, str], ...]


def by_reason(left_out: Iterable[tuple[str, str, str]]) -> list[LeftOutRows]:
    """What is left out, given by reason, title and place, put together by reason in the order of the list.

    Reasons that differ in nothing but the value they quote are one; the value stands with its row.
    """
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for sentence, title, place in left_out:
        groups.setdefault(_QUOTED.sub("\u201c\u2026\u201d", sentence), []).append((sentence, title, place))
    return [_one_reason(alike, rows) for alike, rows in groups.items()]


def _one_reason(alike: str, rows: list[tuple[str, str, str]]) -> LeftOutRows:
    if len({sentence for sentence, _title, _place in rows}) == 1:
        return LeftOutRows(rows[0][0], tuple((title, place) for _sentence, title, place in rows))
    named = []
    for sentence, title, place in rows:
        value = ", ".join(_QUOTED.findall(sentence))
        named.append((title if value in title else f"{title}: {value}", place))
    return LeftOutRows(alike, tuple(named))


def listed(headings: Iterable[str]) -> str:
    """The headings of columns in a sentence; of many, how many more there are."""
    names = list(dict.fromkeys(f"\u201c{name[:40]}\u201d" for name in headings))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def refuse(sentence: str) -> InvalidInput:
    """The refusal of a list that cannot be read."""
    return InvalidInput.at("list", sentence)


def damaged() -> InvalidInput:
    """The refusal of a spreadsheet that cannot be read."""
    return refuse(f"This spreadsheet is damaged or protected and cannot be read. {WHAT_TO_SEND}")


def too_many(count: int, most: int = MAX_ROWS) -> InvalidInput:
    """The refusal of a list with too many rows."""
    return refuse(f"This list has {count:,} rows, {most:,} at most are read; paste it in parts.")

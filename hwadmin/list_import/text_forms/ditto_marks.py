"""Marks that stand for what is written above them: a quotation mark alone in its cell, or "as above"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from hwadmin.list_import.lists import SourceRow

_MARK = "\u3003"
_SIGNS = re.compile(
    "[-\u2013\u2014 ]*(?:\"|''|``|\u3003|[\u2032\u2033\u201c-\u201f\u00a8\u02dd])[-\u2013\u2014 ]*"
)
# A word with a capital alone may be somebody's name.
_WORDS = frozenset(
    (
        *("ditto", "dito", "dto", "dto.", "do.", "idem", "idem.", "id.", "ib.", "ibid.", "same as above"),
        *("same", "as above", "see above", "siehe oben", "wie oben", "zie boven", "idem dito"),
        *("comme ci-dessus", "como arriba", "come sopra", "j.w.", "j. w.", "jw.", "jak wy\u017cej"),
        *("som ovan", "som ovenfor"),
    )
)  # fmt: skip


def marked_dittos(lines: Sequence[str], separator: str, width: int) -> list[str]:
    """The lines with a sign of its own for each quotation mark that is a whole cell and quotes nothing.

    `width`: how many cells a row has; a line within a quoted cell that goes on over several is left alone.
    """
    alone = re.compile(rf'(?:(?<={re.escape(separator)})|^)\s*"\s*(?={re.escape(separator)}|$)')
    result, is_open = [], False
    for line in lines:
        if '"' in line and not is_open and line.count(separator) + 1 == width > 1:
            line = alone.sub(_MARK, line)
        is_open ^= line.count('"') % 2 == 1
        result.append(line)
    return result


def with_dittos_read(rows: Iterable[SourceRow], is_heading: Callable[[str], object]) -> Iterator[SourceRow]:
    """The rows, what stands above each ditto mark in its place."""
    above: tuple[str, ...] = ()
    sheet = ""
    for row in rows:
        if row.sheet != sheet:
            above, sheet = (), row.sheet
        if any(map(_is_ditto, row.cells)):
            cells = [
                above[column]
                if column < len(above) and _is_ditto(cell) and is_heading(above[column]) is None
                else cell
                for column, cell in enumerate(row.cells)
            ]
            row = replace(row, cells=tuple(cells))
        if any(row.cells) and not (row.comment and not row.left_out):
            above = row.cells
        yield row


def _is_ditto(cell: str) -> bool:
    if not cell or len(cell) > 16:
        return False
    if _SIGNS.fullmatch(cell):
        return True
    plain = cell.casefold()
    return plain in _WORDS and (cell == plain or "." in cell or " " in cell)

"""Tables whose columns are parted by blanks alone, as a terminal, a PDF or a mail shows them.

Each line of such a table becomes one with tabs, so that it is read like any other; lines around it stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hwadmin.list_import.lists import HIDDEN_ROW_MARK, NOTE_MARK, SHEET_MARK

IsHeading = Callable[[str], object]
Cells = list[str]

_HEADINGS_WITHIN = 40
_WIDE = re.compile(r" {2,}")
_RULER = re.compile(r" *[-=_\u2500\u2550]{2,}(?: +[-=_\u2500\u2550]{2,})+ *")
_SIGNS = re.compile(r"[;,\t|]")
_LONGEST_HEADING = 6
# Of the rows so many may stand across a gap, such as the line below a table.
_ACROSS = 0.1


def with_tabs(lines: Sequence[str], is_heading: IsHeading) -> list[str] | None:
    """The lines, those of aligned tables with tabs between their cells; None where there is no such table."""
    if any(line.startswith((SHEET_MARK, HIDDEN_ROW_MARK, NOTE_MARK)) for line in lines):
        return None
    lines = [line.replace("\u00a0", " ").rstrip() for line in lines]
    heads = [number for number, line in enumerate(lines) if _names_columns(line, is_heading)]
    if not heads or sum(map(bool, lines[: heads[0]])) > _HEADINGS_WITHIN:
        return None
    result, found = list(lines), False
    for number, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        cells = _table(lines[number:end], is_heading)
        found = found or cells is not None
        for offset, row in enumerate(cells or ()):
            if row is not None:
                result[number + offset] = "\t".join(row)
    return result if found else None


def _names_columns(line: str, is_heading: IsHeading) -> bool:
    """Whether a line names several columns with nothing but blanks between them."""
    if len(line) > 400 or _SIGNS.search(line) or not line.strip():
        return False
    return (
        _known(_WIDE.split(line.strip()), is_heading) >= 2 or len(_words_as_headings(line, is_heading)) >= 2
    )


def _known(cells: Sequence[str], is_heading: IsHeading) -> int:
    """How many cells are headings; none where most of them are not."""
    count = sum(bool(cell) and is_heading(cell) is not None for cell in cells)
    return count if count * 2 >= len(cells) else 0


def _table(lines: Sequence[str], is_heading: IsHeading) -> list[Cells | None] | None:
    """The cells of each line, headings first; None for a line that is none of the table."""
    ways = [_by_ruler(lines), _by_gaps(lines, is_heading), _by_wide_gaps(lines), _by_words(lines, is_heading)]
    best: tuple[int, int, int, list[Cells | None]] | None = None
    for cells in ways:
        if cells is None or cells[0] is None:
            continue
        rows = sum(row is not None and sum(map(bool, row)) > 1 for row in cells[1:])
        known = _known(cells[0], is_heading)
        others = known - len(cells[0])
        if known >= 2 and rows and (best is None or (known, others, rows) > best[:3]):
            best = (known, others, rows, cells)
    return best[3] if best else None


def _by_ruler(lines: Sequence[str]) -> list[Cells | None] | None:
    """By the line of dashes below the headings."""
    if len(lines) < 2 or not _RULER.fullmatch(lines[1]):
        return None
    gaps = [match.span() for match in re.finditer(" +", lines[1].strip())]
    indent = len(lines[1]) - len(lines[1].lstrip())
    gaps = [(begin + indent, end + indent) for begin, end in gaps]
    cells: list[Cells | None] = [_cut(line, gaps) for line in lines]
    cells[1] = [""]
    return cells


def _by_gaps(lines: Sequence[str], is_heading: IsHeading) -> list[Cells | None] | None:
    """By the places that are blank in every row: one alone only where it parts two headings."""
    rows = [line for line in lines if len(_WIDE.split(line.strip())) > 1] or list(lines)
    head, width = lines[0], max(map(len, rows))
    filled = [0] * (width + 1)
    for line in rows:
        for place, character in enumerate(line):
            filled[place] += character != " "
    parts = {start for start, _heading in _headings_within(head, is_heading)}
    gaps: list[tuple[int, int]] = []
    begin = 0
    for place in range(width + 1):
        if filled[place] > _ACROSS * len(rows) or head[place : place + 1].strip():
            if begin and place - begin > (place not in parts):
                gaps.append((begin, place))
            begin = place + 1
    return [_cut(line, gaps) for line in lines] if gaps else None


def _cut(line: str, gaps: Sequence[tuple[int, int]]) -> Cells | None:
    """The cells of a line; None where a word stands in a gap."""
    if any(line[begin:end].strip() for begin, end in gaps):
        return None
    begins, ends = [0, *(end for _begin, end in gaps)], [*(begin for begin, _end in gaps), len(line)]
    return [line[begin:end].strip() for begin, end in zip(begins, ends, strict=True)]


def _by_wide_gaps(lines: Sequence[str]) -> list[Cells | None] | None:
    """By two and more blanks, where a row has as many cells as there are headings."""
    cells = [_WIDE.split(line.strip()) for line in lines]
    return [row if len(row) == len(cells[0]) else None for row in cells]


def _by_words(lines: Sequence[str], is_heading: IsHeading) -> list[Cells | None] | None:
    """By single blanks, where a row has as many words as there are headings, or more in its last cell."""
    head = _words_as_headings(lines[0], is_heading)
    if len(head) < 2:
        return None
    rows: list[Cells | None] = [head]
    for line in lines[1:]:
        words = line.split()
        rows.append(words if len(words) == len(head) else None)
    return rows


def _words_as_headings(line: str, is_heading: IsHeading) -> Cells:
    """The headings a line is made of; nothing where some word is of none."""
    return [heading for _start, heading in _headings_within(line, is_heading)]


def _headings_within(line: str, is_heading: IsHeading) -> list[tuple[int, str]]:
    """The headings a line is made of, the longest first, and where each begins."""
    words = [(match.start(), match.group()) for match in re.finditer(r"[^ ]+", line)]
    headings = []
    while words:
        for count in range(min(_LONGEST_HEADING, len(words)), 0, -1):
            text = " ".join(word for _start, word in words[:count])
            if is_heading(text) is not None:
                headings.append((words[0][0], text))
                words = words[count:]
                break
        else:
            return []
    return headings

"""From a text to rows: a table if its lines agree on a separator, else line by line; quotes and comments."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from hwadmin.identifiers.barcodes import label_text
from hwadmin.identifiers.harvest import harvest
from hwadmin.list_import.aligned_columns import with_tabs
from hwadmin.list_import.cells import clean_cell, is_error
from hwadmin.list_import.containers.labelled_records import IsHeading, records_as_rows
from hwadmin.list_import.containers.turned_tables import upright
from hwadmin.list_import.lists import (
    HIDDEN_ROW_MARK,
    LINE_BREAK,
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    NOTE_MARK,
    OUTSIDE_ROW_MARK,
    SEPARATORS,
    SHEET_MARK,
    STRUCK_ROW_MARK,
    Sheet,
    SourceRow,
    refuse,
    too_many,
)
from hwadmin.list_import.meaning.headings import heading
from hwadmin.list_import.text_encodings.assumed_encoding import split_mark

# A cell with more lines than this is a text, not a stack of values.
_MAX_CELL_LINES = 60
_FIRST_WORD = re.compile(r'[^\s,;|"]*')
_WRAPPED = re.compile(r'"((?:[^"]|"")+)"[;,\t]*')
# As Markdown writes it.
_STRIKING = re.compile("~~([^~]+)~~")
_HIDDEN = "This row is hidden in the spreadsheet, so it is left out."
_STRUCK = "This row is struck out, so it is left out."
_OUTSIDE = "This stands outside of the table, so it is not read."
_NOT_READ = "What a spreadsheet does not show is not read."


def read_text(
    text: str,
    *,
    most_bytes: int = MAX_BYTES,
    most_rows: int = MAX_ROWS,
    separator_of: Callable[[Sequence[str]], str | None] | None = None,
    names_column: IsHeading = heading,
) -> Sheet:
    """Read a pasted text.

    Args:
        text: of the list.
        most_bytes: how long it may be.
        most_rows: how many rows it may have.
        separator_of: what tells the separator where the text does not name it; None for a list of devices.
        names_column: what knows the headings of the columns.

    Raises InvalidInput with a sentence for what is too long.
    """
    _mark, text = split_mark(text)
    # NUL cannot be part of a form's answer, and old spreadsheets end lines with CR alone.
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").removeprefix("\ufeff")
    if len(text) > 4 * most_bytes or len(text) - text.count("\t") > most_bytes:
        raise refuse(
            f"This text is longer than {most_bytes // 1024 // 1024} MB; leave out everything but the list."
        )
    if not text.strip():
        raise refuse("This list is empty.")
    lines = _without_struck(_unwrapped([label_text(line) for line in text.split("\n")]))
    while lines and not lines[-1].strip():
        lines.pop()
    count = sum(not _is_blank(line) for line in lines)
    if count > most_rows or len(lines) > 4 * most_rows:
        raise too_many(max(count, len(lines)), most_rows)
    named = _named_separator(lines)
    if not named and (aligned := with_tabs(lines, names_column)):
        lines, named = ["sep=\t", *aligned], "\t"
    if not named and (records := records_as_rows(lines, names_column, identifiers=separator_of is None)):
        return Sheet(tuple(records), ":")
    separator = named or (separator_of or _sniffed)(lines)
    if separator is None:
        return Sheet(tuple(_line(number, line) for number, line in enumerate(lines, 1)))
    of_devices = separator_of is None
    rows_as_written = _rows(lines[1 if named else 0 :], separator, searched=of_devices)
    return Sheet(tuple(upright(rows_as_written, names_column, identifiers=of_devices)), separator)


def _line(number: int, line: str) -> SourceRow:
    """A line of a text that is no table."""
    for mark, why in ((STRUCK_ROW_MARK, _STRUCK), (NOTE_MARK, _NOT_READ)):
        if line.startswith(mark):
            rest = line.removeprefix(mark).strip()
            return SourceRow(number, (rest,), rest, comment=True, left_out=why)
    return SourceRow(number, (clean_cell(line),), line, _is_comment(line))


def _unwrapped(lines: list[str]) -> list[str]:
    """The lines of a table that was put as a whole line into each quoted cell of another."""
    if not lines[0].startswith('"') or sum(map(bool, lines)) < 2:
        return lines
    wrapped = [_WRAPPED.fullmatch(line.rstrip()) for line in lines]
    if not all(found or not line.strip() for found, line in zip(wrapped, lines, strict=True)):
        return lines
    return [found[1].replace('""', '"') if found else "" for found in wrapped]


def _without_struck(lines: list[str]) -> list[str]:
    """The lines without what ``~~`` strikes out, which is named below them."""
    notes = []
    for index, line in enumerate(lines):
        struck = _STRIKING.findall(line) if "~~" in line else ()
        if struck and any(map(str.isalnum, _STRIKING.sub("", line))):
            lines[index] = _STRIKING.sub("", line)
            notes.append(
                f"{NOTE_MARK}In row {index + 1}, “{', '.join(struck)[:80]}” is struck out and left out."
            )
        elif struck:
            lines[index] = STRUCK_ROW_MARK + line.replace("~~", "")
    return [*lines, *notes]


def _is_blank(line: str) -> bool:
    return not line.strip(' \t,;|"') or line.startswith((SHEET_MARK, NOTE_MARK))


def _is_comment(line: str) -> bool:
    line = line.lstrip()
    # A formula's error begins like a comment: what stands in the cells behind it counts.
    return line.startswith("#") and not is_error(_FIRST_WORD.match(line)[0])  # type: ignore[index]


def _named_separator(lines: Sequence[str]) -> str | None:
    """Excel's own way of naming it: a first line "sep=;"."""
    named = re.fullmatch(r'"?sep=([^\w\s"]|\t)"?', lines[0].strip(" "), re.IGNORECASE)
    return named[1] if named else None


def _rows(lines: Sequence[str], separator: str, *, searched: bool) -> Iterator[SourceRow]:
    width = _usual_width(lines, separator)
    number, sheet, skip = 0, "", 0
    for index, line in enumerate(lines):
        if skip:
            skip -= 1
            number += 1
            continue
        if line.startswith(SHEET_MARK):
            number, sheet = 0, line.removeprefix(SHEET_MARK).strip()
            continue
        if line.startswith(NOTE_MARK):
            note = line.removeprefix(NOTE_MARK).strip()
            yield SourceRow(number, (note,), note, comment=True, left_out=_NOT_READ, sheet=sheet)
            continue
        number += 1
        if line.startswith((HIDDEN_ROW_MARK, STRUCK_ROW_MARK)):
            why = _HIDDEN if line.startswith(HIDDEN_ROW_MARK) else _STRUCK
            line = line.removeprefix(HIDDEN_ROW_MARK).removeprefix(STRUCK_ROW_MARK)
            cells = tuple(cells_of(line, separator))
            text = " ".join(filter(None, cells))
            yield SourceRow(number, cells, text, comment=True, left_out=why, sheet=sheet)
        elif line.startswith(OUTSIDE_ROW_MARK):
            cell = " ".join(cells_of(line.removeprefix(OUTSIDE_ROW_MARK), separator)).strip()
            left_out = "" if searched else _OUTSIDE
            yield SourceRow(number, (cell,), cell, comment=not searched, left_out=left_out, sheet=sheet)
        elif _is_comment(line):
            yield SourceRow(number, (line.strip(),), line, comment=True, sheet=sheet)
        else:
            skip, whole = _record(lines, index, separator, width)
            yield from _unstacked(SourceRow(number, tuple(cells_of(whole, separator)), whole, sheet=sheet))


def _usual_width(lines: Sequence[str], separator: str) -> int:
    counts = Counter(
        len(cells_of(line, separator))
        for line in islice(_whole_records(lines), 200)
        if separator in line and not line.count('"') % 2
    )
    return counts.most_common(1)[0][0] if counts else 0


def _record(lines: Sequence[str], index: int, separator: str, width: int) -> tuple[int, str]:
    """How many further lines belong to the row that begins here, and the whole of it.

    Only where a quoted cell is opened here and closed there, and the row then is as wide as the others: one
    quote too many must not swallow the rest of the list.
    """
    line = lines[index]
    opened = rf'(?:^|{re.escape(separator)})\s*"(?:[^"]|"")*$'
    if line.count('"') % 2 == 0 or not re.search(opened, line):
        return 0, line
    whole = line
    for further, following in enumerate(lines[index + 1 : index + 1 + _MAX_CELL_LINES], start=1):
        whole += LINE_BREAK + following
        if following.count('"') % 2:
            ends = re.match(rf'(?:[^"]|"")*"\s*(?:{re.escape(separator)}|$)', following)
            return (further, whole) if ends and len(cells_of(whole, separator)) == width else (0, line)
    return 0, line


def _unstacked(row: SourceRow) -> list[SourceRow]:
    """One row for each identifier of a stack in one cell; stacks of as many lines beside it go along."""
    if not any(LINE_BREAK in cell for cell in row.cells):
        return [row]
    split = [cell.split(LINE_BREAK) for cell in row.cells]
    stacks = {
        len(parts)
        for parts in split
        if 1 < len(parts) <= _MAX_CELL_LINES and all(harvest(part).identifiers for part in parts)
    }
    if len(stacks) != 1:
        cells = tuple(" ".join(parts) for parts in split)
        return [SourceRow(row.number, cells, row.text.replace(LINE_BREAK, " "), sheet=row.sheet)]
    count = stacks.pop()
    rows = []
    for place in range(count):
        cells = tuple(parts[place] if len(parts) == count else " ".join(parts) for parts in split)
        rows.append(SourceRow(row.number, cells, "\t".join(cells), sheet=row.sheet))
    return rows


def cells_of(line: str, separator: str) -> list[str]:
    """The cells of one line, each cleaned, without quotes and the blanks around them."""
    try:
        cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        cells = line.split(separator)
    if line.count('"') % 2:
        # A quote that is never closed takes the separators behind it for text.
        cells = [part.strip(' "') for part in line.split(separator)]
    return [clean_cell(cell) for cell in cells[:MAX_COLUMNS]]


def _sniffed(lines: Sequence[str]) -> str | None:
    """The separator most lines agree on; None where they do not, as in a mail."""
    sample = [line for line in _whole_records(lines[:2_000]) if line.strip() and not _is_comment(line)][:200]
    best: tuple[float, str] | None = None
    for separator in SEPARATORS:
        counts = Counter(len(cells_of(line, separator)) for line in sample if separator in line)
        if not counts:
            continue
        width, times = counts.most_common(1)[0]
        # Trailing empty columns come and go; a line or two of greetings may stand around a table.
        near = sum(number for count, number in counts.items() if count >= 2 and abs(count - width) <= 2)
        share = near / len(sample)
        if width >= 2 and share >= (0.5 if times > 2 else 0.6) and _holds_whole(sample, separator):
            score = share + min(width, 10) / 100
            if best is None or score > best[0]:
                best = (score, separator)
    return best[1] if best else None


def _whole_records(lines: Sequence[str]) -> Iterator[str]:
    """The lines, those within one quoted cell put together as far as its quote is closed."""
    skip = 0
    for index, line in enumerate(lines):
        if skip:
            skip -= 1
            continue
        if line.count('"') % 2:
            following = lines[index + 1 : index + 1 + _MAX_CELL_LINES]
            skip = next((place for place, more in enumerate(following, 1) if more.count('"') % 2), 0)
        yield LINE_BREAK.join(lines[index : index + 1 + skip])


def _holds_whole(sample: Sequence[str], separator: str) -> bool:
    """Whether identifiers fill their cells, or headings name them: a sentence with commas is no table."""
    whole = part = 0
    for line in sample:
        cells = cells_of(line, separator)
        if sum(heading(cell) is not None for cell in cells) >= 2:
            return True
        for cell in cells:
            for match in harvest(cell).identifiers[:3]:
                if match.end - match.start >= len(cell.strip("\"' ")) - 4:
                    whole += 1
                else:
                    part += 1
    return whole > part

"""From a text to rows: a table if its lines agree on a separator, else line by line; quotes and comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from hwadmin.identifiers.barcodes import label_text
from hwadmin.identifiers.harvest import LONGEST_LINE, harvest
from hwadmin.list_import.aligned_columns import with_tabs
from hwadmin.list_import.cells import clean_cell
from hwadmin.list_import.containers.turned_tables import upright
from hwadmin.list_import.lists import (
    HIDDEN_ROW_MARK,
    LINE_BREAK,
    MAX_BYTES,
    MAX_CELL,
    MAX_ROWS,
    NOTE_MARK,
    OUTSIDE_ROW_MARK,
    SHEET_MARK,
    STRUCK_ROW_MARK,
    Sheet,
    SourceRow,
    refuse,
    too_many,
)
from hwadmin.list_import.meaning.headings import heading
from hwadmin.list_import.text_encodings.assumed_encoding import split_mark
from hwadmin.list_import.text_forms.ditto_marks import marked_dittos, with_dittos_read
from hwadmin.list_import.text_forms.labelled_records import IsHeading, records_as_rows
from hwadmin.list_import.text_forms.ruled_tables import with_tabs_for_rules
from hwadmin.list_import.text_forms.separators import (
    MAX_CELL_LINES,
    cells_of,
    is_comment,
    named_separator,
    sniffed,
    usual_width,
)

_WRAPPED = re.compile(r'"((?:[^"]|"")+)"[;,\t]*')
# As Markdown writes it.
_STRIKING = re.compile("~~([^~]+)~~")
_HIDDEN = "This row is hidden in the spreadsheet, so it is left out."
_STRUCK = "This row is struck out, so it is left out."
_OUTSIDE = "This stands outside of the table, so it is not read."
_NOT_READ = "What a spreadsheet does not show is not read."
_TOO_LONG = "This is longer than any value."


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
    named = named_separator(lines)
    if not named and (ruled := with_tabs_for_rules(lines)):
        lines, named = ["sep=\t", *ruled], "\t"
    if not named and (aligned := with_tabs(lines, names_column)):
        lines, named = ["sep=\t", *aligned], "\t"
    if not named and (records := records_as_rows(lines, names_column, identifiers=separator_of is None)):
        return Sheet(tuple(records), ":")
    separator = named or (separator_of or sniffed)(lines)
    if separator is None:
        return Sheet(
            tuple(_line(number, part) for number, line in enumerate(lines, 1) for part in _parts(line))
        )
    of_devices = separator_of is None
    rows = _rows(lines[1 if named else 0 :], separator, searched=of_devices)
    rows = with_dittos_read(rows, names_column)
    return Sheet(tuple(upright(rows, names_column, identifiers=of_devices)), separator)


def _parts(line: str) -> Iterator[str]:
    """A line, in parts where it is longer than one is read: each ends between two words."""
    while len(line) > LONGEST_LINE:
        end = max(line.rfind(sign, 0, LONGEST_LINE) for sign in " \t,;+~'") + 1
        if end < LONGEST_LINE // 2:
            break
        yield line[:end]
        line = line[end:]
    yield line


def _line(number: int, line: str) -> SourceRow:
    """A line of a text that is no table."""
    for mark, why in ((STRUCK_ROW_MARK, _STRUCK), (NOTE_MARK, _NOT_READ)):
        if line.startswith(mark):
            rest = line.removeprefix(mark).strip()
            return SourceRow(number, (rest,), rest, comment=True, left_out=why)
    return SourceRow(number, (clean_cell(line),), line, is_comment(line))


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


def _rows(lines: Sequence[str], separator: str, *, searched: bool) -> Iterator[SourceRow]:
    width = usual_width(lines, separator)
    lines = marked_dittos(lines, separator, width)
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
        elif is_comment(line):
            yield SourceRow(number, (line.strip(),), line, comment=True, sheet=sheet)
        else:
            skip, whole = _record(lines, index, separator, width)
            if len(whole) > MAX_CELL and max(map(len, whole.split(separator))) > MAX_CELL:
                note = f"Row {number} has a cell of more than {MAX_CELL:,} characters; its end is left out."
                yield SourceRow(number, (note,), note, comment=True, left_out=_TOO_LONG, sheet=sheet)
            yield from _unstacked(SourceRow(number, tuple(cells_of(whole, separator)), whole, sheet=sheet))


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
    for further, following in enumerate(lines[index + 1 : index + 1 + MAX_CELL_LINES], start=1):
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
        if 1 < len(parts) <= MAX_CELL_LINES and all(harvest(part).identifiers for part in parts)
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

"""From a file or a pasted text to rows: encodings, separators, quotes, comments."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hwadmin.errors import InvalidInput
from hwadmin.identifiers.harvest import harvest

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 60
MAX_CELL = 500
SEPARATORS = (";", "\t", "|", ",")

_SIGNATURES = (
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet or document of the old format (.xls, .doc)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a rich text document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"SQLite format 3", "a database"),
)
WANTED = "Choose a CSV, text or XLSX file, or paste the list."


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list: its number as people count them, its cells, and the text it came from."""

    number: int
    cells: tuple[str, ...]
    text: str
    comment: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list as rows. `separator` is None where the text is no table; each row then has one cell."""

    rows: tuple[Row, ...]
    separator: str | None = None

    @property
    def width(self) -> int:
        """How many columns the widest row has."""
        return max((len(row.cells) for row in self.rows), default=0)


def refuse(sentence: str) -> InvalidInput:
    """The refusal of a list that cannot be read."""
    return InvalidInput.at("list", sentence)


def read_file(data: bytes) -> Sheet:
    """Read an uploaded file by what is in it, whatever it is called.

    Raises InvalidInput with a sentence for what is too large, or no list.
    """
    return read_text(text_of_file(data))


def text_of_file(data: bytes, *, most_bytes: int = MAX_BYTES, most_rows: int = MAX_ROWS) -> str:
    """The text of an uploaded file, as if it had been pasted.

    Raises InvalidInput with a sentence for what is too large, or no list.
    """
    from hwadmin.lists.workbook import workbook_text  # openpyxl is slow to load and seldom needed

    if len(data) > most_bytes:
        raise refuse(f"This file is larger than {most_bytes // 1024 // 1024} MB; leave out what is no list.")
    if data.startswith(b"PK"):
        return workbook_text(data, most_rows)
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise refuse(f"This is {what}. {WANTED}")
    return decoded(data)


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8 with or without its mark, UTF-16, else Windows-1252, line by line.

    Files put together from several sources mix encodings; identifiers are plain ASCII in all of them.
    """
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[2:].decode(encoding, errors="replace")
    start = data[:2000]
    if start.count(0) > len(start) // 4:
        even = start[::2].count(0) > start[1::2].count(0)
        return data.decode("utf-16-be" if even else "utf-16-le", errors="replace")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if 0 in data:
        raise refuse(f"This file is no text. {WANTED}")
    lines = []
    for line in data.split(b"\n"):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", errors="replace"))
    return "\n".join(lines)


def read_text(text: str) -> Sheet:
    """Read a pasted text: a table if its lines agree on a separator, else line by line.

    Raises InvalidInput with a sentence for what is too long.
    """
    # NUL cannot be part of a form's answer, and old spreadsheets end lines with CR alone.
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").removeprefix("\ufeff")
    if len(text) > MAX_BYTES:
        raise refuse(f"This text is longer than {MAX_BYTES // 1024 // 1024} MB; leave out what is no list.")
    if not text.strip():
        raise refuse("This list is empty.")
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) > MAX_ROWS:
        raise too_many(len(lines))
    separator = _said_separator(lines) or _sniffed(lines)
    if separator is None:
        rows = (Row(number, (line.strip(),), line, _is_comment(line)) for number, line in enumerate(lines, 1))
        return Sheet(tuple(rows))
    first = 1 if _said_separator(lines) else 0
    return Sheet(tuple(_split(lines, separator, first)), separator)


def too_many(count: int, most: int = MAX_ROWS) -> InvalidInput:
    """The refusal of a list with too many rows."""
    return refuse(f"This list has {count:,} rows, {most:,} at most are read; paste it in parts.")


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _said_separator(lines: Sequence[str]) -> str | None:
    """Excel's own way of saying it: a first line "sep=;"."""
    said = re.fullmatch(r'"?sep=([,;|\t])"?', lines[0].strip(" "), re.IGNORECASE)
    return said[1] if said else None


def _split(lines: Sequence[str], separator: str, first: int) -> list[Row]:
    rows = []
    for number, line in enumerate(lines[first:], 1):
        comment = _is_comment(line)
        # Line by line: one quote too many must not swallow the rest of the list.
        cells = (line.strip(),) if comment else tuple(cells_of(line, separator))
        rows.append(Row(number, cells, line, comment))
    return rows


def cells_of(line: str, separator: str) -> list[str]:
    """The cells of one line, without quotes and the blanks around them."""
    try:
        found = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        found = line.split(separator)
    if line.count('"') % 2:
        # A quote that is never closed takes the separators behind it for text.
        found = [part.strip(' "') for part in line.split(separator)]
    return [cell.strip()[:MAX_CELL] for cell in found[:MAX_COLUMNS]]


def _sniffed(lines: Sequence[str]) -> str | None:
    """The separator most lines agree on; None where they do not, as in a mail."""
    sample = [line for line in lines if line.strip() and not _is_comment(line)][:200]
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


def _holds_whole(sample: Sequence[str], separator: str) -> bool:
    """Whether identifiers fill their cells, or headings name them: a sentence with commas is no table."""
    from hwadmin.lists.columns import heading

    whole = part = 0
    for line in sample:
        cells = cells_of(line, separator)
        if sum(heading(cell) is not None for cell in cells) >= 2:
            return True
        for cell in cells:
            for one in harvest(cell).found[:3]:
                if one.end - one.start >= len(cell.strip("\"' ")) - 4:
                    whole += 1
                else:
                    part += 1
    return whole > part

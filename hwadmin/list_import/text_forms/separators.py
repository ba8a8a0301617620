"""What parts the cells of a line: named by the text, or the sign most lines agree on; and the cells."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from hwadmin.identifiers.harvest import harvest
from hwadmin.list_import.cells import clean_cell, is_error
from hwadmin.list_import.lists import LINE_BREAK, MAX_COLUMNS, SEPARATORS
from hwadmin.list_import.meaning.headings import heading

# A cell with more lines than this is a text, not a stack of values.
MAX_CELL_LINES = 60
_FIRST_WORD = re.compile(r'[^\s,;|"]*')


def is_comment(line: str) -> bool:
    """Whether a line is a remark and no row."""
    line = line.lstrip()
    # A formula's error begins like a comment: what stands in the cells behind it counts.
    return line.startswith("#") and not is_error(_FIRST_WORD.match(line)[0])  # type: ignore[index]


def named_separator(lines: Sequence[str]) -> str | None:
    """Excel's own way of naming it: a first line "sep=;"."""
    named = re.fullmatch(r'"?sep=([^\w\s"]|\t)"?', lines[0].strip(" "), re.IGNORECASE)
    return named[1] if named else None


def cells_of(line: str, separator: str) -> list[str]:
    """The cells of one line, each cleaned, without quotes and the blanks around them."""
    # Two quotes alone are a ditto mark, unless what follows is quoted as well.
    begins = line.startswith("'") and (not line.startswith(f"''{separator}") or line[3:4] == "'")
    quote = "'" if begins and f"'{separator}" in line else '"'
    try:
        cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True, quotechar=quote), [])
    except csv.Error:
        cells = line.split(separator)
    if line.count('"') % 2:
        # A quote that is never closed takes the separators behind it for text.
        cells = [part.strip(' "') for part in line.split(separator)]
    return [clean_cell(cell) for cell in cells[:MAX_COLUMNS]]


def usual_width(lines: Sequence[str], separator: str) -> int:
    """How many cells most of the first lines have."""
    counts = Counter(
        len(cells_of(line, separator))
        for line in islice(_whole_records(lines), 200)
        if separator in line and not line.count('"') % 2
    )
    return counts.most_common(1)[0][0] if counts else 0


def sniffed(lines: Sequence[str]) -> str | None:
    """The separator most lines agree on; None where they do not, as in a mail."""
    sample = [line for line in _whole_records(lines[:2_000]) if line.strip() and not is_comment(line)][:200]
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
            following = lines[index + 1 : index + 1 + MAX_CELL_LINES]
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

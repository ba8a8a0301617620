"""The tables of a list of records: where the headings stand, what each column means, what is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hwadmin.domain.text_folding import folded
from hwadmin.list_import.cells import are_whole_names
from hwadmin.list_import.lists import SEPARATORS, Sheet, SourceRow, refuse, too_many
from hwadmin.list_import.records.columns import NOTHING, ListFormat
from hwadmin.list_import.text_forms.separators import cells_of
from hwadmin.list_import.text_tables import read_text

_SAMPLE = 50
_HEADINGS_WITHIN = 40
# A row with one cell among rows with so many is a title.
_FILLED = 3
_TITLE = "Only one cell of this row is filled, so it reads like a title; fill in more of it if it is a row."
_TOTAL = re.compile(
    r"(?:(?:grand |sub-?)?totals?|summe|zwischensumme|gesamt(?:summe)?|totaal|sous-total|total general|"
    r"totale|razem|suma|number of rows|anzahl)(?: ?[:(=-].*)?|"
    r"totals?(?: \w+){1,2} ?[:=-] ?[0-9].*|[0-9]+ (?:rows?|lines?|employees?|records?|users?|entries)"
)
_FOOTER = re.compile(
    r"(?:page|seite|pagina|sida|strona|side) [0-9]+(?: \S{1,3} [0-9]+)?|"
    r"-* ?end of (?:report|list|file|export) ?-*|ende der liste|"
    r"(?:generated|exported|printed|created|erstellt|gedruckt) (?:on|at|by|am|von)\b.*"
)
_UNIQUE_ID = re.compile(r"(?:\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?)?", re.IGNORECASE)
_ADDRESSES = re.compile(r"(?:[^<>;\n]*<[^<>@\s]+@[^<>\s]+>[;,]?\s*){2,}")
_PHONE_NUMBER = re.compile(r"\+?[0-9][0-9 ()./-]{6,18}[0-9]", re.ASCII)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is not used, and why."""

    row: int | None
    text: str
    reason: str
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class RecordTable:
    """Rows that share their columns. Columns are counted through all tables, from `first_column`.

    `titles`: what stands above each column; its number where nothing does.
    """

    meanings: tuple[str, ...]
    titles: tuple[str, ...]
    rows: tuple[SourceRow, ...]
    first_column: int = 0
    name: str = ""
    has_headings: bool = True
    # Of columns that say the same as an earlier one: which it is.
    same_as: Mapping[int, int] = field(default_factory=dict)

    @property
    def not_used(self) -> list[str]:
        """The headings of the columns that mean nothing here, but hold something."""
        return [
            self.titles[column]
            for column, meaning in enumerate(self.meanings)
            if self.has_headings and meaning == NOTHING and column not in self.same_as and self.values(column)
        ]

    def preview(self, most: int = 5) -> tuple[SourceRow, ...]:
        """The first rows, to choose the meaning of columns by."""
        return self.rows[:most]

    def values(self, column: int) -> list[str]:
        """What stands in a column."""
        return [row.cells[column] for row in self.rows if column < len(row.cells) and row.cells[column]]

    def differs(self, columns: Sequence[int]) -> bool:
        """Whether columns that hold the same kind of thing say different things of some row."""
        return any(
            len({row.cells[one].casefold() for one in columns if one < len(row.cells) and row.cells[one]}) > 1
            for row in self.rows
        )


@dataclass(slots=True)
class _Part:
    name: str
    header: SourceRow | None = None
    rows: list[SourceRow] = field(default_factory=list)


def read_tables(
    text: str, list_format: ListFormat, chosen: Mapping[int, str]
) -> tuple[list[RecordTable], list[LeftOut]]:
    """The tables of a list, each with what its columns mean, and what was left out.

    Raises InvalidInput with a sentence for what is empty, too long, or cannot be read.
    """
    if "email" in list_format.by_key and _ADDRESSES.fullmatch(text):
        # As a mail has them: "Grace Halden <grace@example.com>; Owen Halden <owen@example.com>".
        text = re.sub(r"(?<=>)[;,]\s*(?=\S)", "\n", text)
    sheet = read_text(
        text,
        most_bytes=list_format.max_bytes,
        most_rows=2 * list_format.max_rows,
        separator_of=lambda lines: _separator(lines, list_format),
        names_column=list_format.heading,
    )
    filled = [row for row in sheet.rows if any(row.cells) and not row.comment]
    if sum(row.text.count('"') for row in filled) % 2:
        raise refuse("This list cannot be read: a quotation mark is opened and never closed.")
    if len(filled) > list_format.max_rows + 1:
        raise too_many(len(filled), list_format.max_rows)
    if not filled:
        raise refuse("This list is empty.")
    parts, left_out = _parts(sheet, list_format)
    tables: list[RecordTable] = []
    first_column = 0
    for part in parts:
        left_out += _take_out_titles(part, list_format)
        if part.rows or part.header:
            table = _table(part, list_format, chosen, first_column)
            tables.append(table)
            first_column += len(table.meanings)
    return tables, left_out


def _separator(lines: Sequence[str], list_format: ListFormat) -> str:
    """The separator that parts the most headings, else the one most of the first lines agree on."""
    sample = [line for line in lines if line.strip() and not line.startswith("#")][:_SAMPLE]

    def headings(separator: str) -> int:
        return max(
            (
                sum(list_format.heading(cell) is not None for cell in cells_of(line, separator))
                for line in sample[:_HEADINGS_WITHIN]
                if separator in line
            ),
            default=0,
        )

    def usual(separator: str) -> int:
        return sorted(line.count(separator) for line in sample)[len(sample) // 2] if sample else 0

    return max(SEPARATORS, key=lambda separator: (headings(separator), usual(separator)))


def _parts(sheet: Sheet, list_format: ListFormat) -> tuple[list[_Part], list[LeftOut]]:
    """The rows by table: a sheet, or a further row of other headings, begins a new one."""
    parts: list[_Part] = []
    left_out: list[LeftOut] = []
    for row in sheet.rows:
        if not any(row.cells):
            continue
        if row.comment:
            reason = row.left_out or "This is a comment."
            left_out.append(LeftOut(row.number, row.text.strip(), reason, row.sheet))
            continue
        if not parts or row.sheet != parts[-1].name:
            parts.append(_Part(row.sheet))
        part = parts[-1]
        if not _names_columns(row, list_format, part):
            part.rows.append(row)
        elif part.header is None:
            left_out += [_above(before) for before in part.rows]
            part.header, part.rows = row, []
        elif _folded(part.header) == _folded(row):
            left_out.append(LeftOut(row.number, row.text, "These are the headings once more.", row.sheet))
        else:
            while part.rows and sum(map(bool, part.rows[-1].cells)) == 1:
                left_out.append(_above(part.rows.pop()))
            parts.append(_Part(row.sheet, row))
    return _with_headings(parts, left_out), left_out


def _with_headings(parts: list[_Part], left_out: list[LeftOut]) -> list[_Part]:
    """Where some tables name their columns, those; what stands in others is left out."""
    if not any(part.header for part in parts):
        for part in parts:
            if _looks_like_headings(part.rows):
                part.header = part.rows.pop(0)
    named = [part for part in parts if part.header is not None]
    reason = "This sheet has no headings we know, so it was not read."
    for part in parts if named else ():
        if part.header is None:
            left_out += [LeftOut(row.number, row.text, reason, row.sheet) for row in part.rows]
    return named or parts


def _take_out_titles(part: _Part, list_format: ListFormat) -> list[LeftOut]:
    """Take the totals and the titles within a table out of its rows."""
    filled = sorted(sum(map(bool, row.cells)) for row in part.rows)
    usual = filled[len(filled) // 2] if filled and list_format.has_titles else 0
    left_out, rows = [], []
    for row in part.rows:
        cells = [cell for cell in row.cells if cell]
        plain, is_alone = folded(cells[0]), len(cells) == 1
        if _TOTAL.fullmatch(plain):
            reason = "This is a total, not a row of its own."
        elif is_alone and _FOOTER.fullmatch(plain):
            reason = "This is the end of a page or of the list."
        elif is_alone and usual >= _FILLED and len(part.rows) > 1:
            reason = _TITLE
        else:
            rows.append(row)
            continue
        left_out.append(LeftOut(row.number, row.text, reason, row.sheet))
    part.rows = rows
    return left_out


def _looks_like_headings(rows: Sequence[SourceRow]) -> bool:
    """Whether the first row has words alone where all others have figures or addresses."""
    first, others = rows[0], rows[1 : 1 + _SAMPLE]
    if not others or any(map(_has_figures, first.cells)):
        return False
    columns = range(len(first.cells))
    return any(
        bool(first.cells[column])
        and all(column < len(row.cells) and _has_figures(row.cells[column]) for row in others)
        for column in columns
    )


def _has_figures(text: str) -> bool:
    return "@" in text or any(map(str.isdigit, text))


def _above(row: SourceRow) -> LeftOut:
    return LeftOut(row.number, row.text, "This stands above the headings.", row.sheet)


def _folded(row: SourceRow) -> list[str]:
    return [cell.casefold() for cell in row.cells]


def _names_columns(row: SourceRow, list_format: ListFormat, part: _Part) -> bool:
    """Whether a row names columns. A further one must leave no doubt, since it ends the table above."""
    filled = sum(map(bool, row.cells))
    known = sum(list_format.heading(cell) is not None for cell in row.cells)
    if part.header is not None:
        return known >= 2 and known * 4 >= filled * 3
    if len(part.rows) >= _HEADINGS_WITHIN:
        return False
    return known >= 2 or (known == 1 and filled <= 2 and not part.rows)


def _table(part: _Part, list_format: ListFormat, chosen: Mapping[int, str], first_column: int) -> RecordTable:
    cells = part.header.cells if part.header else ()
    width = max(len(cells), *(len(row.cells) for row in part.rows), 0)
    meanings: list[str] = []
    same_as: dict[int, int] = {}
    for column in range(width):
        key = chosen.get(first_column + column, "")
        if key != NOTHING and key not in list_format.by_key:
            key = _recognised(part, list_format, column)
            if key != NOTHING and key in meanings:
                # Which of the two counts is somebody's to choose.
                same_as[column], key = meanings.index(key), NOTHING
        meanings.append(key)
    if not chosen:
        _tell_names_apart(meanings, part.rows, list_format.whole_name)
    headings = tuple(
        cells[column] if column < len(cells) and cells[column] else f"Column {column + 1}"
        for column in range(width)
    )
    return RecordTable(
        tuple(meanings), headings, tuple(part.rows), first_column, part.name, part.header is not None, same_as
    )


def _tell_names_apart(meanings: list[str], rows: Sequence[SourceRow], whole: str) -> None:
    """Beside first names alone, "name" is the last one; beside last names the first: unless it is both."""
    for part, other in (("first_name", "last_name"), ("last_name", "first_name")):
        if whole in meanings and part in meanings and other not in meanings:
            names, parts = (
                [row.cells[column] for row in rows if column < len(row.cells) and row.cells[column]]
                for column in (meanings.index(whole), meanings.index(part))
            )
            if not are_whole_names(names, parts):
                meanings[meanings.index(whole)] = other


def _recognised(part: _Part, list_format: ListFormat, column: int) -> str:
    if part.header is not None:
        cell = part.header.cells[column] if column < len(part.header.cells) else ""
        named = list_format.heading(cell)
        filled = [row.cells[column] for row in part.rows[:_SAMPLE] if column < len(row.cells)]
        if named is None or (named.key == "employee_number" and all(map(_UNIQUE_ID.fullmatch, filled))):
            return NOTHING  # the key of a database is nobody's number
        return named.key
    values = [row.cells[column] for row in part.rows[:_SAMPLE] if column < len(row.cells)]
    filled = [value for value in values if value]
    if filled and "email" in list_format.by_key and all("@" in value for value in filled):
        return "email"
    if filled and "phone_number" in list_format.by_key and all(map(_PHONE_NUMBER.fullmatch, filled)):
        return "phone_number"
    return NOTHING

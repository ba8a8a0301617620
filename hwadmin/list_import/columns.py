"""The tables of a list and what their columns mean: by headings, by what is in them, or as a person says.

A second row of headings begins a second table, and so does a second sheet. Columns are counted through all
tables of the list, so that a person can say of each what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hwadmin.identifiers import IdentifierError, IdentifierKind, parse
from hwadmin.identifiers.harvest import harvest
from hwadmin.list_import.cells import no_value
from hwadmin.list_import.headings import ASIDE, PERSON_MEANINGS, Meaning, heading, names_range
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.lists import Sheet, SourceRow

_SAMPLE = 150
_OF_TARGET = (Meaning.PERSON, Meaning.EMAIL, Meaning.PLACE)
_HEADINGS_WITHIN = 40
_HIDDEN_COLUMN = re.compile(r"Column ([0-9]+) \((.*)\) is hidden")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that share their columns. `headings`: the rows that name them; `first_column` counts through."""

    rows: tuple[SourceRow, ...]
    meanings: tuple[Meaning, ...] = ()
    headings: tuple[SourceRow, ...] = ()
    first_column: int = 0
    name: str = ""

    @property
    def has_identifiers(self) -> bool:
        """Whether some column holds identifiers; else every line is searched."""
        return any(meaning.kinds for meaning in self.meanings)

    def of(self, *meanings: Meaning) -> list[int]:
        """The columns with one of the meanings."""
        return [column for column, meaning in enumerate(self.meanings) if meaning in meanings]

    def heading(self, column: int) -> str:
        """What stands above a column; its number where nothing does."""
        cells = self.headings[0].cells if self.headings else ()
        return cells[column] if column < len(cells) and cells[column] else f"Column {column + 1}"

    def preview(self, most: int = 6) -> list[SourceRow]:
        """The first rows below the headings, to choose the meaning of columns by."""
        rows = [row for row in self.rows if any(row.cells) and not row.comment]
        below = [row for row in rows if not self.headings or row.number > self.headings[0].number]
        return (below or rows)[:most]


@dataclass(frozen=True, slots=True)
class Columns:
    """The tables of a list with the meaning of each column, and why a person should look: each a sentence."""

    tables: tuple[Table, ...]
    unclear: tuple[str, ...] = ()

    @property
    def meanings(self) -> tuple[Meaning, ...]:
        """The meanings of all columns, counted through."""
        return tuple(meaning for table in self.tables for meaning in table.meanings)


def mapped(columns: Columns, chosen: Mapping[int, str]) -> Columns:
    """The columns as a person says they are; what they do not say stays as it was recognised."""
    tables = []
    for table in columns.tables:
        meanings = [
            Meaning(word) if (word := chosen.get(table.first_column + column)) in tuple(Meaning) else meaning
            for column, meaning in enumerate(table.meanings)
        ]
        tables.append(replace(table, meanings=tuple(meanings)))
    return Columns(tuple(tables))


def recognised(sheet: Sheet, names: Names) -> Columns:
    """The tables of a list, and what their columns mean as far as can be told."""
    tables: list[Table] = []
    unclear: list[str] = []
    first_column = 0
    for part in _parts(sheet):
        if sheet.separator is None and not part.headings:
            width = max((len(row.cells) for row in part.rows), default=0)
            meanings: tuple[Meaning, ...] = (Meaning.NOTHING,) * width
        else:
            meanings, more = _meanings(part, names)
            unclear.extend(f"{part.title}{sentence}" for sentence in more)
        tables.append(Table(tuple(part.rows), meanings, tuple(part.headings), first_column, part.name))
        first_column += len(meanings)
    return Columns(tuple(tables), tuple(dict.fromkeys(unclear)))


# ---- Where a table begins


@dataclass(slots=True)
class _Part:
    """Rows of one table while they are collected."""

    name: str
    rows: list[SourceRow] = field(default_factory=list)
    headings: list[SourceRow] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"{self.name}: " if self.name else ""

    def names_the_same(self, row: SourceRow) -> bool:
        """Whether a row of headings is the one of this table once more, as on each printed page."""
        before = self.headings[0].cells if self.headings else ()
        return [cell.casefold() for cell in before] == [cell.casefold() for cell in row.cells]


def _parts(sheet: Sheet) -> list[_Part]:
    parts: list[_Part] = []
    seen = 0
    for row in sheet.rows:
        if not parts or (row.sheet != parts[-1].name and not (row.left_out and not row.sheet)):
            parts.append(_Part(row.sheet))
            seen = 0
        part = parts[-1]
        seen += any(row.cells)
        if _is_heading(row, first=not part.headings and seen <= _HEADINGS_WITHIN):
            if part.headings and not part.names_the_same(row):
                part = _Part(row.sheet)
                parts.append(part)
            part.headings.append(row)
        else:
            part.rows.append(row)
    return parts


def _is_heading(row: SourceRow, *, first: bool) -> bool:
    """Whether a row names columns. Further ones must leave no doubt, since they end the table above."""
    if row.left_out or not any(row.cells):
        return False
    cells = [cell.lstrip("# ") if row.comment else cell for cell in row.cells]
    known = [meaning for cell in cells if (meaning := heading(cell))]
    names_one = any(meaning.kinds for meaning in known)
    filled = sum(map(bool, cells))
    enough = len(known) >= 2 or (names_one and filled <= 2)
    if not first:
        enough = enough and (
            (names_one and not row.comment) or (len(known) >= 3 and len(known) * 4 >= filled * 3)
        )
    return bool(known) and enough and not harvest(row.text).identifiers


# ---- What a column holds


def _meanings(part: _Part, names: Names) -> tuple[tuple[Meaning, ...], list[str]]:
    """The meaning of each column of a table, and why somebody should look at them."""
    header = part.headings[0] if part.headings else None
    cells = [cell.lstrip("# ") if header.comment else cell for cell in header.cells] if header else []
    by_headings = {column: meaning for column, cell in enumerate(cells) if (meaning := heading(cell))}
    rows = [row for row in part.rows if not row.comment and (header is None or row.number > header.number)]
    width = max((len(row.cells) for row in (*part.rows, *part.headings)), default=0)
    meanings: list[Meaning] = []
    unclear: list[str] = []
    for column in range(width):
        values = [row.cells[column] for row in rows if column < len(row.cells) and row.cells[column]]
        sample = [value for value in values[:_SAMPLE] if not no_value(value)]
        by_heading, by_content = by_headings.get(column), _content(sample, names)
        if by_heading is Meaning.PERSON and by_content in (Meaning.MODEL, Meaning.SKU):
            by_heading = by_content  # the name of the article
        if by_heading is Meaning.PLACE and by_content and by_content.kinds:
            by_heading = by_content  # the address of the device
        if by_heading in (None, Meaning.NOTHING, Meaning.ORDER) and by_content in _OF_TARGET:
            by_heading = by_content  # a remark that is always somebody's name
            if _is_named(by_headings.values(), by_content):
                by_heading = by_headings.get(column, Meaning.NOTHING)
        meanings.append(by_heading or by_content or Meaning.NOTHING)
        if _may_be_whom(by_heading, by_content, by_headings.values()):
            unclear.append(f"“{cells[column]}” names people of the plan; is each device for them?")
        if by_heading and by_content and _contradict(by_heading, by_content, sample):
            unclear.append(
                f"Column {column + 1} is headed {by_heading.label}, but holds {by_content.label}."
                if by_heading is not Meaning.NOTHING
                else f"Column {column + 1} holds {by_content.label}, though its heading says otherwise."
            )
    return tuple(meanings), unclear + _doubtful_identifiers(part, cells, meanings)


def _is_named(meanings: Iterable[Meaning], by_content: Meaning) -> bool:
    """Whether a heading says already where the person, or the place, of a row stands."""
    same = (Meaning.PLACE,) if by_content is Meaning.PLACE else PERSON_MEANINGS
    return any(meaning in same for meaning in meanings)


def _may_be_whom(by_heading: Meaning | None, by_content: Meaning | None, others: Iterable[Meaning]) -> bool:
    """Whether a column of managers or contacts is the only one that may say whom each row is for."""
    named = by_heading is Meaning.ANOTHER and by_content in PERSON_MEANINGS
    return named and by_content is not None and not _is_named(others, by_content)


def _doubtful_identifiers(part: _Part, cells: Sequence[str], meanings: Sequence[Meaning]) -> list[str]:
    """Why it is not sure which column holds the identifiers of the devices."""
    unclear = []
    for meaning in (Meaning.MAC, Meaning.IPEI, Meaning.IMEI, Meaning.IDENTIFIER):
        same = [column + 1 for column, other in enumerate(meanings) if other is meaning]
        if len(same) > 1:
            listed = " and ".join(map(str, same))
            unclear.append(f"Columns {listed} both hold {meaning.label}; say which is the one of the unit.")
    if Meaning.IDENTIFIER in meanings and not part.headings:
        unclear.append("A column of digits may hold identifiers; say what they are.")
    if Meaning.ANOTHER in meanings and not any(meaning.kinds for meaning in meanings):
        column = meanings.index(Meaning.ANOTHER)
        held = [row.cells[column] for row in part.rows[:_SAMPLE] if column < len(row.cells)]
        if any(harvest(cell).identifiers for cell in held):
            unclear.append(f"“{cells[column]}” is read as that of another device, and no column is left.")
    for cell, meaning in zip(cells, meanings, strict=False):
        if meaning.kinds and names_range(cell):
            unclear.append(f"“{cell}” may be the end of a range, which proves no device; list each one.")
    named = {found for cell in cells if (found := heading(cell)) and found.kinds}
    for row in part.rows:
        hidden = _HIDDEN_COLUMN.match(row.text) if row.left_out else None
        meant = heading(hidden[2]) if hidden else None
        if hidden and meant and meant.kinds and meant not in named:
            unclear.append(f"Column {hidden[1]}, “{hidden[2]}”, is hidden; is it the one that matters?")
    return unclear


def _content(values: Sequence[str], names: Names) -> Meaning | None:
    """What most of the values are; None where they are nothing in particular."""
    if not values:
        return None
    counts: dict[Meaning, int] = {}
    for value in values:
        for meaning in _meanings_of(value, names):
            counts[meaning] = counts.get(meaning, 0) + 1
    best = max(counts, key=lambda meaning: counts[meaning], default=None)
    enough = 0.4 if best in (Meaning.MODEL, Meaning.SKU, *_OF_TARGET) else 0.6
    return best if best and counts[best] >= enough * len(values) else None


def _meanings_of(value: str, names: Names) -> list[Meaning]:
    matches = harvest(value).identifiers
    if len(matches) == 1 and matches[0].end - matches[0].start >= len(value.strip("\"' ")) - 8:
        if matches[0].certain:
            return [Meaning(matches[0].readings[0].kind.value)]
        if not value.startswith("0") or len(matches[0].readings) > 1:
            return [Meaning.IDENTIFIER]
    if names.is_sku(value):
        return [Meaning.SKU]
    if names.planned.is_email(value):
        return [Meaning.EMAIL]
    if names.planned.is_person(value):
        return [Meaning.PERSON]
    if names.planned.has_places and names.planned.at_place(value):
        return [Meaning.PLACE]
    return [Meaning.MODEL] if names.by_model(value).lines else []


def _contradict(by_heading: Meaning, by_content: Meaning, values: Sequence[str]) -> bool:
    """Whether a heading and what stands under it disagree about an identifier."""
    if not by_content.kinds or by_content is Meaning.IDENTIFIER or by_heading is by_content:
        return False
    if by_heading is Meaning.ANOTHER:
        return False  # the old one's
    if by_heading in ASIDE and not (
        by_heading is Meaning.SERIAL and by_content in (Meaning.MAC, Meaning.IPEI)
    ):
        return False  # IMEI2 holds IMEIs, WLAN MAC holds MAC addresses
    if not by_heading.kinds:
        return True
    return sum(_reads(by_heading.kinds, value) for value in values) * 2 < len(values)


def _reads(kinds: Sequence[IdentifierKind], value: str) -> bool:
    for kind in kinds:
        try:
            parse(kind, value)
        except IdentifierError:
            continue
        return True
    return False

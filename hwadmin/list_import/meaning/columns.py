"""The tables of a list and what their columns mean: by headings, by what is in them, or as a person says.

A second row of headings begins a second table, and so does a second sheet. Columns are counted through all
tables of the list, so that a person can say of each what it means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hwadmin.identifiers.harvest import harvest
from hwadmin.list_import.cells import are_whole_names, no_value
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.lists import Sheet, SourceRow, listed
from hwadmin.list_import.meaning.contents import by_content, contradict, hidden_that_matter, may_be_names
from hwadmin.list_import.meaning.headings import OF_TARGET, PERSON_MEANINGS, Meaning, heading, names_range
from hwadmin.list_import.meaning.table_parts import TablePart, parts_of, whole_headings

_SAMPLE = 150


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that share their columns. `headings`: the rows that name them; `first_column` counts through."""

    rows: tuple[SourceRow, ...]
    meanings: tuple[Meaning, ...] = ()
    headings: tuple[SourceRow, ...] = ()
    first_column: int = 0
    name: str = ""
    groups: SourceRow | None = None

    @property
    def has_identifiers(self) -> bool:
        """Whether some column holds identifiers; else every line is searched."""
        return any(meaning.kinds for meaning in self.meanings)

    def of(self, *meanings: Meaning) -> list[int]:
        """The columns with one of the meanings."""
        return [column for column, meaning in enumerate(self.meanings) if meaning in meanings]

    def says_something(self, column: int) -> bool:
        """Whether a column says something in some of the first rows."""
        cells = (row.cells[column] for row in self.rows[:_SAMPLE] if column < len(row.cells))
        return any(cell and not no_value(cell) for cell in cells)

    def heading(self, column: int) -> str:
        """What stands above a column; its number where nothing does."""
        cells = self.headings[0].cells if self.headings else ()
        return cells[column] if column < len(cells) and cells[column] else f"Column {column + 1}"

    @property
    def titles(self) -> tuple[str, ...]:
        """What stands above each column; its number where nothing does."""
        return tuple(map(self.heading, range(len(self.meanings))))

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

    @property
    def not_used(self) -> str:
        """The sentence that names the columns that mean nothing here; empty where there are none."""
        names = listed(
            table.heading(column)
            for table in self.tables
            for column in table.of(Meaning.NOTHING)
            if table.headings and table.has_identifiers and table.says_something(column)
        )
        beside = "Of these columns only names, order numbers and words such as “returned” are looked at"
        return f"{beside}: {names}." if names else ""


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
    for part in parts_of(sheet):
        if sheet.separator is None and not part.headings:
            width = max((len(row.cells) for row in part.rows), default=0)
            meanings: tuple[Meaning, ...] = (Meaning.NOTHING,) * width
        else:
            meanings, more = _meanings(part, names)
            unclear.extend(f"{part.title}{sentence}" for sentence in more)
        tables.append(
            Table(tuple(part.rows), meanings, tuple(part.headings), first_column, part.name, part.groups)
        )
        first_column += len(meanings)
    return Columns(tuple(tables), tuple(dict.fromkeys(unclear)))


# ---- What a column holds


def _meanings(part: TablePart, names: Names) -> tuple[tuple[Meaning, ...], list[str]]:
    """The meaning of each column of a table, and why somebody should look at them."""
    header = part.headings[0] if part.headings else None
    named = whole_headings(part.groups, header) if header and part.groups else header.cells if header else ()
    cells = [cell.lstrip("# ") if header and header.comment else cell for cell in named]
    by_headings = {column: meaning for column, cell in enumerate(cells) if (meaning := heading(cell))}
    by_headings |= _of_other_groups(part, cells)
    rows = [row for row in part.rows if not row.comment and (header is None or row.number > header.number)]
    width = max((len(row.cells) for row in (*part.rows, *part.headings)), default=0)
    meanings: list[Meaning] = []
    unclear: list[str] = []
    samples: list[list[str]] = []
    for column in range(width):
        values = [row.cells[column] for row in rows if column < len(row.cells) and row.cells[column]]
        samples.append([value for value in values[:_SAMPLE] if not no_value(value)])
        meaning, doubts = _meaning(column, cells, by_headings, samples[-1], names)
        meanings.append(meaning)
        unclear += doubts
    unclear += _doubtful_identifiers(part, cells, meanings)
    unclear += hidden_that_matter(part.rows, meanings, with_people=names.planned.has_people)
    _tell_last_names(meanings, samples)
    if names.planned.has_people and not _is_named(meanings, Meaning.PERSON):
        unclear += [
            f"Column {column + 1} may name people, none of whom is in the plan. "
            "Is each device for the person beside it?"
            for column, sample in enumerate(samples)
            if column not in by_headings and meanings[column] is Meaning.NOTHING and may_be_names(sample)
        ]
    return tuple(meanings), unclear


def _of_other_groups(part: TablePart, cells: Sequence[str]) -> dict[int, Meaning]:
    """The columns below a heading of several that makes them those of another device or person."""
    group, others = "", {}
    for column, cell in enumerate(cells):
        above = part.groups.cells[column] if part.groups and column < len(part.groups.cells) else ""
        group = above or group
        if group and cell and heading(group) in (Meaning.ANOTHER, Meaning.RETURNED):
            others[column] = Meaning.ANOTHER
    return others


def _meaning(
    column: int, cells: Sequence[str], by_headings: Mapping[int, Meaning], sample: Sequence[str], names: Names
) -> tuple[Meaning, list[str]]:
    """What one column holds, by its heading and its values, and why that is not sure."""
    by_heading, unclear = by_headings.get(column), []
    held = by_content(sample, names, headed=by_heading is not None)
    if by_heading is Meaning.PERSON and held in (Meaning.MODEL, Meaning.SKU):
        by_heading = held  # the name of the article
    if by_heading is Meaning.PLACE and held and held.kinds:
        by_heading = held  # the address of the device
    if by_heading in (None, Meaning.NOTHING, Meaning.ORDER) and held in OF_TARGET:
        by_heading = held  # a remark that is always somebody's name
        if _is_named(by_headings.values(), held):
            by_heading = by_headings.get(column, Meaning.NOTHING)
    if by_heading is None and held is Meaning.EMPLOYEE_NUMBER and not _is_named(by_headings.values(), held):
        unclear.append(
            f"Column {column + 1} holds employee numbers of the plan. Is each device for that person?"
        )
    if _may_be_whom(by_heading, held, by_headings.values()):
        unclear.append(
            f"“{cells[column]}” names people of the plan. Is each device for the person beside it?"
        )
    if by_heading and held and contradict(by_heading, held, sample):
        unclear.append(
            f"Column {column + 1} is headed {by_heading.label}, but holds {held.label}."
            if by_heading is not Meaning.NOTHING
            else f"Column {column + 1} holds {held.label}, though its heading says otherwise."
        )
    return by_heading or held or Meaning.NOTHING, unclear


def _tell_last_names(meanings: list[Meaning], samples: Sequence[Sequence[str]]) -> None:
    """Beside first names, "name" is the last one: unless it holds the first ones as well."""
    if Meaning.FIRST_NAME not in meanings or Meaning.LAST_NAME in meanings or Meaning.PERSON not in meanings:
        return
    column = meanings.index(Meaning.PERSON)
    if not are_whole_names(samples[column], samples[meanings.index(Meaning.FIRST_NAME)]):
        meanings[column] = Meaning.LAST_NAME


def _is_named(meanings: Iterable[Meaning], by_content: Meaning) -> bool:
    """Whether a heading says already where the person, or the place, of a row stands."""
    same = (Meaning.PLACE,) if by_content is Meaning.PLACE else PERSON_MEANINGS
    return any(meaning in same for meaning in meanings)


def _may_be_whom(by_heading: Meaning | None, by_content: Meaning | None, others: Iterable[Meaning]) -> bool:
    """Whether a column of managers or contacts is the only one that may say whom each row is for."""
    named = by_heading is Meaning.ANOTHER and by_content in PERSON_MEANINGS
    return named and by_content is not None and not _is_named(others, by_content)


def _doubtful_identifiers(part: TablePart, cells: Sequence[str], meanings: Sequence[Meaning]) -> list[str]:
    """Why it is not sure which column holds the identifiers of the devices."""
    unclear = []
    for meaning in (Meaning.MAC, Meaning.IPEI, Meaning.IMEI, Meaning.IDENTIFIER):
        same = [column + 1 for column, other in enumerate(meanings) if other is meaning]
        if len(same) > 1:
            listed = " and ".join(map(str, same))
            unclear.append(f"Columns {listed} both hold {meaning.label}; say which belongs to the unit.")
    if Meaning.IDENTIFIER in meanings and not part.headings:
        unclear.append("A column of digits may hold identifiers; say what they are.")
    if Meaning.ANOTHER in meanings and not any(meaning.kinds for meaning in meanings):
        column = meanings.index(Meaning.ANOTHER)
        held = [row.cells[column] for row in part.rows[:_SAMPLE] if column < len(row.cells)]
        if any(harvest(cell).identifiers for cell in held):
            unclear.append(
                f"“{cells[column]}” seems to be about another device, and no other column holds identifiers."
            )
    for cell, meaning in zip(cells, meanings, strict=False):
        if meaning.kinds and names_range(cell):
            unclear.append(f"“{cell}” may be the end of a range; list each device.")
    return unclear

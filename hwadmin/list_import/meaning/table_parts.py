"""Where the tables of a list begin: at a sheet, at a row of headings, at a further one."""

from __future__ import annotations

from dataclasses import dataclass, field

from hwadmin.identifiers.harvest import harvest
from hwadmin.list_import.lists import Sheet, SourceRow
from hwadmin.list_import.meaning.headings import heading

_HEADINGS_WITHIN = 40


@dataclass(slots=True)
class TablePart:
    """Rows of one table, and those that name its columns."""

    name: str
    rows: list[SourceRow] = field(default_factory=list)
    headings: list[SourceRow] = field(default_factory=list)
    # A row of headings above several columns each, such as "Old phone" and "New phone".
    groups: SourceRow | None = None

    @property
    def title(self) -> str:
        """What stands before a sentence about it: the name of its sheet, where there are several."""
        return f"{self.name}: " if self.name else ""

    def names_the_same(self, row: SourceRow) -> bool:
        """Whether a row of headings is the one of this table once more, as on each printed page."""
        before = self.headings[0].cells if self.headings else ()
        return [cell.casefold() for cell in before] == [cell.casefold() for cell in row.cells]


def parts_of(sheet: Sheet) -> list[TablePart]:
    """The tables of a list: a sheet begins one, and so does a further row of headings."""
    parts: list[TablePart] = []
    seen = 0
    for row in sheet.rows:
        if not parts or (row.sheet != parts[-1].name and not (row.left_out and not row.sheet)):
            parts.append(TablePart(row.sheet))
            seen = 0
        part = parts[-1]
        seen += any(row.cells)
        if _is_heading(row, first=not part.headings and seen <= _HEADINGS_WITHIN):
            above = part.headings[-1] if part.headings and not part.rows else None
            if above and _names_groups(above, row) and _goes_on(above, row):
                # Headings over two rows.
                part.groups, part.headings = above, []
            elif part.headings and not part.names_the_same(row):
                part = TablePart(row.sheet)
                parts.append(part)
            if not part.headings and part.rows and _names_groups(part.rows[-1], row):
                part.groups = part.rows.pop()
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
    # In a language we do not know, only the abbreviation of the identifier is known.
    are_words = not any(character.isdigit() for cell in cells for character in cell)
    enough = len(known) >= 2 or (names_one and (filled <= 2 or (first and are_words)))
    if not first:
        enough = enough and (
            (names_one and not row.comment) or (len(known) >= 3 and len(known) * 4 >= filled * 3)
        )
    return bool(known) and enough and not harvest(row.text).identifiers


def whole_headings(above: SourceRow, row: SourceRow) -> list[str]:
    """The headings of a row with what stands right above them, where only both together name a column."""
    cells = []
    for column, cell in enumerate(row.cells):
        over = above.cells[column] if column < len(above.cells) else ""
        whole = f"{over} {cell}".strip()
        cells.append(whole if heading(whole) is not None else cell)
    return cells


def _goes_on(above: SourceRow, row: SourceRow) -> bool:
    """Whether what was taken for headings names groups of those below it, or begins them."""
    if not any((meaning := heading(cell)) is not None and meaning.kinds for cell in above.cells):
        return True
    known = [
        sum(heading(cell) is not None for cell in cells) for cells in (whole_headings(above, row), row.cells)
    ]
    return known[0] > known[1]


def _names_groups(row: SourceRow, headings: SourceRow) -> bool:
    """Whether a row right above the headings names groups of them."""
    beside = row.number == headings.number - 1 and row.sheet == headings.sheet
    filled = sum(map(bool, row.cells))
    is_data = bool(harvest(row.text).identifiers)
    return (
        beside
        and not (is_data or row.comment or row.left_out)
        and 2 <= filled < sum(map(bool, headings.cells)) + 1
    )

"""From rows to candidates: which identifier stands where, and what the list says of its device."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hwadmin.identifiers import Identifier, IdentifierError, IdentifierKind, normalise_serial, parse
from hwadmin.identifiers.harvest import TextIdentifier, harvest
from hwadmin.identifiers.vendors import make_of_oui
from hwadmin.list_import.cells import damaged_serial, no_value
from hwadmin.list_import.item_names import NOTHING_NAMED, Named, Names
from hwadmin.list_import.lists import SourceRow
from hwadmin.list_import.meaning.columns import Table
from hwadmin.list_import.meaning.headings import ASIDE, Meaning
from hwadmin.list_import.row_targets import NO_TARGET, Target

MAX_ECHO = 120


@dataclass(frozen=True, slots=True)
class Candidate:
    """An identifier the list holds, and what it says of its device.

    `readings`: what it can be, several for twelve decimal digits. `concern`: why a person should decide,
    whatever else fits. `proven`: whether it is an identifier for sure. `inherited`: whether the name of the
    item was taken over from above, or from the sheet.
    """

    row: int
    text: str
    readings: tuple[Identifier, ...]
    named: Named = NOTHING_NAMED
    proven: bool = True
    concern: str = ""
    inherited: bool = False
    target: Target = NO_TARGET
    sheet: str = ""

    @property
    def key(self) -> str:
        """What two candidates of one device share."""
        return " ".join(f"{read.kind}:{read.key}" for read in self.readings)

    @property
    def place(self) -> str:
        """Where it stands: its row, and its sheet where there are several."""
        return f"{self.sheet}, row {self.row}" if self.sheet else f"row {self.row}"


@dataclass(frozen=True, slots=True)
class Unused:
    """Something of the list that is not used, and why.

    `order`: the reference of the order it is for. `whole_row`: whether it is a row without any identifier.
    """

    row: int
    text: str
    reason: str
    sheet: str = ""
    order: str = ""
    whole_row: bool = False

    @property
    def place(self) -> str:
        """Where it stands in the list, as people find it."""
        return f"{self.sheet} {self.row or ''}".strip()


@dataclass(slots=True)
class Candidates:
    """All a list says: candidates, what cannot be used, what stands beside."""

    candidates: list[Candidate] = field(default_factory=list)
    unused: list[Unused] = field(default_factory=list)
    aside: list[Unused] = field(default_factory=list)

    def leave(self, row: SourceRow, reason: str, text: str = "", order: str = "") -> None:
        """One more thing that is not used."""
        shown = (text or row.text).strip()[:MAX_ECHO]
        self.unused.append(Unused(row.number, shown, reason, row.sheet, order, whole_row=not text))

    def put_aside(self, row: SourceRow, text: str, reason: str) -> None:
        """One more thing that stands beside an identifier."""
        self.aside.append(Unused(row.number, text[:MAX_ECHO], reason, row.sheet))


def is_of_table(row: SourceRow, table: Table) -> bool:
    """Whether a column of identifiers holds something in this row."""
    columns = [column for column, meaning in enumerate(table.meanings) if meaning.kinds]
    return any(column < len(row.cells) and row.cells[column] for column in columns)


def leave_without_identifier(row: SourceRow, table: Table, result: Candidates) -> None:
    """Say of a row why it holds no identifier, where a cell that should hold one says that there is none."""
    cells = [
        row.cells[column]
        for column, meaning in enumerate(table.meanings)
        if meaning.kinds and column < len(row.cells)
    ]
    reasons = [reason for cell in cells if cell and (reason := no_value(cell))]
    if reasons and len(reasons) == sum(map(bool, cells)):
        result.leave(row, f"Holds no identifier. {reasons[0]}")


def without_others(row: SourceRow, table: Table, result: Candidates) -> SourceRow:
    """A row to be searched as a line, without what its table says is another device's."""
    others = [column for column in table.of(Meaning.ANOTHER) if column < len(row.cells) and row.cells[column]]
    if not others:
        return row
    for column in others:
        result.put_aside(row, row.cells[column], f"{table.heading(column)}: {Meaning.ANOTHER.label}.")
    left = [cell for column, cell in enumerate(row.cells) if cell and column not in others]
    return replace(row, text="\t".join(left))


def read_cells(row: SourceRow, table: Table, names: Names, target: Target, result: Candidates) -> None:
    """Read a row of a table: its identifiers, what they are called, and what goes with them."""
    named, inherited = _named_by_cells(row, table, names), False
    if not named and table.name:
        named, inherited = names.by_sheet(table.name), True
    common = {"named": named, "inherited": inherited, "target": target}
    before, beside = len(result.candidates), AdjacentValues()
    codes = [row.cells[column] for column in table.of(Meaning.CODE) if column < len(row.cells)]
    for column, (meaning, cell) in enumerate(zip(table.meanings, row.cells, strict=False)):
        if not cell:
            continue
        reason = _says_nothing(cell, meaning, names)
        if reason:
            result.put_aside(row, cell, f"{meaning.label}: {reason}")
        elif meaning in ASIDE:
            beside.add(row, meaning, cell)
        elif meaning is Meaning.ANOTHER and harvest(cell).identifiers:
            result.put_aside(row, cell, f"{table.heading(column)}: {meaning.label}, not used.")
        elif meaning.kinds:
            _read_cell(row, cell, meaning, next(iter(codes), ""), result)
        elif meaning is Meaning.NOTHING and not table.headings and len(harvest(cell).identifiers) == 1:
            result.leave(row, f"In column {column + 1}, which is not used.", cell)
    for index in range(before, len(result.candidates)):
        result.candidates[index] = replace(result.candidates[index], **common)  # type: ignore[arg-type]
    beside.attach(before, result)


def _says_nothing(cell: str, meaning: Meaning, names: Names) -> str:
    """Why a cell holds nothing of what its column is for, a sentence; empty where it may."""
    if meaning is Meaning.SERIAL and names.is_item(cell):
        return "This is a model, no serial number."
    return no_value(cell) if meaning.kinds or meaning in ASIDE else ""


class AdjacentValues:
    """What stands beside an identifier: kept with the device, where the row has one device only."""

    def __init__(self) -> None:
        self._values: list[tuple[SourceRow, Meaning, str]] = []

    def add(self, row: SourceRow, meaning: Meaning, text: str) -> None:
        """One more value of the row."""
        self._values.append((row, meaning, text))

    def attach(self, since: int, result: Candidates) -> None:
        """Put them with the one candidate added since, and say of each what became of it."""
        alone = len(result.candidates) == since + 1
        for row, meaning, text in self._values:
            stored, reason = False, ""
            if alone:
                candidate = result.candidates[since]
                readings, reason = _with_value(candidate.readings, meaning, text)
                # A code was read together with its address.
                stored = readings != candidate.readings or any(read.code == text.upper() for read in readings)
                result.candidates[since] = replace(candidate, readings=readings)
            outcome = "stored with the device." if stored else f"not stored. {reason}".strip()
            result.put_aside(row, text, f"{meaning.label}: {outcome}")


def _with_value(
    readings: tuple[Identifier, ...], meaning: Meaning, text: str
) -> tuple[tuple[Identifier, ...], str]:
    """The identifier with a serial number or second IMEI of its device; why not, where that is none."""
    if meaning is Meaning.SERIAL and (reason := damaged_serial(text)):
        return readings, reason
    try:
        return tuple(_with(read, meaning, text) for read in readings), ""
    except IdentifierError as error:
        return readings, str(error)


def _with(read: Identifier, meaning: Meaning, text: str) -> Identifier:
    if meaning is Meaning.SERIAL and read.serial is None:
        return replace(read, serial=normalise_serial(text))
    if meaning is Meaning.IMEI2 and read.kind is IdentifierKind.IMEI and read.second_imei is None:
        second = parse(IdentifierKind.IMEI, text).value
        return replace(read, second_imei=second) if second != read.value else read
    return read


def _read_cell(row: SourceRow, cell: str, meaning: Meaning, code: str, result: Candidates) -> None:
    readings, reasons = [], []
    for kind in meaning.kinds:
        try:
            read = parse(kind, cell)
        except IdentifierError as error:
            reasons.append(str(error))
        else:
            readings.append(_with_code(read, code))
    if readings:
        # A column of any kind proves nothing of fourteen or sixteen digits: a time, a card's number.
        bare = meaning is Meaning.IDENTIFIER and cell.isdecimal() and len(cell) not in (12, 13, 15)
        result.candidates.append(
            Candidate(row.number, cell, tuple(readings), proven=not bare, sheet=row.sheet)
        )
        return
    inside = harvest(cell).identifiers
    if inside and all(match.certain and match.readings[0].kind in meaning.kinds for match in inside):
        concern = _concern_within(cell, inside)
        for match in inside:
            result.candidates.append(
                Candidate(row.number, match.text, match.readings, concern=concern, sheet=row.sheet)
            )
        return
    result.leave(row, reasons[0] if meaning is not Meaning.IDENTIFIER else "This is not an identifier.", cell)


def _concern_within(cell: str, inside: Sequence[TextIdentifier]) -> str:
    """Why somebody should look at what a cell holds beside an identifier, or at several in it."""
    if len(inside) == 1:
        return f"“{cell[:60]}” holds more than an identifier."
    # Two identifiers in one cell are two devices, or one with two; somebody must say.
    first, second = inside[:2]
    return (
        range_concern(cell[first.end : second.start], first.readings[0], second.readings[0])
        or "There are several identifiers in one cell."
    )


_RANGE_SIGN = re.compile(
    r"\W*(?:-|\u2010|\u2012|\u2013|\u2014|\.\.+|\u2026|to|bis|through|thru|until|t/m|a|\u2192|->)\W*",
    re.IGNORECASE,
)


def range_concern(between: str, first: Identifier, last: Identifier) -> str:
    """That two identifiers are the ends of a range, and how many it would be; empty where they are none."""
    if not _RANGE_SIGN.fullmatch(between) or first.kind is not last.kind:
        return ""
    low, high = (int(re.sub("[^0-9A-Fa-f]", "", read.value), 16) for read in (first, last))
    if first.kind is IdentifierKind.IMEI:
        low, high = int(first.key), int(last.key)
    count = high - low + 1
    if not 2 < count <= 10_000:
        return ""
    return (
        f"This is written as a range, which would be {count:,} devices; a range proves none of them. "
        f"List each one, or use these two alone."
    )


def _with_code(read: Identifier, code: str) -> Identifier:
    if read.kind is not IdentifierKind.MAC or read.code or not re.fullmatch("[0-9A-Za-z]{4}", code):
        return read
    make = make_of_oui(read.value)
    if make is None or make.name != "Gigaset":
        return read
    return Identifier(read.kind, read.value, code.upper(), read.notes)


def _named_by_cells(row: SourceRow, table: Table, names: Names) -> Named:
    """What the row calls its device: by SKU, by model, by description; what they disagree on is unknown."""
    stated: list[Named] = []
    for meaning in (Meaning.SKU, Meaning.MODEL, Meaning.DESCRIPTION):
        for column in table.of(meaning):
            cell = row.cells[column] if column < len(row.cells) else ""
            if not cell or (cell.isdecimal() and len(cell) < 4) or no_value(cell):
                continue  # "item" may be a number of the row
            stated.append(names.by_sku(cell) if meaning is Meaning.SKU else names.by_model(cell))
    known = [named.lines for named in stated if named.lines]
    if known:
        common = frozenset.intersection(*known)
        if not common:
            models = ", ".join(sorted({names.items[line].model for lines in known for line in lines}))
            return Named(unknown=f"{models} at once")
        # A SKU of the distributor's own does not speak against the model; a model speaks against a SKU.
        return Named(common)
    if stated:
        if len(stated) == 1:
            return stated[-1]
        return Named(unknown=" · ".join(named.unknown for named in stated if named)[:80])
    others = [
        cell
        for column, cell in enumerate(row.cells)
        if cell and not table.headings and table.meanings[column] is Meaning.NOTHING
    ]
    mentions = [mention for cell in others for mention in names.mentions(cell)]
    if mentions:
        return Named(frozenset().union(*(mention.lines for mention in mentions)))
    return Named(unknown=next((model for cell in others if (model := names.unknown(cell, ()))), ""))

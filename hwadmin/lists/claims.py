"""From rows to claims: which identifier stands where, and what the list calls the device it belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from hwadmin.identifiers import (
    Identifier,
    IdentifierError,
    IdentifierKind,
    normalise_serial,
    parse,
)
from hwadmin.identifiers.harvest import Aside, Damaged, Found, Harvest, harvest
from hwadmin.identifiers.vendors import make_of_oui
from hwadmin.lists.columns import ASIDE, Columns, Meaning
from hwadmin.lists.names import NOTHING_NAMED, Mention, Named, Names
from hwadmin.lists.reading import Row, Sheet

_REFERENCE = re.compile(r"(?<![^\W_])HW-[0-9]{3,12}(?![^\W_])", re.IGNORECASE)
_ECHO = 120
_SERIAL = re.compile(r"s/?n\b|serial", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """An identifier the list holds, and what it says of its device.

    `readings`: what it can be, more than one for twelve decimal digits. `doubt`: why a person should decide,
    whatever else fits. `proven`: whether it is an identifier for sure.
    """

    row: int
    text: str
    readings: tuple[Identifier, ...]
    named: Named = NOTHING_NAMED
    proven: bool = True
    doubt: str = ""

    @property
    def key(self) -> str:
        """What two claims of one device share."""
        return " ".join(f"{read.kind}:{read.key}" for read in self.readings)


@dataclass(frozen=True, slots=True)
class Unused:
    """Something of the list that is not used, and why."""

    row: int
    text: str
    reason: str


@dataclass(slots=True)
class Claims:
    """All a list says: claims, what cannot be used, what stands beside."""

    claims: list[Claim] = field(default_factory=list)
    unused: list[Unused] = field(default_factory=list)
    aside: list[Unused] = field(default_factory=list)

    def leave(self, row: Row, reason: str, text: str = "") -> None:
        """One more thing that is not used."""
        self.unused.append(Unused(row.number, (text or row.text).strip()[:_ECHO], reason))


def claims_of(sheet: Sheet, columns: Columns, names: Names, reference: str) -> Claims:
    """Every identifier of the list with what the list says of it; everything else with a reason."""
    result = Claims()
    context = _Context(names)
    other_order = ""
    for row in sheet.rows:
        if not any(row.cells):
            context.pause()
            continue
        if row.number == columns.header:
            result.leave(row, "The headings of the columns.")
            continue
        if row.comment:
            result.leave(row, "A comment.")
            continue
        orders = {said.upper() for said in _REFERENCE.findall(row.text)}
        tabular = columns.has_identifiers and _is_of_table(row, columns)
        if orders:
            other_order = "" if reference.upper() in orders else min(orders)
        before = len(result.claims)
        if tabular:
            _read_cells(row, columns, names, result)
        else:
            _read_line(row, columns, context, result)
        if other_order and len(result.claims) > before:
            for claim in result.claims[before:]:
                result.leave(row, f"This is for {other_order}.", claim.text)
            del result.claims[before:]
    return result


def _is_of_table(row: Row, columns: Columns) -> bool:
    held = [place for place, meaning in enumerate(columns.meanings) if meaning.kinds]
    return any(place < len(row.cells) and row.cells[place] for place in held)


# ---- Rows of a table


def _read_cells(row: Row, columns: Columns, names: Names, result: Claims) -> None:
    named = _named_by_cells(row, columns, names)
    before, beside = len(result.claims), _Beside()
    codes = [row.cells[place] for place in columns.of(Meaning.CODE) if place < len(row.cells)]
    for place, (meaning, cell) in enumerate(zip(columns.meanings, row.cells, strict=False)):
        if not cell:
            continue
        if meaning in ASIDE:
            beside.add(row, meaning, cell)
        elif meaning.kinds:
            _read_cell(row, cell, meaning, named, next(iter(codes), ""), result)
        elif meaning is Meaning.NOTHING and columns.header is None and len(harvest(cell).found) == 1:
            result.leave(row, f"In column {place + 1}, which is not used.", cell)
    beside.go_with(before, result)


class _Beside:
    """What stands beside an identifier: kept with the device, where the row has one device only."""

    def __init__(self) -> None:
        self.found: list[tuple[Row, Meaning, str]] = []

    def add(self, row: Row, meaning: Meaning, text: str) -> None:
        self.found.append((row, meaning, text))

    def go_with(self, since: int, result: Claims) -> None:
        """Put it with the one identifier claimed since, and say of each what became of it."""
        alone = len(result.claims) == since + 1
        for row, meaning, text in self.found:
            kept = False
            if alone:
                claim = result.claims[since]
                readings = tuple(_with(read, meaning, text) for read in claim.readings)
                # A code was read together with its address.
                kept = readings != claim.readings or any(read.code == text.upper() for read in readings)
                result.claims[since] = replace(claim, readings=readings)
            said = meaning.label + (": stored with the device." if kept else ": not stored.")
            result.aside.append(Unused(row.number, text[:_ECHO], said))


def _with(read: Identifier, meaning: Meaning, text: str) -> Identifier:
    """The identifier with a serial number or second IMEI of its device, where that is one."""
    try:
        if meaning is Meaning.SERIAL and read.serial is None:
            return replace(read, serial=normalise_serial(text))
        if meaning is Meaning.IMEI2 and read.kind is IdentifierKind.IMEI and read.second_imei is None:
            second = parse(IdentifierKind.IMEI, text).value
            return replace(read, second_imei=second) if second != read.value else read
    except IdentifierError:
        pass  # it is told that it is not stored
    return read


def _read_cell(row: Row, cell: str, meaning: Meaning, named: Named, code: str, result: Claims) -> None:
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
        result.claims.append(Claim(row.number, cell, tuple(readings), named, proven=not bare))
        return
    inside = harvest(cell).found
    if len(inside) > 1 and all(one.certain and one.readings[0].kind in meaning.kinds for one in inside):
        # Two identifiers in one cell are two devices, or one with two; somebody must say.
        for one in inside:
            doubt = "Several identifiers stand in one cell."
            result.claims.append(Claim(row.number, one.text, one.readings, named, doubt=doubt))
        return
    result.leave(row, reasons[0] if meaning is not Meaning.IDENTIFIER else "This is no identifier.", cell)


def _with_code(read: Identifier, code: str) -> Identifier:
    if read.kind is not IdentifierKind.MAC or read.code or not re.fullmatch("[0-9A-Za-z]{4}", code):
        return read
    make = make_of_oui(read.value)
    if make is None or make.name != "Gigaset":
        return read
    return Identifier(read.kind, read.value, code.upper(), read.notes)


def _named_by_cells(row: Row, columns: Columns, names: Names) -> Named:
    """What the row calls its device: by SKU, by model, by description; what they disagree on is unknown."""
    said: list[Named] = []
    for meaning in (Meaning.SKU, Meaning.MODEL, Meaning.DESCRIPTION):
        for place in columns.of(meaning):
            cell = row.cells[place] if place < len(row.cells) else ""
            if not cell or (cell.isdecimal() and len(cell) < 4):
                continue  # "item" may be a number of the row
            said.append(names.by_sku(cell) if meaning is Meaning.SKU else names.by_model(cell))
    known = [one.lines for one in said if one.lines]
    if known:
        common = frozenset.intersection(*known)
        if not common:
            words = ", ".join(sorted({names.items[line].model for lines in known for line in lines}))
            return Named(unknown=f"{words} at once")
        # A SKU of the distributor's own does not speak against the model; a model speaks against a SKU.
        return Named(common)
    if said:
        return (
            said[-1] if len(said) == 1 else Named(unknown=" · ".join(one.unknown for one in said if one)[:80])
        )
    others = [
        cell
        for place, cell in enumerate(row.cells)
        if cell and columns.header is None and columns.meanings[place] is Meaning.NOTHING
    ]
    mentions = [mention for cell in others for mention in names.mentions(cell)]
    if mentions:
        return Named(frozenset().union(*(mention.lines for mention in mentions)))
    return Named(unknown=next((word for cell in others if (word := names.unknown(cell, ()))), ""))


# ---- Free text


class _Context:
    """What the lines above speak of: "2 x Snom D785:" and then the addresses, until something else begins."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.named = Named()
        self.used = False

    def pause(self) -> None:
        """A blank line or a sentence ends what a heading began, once identifiers have followed it."""
        if self.used:
            self.named, self.used = Named(), False

    def heading(self, text: str, mentions: list[Mention]) -> None:
        unknown = self.names.unknown(text, mentions)
        if mentions:
            lines = frozenset().union(*(mention.lines for mention in mentions))
            self.named, self.used = Named(lines), False
        elif unknown:
            self.named, self.used = Named(unknown=unknown), False
        else:
            self.pause()


def _read_line(row: Row, columns: Columns, context: _Context, result: Claims) -> None:
    text = row.text
    read = harvest(text)
    for damaged in read.damaged:
        result.leave(row, damaged.reason, damaged.text)
    before, beside = len(result.claims), _Beside()
    for aside in read.aside:
        if _SERIAL.match(aside.label):
            beside.add(row, Meaning.SERIAL, aside.text)
        else:
            result.aside.append(Unused(row.number, aside.text[:_ECHO], f"{aside.label}: not stored."))
    everything: list[Found | Damaged | Aside] = [*read.found, *read.damaged, *read.aside]
    spans = [(one.start, one.end) for one in everything]
    mentions = [
        mention
        for mention in context.names.mentions(text)
        if not any(start < mention.end and mention.start < end for start, end in spans)
    ]
    if not read.found:
        if not read.damaged:
            context.heading(text, mentions)
            result.leave(
                row, "Names an item, but holds no identifier." if mentions else "Holds no identifier."
            )
        beside.go_with(before, result)
        return
    sides = _sides(read, mentions)
    unknown = context.names.unknown(_blanked(text, spans), mentions)
    first_imei = True
    for one, lines in zip(read.found, sides, strict=True):
        if one.label == "imei2":
            beside.add(row, Meaning.IMEI2, one.text)
            continue
        apart = Named(unknown=unknown) if unknown else context.named
        named = Named(lines) if lines is not None else apart
        doubt = ""
        if one.readings[0].kind is IdentifierKind.IMEI:
            if not first_imei and not one.label:
                doubt = "Two IMEIs stand in one line: two phones, or both of one with two SIMs."
            first_imei = False
        if columns.has_identifiers and not doubt:
            doubt = "This stands outside the column of identifiers."
        result.claims.append(Claim(row.number, one.text, one.readings, named, one.certain, doubt))
    if mentions:
        # What a line names, it names for the lines below as well, as far as they go on without a break.
        context.named = Named(frozenset().union(*(mention.lines for mention in mentions)))
    context.used = bool(context.named)
    beside.go_with(before, result)


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _sides(read: Harvest, mentions: list[Mention]) -> list[frozenset[int] | None]:
    """For each identifier of a line the lines of the order it is named for; None where nothing is named.

    With several names in a line, an identifier belongs to the names right before it if the line begins with a
    name, and to those right behind it if it ends with one. Otherwise to any of them, which is asked.
    """
    if not mentions:
        return [None] * len(read.found)
    everything: frozenset[int] = frozenset().union(*(mention.lines for mention in mentions))
    first, last = read.found[0], read.found[-1]
    names_first = mentions[0].start < first.start and mentions[-1].start < last.start
    names_last = first.start < mentions[0].start and last.start < mentions[-1].start
    sides: list[frozenset[int] | None] = []
    for one in read.found:
        before = [mention for mention in mentions if mention.end <= one.start]
        behind = [mention for mention in mentions if mention.start >= one.end]
        if names_first and before:
            since = max((other.end for other in read.found if other.end <= before[-1].start), default=0)
            sides.append(frozenset().union(*(name.lines for name in before if name.start >= since)))
        elif names_last and behind:
            until = min(
                (other.start for other in read.found if other.start >= behind[0].end), default=behind[-1].end
            )
            sides.append(frozenset().union(*(name.lines for name in behind if name.end <= until)))
        else:
            sides.append(everything)
    return sides

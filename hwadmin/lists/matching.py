"""From claims to units: what is sure is matched, what is not is asked, and everything is accounted for.

An identifier is matched only where one line of the order is left for it: by SKU or model, by kind, by vendor.
Within a line the open units are filled in unit order, in the order of the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from hwadmin.identifiers import Identifier, IdentifierKind, same_make, vendor
from hwadmin.kinds import Kind
from hwadmin.lists.claims import Claim, Unused, claims_of
from hwadmin.lists.columns import Columns
from hwadmin.lists.names import ListUnit, Names
from hwadmin.lists.reading import Sheet

LEAVE_OUT = "no"
Pair = tuple[int, Identifier]


@dataclass(frozen=True, slots=True)
class Match:
    """An identifier of the list for an open unit of the order."""

    unit: ListUnit
    identifier: Identifier
    row: int
    text: str

    @property
    def value(self) -> str:
        """The identifier as it goes into the unit's field, with all that is kept beside it."""
        return self.identifier.written


@dataclass(slots=True)
class Question:
    """Identifiers that could belong to several items, or to none, for the same reason.

    `name` is the same for the same question, whatever else is in the list; `choices` are lines of the order.
    """

    name: str
    reason: str
    choices: tuple[tuple[int, str], ...]
    claims: list[Claim] = field(default_factory=list)
    answer: str = ""


@dataclass(slots=True)
class ListReport:
    """What a list would do to an order; nothing of it is done yet."""

    matched: list[Match] = field(default_factory=list)
    done: list[Match] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    duplicates: list[Unused] = field(default_factory=list)
    unused: list[Unused] = field(default_factory=list)
    aside: list[Unused] = field(default_factory=list)
    empty: list[ListUnit] = field(default_factory=list)

    @property
    def open_questions(self) -> int:
        """How many identifiers wait for an answer."""
        return sum(len(question.claims) for question in self.questions if not question.answer)


def matched(
    sheet: Sheet,
    columns: Columns,
    units: Sequence[ListUnit],
    *,
    reference: str,
    answers: Mapping[str, str] | None = None,
) -> ListReport:
    """Match a list to the units of an order.

    Args:
        sheet: the list.
        columns: what its columns mean.
        units: all units of the order, in unit order, with the keys of the devices they have.
        reference: the order's reference; rows for another order are left out.
        answers: by question's name, the line of the order chosen, or LEAVE_OUT.
    """
    names = Names(units)
    said = claims_of(sheet, columns, names, reference)
    report = ListReport(unused=said.unused, aside=said.aside)
    return _Matching(units, names, report, answers or {}).run(said.claims)


class _Matching:
    """One list being matched."""

    def __init__(
        self, units: Sequence[ListUnit], names: Names, report: ListReport, answers: Mapping[str, str]
    ) -> None:
        self.names, self.report, self.answers = names, report, answers
        self.devices = [unit for unit in units if unit.kind.identifier_kind is not None]
        self.by_key = {unit.key: unit for unit in self.devices if unit.key}
        self.lines: dict[int, ListUnit] = {}
        for unit in self.devices:
            self.lines.setdefault(unit.line_id, unit)
        self.questions: dict[str, Question] = {}

    def run(self, claims: Sequence[Claim]) -> ListReport:
        chosen: list[tuple[Claim, Pair]] = []
        for claim, again in self._once(claims):
            unit = self._registered(claim)
            if unit is not None:
                read = next(read for read in claim.readings if read.key == unit.key)
                self.report.done.append(Match(unit, read, claim.row, claim.text))
                continue
            pair = self._spare(claim) or self._decide(claim, again)
            if pair is not None:
                chosen.append((claim, pair))
        self._fill(chosen)
        self.report.questions = list(self.questions.values())
        self.report.unused.sort(key=lambda one: one.row)
        return self.report

    def _registered(self, claim: Claim) -> ListUnit | None:
        return next((self.by_key[read.key] for read in claim.readings if read.key in self.by_key), None)

    def _spare(self, claim: Claim) -> Pair | None:
        """The unit this device is kept for as a spare, whatever the list calls it."""
        by_key = {unit.reserved: unit for unit in self.devices if unit.reserved and not unit.key}
        found = ((by_key.get(read.key), read) for read in claim.readings)
        return next(((unit.line_id, read) for unit, read in found if unit), None)

    def _once(self, claims: Sequence[Claim]) -> list[tuple[Claim, list[Claim]]]:
        """Each identifier once, with what else the list says of it."""
        by_key: dict[str, list[Claim]] = {}
        for claim in claims:
            by_key.setdefault(claim.key, []).append(claim)
        for same in by_key.values():
            for claim in same[1:]:
                self.report.duplicates.append(
                    Unused(claim.row, claim.text, f"The same as in row {same[0].row}; it is used once.")
                )
        self.report.duplicates.sort(key=lambda one: one.row)
        return [(same[0], same[1:]) for same in by_key.values()]

    def _decide(self, claim: Claim, again: Sequence[Claim]) -> Pair | None:
        """The line of the order an identifier is for; None where it is asked, or cannot be used."""
        pairs = [
            (line_id, read)
            for line_id, unit in self.lines.items()
            for read in claim.readings
            if unit.kind.identifier_kind is read.kind
        ]
        if not pairs:
            kind = claim.readings[0].kind
            self._leave(claim, f"Nothing in this order is known by {kind.with_article}.")
            return None
        told = [one.named for one in (claim, *again) if one.named]
        if any(one.lines != told[0].lines for one in told[1:]):
            rows = ", ".join(str(one.row) for one in (claim, *again))
            return self._ask(claim, pairs, f"Rows {rows} name different items for it.")
        named = told[0] if told else claim.named
        if named.unknown:
            return self._ask(claim, pairs, f"The list says “{named.unknown}”, which this order has not.")
        if named.lines:
            fitting = [pair for pair in pairs if pair[0] in named.lines]
            if not fitting:
                self._leave(claim, self._wrong_kind(claim, named.lines))
                return None
            pairs = fitting
        reason = claim.doubt or self._doubt(claim, pairs, bool(named.lines))
        kinds = {read.kind for _line, read in pairs}
        if not named.lines and not reason and len(kinds) == 1:
            pairs = _by_vendor(pairs, self.lines)
        if not reason and len(pairs) > 1:
            reason = (
                "These digits may be a MAC address or an IPEI without its check digit."
                if len(kinds) > 1
                else "It fits several items of this order."
            )
        return self._ask(claim, pairs, reason) if reason else pairs[0]

    def _doubt(self, claim: Claim, pairs: Sequence[Pair], named: bool) -> str:
        """Why even a single line is not sure; empty where it is."""
        makers = [
            (maker, [line for line, _read in pairs if same_make(maker, self.lines[line].make)])
            for _line, read in pairs[:1]
            if read.kind is IdentifierKind.MAC and (maker := vendor(read.value))
        ]
        if any(fits for _maker, fits in makers):
            return ""
        if not claim.proven:
            return "It may be something else: a telephone number, a bar code, an order number."
        if named or pairs[0][1].kind is not IdentifierKind.MAC or len(claim.readings) > 1:
            return ""
        if makers:
            makes = " and ".join(sorted({self.lines[line].make for line, _read in pairs}))
            return f"This MAC address is registered to {makers[0][0]}; the order has {makes}."
        return "" if len(pairs) == 1 else "Nothing says which item it is."

    def _wrong_kind(self, claim: Claim, lines: frozenset[int]) -> str:
        unit = self.names.items[min(lines)]
        if unit.kind is Kind.ACCESSORY or unit.kind.identifier_kind is None:
            return f"{unit.model} is an accessory, which has no identifier."
        found = claim.readings[0].kind
        known_by = unit.kind.identifier_kind.with_article
        return f"{unit.model} is known by {known_by}; this is {found.with_article}."

    def _leave(self, claim: Claim, reason: str) -> None:
        self.report.unused.append(Unused(claim.row, claim.text, reason))

    def _ask(self, claim: Claim, pairs: Sequence[Pair], reason: str) -> Pair | None:
        """Put the identifier to the question of its kind; its answer, if it is answered."""
        choices = tuple(
            (line_id, self._title(line_id)) for line_id in dict.fromkeys(line for line, _ in pairs)
        )
        # What is doubtful of one identifier says nothing of the next.
        word = repr((reason, choices, claim.key if claim.doubt else ""))
        name = f"question-{blake2b(word.encode(), digest_size=6).hexdigest()}"
        question = self.questions.setdefault(name, Question(name, reason, choices))
        question.claims.append(claim)
        answer = self.answers.get(name, "")
        if answer == LEAVE_OUT:
            question.answer = answer
            self._leave(claim, "Left out by you.")
            return None
        for line_id, read in pairs:
            if answer == str(line_id):
                question.answer = answer
                return line_id, read
        return None

    def _title(self, line_id: int) -> str:
        unit = self.lines[line_id]
        return f"{unit.make} {unit.model} ({unit.sku})"

    def _fill(self, chosen: Sequence[tuple[Claim, Pair]]) -> None:
        """The open units of each line, in unit order, in the order of the list."""
        open_units: dict[int, list[ListUnit]] = {}
        for unit in self.devices:
            open_units.setdefault(unit.line_id, [])
            if not unit.key and not unit.reserved:
                open_units[unit.line_id].append(unit)
        counts = {line_id: len(units) for line_id, units in open_units.items()}
        taken: set[str] = set()
        spares = {unit.reserved: unit for unit in self.devices if unit.reserved and not unit.key}
        for claim, (line_id, read) in sorted(chosen, key=lambda one: one[0].row):
            if read.key in taken:
                self.report.duplicates.append(Unused(claim.row, claim.text, "It is in the list already."))
                continue
            if spare := spares.get(read.key):
                taken.add(read.key)
                self.report.matched.append(Match(spare, read, claim.row, claim.text))
                continue
            if not open_units[line_id]:
                count = counts[line_id]
                model = self.lines[line_id].model
                self._leave(
                    claim,
                    f"No {model} of this order is open."
                    if not count
                    else f"More than are open: this order takes {count} more {model}.",
                )
                continue
            taken.add(read.key)
            self.report.matched.append(Match(open_units[line_id].pop(0), read, claim.row, claim.text))
        place = {unit.id: number for number, unit in enumerate(self.devices)}
        self.report.matched.sort(key=lambda match: place[match.unit.id])
        self.report.empty = [
            unit for unit in self.devices if any(unit is one for one in open_units[unit.line_id])
        ]


def _by_vendor(pairs: list[Pair], lines: Mapping[int, ListUnit]) -> list[Pair]:
    """The pairs whose make is the maker's of the MAC address; all of them where that says nothing."""
    fits = [
        (line_id, read)
        for line_id, read in pairs
        if read.kind is not IdentifierKind.MAC
        or ((maker := vendor(read.value)) and same_make(maker, lines[line_id].make))
    ]
    return fits or pairs

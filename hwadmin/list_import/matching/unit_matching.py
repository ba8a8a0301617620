"""From candidates to units: what is sure is matched, what is not is asked, and everything is accounted for.

An identifier is matched only where one line of the order is left for it: by SKU or model, by kind, by vendor.
What a row says of its person, place and order decides the unit. Otherwise the open units of a line are filled
in unit order, in the order of the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hwadmin.domain.device_kinds import Kind
from hwadmin.identifiers import Identifier, IdentifierKind, same_make, vendor
from hwadmin.list_import.candidates import candidates_of
from hwadmin.list_import.item_names import NOTHING_NAMED, Names
from hwadmin.list_import.matching.matching_report import (
    ListReport,
    Match,
    Questions,
    lines_as_choices,
)
from hwadmin.list_import.matching.repeated_rows import each_once, rows_of
from hwadmin.list_import.matching.same_serials import without_shared_serials
from hwadmin.list_import.matching.unit_filling import ChosenLine, UnitFilling
from hwadmin.list_import.meaning.columns import Columns
from hwadmin.list_import.planned_units import ListUnit
from hwadmin.list_import.row_reading import Candidate, Unused
from hwadmin.list_import.row_targets import OrderNumbers

Pair = tuple[int, Identifier]


def matched(
    columns: Columns,
    units: Sequence[ListUnit],
    *,
    reference: str,
    answers: Mapping[str, str] | None = None,
    numbers: OrderNumbers | None = None,
) -> ListReport:
    """Match a list to the units of an order.

    Args:
        columns: the tables of the list, and what their columns mean.
        units: all units of the order, in unit order, with the keys of the devices they have.
        reference: the order's reference; rows for another order are left out.
        answers: by question's name, the choice made.
        numbers: what this order and others go by at the distributor.
    """
    names = Names(units)
    stated = candidates_of(columns, names, reference, numbers or OrderNumbers())
    report = ListReport(unused=stated.unused, aside=stated.aside)
    questions = Questions(report, answers or {})
    matching = _Matching(units, names, report, questions, numbers or OrderNumbers())
    return matching.run(without_shared_serials(stated.candidates, questions))


class _Matching:
    """One list being matched."""

    def __init__(
        self,
        units: Sequence[ListUnit],
        names: Names,
        report: ListReport,
        questions: Questions,
        numbers: OrderNumbers,
    ) -> None:
        self.names, self.report, self.questions, self.numbers = names, report, questions, numbers
        self.devices = [unit for unit in units if unit.kind.identifier_kind is not None]
        self.by_key = {unit.key: unit for unit in self.devices if unit.key}
        self.reserved = {unit.reserved: unit for unit in self.devices if unit.reserved and not unit.key}
        self.lines: dict[int, ListUnit] = {}
        for unit in self.devices:
            self.lines.setdefault(unit.line_id, unit)

    def run(self, candidates: Sequence[Candidate]) -> ListReport:
        """Match every candidate, or say what became of it."""
        filling = UnitFilling(self.devices, self.lines, self.report, self.questions)
        orders = self._orders_to_ask(candidates)
        chosen: list[ChosenLine] = []
        for candidate, again in each_once(candidates, self.report):
            unit = self._registered(candidate)
            if unit is not None:
                read = next(read for read in candidate.readings if read.key == unit.key)
                self.report.done.append(Match(unit, read, candidate.row, candidate.text))
                continue
            if not self._is_for_this_order(candidate, again, orders):
                continue
            spare = self._spare(candidate)
            if spare is not None:
                chosen.append(ChosenLine(candidate, *spare))
                continue
            planned = filling.planned_for_rows((candidate, *again), self.names.planned)
            pair = self._decide(candidate, again, planned.lines)
            if pair is not None:
                chosen.append(ChosenLine(candidate, *pair, planned))
        filling.fill(chosen)
        self.report.questions = self.questions.all
        self.report.unused.sort(key=lambda unused: unused.row)
        self._correct_asides(candidates)
        return self.report

    def _correct_asides(self, candidates: Sequence[Candidate]) -> None:
        """Nothing is stored with a device that is not used, nor a serial number nobody knows whose it is."""
        stored = {
            (candidate.sheet, candidate.row)
            for candidate in candidates
            if any(read.serial or read.second_imei or read.code for read in candidate.readings)
        }
        left = {(unused.sheet, unused.row) for unused in self.report.unused}
        for index, aside in enumerate(self.report.aside):
            what, stands, _rest = aside.reason.partition(": stored with")
            if stands and ((aside.sheet, aside.row) not in stored or (aside.sheet, aside.row) in left):
                self.report.aside[index] = replace(aside, reason=f"{what}: not stored.")

    def _registered(self, candidate: Candidate) -> ListUnit | None:
        return next((self.by_key[read.key] for read in candidate.readings if read.key in self.by_key), None)

    def _spare(self, candidate: Candidate) -> Pair | None:
        """The unit this device is kept for as a spare, whatever the list calls it."""
        spares = ((self.reserved.get(read.key), read) for read in candidate.readings)
        return next(((unit.line_id, read) for unit, read in spares if unit), None)

    # ---- Whether it is for this order, and was sent

    def _orders_to_ask(self, candidates: Sequence[Candidate]) -> dict[str, str]:
        """The order numbers of the list that may not be this order's, each with the reason to ask."""
        unknown = [candidate.target.order for candidate in candidates if self._has_unknown_order(candidate)]
        distinct = set(unknown)
        if not distinct or (len(distinct) == len(unknown) == len(candidates) > 2):
            return {}  # a number of its own in each row is no order's
        ours = any(candidate.target.own_order for candidate in candidates)
        if not (self.numbers.own or ours or len(distinct) > 1):
            return {}
        return {number: f"The list says order “{number}”, which may be another one." for number in distinct}

    @staticmethod
    def _has_unknown_order(candidate: Candidate) -> bool:
        return bool(candidate.target.order) and not candidate.target.own_order

    def _is_for_this_order(
        self, candidate: Candidate, again: Sequence[Candidate], orders: Mapping[str, str]
    ) -> bool:
        for target in (same.target for same in (candidate, *again)):
            if target.unsent:
                self._leave(candidate, target.unsent)
                return False
            if target.delivery_concern and not self.questions.may_use(candidate, target.delivery_concern):
                return False
            reason = orders.get(target.order, "") if not target.own_order else ""
            if reason and not self.questions.may_use(candidate, reason):
                return False
            reason = (
                f"The status “{target.status}” does not say whether it was sent." if target.status else ""
            )
            if reason and not self.questions.may_use(candidate, reason):
                return False
        return True

    # ---- Which item it is

    def _decide(
        self, candidate: Candidate, again: Sequence[Candidate], planned: frozenset[int] | None
    ) -> Pair | None:
        """The line of the order an identifier is for; None where it is asked, or cannot be used.

        `planned`: the lines with units for the person or place the row names.
        """
        pairs = self._of_its_kind(candidate)
        if not pairs:
            article = candidate.readings[0].kind.with_article
            self._leave(candidate, f"Nothing in this order has {article}.")
            return None
        stated = [same.named for same in (candidate, *again) if same.named]
        if any(named.lines != stated[0].lines for named in stated[1:]):
            return self._ask(candidate, pairs, f"{rows_of((candidate, *again))} name different items for it.")
        named = stated[0] if stated else candidate.named
        if candidate.inherited and named.lines and not self._fits(candidate, pairs, named.lines):
            named = NOTHING_NAMED
        if named.unknown:
            return self._ask(
                candidate, pairs, f"The list says “{named.unknown}”, which is not in this order."
            )
        if named.lines:
            fitting = [pair for pair in pairs if pair[0] in named.lines]
            if not fitting:
                self._leave(candidate, self._wrong_kind(candidate, named.lines))
                return None
            pairs = fitting
        if planned is not None:
            pairs = [pair for pair in pairs if pair[0] in planned] or pairs
        reason = candidate.concern or self._concern(candidate, pairs, bool(named.lines))
        kinds = {read.kind for _line, read in pairs}
        if not named.lines and not reason and len(kinds) == 1:
            pairs = _by_vendor(pairs, self.lines)
        if not reason and len(pairs) > 1:
            reason = (
                "These digits may be a MAC address or an IPEI without its check digit."
                if len(kinds) > 1
                else "It fits several items of this order."
            )
        return self._ask(candidate, pairs, reason) if reason else pairs[0]

    def _of_its_kind(self, candidate: Candidate) -> list[Pair]:
        return [
            (line_id, read)
            for line_id, unit in self.lines.items()
            for read in candidate.readings
            if unit.kind.identifier_kind is read.kind
        ]

    def _fits(self, candidate: Candidate, pairs: Sequence[Pair], lines: frozenset[int]) -> bool:
        """Whether what was named above can be meant here as well: by kind, and by the address's maker."""
        fitting = [pair for pair in pairs if pair[0] in lines]
        if not fitting:
            return False
        if fitting[0][1].kind is not IdentifierKind.MAC:
            return True
        maker = vendor(fitting[0][1].value) or ""
        makes = {self.lines[line].make for line, _read in fitting}
        others = {self.lines[line].make for line, _read in pairs if line not in lines} - makes
        return any(same_make(maker, make) for make in makes) or not any(
            same_make(maker, make) for make in others
        )

    def _concern(self, candidate: Candidate, pairs: Sequence[Pair], named: bool) -> str:
        """Why even a single line is not sure; empty where it is."""
        makers = [
            (maker, [line for line, _read in pairs if same_make(maker, self.lines[line].make)])
            for _line, read in pairs[:1]
            if read.kind is IdentifierKind.MAC and (maker := vendor(read.value))
        ]
        if any(fits for _maker, fits in makers):
            return ""
        if not candidate.proven:
            return "It may be something else: a telephone number, a bar code, an order number."
        if named or pairs[0][1].kind is not IdentifierKind.MAC or len(candidate.readings) > 1:
            return ""
        if makers:
            makes = " and ".join(sorted({self.lines[line].make for line, _read in pairs}))
            return f"This MAC address is registered to {makers[0][0]}; the order has {makes}."
        return "" if len(pairs) == 1 else "Nothing says which item it is."

    def _wrong_kind(self, candidate: Candidate, lines: frozenset[int]) -> str:
        unit = self.names.items[min(lines)]
        if unit.kind is Kind.ACCESSORY or unit.kind.identifier_kind is None:
            return f"{unit.model} is an accessory, which has no identifier."
        kind = candidate.readings[0].kind
        known_by = unit.kind.identifier_kind.with_article
        return f"{unit.model} has {known_by}; this is {kind.with_article}."

    def _leave(self, candidate: Candidate, reason: str) -> None:
        self.report.unused.append(Unused(candidate.row, candidate.text, reason, candidate.sheet))

    def _ask(self, candidate: Candidate, pairs: Sequence[Pair], reason: str) -> Pair | None:
        """Put the identifier to the question of its kind; the pair of its answer, if it is answered."""
        choices = lines_as_choices([line for line, _read in pairs], self.lines)
        answer = self.questions.ask(candidate, reason, choices)
        return next(((line_id, read) for line_id, read in pairs if answer == str(line_id)), None)


def _by_vendor(pairs: list[Pair], lines: Mapping[int, ListUnit]) -> list[Pair]:
    """The pairs whose make is the maker's of the MAC address; all of them where that says nothing."""
    fits = [
        (line_id, read)
        for line_id, read in pairs
        if read.kind is not IdentifierKind.MAC
        or ((maker := vendor(read.value)) and same_make(maker, lines[line_id].make))
    ]
    return fits or pairs

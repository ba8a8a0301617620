"""Which unit of a line each identifier goes to: the one planned for whom the row names, else the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hwadmin.domain.people.person_identity import KnownPerson
from hwadmin.identifiers import Identifier
from hwadmin.list_import.matching.matching_report import ListReport, Match, Questions, lines_as_choices
from hwadmin.list_import.matching.repeated_rows import rows_of
from hwadmin.list_import.planned_units import ListUnit, Planned
from hwadmin.list_import.row_reading import Candidate, Unused
from hwadmin.list_import.row_targets import Target, maybe_for


@dataclass(frozen=True, slots=True)
class PlannedFor:
    """The units a row's person and place are planned for. `concern`: why those do not decide.

    `maybe`: of those who may be meant, whose name is not whole, the units.
    """

    units: tuple[ListUnit, ...] | None = None
    concern: str = ""
    maybe: tuple[tuple[KnownPerson, tuple[ListUnit, ...]], ...] = ()

    @property
    def lines(self) -> frozenset[int] | None:
        """The lines they belong to; None where the row names nobody and no place."""
        return None if self.units is None else frozenset(unit.line_id for unit in self.units)


NOT_PLANNED = PlannedFor()


def _maybe(target: Target, planned: Planned) -> PlannedFor:
    maybe = tuple((person, tuple(planned.of_person(person))) for person in target.maybe)
    return PlannedFor(concern=target.concern, maybe=maybe)


@dataclass(frozen=True, slots=True)
class ChosenLine:
    """An identifier, the line it is for, and the units its row names."""

    candidate: Candidate
    line_id: int
    identifier: Identifier
    planned: PlannedFor = NOT_PLANNED


class UnitFilling:
    """The open units of an order while identifiers are put into them."""

    def __init__(
        self,
        devices: Sequence[ListUnit],
        lines: Mapping[int, ListUnit],
        report: ListReport,
        questions: Questions,
    ) -> None:
        self._devices, self._lines, self._report, self._questions = devices, lines, report, questions
        # By line, each unit by its id, in unit order.
        self._open: dict[int, dict[int, ListUnit]] = {line_id: {} for line_id in lines}
        for unit in devices:
            if not unit.key and not unit.reserved:
                self._open[unit.line_id][unit.id] = unit
        self._counts = {line_id: len(units) for line_id, units in self._open.items()}
        # The lines whose units rows name by a person, and by a place.
        self._by_person: set[int] = set()
        self._by_place: set[int] = set()

    def planned_for_rows(self, same: Sequence[Candidate], planned: Planned) -> PlannedFor:
        """The units that all rows of a device name; what they contradict each other in is a concern."""
        every = [self.planned_for(one, planned) for one in same]
        stated = [one for one in every if one != NOT_PLANNED]
        if any(one != stated[0] for one in stated):
            return PlannedFor(concern=f"{rows_of(same)} name different people or places for it.")
        return stated[0] if stated else NOT_PLANNED

    def planned_for(self, candidate: Candidate, planned: Planned) -> PlannedFor:
        """The units that are planned for the person and the place a row names."""
        target = candidate.target
        units: tuple[ListUnit, ...] | None = None
        if target.concern:
            return _maybe(target, planned)
        if target.person is not None:
            match = planned.people.identify(target.person)
            if match.conflict:
                return PlannedFor(concern=f"The list says it is for “{target.person_text}”. {match.conflict}")
            text = target.person_text
            person = match.person or planned.by_login(text) or planned.whole(text)
            if person is None and (parts := planned.meant_by(text)):
                return _maybe(maybe_for(text, parts), planned)
            if person is None:
                return PlannedFor(
                    concern=f"The list says it is for “{target.person_text}”, who is not in the plan."
                )
            units = tuple(planned.of_person(person))
        if target.place and planned.has_places:
            there = planned.at_place(target.place)
            if not there:
                return PlannedFor(concern=f"The list says “{target.place}”, where nothing here is planned.")
            ids = {unit.id for unit in there}
            if units is not None and not any(unit.id in ids for unit in units):
                return PlannedFor(
                    concern=f"The list says “{target.person_text}” and “{target.place}”; the plan differs."
                )
            units = tuple(unit for unit in units if unit.id in ids) if units is not None else tuple(there)
        return PlannedFor(units)

    def fill(self, chosen: Sequence[ChosenLine]) -> None:
        """Put each identifier into a unit: first those whose row names one, then the others in list order."""
        spares = {unit.reserved: unit for unit in self._devices if unit.reserved and not unit.key}
        rest: list[tuple[ChosenLine, bool]] = []
        taken: set[str] = set()
        for choice in sorted(chosen, key=lambda choice: choice.candidate.row):
            key = choice.identifier.key
            if key in taken:
                self._report.duplicates.append(
                    Unused(
                        choice.candidate.row,
                        choice.candidate.text,
                        "It is in the list already.",
                        choice.candidate.sheet,
                    )
                )
                continue
            taken.add(key)
            if spare := spares.get(key):
                self._match(spare, choice)
            elif choice.planned.concern:
                self._ask_whom(choice, rest)
            elif choice.planned.units is None:
                rest.append((choice, False))
            elif self._take_planned(choice):
                rest.append((choice, True))
        # Where some rows of an item say whom or where they are for, the others are for none of those units.
        naming = [choice for choice in chosen if choice.planned.units is not None]
        self._by_person = {choice.line_id for choice in naming if choice.candidate.target.person is not None}
        self._by_place = {choice.line_id for choice in naming if choice.candidate.target.place}
        # Before any of them takes a unit: rows that are alike in this are one question.
        next_units = {line_id: next(iter(units.values()), None) for line_id, units in self._open.items()}
        for choice, unplanned_first in rest:
            if choice.planned != NOT_PLANNED or self._may_take_any(choice, next_units[choice.line_id]):
                self._take_next(choice, unplanned_first)
        place = {unit.id: number for number, unit in enumerate(self._devices)}
        self._report.matched.sort(key=lambda match: place[match.unit.id])
        still_open = {unit_id for units in self._open.values() for unit_id in units}
        self._report.empty = [unit for unit in self._devices if unit.id in still_open]

    def _ask_whom(self, choice: ChosenLine, rest: list[tuple[ChosenLine, bool]]) -> None:
        """Ask where it goes: to one of those who may be meant, or to any unit of its item."""
        maybe = choice.planned.maybe
        choices = tuple((f"person-{person.id}", f"For {person.name}") for person, _units in maybe)
        choices += lines_as_choices([choice.line_id], self._lines)
        about = choice.candidate.key if maybe else ""
        answer = self._questions.ask(choice.candidate, choice.planned.concern, choices, about=about)
        if answer == str(choice.line_id):
            rest.append((choice, True))
        for person, units in maybe:
            if answer == f"person-{person.id}" and self._take_planned(
                replace(choice, planned=PlannedFor(units))
            ):
                rest.append((choice, True))

    def _put_question(self, choice: ChosenLine, reason: str) -> bool:
        """Ask whether it is to go to any unit of its item; whether the answer says so."""
        choices = lines_as_choices([choice.line_id], self._lines)
        return self._questions.ask(choice.candidate, reason, choices) == str(choice.line_id)

    def _take_planned(self, choice: ChosenLine) -> bool:
        """Put it into the first open unit its row names. True where it may go to any other instead."""
        assert choice.planned.units is not None
        still_open = self._open[choice.line_id]
        unit = next((unit for unit in choice.planned.units if unit.id in still_open), None)
        if unit is not None:
            del still_open[unit.id]
            self._match(unit, choice)
            return False
        target = choice.candidate.target
        person = next((unit.person for unit in choice.planned.units if unit.person), None)
        whom = f"“{target.person_text or target.place or (person.name if person else '')}”"
        model = self._lines[choice.line_id].model
        return self._put_question(
            choice, f"The list says it is for {whom}, for whom no {model} is still to come."
        )

    def _may_take_any(self, choice: ChosenLine, next_unit: ListUnit | None) -> bool:
        """Whether a row that names nobody takes the next unit: one no other row would name, or by answer."""
        units = self._open[choice.line_id]
        if next_unit is None or not units or any(map(self._is_unnamed, units.values())):
            return True
        whom = next_unit.person.name if next_unit.person else ", ".join(next_unit.places[:1])
        return self._put_question(
            choice,
            "Other rows say whom or where they are for, and this one does not. "
            f"The next {next_unit.model} still to come is planned for {whom}.",
        )

    def _is_unnamed(self, unit: ListUnit) -> bool:
        """Whether the list would not have named whom or where the unit is for."""
        if unit.line_id in self._by_person and unit.person is not None:
            return False
        return not (unit.line_id in self._by_place and unit.places)

    def _take_next(self, choice: ChosenLine, unplanned_first: bool) -> None:
        units = self._open[choice.line_id]
        if not units:
            count, model = self._counts[choice.line_id], self._lines[choice.line_id].model
            self._report.unused.append(
                Unused(
                    choice.candidate.row,
                    choice.candidate.text,
                    f"No {model} of this order is still to come."
                    if not count
                    else f"Too many: this order takes {count} more {model}.",
                    choice.candidate.sheet,
                )
            )
            return
        unit = next((unit for unit in units.values() if self._is_unnamed(unit)), next(iter(units.values())))
        if unplanned_first:
            unit = next((unit for unit in units.values() if unit.person is None), unit)
        del units[unit.id]
        self._match(unit, choice)

    def _match(self, unit: ListUnit, choice: ChosenLine) -> None:
        self._report.matched.append(
            Match(unit, choice.identifier, choice.candidate.row, choice.candidate.text)
        )

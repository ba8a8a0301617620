"""Whom each row of a list of people means, with a choice where it is not sure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hwadmin.domain.people.person_identity import (
    Identification,
    KnownPerson,
    People,
    StatedPerson,
    Way,
    email_key,
    number_key,
    same_name,
    shares_name,
)
from hwadmin.list_import.records.plan import RowOption, RowQuestion
from hwadmin.models import Employee
from hwadmin.queries.directory.known_people import known_person

SOMEBODY_ELSE = "new"


class RowRefused(Exception):
    """Why a row cannot be taken."""


@dataclass(frozen=True, slots=True)
class PersonMatch:
    """Whom a row means: an employee, nobody yet, or a question that is still open."""

    employee: Employee | None = None
    question: RowQuestion | None = None
    is_open: bool = False
    note: str = ""


class ListedPeople:
    """The employees of an account, and those the list has added so far, by everything they are found by."""

    def __init__(self, employees: Sequence[Employee], answers: Mapping[int, str]) -> None:
        self.answers = answers
        self.employees = {employee.id: employee for employee in employees}
        self._people = People(map(known_person, employees))
        self._addresses: dict[str, tuple[int, str]] = {}
        self._numbers: dict[str, tuple[int, str]] = {}
        self._stated: list[StatedPerson] = []
        # Of each person, the row of the list that meant them.
        self.rows: dict[int, str] = {}
        for employee in employees:
            self._note(known_person(employee))

    def _note(self, person: KnownPerson) -> None:
        for email in person.emails:
            self._addresses.setdefault(email_key(email), (person.id, person.name))
        if person.number:
            self._numbers.setdefault(person.number, (person.id, person.name))

    def expect(self, stated: Iterable[StatedPerson]) -> None:
        """Note who has a row of their own, by address or number: no other row is about them."""
        self._stated = list(stated)

    @cached_property
    def _with_rows(self) -> set[int]:
        found = (self._people.identify(stated) for stated in self._stated if stated.emails or stated.number)
        return {match.person.id for match in found if match.person is not None}

    def match(self, index: int, place: str, stated: StatedPerson) -> PersonMatch:
        """Whom a row means.

        Args:
            index: the row's, by which somebody may have chosen.
            place: where the row stands, as people find it.
            stated: what it says of the person.

        Raises RowRefused where an earlier row means the same person, or what was chosen cannot be.
        """
        found = self._asked(self._people.identify(stated), stated)
        if not found.conflict:
            if found.person is not None and found.person.id < 0:
                raise RowRefused(f"The same person as in row {self.rows[found.person.id]}.")
            person = self._only_once(found.person.id, place) if found.person else None
            return PersonMatch(person, note=found.note)
        question = self._question(index, stated, found.conflict, found.candidates)
        if not question.options:
            # Somebody the list itself adds has the address, so there is nothing to choose.
            raise RowRefused(found.conflict)
        if question.answer == SOMEBODY_ELSE:
            return PersonMatch(None, question)
        if question.answer:
            return PersonMatch(self._only_once(int(question.answer), place), question)
        return PersonMatch(None, question, is_open=True)

    def _asked(self, found: Identification, stated: StatedPerson) -> Identification:
        """What was found; a conflict also where only somebody who can be asked can tell."""
        person, name = found.person, stated.name
        if found.namesakes and name:
            return self._about_namesakes(found.namesakes, name)
        if person is None or person.id < 0 or not name or same_name(person.name, name):
            return found
        if found.way is Way.NUMBER and person.emails and stated.emails:
            why = f"The number {stated.number} is {person.name}’s, with another name and e-mail address."
            return Identification(conflict=why, candidates=(person,))
        by_number = stated.number and person.number and number_key(stated.number) == number_key(person.number)
        if found.way is Way.EMAIL and not by_number and not shares_name(person.name, name):
            why = f"The e-mail address is {person.name}’s, who has quite another name."
            return Identification(conflict=why, candidates=(person,))
        return found

    def _about_namesakes(self, namesakes: Iterable[KnownPerson], name: str) -> Identification:
        """A question about who has the name, and no row of their own in this list."""
        several = [one for one in namesakes if one.id > 0 and one.id not in self._with_rows]
        if not several:
            return Identification()
        first = several[0]
        if same_name(first.name, name):
            left = " and has left" if first.left else ""
            why = f"{first.name} is known already{left}, with another e-mail address or number."
        else:
            why = f"{first.name} is known already, and may be the same."
        return Identification(conflict=why, candidates=tuple(several))

    def _only_once(self, person_id: int, place: str) -> Employee:
        first = self.rows.setdefault(person_id, place)
        if first != place:
            raise RowRefused(f"The same person as in row {first}.")
        return self.employees[person_id]

    def _question(
        self, index: int, stated: StatedPerson, conflict: str, candidates: Iterable[KnownPerson]
    ) -> RowQuestion:
        options = [
            RowOption(str(person.id), f"It is {person.name}", self._facts(person))
            for person in candidates
            if person.id > 0
        ]
        taken = any(email_key(email) in self._addresses for email in stated.emails)
        if stated.name and not taken:
            options.append(RowOption(SOMEBODY_ELSE, f"It is somebody else: add {stated.name}"))
        answer = self.answers.get(index, "")
        facts = (
            ("Name", stated.name or ""),
            ("E-mail", ", ".join(stated.emails)),
            ("Number", stated.number or ""),
        )
        known = {option.value for option in options}
        return RowQuestion(conflict, facts, tuple(options), answer if answer in known else "")

    def _facts(self, person: KnownPerson) -> tuple[tuple[str, str], ...]:
        employee = self.employees[person.id]
        return (
            ("E-mail", ", ".join(person.emails)),
            ("Number", person.number or ""),
            ("Department", employee.department or ""),
            ("", "has left" if person.left else ""),
        )

    def claim(self, index: int, place: str, stated: StatedPerson, employee: Employee | None) -> None:
        """Take the row's address and number for its person, who is new where there is no employee.

        Raises RowRefused where the address or the number is somebody else's.
        """
        key = employee.id if employee is not None else -1 - index
        for email in stated.emails:
            holder = self._addresses.get(email_key(email), (key, ""))
            if holder[0] != key:
                raise RowRefused(f"The e-mail address {email} is {holder[1]}’s.")
        holder = self._numbers.get(stated.number, (key, "")) if stated.number else (key, "")
        if holder[0] != key:
            raise RowRefused(f"The number {stated.number} is {holder[1]}’s.")
        name = stated.name or (employee.name if employee else "")
        person = KnownPerson(key, name, stated.emails, stated.number)
        self._note(person)
        if employee is None:
            self.rows[key] = place
            self._people.add(person)

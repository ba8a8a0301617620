"""Who is meant on the step Employee Information: searching the directory, and what pasted names left open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hwadmin.domain.ordering.basket import UnitPlan, splits_of
from hwadmin.domain.people.person_identity import KnownPerson, People, name_keys
from hwadmin.domain.text_validation import tidied
from hwadmin.forms.ordering.steps import read_people
from hwadmin.models import Account
from hwadmin.queries.directory.known_people import known_people
from hwadmin.queries.ordering.people import EmployeeChoice, employee_choice, employee_choices
from hwadmin.views.ordering.field_problems import LocatedProblem
from hwadmin.views.ordering.units import UnitFields, unit_id
from hwadmin.web.access import current_actor

_MAX_MATCHES = 8


@dataclass(frozen=True, slots=True)
class DirectorySearch:
    """What a search of the directory for the employee of one unit found: one, several, or a problem."""

    key: int
    number: int
    # The text that found nobody, or several.
    text: str = ""
    employee: EmployeeChoice | None = None
    matches: Sequence[tuple[int, str]] = ()
    message: str | None = None

    @property
    def unit_id(self) -> str:
        """The beginning of the ids of the unit's fields."""
        return unit_id(self.key, self.number)

    @property
    def problems(self) -> list[LocatedProblem]:
        """What to correct, if anything."""
        if self.message is None:
            return []
        return [LocatedProblem("employees", f"{self.unit_id}-employee", "Employee", self.message)]

    @property
    def focus(self) -> str:
        """The field to go on with."""
        return f"{self.unit_id}-{'name' if self.employee else 'pick'}"

    def fill_in(self, plans: Iterable[UnitPlan]) -> list[UnitPlan]:
        """The plans with the employee that was found."""
        if self.employee is None:
            return list(plans)
        found = {
            "employee_id": self.employee.id,
            "name": self.employee.name,
            "number": self.employee.number or "",
            "codes": splits_of(self.employee.shares),
            "unmatched": "",
        }
        return [
            replace(unit, plan=unit.plan.model_copy(update=found))
            if (unit.key, unit.number) == (self.key, self.number)
            else unit
            for unit in plans
        ]


def employee_label(employee: EmployeeChoice) -> str:
    """An employee's name, with the number where there is one."""
    return f"{employee.name} · {employee.number}" if employee.number else employee.name


def search_directory(account: Account, match: re.Match[str], form: Mapping[str, str]) -> DirectorySearch:
    """Find the employee for a unit: by key, or by a text that only one of them matches."""
    actor, employee_id = current_actor(), match[3]
    search = DirectorySearch(int(match[1]), int(match[2]))
    text = form.get(f"u-{match[1]}-{match[2]}-pick", "")
    if employee_id:
        chosen = employee_choice(actor, account, int(employee_id))
        employees = [chosen] if chosen else []
    elif not tidied(text):
        return replace(search, message="Type a part of the name first.")
    else:
        # The type-ahead writes “Name · number”.
        employees = employee_choices(actor, account, text.replace("·", " "), limit=_MAX_MATCHES)
    if not employees:
        message = f"Nobody in the directory of {account.name} is called “{tidied(text)[:60]}”."
        return replace(search, text=text, message=message)
    if len(employees) > 1:
        matches = [(employee.id, employee_label(employee)) for employee in employees]
        return replace(search, text=text, matches=matches)
    return replace(search, employee=employees[0])


def with_questions(account: Account, units: Sequence[UnitFields]) -> list[UnitFields]:
    """The units; those with pasted people who fit nobody for certain with why, and whom to choose from."""
    if not any(unit.plan.asks_who for unit in units):
        return list(units)
    known = known_people(current_actor(), account.id)
    people, here = People(known), [(person, _words_of(person.name)) for person in known if not person.left]
    return [_with_question(account, people, here, unit) if unit.plan.asks_who else unit for unit in units]


def _words_of(name: str) -> set[str]:
    """The words of a name, without accents and case."""
    return set(" ".join(name_keys(name)).split())


def _with_question(
    account: Account, people: People, here: Sequence[tuple[KnownPerson, set[str]]], unit: UnitFields
) -> UnitFields:
    stated = next(iter(read_people(unit.plan.unmatched)), None)
    match = people.identify_text(stated) if stated else None
    candidates = [person for person in match.candidates if not person.left] if match else []
    if not candidates:
        words = _words_of(unit.plan.unmatched)
        candidates = [person for person, own in here if own & words]
    if match and match.person and match.person.left:
        why = f"{match.person.name} has left {account.name}."
    else:
        conflict = match.conflict if match else ""
        why = conflict or "Not in the directory."
    choices = [
        (person.id, f"{person.name} · {person.number}" if person.number else person.name)
        for person in candidates[:_MAX_MATCHES]
    ]
    return replace(unit, question=why, matches=choices)

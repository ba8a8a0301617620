"""For whom the units of a basket are, many at once: pasted names, and values filled down a column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.ordering.basket import BasketContent, BasketLine, Plan, splits_of
from hwadmin.domain.people.person_identity import People, StatedPerson
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import tidied
from hwadmin.models import Account
from hwadmin.operations.ordering.basket import edit_basket
from hwadmin.queries.directory.known_people import known_people
from hwadmin.queries.ordering.basket import shown_content
from hwadmin.queries.ordering.people import EmployeeChoice, employees_by_id

# The columns that can be filled down: the units that have them, and what of a plan they show.
_COLUMNS: dict[str, tuple[Callable[[Kind], bool], tuple[str, ...]]] = {
    "employee": (lambda kind: kind.has_employee, ("employee_id", "name", "number", "unmatched")),
    "codes": (lambda kind: kind.has_employee, ("codes",)),
    "location": (lambda kind: kind.has_location, ("location_id",)),
    "base": (lambda kind: kind is Kind.DECT_HANDSET, ("base",)),
}


@dataclass(frozen=True, slots=True)
class PastedPeople:
    """What came of pasted names: how many fit somebody, are questions now, and had no unit left."""

    matched: int
    questions: int
    left_over: int


def paste_people(
    actor: Actor,
    account_id: int,
    people: Sequence[StatedPerson | None],
    *,
    first: tuple[int, int] | None = None,
) -> PastedPeople:
    """Give the units of a basket their people, matched with the directory by the rule of who a person is.

    Who fits nobody for certain stays as pasted, and has to be answered before the order is confirmed.

    Args:
        actor: who orders.
        account_id: for which account.
        people: one for each unit, None to leave a unit as it is.
        first: the unit (line, number) the first is for; without it those go to the units that are for nobody.
    """
    results: list[PastedPeople] = []

    def paste(account: Account, content: BasketContent) -> BasketContent:
        results.clear()
        units = list(_units(actor, account, content, lambda kind: kind.has_employee))
        if first is None:
            units = [unit for unit in units if not _has_person(content, unit)]
        else:
            units = units[units.index(first) :] if first in units else []
        plans = _matched(actor, account, people[: len(units)])
        for (key, number), stated in zip(units, plans, strict=False):
            line = content.line(key)
            if stated is not None and line is not None:
                plan = line.plan(number).model_copy(update=stated)
                content = content.with_line(line.with_plan(number, plan))
        stated_plans = [plan for plan in plans if plan is not None]
        asked = sum(1 for plan in stated_plans if plan["unmatched"])
        left_over = sum(1 for person in people[len(units) :] if person is not None)
        results.append(PastedPeople(len(stated_plans) - asked, asked, left_over))
        return content

    edit_basket(actor, account_id, paste)
    return results[-1]


def _units(
    actor: Actor, account: Account, content: BasketContent, fits: Callable[[Kind], bool]
) -> Iterator[tuple[int, int]]:
    """The units of some kinds, by line and number, in the order of the basket."""
    for shown in shown_content(actor, account, content).devices:
        if shown.kind is not None and fits(shown.kind):
            for number in range(1, shown.line.quantity + 1):
                yield shown.line.key, number


def _has_person(content: BasketContent, unit: tuple[int, int]) -> bool:
    line = content.line(unit[0])
    plan = line.plan(unit[1]) if line else Plan()
    return plan.employee_id is not None or bool(tidied(plan.name) or tidied(plan.number))


def _matched(
    actor: Actor, account: Account, people: Sequence[StatedPerson | None]
) -> list[dict[str, Any] | None]:
    """What each of them makes of the plan of a unit."""
    known = People(known_people(actor, account.id))
    matches = [known.identify_text(stated).person if stated else None for stated in people]
    employees = employees_by_id(actor, account, {match.id for match in matches if match})
    return [
        None if stated is None else _person_fields(stated, employees.get(match.id) if match else None)
        for stated, match in zip(people, matches, strict=True)
    ]


def _person_fields(stated: StatedPerson, employee: EmployeeChoice | None) -> dict[str, Any]:
    """The employee as an order copies them; else the person as stated, with the question who it is."""
    if employee is not None:
        return {
            "employee_id": employee.id,
            "name": employee.name,
            "number": employee.number or "",
            "codes": splits_of(employee.shares),
            "unmatched": "",
        }
    name, number = stated.name or " ".join(stated.emails), stated.number or ""
    return {"employee_id": None, "name": name, "number": number, "unmatched": name or number}


def keep_as_new(actor: Actor, account_id: int, unit: tuple[int, int] | None = None) -> None:
    """Say that pasted people are new, those of one unit or all of them: they join the directory."""

    def answer(_account: Account, content: BasketContent) -> BasketContent:
        for line in content.lines:
            for number in range(1, len(line.plans) + 1):
                if unit in (None, (line.key, number)) and line.plan(number).unmatched:
                    line = line.with_plan(number, line.plan(number).model_copy(update={"unmatched": ""}))
            content = content.with_line(line)
        return content

    edit_basket(actor, account_id, answer)


def fill_down(actor: Actor, account_id: int, column: str) -> int:
    """Give the units that have nothing in a column what the unit above has; returns how many.

    Args:
        actor: who orders.
        account_id: for which account.
        column: ``employee``, ``codes``, ``location`` or ``base``.
    """
    filled: list[tuple[int, int]] = []
    fits, fields = _COLUMNS[column]

    def fill(account: Account, content: BasketContent) -> BasketContent:
        filled.clear()
        above: dict[str, Any] = {}
        for key, number in list(_units(actor, account, content, fits)):
            line = content.line(key)
            assert isinstance(line, BasketLine)
            plan = line.plan(number)
            values = {name: getattr(plan, name) for name in fields}
            if any(values.values()):
                above = values
            elif above:
                filled.append((key, number))
                content = content.with_line(line.with_plan(number, plan.model_copy(update=above)))
        return content

    edit_basket(actor, account_id, fill)
    return len(filled)

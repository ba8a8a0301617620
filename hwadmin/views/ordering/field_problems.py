"""Where on the ordering pages each problem of an order can be corrected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import url_for

from hwadmin.errors import FieldError
from hwadmin.models import Account
from hwadmin.queries.ordering.basket import ShownBasket
from hwadmin.views.ordering.base import step_url
from hwadmin.views.ordering.units import PER_PAGE, unit_id, unit_index, unit_title

INTRO = "What you typed is kept. Correct this before going on:"

_UNIT = re.compile(r"lines\.(\d+)\.intents\.(\d+)\.(\w+)")
_LINE = re.compile(r"lines\.(\d+)(?:\.(\w+))?")
# By field of an intent: the end of the id of its field on the page, and its label.
_INTENT_FIELDS = {
    "employee_id": ("employee", "employee"),
    "user_name": ("name", "employee name"),
    "user_number": ("number", "employee number"),
    "accounting_codes": ("codes", "accounting codes"),
    "location_id": ("location", "location"),
    "base": ("base", "base"),
    "upgrade_reason": ("reason", "reason for the upgrade"),
}
# Of what is stated with the order: the id of its field on the page, and its label.
ORDER_FIELDS = {
    "requester": ("requester", "Requester"),
    "notify": ("notify", "Notify"),
    "ship_to_location_id": ("ship_to", "Shipping Location"),
    "attention": ("attention", "Attention"),
    "notes": ("notes", "Notes"),
    "reason": ("reason", "Reason"),
}


@dataclass(frozen=True, slots=True)
class LocatedProblem:
    """A problem with the place to correct it: the step, the id of the field, its label, and the sentence."""

    step: str
    field: str | None
    label: str
    message: str
    # Of a unit: its index among all that have employee information.
    unit: int | None = None


def locate_problems(basket: ShownBasket, errors: Iterable[FieldError]) -> list[LocatedProblem]:
    """Each problem of the order a basket would make, at the step and the field where it can be corrected."""
    problems: list[LocatedProblem] = []
    for error in errors:
        if match := _UNIT.fullmatch(error.field):
            problem = _unit_problem(basket, match, error.message)
        elif match := _LINE.fullmatch(error.field):
            problem = LocatedProblem("choose", None, basket.lines[int(match[1])].title, error.message)
        else:
            field, label = ORDER_FIELDS.get(error.field.split(".")[0], (None, "Order"))
            problem = LocatedProblem("information" if field else "choose", field, label, error.message)
        if problem is not None and problem not in problems:
            problems.append(problem)
    return problems


def _unit_problem(basket: ShownBasket, match: re.Match[str], message: str) -> LocatedProblem | None:
    shown, number, name = basket.lines[int(match[1])], int(match[2]) + 1, match[3]
    if shown.line.accessory_of is not None:
        return None  # It is planned with its device, where the same problem is reported.
    if name not in _INTENT_FIELDS:
        return LocatedProblem("choose", None, shown.title, message)
    field, label = _INTENT_FIELDS[name]
    return LocatedProblem(
        "employees",
        f"{unit_id(shown.line.key, number)}-{field}",
        f"{unit_title(shown, number)}, {label}",
        message,
        unit_index(basket, shown.line.key, number),
    )


def messages_by_field(problems: Iterable[LocatedProblem]) -> dict[str, list[str]]:
    """The sentences to show at each field of a page."""
    messages: dict[str, list[str]] = {}
    for problem in problems:
        if problem.field:
            messages.setdefault(problem.field, []).append(problem.message)
    return messages


def links_to_fields(problems: Iterable[LocatedProblem]) -> Sequence[tuple[str | None, str, str]]:
    """The list of problems above the form they are in: the field, its label, and the sentence."""
    return [(problem.field, problem.label, problem.message) for problem in problems]


def address_to_correct(account: Account, problem: LocatedProblem) -> str:
    """The address of the field where a problem can be corrected."""
    if problem.step == "employees" and problem.unit is not None:
        page = problem.unit // PER_PAGE or None
        return url_for("ordering_employees.show", key=account.id, page=page, _anchor=problem.field)
    address = step_url(account, problem.step)
    return f"{address}#{problem.field}" if problem.field else address

"""The step Employee Information: for whom and where each unit is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from flask import abort, flash, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.ordering.basket import UnitPlan, splits_of
from hwadmin.domain.permissions import Permission
from hwadmin.domain.text_validation import tidied
from hwadmin.forms.fields import whole
from hwadmin.forms.ordering.steps import read_plans
from hwadmin.models import Account
from hwadmin.operations.ordering.confirmation import problems_of
from hwadmin.operations.ordering.planning import copy_plan, save_plans
from hwadmin.queries.accounts.accounts import locations_of
from hwadmin.queries.ordering.basket import ShownBasket
from hwadmin.queries.ordering.people import EmployeeChoice, codes_of, employee_choice, employee_choices
from hwadmin.queries.scope import find
from hwadmin.views.ordering.base import OrderingView, refuse_empty_basket, see_other, step_url
from hwadmin.views.ordering.field_problems import (
    INTRO,
    LocatedProblem,
    links_to_fields,
    locate_problems,
    messages_by_field,
)
from hwadmin.views.ordering.units import PER_PAGE, UnitFields, base_choices, count_units, unit_fields, unit_id
from hwadmin.web.access import current_actor

_MAX_MATCHES = 8
_FILL = re.compile(r"fill-u-([0-9]{1,6})-([0-9]{1,4})(?:-([0-9]{1,18}))?")
_COPY = re.compile(r"copy-u-([0-9]{1,6})-([0-9]{1,4})")
_CHANGED = (
    "It was changed in another window meanwhile. What you typed is still here; send it once more to keep it."
)
_REMOVED = "It is not in the basket any more; it was taken out in another window."


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
        }
        return [
            replace(unit, plan=unit.plan.model_copy(update=found))
            if (unit.key, unit.number) == (self.key, self.number)
            else unit
            for unit in plans
        ]


class EmployeesView(OrderingView):
    """Employee Information."""

    step = "employees"
    step_form = "step"
    permissions = dict.fromkeys(("show", "save", "look_up", "employee_facts"), Permission.ORDERS_COPY)

    def __init__(self) -> None:
        super().__init__("ordering_employees")

    @expose("/<int:key>/employees")
    def show(self, key: int) -> ResponseReturnValue:
        """For whom and where each unit is."""
        account, basket = self.account_and_basket(key)
        if not basket.lines:
            return refuse_empty_basket(account)
        return self._show(account, basket, _page_number())

    def _show(
        self,
        account: Account,
        basket: ShownBasket,
        page: int,
        problems: Sequence[LocatedProblem] = (),
        *,
        plans: Sequence[UnitPlan] = (),
        search: DirectorySearch | None = None,
    ) -> ResponseReturnValue:
        """One page of units; with ``plans`` that could not be saved in place of what the basket holds."""
        actor = current_actor()
        total = count_units(basket)
        pages = max(1, -(-total // PER_PAGE))
        page = min(page, pages - 1)
        return self.page(
            "employees",
            account,
            basket,
            status=422 if problems else 200,
            units=_with_input(unit_fields(basket, page * PER_PAGE, PER_PAGE), plans, search),
            total=total,
            first=page * PER_PAGE,
            page=page,
            pages=pages,
            # A code that was archived since it was chosen is still shown in its row.
            codes=[(code.code, code.description) for code in codes_of(actor, account)],
            locations=[(str(site.id), site.name) for site in locations_of(actor, account.id)],
            bases=base_choices(basket),
            demands=account.requires_employee_number,
            approval=account.requires_manager_approval,
            errors=messages_by_field(problems),
            summary=links_to_fields(problems),
            focus=search.focus if search else None,
            intro=INTRO,
        )

    @expose("/<int:key>/employees", methods=("POST",))
    def save(self, key: int) -> ResponseReturnValue:
        """Keep the input, right or wrong; fill in from the directory; go on where it is right."""
        actor, form, page = current_actor(), request.form, _page_number()
        plans, go = read_plans(form), form.get("go", "confirm")
        account = find(actor, Account, key)
        search = None
        if match := _FILL.fullmatch(go):
            search = _search_directory(account, match, form)
            plans = search.fill_in(plans)
        conflicts = transact(lambda: save_plans(actor, key, plans))
        if (match := _COPY.fullmatch(go)) and not conflicts:
            return self._copy(key, match, page)
        account, basket = self.account_and_basket(key)
        if not basket.lines:
            return refuse_empty_basket(account)
        if conflicts:
            return self._show(account, basket, page, _conflict_problems(basket, conflicts), plans=plans)
        if search:
            return self._show(account, basket, page, search.problems, search=search)
        return self._go_on(account, basket, page, go)

    def _copy(self, key: int, match: re.Match[str], page: int) -> ResponseReturnValue:
        """Give the other units of a line the plan of one of them."""
        actor = current_actor()
        count = transact(lambda: copy_plan(actor, key, int(match[1]), int(match[2])))
        flash(f"{count} other {'unit is' if count == 1 else 'units are'} planned the same now.", "success")
        return see_other(url_for("ordering_employees.show", key=key, page=page or None))

    def _go_on(self, account: Account, basket: ShownBasket, page: int, go: str) -> ResponseReturnValue:
        """On to another page or step; forwards only where everything on this page is right."""
        if go in ("choose", "information"):
            return see_other(step_url(account, go))
        if go == "back":
            return see_other(
                url_for("ordering_employees.show", key=account.id, page=max(page - 1, 0) or None)
            )
        _, errors = problems_of(current_actor(), account, basket)
        on_page = range(page * PER_PAGE, (page + 1) * PER_PAGE)
        problems = [
            problem
            for problem in locate_problems(basket, errors)
            if problem.step == self.step and problem.unit in on_page
        ]
        if problems:
            return self._show(account, basket, page, problems)
        if go == "page":
            return see_other(url_for("ordering_employees.show", key=account.id, page=page + 1))
        return see_other(step_url(account, "confirm"))

    @expose("/<int:key>/directory/")
    def look_up(self, key: int) -> ResponseReturnValue:
        """Employees for a type-ahead, by part of name, number or e-mail address."""
        actor = current_actor()
        employees = employee_choices(actor, find(actor, Account, key), request.args.get("query", ""))
        return jsonify([[employee.id, _label(employee)] for employee in employees])

    @expose("/<int:key>/directory/<int:part>")
    def employee_facts(self, key: int, part: int) -> ResponseReturnValue:
        """What is filled in of an employee: name, number, accounting codes."""
        actor = current_actor()
        employee = employee_choice(actor, find(actor, Account, key), part)
        if employee is None:
            abort(404)
        codes = [split.model_dump() for split in splits_of(employee.shares)]
        return jsonify(
            {"id": employee.id, "name": employee.name, "number": employee.number or "", "codes": codes}
        )


def _page_number() -> int:
    return whole(request.args.get("page", ""))


def _label(employee: EmployeeChoice) -> str:
    return f"{employee.name} · {employee.number}" if employee.number else employee.name


def _with_input(
    units: Iterable[UnitFields], plans: Iterable[UnitPlan], search: DirectorySearch | None
) -> list[UnitFields]:
    """The units with the input that was not saved, and with what the directory was searched for."""
    unsaved = {(unit.key, unit.number): unit.plan for unit in plans}
    fields = [
        replace(unit, plan=unsaved.get((unit.shown.line.key, unit.number), unit.plan)) for unit in units
    ]
    if search is None:
        return fields
    return [
        replace(unit, search_text=search.text or unit.search_text, matches=search.matches)
        if unit.id == search.unit_id
        else unit
        for unit in fields
    ]


def _search_directory(account: Account, match: re.Match[str], form: dict[str, str]) -> DirectorySearch:
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
        matches = [(employee.id, _label(employee)) for employee in employees]
        return replace(search, text=text, matches=matches)
    return replace(search, employee=employees[0])


def _conflict_problems(basket: ShownBasket, conflicts: Iterable[tuple[int, int]]) -> list[LocatedProblem]:
    """A problem for each unit that was changed or removed in another window."""
    problems = []
    for key, number in sorted(conflicts):
        shown = basket.by_key.get(key)
        removed = shown is None or number > shown.line.quantity
        title = f"{shown.title} #{number}" if shown else "A unit"
        field = None if removed else f"{unit_id(key, number)}-name"
        problems.append(LocatedProblem("employees", field, title, _REMOVED if removed else _CHANGED))
    return problems

"""The step Employee Information: for whom and where each unit is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from flask import abort, flash, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.ordering.basket import UnitPlan, splits_of
from hwadmin.domain.permissions import Permission
from hwadmin.domain.wording import inflect, plural
from hwadmin.forms.fields import key_of, whole
from hwadmin.forms.ordering.steps import read_people, read_plans
from hwadmin.models import Account, Location
from hwadmin.operations.ordering.confirmation import problems_of
from hwadmin.operations.ordering.planning import copy_plan, save_plans
from hwadmin.operations.ordering.unit_people import PastedPeople, fill_down, keep_as_new, paste_people
from hwadmin.queries.accounts.accounts import locations_of
from hwadmin.queries.ordering.basket import ShownBasket, usual_information
from hwadmin.queries.ordering.people import codes_of, employee_choice, employee_choices
from hwadmin.queries.scope import find
from hwadmin.views.ordering.base import OrderingView, refuse_empty_basket, see_other, step_url, way_out
from hwadmin.views.ordering.directory_search import (
    DirectorySearch,
    employee_label,
    search_directory,
    with_questions,
)
from hwadmin.views.ordering.field_problems import (
    INTRO,
    LocatedProblem,
    links_to_fields,
    locate_problems,
    messages_by_field,
)
from hwadmin.views.ordering.units import (
    FEW_UNITS,
    PER_PAGE,
    UnitFields,
    base_choices,
    count_units,
    unit_fields,
    unit_id,
)
from hwadmin.web.access import current_actor

_FILL = re.compile(r"fill-u-([0-9]{1,6})-([0-9]{1,4})(?:-([0-9]{1,18}))?")
_COPY = re.compile(r"copy-u-([0-9]{1,6})-([0-9]{1,4})")
_PASTE = re.compile(r"paste(?:-u-([0-9]{1,6})-([0-9]{1,4}))?")
_NEW = re.compile(r"new-(?:all|u-([0-9]{1,6})-([0-9]{1,4}))")
_DOWN = re.compile(r"down-(employee|codes|location|base)")
_CHANGED = (
    "It was changed in another window meanwhile. What you typed is still here; send it once more to keep it."
)
_REMOVED = "It is not in the basket any more; it was taken out in another window."


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
        locations, likely = _locations(account, basket)
        total = count_units(basket)
        pages = max(1, -(-total // PER_PAGE))
        page = min(page, pages - 1)
        units = unit_fields(basket, page * PER_PAGE, PER_PAGE, location_id=likely)
        return self.page(
            "employees",
            account,
            basket,
            status=422 if problems else 200,
            units=with_questions(account, _with_input(units, plans, search)),
            table=total > FEW_UNITS,
            asked=sum(1 for line in basket.content.lines for plan in line.plans if plan.asks_who),
            starts=_starts(basket),
            total=total,
            first=page * PER_PAGE,
            page=page,
            pages=pages,
            # A code that was archived since it was chosen is still shown in its row.
            codes=[(code.code, code.description) for code in codes_of(actor, account)],
            locations=[(str(location.id), location.name) for location in locations],
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
            search = search_directory(account, match, form)
            plans = search.fill_in(plans)
        conflicts = transact(lambda: save_plans(actor, key, plans))
        if (match := _COPY.fullmatch(go)) and not conflicts:
            return self._copy(key, match, page)
        account, basket = self.account_and_basket(key)
        if not basket.lines:
            return refuse_empty_basket(account)
        if conflicts:
            return self._show(account, basket, page, _conflict_problems(basket, conflicts), plans=plans)
        if _DOWN.fullmatch(go) or _PASTE.fullmatch(go) or _NEW.fullmatch(go):
            return self._change_many(key, go, page)
        if search:
            return self._show(account, basket, page, search.problems, search=search)
        return self._go_on(account, basket, page, go)

    def _change_many(self, key: int, go: str, page: int) -> ResponseReturnValue:
        """Give many units their people, answer who they are, or fill a column down."""
        actor = current_actor()
        anchor = "units"
        if match := _PASTE.fullmatch(go):
            people = read_people(request.form.get("paste", ""))
            first = _unit_of(match) or _start(request.form)
            pasted = transact(lambda: paste_people(actor, key, people, first=first))
            flash(*_describe_pasted(pasted))
            anchor = unit_id(*first) if match[1] and first else anchor
        elif match := _NEW.fullmatch(go):
            unit = _unit_of(match)
            transact(lambda: keep_as_new(actor, key, unit))
            flash("They are added to the directory when the order is confirmed.", "success")
        elif match := _DOWN.fullmatch(go):
            column = match[1]
            count = transact(lambda: fill_down(actor, key, column))
            flash(f"Filled {plural(count, 'unit')}.", "success")
        return see_other(url_for("ordering_employees.show", key=key, page=page or None, _anchor=anchor))

    def _copy(self, key: int, match: re.Match[str], page: int) -> ResponseReturnValue:
        """Give the other units of a line the plan of one of them."""
        actor = current_actor()
        count = transact(lambda: copy_plan(actor, key, int(match[1]), int(match[2])))
        flash(f"{count} other {'unit is' if count == 1 else 'units are'} planned the same now.", "success")
        return see_other(url_for("ordering_employees.show", key=key, page=page or None))

    def _go_on(self, account: Account, basket: ShownBasket, page: int, go: str) -> ResponseReturnValue:
        """On to another page or step; forwards only where everything on this page is right."""
        if go in ("choose", "information", "account", "start"):
            return see_other(way_out(account, go))
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
        return jsonify([[employee.id, employee_label(employee)] for employee in employees])

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


def _locations(account: Account, basket: ShownBasket) -> tuple[Sequence[Location], int | None]:
    """The locations of the account, and the id of the one the order goes to, as far as that is known."""
    actor = current_actor()
    locations = locations_of(actor, account.id)
    return locations, usual_information(actor, account, basket.content, locations).ship_to_location_id


def _unit_of(match: re.Match[str]) -> tuple[int, int] | None:
    """The unit a button names; None where it names all of them."""
    return (int(match[1]), int(match[2])) if match[1] else None


def _start(form: Mapping[str, str]) -> tuple[int, int] | None:
    """The line whose first unit pasted names begin with; None for the units that are for nobody yet."""
    line = key_of(form.get("paste_from", ""))
    return (line, 1) if line else None


def _starts(basket: ShownBasket) -> list[tuple[str, str]]:
    """The lines pasted names can begin with."""
    return [
        (str(shown.line.key), f"{shown.title} #1")
        for shown in basket.devices
        if shown.kind is not None and shown.kind.has_employee
    ]


def _describe_pasted(pasted: PastedPeople) -> tuple[str, str]:
    """What came of pasted names, and whether that is good news."""
    if not (pasted.matched or pasted.questions or pasted.left_over):
        return "Paste names or employee numbers first.", "error"
    found = plural(pasted.matched, "person", "people") if pasted.matched else "nobody"
    sentences = [f"Found {found} in the directory."] if pasted.matched or pasted.questions else []
    if pasted.left_over:
        sentences.append(
            f"{plural(pasted.left_over, 'name')} {inflect(pasted.left_over, 'has', 'have')} no unit left."
        )
        return " ".join(sentences), "error"
    return sentences[0], "success" if pasted.matched else "warning"


def _page_number() -> int:
    return whole(request.args.get("page", ""))


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

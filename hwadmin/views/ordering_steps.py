"""The steps after choosing: ordering information, employee information, and confirming the order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from flask import abort, flash, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.basket import Information, Plan, TypedPlan, addresses, splits_of
from hwadmin.errors import ChangedMeanwhile, InvalidInput, WrongState
from hwadmin.forms.account_form import whole
from hwadmin.forms.ordering import read_information, read_plans
from hwadmin.kinds import Kind
from hwadmin.models import Account, HardwareOrder
from hwadmin.operations.basket import same_for_all, save_information, save_plans
from hwadmin.operations.confirming import base_numbers, confirm_basket, problems_of
from hwadmin.operations.platforms import find
from hwadmin.queries.accounts import locations_of
from hwadmin.queries.basket import ShownBasket, usual_information
from hwadmin.queries.choosing import EmployeeChoice, codes_of, employee_choice, employee_choices
from hwadmin.queries.order_warnings import LineFacts, order_warnings
from hwadmin.texts import tidied
from hwadmin.uow import transact
from hwadmin.views.frame import go_back
from hwadmin.views.gate import current_actor
from hwadmin.views.ordering_frame import STEPS, OrderingFrame, step_url
from hwadmin.views.ordering_units import (
    PER_PAGE,
    Placed,
    UnitAsked,
    asked_units,
    base_choices,
    count_asked,
    placed,
    said_of,
)

UNITS_SAID = 50
FOUND_SHOWN = 8
_FILL = re.compile(r"fill-(u-([0-9]{1,6})-([0-9]{1,4}))(?:-([0-9]{1,18}))?")
_COPY = re.compile(r"copy-u-([0-9]{1,6})-([0-9]{1,4})")
_MEANWHILE = (
    "It was changed in another window meanwhile. What you typed is still here; send it once more to keep it."
)
_PLAN_GONE = "It is not in the basket any more; it was taken out in another window."

Errors = dict[str, list[str]]


class StepPages(OrderingFrame):
    """Information, employees, confirm."""

    handlers: ClassVar[tuple[str, ...]] = (
        "information",
        "save_information",
        "employees",
        "save_employees",
        "look_up",
        "employee_facts",
        "confirm_form",
        "confirm",
    )

    # ---- Ordering Information & Notes

    @expose("/<int:key>/information")
    def information(self, key: int) -> ResponseReturnValue:
        """Who asks, who is told, where it goes."""
        account, basket = self.ordered_for(key)
        if not basket.lines:
            return self.nothing_yet(account)
        known = usual_information(current_actor(), account, basket.content)
        return self._information(account, basket, known, known=known)

    def _information(
        self,
        account: Account,
        basket: ShownBasket,
        typed: Information,
        problems: list[Placed] | None = None,
        *,
        known: Information | None = None,
    ) -> ResponseReturnValue:
        actor = current_actor()
        known = known or usual_information(actor, account, basket.content)
        errors = _at_fields(problems or [])
        return self.page(
            "information",
            account,
            basket,
            "information",
            step_form="step",
            status=422 if problems else 200,
            typed=typed,
            mark=known.mark,
            locations=[(str(site.id), _site(site)) for site in locations_of(actor, account.id)],
            errors=errors,
            summary=[(one.field, one.words, one.sentence) for one in problems or []],
            intro="What you typed is kept. Correct this before going on:",
        )

    @expose("/<int:key>/information", methods=("POST",))
    def save_information(self, key: int) -> ResponseReturnValue:
        """Keep what was typed, right or wrong; go on where it is right, and back in any case."""
        actor, typed = current_actor(), read_information(request.form)
        mark, go = request.form.get("mark", ""), request.form.get("go", "employees")
        try:
            transact(lambda: save_information(actor, key, typed, mark))
        except ChangedMeanwhile as refusal:
            account, basket = self.ordered_for(key)
            said = Placed("information", None, "", refusal.message)
            return self._information(account, basket, typed, [said])
        account, basket = self.ordered_for(key)
        if not basket.lines:
            return self.nothing_yet(account)
        if go not in ("employees", "confirm"):
            return self.on_to(step_url(account, "choose"))
        _, refused = problems_of(actor, account, basket)
        problems = [one for one in placed(basket, refused) if one.step == "information"]
        if problems:
            return self._information(account, basket, typed, problems)
        return self.on_to(step_url(account, go))

    # ---- Employee Information

    @expose("/<int:key>/employees")
    def employees(self, key: int) -> ResponseReturnValue:
        """For whom and where each unit is."""
        account, basket = self.ordered_for(key)
        if not basket.lines:
            return self.nothing_yet(account)
        return self._employees(account, basket, _page_number())

    def _employees(
        self,
        account: Account,
        basket: ShownBasket,
        page: int,
        problems: list[Placed] | None = None,
        *,
        typed: list[TypedPlan] | None = None,
        picks: Mapping[str, tuple[str, list[tuple[int, str]]]] | None = None,
        focus: str | None = None,
        intro: str = "What you typed is kept. Correct this before going on:",
    ) -> ResponseReturnValue:
        actor = current_actor()
        total = count_asked(basket)
        pages = max(1, -(-total // PER_PAGE))
        page = min(page, pages - 1)
        units = asked_units(basket, page * PER_PAGE, PER_PAGE)
        said = {(one.key, one.number): one.plan for one in typed or []}
        units = [_as_typed(unit, said, picks or {}) for unit in units]
        # Kept rows of a code that was archived since are still shown.
        codes = [(code.code, code.description) for code in codes_of(actor, account)]
        return self.page(
            "employees",
            account,
            basket,
            "employees",
            step_form="step",
            status=422 if problems else 200,
            units=units,
            total=total,
            first=page * PER_PAGE,
            page=page,
            pages=pages,
            codes=codes,
            locations=[(str(site.id), site.name) for site in locations_of(actor, account.id)],
            bases=base_choices(basket),
            demands=account.requires_employee_number,
            approval=account.requires_manager_approval,
            errors=_at_fields(problems or []),
            summary=[(one.field, one.words, one.sentence) for one in problems or []],
            focus=focus,
            intro=intro,
        )

    @expose("/<int:key>/employees", methods=("POST",))
    def save_employees(self, key: int) -> ResponseReturnValue:
        """Keep what was typed, right or wrong; fill in from the directory; go on where it is right."""
        actor, form, page = current_actor(), request.form, _page_number()
        typed, go = read_plans(form), form.get("go", "confirm")
        account = find(actor, Account, key)
        picks: dict[str, tuple[str, list[tuple[int, str]]]] = {}
        filled, problems = None, []
        if match := _FILL.fullmatch(go):
            filled = match[1]
            typed, problem = _filled(account, typed, match, form.get(f"{filled}-pick", ""), picks)
            problems += [problem] if problem else []
        elsewhere = transact(lambda: save_plans(actor, key, typed))
        if (match := _COPY.fullmatch(go)) and not elsewhere:
            count = transact(lambda: same_for_all(actor, key, int(match[1]), int(match[2])))
            flash(
                f"{count} other {'unit is' if count == 1 else 'units are'} planned the same now.", "success"
            )
            return self.on_to(url_for("ordering.employees", key=key, page=page or None))
        account, basket = self.ordered_for(key)
        if not basket.lines:
            return self.nothing_yet(account)
        if elsewhere:
            return self._employees(account, basket, page, _conflicts(basket, elsewhere), typed=typed)
        if filled:
            focus = f"{filled}-{'pick' if problems or picks.get(filled, ('', []))[1] else 'name'}"
            return self._employees(account, basket, page, problems, picks=picks, focus=focus)
        if go in ("choose", "information"):
            return self.on_to(step_url(account, go))
        if go == "back":
            return self.on_to(url_for("ordering.employees", key=key, page=max(page - 1, 0) or None))
        _, refused = problems_of(actor, account, basket)
        here = range(page * PER_PAGE, (page + 1) * PER_PAGE)
        problems = [one for one in placed(basket, refused) if one.step == "employees" and one.unit in here]
        if problems:
            return self._employees(account, basket, page, problems)
        if go == "page":
            return self.on_to(url_for("ordering.employees", key=key, page=page + 1))
        return self.on_to(step_url(account, "confirm"))

    @expose("/<int:key>/directory/")
    def look_up(self, key: int) -> ResponseReturnValue:
        """Employees for a type-ahead, by part of name, number or e-mail address."""
        actor = current_actor()
        account = find(actor, Account, key)
        found = employee_choices(actor, account, request.args.get("query", ""))
        return jsonify([[one.id, _employee_words(one)] for one in found])

    @expose("/<int:key>/directory/<int:part>")
    def employee_facts(self, key: int, part: int) -> ResponseReturnValue:
        """What is filled in of an employee: name, number, accounting codes."""
        actor = current_actor()
        account = find(actor, Account, key)
        one = employee_choice(actor, account, part)
        if one is None:
            abort(404)
        codes = [split.model_dump() for split in splits_of(one.shares)]
        return jsonify({"id": one.id, "name": one.name, "number": one.number or "", "codes": codes})

    # ---- Confirm Order

    @expose("/<int:key>/confirm")
    def confirm_form(self, key: int) -> ResponseReturnValue:
        """Everything once more, to be confirmed."""
        account, basket = self.ordered_for(key)
        if not basket.lines:
            return self.nothing_yet(account)
        return self._confirm(account, basket)

    def _confirm(self, account: Account, basket: ShownBasket, status: int = 200) -> ResponseReturnValue:
        actor = current_actor()
        _, refused = problems_of(actor, account, basket)
        information = usual_information(actor, account, basket.content)
        sites = locations_of(actor, account.id)
        places, bases = {site.id: site.name for site in sites}, dict(base_choices(basket))
        planned = [unit for unit in asked_units(basket) if not unit.plan.blank or unit.asks_reason]
        total = count_asked(basket)
        ship_to = next((site for site in sites if site.id == information.ship_to_location_id), None)
        return self.page(
            "confirm",
            account,
            basket,
            "confirm",
            status=status,
            units=[said_of(unit, places, bases) for unit in planned[:UNITS_SAID]],
            unplanned=_unplanned(len(planned), total),
            facts=[
                ("Requester", information.requester),
                ("Notify", ", ".join(addresses(information.notify))),
                ("Shipping Location", _site(ship_to) if ship_to else ""),
                ("Attention", information.attention),
                ("Notes for the dealer", information.notes),
            ],
            problems=[
                (_correct_at(account, one), one.words, one.sentence) for one in placed(basket, refused)
            ],
            warnings=_warnings(basket),
            approval=account.requires_manager_approval,
            submission_key=basket.content.submission_key,
            seen=basket.seen,
        )

    @expose("/<int:key>/confirm", methods=("POST",))
    def confirm(self, key: int) -> ResponseReturnValue:
        """Make one order of the basket."""
        actor, form = current_actor(), request.form
        try:
            order, account_name, waits_for = transact(
                lambda: _said(
                    confirm_basket(
                        actor,
                        key,
                        submission_key=form.get("submission_key", "")[:64],
                        seen=form.get("seen", "")[:64],
                    )
                )
            )
        except WrongState as refusal:
            flash(refusal.message, "error")
            return self.on_to(url_for("ordering.account", key=key))
        except (ChangedMeanwhile, InvalidInput) as refusal:
            account, basket = self.ordered_for(key)
            if not basket.lines:
                return self.nothing_yet(account)
            changed = isinstance(refusal, ChangedMeanwhile)
            if changed:
                flash(refusal.message, "error")
            return self._confirm(account, basket, 409 if changed else 422)
        link = Markup('<a href="{}">{}</a>').format(url_for("orders.order", reference=order), order)
        said = Markup("Submitted {} for {}. It is {}.").format(link, account_name, waits_for)
        return go_back("orders.order", said, reference=order)


def _said(order: HardwareOrder) -> tuple[str, str, str]:
    """What the answer says of the order, read before the unit of work ends."""
    return order.reference, order.account.name, order.facts.waits_for


def _page_number() -> int:
    return whole(request.args.get("page", ""))


def _site(site: Any) -> str:
    return f"{site.name}, {site.address}" if site.address else site.name


def _employee_words(one: EmployeeChoice) -> str:
    return f"{one.name} · {one.number}" if one.number else one.name


def _at_fields(problems: list[Placed]) -> Errors:
    errors: Errors = {}
    for one in problems:
        if one.field:
            errors.setdefault(one.field, []).append(one.sentence)
    return errors


def _as_typed(
    unit: UnitAsked,
    said: Mapping[tuple[int, int], Plan],
    picks: Mapping[str, tuple[str, list[tuple[int, str]]]],
) -> UnitAsked:
    plan = said.get((unit.shown.line.key, unit.number), unit.plan)
    pick, found = picks.get(unit.id, (unit.pick, []))
    return replace(unit, plan=plan, pick=pick, found=found)


def _filled(
    account: Account,
    typed: list[TypedPlan],
    match: re.Match[str],
    text: str,
    picks: dict[str, tuple[str, list[tuple[int, str]]]],
) -> tuple[list[TypedPlan], Placed | None]:
    """Fill in a unit from the directory: by key, or whoever is the only one the text fits."""
    actor, unit = current_actor(), match[1]
    if match[4]:
        one = employee_choice(actor, account, int(match[4]))
        found = [one] if one else []
    elif not tidied(text):
        return typed, Placed("employees", f"{unit}-employee", "Employee", "Type a part of the name first.")
    else:
        # “Name · number”, as the type-ahead writes it, is found by its words too.
        found = employee_choices(actor, account, text.replace("·", " "), limit=FOUND_SHOWN)
    if not found:
        sentence = f"Nobody in the directory of {account.name} is called “{tidied(text)[:60]}”."
        picks[unit] = (text, [])
        return typed, Placed("employees", f"{unit}-employee", "Employee", sentence)
    if len(found) > 1:
        picks[unit] = (text, [(one.id, _employee_words(one)) for one in found])
        return typed, None
    who = found[0]
    key, number = int(match[2]), int(match[3])
    return [
        replace(
            one,
            plan=one.plan.model_copy(
                update={
                    "employee_id": who.id,
                    "name": who.name,
                    "number": who.number or "",
                    "codes": splits_of(who.shares),
                }
            ),
        )
        if (one.key, one.number) == (key, number)
        else one
        for one in typed
    ], None


def _conflicts(basket: ShownBasket, elsewhere: set[tuple[int, int]]) -> list[Placed]:
    problems = []
    for key, number in sorted(elsewhere):
        shown = basket.by_key.get(key)
        gone = shown is None or number > shown.line.quantity
        title = f"{shown.title} #{number}" if shown else "A unit"
        field = None if gone else f"u-{key}-{number}-name"
        problems.append(Placed("employees", field, title, _PLAN_GONE if gone else _MEANWHILE))
    return problems


def _correct_at(account: Account, one: Placed) -> str:
    """The address of the field a problem can be corrected at."""
    if one.step == "employees" and one.unit is not None:
        page = one.unit // PER_PAGE or None
        return url_for("ordering.employees", key=account.id, page=page, _anchor=one.field)
    step = one.step if one.step in dict(STEPS) else "choose"
    address = step_url(account, step)
    return f"{address}#{one.field}" if one.field else address


def _unplanned(planned: int, total: int) -> str:
    said = []
    if planned > UNITS_SAID:
        said.append(f"And {planned - UNITS_SAID:,} more that are planned.")
    rest = total - planned
    if rest:
        said.append(f"{rest:,} {'unit is' if rest == 1 else 'units are'} planned for nobody yet.")
    return " ".join(said)


def _warnings(basket: ShownBasket) -> list[str]:
    """What is worth a second look: handsets and bases that do not fit."""
    numbers = base_numbers(basket)
    return order_warnings(
        [
            LineFacts(
                kind=shown.kind,
                make=shown.card.make,
                model=shown.card.model,
                quantity=shown.line.quantity,
                max_handsets=shown.card.max_handsets,
                chosen_bases=[
                    numbers.get(shown.line.plan(number).base) for number in range(1, shown.line.quantity + 1)
                ]
                if shown.kind is Kind.DECT_HANDSET
                else (),
            )
            for shown in basket.lines
            if shown.kind is not None and shown.card is not None
        ]
    )

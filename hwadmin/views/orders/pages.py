"""One order: its page, correcting its lines while it is pending, and planning its units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderAction, OrderStatus, available_actions
from hwadmin.domain.ordering.cost_allocation import parse_shares, shares_text
from hwadmin.domain.permissions import Permission
from hwadmin.domain.wording import plural
from hwadmin.errors import ChangedMeanwhile, InvalidInput, WrongState
from hwadmin.forms.orders.orders import DecisionForm, PlanForm, whole_number
from hwadmin.models import HardwareOrder
from hwadmin.operations.ordering.copies import copy_to_basket
from hwadmin.operations.orders.decisions import approve_order
from hwadmin.operations.orders.edits.intents import Intent, edit_intents, is_open
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.edits.plans import PlannedUnitsWouldGo
from hwadmin.queries.accounts.accounts import employees_of, locations_of
from hwadmin.queries.ordering.people import codes_of
from hwadmin.queries.orders.history.concurrent_changes import ConcurrentChanges, changes_since
from hwadmin.queries.units.units import UnitRow, units_of
from hwadmin.views.orders.edits.merging import merge_lines, merge_plans
from hwadmin.views.orders.line_inputs import StatedLineList, locate, read_line_inputs, stated_lines
from hwadmin.views.orders.listing.returning import next_order
from hwadmin.views.orders.lookups import get_order_or_404, order_id_or_404, order_link
from hwadmin.views.orders.order_page import find_model, order_page
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView

PLANS_PER_PAGE = 100


class OrderView(GuardedView):
    """The pages of one order."""

    permissions = {
        "show": Permission.ORDERS_READ,
        "edit_lines": Permission.ORDERS_EDIT,
        "plan_form": Permission.ORDERS_EDIT,
        "plan": Permission.ORDERS_EDIT,
        "copy": Permission.ORDERS_COPY,
    }

    def __init__(self) -> None:
        super().__init__(endpoint="order", url="/orders")

    @expose("/<reference>")
    def show(self, reference: str) -> ResponseReturnValue:
        """Everything about one order, and what can be done now."""
        return order_page(self, get_order_or_404(current_actor(), reference))

    @expose("/<reference>/lines", methods=("POST",))
    def edit_lines(self, reference: str) -> ResponseReturnValue:
        """Make the lines what was typed; where that is not possible, show them again with what is wrong."""
        actor = current_actor()
        order_id = order_id_or_404(reference)
        inputs = read_line_inputs(request.form)
        find_model(actor, get_order_or_404(actor, reference), inputs.added)
        form = DecisionForm(request.form)
        # What was seen is approved: the items as they were just saved.
        approves, drops = (request.form.get(name) == "1" for name in ("approve", "drop_planned"))

        def save(lines: StatedLineList) -> HardwareOrder:
            order = edit_lines(actor, order_id, lines, expected_version=form.version.data, drop_planned=drops)
            return approve_order(actor, order_id) if approves else order

        lines = stated_lines(inputs)
        if lines is None:
            return order_page(self, get_order_or_404(actor, reference), inputs, 422)
        try:
            order = transact(lambda: save([line for _, line in lines]))
        except InvalidInput as refusal:
            locate(inputs, [key for key, _ in lines], refusal)
            return order_page(self, get_order_or_404(actor, reference), inputs, 422)
        except ChangedMeanwhile:
            current = get_order_or_404(actor, reference)
            inputs.changes = changes_since(actor, current, form.version.data or current.version)
            merge_lines(current, inputs, request.form)
            return order_page(self, current, inputs, 409)
        except PlannedUnitsWouldGo as question:
            inputs.question = question.message
            return order_page(self, get_order_or_404(actor, reference), inputs, 409)
        approved = order.status is OrderStatus.APPROVED
        message = Markup("The items of {} are saved.").format(order_link(reference))
        flash(message + (" The order is approved." if approved else ""), "success")
        return redirect(url_for("order.show", reference=next_order() or reference))

    @expose("/<reference>/plan")
    def plan_form(self, reference: str) -> ResponseReturnValue:
        """For whom, where and with which base each unit is planned."""
        return self._plan_page(get_order_or_404(current_actor(), reference))

    def _plan_page(
        self,
        order: HardwareOrder,
        form: PlanForm | None = None,
        errors: Mapping[str, str] | None = None,
        changes: ConcurrentChanges | None = None,
    ) -> ResponseReturnValue:
        everything = units_of(order.id)
        units = [
            unit
            for unit in everything
            if is_open(unit) and (unit.kind.has_employee or unit.kind.has_location)
        ]
        remarks: dict[int, str] = {}
        if changes is not None and form is not None:
            remarks = merge_plans(form, units, request.form)
            form.version.data = order.version
        actor = current_actor()
        number = whole_number(request.args.get("page")) or 0
        return self.render(
            "admin/hw/orders/plan.html",
            heading="Plan the units",
            order=order,
            units=units[number * PLANS_PER_PAGE : (number + 1) * PLANS_PER_PAGE],
            page=number,
            pages=-(-len(units) // PLANS_PER_PAGE),
            base_options=[(unit.id, unit.label) for unit in everything if unit.kind is Kind.DECT_BASE],
            employee_options=[(row.id, row.name) for row in employees_of(actor, order.account_id)],
            location_options=[(row.id, row.name) for row in locations_of(actor, order.account_id)],
            form=form,
            errors=errors or {},
            form_problems=_located(errors or {}, units),
            changes=changes or ConcurrentChanges(),
            remarks=remarks,
            books=order.status is OrderStatus.SUBMITTED
            and any(unit.shares for unit in units) | bool(codes_of(actor, order.account)),
            upgrades=order.status is OrderStatus.SUBMITTED and any(unit.line_of_service_id for unit in units),
            shares_text=shares_text,
            editable=OrderAction.PLAN in available_actions(order.facts, actor.permissions),
        ), (409 if changes is not None else 422 if errors else 200)

    @expose("/<reference>/plan", methods=("POST",))
    def plan(self, reference: str) -> ResponseReturnValue:
        """Save the plans of the units shown."""
        actor = current_actor()
        order_id = order_id_or_404(reference)
        form = PlanForm(request.form)
        try:
            intents = _read_intents(form, units_of(get_order_or_404(actor, reference).id))
            transact(lambda: edit_intents(actor, order_id, intents, expected_version=form.version.data))
        except InvalidInput as error:
            return self._plan_page(
                get_order_or_404(actor, reference),
                form,
                {problem.field: problem.message for problem in error.errors},
            )
        except ChangedMeanwhile:
            order = get_order_or_404(actor, reference)
            changes = changes_since(actor, order, form.version.data or order.version)
            return self._plan_page(order, form, changes=changes)
        flash(Markup("The plans of {} are saved.").format(order_link(reference)), "success")
        return redirect(url_for("order.show", reference=reference))

    @expose("/<reference>/copy", methods=("POST",))
    def copy(self, reference: str) -> ResponseReturnValue:
        """Fill a basket with the same once more, to be looked over and confirmed."""
        actor, order_id = current_actor(), order_id_or_404(reference)
        try:
            copied = transact(lambda: copy_to_basket(actor, order_id))
        except WrongState as refusal:
            flash(refusal.message, "error")
            return redirect(url_for("order.show", reference=reference))
        if copied.again:
            message = Markup("{} is in the basket already.").format(order_link(reference))
        else:
            message = Markup("The basket holds what {} asked for, at today’s prices.").format(
                order_link(reference)
            )
        if copied.held_before and not copied.again:
            message += f" Beside it is what you had chosen before: {plural(copied.held_before, 'piece')}."
        flash(message + " Nothing is sent until you confirm it.", "info")
        if copied.left_out:
            flash(f"Left out: {', '.join(copied.left_out)}.", "warning")
        return redirect(url_for("ordering_confirmation.show", key=copied.account_id), 303)


# What the page calls a field of an intent, where it is not the start of its name.
_FIELDS = {"accounting_codes": "codes", "upgrade_reason": "reason"}


def _located(errors: Mapping[str, str], units: Sequence[UnitRow]) -> list[tuple[str | None, str, str]]:
    """Each problem with the id of its field on the page of plans, and the label."""
    labels = {str(unit.id): unit.label for unit in units}
    problems: list[tuple[str | None, str, str]] = []
    for field, sentence in errors.items():
        unit, _, part = field.removeprefix("units.").partition(".")
        place = f"{_FIELDS.get(part, part.partition('_')[0])}-{unit}" if part else None
        problems.append((place, labels.get(unit, ""), sentence))
    return problems


def _read_intents(form: PlanForm, units: Sequence[UnitRow]) -> dict[int, Intent]:
    """The plans of the units whose fields were sent; what a unit has no field for stays as it is."""
    units_by_id = {unit.id: unit for unit in units}
    intents: dict[int, Intent] = {}
    fields = (form.employees, form.locations, form.bases, form.codes, form.reasons)
    for unit_id in set[int]().union(*(field.data for field in fields)):
        unit = units_by_id.get(unit_id)

        def chosen(texts: Mapping[int, str], current: int | None, key: int = unit_id) -> int | None:
            return whole_number(texts[key]) if key in texts else current

        intents[unit_id] = Intent(
            chosen(form.employees.data, unit.employee_id if unit else None),
            chosen(form.locations.data, unit.location_id if unit else None),
            chosen(form.bases.data, unit.base_unit_id if unit else None),
            parse_shares(form.codes.data[unit_id]) if unit_id in form.codes.data else None,
            form.reasons.data.get(unit_id),
        )
    return intents

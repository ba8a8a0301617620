"""Fulfill order: one field per unit that becomes a device, its intent beside it, its check behind it."""

from __future__ import annotations

from collections import Counter

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderAction, OrderStatus
from hwadmin.domain.ordering.variants import with_variant
from hwadmin.domain.permissions import Permission
from hwadmin.domain.row_ids import unit_label
from hwadmin.domain.units import UnitOutcome
from hwadmin.domain.wording import inflect
from hwadmin.forms.orders.orders import FulfillForm, whole_number
from hwadmin.models import HardwareOrder, LineItem
from hwadmin.operations.fulfillment.drafts import keep_unwritten_texts, spares_of
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.fulfillment.intents import apply_intents
from hwadmin.operations.fulfillment.report import FulfillmentReport
from hwadmin.operations.orders.transition import require_possible
from hwadmin.queries.fulfillment.drafts import drafts_of
from hwadmin.queries.fulfillment.form_units import FormUnit
from hwadmin.queries.units.units import fields_of_units, units_of
from hwadmin.views.fulfillment.drafts import colleagues_by_unit, describe_others, describe_takeovers
from hwadmin.views.fulfillment.shown_units import UnitsOfLine, done_units, waiting_units
from hwadmin.views.orders.lookups import get_order_or_404, order_id_or_404, order_link
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView


class FulfillmentView(GuardedView):
    """Entering what arrived."""

    permissions = {
        "fulfill_form": Permission.ORDERS_FULFILL,
        "fulfill": Permission.ORDERS_FULFILL,
        "apply_plan": Permission.ORDERS_FULFILL,
    }

    def __init__(self) -> None:
        super().__init__(endpoint="fulfillment", url="/orders")

    @expose("/<reference>/fulfill")
    def fulfill_form(self, reference: str) -> ResponseReturnValue:
        """A field for each unit that has no device yet."""
        order = get_order_or_404(current_actor(), reference)
        require_possible(order, OrderAction.FULFILL)
        return self._fulfill_page(order, FulfillForm(), None), 200

    @expose("/<reference>/fulfill", methods=("POST",))
    def fulfill(self, reference: str) -> ResponseReturnValue:
        """Check or write what was entered; where something is wrong, show all of it, and write nothing."""
        actor = current_actor()
        order_id = order_id_or_404(reference)
        form = FulfillForm(request.form)
        checking = request.form.get("do") == "check"

        def check_or_write() -> FulfillmentReport:
            entered = form.identifiers.data
            if checking:
                # A list fills some of the fields; the others keep what was entered before.
                awaited = [unit for unit in units_of(order_id) if unit.awaited]
                entered = spares_of(awaited) | drafts_of(order_id, actor.id).own | entered
            only_valid = request.form.get("do") == "valid"
            report = fulfill_order(actor, order_id, entered, only_valid=only_valid, dry_run=checking)
            # A form that is refused changes nothing, not even that.
            if checking or (report.refused and report.written):
                keep_unwritten_texts(actor, report, form.identifiers.data)
            return report

        report = transact(check_or_write)
        if checking or (report.refused and not report.written):
            page = self._fulfill_page(get_order_or_404(actor, reference), form, report)
            return page, 200 if checking else 422
        if not report.written:
            return self._nothing_new(report.order)
        _flash_result(report)
        if report.refused:
            # What was right is written; what was not is shown again, still entered.
            page = self._fulfill_page(get_order_or_404(actor, reference), form, report)
            return page, 200
        return redirect(url_for("order.show", reference=report.order.reference))

    def _nothing_new(self, order: HardwareOrder) -> ResponseReturnValue:
        message = (
            Markup("{} was fulfilled already; nothing changed.")
            if order.status is OrderStatus.FULFILLED
            else Markup("Nothing new was entered for {}; nothing changed.")
        )
        flash(message.format(order_link(order.reference)), "info")
        return redirect(url_for("order.show", reference=order.reference))

    def _fulfill_page(self, order: HardwareOrder, form: FulfillForm, report: FulfillmentReport | None) -> str:
        everything = fields_of_units(order.id, FormUnit)
        lines = {line.id: _units_of_line(line) for line in order.lines}
        awaited = [unit for unit in everything if unit.awaited_as(lines[unit.line_id].kind)]
        done = [unit for unit in everything if unit.device_id is not None]
        units = awaited + done
        rows = {row.unit_id: row for row in report.units} if report else {}
        drafts = drafts_of(order.id, current_actor().id)
        entered = spares_of(awaited) | drafts.own | form.identifiers.data
        of_line = Counter(unit.line_id for unit in units)
        per_line = Counter(unit.line_id for unit in units if unit.device_id or entered.get(unit.id))
        bases = {
            unit.id: unit_label(line.model, unit.number)
            for unit in everything
            if (line := lines[unit.line_id]).kind is Kind.DECT_BASE
        }
        others = colleagues_by_unit(drafts, current_actor().id)
        return self.render(
            "admin/hw/fulfillment/fulfill.html",
            heading="Fulfill order",
            order=order,
            units=units,
            waiting=waiting_units(awaited, lines, bases, entered, rows, others),
            waits_for_mobile=any(lines[unit.line_id].kind is Kind.MOBILE for unit in awaited),
            done=done_units(done, lines, bases),
            report=report,
            right=sum(row.accepted for row in rows.values()),
            entered=per_line.total(),
            progress=[
                (line, per_line[line.id], of_line[line.id]) for line in order.lines if of_line[line.id]
            ],
            others=describe_others(drafts.other_editors),
            takeovers=describe_takeovers(drafts),
            person_id=current_actor().id,
            accessories=[line for line in order.lines if not line.kind.becomes_device],
        )

    @expose("/<reference>/apply-plan", methods=("POST",))
    def apply_plan(self, reference: str) -> ResponseReturnValue:
        """Give a linked device the employee and location its unit was planned for."""
        actor = current_actor()
        order_id = order_id_or_404(reference)
        unit_id = whole_number(request.form.get("unit")) or 0
        transact(lambda: apply_intents(actor, order_id, unit_id))
        flash("The plan is applied to the device.", "success")
        return redirect(url_for("order.show", reference=reference))


def _units_of_line(line: LineItem) -> UnitsOfLine:
    asked_for = line.kind.identifier_kind
    model = with_variant(line.model, line.size, line.color, line.term_months, line.mobile_carrier)
    return UnitsOfLine(line.kind, model, asked_for.noun if asked_for else "")


def _flash_result(report: FulfillmentReport) -> None:
    """What was written, and what a person should know about it."""
    order = report.order
    created = report.count(UnitOutcome.CREATED)
    parts = [
        f"{number} {word}"
        for number, word in (
            (created, f"{inflect(created, 'device')} created"),
            (report.count(UnitOutcome.LINKED), "linked"),
            (report.paired, "paired"),
        )
        if number
    ]
    whole = order.status is OrderStatus.FULFILLED
    done = "is fulfilled" if whole else f"has {order.fulfilled_units} of {order.fulfillable_units} units"
    message = Markup("{} {}{}.").format(
        order_link(order.reference), done, f": {', '.join(parts)}" if parts else ""
    )
    flash(message, "success")
    for row in report.units:
        for sentence in row.not_applied:
            flash(f"{row.label}: {sentence}", "warning")
    for warning in report.warnings:
        flash(warning, "warning")

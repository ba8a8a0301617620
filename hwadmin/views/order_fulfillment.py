"""Fulfill order: one field per unit that becomes a device, its intent beside it, its check behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.forms.orders import FulfillForm, whole_number
from hwadmin.lifecycle import OrderAction, OrderStatus
from hwadmin.models import HardwareOrder
from hwadmin.operations.decisions import require_possible
from hwadmin.operations.drafting import remember_typed, spares_of
from hwadmin.operations.fulfillment import apply_intents, fulfill_order
from hwadmin.operations.fulfillment_check import FulfillmentReport, Outcome
from hwadmin.permissions import Permission
from hwadmin.queries.drafts import drafts_of
from hwadmin.queries.units import units_of
from hwadmin.uow import transact
from hwadmin.views.gate import current_actor
from hwadmin.views.order_drafts import entering, others_said
from hwadmin.views.order_pages import order_link, said_order, shown_order


class OrderFulfillment:
    """Entering what arrived."""

    # Flask-Admin's.
    render: Callable[..., str]

    handlers: ClassVar[Mapping[str, Permission]] = {
        "fulfill_form": Permission.ORDERS_FULFILL,
        "fulfill": Permission.ORDERS_FULFILL,
        "apply_plan": Permission.ORDERS_FULFILL,
    }

    @expose("/<reference>/fulfill")
    def fulfill_form(self, reference: str) -> ResponseReturnValue:
        """A field for each unit that has no device yet."""
        order = shown_order(current_actor(), reference)
        require_possible(order, OrderAction.FULFILL)
        return self._fulfill_page(order, FulfillForm(), None), 200

    @expose("/<reference>/fulfill", methods=("POST",))
    def fulfill(self, reference: str) -> ResponseReturnValue:
        """Check or write what was typed; where something is wrong, show all of it, and write nothing."""
        actor = current_actor()
        order_id = said_order(reference)
        form = FulfillForm(request.form)
        checking = request.form.get("do") == "check"

        def deed() -> FulfillmentReport:
            typed = form.identifiers.data
            if checking:
                # A list fills some of the fields; the others keep what was entered before.
                typed = spares_of(units_of(order_id)) | drafts_of(order_id, actor.id).mine | typed
            only_valid = request.form.get("do") == "valid"
            report = fulfill_order(actor, order_id, typed, only_valid=only_valid, dry_run=checking)
            # A form that is refused changes nothing, not even that.
            if checking or (report.refused and report.written):
                remember_typed(actor, report, form.identifiers.data)
            return report

        report = transact(deed)
        if checking or (report.refused and not report.written):
            page = self._fulfill_page(shown_order(actor, reference), form, report)
            return page, 200 if checking else 422
        if not report.written:
            return self._nothing_new(report.order)
        _tell(report)
        if report.refused:
            # What was right is written; what was not is shown again, still typed.
            page = self._fulfill_page(shown_order(actor, reference), form, report)
            return page, 200
        return redirect(url_for("orders.order", reference=report.order.reference))

    def _nothing_new(self, order: HardwareOrder) -> ResponseReturnValue:
        said = (
            Markup("{} was fulfilled already; nothing changed.")
            if order.status is OrderStatus.FULFILLED
            else Markup("Nothing new was entered for {}; nothing changed.")
        )
        flash(said.format(order_link(order.reference)), "info")
        return redirect(url_for("orders.order", reference=order.reference))

    def _fulfill_page(self, order: HardwareOrder, form: FulfillForm, report: FulfillmentReport | None) -> str:
        everything = units_of(order.id)
        units = [unit for unit in everything if unit.awaited or unit.device_id is not None]
        rows = {row.unit_id: row for row in report.units} if report else {}
        drafts = drafts_of(order.id, current_actor().id)
        typed = spares_of(everything) | drafts.mine | form.identifiers.data
        others = entering(drafts.theirs)
        of_line = Counter(unit.line_id for unit in units)
        per_line = Counter(unit.line_id for unit in units if unit.device_id or typed.get(unit.id))
        return self.render(
            "admin/hw/orders/fulfill.html",
            heading="Fulfill order",
            order=order,
            units=units,
            # Each with what was typed and what became of it: for a thousand units, looking it up here is
            # much cheaper than in the template.
            waiting=[
                (unit, typed.get(unit.id, ""), rows.get(unit.id), others.get(unit.id))
                for unit in units
                if unit.awaited
            ],
            done=[unit for unit in units if unit.device_id is not None],
            bases={unit.id: unit.label for unit in everything},
            asked={
                line.id: line.kind.identifier_kind.noun for line in order.lines if line.kind.identifier_kind
            },
            report=report,
            right=sum(row.wanted for row in rows.values()),
            entered=per_line.total(),
            progress=[
                (line, per_line[line.id], of_line[line.id]) for line in order.lines if of_line[line.id]
            ],
            others=others_said(drafts.others),
            person_id=current_actor().id,
            accessories=[line for line in order.lines if not line.kind.becomes_device],
        )

    @expose("/<reference>/apply-plan", methods=("POST",))
    def apply_plan(self, reference: str) -> ResponseReturnValue:
        """Give a linked device the employee and location its unit was planned for."""
        actor = current_actor()
        order_id = said_order(reference)
        unit_id = whole_number(request.form.get("unit")) or 0
        transact(lambda: apply_intents(actor, order_id, unit_id))
        flash("The plan is applied to the device.", "success")
        return redirect(url_for("orders.order", reference=reference))


def _tell(report: FulfillmentReport) -> None:
    """What was written, and what a person should know about it."""
    order = report.order
    parts = [
        f"{number} {word}"
        for number, word in (
            (report.count(Outcome.CREATED), "created"),
            (report.count(Outcome.LINKED), "linked"),
            (report.paired, "paired"),
        )
        if number
    ]
    whole = order.status is OrderStatus.FULFILLED
    done = "is fulfilled" if whole else f"has {order.fulfilled_units} of {order.fulfillable_units} units"
    said = Markup("{} {}{}.").format(
        order_link(order.reference), done, f": {', '.join(parts)}" if parts else ""
    )
    flash(said, "success")
    for row in report.units:
        for sentence in row.not_applied:
            flash(f"{row.label}: {sentence}", "warning")
    for warning in report.warnings:
        flash(warning, "warning")

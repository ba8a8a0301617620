"""After the fact: closing an order short, taking a device off a unit, and identifiers somebody else has."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup
from wtforms import Form

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.lifecycle import OrderAction, OrderStatus
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.forms.orders.orders import CloseShortForm, IdentifierConflictForm, UnlinkForm, whole_number
from hwadmin.identifiers import IdentifierError, parse
from hwadmin.models import HardwareOrder
from hwadmin.operations.fulfillment.corrections.device_links import unlink_device
from hwadmin.operations.fulfillment.corrections.identifier_conflicts import take_device
from hwadmin.operations.fulfillment.corrections.short_closures import close_short
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.fulfillment.report import FulfillmentReport
from hwadmin.operations.orders.transition import require_possible
from hwadmin.queries.devices.spares import reservations
from hwadmin.queries.fulfillment.identifier_conflicts import Holding, holding
from hwadmin.queries.units.units import UnitRow, units_of
from hwadmin.views.orders.lookups import get_order_or_404, order_id_or_404, order_link
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView


class FulfillmentCorrectionsView(GuardedView):
    """What is put right once an order is approved."""

    permissions = {
        "close_short_form": Permission.ORDERS_CLOSE_SHORT,
        "close_short": Permission.ORDERS_CLOSE_SHORT,
        "unlink_form": Permission.ORDERS_UNLINK,
        "unlink": Permission.ORDERS_UNLINK,
        # It names who has an identifier, on whatever platform.
        "conflict": Permission.HOLDERS_READ,
        "resolve_conflict": Permission.ORDERS_UNLINK,
    }

    def __init__(self) -> None:
        super().__init__(endpoint="fulfillment_corrections", url="/orders")

    # ---- Closing short

    @expose("/<reference>/close-short")
    def close_short_form(self, reference: str) -> ResponseReturnValue:
        """Ask which units will not come, and why."""
        return self._close_short_page(reference, CloseShortForm())

    def _close_short_page(
        self, reference: str, form: CloseShortForm, status: int = 200
    ) -> ResponseReturnValue:
        order = get_order_or_404(current_actor(), reference)
        require_possible(order, OrderAction.CLOSE_SHORT)
        units = [unit for unit in units_of(order.id) if unit.device_id is None]
        return self.render(
            "admin/hw/fulfillment/close_short.html",
            heading=f"Close {order.reference} short",
            order=order,
            form=form,
            chosen=form.units.data,
            waiting=[unit for unit in units if unit.closed_at is None],
            closed=[unit for unit in units if unit.closed_at is not None],
        ), status

    @expose("/<reference>/close-short", methods=("POST",))
    def close_short(self, reference: str) -> ResponseReturnValue:
        """Close the chosen units; the order is whole with the others."""
        actor, form = current_actor(), CloseShortForm(request.form)
        order_id = order_id_or_404(reference)
        try:
            order = transact(
                lambda: close_short(actor, order_id, form.units.data.keys(), reason=form.reason.data)
            )
        except InvalidInput as refusal:
            _add_errors(form, refusal)
            return self._close_short_page(reference, form, 422)
        whole = order.status is OrderStatus.FULFILLED
        message = (
            Markup("{} is closed short, and fulfilled with the {} {} that came.")
            if whole
            else Markup("{} is closed short; it has {} {} now.")
        )
        count = order.fulfillable_units
        flash(
            message.format(order_link(order.reference), count, "unit" if count == 1 else "units"), "success"
        )
        return redirect(url_for("order.show", reference=order.reference))

    # ---- Taking a device off a unit

    @expose("/<reference>/unlink")
    def unlink_form(self, reference: str) -> ResponseReturnValue:
        """Ask why a device is taken off its unit."""
        return self._unlink_page(reference, UnlinkForm())

    def _unlink_page(self, reference: str, form: UnlinkForm, status: int = 200) -> ResponseReturnValue:
        order, unit = _order_and_unit(reference)
        if unit.device_id is None:
            raise WrongState(f"{unit.label} of {order.reference} has no device.")
        kept = reservations([unit.device_id]).get(unit.device_id)
        return self.render(
            "admin/hw/fulfillment/unlink.html",
            heading=f"Take the device off {unit.label}",
            order=order,
            unit=unit,
            form=form,
            final=order.status is OrderStatus.FULFILLED,
            why_not=kept and kept.why_not("taken off its unit"),
            # One that was made for the unit and is still its account's goes out of service.
            retires=unit.outcome == "created" and unit.device_account_id == order.account_id,
        ), status

    @expose("/<reference>/unlink", methods=("POST",))
    def unlink(self, reference: str) -> ResponseReturnValue:
        """Take a device off its unit."""
        actor, form = current_actor(), UnlinkForm(request.form)
        order, unit = _order_and_unit(reference)
        order_id, unit_id, device_id = order.id, unit.id, form.device.data or 0
        try:
            transact(
                lambda: unlink_device(actor, order_id, unit_id, device_id=device_id, reason=form.reason.data)
            )
        except InvalidInput as refusal:
            _add_errors(form, refusal)
            return self._unlink_page(reference, form, 422)
        flash(Markup("{} of {} has no device any more.").format(unit.label, order_link(reference)), "success")
        return redirect(url_for("order.show", reference=reference))

    # ---- An identifier somebody else has

    @expose("/<reference>/identifier-conflict")
    def conflict(self, reference: str) -> ResponseReturnValue:
        """Who has an identifier that was entered for a unit, and what can be done about it."""
        return self._conflict_page(
            reference, IdentifierConflictForm(identifier=request.args.get("identifier", "")[:250])
        )

    def _conflict_page(
        self, reference: str, form: IdentifierConflictForm, status: int = 200
    ) -> ResponseReturnValue:
        order, unit = _order_and_unit(reference)
        require_possible(order, OrderAction.FULFILL)
        holder, problem = _find_holder(unit, form.identifier.data or "")
        return self.render(
            "admin/hw/fulfillment/identifier_conflict.html",
            heading=f"{unit.label} of {order.reference}",
            order=order,
            unit=unit,
            form=form,
            found=holder,
            problem=problem,
            elsewhere=holder is not None and holder.device.account_id != order.account_id,
            fits=holder is not None and holder.device.kind is unit.kind,
            closes=holder is not None
            and holder.unit is not None
            and holder.unit.order_status is OrderStatus.FULFILLED,
        ), status

    @expose("/<reference>/identifier-conflict", methods=("POST",))
    def resolve_conflict(self, reference: str) -> ResponseReturnValue:
        """Enter another identifier for the unit, or take the device from where it is."""
        actor, form = current_actor(), IdentifierConflictForm(request.form)
        order, unit = _order_and_unit(reference)
        order_id, unit_id = order.id, unit.id
        right, entered, reason = form.right.data or "", form.identifier.data or "", form.reason.data

        def resolve() -> FulfillmentReport:
            if request.form.get("do") == "take":
                return take_device(actor, order_id, unit_id, identifier=entered, reason=reason)
            if not right.strip():
                raise InvalidInput.at("right", "Enter the identifier the unit really has.")
            return fulfill_order(actor, order_id, {unit_id: right})

        try:
            report = transact(resolve)
        except InvalidInput as refusal:
            _add_errors(form, refusal)
            return self._conflict_page(reference, form, 422)
        if report.refused:
            form.right.errors = [report.refused[0].message]
            return self._conflict_page(reference, form, 422)
        row = next(row for row in report.units if row.unit_id == unit_id)
        flash(
            Markup("{} of {} has its device: {}.").format(
                unit.label, order_link(reference), row.identifier.display if row.identifier else ""
            ),
            "success",
        )
        for sentence in (*row.not_applied, *report.warnings):
            flash(sentence, "warning")
        whole = report.order.status is OrderStatus.FULFILLED
        return redirect(url_for("order.show" if whole else "fulfillment.fulfill_form", reference=reference))


def _order_and_unit(reference: str) -> tuple[HardwareOrder, UnitRow]:
    """The order and the unit an address names; 404 where there is no such unit in it."""
    order = get_order_or_404(current_actor(), reference)
    unit_id = whole_number(request.args.get("unit"))
    unit = next((unit for unit in units_of(order.id) if unit.id == unit_id), None)
    if unit is None or not unit.kind.becomes_device:
        abort(404)
    return order, unit


def _find_holder(unit: UnitRow, text: str) -> tuple[Holding | None, str | None]:
    """The device that has what was entered for a unit; or why it cannot be an identifier of it."""
    kind = unit.kind.identifier_kind
    assert kind is not None
    if not text.strip():
        return None, None
    try:
        identifier = parse(kind, text)
    except IdentifierError as error:
        return None, str(error)
    return holding(current_actor(), identifier.key), None


def _add_errors(form: Form, refusal: InvalidInput) -> None:
    for problem in refusal.errors:
        field: Any = form[problem.field]
        field.errors = [problem.message]

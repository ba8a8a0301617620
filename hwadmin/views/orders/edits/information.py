"""Correcting the ordering information of an order."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.errors import ChangedMeanwhile, InvalidInput, WrongState
from hwadmin.forms.fields import options
from hwadmin.forms.orders.information import OrderingInformationForm, lines_of, one_a_line
from hwadmin.models import HardwareOrder
from hwadmin.operations.orders.edits.editable import editable_information
from hwadmin.operations.orders.edits.ordering_information import change_ordering_information
from hwadmin.queries.accounts.accounts import locations_of
from hwadmin.queries.orders.history.concurrent_changes import ConcurrentChanges, changes_since
from hwadmin.views.orders.edits.merging import merge_fields, seen_values
from hwadmin.views.orders.lookups import get_order_or_404, order_link
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView

_LISTS = ("notify", "accounting_codes")


class OrderInformationView(GuardedView):
    """Where an order goes, who is told, and why it was ordered."""

    permissions = {
        "information_form": Permission.ORDERS_EDIT,
        "change_information": Permission.ORDERS_EDIT,
    }

    def __init__(self) -> None:
        super().__init__(endpoint="order_information", url="/orders")

    @expose("/<reference>/information")
    def information_form(self, reference: str) -> ResponseReturnValue:
        """What is stated now, as far as it can still be corrected."""
        order = get_order_or_404(current_actor(), reference)
        return self._page(order, _present_form(order, _fields(order)))

    def _page(
        self, order: HardwareOrder, form: OrderingInformationForm, status: int = 200
    ) -> ResponseReturnValue:
        changes = ConcurrentChanges()
        seen = form.version.data
        names = [field.name for field in form if field.name != "version"]
        present = _present_form(order, names)
        if seen is not None and seen != order.version:
            changes = changes_since(current_actor(), order, seen, names)
            merge_fields(form, present, request.form)
        form.version.data = order.version
        return self.render(
            "admin/hw/orders/information.html",
            heading=f"Ordering information of {order.reference}",
            order=order,
            form=form,
            names=names,
            changes=changes,
            seen=seen_values(present),
        ), status

    @expose("/<reference>/information", methods=("POST",))
    def change_information(self, reference: str) -> ResponseReturnValue:
        """Correct it; where somebody else was faster, show theirs beside what was typed."""
        actor = current_actor()
        order = get_order_or_404(actor, reference)
        fields = _fields(order)
        form = _form(order, fields, request.form)
        if not form.validate():
            return self._page(order, form, 422)
        changes = {name: _value(name, form[name].data) for name in fields}
        order_id, version = order.id, form.version.data
        try:
            transact(lambda: change_ordering_information(actor, order_id, changes, expected_version=version))
        except ChangedMeanwhile:
            return self._page(get_order_or_404(actor, reference), form, 409)
        except InvalidInput as refusal:
            for problem in refusal.errors:
                field = form[problem.field.split(".")[0]]
                field.errors = [*field.errors, problem.message]
            return self._page(get_order_or_404(actor, reference), form, 422)
        flash(Markup("The ordering information of {} is saved.").format(order_link(reference)), "success")
        return redirect(url_for("order.show", reference=reference))


def _fields(order: HardwareOrder) -> list[str]:
    """What can be corrected here now.

    Raises:
        WrongState: nothing of it.
    """
    fields = list(editable_information(current_actor(), order))
    if any(not isinstance(code, str) for code in order.accounting_codes or ()):
        # A program stated named codes, which a text field would lose.
        fields = [name for name in fields if name != "accounting_codes"]
    if not fields:
        raise WrongState(
            f"The ordering information of {order.reference} cannot be changed any more: "
            f"it is {order.status.label}, set by {order.status_by_name}."
        )
    return fields


def _form(order: HardwareOrder, fields: list[str], sent: Any = None) -> OrderingInformationForm:
    form = OrderingInformationForm(sent)
    for name in [field.name for field in form if field.name not in (*fields, "version")]:
        del form[name]
    if "ship_to_location_id" in fields:
        rows = locations_of(current_actor(), order.account_id)
        places = [(row.id, row.name) for row in rows]
        if order.ship_to is not None and order.ship_to_location_id not in dict(places):
            places.append((order.ship_to.id, f"{order.ship_to.name} (archived)"))
        form.ship_to_location_id.choices = options([("", "No location"), *places])
    return form


def _present_form(order: HardwareOrder, fields: list[str]) -> OrderingInformationForm:
    """The form with what is stated now."""
    form = _form(order, fields)
    for name in fields:
        value = getattr(order, name)
        form[name].data = one_a_line(value) if name in _LISTS else value
    return form


def _value(name: str, value: Any) -> Any:
    return lines_of(value) if name in _LISTS else value

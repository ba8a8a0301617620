"""Sending an order to a distributor, and correcting what was recorded of its placement."""

from __future__ import annotations

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.config import Settings
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.lifecycle import OrderAction
from hwadmin.domain.permissions import Permission
from hwadmin.errors import ChangedMeanwhile, InvalidInput, WrongState
from hwadmin.forms.orders.orders import DecisionForm, PlacementForm
from hwadmin.operations.orders.placements import PlacementFacts, correct_placement
from hwadmin.operations.orders.sending import compose, send_order
from hwadmin.operations.orders.transition import require_possible
from hwadmin.queries.catalog.distributors import distributor_names, distributors
from hwadmin.queries.orders.history.concurrent_changes import ConcurrentChanges, changes_since
from hwadmin.queries.orders.waiting.claims import placed_by_others
from hwadmin.rendering.purchase_order import file_name
from hwadmin.views.orders.edits.merging import merge_fields, seen_values
from hwadmin.views.orders.lookups import get_order_or_404, order_id_or_404, order_link
from hwadmin.views.people.identity_confirmation import amount_without_proof
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView
from hwadmin.web.form_errors import put_errors

_COLUMNS = ("distributor", "distributor_reference", "ordered_on")


class PlacementsView(GuardedView):
    """What was recorded of the order at the distributor."""

    permissions = {
        "placement_form": Permission.ORDERS_DECIDE,
        "correct": Permission.ORDERS_DECIDE,
        "send_form": Permission.ORDERS_DECIDE,
        "send": Permission.ORDERS_DECIDE,
    }

    def __init__(self) -> None:
        super().__init__(endpoint="placements", url="/orders")

    @expose("/<reference>/placement")
    def placement_form(self, reference: str) -> ResponseReturnValue:
        """What is recorded, to be corrected."""
        return self._page(reference)

    def _page(
        self, reference: str, form: PlacementForm | None = None, status: int = 200
    ) -> ResponseReturnValue:
        actor = current_actor()
        order = get_order_or_404(actor, reference)
        require_possible(order, OrderAction.CORRECT_PLACEMENT)
        changes, present = ConcurrentChanges(), PlacementForm(obj=order)
        if form is None:
            form = present
        elif form.version.data is not None and form.version.data != order.version:
            changes = changes_since(actor, order, form.version.data, _COLUMNS)
            merge_fields(form, present, request.form)
        form.version.data = order.version
        return self.render(
            "admin/hw/orders/placement.html",
            heading=f"Correct the placement of {order.reference}",
            order=order,
            form=form,
            changes=changes,
            seen=seen_values(present),
            distributors=distributor_names(),
        ), status

    @expose("/<reference>/placement", methods=("POST",))
    def correct(self, reference: str) -> ResponseReturnValue:
        """Correct it; where somebody else was faster, show theirs beside what was typed."""
        actor, order_id, form = current_actor(), order_id_or_404(reference), PlacementForm(request.form)
        if not form.validate():
            return self._page(reference, form, 422)
        facts: PlacementFacts = {
            "distributor": form.distributor.data,
            "distributor_reference": form.distributor_reference.data,
            "ordered_on": form.ordered_on.data,
        }
        try:
            transact(lambda: correct_placement(actor, order_id, facts, expected_version=form.version.data))
        except ChangedMeanwhile:
            return self._page(reference, form, 409)
        except InvalidInput as refusal:
            put_errors(form, refusal)
            return self._page(reference, form, 422)
        flash(Markup("The placement of {} is corrected.").format(order_link(reference)), "success")
        return redirect(url_for("order.show", reference=reference))

    @expose("/<reference>/send")
    def send_form(self, reference: str) -> ResponseReturnValue:
        """The mail as it would be sent, its receiver and what is attached."""
        return self._send_page(reference, request.args.get("distributor"))

    def _send_page(
        self, reference: str, name: str | None, problem: str | None = None, status: int = 200
    ) -> ResponseReturnValue:
        actor = current_actor()
        order = get_order_or_404(actor, reference)
        require_possible(order, OrderAction.SEND)
        offered = [row for row in distributors() if row.email is not None]
        receiver = next((row for row in offered if row.name == name), offered[0] if offered else None)
        mail, bought = compose(actor, order, receiver, _buyer()) if receiver else (None, None)
        return self.render(
            "admin/hw/orders/send.html",
            heading=f"Send {order.reference} to a distributor",
            order=order,
            offered=offered,
            receiver=receiver,
            mail=mail,
            files=[file_name(bought, extension) for extension in ("pdf", "csv")] if bought else [],
            problem=problem,
            spares=[line for line in order.lines if line.from_spare],
            claims=placed_by_others(actor, [order.id]),
            buyer=_buyer(),
        ), status

    @expose("/<reference>/send", methods=("POST",))
    def send(self, reference: str) -> ResponseReturnValue:
        """Send it; once, however often this is confirmed."""
        actor, order_id = current_actor(), order_id_or_404(reference)
        name, version = request.form.get("distributor"), DecisionForm(request.form).version.data
        most = amount_without_proof()
        try:
            order = transact(
                lambda: send_order(
                    actor,
                    order_id,
                    distributor=name,
                    buyer=_buyer(),
                    most=most,
                    expected_version=version,
                )
            )
        except InvalidInput as refusal:
            return self._send_page(reference, name, refusal.message, 422)
        except (WrongState, ChangedMeanwhile):
            order = get_order_or_404(actor, reference)
            if order.sent_to is None:
                raise
            flash(
                f"{order.reference} was sent to {order.sent_to} by {order.placed_by_name} already. "
                "Nothing was sent again.",
                "warning",
            )
            return redirect(url_for("order.show", reference=reference))
        flash(
            Markup("{} is on its way to {}. Enter their number when they confirm it.").format(
                order_link(order.reference), order.sent_to
            ),
            "success",
        )
        return redirect(url_for("order.show", reference=order.reference))


def _buyer() -> str:
    settings: Settings = current_app.config["HWADMIN"]
    return settings.buyer

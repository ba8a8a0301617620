"""One decision on several orders chosen in the list: each by itself, with what became of each."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, current_app, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.config import Settings
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.lifecycle import TRANSITIONS, OrderAction
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput, ProofNeeded
from hwadmin.forms.fields import options
from hwadmin.forms.orders.orders import DecisionForm, PlacementForm, ReasonForm, SendForm
from hwadmin.operations.orders.bulk_decisions import (
    DecisionDetails,
    DecisionResult,
    decide_many,
)
from hwadmin.queries.catalog.distributors import distributors
from hwadmin.queries.orders.order_list import chosen_cost_above, chosen_rows
from hwadmin.queries.orders.waiting.claims import placed_by_others
from hwadmin.views.orders.listing.chosen import chosen_orders
from hwadmin.views.orders.listing.messages import done_message
from hwadmin.views.orders.listing.returning import list_address
from hwadmin.views.people.identity_confirmation import amount_without_proof
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView

# More refusals than these are shown on a page of their own; a message is kept in a cookie, which is small.
_MAX_REFUSALS_IN_MESSAGES = 4
_FORMS: dict[OrderAction, type[DecisionForm]] = {
    OrderAction.REJECT: ReasonForm,
    OrderAction.MARK_ORDERED: PlacementForm,
    OrderAction.SEND: SendForm,
}
_PAST = {
    OrderAction.APPROVE: "approved",
    OrderAction.REJECT: "rejected",
    OrderAction.MARK_ORDERED: "marked as ordered",
    OrderAction.REOPEN: "reopened",
    OrderAction.SEND: "sent",
}


class SeveralOrdersView(GuardedView):
    """Decisions on the orders that were chosen in the list."""

    permissions = {
        "ask": Permission.ORDERS_DECIDE,
        "approve": Permission.ORDERS_DECIDE,
        "mark_ordered": Permission.ORDERS_DECIDE,
        "send": Permission.ORDERS_DECIDE,
        "reject": Permission.ORDERS_DECIDE,
        "reopen": Permission.ORDERS_DECIDE,
    }

    def __init__(self) -> None:
        super().__init__(endpoint="several_orders", url="/orders")

    @expose("/several", methods=("POST",))
    def ask(self) -> ResponseReturnValue:
        """Ask for what a decision on the chosen orders needs; nothing is decided by it."""
        action = request.form.get("do", "")
        if action not in {one.value for one in _FORMS}:
            abort(404)
        return self._ask(OrderAction(action))

    @expose("/approve-several", methods=("POST",))
    def approve(self) -> ResponseReturnValue:
        """Approve the chosen orders."""
        return self._decide(OrderAction.APPROVE, DecisionForm())

    @expose("/mark-ordered-several", methods=("POST",))
    def mark_ordered(self) -> ResponseReturnValue:
        """Record that the chosen orders have been placed."""
        return self._decide(OrderAction.MARK_ORDERED, PlacementForm(request.form))

    @expose("/send-several", methods=("POST",))
    def send(self) -> ResponseReturnValue:
        """Send the purchase order of each chosen order to one distributor, a mail each."""
        most = amount_without_proof()
        if most is not None and chosen_cost_above(
            current_actor(), [order.order_id for order in chosen_orders()], most
        ):
            # Before the first is sent, so that all of them wait for the proof.
            raise ProofNeeded("Confirm again who you are.")
        return self._decide(OrderAction.SEND, SendForm(request.form))

    @expose("/reject-several", methods=("POST",))
    def reject(self) -> ResponseReturnValue:
        """Reject the chosen orders, with one reason for all."""
        return self._decide(OrderAction.REJECT, ReasonForm(request.form))

    @expose("/reopen-several", methods=("POST",))
    def reopen(self) -> ResponseReturnValue:
        """Take an approval back at once: the Undo of the message that told of it."""
        return self._decide(OrderAction.REOPEN, ReasonForm(request.form))

    def _ask(
        self, action: OrderAction, form: DecisionForm | None = None, status: int = 200
    ) -> ResponseReturnValue:
        chosen = chosen_orders()
        if not chosen:
            return _nothing_chosen()
        keys = [order.order_id for order in chosen]
        return self.render(
            "admin/hw/orders/several/ask.html",
            heading=f"{TRANSITIONS[action].label}: {len(chosen)} {'order' if len(chosen) == 1 else 'orders'}",
            action=action,
            rows=chosen_rows(current_actor(), keys),
            claims=placed_by_others(current_actor(), keys),
            versions={order.order_id: order.version for order in chosen},
            form=_with_choices(form or _FORMS[action]()),
            back=request.form.get("back", ""),
            list_url=list_address(),
        ), status

    def _decide(self, action: OrderAction, form: DecisionForm) -> ResponseReturnValue:
        chosen = chosen_orders()
        if not chosen:
            return _nothing_chosen()
        if not form.validate():
            return self._ask(action, form, 422)
        try:
            results = decide_many(current_actor(), action, chosen, details=_details(form), run_each=transact)
        except InvalidInput as error:
            for problem in error.errors:
                if problem.field not in form:
                    raise
                form[problem.field].errors = [problem.message]
            return self._ask(action, form, 422)
        return self._tell(action, results)

    def _tell(self, action: OrderAction, results: Sequence[DecisionResult]) -> ResponseReturnValue:
        """Say what became of each: in messages above the list, or on a page where there is much to say."""
        done = [result.order for result in results if result.order is not None]
        refused = [result for result in results if result.refusal is not None]
        if len(refused) > _MAX_REFUSALS_IN_MESSAGES:
            return self.render(
                "admin/hw/orders/several/results.html",
                heading=f"{len(done)} of {len(results)} orders {_PAST[action]}",
                results=results,
                past=_PAST[action],
                list_url=list_address(),
            )
        for result in refused:
            message = result.refusal.message if result.refusal else ""
            flash(f"{result.reference} was not {_PAST[action]}. {message}", "error")
        if done:
            flash(done_message(action, done, request.form.get("back", "")), "success")
        return redirect(list_address(), 303)


def _nothing_chosen() -> ResponseReturnValue:
    flash("Choose the orders in the list first.", "warning")
    return redirect(list_address(), 303)


def _with_choices(form: DecisionForm) -> DecisionForm:
    """The form with the distributors that take orders by mail, where it asks for one."""
    if isinstance(form, SendForm):
        form.distributor.choices = options((row.name, row.name) for row in distributors() if row.email)
    return form


def _details(form: DecisionForm) -> DecisionDetails:
    names = ("reason", "distributor", "distributor_reference", "ordered_on")
    settings: Settings = current_app.config["HWADMIN"]
    most = amount_without_proof() if isinstance(form, SendForm) else None
    return DecisionDetails(
        buyer=settings.buyer, most=most, **{name: form[name].data for name in names if name in form}
    )

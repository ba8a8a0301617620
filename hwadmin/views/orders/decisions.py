"""Deciding on one order: approve, mark as ordered, reject, cancel, reopen. GET shows, POST does."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.lifecycle import TRANSITIONS, OrderAction
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput
from hwadmin.forms.orders.orders import DecisionForm, PlacementForm, ReasonForm
from hwadmin.models import HardwareOrder
from hwadmin.models import reference as reference_of
from hwadmin.operations.orders.approvals.answers import override_manager
from hwadmin.operations.orders.approvals.requests import resend_request
from hwadmin.operations.orders.decisions import (
    approve_order,
    cancel_order,
    mark_ordered,
    reject_order,
    reopen_order,
)
from hwadmin.operations.orders.transition import require_possible
from hwadmin.queries.catalog.distributors import distributor_names
from hwadmin.queries.orders.waiting.claims import placed_by_others
from hwadmin.views.orders.listing.approval import approve_in_list
from hwadmin.views.orders.listing.returning import next_order
from hwadmin.views.orders.lookups import get_order_or_404, order_id_or_404, order_link
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView
from hwadmin.web.layout import go_back

_HEADINGS = {
    OrderAction.REJECT: "Reject {}",
    OrderAction.CANCEL: "Cancel {}",
    OrderAction.REOPEN: "Reopen {}",
    OrderAction.MARK_ORDERED: "Mark {} as ordered manually",
    OrderAction.OVERRIDE: "Override the manager of {}",
}
# What each action does, shown before it is done.
_CONSEQUENCES = {
    OrderAction.REJECT: "This ends the order for good. The platform sees the reason. "
    "If it should be ordered after all, copy it to a new order.",
    OrderAction.CANCEL: "This ends the order for good. You can copy it to a new order later.",
    OrderAction.REOPEN: "The order is pending approval again, its items can be corrected, and what was "
    "recorded of its placement with the distributor is forgotten here (the history keeps it).",
    OrderAction.MARK_ORDERED: "You have already placed this order with the distributor yourself. "
    "The order is marked approved. Nothing is ordered automatically.",
    OrderAction.OVERRIDE: "The order no longer waits for its manager; their link ends. It can be approved "
    "like any other then. Whoever asked for it is told, with the reason.",
}


class OrderDecisionsView(GuardedView):
    """The decisions on one order."""

    permissions = {
        "approve": Permission.ORDERS_DECIDE,
        "mark_ordered_form": Permission.ORDERS_DECIDE,
        "mark_ordered": Permission.ORDERS_DECIDE,
        "reject_form": Permission.ORDERS_DECIDE,
        "reject": Permission.ORDERS_DECIDE,
        "reopen_form": Permission.ORDERS_DECIDE,
        "reopen": Permission.ORDERS_DECIDE,
        "override_form": Permission.ORDERS_DECIDE,
        "override": Permission.ORDERS_DECIDE,
        "ask_manager": Permission.ORDERS_ASK,
        "cancel_form": Permission.ORDERS_CANCEL,
        "cancel": Permission.ORDERS_CANCEL,
    }

    def __init__(self) -> None:
        super().__init__(endpoint="order_decisions", url="/orders")

    @expose("/<reference>/approve", methods=("POST",))
    def approve(self, reference: str) -> ResponseReturnValue:
        """Approve the order as it was seen; from the list, one stays there."""
        form = DecisionForm(request.form)
        if "back" in request.form:
            return approve_in_list(order_id_or_404(reference), form.version.data)
        return self._done(
            reference,
            Markup("{} is approved. Nothing is ordered automatically."),
            lambda key: approve_order(current_actor(), key, expected_version=form.version.data),
        )

    @expose("/<reference>/mark-ordered")
    def mark_ordered_form(self, reference: str) -> ResponseReturnValue:
        """Ask with whom, under which number and when it was placed."""
        return self._ask(reference, OrderAction.MARK_ORDERED)

    @expose("/<reference>/mark-ordered", methods=("POST",))
    def mark_ordered(self, reference: str) -> ResponseReturnValue:
        """Record that the order has been placed; a pending one is approved by it."""
        form = PlacementForm(request.form)
        return self._decide(
            reference,
            OrderAction.MARK_ORDERED,
            form,
            Markup("{} is marked as ordered."),
            lambda key: mark_ordered(
                current_actor(),
                key,
                distributor=form.distributor.data,
                distributor_reference=form.distributor_reference.data,
                ordered_on=form.ordered_on.data,
                expected_version=form.version.data,
            ),
        )

    @expose("/<reference>/reject")
    def reject_form(self, reference: str) -> ResponseReturnValue:
        """Ask for the reason of a rejection."""
        return self._ask(reference, OrderAction.REJECT)

    @expose("/<reference>/reject", methods=("POST",))
    def reject(self, reference: str) -> ResponseReturnValue:
        """Reject the order with a reason."""
        form = ReasonForm(request.form)
        return self._decide(
            reference,
            OrderAction.REJECT,
            form,
            Markup("{} is rejected. The platform sees the reason."),
            lambda key: reject_order(
                current_actor(), key, reason=form.reason.data, expected_version=form.version.data
            ),
        )

    @expose("/<reference>/reopen")
    def reopen_form(self, reference: str) -> ResponseReturnValue:
        """Ask for the reason of reopening."""
        return self._ask(reference, OrderAction.REOPEN)

    @expose("/<reference>/reopen", methods=("POST",))
    def reopen(self, reference: str) -> ResponseReturnValue:
        """Put the order back to pending approval."""
        form = ReasonForm(request.form)
        return self._decide(
            reference,
            OrderAction.REOPEN,
            form,
            Markup("{} is pending approval again."),
            lambda key: reopen_order(
                current_actor(), key, reason=form.reason.data, expected_version=form.version.data
            ),
        )

    @expose("/<reference>/cancel")
    def cancel_form(self, reference: str) -> ResponseReturnValue:
        """Ask for the reason of a cancellation, which may be left out."""
        return self._ask(reference, OrderAction.CANCEL)

    @expose("/<reference>/cancel", methods=("POST",))
    def cancel(self, reference: str) -> ResponseReturnValue:
        """Cancel the platform's own order."""
        form = ReasonForm(request.form)
        return self._decide(
            reference,
            OrderAction.CANCEL,
            form,
            Markup("{} is cancelled."),
            lambda key: cancel_order(
                current_actor(), key, reason=form.reason.data, expected_version=form.version.data
            ),
        )

    @expose("/<reference>/override")
    def override_form(self, reference: str) -> ResponseReturnValue:
        """Ask why the manager is not waited for."""
        return self._ask(reference, OrderAction.OVERRIDE)

    @expose("/<reference>/override", methods=("POST",))
    def override(self, reference: str) -> ResponseReturnValue:
        """Let the order go on without its manager's answer."""
        form = ReasonForm(request.form)
        return self._decide(
            reference,
            OrderAction.OVERRIDE,
            form,
            Markup("{} no longer waits for its manager."),
            lambda key: override_manager(
                current_actor(), key, reason=form.reason.data, expected_version=form.version.data
            ),
        )

    @expose("/<reference>/ask-manager", methods=("POST",))
    def ask_manager(self, reference: str) -> ResponseReturnValue:
        """Send the manager a new link."""
        actor, order_id = current_actor(), order_id_or_404(reference)
        manager_request = transact(lambda: resend_request(actor, order_id))
        return go_back(
            "order.show",
            f"{manager_request.approver_name} gets a new link by mail. The former one no longer works.",
            reference=reference_of(order_id),
        )

    def _ask(
        self, reference: str, action: OrderAction, form: DecisionForm | None = None, status: int = 200
    ) -> ResponseReturnValue:
        order = get_order_or_404(current_actor(), reference)
        # Nobody should write a reason for what can no longer be done.
        require_possible(order, action)
        form = form or (PlacementForm() if action is OrderAction.MARK_ORDERED else ReasonForm())
        if form.version.data is None:
            form.version.data = order.version
        transition = TRANSITIONS[action]
        return self.render(
            "admin/hw/orders/decide.html",
            heading=_HEADINGS[action].format(order.reference),
            order=order,
            action=action,
            label=transition.label,
            consequence=_CONSEQUENCES[action],
            reason_required=transition.reason == "required",
            final=transition.target is not None and action in (OrderAction.REJECT, OrderAction.CANCEL),
            form=form,
            distributors=distributor_names() if action is OrderAction.MARK_ORDERED else [],
            claims=placed_by_others(current_actor(), [order.id] if order.facts.to_be_placed else []),
        ), status

    def _decide(
        self,
        reference: str,
        action: OrderAction,
        form: DecisionForm,
        message: Markup,
        decide: Callable[[int], HardwareOrder],
    ) -> ResponseReturnValue:
        """Decide; where an input is wrong, show the form again with all of them."""
        if not form.validate():
            return self._ask(reference, action, form, 422)
        try:
            return self._done(reference, message, decide)
        except InvalidInput as error:
            for problem in error.errors:
                form[problem.field].errors = [problem.message]
            return self._ask(reference, action, form, 422)

    def _done(
        self, reference: str, message: Markup, decide: Callable[[int], HardwareOrder]
    ) -> ResponseReturnValue:
        order_id = order_id_or_404(reference)
        order = transact(lambda: decide(order_id))
        flash(message.format(order_link(order.reference)), "success")
        return redirect(url_for("order.show", reference=next_order() or order.reference))

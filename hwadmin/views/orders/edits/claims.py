"""“I am placing this”, on the page of an order and in the list."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.config import Settings
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.permissions import Permission
from hwadmin.errors import WrongState
from hwadmin.operations.orders.claims import claim_order, release_claim
from hwadmin.views.orders.listing.returning import list_address
from hwadmin.views.orders.lookups import order_id_or_404, order_link
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView


class OrderClaimsView(GuardedView):
    """Telling the other super-admins that one is placing an order."""

    permissions = {"claim": Permission.ORDERS_DECIDE, "release": Permission.ORDERS_DECIDE}

    def __init__(self) -> None:
        super().__init__(endpoint="order_claims", url="/orders")

    @expose("/<reference>/claim", methods=("POST",))
    def claim(self, reference: str) -> ResponseReturnValue:
        """Say that one is placing the order; from the list, one stays there."""
        actor, order_id = current_actor(), order_id_or_404(reference)
        settings: Settings = current_app.config["HWADMIN"]
        lasting = timedelta(minutes=settings.claim_minutes)
        try:
            claim = transact(lambda: claim_order(actor, order_id, lasting=lasting))
        except WrongState as refusal:
            flash(refusal.message, "error")
        else:
            until = format_datetime(claim.lapses_at)
            message = Markup("You are placing {} until {}; the others see it.")
            flash(message.format(order_link(reference), until), "success")
        return _back(reference)

    @expose("/<reference>/release-claim", methods=("POST",))
    def release(self, reference: str) -> ResponseReturnValue:
        """Say that one is not placing it any more."""
        actor, order_id = current_actor(), order_id_or_404(reference)
        try:
            transact(lambda: release_claim(actor, order_id))
        except WrongState as refusal:
            flash(refusal.message, "error")
        else:
            flash(Markup("{} is free for somebody else to place.").format(order_link(reference)), "success")
        return _back(reference)


def _back(reference: str) -> ResponseReturnValue:
    if "back" in request.form:
        return redirect(list_address(), 303)
    return redirect(url_for("order.show", reference=reference))

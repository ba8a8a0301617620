"""Approving one order from its row: the row leaves, a message says so, and one stays on the list."""

from __future__ import annotations

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.lifecycle import OrderAction
from hwadmin.errors import ChangedMeanwhile, NotAllowed, NotFound, WrongState
from hwadmin.operations.orders.decisions import approve_order
from hwadmin.views.orders.listing.messages import undo_button
from hwadmin.views.orders.listing.returning import list_address
from hwadmin.views.orders.lookups import order_link
from hwadmin.web.access import current_actor


def approve_in_list(order_id: int, version: int | None) -> ResponseReturnValue:
    """Approve the order as the list showed it, and show the list again; a refusal is told there as well.

    Raises:
        NotFound: there is no such order, as far as the actor can tell.
    """
    actor = current_actor()
    try:
        order = transact(lambda: approve_order(actor, order_id, expected_version=version))
    except NotFound:
        raise
    except (WrongState, ChangedMeanwhile, NotAllowed) as refusal:
        flash(refusal.message, "error")
    else:
        message = Markup("{} is approved. Nothing is ordered automatically.").format(
            order_link(order.reference)
        )
        flash(message + undo_button(OrderAction.APPROVE, [order], request.form.get("back", "")), "success")
    return redirect(list_address(), 303)

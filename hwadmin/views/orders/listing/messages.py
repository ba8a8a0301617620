"""What the list says after decisions: which orders, with Undo where that is possible, and a link to each."""

from __future__ import annotations

from collections.abc import Sequence

from flask import get_template_attribute
from markupsafe import Markup

from hwadmin.domain.lifecycle import OrderAction, fits
from hwadmin.models import HardwareOrder
from hwadmin.views.orders.lookups import order_link

_MAX_NAMED = 10
# A message is kept in a cookie until it is shown: Undo carries each order with its version.
_MAX_UNDONE = 60
_PAST = {
    OrderAction.APPROVE: "Approved",
    OrderAction.REJECT: "Rejected",
    OrderAction.MARK_ORDERED: "Marked as ordered:",
    OrderAction.REOPEN: "Pending approval again:",
    OrderAction.SEND: "Sent:",
}


def list_of_links(orders: Sequence[HardwareOrder]) -> Markup:
    """The orders by their numbers, each a link; the first ten of many."""
    named = Markup(", ").join(order_link(order.reference) for order in orders[:_MAX_NAMED])
    more = len(orders) - _MAX_NAMED
    return named + Markup(" and {} more").format(more) if more > 0 else named


def done_message(action: OrderAction, orders: Sequence[HardwareOrder], back: str) -> Markup:
    """What was done, and the button that undoes an approval."""
    message = Markup("{} {}.").format(_PAST[action], list_of_links(orders))
    return message + undo_button(action, orders, back)


def undo_button(action: OrderAction, orders: Sequence[HardwareOrder], back: str) -> Markup:
    """The button that takes an approval back; empty for what cannot be taken back."""
    undoable = action is OrderAction.APPROVE and all(
        fits(OrderAction.REOPEN, order.facts) for order in orders
    )
    if not undoable or len(orders) > _MAX_UNDONE:
        return Markup("")
    chosen = ",".join(f"{order.id}:{order.version}" for order in orders)
    button: Markup = get_template_attribute("admin/hw/orders/several/_undo.html", "undo")(chosen, back)
    return button

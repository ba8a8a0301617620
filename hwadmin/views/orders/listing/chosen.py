"""The orders that were chosen in the list."""

from __future__ import annotations

from flask import request

from hwadmin.forms.orders.orders import whole_number
from hwadmin.operations.orders.bulk_decisions import MAX_ORDERS, ChosenOrder


def chosen_orders() -> list[ChosenOrder]:
    """The chosen orders, each with the version that was seen, as ``43:5``; several may be in one value."""
    chosen = []
    for part in ",".join(request.form.getlist("order")).split(",")[: 2 * MAX_ORDERS]:
        order_id, _, version = part.partition(":")
        if key := whole_number(order_id):
            chosen.append(ChosenOrder(key, whole_number(version)))
    return chosen

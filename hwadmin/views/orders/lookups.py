"""The order that an address names, and links to orders."""

from __future__ import annotations

from flask import abort, url_for
from markupsafe import Markup

from hwadmin.domain.permissions import Actor
from hwadmin.models import HardwareOrder, order_id_of
from hwadmin.queries.orders.by_key import detailed_order, order_version


def order_id_or_404(reference: str) -> int:
    """The key of the order that an address names; 404 where it names none."""
    order_id = order_id_of(reference)
    if order_id is None:
        abort(404)
    return order_id


def visible_order_id_or_404(actor: Actor, reference: str) -> int:
    """The key of the order that an address names; 404 where the actor has no access to it."""
    order_id = order_id_or_404(reference)
    if order_version(actor, order_id) is None:
        abort(404)
    return order_id


def get_order_or_404(actor: Actor, reference: str) -> HardwareOrder:
    """The order that an address names, with what its pages show; 404 where the actor has no access to it."""
    order = detailed_order(actor, order_id_or_404(reference))
    if order is None:
        abort(404)
    return order


def order_link(reference: str) -> Markup:
    """A link to an order, for a message."""
    return Markup('<a href="{}">{}</a>').format(url_for("order.show", reference=reference), reference)

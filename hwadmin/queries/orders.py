"""Reading hardware orders."""

from __future__ import annotations

from sqlalchemy import Select, func, literal_column, select

from hwadmin.extensions import db
from hwadmin.models import HardwareOrder
from hwadmin.models.orders import WAITING
from hwadmin.permissions import Actor
from hwadmin.queries.scope import visible, within


def visible_orders(actor: Actor) -> Select[tuple[HardwareOrder]]:
    """The orders this actor is given."""
    return visible(actor, HardwareOrder)


def waiting_count(actor: Actor) -> int:
    """How many orders wait for a super-admin's decision; those that await a manager first do not count."""
    return db.session.execute(
        # The partial index is used only for the very condition it was made with.
        select(func.count(HardwareOrder.platform_id)).where(
            within(actor, HardwareOrder), literal_column(f"({WAITING})")
        )
    ).scalar_one()

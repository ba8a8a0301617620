"""Reading the internal notes on an order."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.models import OrderNote
from hwadmin.queries.scope import visible


def notes_of(actor: Actor, order_id: int) -> Sequence[OrderNote] | None:
    """The notes on an order, the oldest first; None for whom notes are not there at all."""
    if not actor.can(Permission.NOTES_READ):
        return None
    return db.session.scalars(
        visible(actor, OrderNote).where(OrderNote.order_id == order_id).order_by(OrderNote.id)
    ).all()

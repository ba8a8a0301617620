"""“I am placing this”: telling the other super-admins, so that nobody places an order twice."""

from __future__ import annotations

from datetime import timedelta

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.lifecycle import OrderAction
from hwadmin.domain.permissions import Actor
from hwadmin.errors import WrongState
from hwadmin.models import OrderClaim
from hwadmin.operations.audit.placement_events import record_claim_released, record_order_claimed
from hwadmin.operations.orders.transition import lock_order_for, require_possible


def claim_order(
    actor: Actor, order_id: int, *, lasting: timedelta, expected_version: int | None = None
) -> OrderClaim:
    """Tell the others that one is placing an order. It keeps nobody from anything, and lapses by itself.

    Saying it again prolongs it and records nothing. It ends when the order is placed or reopened.

    Args:
        actor: who is placing it.
        order_id: the order's key.
        lasting: for how long it is good.
        expected_version: the version the actor saw.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile: nothing was claimed.
        WrongState: it is not to be placed, or somebody else is placing it.
    """
    order = lock_order_for(actor, order_id, OrderAction.CLAIM, expected_version)
    require_possible(order, OrderAction.CLAIM)
    now = utcnow()
    claim = db.session.get(OrderClaim, order.id, populate_existing=True)
    if claim is None:
        claim = OrderClaim(order_id=order.id, platform_id=order.platform_id, lapses_at=now)
        db.session.add(claim)
    in_force = claim.lapses_at > now
    if in_force and not is_own(actor, claim):
        raise WrongState(
            f"{claim.person_name} is placing {order.reference}, since {format_datetime(claim.claimed_at)}. "
            f"It is free again at {format_datetime(claim.lapses_at)}, unless they extend it."
        )
    if not in_force:
        claim.person_id, claim.person_name, claim.claimed_at = actor.id, actor.name, now
    claim.lapses_at = now + lasting
    if not in_force:
        record_order_claimed(actor, order, format_datetime(claim.lapses_at))
    return claim


def release_claim(actor: Actor, order_id: int, *, expected_version: int | None = None) -> None:
    """Say that one is not placing an order any more.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile: nothing was released.
        WrongState: one does not place it, or not any more.
    """
    order = lock_order_for(actor, order_id, OrderAction.CLAIM, expected_version)
    claim = db.session.get(OrderClaim, order.id, populate_existing=True)
    if claim is None or claim.lapses_at <= utcnow() or not is_own(actor, claim):
        raise WrongState(f"You are not placing {order.reference}, or not any more.")
    db.session.delete(claim)
    record_claim_released(actor, order)


def is_own(actor: Actor, claim: OrderClaim) -> bool:
    """Whether the claim is the actor's."""
    return (claim.person_id, claim.person_name) == (actor.id, actor.name)

"""Who is placing which order just now."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.models import OrderClaim, reference
from hwadmin.queries.scope import within


def claims_of(actor: Actor, order_ids: Collection[int]) -> dict[int, OrderClaim]:
    """The claims in force on these orders, by order; a platform's people are not shown any."""
    if not order_ids or not actor.can(Permission.NOTES_READ):
        return {}
    claims = db.session.scalars(
        select(OrderClaim).where(
            within(actor, OrderClaim), OrderClaim.order_id.in_(order_ids), OrderClaim.lapses_at > utcnow()
        )
    )
    return {claim.order_id: claim for claim in claims}


def placed_by_others(actor: Actor, order_ids: Collection[int]) -> list[str]:
    """Who else is placing which of these orders just now, in a sentence for each."""
    return [
        f"{claim.person_name} is placing {reference(key)}, since {format_datetime(claim.claimed_at)}."
        for key, claim in sorted(claims_of(actor, order_ids).items())
        if (claim.person_id, claim.person_name) != (actor.id, actor.name)
    ]

"""The latest changes of orders, for pages that follow what others do.

Every change of an order writes an audit event in its own transaction, so the trail alone tells whether
anything is new: a look at an index, which touches no order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Select, select, union_all

from hwadmin.db.extensions import db
from hwadmin.domain.event_kinds import INTERNAL_KINDS, AuditKind
from hwadmin.domain.permissions import Actor
from hwadmin.domain.wording import from_to
from hwadmin.models import AuditEvent, reference
from hwadmin.queries.scope import within

# A page that missed more than these shows all of it anew in any case.
MAX_CHANGES = 20
# How many units a sentence names with what was planned for them.
_MAX_PLANS = 10
# Taking a purchase order with one changes nothing that others look at.
_NO_CHANGES = (AuditKind.ORDER_EXPORTED.value,)


@dataclass(frozen=True, slots=True)
class OrderChange:
    """One change of an order: which, by whom, and what."""

    id: int
    order_id: int
    actor_id: int | None
    actor_name: str
    kind: str

    @property
    def reference(self) -> str:
        """The number people say."""
        return reference(self.order_id)


def latest_change_ids(actor: Actor) -> list[int]:
    """The keys of the latest changes of orders the actor has access to, newest first, in one statement.

    A change that was begun first and ended last has a lower key than one seen before it: so they are several
    keys, and not the highest alone.
    """
    return list(db.session.scalars(_latest_ids(actor)))


def latest_changes(actor: Actor, change_ids: Sequence[int]) -> list[OrderChange]:
    """Those changes, newest first."""
    rows = db.session.execute(
        select(
            AuditEvent.id, AuditEvent.order_id, AuditEvent.actor_id, AuditEvent.actor_name, AuditEvent.kind
        )
        .where(within(actor, AuditEvent), AuditEvent.id.in_(change_ids))
        .order_by(AuditEvent.id.desc())
    )
    return [OrderChange(**row._mapping) for row in rows]


def changes_of_request(actor: Actor, order_id: int, request_id: str | None) -> list[str]:
    """What one request changed of an order, a sentence for each, without what is internal to super-admins."""
    if request_id is None:
        return []
    events = select(AuditEvent.summary, AuditEvent.details).where(
        within(actor, AuditEvent),
        AuditEvent.request_id == request_id,
        AuditEvent.order_id == order_id,
        AuditEvent.kind.not_in([kind.value for kind in INTERNAL_KINDS]),
    )
    return [
        "; ".join(
            (
                summary,
                *(
                    f"{one['unit']}: {from_to(one['before'], one['after'])}"
                    for one in (details or {}).get("plans", ())[:_MAX_PLANS]
                ),
            )
        )
        for summary, details in db.session.execute(events.order_by(AuditEvent.id))
    ]


@lru_cache(maxsize=500)
def _latest_ids(actor: Actor) -> Select[int]:
    """The statement, made once for each actor: making it takes longer than running it."""
    newest = (
        select(AuditEvent.id.label("id"))
        .where(AuditEvent.order_id.is_not(None), AuditEvent.kind.not_in(_NO_CHANGES))
        .order_by(AuditEvent.id.desc())
        .limit(MAX_CHANGES)
    )
    if actor.platform_ids is None:
        return newest.where(within(actor, AuditEvent))
    # Each platform by its own part of the index; a list of platforms would be looked for from the newest
    # event of all on, however long ago theirs was.
    parts = [
        select(newest.where(AuditEvent.platform_id == platform_id).subquery().c.id)
        for platform_id in sorted(actor.platform_ids)
    ]
    if not parts:
        return newest.where(within(actor, AuditEvent))
    ids = union_all(*parts).subquery()
    return select(ids.c.id).order_by(ids.c.id.desc()).limit(MAX_CHANGES)

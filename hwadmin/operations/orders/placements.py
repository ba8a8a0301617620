"""The order at the distributor: what is known of it, and correcting what was recorded."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypedDict

from hwadmin.clock import utcnow
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.lifecycle import OrderAction
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.domain.wording import describe_change
from hwadmin.models import HardwareOrder
from hwadmin.operations.audit.changes import describe_value
from hwadmin.operations.audit.placement_events import record_placement_corrected
from hwadmin.operations.catalog.distributors import expected_day, fold
from hwadmin.operations.orders.decision_values import DistributorPlacement
from hwadmin.operations.orders.transition import lock_order_for, require_possible, transition
from hwadmin.operations.outgoing.events import publish
from hwadmin.queries.catalog.distributors import distributor_named

_LABELS = {
    "distributor": "distributor",
    "distributor_reference": "their order number",
    "ordered_on": "ordered on",
}


class PlacementFacts(TypedDict, total=False):
    """What is known of a placement. In a correction, what is not stated stays as it is."""

    distributor: str | None
    distributor_reference: str | None
    ordered_on: date | None


def check_placement(
    actor: Actor,
    facts: PlacementFacts,
    placed_at: datetime,
    *,
    placed_by: str | None = None,
    sent_to: str | None = None,
) -> DistributorPlacement:
    """The columns of a placement. A distributor we know is recognised by its name, in any case.

    Args:
        actor: who states it.
        facts: what is known of it.
        placed_at: when it was recorded.
        placed_by: who recorded it; the actor where not stated.
        sent_to: the address the order was sent to.

    Raises:
        InvalidInput: with every problem.
    """
    problems = Problems()
    name = problems.text("distributor", facts.get("distributor"), most=120)
    number = problems.text("distributor_reference", facts.get("distributor_reference"), most=120)
    day = facts.get("ordered_on")
    if day is not None and day > utcnow().date():
        problems.add("ordered_on", "This day has not come yet; give the day the order was placed.")
    refuse(problems)
    known = distributor_named(fold(name)) if name else None
    return DistributorPlacement(
        placed_at=placed_at,
        placed_by_name=placed_by or actor.name,
        distributor=known.name if known else name,
        distributor_reference=number,
        ordered_on=day,
        distributor_id=known.id if known else None,
        sent_to=sent_to,
        expected_on=expected_day(day or placed_at.date(), known.expected_days if known else None),
    )


def correct_placement(
    actor: Actor, order_id: int, facts: PlacementFacts, *, expected_version: int | None = None
) -> HardwareOrder:
    """Correct what was recorded of a placement, as long as the order is approved or fulfilled.

    Stating what is recorded already changes and records nothing.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    action = OrderAction.CORRECT_PLACEMENT
    order = lock_order_for(actor, order_id, action, expected_version)
    require_possible(order, action)
    before = _facts(order)
    assert order.placed_at is not None
    values = check_placement(
        actor, before | facts, order.placed_at, placed_by=order.placed_by_name, sent_to=order.sent_to
    )
    after: PlacementFacts = {
        "distributor": values.distributor,
        "distributor_reference": values.distributor_reference,
        "ordered_on": values.ordered_on,
    }
    if after == before:
        return order
    changes = [
        describe_change(label, describe_value(before.get(name)), describe_value(after.get(name)))
        for name, label in _LABELS.items()
        if before.get(name) != after.get(name)
    ]
    transition(actor, order, action, values)
    record_placement_corrected(actor, order, ", ".join(changes), before=before, after=after)
    publish(actor, EventType.ORDER_PLACEMENT_CORRECTED, order=order)
    return order


def _facts(order: HardwareOrder) -> PlacementFacts:
    return {
        "distributor": order.distributor,
        "distributor_reference": order.distributor_reference,
        "ordered_on": order.ordered_on,
    }

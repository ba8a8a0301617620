"""What a super-admin decides about an order, and how a platform takes its own back."""

from __future__ import annotations

from datetime import date

from hwadmin.clock import utcnow
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.lifecycle import OrderAction, OrderStatus
from hwadmin.domain.permissions import Actor
from hwadmin.errors import NotAllowed
from hwadmin.models import HardwareOrder
from hwadmin.operations.audit.order_events import (
    ReopeningFacts,
    record_order_approved,
    record_order_cancelled,
    record_order_marked_ordered,
    record_order_rejected,
    record_order_reopened,
)
from hwadmin.operations.orders.decision_values import Cancellation, DistributorPlacement, Rejection, Review
from hwadmin.operations.orders.placements import PlacementFacts, check_placement
from hwadmin.operations.orders.transition import (
    lock_order_for,
    lock_order_with_reason,
    require_possible,
    transition,
)
from hwadmin.operations.outgoing.events import publish
from hwadmin.operations.units.closures import reopen_units


def approve_order(actor: Actor, order_id: int, *, expected_version: int | None = None) -> HardwareOrder:
    """Approve an order. It decides; nothing is ever ordered automatically.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState: nothing was done.
    """
    order = lock_order_for(actor, order_id, OrderAction.APPROVE, expected_version)
    _refuse_own(actor, order)
    transition(actor, order, OrderAction.APPROVE, Review.by(actor, utcnow()))
    record_order_approved(actor, order)
    publish(actor, EventType.ORDER_APPROVED, order=order)
    return order


def mark_ordered(
    actor: Actor,
    order_id: int,
    *,
    distributor: str | None = None,
    distributor_reference: str | None = None,
    ordered_on: date | None = None,
    expected_version: int | None = None,
) -> HardwareOrder:
    """Say that the order has already been placed with the distributor; a pending order is approved by it.

    Args:
        actor: who says so.
        order_id: the order's key.
        distributor: with whom, where known.
        distributor_reference: their order number, where known.
        ordered_on: the day it was placed, where known; not in the future.
        expected_version: the version the actor saw.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    order = lock_order_for(actor, order_id, OrderAction.MARK_ORDERED, expected_version)
    pending = order.status is OrderStatus.SUBMITTED
    if pending:
        _refuse_own(actor, order)
    require_possible(order, OrderAction.MARK_ORDERED)
    now = utcnow()
    facts: PlacementFacts = {
        "distributor": distributor,
        "distributor_reference": distributor_reference,
        "ordered_on": ordered_on,
    }
    transition(
        actor,
        order,
        OrderAction.MARK_ORDERED,
        check_placement(actor, facts, now),
        *((Review.by(actor, now),) if pending else ()),
    )
    record_order_marked_ordered(actor, order, approved=pending)
    types = (EventType.ORDER_ORDERED, EventType.ORDER_PLACED)
    publish(actor, *((EventType.ORDER_APPROVED,) if pending else ()), *types, order=order)
    return order


def reject_order(
    actor: Actor, order_id: int, *, reason: str | None, expected_version: int | None = None
) -> HardwareOrder:
    """Reject an order for good, with a reason the platform will see.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    order, reason = lock_order_with_reason(actor, order_id, OrderAction.REJECT, reason, expected_version)
    transition(actor, order, OrderAction.REJECT, Rejection(reason), Review.by(actor, utcnow()))
    record_order_rejected(actor, order, reason=reason)
    publish(actor, EventType.ORDER_REJECTED, order=order, reason=reason)
    return order


def cancel_order(
    actor: Actor, order_id: int, *, reason: str | None = None, expected_version: int | None = None
) -> HardwareOrder:
    """Take back an order of the platform's own that is still pending.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    order, reason = lock_order_with_reason(actor, order_id, OrderAction.CANCEL, reason, expected_version)
    transition(actor, order, OrderAction.CANCEL, Cancellation(reason))
    record_order_cancelled(actor, order, reason=reason)
    publish(actor, EventType.ORDER_CANCELLED, order=order, reason=reason)
    return order


def reopen_order(
    actor: Actor, order_id: int, *, reason: str | None, expected_version: int | None = None
) -> HardwareOrder:
    """Put an approved order back to pending, so that it can be corrected; not once a unit has a device.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    order, reason = lock_order_with_reason(actor, order_id, OrderAction.REOPEN, reason, expected_version)
    before: ReopeningFacts = {
        "decided_by": order.decided_by_name,
        "distributor": order.distributor,
        "distributor_reference": order.distributor_reference,
    }
    # What was closed short is awaited again.
    if closed := reopen_units(order):
        before["closed"] = closed
    transition(actor, order, OrderAction.REOPEN, Review(), DistributorPlacement())
    record_order_reopened(actor, order, reason=reason, before=before)
    publish(actor, EventType.ORDER_REOPENED, order=order, reason=reason)
    return order


def _refuse_own(actor: Actor, order: HardwareOrder) -> None:
    """The platform may forbid that somebody approves what they ordered themselves."""
    own = actor.id is not None and actor.id == order.submitted_by_id
    if own and order.platform.forbids_self_approval:
        raise NotAllowed(
            f"{order.platform.name} does not allow you to approve an order you submitted yourself."
        )

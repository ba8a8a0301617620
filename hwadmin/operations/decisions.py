"""What a super-admin decides about an order, and how a platform takes its own back."""

from __future__ import annotations

from datetime import date
from typing import Any

from hwadmin.clock import utcnow
from hwadmin.errors import InvalidInput, NotAllowed
from hwadmin.lifecycle import OrderAction, OrderStatus
from hwadmin.models import HardwareOrder
from hwadmin.operations import audit
from hwadmin.operations._transition import locked_order, order_with_reason, require_fitting, transition
from hwadmin.operations.announcements import announce
from hwadmin.operations.closing import await_again
from hwadmin.permissions import Actor
from hwadmin.texts import Problems


def approve_order(actor: Actor, order_id: int, *, expected_version: int | None = None) -> HardwareOrder:
    """Approve an order. It decides; nothing is ever ordered automatically.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState: nothing was done.
    """
    order = locked_order(actor, order_id, OrderAction.APPROVE, expected_version)
    _refuse_own(actor, order)
    transition(actor, order, OrderAction.APPROVE, **_decided_by(actor))
    audit.record(actor, "order.approved", f"Approved {order.reference} for {order.account.name}", order=order)
    announce(actor, "order.approved", order=order)
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
    order = locked_order(actor, order_id, OrderAction.MARK_ORDERED, expected_version)
    pending = order.status is OrderStatus.SUBMITTED
    if pending:
        _refuse_own(actor, order)
    require_fitting(order, OrderAction.MARK_ORDERED)
    problems = Problems()
    distributor = problems.text("distributor", distributor, most=120)
    distributor_reference = problems.text("distributor_reference", distributor_reference, most=120)
    now = utcnow()
    if ordered_on is not None and ordered_on > now.date():
        problems.add("ordered_on", "This day has not come yet; give the day the order was placed.")
    if problems.errors:
        raise InvalidInput(problems.errors)
    transition(
        actor,
        order,
        OrderAction.MARK_ORDERED,
        distributor=distributor,
        distributor_reference=distributor_reference,
        ordered_on=ordered_on,
        placed_at=now,
        placed_by_name=actor.name,
        **(_decided_by(actor) if pending else {}),
    )
    said = [text for text in (distributor, distributor_reference) if text]
    if ordered_on:
        said.append(ordered_on.isoformat())
    audit.record(
        actor,
        "order.marked_ordered",
        f"Marked {order.reference} as ordered manually"
        + (" and so approved it" if pending else "")
        + (f": {', '.join(said)}" if said else ""),
        order=order,
        details={
            "approved": pending,
            "distributor": distributor,
            "distributor_reference": distributor_reference,
            "ordered_on": ordered_on.isoformat() if ordered_on else None,
        },
    )
    announce(actor, *(("order.approved",) if pending else ()), "order.ordered", order=order)
    return order


def reject_order(
    actor: Actor, order_id: int, *, reason: str | None, expected_version: int | None = None
) -> HardwareOrder:
    """Reject an order for good, with a reason the platform will see.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    order, reason = order_with_reason(actor, order_id, OrderAction.REJECT, reason, expected_version)
    transition(actor, order, OrderAction.REJECT, rejection_reason=reason, **_decided_by(actor))
    audit.record(actor, "order.rejected", f"Rejected {order.reference}", order=order, reason=reason)
    announce(actor, "order.rejected", order=order, reason=reason)
    return order


def cancel_order(
    actor: Actor, order_id: int, *, reason: str | None = None, expected_version: int | None = None
) -> HardwareOrder:
    """Take back an order of the platform's own that is still pending.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    order, reason = order_with_reason(actor, order_id, OrderAction.CANCEL, reason, expected_version)
    transition(actor, order, OrderAction.CANCEL, cancellation_reason=reason)
    audit.record(actor, "order.cancelled", f"Cancelled {order.reference}", order=order, reason=reason)
    announce(actor, "order.cancelled", order=order, reason=reason)
    return order


def reopen_order(
    actor: Actor, order_id: int, *, reason: str | None, expected_version: int | None = None
) -> HardwareOrder:
    """Put an approved order back to pending, so that it can be corrected; not once a unit has a device.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    order, reason = order_with_reason(actor, order_id, OrderAction.REOPEN, reason, expected_version)
    before: dict[str, Any] = {
        "decided_by": order.decided_by_name,
        "distributor": order.distributor,
        "distributor_reference": order.distributor_reference,
    }
    # What was closed short is awaited again.
    if closed := await_again(order):
        before["closed"] = closed
    transition(
        actor,
        order,
        OrderAction.REOPEN,
        decided_by_id=None,
        decided_by_name=None,
        decided_at=None,
        distributor=None,
        distributor_reference=None,
        ordered_on=None,
        placed_at=None,
        placed_by_name=None,
    )
    audit.record(
        actor,
        "order.reopened",
        f"Reopened {order.reference}; it is pending approval again",
        order=order,
        reason=reason,
        details=before,
    )
    announce(actor, "order.reopened", order=order, reason=reason)
    return order


def require_possible(order: HardwareOrder, action: OrderAction) -> None:
    """Refuse to ask for what a decision needs when it can no longer be made.

    Raises:
        WrongState: with a sentence naming the state, who set it and when.
    """
    require_fitting(order, action)


def _decided_by(actor: Actor) -> dict[str, object]:
    return {"decided_by_id": actor.id, "decided_by_name": actor.name, "decided_at": utcnow()}


def _refuse_own(actor: Actor, order: HardwareOrder) -> None:
    """The platform may forbid that somebody approves what they ordered themselves."""
    own = actor.id is not None and actor.id == order.submitted_by_id
    if own and order.platform.forbids_self_approval:
        raise NotAllowed(
            f"{order.platform.name} does not allow you to approve an order you submitted yourself."
        )

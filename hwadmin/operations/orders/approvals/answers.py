"""What the manager of an account answers about an order, and deciding without them."""

from __future__ import annotations

from datetime import datetime

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.lifecycle import ManagerApproval, OrderAction, fits
from hwadmin.domain.permissions import Actor, Role
from hwadmin.errors import NotFound, WrongState
from hwadmin.models import ApprovalRequest, HardwareOrder, LinkState
from hwadmin.operations.audit.order_events import (
    record_manager_answered,
    record_manager_overridden,
)
from hwadmin.operations.orders.approvals.requests import close_requests, cost_document, cost_of
from hwadmin.operations.orders.decision_values import Cancellation, ManagerAnswer
from hwadmin.operations.orders.transition import (
    check_reason,
    lock_order_for,
    lock_order_with_reason,
    require_possible,
    transition,
)
from hwadmin.operations.outgoing.events import publish
from hwadmin.queries.orders.approvals import last_request


def awaits_manager(order: HardwareOrder) -> bool:
    """Whether an order still waits for its manager's answer."""
    return fits(OrderAction.AGREE, order.facts)


def manager_actor(request: ApprovalRequest) -> Actor:
    """The manager as an actor: of the platform of the order, without an account of their own."""
    return Actor(None, request.approver_name, Role.MANAGER, frozenset({request.platform_id}))


def decide_as_manager(
    actor: Actor,
    request: ApprovalRequest,
    *,
    agrees: bool,
    reason: str | None = None,
    expected_version: int | None = None,
) -> HardwareOrder:
    """Approve an order as its account's manager, or decline it, which cancels it with the reason.

    Args:
        actor: the manager, as ``manager_actor`` makes them.
        request: the request of the link they followed.
        agrees: approve, or decline.
        reason: why they decline.
        expected_version: the version of the order they saw.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    action = OrderAction.AGREE if agrees else OrderAction.DECLINE
    order = lock_order_for(actor, request.order_id, action)
    now = utcnow()
    request = _open_request(order, request.id, action, now)
    # A link that has ended is told before a changed order is.
    lock_order_for(actor, order.id, action, expected_version)
    reason = None if agrees else check_reason(action, reason)
    answer = ManagerApproval.AGREED if agrees else ManagerApproval.DECLINED
    request.answer, request.used_at, request.reason, request.next_at = answer, now, reason, None
    request.cost = cost_document(cost_of(order.lines))
    transition(actor, order, action, ManagerAnswer(answer), *(() if agrees else (Cancellation(reason),)))
    record_manager_answered(actor, order, request)
    event = EventType.ORDER_UPDATED if agrees else EventType.ORDER_CANCELLED
    publish(actor, event, order=order, reason=reason, manager=answer.value)
    return order


def _open_request(
    order: HardwareOrder, request_id: int, action: OrderAction, now: datetime
) -> ApprovalRequest:
    """The request of a locked order as it is now.

    Raises:
        NotFound, WrongState: it cannot be answered any more.
    """
    request = db.session.get(ApprovalRequest, request_id, populate_existing=True)
    if request is None:
        raise NotFound("There is no such request.")
    state = request.state(awaits_manager(order), now)
    if state is LinkState.OVERTAKEN:
        require_possible(order, action)
    if state is not LinkState.OPEN:
        raise WrongState(_why_closed(request, state))
    return request


def override_manager(
    actor: Actor, order_id: int, *, reason: str | None, expected_version: int | None = None
) -> HardwareOrder:
    """Decide that an order need not wait for its manager; it waits for approval like any other then.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    order, reason = lock_order_with_reason(actor, order_id, OrderAction.OVERRIDE, reason, expected_version)
    request = last_request(actor, order.id)
    close_requests(order, utcnow())
    transition(actor, order, OrderAction.OVERRIDE, ManagerAnswer(ManagerApproval.OVERRIDDEN))
    record_manager_overridden(
        actor, order, approver_name=request.approver_name if request else None, reason=reason
    )
    publish(
        actor, EventType.ORDER_UPDATED, order=order, reason=reason, manager=ManagerApproval.OVERRIDDEN.value
    )
    return order


def _why_closed(request: ApprovalRequest, state: LinkState) -> str:
    if state is LinkState.USED:
        assert request.used_at is not None
        past = "approved" if request.answer is ManagerApproval.AGREED else "declined"
        return f"You have {past} this order already, at {format_datetime(request.used_at)}."
    if state is LinkState.REPLACED:
        return "A newer link was sent to you; please answer by that one."
    return f"This link was good until {format_datetime(request.expires_at)}."

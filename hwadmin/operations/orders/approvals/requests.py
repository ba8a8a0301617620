"""Requests for approval by the manager of an account: made, sent again, and made anew for a dearer order."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import ManagerApproval, OrderAction
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import Problems
from hwadmin.errors import InvalidInput
from hwadmin.models import WAITS_FOR_ANSWER, Account, ApprovalRequest, HardwareOrder, LineItem
from hwadmin.operations.audit.order_events import (
    record_approval_requested,
)
from hwadmin.operations.orders.transition import (
    lock_order_for,
    require_possible,
)
from hwadmin.queries.orders.approvals import (
    Approver,
    approver_of,
    last_agreement,
    last_request,
    mailed_request,
)
from hwadmin.queries.units.units import units_of

LINK_LIFETIME = timedelta(days=14)
REMINDER_DELAYS = (timedelta(days=3), timedelta(days=7))
# Pressing a button twice does not send two links.
_RESEND_INTERVAL = timedelta(minutes=1)


# ---- What it costs


def cost_of(lines: Iterable[LineItem]) -> dict[str, tuple[Decimal, Decimal]]:
    """What lines cost by currency: once, and each month."""
    cost: dict[str, tuple[Decimal, Decimal]] = {}
    for line in lines:
        once, monthly = cost.get(line.currency, (Decimal(), Decimal()))
        cost[line.currency] = once + line.total, monthly + line.quantity * (line.monthly_price or Decimal())
    return cost


def cost_document(cost: Mapping[str, tuple[Decimal, Decimal]]) -> dict[str, list[str]]:
    """The cost as an approval request stores it."""
    return {currency: [f"{once:.2f}", f"{monthly:.2f}"] for currency, (once, monthly) in cost.items()}


def _is_dearer(told: Mapping[str, Sequence[str]], cost: Mapping[str, tuple[Decimal, Decimal]]) -> bool:
    """Whether the order costs more now, at once or each month, than what the manager was told."""
    for currency, (once, monthly) in cost.items():
        before = told.get(currency, ("0", "0"))
        if once > Decimal(before[0]) or monthly > Decimal(before[1]):
            return True
    return False


# ---- Asking


def require_approver(account: Account, employee_ids: Iterable[int | None], problems: Problems) -> None:
    """Add a problem where the account's orders need an approval and nobody could give it."""
    if account.requires_manager_approval and approver_of(account, employee_ids) is None:
        problems.add("manager_approval", describe_missing_approver(account))


def request_first_approval(order: HardwareOrder, account: Account) -> Approver:
    """Let an order that has just been written wait for its manager; returns who is asked.

    Raises:
        InvalidInput: nobody can be asked for the people who are new with this order.
    """
    approver = approver_of(account, _employees_of(order))
    if approver is None:
        raise InvalidInput.at("manager_approval", describe_missing_approver(account))
    request_approval(order, approver)
    return approver


def describe_missing_approver(account: Account) -> str:
    """What to do where an account needs its manager's approval and names nobody who could give it."""
    return (
        f"Every order of {account.name} needs a manager’s approval, but nobody is named who could give it. "
        "Name an approver in the account’s settings, or plan the units for employees whose manager has an "
        "e-mail address."
    )


def request_approval(order: HardwareOrder, approver: Approver) -> ApprovalRequest:
    """Let an order wait for its manager, who gets a link by mail; an earlier link ends.

    The order is locked or new. The worker writes the mail, and the reminders if no answer comes.
    """
    order.manager_approval = ManagerApproval.AWAITING
    now = utcnow()
    close_requests(order, now)
    request = ApprovalRequest(
        order_id=order.id,
        platform_id=order.platform_id,
        approver_name=approver.name,
        approver_email=approver.email,
        seed=secrets.token_hex(32),
        sent_at=now,
        expires_at=now + LINK_LIFETIME,
        next_at=now,
    )
    db.session.add(request)
    return request


def close_requests(order: HardwareOrder, now: datetime) -> None:
    """End the link that could still be answered, if there is one."""
    for request in db.session.query(ApprovalRequest).filter(
        ApprovalRequest.order_id == order.id,
        WAITS_FOR_ANSWER,
    ):
        request.closed_at, request.next_at = now, None
    db.session.flush()


def resend_request(actor: Actor, order_id: int) -> ApprovalRequest:
    """Send a new link to whoever is the approver now; the earlier one ends.

    Called twice within a minute, the link stays the same.

    Raises:
        NotAllowed, NotFound, WrongState, InvalidInput: nothing was done.
    """
    order = lock_order_for(actor, order_id, OrderAction.ASK)
    require_possible(order, OrderAction.ASK)
    approver = approver_of(order.account, _employees_of(order))
    if approver is None:
        raise InvalidInput.at("manager_approval", describe_missing_approver(order.account))
    previous = last_request(actor, order.id, lock=True)
    if (
        previous is not None
        and (previous.approver_email, previous.closed_at) == (approver.email, None)
        and utcnow() - previous.sent_at < _RESEND_INTERVAL
    ):
        return previous
    request = request_approval(order, approver)
    record_approval_requested(actor, order, name=approver.name, email=approver.email)
    return request


def request_again_if_dearer(order: HardwareOrder) -> str | None:
    """After an edit: ask the manager again where the order costs more than what they approved or were told.

    Returns:
        That they are asked again, in words; None where what they were told still holds.
    """
    # The order itself is written once, with everything this edit changes.
    with db.session.no_autoflush:
        seen = _seen_by_manager(order)
        if seen is None or not _is_dearer(seen.cost or {}, cost_of(order.lines)):
            return None
        approver = approver_of(order.account, _employees_of(order))
        answered = seen.answer is not None
    # Whoever was asked once can be asked again, even where nobody is named any more.
    approver = approver or Approver(seen.approver_name, seen.approver_email)
    request_approval(order, approver)
    verb = "approved" if answered else "was asked about"
    if approver.email == seen.approver_email:
        return f"it costs more than {seen.approver_name} {verb}, who is asked again"
    return f"it costs more than {seen.approver_name} {verb}; {approver.name} is asked"


def _seen_by_manager(order: HardwareOrder) -> ApprovalRequest | None:
    """The request whose cost the manager knows: approved, or open with its mail written."""
    if order.manager_approval is ManagerApproval.AGREED and order.account.requires_manager_approval:
        return last_agreement(order.id)
    if order.manager_approval is ManagerApproval.AWAITING:
        return mailed_request(order.id)
    return None


def _employees_of(order: HardwareOrder) -> set[int | None]:
    return {unit.employee_id for unit in units_of(order.id)}

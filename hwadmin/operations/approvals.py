"""Asking an account's manager whether an order may be made, and what they answer.

The link is signed and not stored: it is made of the request's key, its random seed and our secret key, so
that neither a copy of the database nor the log of outgoing mail can be used to answer in a manager's place.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from hwadmin.clock import utcnow
from hwadmin.errors import InvalidInput, NotFound, WrongState
from hwadmin.extensions import db
from hwadmin.lifecycle import ManagerApproval, OrderAction, fits
from hwadmin.models import Account, ApprovalRequest, HardwareOrder, LineItem, LinkState
from hwadmin.operations import audit
from hwadmin.operations._transition import (
    locked_order,
    order_with_reason,
    reason_for,
    require_fitting,
    spoken,
    transition,
)
from hwadmin.operations.announcements import announce
from hwadmin.permissions import Actor, Role
from hwadmin.queries.approvals import Approver, approver_of, last_agreement, last_request
from hwadmin.queries.units import units_of
from hwadmin.texts import Problems

LINK_LIVES = timedelta(days=14)
REMINDED_AFTER = (timedelta(days=3), timedelta(days=7))
# Who presses twice does not send two links.
_THE_SAME_WITHIN = timedelta(minutes=1)
_TOKEN = re.compile(r"([0-9]{1,18})-([a-z2-7]{52})")


# ---- What it costs


def cost_of(lines: Iterable[LineItem]) -> dict[str, tuple[Decimal, Decimal]]:
    """What lines cost by currency: once, and each month."""
    cost: dict[str, tuple[Decimal, Decimal]] = {}
    for line in lines:
        once, monthly = cost.get(line.currency, (Decimal(), Decimal()))
        cost[line.currency] = once + line.total, monthly + line.quantity * (line.monthly_price or Decimal())
    return cost


def _kept(cost: Mapping[str, tuple[Decimal, Decimal]]) -> dict[str, list[str]]:
    return {currency: [f"{once:.2f}", f"{monthly:.2f}"] for currency, (once, monthly) in cost.items()}


def _is_dearer(agreed: Mapping[str, Sequence[str]], cost: Mapping[str, tuple[Decimal, Decimal]]) -> bool:
    """Whether something costs more now, at once or each month, than what was agreed to."""
    for currency, (once, monthly) in cost.items():
        before = agreed.get(currency, ("0", "0"))
        if once > Decimal(before[0]) or monthly > Decimal(before[1]):
            return True
    return False


# ---- The link


def signed_token(secret_key: str, request_id: int, seed: str) -> str:
    """What the link of a request ends with: its key, and the signature over it."""
    signed = hmac.new(
        secret_key.encode(), f"manager approval:{request_id}:{seed}".encode(), hashlib.sha256
    ).digest()
    # No letter that is mistaken for the end of a sentence where mail programs make links of text.
    return f"{request_id}-{base64.b32encode(signed).decode().rstrip('=').lower()}"


def link_token(secret_key: str, request: ApprovalRequest) -> str:
    """What the link of this request ends with."""
    return signed_token(secret_key, request.id, request.seed)


def request_id_of(token: str) -> int | None:
    """The key a link's token names, whether or not it is signed; None where it cannot be a token."""
    found = _TOKEN.fullmatch(token)
    return int(found[1]) if found else None


def is_signed(secret_key: str, request: ApprovalRequest, token: str) -> bool:
    """Whether this very token was made for the request."""
    return hmac.compare_digest(link_token(secret_key, request).encode(), token.encode())


def is_awaited(order: HardwareOrder) -> bool:
    """Whether an order still waits for its manager's answer."""
    return fits(OrderAction.AGREE, order.facts)


def manager_asked(request: ApprovalRequest) -> Actor:
    """The manager as one who answers; of this platform, and without an account here."""
    return Actor(None, request.approver_name, Role.MANAGER, frozenset({request.platform_id}))


# ---- Asking


def approver_needed(account: Account, employee_ids: Iterable[int | None], problems: Problems) -> None:
    """Where somebody must approve the account's orders and nobody could, that is one of the problems."""
    if account.requires_manager_approval and approver_of(account, employee_ids) is None:
        problems.add("manager_approval", nobody_to_ask(account))


def ask_first(order: HardwareOrder, account: Account) -> Approver:
    """Let an order that has just been written wait for its manager; who is asked.

    Raises:
        InvalidInput: for those who came onto the account with this very order, nobody can be asked.
    """
    approver = approver_of(account, _employees_of(order))
    if approver is None:
        raise InvalidInput.at("manager_approval", nobody_to_ask(account))
    ask(order, approver)
    return approver


def nobody_to_ask(account: Account) -> str:
    """What to do where an account wants its manager's approval and names nobody who could give it."""
    return (
        f"{account.name} wants its manager’s approval of every order, but nobody is named who could give it. "
        "Name an approver in the account’s settings, or plan the units for employees whose manager has an "
        "e-mail address."
    )


def ask(order: HardwareOrder, approver: Approver) -> ApprovalRequest:
    """Let an order wait for its manager, who gets a link by mail; a former link is good for nothing now.

    The order is locked or new. The worker writes the mail, and the reminders if no answer comes.
    """
    order.manager_approval = ManagerApproval.AWAITING
    now = utcnow()
    _close(order, now)
    request = ApprovalRequest(
        order_id=order.id,
        platform_id=order.platform_id,
        approver_name=approver.name,
        approver_email=approver.email,
        seed=secrets.token_hex(32),
        sent_at=now,
        expires_at=now + LINK_LIVES,
        next_at=now,
    )
    db.session.add(request)
    return request


def _close(order: HardwareOrder, now: datetime) -> None:
    """End the link that could still be answered, if there is one."""
    for request in db.session.query(ApprovalRequest).filter(
        ApprovalRequest.order_id == order.id,
        ApprovalRequest.used_at.is_(None),
        ApprovalRequest.closed_at.is_(None),
    ):
        request.closed_at, request.next_at = now, None
    db.session.flush()


def ask_again(actor: Actor, order_id: int) -> ApprovalRequest:
    """Send the manager a new link, to whoever is the approver by now; the former one ends.

    Asked for twice within a minute, it is the same link.

    Raises:
        NotAllowed, NotFound, WrongState, InvalidInput: nothing was done.
    """
    order = locked_order(actor, order_id, OrderAction.ASK)
    require_fitting(order, OrderAction.ASK)
    approver = approver_of(order.account, _employees_of(order))
    if approver is None:
        raise InvalidInput.at("manager_approval", nobody_to_ask(order.account))
    former = last_request(actor, order.id, lock=True)
    if (
        former is not None
        and (former.approver_email, former.closed_at) == (approver.email, None)
        and utcnow() - former.sent_at < _THE_SAME_WITHIN
    ):
        return former
    request = ask(order, approver)
    audit.record(
        actor,
        "order.manager_asked",
        f"Sent {approver.name} a new link to approve {order.reference}",
        order=order,
        details={"approver": approver.name, "email": approver.email},
    )
    return request


def ask_if_dearer(order: HardwareOrder) -> str | None:
    """After an edit: ask the manager again where the order costs more than they approved.

    Returns:
        Who is asked, or None where the agreement holds.
    """
    if order.manager_approval is not ManagerApproval.AGREED or not order.account.requires_manager_approval:
        return None
    # The order itself is written once, with everything this edit changes.
    with db.session.no_autoflush:
        agreed = last_agreement(order.id)
        if agreed is None or not _is_dearer(agreed.cost or {}, cost_of(order.lines)):
            return None
        approver = approver_of(order.account, _employees_of(order))
    # Whoever approved it once can do so again, even where nobody is named any more.
    approver = approver or Approver(agreed.approver_name, agreed.approver_email)
    ask(order, approver)
    return approver.name


def _employees_of(order: HardwareOrder) -> set[int | None]:
    return {unit.employee_id for unit in units_of(order.id)}


# ---- Answering


def answer_as_manager(
    actor: Actor,
    request: ApprovalRequest,
    *,
    agrees: bool,
    reason: str | None = None,
    expected_version: int | None = None,
) -> HardwareOrder:
    """Approve an order as its account's manager, or decline it, which cancels it with the reason.

    Args:
        actor: the manager, as ``manager_asked`` says.
        request: the request of the link they followed.
        agrees: approve, or decline.
        reason: why they decline.
        expected_version: the version of the order they saw.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    action = OrderAction.AGREE if agrees else OrderAction.DECLINE
    order = locked_order(actor, request.order_id, action)
    # As it is now that nobody else can be at it.
    asked = db.session.get(ApprovalRequest, request.id, populate_existing=True)
    if asked is None:
        raise NotFound("There is no such request.")
    now = utcnow()
    state = asked.state(is_awaited(order), now)
    if state is LinkState.OVERTAKEN:
        require_fitting(order, action)
    if state is not LinkState.OPEN:
        raise WrongState(_why_closed(asked, state))
    # Only what they saw is theirs to answer.
    locked_order(actor, request.order_id, action, expected_version)
    said = None if agrees else reason_for(action, reason)
    answer = ManagerApproval.AGREED if agrees else ManagerApproval.DECLINED
    asked.answer, asked.used_at, asked.reason, asked.next_at = answer, now, said, None
    asked.cost = _kept(cost_of(order.lines))
    if agrees:
        transition(actor, order, action, manager_approval=answer)
        summary = f"Approved {order.reference} as manager of {order.account.name}"
    else:
        transition(actor, order, action, manager_approval=answer, cancellation_reason=said)
        summary = f"Declined {order.reference} as manager of {order.account.name}; it is cancelled"
    audit.record(
        actor,
        "order.manager_answered",
        summary,
        order=order,
        reason=said,
        details={"answer": answer.value, "email": asked.approver_email, "cost": asked.cost},
    )
    announce(
        actor,
        "order.updated" if agrees else "order.cancelled",
        order=order,
        reason=said,
        manager=answer.value,
    )
    return order


def override_manager(
    actor: Actor, order_id: int, *, reason: str | None, expected_version: int | None = None
) -> HardwareOrder:
    """Decide that an order need not wait for its manager; it waits for approval like any other then.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    order, reason = order_with_reason(actor, order_id, OrderAction.OVERRIDE, reason, expected_version)
    request = last_request(actor, order.id)
    _close(order, utcnow())
    transition(actor, order, OrderAction.OVERRIDE, manager_approval=ManagerApproval.OVERRIDDEN)
    audit.record(
        actor,
        "order.manager_overridden",
        f"Decided that {order.reference} need not wait for "
        + (request.approver_name if request else "its manager"),
        order=order,
        reason=reason,
        details={"approver": request.approver_name if request else None},
    )
    announce(actor, "order.updated", order=order, reason=reason, manager=ManagerApproval.OVERRIDDEN.value)
    return order


def _why_closed(request: ApprovalRequest, state: LinkState) -> str:
    if state is LinkState.USED:
        assert request.used_at is not None
        said = "approved" if request.answer is ManagerApproval.AGREED else "declined"
        return f"You have {said} this order already, at {spoken(request.used_at)}."
    if state is LinkState.REPLACED:
        return "A newer link was sent to you; please answer by that one."
    return f"This link was good until {spoken(request.expires_at)}."

"""What is written to an account's manager, and about their answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hwadmin.amounts import money
from hwadmin.models import ApprovalRequest, HardwareOrder
from hwadmin.operations.approvals import cost_of
from hwadmin.operations.ordering import listed
from hwadmin.outbox.letters import (
    OWN_LINK,
    Content,
    Letter,
    order_address,
    subject_line,
    submitter_of,
    told_at_once,
    written,
)
from hwadmin.queries.approvals import purposes_of, users_of
from hwadmin.queries.units import UnitRow
from hwadmin.views.words import day

_MOST_NAMES = 12


def asking_letter(order: HardwareOrder, units: Sequence[UnitRow], request: ApprovalRequest) -> Letter:
    """The mail that asks a manager, or reminds them: what, for whom, why, what it costs, and their link."""
    reminder = request.reminders > 0
    asks = order.requester or order.submitted_by_name
    content = Content(
        headline=f"{asks} asks you to approve hardware for {order.account.name}."
        + (" Your answer is still awaited." if reminder else ""),
        facts=list(_facts(order, units)),
        link=OWN_LINK,
        link_text="Look at the order and answer",
        why=f"The link is yours alone: it works without signing in, once, until {day(request.expires_at)}. "
        f"Nothing is ordered before you have approved it. You get this as the approver of "
        f"{order.account.name}, a customer of {order.platform.name}.",
    )
    subject = f"Please approve {order.reference}: hardware for {order.account.name}"
    return written(
        request.approver_email,
        "approval.reminded" if reminder else "approval.asked",
        subject_line(f"Reminder: {subject}" if reminder else subject),
        content,
    )


def _facts(order: HardwareOrder, units: Sequence[UnitRow]) -> Iterator[tuple[str, str]]:
    yield "Order", order.reference
    yield "Items", listed(order.lines)
    names = users_of(units)
    if names:
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        yield "For", ", ".join(names[:_MOST_NAMES]) + more
    why = purposes_of(order)
    if why:
        yield "Why", " · ".join(why)
    for currency, (once, monthly) in cost_of(order.lines).items():
        yield "Costs now", money(once, currency)
        if monthly:
            yield "Costs each month", money(monthly, currency)
    yield "Asked by", f"{order.requester or order.submitted_by_name}, {order.platform.name}"


def expired_letters(order: HardwareOrder, request: ApprovalRequest) -> Iterator[Letter]:
    """To whom it concerns: the manager did not answer in time, and what can be done."""
    content = Content(
        headline=f"{request.approver_name} has not answered about {order.reference} for "
        f"{order.account.name}. The link has run out.",
        facts=[("Order", order.reference), ("Items", listed(order.lines))],
        link=order_address(order.id),
        link_text="Open the order to send a new link",
        why="You get this because the order waits for its manager’s approval.",
    )
    subject = subject_line(f"{order.reference} still awaits its manager: {order.account.name}")
    for recipient in dict.fromkeys([*submitter_of(order), *told_at_once()]):
        yield written(recipient, "approval.expired", subject, content)

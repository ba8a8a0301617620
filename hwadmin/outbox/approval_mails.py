"""What is written to an account's manager, and about their answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hwadmin.domain.dates import format_date
from hwadmin.domain.event_kinds import MailType
from hwadmin.models import ApprovalRequest, HardwareOrder
from hwadmin.operations.orders.submission.line_writing import describe_lines
from hwadmin.outbox.mail_templates import (
    OWN_LINK,
    Mail,
    MailContent,
    costs,
    immediate_recipients,
    order_address,
    render_mail,
    subject_line,
    submitter_of,
)
from hwadmin.queries.orders.approvals import purposes_of, users_of
from hwadmin.queries.units.units import UnitRow

_MAX_NAMES = 12


def approval_mail(
    order: HardwareOrder, units: Sequence[UnitRow], request: ApprovalRequest, *, again: bool = False
) -> Mail:
    """The mail that asks a manager, or reminds them: what, for whom, why, what it costs, and their link.

    Args:
        order: what they are asked about.
        units: its units.
        request: whom it asks, and until when.
        again: they got a mail of an earlier request about it.
    """
    reminder = request.reminders > 0
    asks = order.requester or order.submitted_by_name
    content = MailContent(
        headline=f"{asks} asks you to approve hardware for {order.account.name}."
        + (" Your answer is still awaited." if reminder else "")
        + (" This mail replaces the one before, whose link has ended." if again and not reminder else ""),
        facts=list(_facts(order, units)),
        link=OWN_LINK,
        link_text="Look at the order and answer",
        why="The link is yours alone: it works without signing in, once, until "
        f"{format_date(request.expires_at)}. "
        f"Nothing is ordered before you have approved it. You get this as the approver of "
        f"{order.account.name}, a customer of {order.platform.name}.",
    )
    subject = f"Please approve {order.reference}: hardware for {order.account.name}"
    return render_mail(
        request.approver_email,
        MailType.APPROVAL_REMINDED if reminder else MailType.APPROVAL_REQUESTED,
        subject_line(f"Reminder: {subject}" if reminder else subject),
        content,
    )


def _facts(order: HardwareOrder, units: Sequence[UnitRow]) -> Iterator[tuple[str, str]]:
    yield "Order", order.reference
    yield "Items", describe_lines(order.lines)
    names = users_of(units)
    if names:
        more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
        yield "For", ", ".join(names[:_MAX_NAMES]) + more
    why = purposes_of(order)
    if why:
        yield "Why", " · ".join(why)
    yield from costs(order)
    yield "Asked by", f"{order.requester or order.submitted_by_name}, {order.platform.name}"


def expiry_mails(order: HardwareOrder, request: ApprovalRequest) -> Iterator[Mail]:
    """The mails that say the manager did not answer in time, and what can be done."""
    content = MailContent(
        headline=f"{request.approver_name} has not answered about {order.reference} for "
        f"{order.account.name}. The link has run out.",
        facts=[("Order", order.reference), ("Items", describe_lines(order.lines))],
        link=order_address(order.id),
        link_text="Open the order to send a new link",
        why="You get this because the order waits for its manager’s approval.",
    )
    subject = subject_line(f"{order.reference} still awaits its manager: {order.account.name}")
    for recipient in dict.fromkeys([*submitter_of(order), *immediate_recipients()]):
        yield render_mail(recipient, MailType.APPROVAL_EXPIRED, subject, content)

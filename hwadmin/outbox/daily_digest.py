"""The daily mail of new orders and of those that are late, for super-admins who want one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload, raiseload, selectinload

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.lookup import insert_or_ignore
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.event_kinds import MailType
from hwadmin.domain.lifecycle import ManagerApproval
from hwadmin.domain.wording import inflect, plural
from hwadmin.models import ApprovalRequest, HardwareOrder, OutgoingMessage
from hwadmin.operations.orders.submission.line_writing import describe_lines
from hwadmin.outbox.fanout import mail_row
from hwadmin.outbox.mail_templates import (
    MailContent,
    daily_recipients,
    order_address,
    render_mail,
    subject_line,
)
from hwadmin.outbox.queue import DELIVERY
from hwadmin.queries.orders.waiting.late_orders import late_orders, owners_of

# In UTC: before the working day begins in Europe.
HOUR = 5
_MAX_ORDERS = 200
_MAX_LATE = 50


def write_digests() -> int:
    """Write the daily mails that are due; how many. Whoever got one today gets no second.

    Each covers the time since the one before, so that nothing is left out where no worker ran for a while.
    """
    with acting_as(db.session, DELIVERY):
        return transact(_write)


def is_hour(now: datetime) -> bool:
    """Whether the daily mails of this day may leave."""
    return now.hour >= HOUR


def _new_between(since: datetime, now: datetime) -> ColumnElement[bool]:
    """Orders that came to wait for a super-admin: by being submitted, or once their manager was settled."""
    settled = select(ApprovalRequest.order_id).where(
        or_(
            and_(ApprovalRequest.used_at >= since, ApprovalRequest.used_at < now),
            and_(ApprovalRequest.closed_at >= since, ApprovalRequest.closed_at < now),
        )
    )
    return or_(
        and_(
            HardwareOrder.created_at >= since,
            HardwareOrder.created_at < now,
            HardwareOrder.manager_approval == ManagerApproval.NOT_REQUIRED,
        ),
        and_(
            HardwareOrder.manager_approval.in_([ManagerApproval.AGREED, ManagerApproval.OVERRIDDEN]),
            HardwareOrder.id.in_(settled),
        ),
    )


def _write() -> int:
    now, made = utcnow(), 0
    late = _late_rows()
    for person in daily_recipients():
        last = db.session.scalar(
            select(func.max(OutgoingMessage.id)).where(
                OutgoingMessage.type == MailType.ORDERS_DIGEST, OutgoingMessage.recipient == person.email
            )
        )
        since = now - timedelta(days=1)
        if last is not None:
            before = db.session.get_one(OutgoingMessage, last).created_at
            if before.date() == now.date():
                continue
            since = before
        orders = db.session.scalars(
            select(HardwareOrder)
            .where(_new_between(since, now))
            .options(
                joinedload(HardwareOrder.platform),
                joinedload(HardwareOrder.account),
                selectinload(HardwareOrder.lines).raiseload("*"),
                raiseload("*"),
            )
            .order_by(HardwareOrder.id)
            .limit(_MAX_ORDERS)
        ).all()
        if not orders and not late:
            continue
        mail = render_mail(
            person.email,
            MailType.ORDERS_DIGEST,
            subject_line(f"Hardware orders: {_counted(orders, late)}"),
            digest_content(orders, late),
        )
        # Where two workers write at the same moment, one of them inserts nothing.
        row = insert_or_ignore(OutgoingMessage, **mail_row(mail, f"digest {now.date()}"))
        made += row is not None
    return made


# Reference, account, platform, what there is to say of it, and the address of its page.
_Row = tuple[str, str, str, str, str]


def _late_rows() -> list[_Row]:
    """What waits longer than it should, the latest first."""
    orders = late_orders(DELIVERY, limit=_MAX_LATE)
    owners = owners_of((order.waits_for, order.deadlines) for order in orders)
    return [
        (
            order.reference,
            order.account_name,
            order.platform_name,
            f"Late since {format_datetime(order.due_at)}: waits for {order.waits_for.label}. "
            f"Responsible: {owner}",
            order_address(order.id),
        )
        for order, owner in zip(orders, owners, strict=True)
        if order.waits_for is not None and order.due_at is not None
    ]


def _counted(orders: Sequence[HardwareOrder], late: Sequence[_Row]) -> str:
    """How many are new and how many late: ``3 new, 1 late``."""
    counts = ((len(orders), "new"), (len(late), "late"))
    return ", ".join(f"{count} {word}" for count, word in counts if count)


def _describe_counts(new: int, late: int) -> str:
    """How many came in since the last mail, and how many are late now."""
    since = f"{plural(new, 'new order')} since your last daily mail" if new else ""
    now = f"{plural(late, 'order')} {inflect(late, 'is', 'are')} late" if late else ""
    return "; ".join(filter(None, (since, now))) + "."


def digest_content(orders: Sequence[HardwareOrder], late: Sequence[_Row]) -> MailContent:
    """The content of a daily mail: the new orders since the last one, and all that are late."""
    new = [
        (
            order.reference,
            order.account.name,
            order.platform.name,
            describe_lines(order.lines),
            order_address(order.id),
        )
        for order in orders
    ]
    return MailContent(
        headline=_describe_counts(len(orders), len(late)),
        orders=[group for group in (("Late", late), ("New", new)) if group[1]],
        link=order_address(),
        link_text="Open Hardware Orders",
        why="You get this daily as a super-admin. Choose on “My account” how you hear about new orders.",
    )

"""The daily mail of new orders, for super-admins who want one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload, raiseload, selectinload

from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.lifecycle import ManagerApproval
from hwadmin.models import ApprovalRequest, HardwareOrder, OutgoingMessage
from hwadmin.operations.platforms import insert_or_ignore
from hwadmin.outbox.expanding import mail_of
from hwadmin.outbox.letters import digest, subject_line, told_daily, written
from hwadmin.outbox.queue import DELIVERY
from hwadmin.tenancy import acting_as
from hwadmin.uow import transact

TYPE = "orders.digest"
# In UTC: before the working day begins in Europe.
HOUR = 5
_MOST_ORDERS = 200


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
    for person in told_daily():
        last = db.session.scalar(
            select(func.max(OutgoingMessage.id)).where(
                OutgoingMessage.type == TYPE, OutgoingMessage.recipient == person.email
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
            .limit(_MOST_ORDERS)
        ).all()
        if not orders:
            continue
        count = f"{len(orders)} new order{'s' if len(orders) != 1 else ''}"
        letter = written(person.email, TYPE, subject_line(f"{count} of hardware"), digest(orders))
        # Of two workers writing at the same moment, one finds it there.
        row = insert_or_ignore(OutgoingMessage, **mail_of(letter, f"digest {now.date()}"))
        made += row is not None
    return made

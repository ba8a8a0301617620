"""Asking accounts' managers: the mail with their link, its reminders, and what follows when it runs out.

A request is its own place in the queue: it says when something is to be done next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import raiseload

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.models import ApprovalRequest, HardwareOrder
from hwadmin.operations.orders.approvals.answers import awaits_manager, manager_actor
from hwadmin.operations.orders.approvals.requests import REMINDER_DELAYS, cost_document, cost_of
from hwadmin.outbox.approval_mails import approval_mail, expiry_mails
from hwadmin.outbox.fanout import insert_messages, mail_row
from hwadmin.outbox.mail_templates import Mail
from hwadmin.outbox.polling import process_next, row_failures
from hwadmin.queries.orders.approvals import mailed_before
from hwadmin.queries.orders.by_key import whole_order
from hwadmin.queries.units.units import units_of


def follow_up_next() -> bool:
    """Send what is due for one request to a manager; False where nothing is."""
    return process_next(_follow_up, ApprovalRequest)


def _follow_up() -> bool:
    now = utcnow()
    request = db.session.scalars(
        select(ApprovalRequest)
        .where(ApprovalRequest.next_at <= now)
        .order_by(ApprovalRequest.next_at, ApprovalRequest.id)
        .limit(1)
        .options(raiseload("*"))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()
    if request is None:
        return False
    with row_failures(request.id):
        insert_messages(list(_mails(request, now)))
    return True


def _mails(request: ApprovalRequest, now: datetime) -> Iterator[dict[str, Any]]:
    """The mails that are due, and what is due next."""
    # Read with the rights of this platform: no name of another one can get into a mail.
    owner = manager_actor(request)
    with acting_as(db.session, owner):
        order = whole_order(owner, request.order_id)
        if order is None or not awaits_manager(order):
            request.next_at = None
            return
        if now >= request.expires_at:
            request.next_at = None
            yield from _rows(expiry_mails(order, request), "expired", request)
            return
        units = units_of(order.id)
        if request.mailed_at is None:
            request.mailed_at = now
            what = "asked"
        else:
            request.reminded_at, request.reminders = now, request.reminders + 1
            what = f"reminded {request.reminders}"
        request.cost = cost_document(cost_of(order.lines))
        request.next_at = _next(request, now)
        mail = approval_mail(order, units, request, again=mailed_before(request))
        yield from _rows([mail], what, request, approval=_signed_over(order, request))


def _next(request: ApprovalRequest, now: datetime) -> datetime:
    """When to write again; what was due while no worker ran is not made up for."""
    times = [request.sent_at + after for after in REMINDER_DELAYS]
    return min([time for time in times if time > now] + [request.expires_at])


def _signed_over(order: HardwareOrder, request: ApprovalRequest) -> dict[str, Any]:
    return {"request": request.id, "seed": request.seed, "reference": order.reference}


def _rows(
    mails: Iterable[Mail], what: str, request: ApprovalRequest, **parts: Any
) -> Iterator[dict[str, Any]]:
    for mail in mails:
        yield mail_row(mail, f"approval {request.id} {what}", **parts) | {
            "platform_id": request.platform_id,
            "order_id": request.order_id,
        }

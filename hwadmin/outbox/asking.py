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
from hwadmin.extensions import db
from hwadmin.models import ApprovalRequest, HardwareOrder
from hwadmin.operations.approvals import REMINDED_AFTER, is_awaited, manager_asked
from hwadmin.outbox.approval_letters import asking_letter, expired_letters
from hwadmin.outbox.due import about, do_next
from hwadmin.outbox.expanding import insert_messages, mail_of
from hwadmin.outbox.letters import Letter
from hwadmin.queries.api_lists import whole_order
from hwadmin.queries.units import units_of
from hwadmin.tenancy import acting_as


def follow_up_next() -> bool:
    """Do what is due about one request to a manager; False where nothing is."""
    return do_next(_follow_up, ApprovalRequest)


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
    with about(request.id):
        insert_messages(list(_mails(request, now)))
    return True


def _mails(request: ApprovalRequest, now: datetime) -> Iterator[dict[str, Any]]:
    """The mails that are due, and what is due next."""
    # Read as somebody of this very platform: no name of another one can get into a mail.
    owner = manager_asked(request)
    with acting_as(db.session, owner):
        order = whole_order(owner, request.order_id)
        if order is None or not is_awaited(order):
            request.next_at = None
            return
        if now >= request.expires_at:
            request.next_at = None
            yield from _rows(expired_letters(order, request), "expired", request)
            return
        units = units_of(order.id)
        if request.mailed_at is None:
            request.mailed_at = now
            letter, what = asking_letter(order, units, request), "asked"
        else:
            request.reminded_at, request.reminders = now, request.reminders + 1
            letter, what = asking_letter(order, units, request), f"reminded {request.reminders}"
        request.next_at = _next(request, now)
        yield from _rows([letter], what, request, approval=_signed_over(order, request))


def _next(request: ApprovalRequest, now: datetime) -> datetime:
    """When to write again; what was due while no worker ran is not made up for."""
    times = [request.sent_at + after for after in REMINDED_AFTER]
    return min([time for time in times if time > now] + [request.expires_at])


def _signed_over(order: HardwareOrder, request: ApprovalRequest) -> dict[str, Any]:
    return {"request": request.id, "seed": request.seed, "reference": order.reference}


def _rows(
    letters: Iterable[Letter], what: str, request: ApprovalRequest, **parts: Any
) -> Iterator[dict[str, Any]]:
    for letter in letters:
        yield mail_of(letter, f"approval {request.id} {what}", **parts) | {
            "platform_id": request.platform_id,
            "order_id": request.order_id,
        }

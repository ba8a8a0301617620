"""Approval by a manager: who is asked, the latest request, and the request that a link names."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, raiseload

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import EVERYWHERE
from hwadmin.domain.permissions import Actor
from hwadmin.domain.row_ids import is_valid_id, valid_ids
from hwadmin.models import (
    WAITS_FOR_ANSWER,
    Account,
    ApprovalRequest,
    Employee,
    HardwareOrder,
    PhoneLine,
    Unit,
)
from hwadmin.queries.scope import within
from hwadmin.queries.units.units import UnitRow

_Manager = aliased(Employee)
_MAX_PURPOSES = 10


@dataclass(frozen=True, slots=True)
class Approver:
    """The person who approves an order of an account."""

    name: str
    email: str


def approver_of(account: Account, employee_ids: Iterable[int | None]) -> Approver | None:
    """Who is asked: the manager of everybody the units are for, else the approver of the account.

    A manager must be active, have an e-mail address and not be the employee themselves. Where the employees
    have several managers, or one has none, the approver of the account is asked.

    Args:
        account: the order's account.
        employee_ids: the employees the units are for.
    """
    keys = valid_ids(employee_ids)
    if keys:
        rows = db.session.execute(
            select(
                Employee.id,
                _Manager.id.label("manager_id"),
                _Manager.name,
                _Manager.email,
                _Manager.deactivated_at,
            )
            .outerjoin(_Manager, _Manager.id == Employee.manager_id)
            .where(Employee.account_id == account.id, Employee.id.in_(keys))
        )
        managers = {
            (row.manager_id, row.name, row.email)
            if row.email and row.deactivated_at is None and row.manager_id != row.id
            else None
            for row in rows
        }
        if len(managers) == 1 and (manager := managers.pop()) is not None:
            _, name, email = manager
            return Approver(name, email)
    if account.approver_email:
        return Approver(account.approver_name or account.approver_email, account.approver_email)
    return None


def last_request(actor: Actor, order_id: int, *, lock: bool = False) -> ApprovalRequest | None:
    """The newest request about an order; locked until the end of the unit of work if asked."""
    query = (
        select(ApprovalRequest)
        .where(within(actor, ApprovalRequest), ApprovalRequest.order_id == order_id)
        .order_by(ApprovalRequest.id.desc())
        .limit(1)
        .options(raiseload("*"))
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query.with_for_update() if lock else query).first()


def last_requests(order_ids: Collection[int]) -> dict[int, ApprovalRequest]:
    """The newest request about each of the orders that had any, in one statement, by order."""
    if not order_ids:
        return {}
    newest = (
        select(func.max(ApprovalRequest.id))
        .where(ApprovalRequest.order_id.in_(order_ids))
        .group_by(ApprovalRequest.order_id)
    )
    rows = db.session.scalars(
        select(ApprovalRequest).where(ApprovalRequest.id.in_(newest)).options(raiseload("*"))
    )
    return {row.order_id: row for row in rows}


def last_agreement(order_id: int) -> ApprovalRequest | None:
    """The newest request about an order that the manager approved."""
    return db.session.scalars(
        select(ApprovalRequest)
        .where(ApprovalRequest.order_id == order_id, ApprovalRequest.answer == "agreed")
        .order_by(ApprovalRequest.id.desc())
        .limit(1)
        .options(raiseload("*"))
    ).first()


def mailed_request(order_id: int) -> ApprovalRequest | None:
    """The request that waits for an answer, once its mail is written; locked, so that none is written now."""
    open_request = db.session.scalars(
        select(ApprovalRequest)
        .where(
            ApprovalRequest.order_id == order_id,
            WAITS_FOR_ANSWER,
        )
        .options(raiseload("*"))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    return open_request if open_request is not None and open_request.mailed_at is not None else None


def mailed_before(request: ApprovalRequest) -> bool:
    """Whether the same manager got a mail of an earlier request about the order."""
    earlier = select(ApprovalRequest.id).where(
        ApprovalRequest.order_id == request.order_id,
        ApprovalRequest.id < request.id,
        ApprovalRequest.approver_email == request.approver_email,
        ApprovalRequest.mailed_at.is_not(None),
    )
    return bool(db.session.scalar(select(earlier.exists())))


def purposes_of(order: HardwareOrder) -> list[str]:
    """Why an order is asked for: its own reason, and which numbers it upgrades and why, each once."""
    upgrades = db.session.execute(
        select(PhoneLine.phone_number, Unit.upgrade_reason)
        .join(PhoneLine, PhoneLine.id == Unit.line_of_service_id)
        .where(Unit.order_id == order.id)
        .order_by(Unit.id)
    )
    purposes = [f"Upgrade of {number}" + (f": {reason}" if reason else "") for number, reason in upgrades]
    return list(dict.fromkeys(text for text in (order.reason, *purposes) if text))[:_MAX_PURPOSES]


def users_of(units: Iterable[UnitRow]) -> list[str]:
    """The users of an order, as they were stated when it was made, each once."""
    names = (unit.user_name or unit.employee_name for unit in units)
    return list(dict.fromkeys(name for name in names if name))


def request_of_link(request_id: int) -> ApprovalRequest | None:
    """The request with this key, of any platform: a link is opened before its platform is known.

    The caller must compare the link's signature before trusting anything of it.
    """
    if not is_valid_id(request_id):
        return None
    return db.session.scalars(
        select(ApprovalRequest)
        .where(ApprovalRequest.id == request_id)
        .options(raiseload("*"))
        .execution_options(populate_existing=True, **{EVERYWHERE: True})
    ).one_or_none()

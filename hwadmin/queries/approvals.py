"""Asking an account's manager: who would be asked, what was asked last, and the request a link names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased, raiseload

from hwadmin.extensions import db
from hwadmin.models import Account, ApprovalRequest, Employee, HardwareOrder, Unit
from hwadmin.permissions import Actor
from hwadmin.queries.scope import within
from hwadmin.queries.units import UnitRow
from hwadmin.tenancy import EVERYWHERE

_Manager = aliased(Employee)
_MOST_PURPOSES = 10


@dataclass(frozen=True, slots=True)
class Approver:
    """Whoever approves an order of an account."""

    name: str
    email: str


def approver_of(account: Account, employee_ids: Iterable[int | None]) -> Approver | None:
    """Who is asked: the one manager of everybody the units are for, else the account's own approver.

    A manager counts who is still there, has an e-mail address and is not asked about themselves alone. Where
    the units are for people of several managers, or of none, it is the account's approver.

    Args:
        account: the order's account.
        employee_ids: the employees the units are for.
    """
    # A key beyond a BIGINT cannot be one, and PostgreSQL would refuse to compare with it.
    wanted = {key for key in employee_ids if key is not None and 0 < key < 2**63}
    if wanted:
        managers = db.session.execute(
            select(Employee.id, _Manager.id, _Manager.name, _Manager.email, _Manager.deactivated_at)
            .outerjoin(_Manager, _Manager.id == Employee.manager_id)
            .where(Employee.account_id == account.id, Employee.id.in_(wanted))
        ).all()
        found = {
            (row[1], row[2], row[3]) if row[3] and row[4] is None and row[1] != row[0] else None
            for row in managers
        }
        if len(found) == 1 and (one := found.pop()) is not None:
            return Approver(one[1], one[2])
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


def last_agreement(order_id: int) -> ApprovalRequest | None:
    """The newest request about an order that was answered with yes."""
    return db.session.scalars(
        select(ApprovalRequest)
        .where(ApprovalRequest.order_id == order_id, ApprovalRequest.answer == "agreed")
        .order_by(ApprovalRequest.id.desc())
        .limit(1)
        .options(raiseload("*"))
    ).first()


def purposes_of(order: HardwareOrder) -> list[str]:
    """Why an order is asked for: its own reason, and those of its units' upgrades, each once."""
    said = db.session.scalars(
        select(Unit.upgrade_reason)
        .where(Unit.order_id == order.id, Unit.upgrade_reason.is_not(None))
        .order_by(Unit.id)
    )
    return list(dict.fromkeys(text for text in (order.reason, *said) if text))[:_MOST_PURPOSES]


def users_of(units: Iterable[UnitRow]) -> list[str]:
    """For whom an order is: the users as they were said when it was ordered, each once."""
    names = (unit.user_name or unit.employee_name for unit in units)
    return list(dict.fromkeys(name for name in names if name))


def request_a_link_names(request_id: int) -> ApprovalRequest | None:
    """The request of a key, whosever it is: a link is followed before anybody knows its platform.

    The caller must hold the link's signature against it before believing anything.
    """
    if not 0 < request_id < 2**63:
        return None
    return db.session.scalars(
        select(ApprovalRequest)
        .where(ApprovalRequest.id == request_id)
        .options(raiseload("*"))
        .execution_options(populate_existing=True, **{EVERYWHERE: True})
    ).one_or_none()

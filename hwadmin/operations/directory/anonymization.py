"""The right to be forgotten: an employee is anonymized wherever the product has kept a copy of them."""

from __future__ import annotations

from sqlalchemy import (
    String,
    func,
    select,
)
from sqlalchemy.types import JSON

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import WrongState
from hwadmin.models import (
    WAITS_FOR_ANSWER,
    ApprovalRequest,
    Employee,
    HardwareOrder,
    reference,
)
from hwadmin.models.accounts import CALLED
from hwadmin.operations.accounts.employee_locks import lock_whole_account
from hwadmin.operations.audit.account_events import record_employee_anonymized
from hwadmin.operations.directory.copies import EMPLOYEE, copies_of, redact_rows
from hwadmin.operations.directory.event_redaction import redact_events
from hwadmin.operations.directory.redaction import Redactor
from hwadmin.operations.outgoing.events import publish_employees
from hwadmin.operations.people import idempotency
from hwadmin.queries.scope import find

# What the company booked their devices on is not theirs.
_KEPT = {"accounting_codes"}


def anonymize_employee(actor: Actor, employee_id: int, *, reason: str | None) -> Employee:
    """Take an employee's name, e-mail address and number out of everything the product has kept, for good.

    Their orders, devices and history stay and read the same, with “Former employee 1” where they were named.
    The audit trail says that this was done, and its chain holds.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: where that was done already.
        InvalidInput: where the reason is missing.
    """
    require(actor, Permission.EMPLOYEES_ANONYMIZE)
    lock_whole_account(actor, find(actor, Employee, employee_id).account_id)
    employee = find(actor, Employee, employee_id, lock=True)
    if employee.anonymized_at is not None:
        raise WrongState(f"{employee.name} was anonymized on {format_datetime(employee.anonymized_at)}.")
    problems = Problems()
    reason = problems.text("reason", reason, most=1000, required="Say who asked for it, and why.", lines=True)
    refuse(problems)
    _refuse_approver(employee)

    account = employee.account
    redactor = _redactor(employee)
    _forget(employee, redactor.stand_in)
    db.session.flush()
    idempotency.forget_answers()
    rows = sum(
        redact_rows(table, condition, redactor) for table, condition in copies_of(account.id, employee)
    )
    batch, digest, events = redact_events(account.id, account.platform_id, redactor)
    db.session.expire_all()
    record_employee_anonymized(
        actor,
        find(actor, Employee, employee_id).account,
        stand_in=redactor.stand_in,
        reason=redactor.text(reason or ""),
        facts={
            "employee_id": employee_id,
            "batch_id": batch,
            "redactions_digest": digest,
            "events_changed": events,
            "other_rows_changed": rows,
        },
    )
    employee = find(actor, Employee, employee_id)
    publish_employees(actor, employee.platform_id, [employee.id])
    return employee


def _refuse_approver(employee: Employee) -> None:
    """Whoever approves an account's orders is written to: first somebody else must."""
    account = employee.account
    if employee.email is None:
        return
    if (account.approver_email or "").lower() == employee.email.lower():
        raise WrongState(
            f"{employee.name} approves the orders of {account.name}. Choose somebody else first."
        )
    order_id = db.session.scalar(
        select(HardwareOrder.id)
        .join(ApprovalRequest, ApprovalRequest.order_id == HardwareOrder.id)
        .where(
            HardwareOrder.account_id == account.id,
            func.lower(ApprovalRequest.approver_email) == employee.email.lower(),
            WAITS_FOR_ANSWER,
        )
        .limit(1)
    )
    if order_id is not None:
        raise WrongState(
            f"{employee.name} is asked to approve {reference(order_id)} and has not answered. "
            "Settle that first."
        )


def _redactor(employee: Employee) -> Redactor:
    """For everything the employee is called, and was."""
    before = db.session.scalar(
        select(func.count(Employee.id)).where(
            Employee.account_id == employee.account_id, Employee.anonymized_at.is_not(None)
        )
    )
    called = {name: list((employee.former or {}).get(name, ())) for name in CALLED}
    for name, texts in called.items():
        if (text := getattr(employee, name)) is not None:
            texts.append(text)
    # A user name is an address more often than not; what is none is looked for as a number is.
    addresses = [text for text in called["user_name"] if "@" in text]
    numbers = [text for text in called["user_name"] if "@" not in text]
    return Redactor(
        f"Former employee {(before or 0) + 1}",
        called["name"],
        called["email"] + addresses,
        called["employee_number"] + called["external_id"] + numbers,
    )


def _forget(employee: Employee, stand_in: str) -> None:
    """Leave of the record what says nothing of the person; a directory no longer knows them."""
    for column in EMPLOYEE.c:
        if column.nullable and isinstance(column.type, String | JSON) and column.key not in _KEPT:
            setattr(employee, column.key, None)
    now = utcnow()
    employee.name, employee.manager_id = stand_in, None
    employee.deactivated_at = employee.deactivated_at or now
    employee.anonymized_at = now
    # Just now it was noted what they were called before.
    employee.former = None

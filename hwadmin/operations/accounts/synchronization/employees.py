"""Changing some of what is known of an employee, and keeping employees in step by another program's keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.lookup import checked_key, flush_or_try_again, insert_or_try_again
from hwadmin.domain.ordering.cost_allocation import document_of, in_words, shares_of, why_not
from hwadmin.domain.people.person_identity import People, StatedPerson
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.domain.wording import describe_change
from hwadmin.models import Account, Employee
from hwadmin.operations.accounts.employees import (
    NewEmployee,
    checked_employee,
    refuse_directory_managed,
    refuse_ended,
    refuse_taken,
)
from hwadmin.operations.accounts.settings import check_manager, check_shares
from hwadmin.operations.accounts.synchronization.upserting import changed_row, required_key
from hwadmin.operations.audit.account_events import record_account_changed
from hwadmin.operations.audit.changes import assign
from hwadmin.operations.outgoing.events import publish_employees
from hwadmin.queries.accounts.by_external_key import employee_by_key
from hwadmin.queries.directory.known_people import known_person, may_be
from hwadmin.queries.scope import find

# What is known of an employee besides their manager, codes and key.
_TEXTS = {"title": 200, "department": 200, "division": 200, "organization": 200}
_IDENTITY = ("name", "email", "employee_number")
_LABELS = {"email": "e-mail", "program_external_id": "external id", "deactivated_at": "has left"}


def change_employee_fields(actor: Actor, employee_id: int, values: Mapping[str, Any]) -> Employee:
    """Change the stated fields of an employee; the others stay. ``None`` clears a field.

    Args:
        actor: who changes them.
        employee_id: the employee's key.
        values: of ``name, email, employee_number, title, department, division, organization, manager_id,
            accounting_codes`` (shares), ``external_id`` and ``active``.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: an HR directory looks after the record, or it was anonymized.
        InvalidInput: every problem at once, each at its field.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    return changed_row(actor, Employee, employee_id, values, _write)


def upsert_employee(
    actor: Actor, account_id: int, external_id: str, values: Mapping[str, Any]
) -> tuple[Employee, bool]:
    """Create the employee another program knows by a key, or change the stated fields of the one there is.

    The same again changes nothing, and costs one statement. One who has left is back by it, unless
    ``active`` is stated.

    Returns the employee, and whether they were created.

    Raises:
        NotAllowed, NotFound, WrongState, InvalidInput: nothing was done.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    key = required_key(external_id)
    values = {"active": True} | dict(values)
    employee = employee_by_key(actor, account_id, key)
    if employee is not None:
        if _is_different(employee, values):
            employee = changed_row(actor, Employee, employee.id, values, _write)
        return employee, False
    account = find(actor, Account, account_id)
    if (known := _known_before(account.id, values)) is not None:
        keyed = {**values, "external_id": key}
        return changed_row(actor, Employee, known.id, keyed, _write), False
    employee = _created(actor, account, key, values)
    rest = {name: value for name, value in values.items() if name not in (*_IDENTITY, *_TEXTS)}
    _write(actor, employee, rest)
    return employee, True


def _known_before(account_id: int, values: Mapping[str, Any]) -> Employee | None:
    """The one person without a key whose address or number it is, and whose name does not contradict."""
    person = checked_employee(Problems(), NewEmployee(**{name: values.get(name) or "" for name in _IDENTITY}))
    emails = (person.email,) if person.email else ()
    stated = StatedPerson(person.name or None, emails, person.employee_number)
    if not (emails or stated.number):
        return None
    conditions = (Employee.account_id == account_id, Employee.merged_into_id.is_(None))
    rows = {row.id: row for row in db.session.scalars(select(Employee).where(*conditions, may_be(stated)))}
    meant = People(map(known_person, rows.values())).identify(stated).person
    row = rows[meant.id] if meant is not None else None
    return row if row is not None and row.program_external_id is None else None


def _created(actor: Actor, account: Account, key: str, values: Mapping[str, Any]) -> Employee:
    problems = Problems()
    columns = _checked_columns(problems, None, values)
    refuse_taken(problems, account.id, NewEmployee(**{name: columns[name] for name in _IDENTITY}))
    refuse(problems)
    employee = insert_or_try_again(
        Employee,
        account_id=account.id,
        platform_id=account.platform_id,
        program_external_id=key,
        email_key=columns["email"].lower() if columns.get("email") else None,
        **columns,
    )
    record_account_changed(actor, account, f"Added the employee {employee.name}")
    publish_employees(actor, account.platform_id, [employee.id])
    return employee


def _checked_columns(
    problems: Problems, employee: Employee | None, values: Mapping[str, Any]
) -> dict[str, Any]:
    """The stated texts as they are stored; problems are added, each at its field."""
    present = {name: getattr(employee, name, None) for name in _IDENTITY}
    stated = {name: values.get(name, present[name]) for name in _IDENTITY}
    person = checked_employee(problems, NewEmployee(**{**stated, "name": stated["name"] or ""}))
    columns: dict[str, Any] = {
        name: getattr(person, name) for name in _IDENTITY if name in values or employee is None
    }
    return columns | {
        name: problems.text(name, values[name], most=most) for name, most in _TEXTS.items() if name in values
    }


def _is_different(employee: Employee, values: Mapping[str, Any]) -> bool:
    """Whether the values would change anything; what has problems is different. Reads nothing."""
    problems = Problems()
    columns = _checked_columns(problems, employee, values)
    if problems.errors or any(getattr(employee, name) != value for name, value in columns.items()):
        return True
    if "manager_id" in values and values["manager_id"] != employee.manager_id:
        return True
    if "accounting_codes" in values and tuple(values["accounting_codes"] or ()) != shares_of(
        employee.accounting_codes
    ):
        return True
    return "active" in values and values["active"] is not (employee.deactivated_at is None)


def _write(actor: Actor, employee: Employee, values: Mapping[str, Any]) -> None:
    """Write the stated values of a locked employee, with one audit event where anything is different."""
    problems = Problems()
    columns = _checked_columns(problems, employee, values)
    if "external_id" in values:
        stated = values["external_id"]
        columns["program_external_id"] = checked_key(
            problems, employee, stated, Employee.program_external_id, Employee.account_id
        )
    if _is_different(employee, values):
        refuse_directory_managed(employee)
        refuse_ended(employee)
    _refuse_taken(problems, employee, columns)
    before = employee.name
    changes = _defaults(problems, employee, values)
    refuse(problems)
    changes += assign(employee, _LABELS, **columns)
    if values.get("active", employee.deactivated_at is None) is not (employee.deactivated_at is None):
        employee.deactivated_at = None if values["active"] else utcnow()
        changes.append("is back" if values["active"] else "has left")
    if changes:
        flush_or_try_again()
        db.session.expire(employee, ["manager"])
        record_account_changed(
            actor, employee.account, f"Changed the employee {before}: {', '.join(changes)}"
        )
        publish_employees(actor, employee.platform_id, [employee.id])


def _refuse_taken(problems: Problems, employee: Employee, columns: Mapping[str, Any]) -> None:
    """Add a problem where a new address or number is somebody else's."""
    new = {
        name: columns[name]
        for name in ("email", "employee_number")
        if columns.get(name) and columns[name] != getattr(employee, name)
    }
    if new:
        refuse_taken(problems, employee.account_id, NewEmployee(employee.name, **new), but=employee.id)


def _defaults(problems: Problems, employee: Employee, values: Mapping[str, Any]) -> list[str]:
    """Set who approves for an employee and what their devices are booked on; what is different, in words."""
    changes = []
    if "manager_id" in values and values["manager_id"] != employee.manager_id:
        manager = check_manager(problems, employee, values["manager_id"])
        before = employee.manager.name if employee.manager else "nobody"
        changes.append(describe_change("manager", before, manager.name if manager else "nobody"))
    shares = tuple(values.get("accounting_codes") or ())
    if "accounting_codes" in values and shares != shares_of(employee.accounting_codes):
        if why := why_not(shares):
            problems.add("accounting_codes", why)
        check_shares(problems, employee.account, shares)
        stored = in_words(shares_of(employee.accounting_codes)) or "none"
        changes.append(describe_change("accounting codes", stored, in_words(shares) or "none"))
    if not problems.errors:
        if "manager_id" in values:
            employee.manager_id = values["manager_id"]
        if "accounting_codes" in values:
            employee.accounting_codes = document_of(shares)
    return changes

"""An account's employees as its HR directory says: added, changed, deactivated, removed; one event per push.

A push is one request of the identity provider, or one imported list. It holds the account's lock from its
beginning, so that two pushes of the same person come one after the other and make one record.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import undefer

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.lookup import insert_or_ignore
from hwadmin.domain.ordering.cost_allocation import WHOLE, Share, document_of
from hwadmin.domain.people.person_identity import StatedPerson
from hwadmin.models import AccountingCode, Employee, Source
from hwadmin.operations.directory.entry_checks import DirectoryEntry, checked_entry
from hwadmin.operations.directory.identification import PersonTaken, known_before, returning_person
from hwadmin.operations.directory.pushes import Push
from hwadmin.queries.scope import visible


class UserNameTaken(PersonTaken):
    """The user name is somebody else's on this account."""


# ---- What a push does


def add_entry(push: Push, entry: DirectoryEntry) -> Employee:
    """Take a person into the directory of the account.

    Whoever left and comes back is the same person. Somebody entered by hand or imported before, who has the
    same e-mail address or employee number, becomes the directory's: their devices and orders stay theirs.

    Raises:
        UserNameTaken: somebody in the directory has the user name.
        PersonTaken: somebody in the directory is this person already, or may be.
        InvalidInput: every problem at its attribute.
    """
    entry = checked_entry(entry)
    emails = tuple(dict.fromkeys(filter(None, (entry.email, entry.user_name, *_further_addresses(entry)))))
    stated = StatedPerson(entry.name, emails, entry.employee_number, entry.external_id)
    back = returning_person(_of(push), stated)
    _refuse_taken(push, entry, but=back)
    if back is not None:
        return _bring_back(push, back, entry)
    now = utcnow()
    employee = known_before(_of(push), stated)
    known = employee is not None
    if employee is None:
        employee = Employee(
            account_id=push.account.id, platform_id=push.account.platform_id, name=entry.name, created_at=now
        )
        db.session.add(employee)
    # Half of it must not reach the database, which refuses who is in the directory without a user name.
    with db.session.no_autoflush:
        employee.scim_id, employee.source, employee.updated_at = uuid.uuid4().hex, Source.SCIM, now
        _write(push, employee, replace(entry, active=entry.active is not False))
    db.session.flush()
    _become_manager(push, employee)
    push.note(push.linked if known else push.added, entry.name, employee)
    return employee


def _bring_back(push: Push, employee: Employee, entry: DirectoryEntry) -> Employee:
    """Somebody who left is sent as new: the same person, with devices and history, as the entry says."""
    before = employee.name
    with db.session.no_autoflush:
        _write(push, employee, replace(entry, active=entry.active is not False))
    employee.updated_at = utcnow()
    db.session.flush()
    _become_manager(push, employee)
    push.note(push.changed if employee.deactivated_at else push.restored, before, employee)
    return employee


def change_entry(push: Push, employee: Employee, entry: DirectoryEntry) -> bool:
    """Write what the directory says of somebody it has already; whether anything was different.

    Raises:
        UserNameTaken: somebody else in the directory has the user name.
        InvalidInput: every problem at its attribute.
    """
    entry = checked_entry(entry)
    _refuse_taken(push, entry, but=employee)
    before = employee.name
    with db.session.no_autoflush:
        different = _write(push, employee, entry)
    if not different:
        return False
    employee.updated_at = utcnow()
    db.session.flush()
    if different & {"user name", "e-mail", "employee number", "external id", "back"}:
        _become_manager(push, employee)
    if "left" in different:
        push.note(push.deactivated, before, employee)
    if "back" in different:
        push.note(push.restored, before, employee)
    what = sorted(different - {"left", "back"})
    if what:
        push.note(push.changed, f"{before} ({', '.join(what)})", employee)
    return True


def remove_entry(push: Push, employee: Employee) -> None:
    """Take a person out of the directory. They have left; their devices, orders and history stay."""
    with db.session.no_autoflush:
        employee.scim_id = employee.user_name = employee.user_name_key = None
        # The external id stays: whoever has it and is sent again is the same person.
        employee.manager_reference = employee.directory_record = None
    employee.deactivated_at = employee.deactivated_at or utcnow()
    employee.updated_at = utcnow()
    db.session.flush()
    push.note(push.removed, employee.name, employee)


def entry_of(push: Push, scim_id: str) -> Employee | None:
    """The person of this account whom the directory knows by our id."""
    return db.session.scalars(
        _of(push, Employee.scim_id == scim_id)
        .options(undefer(Employee.directory_record))
        .execution_options(populate_existing=True)
    ).one_or_none()


def _further_addresses(entry: DirectoryEntry) -> Iterable[str]:
    """Every address the directory has of the person, not only the one that counts."""
    several = (entry.record or {}).get("emails") or ()
    return [str(one["value"]) for one in several if isinstance(one, Mapping) and one.get("value")]


# ---- Writing


def _of(push: Push, *conditions: ColumnElement[bool]) -> Any:
    return visible(push.actor, Employee).where(Employee.account_id == push.account.id, *conditions)


def user_name_key(user_name: str) -> str:
    """What user names are compared by: normalised, and without their case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", user_name).lower())


def _write(push: Push, employee: Employee, entry: DirectoryEntry) -> set[str]:
    """Give the person what the directory says; the words for what is different now."""
    different = set()
    values: dict[str, tuple[str, Any]] = {
        "user_name": ("user name", entry.user_name),
        "external_id": ("external id", entry.external_id),
        "name": ("name", entry.name),
        "email": ("e-mail", entry.email),
        "employee_number": ("employee number", entry.employee_number),
        "title": ("title", entry.title),
        "department": ("department", entry.department),
        "division": ("division", entry.division),
        "organization": ("organization", entry.organization),
        "phone_numbers": ("phone numbers", [dict(number) for number in entry.phone_numbers] or None),
        "manager_reference": ("manager", user_name_key(entry.manager) if entry.manager else None),
    }
    for column, (word, value) in values.items():
        if getattr(employee, column) != value:
            setattr(employee, column, value)
            different.add(word)
    employee.user_name_key = user_name_key(entry.user_name)
    if "manager" in different:
        employee.manager_id = _manager(push, employee, entry.manager)
    if entry.active is not None and entry.active is (employee.deactivated_at is not None):
        employee.deactivated_at = None if entry.active else utcnow()
        different.add("back" if entry.active else "left")
    if (employee.directory_record or {}) != entry.record:
        had = _cost_center(employee.directory_record)
        if had != entry.cost_center:
            different.add("cost center")
            employee.accounting_codes = _booked_on(push, entry.cost_center)
        employee.directory_record = dict(entry.record)
        different = different or {"other details"}
    return different


def _cost_center(record: Mapping[str, Any] | None) -> str | None:
    for of in (record or {}).values():
        if isinstance(of, Mapping) and "costCenter" in of:
            return str(of["costCenter"])
    return None


def _booked_on(push: Push, code: str | None) -> list[dict[str, str]] | None:
    """The split that books everything on one code; the code is made, or offered again, where need be."""
    if code is None:
        return None
    ensure_code(push, code)
    return document_of([Share(code, WHOLE)])


def ensure_code(push: Push, code: str) -> None:
    """Make an accounting code of the account, unless there is one; one that was archived is offered again."""
    account = push.account
    made = insert_or_ignore(
        AccountingCode,
        account_id=account.id,
        platform_id=account.platform_id,
        code=code,
        description="",
        created_at=utcnow(),
    )
    if made is None:
        db.session.execute(
            update(AccountingCode)
            .where(
                AccountingCode.account_id == account.id,
                AccountingCode.code == code,
                AccountingCode.archived_at.is_not(None),
            )
            .values(archived_at=None)
            .execution_options(synchronize_session=False)
        )


def _refuse_taken(push: Push, entry: DirectoryEntry, but: Employee | None = None) -> None:
    holder = db.session.execute(
        select(Employee.id).where(
            Employee.account_id == push.account.id,
            Employee.user_name_key == user_name_key(entry.user_name),
            Employee.id != (but.id if but else 0),
        )
    ).first()
    if holder is not None:
        raise UserNameTaken(f"The user name {entry.user_name} is somebody else's on this account.")


def _manager(push: Push, employee: Employee, reference: str | None) -> int | None:
    """Whom a reference to a manager means; nobody where it is the person themselves, or not here yet."""
    if reference is None:
        return None
    ways: tuple[ColumnElement[bool], ...] = (
        Employee.scim_id == reference,
        Employee.user_name_key == user_name_key(reference),
        Employee.external_id == reference,
        Employee.email_key == reference.lower(),
        Employee.employee_number == reference,
    )
    for way in ways:
        ids = db.session.scalars(
            select(Employee.id)
            .where(Employee.account_id == push.account.id, way, Employee.deactivated_at.is_(None))
            .limit(2)
        ).all()
        if ids:
            return ids[0] if len(ids) == 1 and ids[0] != employee.id else None
    return None


def _become_manager(push: Push, employee: Employee) -> None:
    """Tie those to this person who named them as manager before they were here."""
    if employee.deactivated_at is not None:
        return
    names = (
        employee.scim_id,
        employee.user_name,
        employee.external_id,
        employee.email,
        employee.employee_number,
    )
    db.session.execute(
        update(Employee)
        .where(
            Employee.account_id == push.account.id,
            Employee.manager_reference.in_(sorted({user_name_key(name) for name in names if name})),
            Employee.manager_id.is_(None),
            Employee.id != employee.id,
        )
        .values(manager_id=employee.id, version=Employee.version + 1, updated_at=utcnow())
        .execution_options(synchronize_session=False)
    )

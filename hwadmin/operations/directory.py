"""An account's employees as its HR directory says: added, changed, deactivated, removed; one event per push.

A push is one request of the identity provider, or one imported list. It holds the account's lock from its
beginning, so that two pushes of the same person come one after the other and make one record.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import undefer

from hwadmin.clock import utcnow
from hwadmin.errors import DomainError, InvalidInput, NotFound
from hwadmin.extensions import db
from hwadmin.models import Account, AccountingCode, Employee, Source
from hwadmin.operations import audit
from hwadmin.operations.accounts import email_address
from hwadmin.operations.platforms import insert_or_ignore
from hwadmin.permissions import Actor, Permission, require
from hwadmin.queries.scope import visible
from hwadmin.splits import WHOLE, Share, document_of
from hwadmin.texts import Problems, problem, tidied

# Names an event lists of each deed; beyond it, how many more there are.
MOST_NAMED = 200
_MOST_VALUES = 20
_LONGEST = 254


class UserNameTaken(DomainError):
    """The user name is somebody else's on this account."""


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """What a directory says of a person.

    ``record`` is the whole of it, to be given back as it came; what the product uses is beside it.
    """

    user_name: str
    name: str
    active: bool = True
    external_id: str | None = None
    email: str | None = None
    employee_number: str | None = None
    title: str | None = None
    department: str | None = None
    division: str | None = None
    organization: str | None = None
    phone_numbers: Sequence[Mapping[str, Any]] = ()
    cost_center: str | None = None
    # By id, user name, external id, e-mail address or employee number.
    manager: str | None = None
    record: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Push:
    """What a push has done so far, by the names of the people."""

    actor: Actor
    account: Account
    added: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    deactivated: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    @property
    def done(self) -> dict[str, list[str]]:
        """What was done, with the names; nothing of what was not."""
        deeds = {
            "added": self.added,
            "linked": self.linked,
            "changed": self.changed,
            "deactivated": self.deactivated,
            "restored": self.restored,
            "removed": self.removed,
        }
        return {deed: names for deed, names in deeds.items() if names}

    @property
    def summary(self) -> str:
        """In one line: ``14 added, 2 changed, 1 deactivated``; of a person or two, who it was."""
        done = self.done
        if sum(map(len, done.values())) <= 2:
            return "; ".join(f"{deed} {' and '.join(names)}" for deed, names in done.items())
        return ", ".join(f"{len(names):,} {deed}" for deed, names in done.items())


def open_push(actor: Actor, account_id: int) -> Push:
    """Begin to write the employees of an account; others who would wait until this is done.

    Raises:
        NotAllowed: the actor does not write employees.
        NotFound: no such account, as far as the actor can tell.
    """
    require(actor, Permission.DIRECTORY_WRITE)
    account = (
        db.session.scalars(
            visible(actor, Account)
            .where(Account.id == account_id)
            # Not in the way of orders, whose foreign keys look at the account.
            .with_for_update(key_share=True)
        ).one_or_none()
        if 0 < account_id < 2**63
        else None
    )
    if account is None:
        raise NotFound("There is no such account.")
    return Push(actor, account)


def close_push(push: Push, kind: str = "directory.changed", words: str = "Directory", **facts: Any) -> None:
    """Write the one event of a push; none where nothing was done."""
    if not push.done:
        return
    details: dict[str, Any] = dict(facts)
    for deed, names in push.done.items():
        more = len(names) - MOST_NAMED
        details[deed] = names[:MOST_NAMED] + ([f"and {more:,} more"] if more > 0 else [])
    audit.record(push.actor, kind, f"{words}: {push.summary}", account=push.account, details=details)


# ---- Deeds of a push


def add_entry(push: Push, entry: DirectoryEntry) -> Employee:
    """Take a person into the directory of the account.

    Somebody entered by hand or imported before, who has the same e-mail address or employee number, becomes
    the directory's: their devices and orders stay theirs.

    Raises:
        UserNameTaken: somebody in the directory has the user name.
        InvalidInput: every problem at its attribute.
    """
    entry = _checked(entry)
    _refuse_taken(push, entry)
    now = utcnow()
    employee = _known_before(push, entry)
    known = employee is not None
    if employee is None:
        employee = Employee(
            account_id=push.account.id, platform_id=push.account.platform_id, name=entry.name, created_at=now
        )
        db.session.add(employee)
    else:
        employee.version += 1
    # Half of it must not reach the database, which refuses who is in the directory without a user name.
    with db.session.no_autoflush:
        employee.scim_id, employee.source, employee.updated_at = uuid.uuid4().hex, Source.SCIM, now
        _write(push, employee, entry)
    db.session.flush()
    _become_manager(push, employee)
    (push.linked if known else push.added).append(entry.name)
    return employee


def change_entry(push: Push, employee: Employee, entry: DirectoryEntry) -> bool:
    """Write what the directory says of somebody it has already; whether anything was different.

    Raises:
        UserNameTaken: somebody else in the directory has the user name.
        InvalidInput: every problem at its attribute.
    """
    entry = _checked(entry)
    _refuse_taken(push, entry, but=employee)
    before = employee.name
    with db.session.no_autoflush:
        different = _write(push, employee, entry)
    if not different:
        return False
    employee.version += 1
    employee.updated_at = utcnow()
    db.session.flush()
    if different & {"user name", "e-mail", "employee number", "external id", "back"}:
        _become_manager(push, employee)
    if "left" in different:
        push.deactivated.append(before)
    if "back" in different:
        push.restored.append(before)
    what = sorted(different - {"left", "back"})
    if what:
        push.changed.append(f"{before} ({', '.join(what)})")
    return True


def remove_entry(push: Push, employee: Employee) -> None:
    """Take a person out of the directory. They have left; their devices, orders and history stay."""
    with db.session.no_autoflush:
        employee.scim_id = employee.user_name = employee.user_name_key = None
        employee.external_id = employee.manager_reference = employee.directory_record = None
    employee.deactivated_at = employee.deactivated_at or utcnow()
    employee.version += 1
    employee.updated_at = utcnow()
    db.session.flush()
    push.removed.append(employee.name)


def entry_of(push: Push, scim_id: str) -> Employee | None:
    """The person of this account whom the directory knows by our id."""
    return db.session.scalars(
        _of(push, Employee.scim_id == scim_id)
        .options(undefer(Employee.directory_record))
        .execution_options(populate_existing=True)
    ).one_or_none()


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
        "phone_numbers": ("phone numbers", [dict(one) for one in entry.phone_numbers] or None),
        "manager_reference": ("manager", user_name_key(entry.manager) if entry.manager else None),
    }
    for column, (word, value) in values.items():
        if getattr(employee, column) != value:
            setattr(employee, column, value)
            different.add(word)
    employee.user_name_key = user_name_key(entry.user_name)
    if "manager" in different:
        employee.manager_id = _manager(push, employee, entry.manager)
    if entry.active is (employee.deactivated_at is not None):
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


def _known_before(push: Push, entry: DirectoryEntry) -> Employee | None:
    """The one person entered by hand or imported who must be this one; None where there is any doubt."""
    emails = {address.lower() for address in (entry.email, entry.user_name) if address}
    same: list[ColumnElement[bool]] = [Employee.email_key.in_(sorted(emails))]
    if entry.employee_number:
        same.append(Employee.employee_number == entry.employee_number)
    found = [
        one
        for one in db.session.scalars(_of(push, Employee.scim_id.is_(None), or_(*same)).limit(20))
        if not (one.employee_number and entry.employee_number) or one.employee_number == entry.employee_number
    ]
    by_number = [one for one in found if one.employee_number and one.employee_number == entry.employee_number]
    certain = by_number or found
    return certain[0] if len(certain) == 1 else None


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
        found = db.session.scalars(
            select(Employee.id)
            .where(Employee.account_id == push.account.id, way, Employee.deactivated_at.is_(None))
            .limit(2)
        ).all()
        if found:
            return found[0] if len(found) == 1 and found[0] != employee.id else None
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


# ---- Checking

_MOST = {
    "user_name": ("userName", 254),
    "external_id": ("externalId", 254),
    "name": ("displayName", 200),
    "employee_number": ("employeeNumber", 60),
    "title": ("title", 200),
    "department": ("department", 200),
    "division": ("division", 200),
    "organization": ("organization", 200),
    "cost_center": ("costCenter", 60),
    "manager": ("manager", 254),
}


def _checked(entry: DirectoryEntry) -> DirectoryEntry:
    """The entry tidied; everything wrong with it is told at once."""
    problems = Problems()
    texts: dict[str, str | None] = {
        name: problems.text(attribute, getattr(entry, name), most=most)
        for name, (attribute, most) in _MOST.items()
    }
    if not texts["user_name"]:
        problems.add("userName", "Give the person a user name.")
    email = None
    if tidied(entry.email):
        email = email_address(tidied(entry.email))
        if email is None:
            problems.add("emails", f"{tidied(entry.email)[:100]} is no e-mail address.")
    for kind in ("emails", "phoneNumbers"):
        if len(entry.record.get(kind) or ()) > _MOST_VALUES:
            problems.add(kind, f"{_MOST_VALUES} at most can be stored.")
    if not problems.errors:
        problems_of_texts(problems, entry.record)
    if problems.errors:
        raise InvalidInput(problems.errors)
    return DirectoryEntry(
        user_name=texts["user_name"] or "",
        name=texts["name"] or texts["user_name"] or "",
        active=entry.active,
        external_id=texts["external_id"],
        email=email,
        employee_number=texts["employee_number"],
        title=texts["title"],
        department=texts["department"],
        division=texts["division"],
        organization=texts["organization"],
        phone_numbers=entry.phone_numbers,
        cost_center=texts["cost_center"],
        manager=texts["manager"],
        record=entry.record,
    )


def problems_of_texts(problems: Problems, value: Any, at: str = "") -> None:
    """Every text of a document that cannot be stored, at its attribute."""
    if isinstance(value, Mapping):
        for name, of in value.items():
            problems_of_texts(problems, of, at or name)
    elif isinstance(value, list):
        for of in value:
            problems_of_texts(problems, of, at)
    elif isinstance(value, str):
        why = problem(value.strip(), most=_LONGEST)
        if why:
            problems.add(at, why)

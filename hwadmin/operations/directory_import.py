"""Importing a list of an account's people: what each row would do, and why not; then all of it at once.

The preview and the import go through the same plan. The import is refused where it would do anything else by
now than the preview said.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hwadmin.clock import utcnow
from hwadmin.errors import ChangedMeanwhile
from hwadmin.extensions import db
from hwadmin.lists.people import Field, ListedPerson
from hwadmin.models import Account, Employee, Source
from hwadmin.operations.accounts import email_address
from hwadmin.operations.directory import Push, close_push, ensure_code, open_push
from hwadmin.operations.platforms import find
from hwadmin.permissions import Actor, Permission, require
from hwadmin.queries.scope import visible
from hwadmin.splits import WHOLE, Share, document_of, shares_of
from hwadmin.texts import problem


class ImportOutcome(StrEnum):
    """What becomes of somebody by an import."""

    ADDED = "added"
    CHANGED = "changed"
    DEACTIVATED = "deactivated"
    RESTORED = "restored"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(slots=True)
class PlannedPerson:
    """Somebody of the list, or missing from it (row None), and what becomes of them."""

    row: int | None
    name: str
    outcome: ImportOutcome
    # What would be different, or why it is refused.
    said: list[str] = field(default_factory=list)
    employee: Employee | None = None
    values: dict[str, Any] = field(default_factory=dict)
    code: str | None = None
    # The manager as the row names them; who that is: somebody who is here, or somebody of the list.
    manager: str | None = None
    manager_id: int | None = None
    manager_in_list: PlannedPerson | None = None
    # Beside what is changed: whether they leave or come back.
    active: bool | None = None


@dataclass(slots=True)
class ImportPlan:
    """What an import would do."""

    people: list[PlannedPerson]

    def of(self, outcome: ImportOutcome) -> list[PlannedPerson]:
        """The people with an outcome."""
        return [one for one in self.people if one.outcome is outcome]

    @property
    def does_something(self) -> bool:
        """Whether anything would be written."""
        idle = (ImportOutcome.UNCHANGED, ImportOutcome.REFUSED)
        return any(one.outcome not in idle for one in self.people)

    @property
    def digest(self) -> str:
        """What it would do, in a word to compare with."""
        said = [[one.row, one.name, one.outcome.value, one.said] for one in self.people]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


# Field of the list → column of ours, what people call it, and how long it may be.
_COLUMNS = {
    Field.EMAIL: ("email", "e-mail", 254),
    Field.EMPLOYEE_NUMBER: ("employee_number", "number", 60),
    Field.TITLE: ("title", "title", 200),
    Field.DEPARTMENT: ("department", "department", 200),
    Field.DIVISION: ("division", "division", 200),
    Field.ORGANIZATION: ("organization", "organization", 200),
}
_LONGEST = {Field.PHONE: 60, Field.COST_CENTER: 60, Field.MANAGER: 254}


def plan_import(
    actor: Actor, account_id: int, people: Sequence[ListedPerson], *, missing_left: bool = False
) -> ImportPlan:
    """What the list would do to the employees of an account. Nothing is written.

    Args:
        actor: who asks.
        account_id: whose employees.
        people: the rows.
        missing_left: whether those of earlier imports who are not in the list have left.
    """
    require(actor, Permission.DIRECTORY_WRITE)
    account = find(actor, Account, account_id)
    return _Planner(actor, account, people).plan(missing_left)


def import_people(
    actor: Actor,
    account_id: int,
    people: Sequence[ListedPerson],
    *,
    missing_left: bool = False,
    expected: str | None = None,
) -> ImportPlan:
    """Write what the list says, all in one transaction; rows that are refused are left out.

    The same list again changes nothing.

    Raises:
        ChangedMeanwhile: it would do something else by now than the preview with this digest said.
    """
    push = open_push(actor, account_id)
    planner = _Planner(actor, push.account, people)
    plan = planner.plan(missing_left)
    if expected is not None and expected != plan.digest:
        raise ChangedMeanwhile("The employees were changed since this preview. Look at what it would do now.")
    now = utcnow()
    for one in plan.people:
        _write(push, one, now)
    db.session.flush()
    for one in plan.people:
        if one.manager is None or one.employee is None or one.outcome is ImportOutcome.REFUSED:
            continue
        listed = one.manager_in_list.employee if one.manager_in_list else None
        one.employee.manager_id = listed.id if listed else one.manager_id
    refused = len(plan.of(ImportOutcome.REFUSED))
    close_push(push, "directory.imported", "Imported a list", rows=len(people), refused_rows=refused or None)
    return plan


def _write(push: Push, one: PlannedPerson, now: Any) -> None:
    if one.outcome in (ImportOutcome.UNCHANGED, ImportOutcome.REFUSED):
        return
    account = push.account
    if one.employee is None:
        one.employee = Employee(
            account_id=account.id, platform_id=account.platform_id, name=one.name, created_at=now
        )
        db.session.add(one.employee)
    else:
        one.employee.version += 1
    employee = one.employee
    if one.row is not None:
        employee.source = Source.IMPORT
    for column, value in one.values.items():
        setattr(employee, column, value)
    if one.code is not None:
        ensure_code(push, one.code)
        employee.accounting_codes = document_of([Share(one.code, WHOLE)])
    if one.active is not None:
        employee.deactivated_at = None if one.active else employee.deactivated_at or now
    employee.updated_at = now
    {
        ImportOutcome.ADDED: push.added,
        ImportOutcome.CHANGED: push.changed,
        ImportOutcome.DEACTIVATED: push.deactivated,
        ImportOutcome.RESTORED: push.restored,
    }[one.outcome].append(f"{one.name}{_of(one)}")


def _of(one: PlannedPerson) -> str:
    return f" ({', '.join(one.said)})" if one.outcome is ImportOutcome.CHANGED else ""


class _Refused(Exception):
    """Why a row cannot be taken."""


class _Planner:
    """Compares a list with the employees of an account, all read at once."""

    def __init__(self, actor: Actor, account: Account, people: Sequence[ListedPerson]) -> None:
        self.actor, self.account, self.people = actor, account, people
        self.employees: Sequence[Employee] = ()
        self.taken: dict[tuple[str, str], int] = {}
        self.used: dict[int, int] = {}

    def read(self) -> None:
        """The employees there are, by everything they are found by."""
        query = visible(self.actor, Employee).where(Employee.account_id == self.account.id)
        self.employees = db.session.scalars(
            query.order_by(Employee.id).execution_options(populate_existing=True)
        ).all()
        self.by: dict[str, dict[str, list[Employee]]] = {"number": {}, "email": {}, "name": {}}
        for one in self.employees:
            for way, value in (
                ("number", one.employee_number),
                ("email", one.email_key),
                ("name", one.name.casefold()),
            ):
                if value:
                    self.by[way].setdefault(value, []).append(one)

    # ---- Rows

    def plan(self, missing_left: bool) -> ImportPlan:
        """What every row would do, and what becomes of those who are missing."""
        self.read()
        planned = [self.row(one, missing_left) for one in self.people]
        self.find_managers_in_list(planned)
        if missing_left:
            planned += [
                PlannedPerson(
                    None, one.name, ImportOutcome.DEACTIVATED, ["not in the list"], one, active=False
                )
                for one in self.employees
                if one.source is Source.IMPORT and one.deactivated_at is None and one.id not in self.used
            ]
        return ImportPlan(planned)

    def find_managers_in_list(self, planned: Sequence[PlannedPerson]) -> None:
        """Who is nobody's manager yet may be added by this very list; who is refused cannot be one."""
        while True:
            added: dict[str, list[PlannedPerson]] = {}
            for one, listed in zip(planned, self.people, strict=True):
                if one.outcome is ImportOutcome.ADDED:
                    for name in {name.casefold() for name in _names(listed)}:
                        added.setdefault(name, []).append(one)
            refused = False
            for one in planned:
                if one.manager is None or one.manager_id or one.outcome is ImportOutcome.REFUSED:
                    continue
                several = [other for other in added.get(one.manager.casefold(), []) if other is not one]
                one.manager_in_list = several[0] if len(several) == 1 else None
                if len(several) != 1:
                    many = f"There are {len(several)} people" if several else "There is nobody"
                    one.outcome, refused = ImportOutcome.REFUSED, True
                    one.said = [f"{many} called “{one.manager}” to be the manager."]
            if not refused:
                return

    def row(self, listed: ListedPerson, missing_left: bool) -> PlannedPerson:
        """What one row would do."""
        shown = listed.name or listed.said.get(Field.EMAIL) or listed.said.get(Field.EMPLOYEE_NUMBER) or ""
        one = PlannedPerson(listed.row, shown[:200], ImportOutcome.UNCHANGED)
        try:
            self.understand(one, listed, missing_left)
        except _Refused as refusal:
            one.outcome, one.said = ImportOutcome.REFUSED, [str(refusal)]
        return one

    def understand(self, one: PlannedPerson, listed: ListedPerson, missing_left: bool) -> None:
        """Find whom the row means and what would be different."""
        if listed.problem:
            raise _Refused(listed.problem)
        said = dict(listed.said)
        self.check(said)
        one.employee = self.found(listed.row, said, listed.name)
        if one.employee is None:
            if listed.name is None:
                raise _Refused("Nobody here is meant by it, and to add somebody their name is needed.")
            if listed.active is False:
                raise _Refused("They have left, and were never here.")
        before = one.employee
        if listed.name is not None:
            why = problem(listed.name, most=200)
            if why:
                raise _Refused(f"Name: {why}")
            one.name = listed.name
            if before is not None and before.name != listed.name:
                self.differ(one, "name", "name", before.name, listed.name)
        for of, (column, word, _) in _COLUMNS.items():
            if of in said and (before is None or getattr(before, column) != said[of]):
                self.differ(one, column, word, getattr(before, column) if before else None, said[of])
        self.more(one, said, before)
        self.state(one, listed, missing_left)
        if before is not None and before.in_directory and one.outcome is not ImportOutcome.UNCHANGED:
            raise _Refused(f"{before.name} comes from the HR directory of this account; change it there.")

    def check(self, said: dict[Field, str]) -> None:
        """Refuse what cannot be stored."""
        for of, text in said.items():
            most = _COLUMNS[of][2] if of in _COLUMNS else _LONGEST.get(of, 200)
            why = problem(text, most=most)
            if why:
                raise _Refused(f"{of.label}: {why}")
        if Field.EMAIL in said:
            address = email_address(said[Field.EMAIL])
            if address is None:
                raise _Refused(f"“{said[Field.EMAIL]}” is no e-mail address.")
            said[Field.EMAIL] = address

    def found(self, row: int, said: dict[Field, str], name: str | None) -> Employee | None:
        """Whom a row means: by number, else by e-mail address, else by name."""
        number, email = said.get(Field.EMPLOYEE_NUMBER), said.get(Field.EMAIL)
        ways: list[tuple[str, str | None]] = [("number", number), ("email", email.lower() if email else None)]
        if not number and not email:
            ways = [("name", name.casefold() if name else None)]
        way, key = next(((way, key) for way, key in ways if key), ("", None))
        if key and (first := self.taken.setdefault((way, key), row)) != row:
            raise _Refused(f"The same person as in row {first}.")
        for way, key in ways:
            several = self.by[way].get(key, []) if key else []
            if way == "email" and number:
                # Somebody with another number is somebody else, whatever their address.
                several = [one for one in several if not one.employee_number]
            if len(several) > 1:
                raise _Refused(f"There are {len(several)} employees with this {_WAYS[way]}; none was chosen.")
            if several:
                if (first := self.used.setdefault(several[0].id, row)) != row:
                    raise _Refused(f"The same person as in row {first}.")
                return several[0]
        # Somebody of whom nothing but the name was ever known.
        alike = self.by["name"].get(name.casefold(), []) if name and (number or email) else []
        alike = [one for one in alike if not one.email and not one.employee_number and not one.in_directory]
        if len(alike) == 1 and self.used.setdefault(alike[0].id, row) == row:
            return alike[0]
        return None

    def more(self, one: PlannedPerson, said: dict[Field, str], before: Employee | None) -> None:
        """Phone, accounting code and manager, which are no plain texts of ours."""
        phone, code, manager = (said.get(of) for of in (Field.PHONE, Field.COST_CENTER, Field.MANAGER))
        if phone and (before is None or before.phone_number != phone):
            self.differ(one, "phone_numbers", "phone", before.phone_number if before else None, phone)
            one.values["phone_numbers"] = [{"value": phone, "type": "work"}]
        if code and (before is None or shares_of(before.accounting_codes) != (Share(code, WHOLE),)):
            self.tell(one, f"accounting code {code}")
            one.code = code
        if manager:
            found = self.manager(manager)
            if found is not None and before is not None and found.id == before.id:
                raise _Refused("Nobody is their own manager.")
            if found is None or before is None or before.manager_id != found.id:
                self.tell(one, f"manager {found.name if found else manager}")
                one.manager, one.manager_id = manager, found.id if found else None

    def manager(self, text: str) -> Employee | None:
        """Whom a manager's name, number or address means."""
        for way, key in (("number", text), ("email", text.lower()), ("name", text.casefold())):
            several = [one for one in self.by[way].get(key, []) if one.deactivated_at is None]
            if len(several) > 1:
                raise _Refused(
                    f"There are {len(several)} employees called “{text}”; name the manager’s number."
                )
            if several:
                return several[0]
        return None

    def state(self, one: PlannedPerson, listed: ListedPerson, missing_left: bool) -> None:
        """Whether they leave or come back by it; adding weighs more, changing less."""
        before = one.employee
        if before is None:
            one.outcome, one.said = ImportOutcome.ADDED, []
            return
        if one.said:
            one.outcome = ImportOutcome.CHANGED
        if listed.active is False and before.deactivated_at is None:
            one.outcome, one.active = ImportOutcome.DEACTIVATED, False
        back = listed.active is True or (listed.active is None and missing_left)
        if back and before.deactivated_at is not None:
            one.outcome, one.active = ImportOutcome.RESTORED, True

    @staticmethod
    def tell(one: PlannedPerson, what: str) -> None:
        """Something is different."""
        one.said.append(what)

    def differ(self, one: PlannedPerson, column: str, word: str, old: str | None, new: str) -> None:
        """A column is different."""
        self.tell(one, f"{word} {old or 'none'} → {new}")
        one.values[column] = new


_WAYS = {"number": "number", "email": "e-mail address", "name": "name"}


def _names(listed: ListedPerson) -> Iterable[str]:
    """What somebody who is only now added may be called as a manager."""
    names = (listed.name, listed.said.get(Field.EMAIL), listed.said.get(Field.EMPLOYEE_NUMBER))
    return (name for name in names if name)

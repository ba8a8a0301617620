"""Importing a list of an account's people: what each row would do, and why not; then all of it at once.

The preview and the import go through the same plan. The import is refused where it would do anything else by
now than the preview showed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.ordering.cost_allocation import WHOLE, Share, document_of
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.errors import ChangedMeanwhile
from hwadmin.list_import.records.plan import ListPlan, RowOutcome
from hwadmin.list_import.records.record import ListRecord
from hwadmin.models import Account, Employee, Source
from hwadmin.operations.directory.employee_plan import EmployeePlanner, PlannedPerson, known_employees
from hwadmin.operations.directory.employees import ensure_code
from hwadmin.operations.directory.pushes import Push, close_import, open_push
from hwadmin.queries.scope import find


def plan_employees(
    actor: Actor,
    account_id: int,
    records: Sequence[ListRecord],
    answers: Mapping[int, str] | None = None,
    *,
    missing_left: bool = False,
) -> ListPlan[PlannedPerson]:
    """What the list would do to the employees of an account. Nothing is written.

    Args:
        actor: who asks.
        account_id: whose employees.
        records: the rows, as `EMPLOYEES` reads them.
        answers: by the record's index, who somebody chose where the row can mean several people.
        missing_left: whether those of earlier imports who are not in the list have left.
    """
    require(actor, Permission.DIRECTORY_WRITE)
    account = find(actor, Account, account_id)
    return _planner(actor, account, answers).plan(records, missing_left=missing_left)


def _planner(actor: Actor, account: Account, answers: Mapping[int, str] | None) -> EmployeePlanner:
    return EmployeePlanner(known_employees(actor, [account.id])[account.id], answers or {})


def import_employees(
    actor: Actor,
    account_id: int,
    records: Sequence[ListRecord],
    answers: Mapping[int, str] | None = None,
    *,
    missing_left: bool = False,
    expected: str | None = None,
) -> ListPlan[PlannedPerson]:
    """Write what the list says, all in one transaction; rows that are refused or open are left out.

    The same list again changes nothing, and nobody is there twice with one e-mail address.

    Raises:
        ChangedMeanwhile: it would do something else by now than the preview with this digest showed.
    """
    push = open_push(actor, account_id)
    plan = _planner(actor, push.account, answers).plan(records, missing_left=missing_left)
    if expected and expected != plan.digest:
        raise ChangedMeanwhile("The employees were changed since this preview. Look at what it would do now.")
    write_people(push, plan.rows)
    return plan


def write_people(push: Push, rows: Sequence[PlannedPerson]) -> None:
    """Write what is planned for the people of an account, and the one event that tells of it."""
    now = utcnow()
    writing = [person for person in rows if person.outcome.writes]
    for code in sorted({person.code for person in writing if person.code}):
        ensure_code(push, code)
    for person in writing:
        _write(push, person, now)
    db.session.flush()
    for person in writing:
        if person.manager is not None and person.employee is not None:
            listed = person.manager_in_list.employee if person.manager_in_list else None
            person.employee.manager_id = listed.id if listed else person.manager_id
    refused = sum(person.outcome in (RowOutcome.REFUSED, RowOutcome.OPEN) for person in rows)
    # Who is missing from the list has no row in it.
    stated = sum(person.row is not None for person in rows)
    close_import(push, rows=stated, refused_rows=refused or None)


def _write(push: Push, person: PlannedPerson, now: datetime) -> None:
    account = push.account
    if person.employee is None:
        person.employee = Employee(
            account_id=account.id, platform_id=account.platform_id, name=person.title, created_at=now
        )
        db.session.add(person.employee)
    employee = person.employee
    if person.row is not None:
        employee.source = Source.IMPORT
    for column, value in person.values.items():
        setattr(employee, column, value)
    if person.code is not None:
        employee.accounting_codes = document_of([Share(person.code, WHOLE)])
    if person.active is not None:
        employee.deactivated_at = None if person.active else employee.deactivated_at or now
    employee.updated_at = now
    push.employees.append(employee)
    changes = f" ({', '.join(person.changes)})" if person.outcome is RowOutcome.CHANGED else ""
    {
        RowOutcome.ADDED: push.added,
        RowOutcome.CHANGED: push.changed,
        RowOutcome.DEACTIVATED: push.deactivated,
        RowOutcome.RESTORED: push.restored,
    }[person.outcome].append(f"{person.title}{changes}")

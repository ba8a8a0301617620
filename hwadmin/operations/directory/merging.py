"""Merging two records of one person: what the other record holds goes over, and it is no longer used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.models import Device, Employee, PhoneLine, Unit
from hwadmin.models.accounts import CALLED
from hwadmin.operations.accounts.employee_locks import lock_what_they_have
from hwadmin.operations.audit.account_events import record_employees_merged
from hwadmin.operations.outgoing.events import publish, publish_employees
from hwadmin.queries.scope import find

# What the directory knows a person by goes over as a whole, or not at all.
_DIRECTORY = ("scim_id", "user_name", "user_name_key", "external_id", "directory_record", "manager_reference")
_FACTS = (
    "email",
    "employee_number",
    "title",
    "department",
    "division",
    "organization",
    "phone_numbers",
    "accounting_codes",
    "manager_id",
)


@dataclass(frozen=True, slots=True)
class Merged:
    """What went over to the person who stays."""

    employee: Employee
    devices: int
    phone_lines: int
    units: int

    def __str__(self) -> str:
        counted = ((self.devices, "device"), (self.phone_lines, "phone line"), (self.units, "planned unit"))
        return ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counted)


def merge_employees(actor: Actor, employee_id: int, other_id: int, *, reason: str | None) -> Merged:
    """Let one person's second record go over into the first: devices, phone lines, planned units, reports.

    What the first does not know is taken from the second. What the directory knows them by goes over with it;
    where it knows both, the one it still sends stays. The second record is kept, and no longer used.

    Args:
        actor: who merges.
        employee_id: the record that stays.
        other_id: the one that is no longer used.
        reason: why, for the audit log.

    Raises:
        NotAllowed, NotFound: nothing was done.
        InvalidInput: they are one record already, or of two accounts; the reason is missing.
        WrongState: one of them is anonymized or merged, or the directory still sends both.
        TryAgain: one of them was just given something.
    """
    require(actor, Permission.EMPLOYEES_MERGE)
    account_id = find(actor, Employee, other_id).account_id
    if find(actor, Employee, employee_id).account_id == account_id:
        lock_what_they_have(actor, account_id, [employee_id, other_id])
    # In one order, whoever merges what at the same moment.
    rows = {key: find(actor, Employee, key, lock=True) for key in sorted({employee_id, other_id})}
    employee, other = rows[employee_id], rows[other_id]
    problems = Problems()
    reason = problems.text("reason", reason, most=1000, required="Say how you know that they are one.")
    refuse(problems)
    _refuse(employee, other)
    called = employee.name, other.name
    devices = list(db.session.scalars(select(Device.id).where(Device.employee_id == other.id)))
    moved = [_move(model, other, employee) for model in (Device, PhoneLine, Unit)]
    _move_reports(other, employee)
    with db.session.no_autoflush:
        _take_over(employee, other)
    db.session.flush()
    result = Merged(employee, *moved)
    summary = f"Merged the employee {called[1]} into {called[0]}: {result}"
    record_employees_merged(actor, employee.account, summary, reason=reason)
    publish_employees(actor, employee.platform_id, [employee.id, other.id])
    if devices:
        publish(actor, EventType.DEVICE_UPDATED, platform_id=employee.platform_id, device_ids=devices)
    return result


def _refuse(employee: Employee, other: Employee) -> None:
    if employee is other:
        raise InvalidInput.at("other_employee_id", "This is the same record; choose the other one.")
    if employee.account_id != other.account_id:
        raise InvalidInput.at(
            "other_employee_id", f"{other.name} is of another account; only one account’s are merged."
        )
    for one in (employee, other):
        if one.anonymized_at is not None:
            raise WrongState(f"{one.name} is anonymized; nobody can tell any more who that was.")
        if one.merged_into_id is not None:
            raise WrongState(f"{one.name} was merged already.")
    if employee.in_directory and other.in_directory and not (employee.deactivated_at or other.deactivated_at):
        raise WrongState("The HR directory sends both as people who work here. Let it end one of them first.")


def _move(model: Any, other: Employee, employee: Employee) -> int:
    result: Any = db.session.execute(
        update(model)
        .where(model.employee_id == other.id)
        .values(employee_id=employee.id)
        .execution_options(synchronize_session="fetch")
    )
    return int(result.rowcount)


def _move_reports(other: Employee, employee: Employee) -> None:
    reports = select(Employee).where(Employee.manager_id == other.id)
    for report in db.session.scalars(reports):
        report.manager_id = employee.id if report is not employee else None


def _take_over(employee: Employee, other: Employee) -> None:
    now = utcnow()
    values = {name: getattr(other, name) for name in (*_DIRECTORY, *_FACTS)}
    source = other.source
    former = {name: list((employee.former or {}).get(name, ())) for name in CALLED}
    for name in CALLED:
        former[name] += [*((other.former or {}).get(name, ())), *filter(None, [getattr(other, name)])]
    for name in (*_DIRECTORY, "email", "employee_number"):
        setattr(other, name, None)
    takes_identity = values["scim_id"] is not None and (
        not employee.in_directory or employee.deactivated_at is not None
    )
    # The unique keys are free before they are taken.
    db.session.flush()
    if takes_identity:
        for name in _DIRECTORY:
            setattr(employee, name, values[name])
        employee.source = source
    for name in _FACTS:
        if values[name] and (takes_identity or not getattr(employee, name)):
            setattr(employee, name, values[name])
    if employee.manager_id in (employee.id, other.id):
        employee.manager_id = None
    if other.deactivated_at is None:
        employee.deactivated_at = None
    employee.former = {name: texts for name, texts in former.items() if texts}
    other.deactivated_at, other.merged_into_id = other.deactivated_at or now, employee.id
    for one in (employee, other):
        one.updated_at = now

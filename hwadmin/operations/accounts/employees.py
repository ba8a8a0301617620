"""The employees of an account, as far as they are kept by hand."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.lookup import flush_or_try_again, refuse_taken_key
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.people.email_addresses import company_address
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import WrongState
from hwadmin.models import Account, Employee
from hwadmin.operations.audit.account_events import record_account_changed
from hwadmin.operations.audit.changes import assign
from hwadmin.operations.outgoing.events import publish_employees
from hwadmin.queries.scope import find


@dataclass(frozen=True, slots=True)
class NewEmployee:
    """An employee of an account, as typed."""

    name: str
    email: str | None = None
    employee_number: str | None = None
    title: str | None = None
    department: str | None = None
    division: str | None = None
    organization: str | None = None
    # The key another program knows them by.
    program_external_id: str | None = None


# Where in a company somebody works.
_PLACES = ("title", "department", "division", "organization")


def checked_employee(problems: Problems, new: NewEmployee, at: str = "") -> NewEmployee:
    """An employee tidied; their problems are added at fields that begin with ``at``."""
    email = problems.text(f"{at}email", new.email, most=254)
    if email is not None:
        email = company_address(email)
        if email is None:
            problems.add(f"{at}email", "Write an e-mail address, such as dana@example.com.")
    return NewEmployee(
        name=problems.text(f"{at}name", new.name, most=200, required="Give the employee a name.") or "",
        email=email,
        employee_number=problems.text(f"{at}employee_number", new.employee_number, most=60),
        **{name: problems.text(f"{at}{name}", getattr(new, name), most=200) for name in _PLACES},
        program_external_id=problems.external_key(f"{at}external_id", new.program_external_id),
    )


def add_employee(actor: Actor, account_id: int, new: NewEmployee) -> Employee:
    """Add a person to an account, so that devices can be meant for them."""
    require(actor, Permission.ACCOUNTS_WRITE)
    account = find(actor, Account, account_id)
    problems = Problems()
    person = checked_employee(problems, new)
    within = Employee.account_id == account.id
    refuse_taken_key(problems, person.program_external_id, Employee.program_external_id, within)
    refuse(problems)
    employee = Employee(account_id=account.id, platform_id=account.platform_id, **asdict(person))
    db.session.add(employee)
    flush_or_try_again()
    record_account_changed(actor, account, f"Added the employee {person.name}")
    publish_employees(actor, account.platform_id, [employee.id])
    return employee


def change_employee(actor: Actor, employee_id: int, new: NewEmployee) -> Employee:
    """Correct what is known of a person on an account.

    Raises:
        WrongState: where an HR directory manages the record.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    employee = find(actor, Employee, employee_id)
    refuse_directory_managed(employee)
    problems = Problems()
    person = checked_employee(problems, new)
    refuse(problems)
    refuse_ended(employee)
    before = employee.name
    changes = assign(
        employee,
        {"email": "e-mail"},
        name=person.name,
        email=person.email,
        employee_number=person.employee_number,
    )
    if changes:
        record_account_changed(
            actor, employee.account, f"Changed the employee {before}: {', '.join(changes)}"
        )
        publish_employees(actor, employee.platform_id, [employee.id])
    return employee


def refuse_ended(employee: Employee) -> None:
    """Refuse to change an employee whose name was taken out of everything, or who is somebody else's record.

    Raises:
        WrongState: with what became of them, and when.
    """
    if employee.anonymized_at is not None:
        raise WrongState(
            f"{employee.name} was anonymized on {format_datetime(employee.anonymized_at)}; that is for good."
        )
    if employee.merged_into_id is not None:
        raise WrongState(f"{employee.name} was merged into another record of this account; that is for good.")


def deactivate_employee(actor: Actor, employee_id: int) -> Employee:
    """Note that a person has left. Their devices stay theirs until somebody changes that.

    Raises:
        WrongState: where that is noted already, or an HR directory manages the record.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    employee = find(actor, Employee, employee_id, lock=True)
    refuse_directory_managed(employee)
    if employee.deactivated_at is not None:
        raise WrongState(
            f"{employee.name} has been deactivated since {format_datetime(employee.deactivated_at)}."
        )
    employee.deactivated_at = utcnow()
    record_account_changed(actor, employee.account, f"Deactivated the employee {employee.name}")
    publish_employees(actor, employee.platform_id, [employee.id])
    return employee


def restore_employee(actor: Actor, employee_id: int) -> Employee:
    """Note that a person is back.

    Raises:
        WrongState: where they never left, or an HR directory manages the record.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    employee = find(actor, Employee, employee_id, lock=True)
    refuse_directory_managed(employee)
    if employee.deactivated_at is None:
        raise WrongState(f"{employee.name} is active.")
    refuse_ended(employee)
    employee.deactivated_at = None
    record_account_changed(actor, employee.account, f"Restored the employee {employee.name}")
    publish_employees(actor, employee.platform_id, [employee.id])
    return employee


def refuse_directory_managed(employee: Employee) -> None:
    """Refuse to change an employee by hand whose record an HR directory manages.

    Raises:
        WrongState: with where to change it instead.
    """
    if employee.in_directory:
        raise WrongState(f"{employee.name} comes from the HR directory of this account; change it there.")

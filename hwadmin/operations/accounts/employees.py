"""The employees of an account, as far as they are kept by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.lookup import flush_or_try_again, refuse_taken_key
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.people.email_addresses import company_address
from hwadmin.domain.people.person_identity import StatedPerson, same_name
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import WrongState
from hwadmin.models import Account, Employee
from hwadmin.operations.audit.account_events import record_account_changed
from hwadmin.operations.audit.changes import assign
from hwadmin.operations.outgoing.events import publish_employees
from hwadmin.queries.directory.known_people import may_be
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
_MOST = 50
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


def refuse_taken(problems: Problems, account_id: int, person: NewEmployee, *, but: int = 0) -> None:
    """Add a problem where the e-mail address or the number is somebody else's, here or gone.

    Args:
        problems: where it is added.
        account_id: the account's key.
        person: what is typed of somebody.
        but: the key of their own record.
    """
    emails = (person.email,) if person.email else ()
    if problems.errors or not (emails or person.employee_number):
        return
    stated = StatedPerson(None, emails, person.employee_number)
    for holder in _who_may_be(account_id, stated, but):
        left = ", who has left; restore them instead" if holder.deactivated_at else ""
        if person.email and (holder.email_key or "") == person.email.lower():
            problems.add("email", f"This is the address of {holder.name}{left}.")
        elif person.employee_number and holder.employee_number == person.employee_number:
            problems.add("employee_number", f"This is the number of {holder.name}{left}.")


def namesakes(account_id: int, new: NewEmployee) -> Sequence[Employee]:
    """Who of an account may be the person that is typed, by their name."""
    stated = StatedPerson(new.name)
    return [row for row in _who_may_be(account_id, stated, 0) if new.name and same_name(row.name, new.name)]


def _who_may_be(account_id: int, stated: StatedPerson, but: int) -> Sequence[Employee]:
    conditions = (Employee.account_id == account_id, Employee.merged_into_id.is_(None), Employee.id != but)
    query = select(Employee).where(*conditions, Employee.anonymized_at.is_(None), may_be(stated))
    return db.session.scalars(query.order_by(Employee.id).limit(_MOST)).all()


def add_employee(actor: Actor, account_id: int, new: NewEmployee, *, asks: bool = False) -> Employee:
    """Add a person to an account, so that devices can be meant for them.

    Args:
        actor: who adds them.
        account_id: the account's key.
        new: what is known of them.
        asks: refuse where somebody has the name, so that it is asked whether they are meant.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    account = find(actor, Account, account_id)
    problems = Problems()
    person = checked_employee(problems, new)
    within = Employee.account_id == account.id
    refuse_taken_key(problems, person.program_external_id, Employee.program_external_id, within)
    refuse_taken(problems, account.id, person)
    if asks and not problems.errors and (same := namesakes(account.id, person)):
        known = " · ".join(filter(None, (same[0].name, same[0].email, same[0].employee_number)))
        left = " and has left" if same[0].deactivated_at else ""
        ask = "Open their record, or say that this is somebody else."
        problems.add("name", f"{known} is known already{left}. {ask}")
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
    employee = find(actor, Employee, employee_id, lock=True, lets_others_refer=True)
    refuse_directory_managed(employee)
    problems = Problems()
    person = checked_employee(problems, new)
    if (person.email, person.employee_number) != (employee.email, employee.employee_number):
        refuse_taken(problems, employee.account_id, person, but=employee.id)
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
    employee = find(actor, Employee, employee_id, lock=True, lets_others_refer=True)
    refuse_directory_managed(employee)
    if employee.deactivated_at is not None:
        raise WrongState(f"{employee.name} left already, on {format_datetime(employee.deactivated_at)}.")
    employee.deactivated_at = utcnow()
    record_account_changed(actor, employee.account, f"Noted that the employee {employee.name} has left")
    publish_employees(actor, employee.platform_id, [employee.id])
    return employee


def restore_employee(actor: Actor, employee_id: int) -> Employee:
    """Note that a person is back.

    Raises:
        WrongState: where they never left, or an HR directory manages the record.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    employee = find(actor, Employee, employee_id, lock=True, lets_others_refer=True)
    refuse_directory_managed(employee)
    if employee.deactivated_at is None:
        raise WrongState(f"{employee.name} has not left.")
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

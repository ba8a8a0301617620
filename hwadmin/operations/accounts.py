"""Accounts of a platform, their locations and their employees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.errors import WrongState
from hwadmin.extensions import db
from hwadmin.models import Account, Employee, Location, Platform
from hwadmin.operations import audit
from hwadmin.operations.platforms import assign, find, insert_or_ignore, on, refuse
from hwadmin.permissions import Actor, Permission, require
from hwadmin.tenancy import EVERYWHERE
from hwadmin.texts import Problems


@dataclass(frozen=True, slots=True)
class NewLocation:
    """A site, as somebody typed it."""

    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class NewEmployee:
    """A person on an account, as somebody typed it."""

    name: str
    email: str | None = None
    employee_number: str | None = None


# ---- The account


def create_account(
    actor: Actor,
    *,
    platform_id: int,
    name: str,
    locations: Sequence[NewLocation] = (),
    employees: Sequence[NewEmployee] = (),
    submission_key: str | None = None,
) -> Account:
    """Create a customer's account with its locations and employees, in one go.

    The same submission sent again gives the account it made the first time.

    Raises:
        InvalidInput: every problem at once, at ``name``, ``locations.0.name``, ``employees.2.email`` …
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    platform = find(actor, Platform, platform_id)
    if (made := _made_by(actor, submission_key)) is not None:
        return made
    problems = Problems()
    name = problems.text("name", name, most=200, required="Give the account a name.") or ""
    sites = [_site(problems, new, f"locations.{n}.") for n, new in enumerate(locations)]
    people = [_person(problems, new, f"employees.{n}.") for n, new in enumerate(employees)]
    refuse(problems)

    account = insert_or_ignore(Account, platform_id=platform.id, name=name, submission_key=submission_key)
    if account is None:  # The same form arrived twice at the same moment.
        made = _made_by(actor, submission_key)
        assert made is not None
        return made
    owner = {"account_id": account.id, "platform_id": platform.id}
    db.session.add_all([Location(**owner, name=site.name, address=site.address) for site in sites])
    db.session.add_all(
        [
            Employee(**owner, name=one.name, email=one.email, employee_number=one.employee_number)
            for one in people
        ]
    )
    audit.record(
        actor,
        "account.created",
        f"Created {name}{_with(len(sites), len(people))}",
        platform=platform,
        account=account,
        details={"locations": [site.name for site in sites], "employees": [one.name for one in people]},
    )
    return account


def _made_by(actor: Actor, submission_key: str | None) -> Account | None:
    """The account this very submission has made already."""
    if submission_key is None:
        return None
    account = db.session.scalars(
        select(Account)
        .where(Account.submission_key == submission_key)
        .execution_options(**{EVERYWHERE: True})
    ).one_or_none()
    if account is not None and not actor.sees(account.platform_id):
        raise WrongState("This form has been sent already.")
    return account


def _with(locations: int, employees: int) -> str:
    parts = [
        f"{count} {noun if count == 1 else noun + 's'}"
        for count, noun in ((locations, "location"), (employees, "employee"))
        if count
    ]
    return f" with {' and '.join(parts)}" if parts else ""


def rename_account(actor: Actor, account_id: int, name: str) -> Account:
    """Give an account another name. Its history keeps the name it had."""
    require(actor, Permission.ACCOUNTS_WRITE)
    account = find(actor, Account, account_id)
    problems = Problems()
    name = problems.text("name", name, most=200, required="Give the account a name.") or ""
    refuse(problems)
    if said := assign(account, {}, name=name):
        audit.record(actor, "account.changed", f"Renamed: {said[0]}", account=account)
    return account


# ---- Locations


def _site(problems: Problems, new: NewLocation, at: str = "") -> NewLocation:
    # One line: it is printed on labels and shown in tables.
    address = ", ".join(line.strip(" ,") for line in new.address.splitlines() if line.strip(" ,"))
    return NewLocation(
        name=problems.text(f"{at}name", new.name, most=120, required="Give the location a name.") or "",
        address=problems.text(f"{at}address", address, most=300) or "",
    )


def add_location(actor: Actor, account_id: int, new: NewLocation) -> Location:
    """Add a site to an account."""
    require(actor, Permission.ACCOUNTS_WRITE)
    account = find(actor, Account, account_id)
    problems = Problems()
    site = _site(problems, new)
    refuse(problems)
    location = Location(
        account_id=account.id, platform_id=account.platform_id, name=site.name, address=site.address
    )
    db.session.add(location)
    audit.record(actor, "account.changed", f"Added the location “{site.name}”", account=account)
    return location


def change_location(actor: Actor, location_id: int, new: NewLocation) -> Location:
    """Correct the name or the address of a site."""
    require(actor, Permission.ACCOUNTS_WRITE)
    location = find(actor, Location, location_id)
    problems = Problems()
    site = _site(problems, new)
    refuse(problems)
    before = location.name
    if said := assign(location, {}, name=site.name, address=site.address):
        _note(actor, location, f"Changed the location “{before}”: {', '.join(said)}")
    return location


def archive_location(actor: Actor, location_id: int) -> Location:
    """Take a site off the lists to choose from. Devices that stand there keep it.

    Raises:
        WrongState: where it is archived already.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    location = find(actor, Location, location_id, lock=True)
    if location.archived_at is not None:
        raise WrongState(f"“{location.name}” has been archived since {on(location.archived_at)}.")
    location.archived_at = utcnow()
    _note(actor, location, f"Archived the location “{location.name}”")
    return location


def restore_location(actor: Actor, location_id: int) -> Location:
    """Offer an archived site again.

    Raises:
        WrongState: where it is not archived.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    location = find(actor, Location, location_id, lock=True)
    if location.archived_at is None:
        raise WrongState(f"“{location.name}” is not archived.")
    location.archived_at = None
    _note(actor, location, f"Restored the location “{location.name}”")
    return location


# ---- Employees


def email_address(text: str) -> str | None:
    """An e-mail address in its usual spelling; None where the text is none."""
    try:
        # Shape only. Behind a public ending, the reserved ones (.local, .test) pass: a company's own
        # domain need not be known to the world.
        email = validate_email(f"{text}.com", check_deliverability=False).normalized.removesuffix(".com")
    except EmailNotValidError:
        return None
    return email if "." in email.rpartition("@")[2] else None


def _person(problems: Problems, new: NewEmployee, at: str = "") -> NewEmployee:
    email = problems.text(f"{at}email", new.email, most=254)
    if email is not None:
        email = email_address(email)
        if email is None:
            problems.add(f"{at}email", "Write an e-mail address, such as dana@example.com.")
    return NewEmployee(
        name=problems.text(f"{at}name", new.name, most=200, required="Give the employee a name.") or "",
        email=email,
        employee_number=problems.text(f"{at}employee_number", new.employee_number, most=60),
    )


def add_employee(actor: Actor, account_id: int, new: NewEmployee) -> Employee:
    """Add a person to an account, so that devices can be meant for them."""
    require(actor, Permission.ACCOUNTS_WRITE)
    account = find(actor, Account, account_id)
    problems = Problems()
    person = _person(problems, new)
    refuse(problems)
    employee = Employee(
        account_id=account.id,
        platform_id=account.platform_id,
        name=person.name,
        email=person.email,
        employee_number=person.employee_number,
    )
    db.session.add(employee)
    audit.record(actor, "account.changed", f"Added the employee {person.name}", account=account)
    return employee


def change_employee(actor: Actor, employee_id: int, new: NewEmployee) -> Employee:
    """Correct what is known of a person on an account.

    Raises:
        WrongState: where an HR directory looks after the record.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    employee = find(actor, Employee, employee_id)
    refuse_directorys(employee)
    problems = Problems()
    person = _person(problems, new)
    refuse(problems)
    _refuse_anonymized(employee)
    before = employee.name
    said = assign(
        employee,
        {"email": "e-mail"},
        name=person.name,
        email=person.email,
        employee_number=person.employee_number,
    )
    if said:
        _note(actor, employee, f"Changed the employee {before}: {', '.join(said)}")
    return employee


def _refuse_anonymized(employee: Employee) -> None:
    if employee.anonymized_at is not None:
        raise WrongState(f"{employee.name} was anonymized on {on(employee.anonymized_at)}; that is for good.")


def deactivate_employee(actor: Actor, employee_id: int) -> Employee:
    """Note that a person has left. Their devices stay theirs until somebody changes that.

    Raises:
        WrongState: where that is noted already, or an HR directory looks after the record.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    employee = find(actor, Employee, employee_id, lock=True)
    refuse_directorys(employee)
    if employee.deactivated_at is not None:
        raise WrongState(f"{employee.name} has been deactivated since {on(employee.deactivated_at)}.")
    employee.deactivated_at = utcnow()
    _note(actor, employee, f"Deactivated the employee {employee.name}")
    return employee


def restore_employee(actor: Actor, employee_id: int) -> Employee:
    """Note that a person is back.

    Raises:
        WrongState: where they never left, or an HR directory looks after the record.
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    employee = find(actor, Employee, employee_id, lock=True)
    refuse_directorys(employee)
    if employee.deactivated_at is None:
        raise WrongState(f"{employee.name} is active.")
    _refuse_anonymized(employee)
    employee.deactivated_at = None
    _note(actor, employee, f"Restored the employee {employee.name}")
    return employee


def refuse_directorys(employee: Employee) -> None:
    """Refuse to change by hand what an HR directory looks after.

    Raises:
        WrongState: with where to change it instead.
    """
    if employee.in_directory:
        raise WrongState(f"{employee.name} comes from the HR directory of this account; change it there.")


def _note(actor: Actor, row: Location | Employee, summary: str) -> None:
    audit.record(actor, "account.changed", summary, account=row.account)

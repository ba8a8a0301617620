"""Accounts of a platform: creating and renaming them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.lookup import insert_or_ignore
from hwadmin.db.tenancy import EVERYWHERE
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import WrongState
from hwadmin.models import Account, Employee, Location, Platform
from hwadmin.operations.accounts.employees import NewEmployee, checked_employee
from hwadmin.operations.accounts.locations import NewLocation, checked_location
from hwadmin.operations.audit.account_events import record_account_changed, record_account_created
from hwadmin.operations.audit.changes import assign
from hwadmin.operations.outgoing.events import publish_employees
from hwadmin.queries.scope import find


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

    The same submission sent again returns the account it created the first time.

    Raises:
        InvalidInput: every problem at once, at ``name``, ``locations.0.name``, ``employees.2.email`` …
    """
    require(actor, Permission.ACCOUNTS_WRITE)
    platform = platform_of_new_account(actor, platform_id)
    if (existing := _created_by(actor, submission_key)) is not None:
        return existing
    problems = Problems()
    name = problems.text("name", name, most=200, required="Give the account a name.") or ""
    sites = [checked_location(problems, new, f"locations.{index}.") for index, new in enumerate(locations)]
    people = [checked_employee(problems, new, f"employees.{index}.") for index, new in enumerate(employees)]
    _refuse_repeated_keys(problems, "locations", [site.external_id for site in sites])
    _refuse_repeated_keys(problems, "employees", [person.program_external_id for person in people])
    refuse(problems)

    account = insert_or_ignore(Account, platform_id=platform.id, name=name, submission_key=submission_key)
    if account is None:  # The same form arrived twice at the same moment.
        existing = _created_by(actor, submission_key)
        assert existing is not None
        return existing
    owner = {"account_id": account.id, "platform_id": platform.id}
    db.session.add_all([Location(**owner, **asdict(site)) for site in sites])
    rows = [Employee(**owner, **asdict(person)) for person in people]
    db.session.add_all(rows)
    record_account_created(
        actor,
        account,
        f"Created {name}{_with(len(sites), len(people))}",
        locations=[site.name for site in sites],
        employees=[person.name for person in people],
    )
    publish_employees(actor, platform.id, [row.id for row in rows])
    return account


def platform_of_new_account(actor: Actor, platform_id: int) -> Platform:
    """The platform of an account that is going to be created: an import of accounts waits until it is there.

    Raises:
        NotFound: for this actor.
    """
    platform = find(actor, Platform, platform_id)
    db.session.execute(select(Platform.id).where(Platform.id == platform.id).with_for_update(read=True))
    return platform


def _refuse_repeated_keys(problems: Problems, list_name: str, keys: Sequence[str | None]) -> None:
    """Add a problem for each key of another program that is there twice."""
    for index, key in enumerate(keys):
        if key is not None and key in keys[:index]:
            problems.add(f"{list_name}.{index}.external_id", "This key is there twice.")


def _created_by(actor: Actor, submission_key: str | None) -> Account | None:
    """The account that this submission has created already."""
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
    if changes := assign(account, {}, name=name):
        record_account_changed(actor, account, f"Renamed: {changes[0]}")
    return account

"""Accounts, their locations and employees."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.api import answers, asked, represent
from hwadmin.api.calls import BASE_PATH, Asking, Reply, call
from hwadmin.api.finding import account_of
from hwadmin.api.paging import cursor_after, key_of, one_page
from hwadmin.errors import InvalidInput
from hwadmin.extensions import db
from hwadmin.models import Account, Employee, Location
from hwadmin.operations import accounts
from hwadmin.operations.accounts import NewEmployee, NewLocation
from hwadmin.permissions import Actor, Permission
from hwadmin.queries.accounts import account_search
from hwadmin.queries.api_lists import present_employees, present_locations, whole_accounts

_READ, _WRITE = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE


@call("GET", "/accounts", _READ, answers.AccountPage, "Accounts", query=asked.SearchQuery)
def list_accounts(asking: Asking) -> answers.AccountPage:
    """List accounts, each with its locations and employees."""
    query: asked.SearchQuery = asking.query
    conditions = [account_search(query.q)] if query.q and query.q.strip() else []
    found = whole_accounts(
        asking.actor, *conditions, after=key_of("accounts", query.cursor) or 0, limit=query.limit + 1
    )
    rows, more = one_page(found, query.limit)
    return answers.AccountPage(
        items=_whole(asking.actor, rows),
        next_cursor=cursor_after("accounts", rows[-1].id) if more else None,
    )


@call("GET", "/accounts/<account_id>", _READ, answers.Account, "Accounts")
def show_account(asking: Asking, account_id: str) -> answers.Account:
    """Show one account with its locations and employees."""
    return _whole(asking.actor, [account_of(asking.actor, account_id)])[0]


@call(
    "POST",
    "/accounts",
    _WRITE,
    answers.Account,
    "Accounts",
    body=asked.NewAccount,
    body_needed=True,
    status=201,
    locates=True,
    names_rows=True,
)
def create_account(asking: Asking) -> Reply:
    """Create an account with its locations and employees, in one go."""
    new: asked.NewAccount = asking.body
    account = accounts.create_account(
        asking.actor,
        platform_id=platform_id_for(asking.actor, new.platform_id),
        name=new.name,
        locations=[_location(one) for one in new.locations],
        employees=[_employee(one) for one in new.employees],
    )
    db.session.flush()
    return Reply(
        _whole(asking.actor, [account])[0], headers={"Location": f"{BASE_PATH}/accounts/{account.id}"}
    )


@call("GET", "/accounts/<account_id>/locations", _READ, answers.LocationPage, "Accounts", query=asked.Paged)
def list_locations(asking: Asking, account_id: str) -> answers.LocationPage:
    """List an account's locations."""
    key, limit = account_of(asking.actor, account_id).id, asking.query.limit
    after = key_of("locations", asking.query.cursor) or 0
    rows, more = one_page(present_locations(asking.actor, [key], after=after, limit=limit + 1), limit)
    return answers.LocationPage(
        items=[represent.location(row) for row in rows],
        next_cursor=cursor_after("locations", rows[-1].id) if more else None,
    )


@call(
    "POST",
    "/accounts/<account_id>/locations",
    _WRITE,
    answers.Location,
    "Accounts",
    body=asked.NewLocation,
    body_needed=True,
    status=201,
)
def add_location(asking: Asking, account_id: str) -> answers.Location:
    """Add a location to an account."""
    account = account_of(asking.actor, account_id)
    location = accounts.add_location(asking.actor, account.id, _location(asking.body))
    db.session.flush()
    return represent.location(location)


@call("GET", "/accounts/<account_id>/employees", _READ, answers.EmployeePage, "Accounts", query=asked.Paged)
def list_employees(asking: Asking, account_id: str) -> answers.EmployeePage:
    """List an account's employees."""
    key, limit = account_of(asking.actor, account_id).id, asking.query.limit
    after = key_of("employees", asking.query.cursor) or 0
    rows, more = one_page(present_employees(asking.actor, [key], after=after, limit=limit + 1), limit)
    return answers.EmployeePage(
        items=[represent.employee(row) for row in rows],
        next_cursor=cursor_after("employees", rows[-1].id) if more else None,
    )


@call(
    "POST",
    "/accounts/<account_id>/employees",
    _WRITE,
    answers.Employee,
    "Accounts",
    body=asked.NewEmployee,
    body_needed=True,
    status=201,
)
def add_employee(asking: Asking, account_id: str) -> answers.Employee:
    """Add an employee to an account."""
    account = account_of(asking.actor, account_id)
    employee = accounts.add_employee(asking.actor, account.id, _employee(asking.body))
    db.session.flush()
    return represent.employee(employee)


def _whole(actor: Actor, rows: Sequence[Account]) -> list[answers.Account]:
    """Accounts with what belongs to them, in two statements for all of them."""
    keys = [row.id for row in rows]
    locations: dict[int, list[Location]] = {key: [] for key in keys}
    employees: dict[int, list[Employee]] = {key: [] for key in keys}
    if keys:
        for location in present_locations(actor, keys):
            locations[location.account_id].append(location)
        for employee in present_employees(actor, keys):
            employees[employee.account_id].append(employee)
    return [represent.account(row, locations[row.id], employees[row.id]) for row in rows]


def platform_id_for(actor: Actor, stated: int | None) -> int:
    """The platform an account is for: the one stated, or the only one the actor is given."""
    if stated is not None:
        return stated
    if actor.platform_ids is not None and len(actor.platform_ids) == 1:
        return next(iter(actor.platform_ids))
    raise InvalidInput.at("platform_id", "Say for which platform.")


def _location(new: asked.NewLocation) -> NewLocation:
    return NewLocation(new.name, new.address or "")


def _employee(new: asked.NewEmployee) -> NewEmployee:
    return NewEmployee(new.name, new.email, new.employee_number)

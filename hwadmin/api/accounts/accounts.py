"""Accounts, their locations and employees."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.api.accounts.employees import new_employee
from hwadmin.api.accounts.locations import new_location
from hwadmin.api.calls import BASE_PATH, ApiRequest, ApiResponse, call
from hwadmin.api.changes import changed, platform_id_for, stated_fields
from hwadmin.api.lookups import get_account_or_404, row_id
from hwadmin.api.paging import last_id_of, page_of
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.models import Account, Employee, Location
from hwadmin.operations.accounts import accounts
from hwadmin.operations.accounts.synchronization.accounts import change_account_fields, upsert_account
from hwadmin.queries.accounts.accounts import account_or_person_search
from hwadmin.queries.accounts.by_key import present_employees, present_locations, whole_accounts
from hwadmin.schemas import request_models, response_models, serializers

_READ, _WRITE = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE


@call("GET", "/accounts", _READ, response_models.AccountPage, "Accounts", query=request_models.SearchQuery)
def list_accounts(request: ApiRequest) -> response_models.AccountPage:
    """List accounts, each with its locations and employees."""
    query: request_models.SearchQuery = request.query
    conditions = [account_or_person_search(query.q)] if query.q and query.q.strip() else []
    conditions += changed(query, Account)
    after = last_id_of("accounts", query.cursor) or 0
    rows = whole_accounts(request.actor, *conditions, after=after, limit=query.limit + 1)
    return page_of(
        response_models.AccountPage,
        "accounts",
        rows,
        query.limit,
        lambda accounts: _serialized(request.actor, accounts),
    )


@call("GET", "/accounts/<account_id>", _READ, response_models.AccountResponse, "Accounts")
def show_account(request: ApiRequest, account_id: str) -> response_models.AccountResponse:
    """Show one account with its locations and employees."""
    return _serialized(request.actor, [get_account_or_404(request.actor, account_id)])[0]


@call(
    "POST",
    "/accounts",
    _WRITE,
    response_models.AccountResponse,
    "Accounts",
    body=request_models.NewAccountRequest,
    body_required=True,
    status=201,
    locates=True,
    names_rows=True,
)
def create_account(request: ApiRequest) -> ApiResponse:
    """Create an account with its locations and employees, in one go."""
    new: request_models.NewAccountRequest = request.body
    account = accounts.create_account(
        request.actor,
        platform_id=platform_id_for(request.actor, new.platform_id),
        name=new.name,
        locations=[new_location(location) for location in new.locations],
        employees=[new_employee(employee) for employee in new.employees],
    )
    if new.external_id is not None:
        change_account_fields(request.actor, account.id, {"external_id": new.external_id})
    db.session.flush()
    return ApiResponse(
        _serialized(request.actor, [account])[0], headers={"Location": f"{BASE_PATH}/accounts/{account.id}"}
    )


@call(
    "PATCH",
    "/accounts/<account_id>",
    _WRITE,
    response_models.AccountResponse,
    "Accounts",
    body=request_models.AccountChanges,
)
def change_account(request: ApiRequest, account_id: str) -> response_models.AccountResponse:
    """Change an account: its name, how it orders, and the key you know it by."""
    values = stated_fields(request.body)
    account = change_account_fields(request.actor, row_id(account_id), values)
    db.session.flush()
    return _serialized(request.actor, [account])[0]


@call(
    "PUT",
    "/accounts/external/<external_id>",
    _WRITE,
    response_models.AccountResponse,
    "Accounts",
    body=request_models.ChangedAccount,
    creates=True,
)
def put_account(request: ApiRequest, external_id: str) -> ApiResponse:
    """Create the account you know by this key, or change it to what is stated.

    The same again changes nothing.
    """
    values = stated_fields(request.body)
    platform_id = values.pop("platform_id", None)
    account, created = upsert_account(request.actor, external_id, platform_id, values)
    db.session.flush()
    headers = {"Location": f"{BASE_PATH}/accounts/{account.id}"} if created else {}
    return ApiResponse(_serialized(request.actor, [account])[0], 201 if created else 200, headers)


def _serialized(actor: Actor, rows: Sequence[Account]) -> list[response_models.AccountResponse]:
    """Accounts with what belongs to them, in two statements for all of them."""
    keys = [row.id for row in rows]
    locations: dict[int, list[Location]] = {key: [] for key in keys}
    employees: dict[int, list[Employee]] = {key: [] for key in keys}
    if keys:
        for location in present_locations(actor, keys):
            locations[location.account_id].append(location)
        for employee in present_employees(actor, keys):
            employees[employee.account_id].append(employee)
    return [serializers.account(row, locations[row.id], employees[row.id]) for row in rows]

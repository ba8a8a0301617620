"""The employees of an account."""

from __future__ import annotations

from typing import Any

from hwadmin.api.calls import ApiRequest, ApiResponse, call
from hwadmin.api.changes import changed, stated_fields
from hwadmin.api.lookups import get_account_or_404, row_id
from hwadmin.api.paging import each, last_id_of, page_of
from hwadmin.db.extensions import db
from hwadmin.domain.ordering.cost_allocation import Share
from hwadmin.domain.permissions import Permission
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import ChangedMeanwhile, NotFound
from hwadmin.models import Employee
from hwadmin.operations.accounts import employees
from hwadmin.operations.accounts.employees import NewEmployee
from hwadmin.operations.accounts.synchronization.employees import change_employee_fields, upsert_employee
from hwadmin.operations.directory.anonymization import anonymize_employee
from hwadmin.operations.directory.merging import merge_employees
from hwadmin.queries.accounts.by_external_key import employee_by_key
from hwadmin.queries.accounts.by_key import employees_where
from hwadmin.queries.scope import find
from hwadmin.schemas import request_models, response_models, serializers

_READ, _WRITE = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE
_ALL = "/accounts/<account_id>/employees"
_ONE = f"{_ALL}/<employee_id>"


@call("GET", _ALL, _READ, response_models.EmployeePage, "Accounts", query=request_models.Changed)
def list_employees(request: ApiRequest, account_id: str) -> response_models.EmployeePage:
    """List an account's employees. Those who have left are listed with `updated_since` only."""
    account, query = get_account_or_404(request.actor, account_id), request.query
    conditions = [
        Employee.account_id == account.id,
        *changed(query, Employee, Employee.program_external_id),
    ]
    if query.updated_since is None:
        conditions.append(Employee.deactivated_at.is_(None))
    after = last_id_of("employees", query.cursor) or 0
    rows = employees_where(request.actor, *conditions, after=after, limit=query.limit + 1)
    return page_of(
        response_models.EmployeePage,
        "employees",
        rows,
        query.limit,
        each(serializers.employee),
    )


@call("GET", _ONE, _READ, response_models.EmployeeResponse, "Accounts", versioned=True)
def show_employee(request: ApiRequest, account_id: str, employee_id: str) -> ApiResponse:
    """Show an employee, also one who has left."""
    return _with_etag(_employee_or_404(request, account_id, employee_id))


@call(
    "POST",
    _ALL,
    _WRITE,
    response_models.EmployeeResponse,
    "Accounts",
    body=request_models.NewEmployeeRequest,
    body_required=True,
    status=201,
    versioned=True,
)
def add_employee(request: ApiRequest, account_id: str) -> ApiResponse:
    """Add an employee to an account."""
    account = get_account_or_404(request.actor, account_id)
    return _with_etag(employees.add_employee(request.actor, account.id, new_employee(request.body)))


@call(
    "PATCH",
    _ONE,
    _WRITE,
    response_models.EmployeeResponse,
    "Accounts",
    body=request_models.EmployeeChanges,
    versioned=True,
    conditional=True,
)
def change_employee(request: ApiRequest, account_id: str, employee_id: str) -> ApiResponse:
    """Change an employee; what is left out stays, null clears.

    Who comes from an HR directory is changed there (409); only the key you know them by can be set here.
    """
    employee = _employee_as_seen(request, account_id, employee_id)
    return _with_etag(change_employee_fields(request.actor, employee.id, _values(request.body)))


@call(
    "DELETE",
    _ONE,
    _WRITE,
    response_models.EmployeeResponse,
    "Accounts",
    versioned=True,
    conditional=True,
)
def deactivate_employee(request: ApiRequest, account_id: str, employee_id: str) -> ApiResponse:
    """Note that an employee has left. Their devices stay theirs until somebody changes that."""
    employee = _employee_as_seen(request, account_id, employee_id)
    if employee.deactivated_at is None:
        employee = employees.deactivate_employee(request.actor, employee.id)
    return _with_etag(employee)


@call(
    "POST",
    f"{_ONE}/merge",
    Permission.EMPLOYEES_MERGE,
    response_models.EmployeeResponse,
    "Accounts",
    body=request_models.OtherRecord,
    body_required=True,
    versioned=True,
    conditional=True,
)
def merge_employee(request: ApiRequest, account_id: str, employee_id: str) -> ApiResponse:
    """Merge a second record of the same person into this one: devices, phone lines, plans and reports.

    What this one does not know is taken from the other. The other is kept for history and no longer used.
    """
    stated: request_models.OtherRecord = request.body
    employee = _employee_as_seen(request, account_id, employee_id)
    other = _employee_or_404(request, account_id, str(stated.other_employee_id))
    return _with_etag(merge_employees(request.actor, employee.id, other.id, reason=stated.reason).employee)


@call(
    "POST",
    f"{_ONE}/anonymize",
    Permission.EMPLOYEES_ANONYMIZE,
    response_models.EmployeeResponse,
    "Accounts",
    body=request_models.Reason,
    body_required=True,
    versioned=True,
    conditional=True,
    needs_proof=True,
)
def anonymize(request: ApiRequest, account_id: str, employee_id: str) -> ApiResponse:
    """Take an employee's name out of everything, for good: the right to be forgotten."""
    reason: request_models.Reason = request.body
    employee = _employee_as_seen(request, account_id, employee_id)
    return _with_etag(anonymize_employee(request.actor, employee.id, reason=reason.reason))


@call(
    "PUT",
    f"{_ALL}/external/<external_id>",
    _WRITE,
    response_models.EmployeeResponse,
    "Accounts",
    body=request_models.ChangedEmployee,
    creates=True,
    versioned=True,
    conditional=True,
)
def put_employee(request: ApiRequest, account_id: str, external_id: str) -> ApiResponse:
    """Create the employee you know by this key, or change them to what is stated.

    The same again changes nothing. Who has left is back by it, unless active is false.
    """
    account_key = row_id(account_id)
    if request.conditions.versions is not None:
        problems = Problems()
        problems.external_key("external_id", external_id)
        refuse(problems)
        seen = employee_by_key(request.actor, account_key, external_id)
        if seen is None:
            get_account_or_404(request.actor, account_id)
        _refuse_changed(request, seen)
    employee, created = upsert_employee(request.actor, account_key, external_id, _values(request.body))
    return _with_etag(employee, 201 if created else 200)


def _values(body: request_models.ChangedEmployee) -> dict[str, Any]:
    """The stated fields as the operations take them."""
    values = stated_fields(body)
    if "accounting_codes" in values:
        codes = body.accounting_codes or ()
        values["accounting_codes"] = [Share(share.code, share.percent) for share in codes]
    return values


def _employee_or_404(request: ApiRequest, account_id: str, employee_id: str) -> Employee:
    conditions = (Employee.account_id == row_id(account_id), Employee.id == row_id(employee_id))
    rows = employees_where(request.actor, *conditions)
    if not rows:
        raise NotFound("There is no such employee.")
    return rows[0]


def _employee_as_seen(request: ApiRequest, account_id: str, employee_id: str) -> Employee:
    """The employee, in the version the caller states in If-Match, if they state one.

    Raises:
        NotFound, ChangedMeanwhile: nothing was done.
    """
    employee = _employee_or_404(request, account_id, employee_id)
    if request.conditions.versions is not None:
        _refuse_changed(request, employee)
    return employee


def _refuse_changed(request: ApiRequest, seen: Employee | None) -> None:
    """Lock the employee, and refuse if they have another version than the caller saw."""
    if seen is None:
        raise ChangedMeanwhile("There is nobody with this key. Nothing was done.")
    employee = find(request.actor, Employee, seen.id, lock=True, lets_others_refer=True)
    if employee.version not in (request.conditions.versions or ()):
        raise ChangedMeanwhile(
            f"{employee.name} was changed meanwhile. Nothing was done: look at the record again."
        )


def _with_etag(employee: Employee, status: int | None = None) -> ApiResponse:
    """The response with an employee as they are now, and their version as the ETag."""
    db.session.flush()
    return ApiResponse(serializers.employee(employee), status, {"ETag": f'"{employee.version}"'})


def new_employee(new: request_models.NewEmployeeRequest) -> NewEmployee:
    """An employee as the operations take them."""
    fields = new.model_dump(exclude={"external_id"})
    return NewEmployee(**fields, program_external_id=new.external_id)

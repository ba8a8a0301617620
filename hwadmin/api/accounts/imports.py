"""Importing lists of accounts, and of an account's people and phone lines."""

from __future__ import annotations

from hwadmin.api.calls import ApiRequest
from hwadmin.api.changes import platform_id_for
from hwadmin.api.list_reading import for_account, for_platform, import_call, reported
from hwadmin.api.lookups import get_account_or_404
from hwadmin.domain.permissions import Permission
from hwadmin.list_import.records.accounts import ACCOUNTS
from hwadmin.list_import.records.employees import EMPLOYEES
from hwadmin.list_import.records.phone_lines import PHONE_LINES
from hwadmin.operations.accounts.phone_line_import import import_phone_lines, plan_phone_lines
from hwadmin.operations.directory.account_import import import_accounts, plan_accounts
from hwadmin.operations.directory.employee_import import import_employees, plan_employees
from hwadmin.schemas import request_models, response_models


@import_call(
    "/accounts/import",
    Permission.ACCOUNTS_WRITE,
    "Accounts",
    ACCOUNTS,
    for_platform,
    query=request_models.PlatformImportQuery,
    names_rows=True,
)
def import_account_list(request: ApiRequest) -> response_models.ListReportResponse:
    """Import a list of a platform's accounts with locations and people, or say what it would do (dry_run).

    The same list again changes nothing, and nothing is ever removed.
    """
    platform_id = platform_id_for(request.actor, request.query.platform)
    return reported(request, plan_accounts, import_accounts, platform_id, request.query.row_answers)


@import_call(
    "/accounts/<account_id>/employees/import",
    Permission.DIRECTORY_WRITE,
    "Accounts",
    EMPLOYEES,
    for_account,
    query=request_models.EmployeeImportQuery,
)
def import_employee_list(request: ApiRequest, account_id: str) -> response_models.ListReportResponse:
    """Import a list of an account's people: what each row does, or with dry_run would do.

    People are found by e-mail address, else by employee number, else by name. An empty cell leaves what is
    known; the same list again changes nothing. A row that can mean several people is left out until answers
    says whom, and told.
    """
    query: request_models.EmployeeImportQuery = request.query
    account = get_account_or_404(request.actor, account_id)
    return reported(
        request,
        plan_employees,
        import_employees,
        account.id,
        query.row_answers,
        missing_left=query.missing_left,
    )


@import_call(
    "/accounts/<account_id>/phone-lines/import",
    Permission.ACCOUNTS_WRITE,
    "Accounts",
    PHONE_LINES,
    for_account,
)
def import_phone_line_list(request: ApiRequest, account_id: str) -> response_models.ListReportResponse:
    """Import a carrier's list of an account's phone lines: what each row does, or with dry_run would do.

    A line is found by its number, its user by e-mail, number or name, its device by IMEI, serial number or
    model. An empty cell leaves what is known, and no line is ended unless the list says so.
    """
    account = get_account_or_404(request.actor, account_id)
    return reported(request, plan_phone_lines, import_phone_lines, account.id, request.query.row_answers)

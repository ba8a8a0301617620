"""Importing lists of an account's people and phone lines."""

from __future__ import annotations

from typing import Any

from hwadmin.api.calls import ApiRequest, call
from hwadmin.api.changes import platform_id_for
from hwadmin.api.list_reading import platform_currency, records_reader
from hwadmin.api.lookups import get_account_or_404
from hwadmin.domain.permissions import Permission
from hwadmin.list_import.records.accounts import ACCOUNTS
from hwadmin.list_import.records.employees import EMPLOYEES
from hwadmin.list_import.records.phone_lines import PHONE_LINES
from hwadmin.list_import.records.reading import RecordList
from hwadmin.operations.accounts.account_import import import_accounts, plan_accounts
from hwadmin.operations.accounts.phone_line_import import import_phone_lines, plan_phone_lines
from hwadmin.operations.directory.employee_import import import_employees, plan_employees
from hwadmin.schemas import request_models, response_models, serializers


def _currency(request: ApiRequest, account_id: str) -> str:
    return get_account_or_404(request.actor, account_id).platform.currency


@call(
    "POST",
    "/accounts/import",
    Permission.ACCOUNTS_WRITE,
    response_models.ListReportResponse,
    "Accounts",
    query=request_models.PlatformImportQuery,
    takes_list=True,
    prepare=records_reader(ACCOUNTS, platform_currency),
    names_rows=True,
    conflicts=True,
    uses_key=lambda request: not request.query.dry_run,
)
def import_account_list(request: ApiRequest) -> response_models.ListReportResponse:
    """Import a list of a platform's accounts with their locations and people, or with dry_run only tell.

    The same list again changes nothing, and nothing is ever removed.
    """
    query: request_models.PlatformImportQuery = request.query
    records: RecordList = request.body
    platform_id = platform_id_for(request.actor, query.platform)
    if query.dry_run:
        plan = plan_accounts(request.actor, platform_id, records.records)
    else:
        plan = import_accounts(request.actor, platform_id, records.records, expected=query.expected)
    return serializers.list_report(plan, records, written=not query.dry_run and plan.does_something)


@call(
    "POST",
    "/accounts/<account_id>/employees/import",
    Permission.DIRECTORY_WRITE,
    response_models.ListReportResponse,
    "Accounts",
    query=request_models.EmployeeImportQuery,
    takes_list=True,
    prepare=records_reader(EMPLOYEES, _currency),
    conflicts=True,
    uses_key=lambda request: not request.query.dry_run,
)
def import_employee_list(request: ApiRequest, account_id: str) -> response_models.ListReportResponse:
    """Import a list of an account's people: what each row does, or with dry_run would do.

    People are found by e-mail address, else by employee number, else by name. An empty cell leaves what is
    known; the same list again changes nothing. A row that can mean several people is left out until answers
    says whom, and told.
    """
    query: request_models.EmployeeImportQuery = request.query
    account = get_account_or_404(request.actor, account_id)
    records: RecordList = request.body
    options: dict[str, Any] = {"missing_left": query.missing_left}
    if query.dry_run:
        plan = plan_employees(request.actor, account.id, records.records, query.row_answers, **options)
    else:
        plan = import_employees(
            request.actor,
            account.id,
            records.records,
            query.row_answers,
            expected=query.expected,
            **options,
        )
    return serializers.list_report(plan, records, written=not query.dry_run and plan.does_something)


@call(
    "POST",
    "/accounts/<account_id>/phone-lines/import",
    Permission.ACCOUNTS_WRITE,
    response_models.ListReportResponse,
    "Accounts",
    query=request_models.ImportQuery,
    takes_list=True,
    prepare=records_reader(PHONE_LINES, _currency),
    conflicts=True,
    uses_key=lambda request: not request.query.dry_run,
)
def import_phone_line_list(request: ApiRequest, account_id: str) -> response_models.ListReportResponse:
    """Import a carrier's list of an account's phone lines: what each row does, or with dry_run would do.

    A line is found by its number, its user by e-mail, number or name, its device by IMEI, serial number or
    model. An empty cell leaves what is known, and no line is ended unless the list says so.
    """
    query: request_models.ImportQuery = request.query
    account = get_account_or_404(request.actor, account_id)
    records: RecordList = request.body
    if query.dry_run:
        plan = plan_phone_lines(request.actor, account.id, records.records, query.row_answers)
    else:
        plan = import_phone_lines(
            request.actor, account.id, records.records, query.row_answers, expected=query.expected
        )
    return serializers.list_report(plan, records, written=not query.dry_run and plan.does_something)

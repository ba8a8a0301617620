"""What an account books its devices on."""

from __future__ import annotations

from hwadmin.api.calls import ApiRequest, call
from hwadmin.api.lookups import get_account_or_404, row_id
from hwadmin.api.paging import each, last_id_of, page_of
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Permission
from hwadmin.errors import NotFound
from hwadmin.models import AccountingCode
from hwadmin.operations.accounts import settings
from hwadmin.queries.accounts.by_key import codes_where
from hwadmin.schemas import request_models, response_models, serializers

_READ, _WRITE = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE
_ALL = "/accounts/<account_id>/accounting-codes"
_ONE = f"{_ALL}/<code_id>"


@call("GET", _ALL, _READ, response_models.AccountingCodePage, "Accounts", query=request_models.Paged)
def list_accounting_codes(request: ApiRequest, account_id: str) -> response_models.AccountingCodePage:
    """List the accounting codes of an account, archived ones included."""
    account, query = get_account_or_404(request.actor, account_id), request.query
    after = last_id_of("codes", query.cursor) or 0
    conditions = (AccountingCode.account_id == account.id, AccountingCode.id > after)
    rows = codes_where(request.actor, *conditions, limit=query.limit + 1)
    return page_of(
        response_models.AccountingCodePage,
        "codes",
        rows,
        query.limit,
        each(serializers.accounting_code),
    )


@call(
    "POST",
    _ALL,
    _WRITE,
    response_models.AccountingCodeResponse,
    "Accounts",
    body=request_models.NewAccountingCode,
    body_required=True,
    status=201,
)
def add_accounting_code(request: ApiRequest, account_id: str) -> response_models.AccountingCodeResponse:
    """Add an accounting code to an account."""
    new: request_models.NewAccountingCode = request.body
    account = get_account_or_404(request.actor, account_id)
    row = settings.add_code(request.actor, account.id, code=new.code, description=new.description or "")
    return serializers.accounting_code(row)


@call(
    "PATCH",
    _ONE,
    _WRITE,
    response_models.AccountingCodeResponse,
    "Accounts",
    body=request_models.AccountingCodeChanges,
)
def change_accounting_code(
    request: ApiRequest, account_id: str, code_id: str
) -> response_models.AccountingCodeResponse:
    """Change what an accounting code stands for, archive it, or offer it again. The code itself stays."""
    changes: request_models.AccountingCodeChanges = request.body
    row = _code_or_404(request, account_id, code_id)
    if "description" in changes.model_fields_set:
        row = settings.change_code(request.actor, row.id, description=changes.description or "")
    if changes.archived is not None and changes.archived is not (row.archived_at is not None):
        operation = settings.archive_code if changes.archived else settings.restore_code
        row = operation(request.actor, row.id)
    db.session.flush()
    return serializers.accounting_code(row)


def _code_or_404(request: ApiRequest, account_id: str, code_id: str) -> AccountingCode:
    conditions = (AccountingCode.account_id == row_id(account_id), AccountingCode.id == row_id(code_id))
    rows = codes_where(request.actor, *conditions)
    if not rows:
        raise NotFound("There is no such accounting code.")
    return rows[0]

"""The phone lines and the spare devices of an account."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from hwadmin.api.calls import ApiRequest, call
from hwadmin.api.changes import changed
from hwadmin.api.lookups import get_account_or_404, row_id
from hwadmin.api.paging import each, last_id_of, page_of
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Permission
from hwadmin.errors import NotFound
from hwadmin.models import Account, Device, PhoneLine
from hwadmin.operations.accounts import phone_lines
from hwadmin.operations.accounts.phone_lines import NewPhoneLine
from hwadmin.queries.accounts.phone_lines import phone_line_details, phone_lines_after
from hwadmin.queries.devices.devices import device_rows
from hwadmin.queries.devices.spares import is_spare
from hwadmin.schemas import request_models, response_models, serializers

_READ, _WRITE = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE
_ALL = "/accounts/<account_id>/phone-lines"
_ONE = f"{_ALL}/<line_id>"
_FIELDS = tuple(field.name for field in fields(NewPhoneLine))


@call("GET", _ALL, _READ, response_models.PhoneLinePage, "Accounts", query=request_models.PhoneLineQuery)
def list_phone_lines(request: ApiRequest, account_id: str) -> response_models.PhoneLinePage:
    """List an account's phone lines, with their contracts and whether they may be upgraded."""
    account, query = get_account_or_404(request.actor, account_id), request.query
    conditions = changed(query, PhoneLine)
    if not query.ended and query.updated_since is None:
        conditions.append(PhoneLine.ended_at.is_(None))
    after = last_id_of("lines", query.cursor) or 0
    rows = phone_lines_after(request.actor, account, *conditions, after=after, limit=query.limit + 1)
    return page_of(
        response_models.PhoneLinePage,
        "lines",
        rows,
        query.limit,
        each(serializers.phone_line),
    )


@call(
    "POST",
    _ALL,
    _WRITE,
    response_models.PhoneLineResponse,
    "Accounts",
    body=request_models.NewPhoneLineRequest,
    body_required=True,
    status=201,
)
def add_phone_line(request: ApiRequest, account_id: str) -> response_models.PhoneLineResponse:
    """Add a mobile number to an account."""
    account = get_account_or_404(request.actor, account_id)
    new = NewPhoneLine(**request.body.model_dump())
    line = phone_lines.add_phone_line(request.actor, account.id, new)
    return _shown(request, account, line.id)


@call("GET", _ONE, _READ, response_models.PhoneLineResponse, "Accounts")
def show_phone_line(request: ApiRequest, account_id: str, line_id: str) -> response_models.PhoneLineResponse:
    """Show a phone line, also one that has ended."""
    return _shown(request, get_account_or_404(request.actor, account_id), row_id(line_id))


@call(
    "PATCH",
    _ONE,
    _WRITE,
    response_models.PhoneLineResponse,
    "Accounts",
    body=request_models.PhoneLineChanges,
)
def change_phone_line(
    request: ApiRequest, account_id: str, line_id: str
) -> response_models.PhoneLineResponse:
    """Change a phone line, or write down its new contract; what is left out stays, null clears."""
    account = get_account_or_404(request.actor, account_id)
    line = _line_or_404(request, account, line_id)
    stated = request.body.model_dump(exclude_unset=True)
    values: dict[str, Any] = {name: stated.get(name, getattr(line, name)) for name in _FIELDS}
    for name in ("phone_number", "mobile_carrier"):
        values[name] = values[name] or ""
    phone_lines.change_phone_line(request.actor, line.id, NewPhoneLine(**values))
    return _shown(request, account, line.id)


@call(
    "POST",
    f"{_ONE}/end",
    _WRITE,
    response_models.PhoneLineResponse,
    "Accounts",
    body=request_models.Nothing,
    conflicts=True,
)
def end_phone_line(request: ApiRequest, account_id: str, line_id: str) -> response_models.PhoneLineResponse:
    """Note that a number is no longer in service. Its history stays."""
    account = get_account_or_404(request.actor, account_id)
    phone_lines.end_phone_line(request.actor, _line_or_404(request, account, line_id).id)
    return _shown(request, account, row_id(line_id))


@call(
    "POST",
    f"{_ONE}/restore",
    _WRITE,
    response_models.PhoneLineResponse,
    "Accounts",
    body=request_models.Nothing,
    conflicts=True,
)
def restore_phone_line(
    request: ApiRequest, account_id: str, line_id: str
) -> response_models.PhoneLineResponse:
    """Note that a number is in service again."""
    account = get_account_or_404(request.actor, account_id)
    phone_lines.restore_phone_line(request.actor, _line_or_404(request, account, line_id).id)
    return _shown(request, account, row_id(line_id))


@call(
    "GET",
    "/accounts/<account_id>/spares",
    Permission.DEVICES_READ,
    response_models.DevicePage,
    "Accounts",
    query=request_models.ChangedSince,
)
def list_spares(request: ApiRequest, account_id: str) -> response_models.DevicePage:
    """List the devices of an account that nobody has and that an order can use instead of buying new ones."""
    account, query = get_account_or_404(request.actor, account_id), request.query
    after = last_id_of("spares", query.cursor) or 0
    conditions = [Device.account_id == account.id, is_spare(), Device.id > after, *changed(query, Device)]
    rows = device_rows(request.actor, *conditions, descending=False, limit=query.limit + 1)
    return page_of(response_models.DevicePage, "spares", rows, query.limit, serializers.devices)


def _line_or_404(request: ApiRequest, account: Account, line_id: str) -> PhoneLine:
    if phone_line_details(request.actor, account, row_id(line_id)) is None:
        raise NotFound("There is no such phone line.")
    return db.session.get_one(PhoneLine, row_id(line_id))


def _shown(request: ApiRequest, account: Account, line_id: int) -> response_models.PhoneLineResponse:
    db.session.flush()
    details = phone_line_details(request.actor, account, line_id)
    if details is None:
        raise NotFound("There is no such phone line.")
    return serializers.phone_line(details)

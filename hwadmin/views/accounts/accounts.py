"""Accounts: the list, and an account's pages with its devices and orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement
from sqlalchemy.orm import contains_eager, raiseload

from hwadmin.domain.permissions import Permission
from hwadmin.forms.accounts.accounts import AccountForm
from hwadmin.models import Account, Device, Platform
from hwadmin.operations.accounts import accounts as operations
from hwadmin.queries.accounts import exports
from hwadmin.queries.accounts.accounts import (
    account_search,
    accounts_like,
    orders_of,
    platform_choices,
    possessions,
)
from hwadmin.queries.devices.conditions import in_service
from hwadmin.queries.devices.devices import device_rows
from hwadmin.queries.scope import find
from hwadmin.queries.units.awaited import awaited_units
from hwadmin.views.accounts.tabs import SHOWN, account_frame, page_url
from hwadmin.web.access import current_actor
from hwadmin.web.layout import go_back
from hwadmin.web.reference_views import ChoiceFilter, ReferenceView

AWAITED_SHOWN = 10
_READ, _WRITE = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE


class AccountsView(ReferenceView):
    """Accounts: the list, each account with its devices and orders, and its name."""

    permissions = {
        "index_view": _READ,
        "export_rows": Permission.EXPORT,
        "look_up": _READ,
        "details_view": _READ,
        "hardware_orders": _READ,
        "edit_view": _WRITE,
        "rename": _WRITE,
    }
    column_list = ("name", "platform", "created_at")
    column_labels = {"name": "Account", "created_at": "Created"}
    column_filters = (
        ChoiceFilter(
            Account.platform_id,
            "Platform",
            platform_choices,
            lambda value: Account.platform_id == int(value),
            of_keys=True,
        ),
    )
    orders = {"name": (Account.name,), "platform": (Platform.name, Account.name), "created_at": (Account.id,)}
    default_order = ("name", False)
    search_hint = "Search account or platform"
    joins = (Account.platform,)
    loading = (contains_eager(Account.platform), raiseload("*"))
    list_template = "admin/hw/accounts/list.html"
    export_header = exports.HEADER
    form = AccountForm

    def __init__(self) -> None:
        super().__init__(Account, name="Accounts", endpoint="accounts", url="/accounts")

    def searched(self, text: str) -> ColumnElement[bool]:
        return account_search(text)

    def exported(self, rows: Sequence[Account]) -> Iterator[Sequence[Any]]:
        return exports.exported_accounts(rows)

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.list_template:
            kwargs["owned"] = possessions(current_actor(), [account.id for account in kwargs["data"]])
            kwargs["new_account_url"] = page_url(Permission.ACCOUNTS_WRITE, "account_form.new_account")
        return super().render(template, **kwargs)

    @expose("/look-up/")
    def look_up(self) -> ResponseReturnValue:
        """Accounts for a type-ahead, by part of their or their platform's name."""
        actor = current_actor()
        matches = accounts_like(actor, request.args.get("query", ""))
        several = actor.sees_several_platforms
        return jsonify(
            [[key, f"{name} · {platform}" if several else name] for key, name, platform in matches]
        )

    # ---- One account

    @expose("/<int:key>/")
    def details_view(self, key: int) -> ResponseReturnValue:
        """An account's devices, and the units it still waits for."""
        actor = current_actor()
        account = find(actor, Account, key)
        rows = device_rows(actor, Device.account_id == key, in_service(), limit=SHOWN)
        awaited = awaited_units(actor, account_id=key, limit=AWAITED_SHOWN)
        return self.render(
            "admin/hw/accounts/devices.html",
            shown=SHOWN,
            **account_frame(account, "devices"),
            rows=rows,
            awaited=awaited,
        )

    @expose("/<int:key>/orders/")
    def hardware_orders(self, key: int) -> ResponseReturnValue:
        """The latest hardware orders of an account."""
        actor = current_actor()
        account = find(actor, Account, key)
        return self.render(
            "admin/hw/accounts/orders.html",
            shown=SHOWN,
            **account_frame(account, "orders"),
            orders=orders_of(actor, key, limit=SHOWN),
        )

    @expose("/<int:key>/edit/")
    def edit_view(self, key: int) -> ResponseReturnValue:
        """Show the account's name, to be changed."""
        account = find(current_actor(), Account, key)
        return self._rename_page(AccountForm(obj=account), account)

    @expose("/<int:key>/edit/", methods=("POST",))
    def rename(self, key: int) -> ResponseReturnValue:
        """Give the account another name."""
        actor, form = current_actor(), AccountForm()
        account, before = find(actor, Account, key), find(actor, Account, key).name
        renamed, refused = self.done(
            lambda: operations.rename_account(actor, key, form.name.data or ""), form
        )
        if refused:
            return self._rename_page(form, account, refused)
        return go_back("accounts.details_view", f"{before} is now {renamed.name}.", key=key)

    def _rename_page(self, form: AccountForm, account: Account, status: int = 200) -> ResponseReturnValue:
        crumbs = [
            ("Accounts", url_for("accounts.index_view")),
            (account.name, url_for("accounts.details_view", key=account.id)),
        ]
        return self.form_page(form, "Rename", crumbs, status=status)

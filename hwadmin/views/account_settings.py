"""How an account orders: its settings, its accounting codes, and its employees' managers and codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.errors import InvalidInput
from hwadmin.forms.account_settings import CodeForm, DefaultsForm, SettingsForm
from hwadmin.models import Account, AccountingCode, Employee
from hwadmin.operations import account_settings as operations
from hwadmin.operations.accounts import refuse_directorys
from hwadmin.operations.platforms import find
from hwadmin.permissions import Permission
from hwadmin.queries.choosing import codes_of, employee_named
from hwadmin.queries.directory import manager_of
from hwadmin.splits import in_words, shares_of
from hwadmin.uow import transact
from hwadmin.views.account_tabs import account_frame
from hwadmin.views.auth import put_errors
from hwadmin.views.base import GuardedView
from hwadmin.views.frame import go_back
from hwadmin.views.gate import current_actor

_READ, _WRITE = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE


class AccountSettingsView(GuardedView):
    """How each account orders."""

    permissions = {
        "index_view": _READ,
        "show": _READ,
        "edit_form": _WRITE,
        "edit": _WRITE,
        "add_code": _WRITE,
        "archive_code": _WRITE,
        "restore_code": _WRITE,
        "employee_form": _WRITE,
        "employee": _WRITE,
    }

    def __init__(self) -> None:
        super().__init__(name="Ordering settings", endpoint="account_settings", url="/account-settings")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """Each account has settings of its own."""
        return redirect(url_for("accounts.index_view"))

    @expose("/<int:key>/")
    def show(self, key: int) -> ResponseReturnValue:
        """How an account orders, and what it books on."""
        return self._page(find(current_actor(), Account, key), CodeForm())

    def _page(self, account: Account, form: CodeForm, status: int = 200) -> ResponseReturnValue:
        page = self.render(
            "admin/hw/accounts/settings.html",
            **account_frame(account, "settings"),
            codes=codes_of(current_actor(), account, archived=True),
            form=form,
        )
        return page, status

    @expose("/<int:key>/edit/")
    def edit_form(self, key: int) -> ResponseReturnValue:
        """Show the settings, to be changed."""
        account = find(current_actor(), Account, key)
        return self._form(SettingsForm(obj=account), account, "How it orders")

    @expose("/<int:key>/edit/", methods=("POST",))
    def edit(self, key: int) -> ResponseReturnValue:
        """Change the settings."""
        actor, form = current_actor(), SettingsForm()
        account = find(actor, Account, key)
        if not done(lambda: operations.change_ordering_settings(actor, key, form.typed), form):
            return self._form(form, account, "How it orders", 422)
        return go_back("account_settings.show", f"Saved how {account.name} orders.", key=key)

    def _form(self, form: Any, account: Account, heading: str, status: int = 200) -> ResponseReturnValue:
        crumbs = [
            ("Accounts", url_for("accounts.index_view")),
            (account.name, url_for("account_settings.show", key=account.id)),
        ]
        page = self.render("admin/hw/platforms/form.html", form=form, heading=heading, crumbs=crumbs)
        return page, status

    # ---- Accounting codes

    @expose("/<int:key>/codes/", methods=("POST",))
    def add_code(self, key: int) -> ResponseReturnValue:
        """Add an accounting code."""
        actor, form = current_actor(), CodeForm()
        account = find(actor, Account, key)
        said = {"code": form.code.data or "", "description": form.description.data or ""}
        if not done(lambda: operations.add_code(actor, key, **said), form):
            return self._page(account, form, 422)
        return go_back("account_settings.show", f"Added the code {said['code']}.", key=key)

    @expose("/<int:key>/codes/<int:part>/archive/", methods=("POST",))
    def archive_code(self, key: int, part: int) -> ResponseReturnValue:
        """Take a code off the list to choose from."""
        return self._code(key, part, operations.archive_code, "Archived {}.")

    @expose("/<int:key>/codes/<int:part>/restore/", methods=("POST",))
    def restore_code(self, key: int, part: int) -> ResponseReturnValue:
        """Offer a code again."""
        return self._code(key, part, operations.restore_code, "Restored {}.")

    def _code(
        self, key: int, part: int, deed: Callable[..., AccountingCode], said: str
    ) -> ResponseReturnValue:
        actor = current_actor()
        if find(actor, AccountingCode, part).account_id != key:
            abort(404)
        row = transact(lambda: deed(actor, part))
        return go_back("account_settings.show", said.format(row.code), key=key)

    # ---- Employees

    @expose("/<int:key>/employees/<int:part>/")
    def employee_form(self, key: int, part: int) -> ResponseReturnValue:
        """Show an employee's manager and codes, to be changed."""
        employee = _employee(key, part)
        refuse_directorys(employee)
        manager = manager_of(current_actor(), employee)
        form = DefaultsForm(
            manager=manager.name if manager else "",
            accounting_codes=in_words(shares_of(employee.accounting_codes)).replace(" %", ""),
        )
        return self._employee_page(form, employee)

    def _employee_page(
        self, form: DefaultsForm, employee: Employee, status: int = 200
    ) -> ResponseReturnValue:
        account = employee.account
        page = self.render(
            "admin/hw/platforms/form.html",
            form=form,
            heading=f"What orders for {employee.name} copy",
            crumbs=[
                ("Accounts", url_for("accounts.index_view")),
                (account.name, url_for("accounts.employees", key=account.id)),
                (employee.name, url_for("accounts.employee", key=account.id, part=employee.id)),
            ],
        )
        return page, status

    @expose("/<int:key>/employees/<int:part>/", methods=("POST",))
    def employee(self, key: int, part: int) -> ResponseReturnValue:
        """Change an employee's manager and codes."""
        actor, form = current_actor(), DefaultsForm()
        employee = _employee(key, part)

        def change() -> Employee:
            manager = employee_named(actor, employee.account, form.manager.data or "", "manager")
            return operations.change_employee_defaults(actor, part, manager_id=manager, shares=form.shares)

        if not done(change, form, {"manager_id": "manager"}):
            return self._employee_page(form, employee, 422)
        said = f"Saved what orders for {employee.name} copy."
        return go_back("accounts.employee", said, key=key, part=part)


def _employee(key: int, part: int) -> Employee:
    """An employee of this account and no other."""
    employee = find(current_actor(), Employee, part)
    if employee.account_id != key:
        abort(404)
    return employee


def done(deed: Callable[[], Any], form: Any, names: dict[str, str] | None = None) -> bool:
    """Do what a form asks for; a refusal goes back into the form, under its fields' own names."""
    if not form.validate():
        return False
    try:
        transact(deed)
    except InvalidInput as refusal:
        put_errors(form, renamed(refusal, names or {}))
        return False
    return True


def renamed(refusal: InvalidInput, names: dict[str, str]) -> InvalidInput:
    """The refusal with the fields called as a form calls them."""
    return InvalidInput([replace(one, field=names.get(one.field, one.field)) for one in refusal.errors])

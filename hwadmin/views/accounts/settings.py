"""How an account orders: its settings, its accounting codes, and its employees' managers and codes."""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.domain.ordering.cost_allocation import shares_of, shares_text
from hwadmin.domain.permissions import Permission
from hwadmin.forms.accounts.settings import CodeForm, DefaultsForm, SettingsForm
from hwadmin.models import Account, AccountingCode, Employee
from hwadmin.operations.accounts import settings as operations
from hwadmin.operations.accounts.employees import refuse_directory_managed
from hwadmin.queries.directory.employees import manager_of
from hwadmin.queries.ordering.people import codes_of, employee_named
from hwadmin.queries.scope import find
from hwadmin.views.accounts.tabs import AccountPagesView, account_frame, change_part, part_of_account
from hwadmin.web.access import current_actor
from hwadmin.web.layout import go_back

_READ, _WRITE = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE


class AccountSettingsView(AccountPagesView):
    """How each account orders."""

    own_tab = "account_settings.show"

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
        return self.account_form(SettingsForm(obj=account), account, "Ordering settings")

    @expose("/<int:key>/edit/", methods=("POST",))
    def edit(self, key: int) -> ResponseReturnValue:
        """Change the settings."""
        actor, form = current_actor(), SettingsForm()
        account = find(actor, Account, key)
        _, refused = self.done(lambda: operations.change_ordering_settings(actor, key, form.entry), form)
        if refused:
            return self.account_form(form, account, "Ordering settings", refused)
        return go_back("account_settings.show", f"Saved the ordering settings of {account.name}.", key=key)

    # ---- Accounting codes

    @expose("/<int:key>/codes/", methods=("POST",))
    def add_code(self, key: int) -> ResponseReturnValue:
        """Add an accounting code."""
        actor, form = current_actor(), CodeForm()
        account = find(actor, Account, key)
        entered = {"code": form.code.data or "", "description": form.description.data or ""}
        _, refused = self.done(lambda: operations.add_code(actor, key, **entered), form)
        if refused:
            return self._page(account, form, refused)
        return go_back("account_settings.show", f"Added the code {entered['code']}.", key=key)

    @expose("/<int:key>/codes/<int:part>/archive/", methods=("POST",))
    def archive_code(self, key: int, part: int) -> ResponseReturnValue:
        """Take a code off the list to choose from."""
        return self._code(key, part, operations.archive_code, "Archived {}.")

    @expose("/<int:key>/codes/<int:part>/restore/", methods=("POST",))
    def restore_code(self, key: int, part: int) -> ResponseReturnValue:
        """Offer a code again."""
        return self._code(key, part, operations.restore_code, "Restored {}.")

    def _code(
        self, key: int, part: int, operation: Callable[..., AccountingCode], message: str
    ) -> ResponseReturnValue:
        row = change_part(AccountingCode, operation, key, part)
        return go_back("account_settings.show", message.format(row.code), key=key)

    # ---- Employees

    @expose("/<int:key>/employees/<int:part>/")
    def employee_form(self, key: int, part: int) -> ResponseReturnValue:
        """Show an employee's manager and codes, to be changed."""
        employee = part_of_account(Employee, key, part)
        refuse_directory_managed(employee)
        manager = manager_of(current_actor(), employee)
        form = DefaultsForm(
            manager=manager.name if manager else "",
            accounting_codes=shares_text(shares_of(employee.accounting_codes)),
        )
        return self._employee_page(form, employee)

    def _employee_page(
        self, form: DefaultsForm, employee: Employee, status: int = 200
    ) -> ResponseReturnValue:
        account = employee.account
        crumbs = [
            ("Accounts", url_for("accounts.index_view")),
            (account.name, url_for("account_employees.show", key=account.id)),
            (employee.name, url_for("account_employees.employee", key=account.id, part=employee.id)),
        ]
        return self.form_page(form, f"Manager and accounting codes of {employee.name}", crumbs, status=status)

    @expose("/<int:key>/employees/<int:part>/", methods=("POST",))
    def employee(self, key: int, part: int) -> ResponseReturnValue:
        """Change an employee's manager and codes."""
        actor, form = current_actor(), DefaultsForm()
        employee = part_of_account(Employee, key, part)

        def change() -> Employee:
            manager = employee_named(actor, employee.account, form.manager.data or "", "manager")
            return operations.change_employee_defaults(actor, part, manager_id=manager, shares=form.shares)

        _, refused = self.done(change, form, names={"manager_id": "manager"})
        if refused:
            return self._employee_page(form, employee, refused)
        message = f"Saved the manager and accounting codes of {employee.name}."
        return go_back("account_employees.employee", message, key=key, part=part)

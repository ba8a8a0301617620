"""Accounts: the list, and an account's pages with its devices, employees, locations and orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import contains_eager, raiseload

from hwadmin.forms.accounts import AccountForm, EmployeeForm, LocationForm
from hwadmin.models import Account, Device, Employee, Location, Platform
from hwadmin.operations import accounts as operations
from hwadmin.operations.platforms import find
from hwadmin.permissions import Permission
from hwadmin.queries.accounts import (
    account_search,
    accounts_like,
    locations_of,
    orders_of,
    platform_choices,
    possessions,
)
from hwadmin.queries.awaited import awaited_units
from hwadmin.queries.devices import device_rows, in_service
from hwadmin.queries.directory import found_employees, manager_of, ordered_for, reports_of
from hwadmin.queries.phone_lines import service_lines_of
from hwadmin.splits import shares_of
from hwadmin.uow import transact
from hwadmin.views.account_tabs import account_frame, page_url
from hwadmin.views.employee_erasure import EmployeeErasure
from hwadmin.views.frame import go_back
from hwadmin.views.gate import current_actor
from hwadmin.views.platforms import OneOf, ReferenceView

# An account's page shows this many of each; the rest is behind a link or a pager.
SHOWN = 50
AWAITED_SHOWN = 10
_READ, _WRITE = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE


class AccountsView(EmployeeErasure, ReferenceView):
    """Accounts and everything that belongs to them."""

    permissions = {
        "index_view": _READ,
        "export_rows": Permission.EXPORT,
        "look_up": _READ,
        "details_view": _READ,
        "employees": _READ,
        "employee": _READ,
        "locations": _READ,
        "hardware_orders": _READ,
        "edit_view": _WRITE,
        "rename": _WRITE,
        "location_form": _WRITE,
        "add_location": _WRITE,
        "edit_location": _WRITE,
        "change_location": _WRITE,
        "archive_location": _WRITE,
        "restore_location": _WRITE,
        "employee_form": _WRITE,
        "add_employee": _WRITE,
        "edit_employee": _WRITE,
        "change_employee": _WRITE,
        "deactivate_employee": _WRITE,
        "restore_employee": _WRITE,
        **EmployeeErasure.handlers,
    }
    column_list = ("name", "platform", "created_at")
    column_labels = {"name": "Account", "created_at": "Created"}
    column_filters = (
        OneOf(
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
    loading = (contains_eager(Account.platform), raiseload("*"))
    list_template = "admin/hw/accounts/list.html"
    export_header = ("Account", "Platform", "Created (UTC)")
    form = AccountForm

    def __init__(self) -> None:
        super().__init__(Account, name="Accounts", endpoint="accounts", url="/accounts")

    def searched(self, text: str) -> ColumnElement[bool]:
        return account_search(text)

    def statement(self) -> Select[Any]:
        return select(Account).join(Account.platform).options(*self.loading)

    def exported(self, row: Account) -> tuple[Any, ...]:
        return row.name, row.platform.name, row.created_at

    def render(self, template: str, **kwargs: Any) -> str:
        if template == self.list_template:
            kwargs["owned"] = possessions(current_actor(), [account.id for account in kwargs["data"]])
            kwargs["new_account_url"] = page_url(Permission.ACCOUNTS_WRITE, "account_form.new_account")
        return super().render(template, **kwargs)

    @expose("/look-up/")
    def look_up(self) -> ResponseReturnValue:
        """Accounts for a type-ahead, by part of their or their platform's name."""
        found = accounts_like(current_actor(), request.args.get("query", ""))
        return jsonify([[key, f"{name} · {platform}"] for key, name, platform in found])

    # ---- One account

    def _page(self, account: Account, tab: str, **values: Any) -> str:
        return self.render(
            f"admin/hw/accounts/{tab}.html", shown=SHOWN, **account_frame(account, tab), **values
        )

    @expose("/<int:key>/")
    def details_view(self, key: int) -> ResponseReturnValue:
        """An account's devices, and the units it still waits for."""
        actor = current_actor()
        account = find(actor, Account, key)
        rows = device_rows(actor, Device.account_id == key, in_service(), limit=SHOWN)
        awaited = awaited_units(actor, account_id=key, limit=AWAITED_SHOWN)
        return self._page(account, "devices", rows=rows, awaited=awaited)

    @expose("/<int:key>/employees/")
    def employees(self, key: int) -> ResponseReturnValue:
        """The people on an account, or those of them who fit a search."""
        actor, page = current_actor(), request.args.get("page", 0, type=int)
        account, search = find(actor, Account, key), request.args.get("search", "").strip()
        people = found_employees(actor, key, search, limit=SHOWN + 1, offset=page * SHOWN)
        return self._page(
            account,
            "employees",
            people=people[:SHOWN],
            page=page,
            more=len(people) > SHOWN,
            search=search,
            may_anonymize=actor.can(Permission.EMPLOYEES_ANONYMIZE),
        )

    @expose("/<int:key>/employees/<int:part>/")
    def employee(self, key: int, part: int) -> ResponseReturnValue:
        """A person: what is known of them and from where, and what they have."""
        actor, employee = current_actor(), _part(Employee, key, part)
        account = employee.account
        page: str = self.render(
            "admin/hw/accounts/employee.html",
            account=account,
            employee=employee,
            heading=employee.name,
            crumbs=[
                ("Accounts", url_for("accounts.index_view")),
                (account.name, url_for("accounts.details_view", key=key)),
                ("Employees", url_for("accounts.employees", key=key)),
            ],
            manager=manager_of(actor, employee),
            shares=shares_of(employee.accounting_codes),
            devices=device_rows(actor, Device.employee_id == part, in_service(), limit=SHOWN),
            service_lines=service_lines_of(actor, account, part),
            ordered=ordered_for(actor, part, limit=SHOWN),
            reports=reports_of(actor, part, limit=SHOWN),
            may_write=actor.can(_WRITE) and not employee.in_directory and not employee.anonymized_at,
            may_anonymize=actor.can(Permission.EMPLOYEES_ANONYMIZE) and not employee.anonymized_at,
        )
        return page

    @expose("/<int:key>/locations/")
    def locations(self, key: int) -> ResponseReturnValue:
        """The sites of an account."""
        actor = current_actor()
        account = find(actor, Account, key)
        return self._page(account, "locations", sites=locations_of(actor, key, archived=True))

    @expose("/<int:key>/orders/")
    def hardware_orders(self, key: int) -> ResponseReturnValue:
        """The latest hardware orders of an account."""
        actor = current_actor()
        account = find(actor, Account, key)
        return self._page(account, "orders", orders=orders_of(actor, key, limit=SHOWN))

    @expose("/<int:key>/edit/")
    def edit_view(self, key: int) -> ResponseReturnValue:
        """Show the account's name, to be changed."""
        account = find(current_actor(), Account, key)
        return self._form(AccountForm(obj=account), account, "Rename")

    @expose("/<int:key>/edit/", methods=("POST",))
    def rename(self, key: int) -> ResponseReturnValue:
        """Give the account another name."""
        actor, form = current_actor(), AccountForm()
        account, before = find(actor, Account, key), find(actor, Account, key).name
        renamed, refused = self.done(
            lambda: operations.rename_account(actor, key, form.name.data or ""), form
        )
        if refused:
            return self._form(form, account, "Rename", refused)
        return go_back("accounts.details_view", f"{before} is now {renamed.name}.", key=key)

    def _form(
        self, form: Any, account: Account, heading: str, status: int = 200, back: str = "details_view"
    ) -> ResponseReturnValue:
        crumbs = [
            ("Accounts", url_for("accounts.index_view")),
            (account.name, url_for(f"accounts.{back}", key=account.id)),
        ]
        return self.form_page(form, heading, crumbs, status=status)

    # ---- Locations

    @expose("/<int:key>/locations/new/")
    def location_form(self, key: int) -> ResponseReturnValue:
        """Show the form for a new location."""
        account = find(current_actor(), Account, key)
        return self._form(LocationForm(), account, "New location", back="locations")

    @expose("/<int:key>/locations/new/", methods=("POST",))
    def add_location(self, key: int) -> ResponseReturnValue:
        """Add a location."""
        actor, form = current_actor(), LocationForm()
        account = find(actor, Account, key)
        made, refused = self.done(lambda: operations.add_location(actor, key, form.typed), form)
        if refused:
            return self._form(form, account, "New location", refused, back="locations")
        return go_back("accounts.locations", f"Added the location {made.name}.", key=key)

    @expose("/<int:key>/locations/<int:part>/")
    def edit_location(self, key: int, part: int) -> ResponseReturnValue:
        """Show a location, to be changed."""
        location = _part(Location, key, part)
        return self._form(LocationForm(obj=location), location.account, location.name, back="locations")

    @expose("/<int:key>/locations/<int:part>/", methods=("POST",))
    def change_location(self, key: int, part: int) -> ResponseReturnValue:
        """Change a location."""
        actor, form, location = current_actor(), LocationForm(), _part(Location, key, part)
        changed, refused = self.done(lambda: operations.change_location(actor, part, form.typed), form)
        if refused:
            return self._form(form, location.account, location.name, refused, back="locations")
        return go_back("accounts.locations", f"Saved the location {changed.name}.", key=key)

    @expose("/<int:key>/locations/<int:part>/archive/", methods=("POST",))
    def archive_location(self, key: int, part: int) -> ResponseReturnValue:
        """Take a location off the lists to choose from."""
        return _deed(Location, key, part, operations.archive_location, "locations", "Archived {}.")

    @expose("/<int:key>/locations/<int:part>/restore/", methods=("POST",))
    def restore_location(self, key: int, part: int) -> ResponseReturnValue:
        """Offer a location again."""
        return _deed(Location, key, part, operations.restore_location, "locations", "Restored {}.")

    # ---- Employees

    @expose("/<int:key>/employees/new/")
    def employee_form(self, key: int) -> ResponseReturnValue:
        """Show the form for a new employee."""
        account = find(current_actor(), Account, key)
        return self._form(EmployeeForm(), account, "New employee", back="employees")

    @expose("/<int:key>/employees/new/", methods=("POST",))
    def add_employee(self, key: int) -> ResponseReturnValue:
        """Add an employee."""
        actor, form = current_actor(), EmployeeForm()
        account = find(actor, Account, key)
        made, refused = self.done(lambda: operations.add_employee(actor, key, form.typed), form)
        if refused:
            return self._form(form, account, "New employee", refused, back="employees")
        return go_back("accounts.employees", f"Added {made.name}.", key=key)

    @expose("/<int:key>/employees/<int:part>/edit/")
    def edit_employee(self, key: int, part: int) -> ResponseReturnValue:
        """Show an employee, to be changed."""
        employee = _part(Employee, key, part)
        operations.refuse_directorys(employee)
        return self._form(EmployeeForm(obj=employee), employee.account, employee.name, back="employees")

    @expose("/<int:key>/employees/<int:part>/edit/", methods=("POST",))
    def change_employee(self, key: int, part: int) -> ResponseReturnValue:
        """Change an employee."""
        actor, form, employee = current_actor(), EmployeeForm(), _part(Employee, key, part)
        changed, refused = self.done(lambda: operations.change_employee(actor, part, form.typed), form)
        if refused:
            return self._form(form, employee.account, employee.name, refused, back="employees")
        return go_back("accounts.employee", f"Saved {changed.name}.", key=key, part=part)

    @expose("/<int:key>/employees/<int:part>/deactivate/", methods=("POST",))
    def deactivate_employee(self, key: int, part: int) -> ResponseReturnValue:
        """Note that an employee has left."""
        return _deed(Employee, key, part, operations.deactivate_employee, "employees", "{} has left.")

    @expose("/<int:key>/employees/<int:part>/restore/", methods=("POST",))
    def restore_employee(self, key: int, part: int) -> ResponseReturnValue:
        """Note that an employee is back."""
        return _deed(Employee, key, part, operations.restore_employee, "employees", "{} is back.")


def _part(model: type[Any], key: int, part: int) -> Any:
    """A location or an employee, of this account and no other."""
    row = find(current_actor(), model, part)
    if row.account_id != key:
        abort(404)
    return row


def _deed(
    model: type[Any], key: int, part: int, deed: Callable[[Any, int], Any], back: str, said: str
) -> ResponseReturnValue:
    actor = current_actor()
    _part(model, key, part)
    row = transact(lambda: deed(actor, part))
    return go_back(f"accounts.{back}", said.format(row.name), key=key)

"""The employees of an account: the list, one of them, adding, changing and who has left."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.domain.ordering.cost_allocation import shares_of
from hwadmin.domain.permissions import Permission
from hwadmin.forms.accounts.accounts import EmployeeForm, NewEmployeeForm
from hwadmin.models import Account, Device, Employee
from hwadmin.operations.accounts import employees as operations
from hwadmin.queries.accounts.phone_lines import employee_phone_lines
from hwadmin.queries.devices.conditions import in_service
from hwadmin.queries.devices.devices import device_rows
from hwadmin.queries.directory.employees import manager_of, matching_employees, ordered_for, reports_of
from hwadmin.queries.scope import find
from hwadmin.views.accounts.tabs import SHOWN, AccountPagesView, change_part, part_of_account
from hwadmin.web.access import current_actor
from hwadmin.web.layout import go_back

_READ, _WRITE = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE


class AccountEmployeesView(AccountPagesView):
    """The people on an account."""

    own_tab = "account_employees.show"
    permissions = {
        "show": _READ,
        "employee": _READ,
        "employee_form": _WRITE,
        "add_employee": _WRITE,
        "edit_employee": _WRITE,
        "change_employee": _WRITE,
        "deactivate_employee": _WRITE,
        "restore_employee": _WRITE,
    }

    def __init__(self) -> None:
        super().__init__(name="Employees", endpoint="account_employees", url="/accounts")

    @expose("/<int:key>/employees/")
    def show(self, key: int) -> ResponseReturnValue:
        """The people on an account, or those of them who fit a search."""
        actor, page = current_actor(), request.args.get("page", 0, type=int)
        account, search = find(actor, Account, key), request.args.get("search", "").strip()
        people = matching_employees(actor, key, search, limit=SHOWN + 1, offset=page * SHOWN)
        return self.tab_page(
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
        actor, employee = current_actor(), part_of_account(Employee, key, part)
        account = employee.account
        page: str = self.render(
            "admin/hw/accounts/employee.html",
            account=account,
            employee=employee,
            heading=employee.name,
            crumbs=[
                ("Accounts", url_for("accounts.index_view")),
                (account.name, url_for("accounts.details_view", key=key)),
                ("Employees", url_for("account_employees.show", key=key)),
            ],
            manager=manager_of(actor, employee),
            shares=shares_of(employee.accounting_codes),
            devices=device_rows(actor, Device.employee_id == part, in_service(), limit=SHOWN),
            phone_lines=employee_phone_lines(actor, account, part),
            ordered=ordered_for(actor, part, limit=SHOWN),
            reports=reports_of(actor, part, limit=SHOWN),
            may_write=actor.can(_WRITE) and not employee.in_directory and not employee.anonymized_at,
            may_merge=actor.can(Permission.EMPLOYEES_MERGE)
            and not employee.anonymized_at
            and not employee.merged_into_id,
            may_anonymize=actor.can(Permission.EMPLOYEES_ANONYMIZE) and not employee.anonymized_at,
        )
        return page

    @expose("/<int:key>/employees/new/")
    def employee_form(self, key: int) -> ResponseReturnValue:
        """Show the form for a new employee."""
        account = find(current_actor(), Account, key)
        form = NewEmployeeForm()
        del form.somebody_else
        return self.account_form(form, account, "New employee")

    @expose("/<int:key>/employees/new/", methods=("POST",))
    def add_employee(self, key: int) -> ResponseReturnValue:
        """Add an employee."""
        actor, form = current_actor(), NewEmployeeForm()
        account, asks = find(actor, Account, key), not form.somebody_else.data
        made, refused = self.done(lambda: operations.add_employee(actor, key, form.entry, asks=asks), form)
        if refused:
            known = operations.namesakes(key, form.entry)
            if asks and not known:
                del form.somebody_else
            page = "admin/hw/accounts/new_employee.html"
            return self.account_form(form, account, "New employee", refused, template=page, known=known)
        return go_back("account_employees.show", f"Added {made.name}.", key=key)

    @expose("/<int:key>/employees/<int:part>/edit/")
    def edit_employee(self, key: int, part: int) -> ResponseReturnValue:
        """Show an employee, to be changed."""
        employee = part_of_account(Employee, key, part)
        operations.refuse_directory_managed(employee)
        return self.account_form(EmployeeForm(obj=employee), employee.account, employee.name)

    @expose("/<int:key>/employees/<int:part>/edit/", methods=("POST",))
    def change_employee(self, key: int, part: int) -> ResponseReturnValue:
        """Change an employee."""
        actor, form, employee = current_actor(), EmployeeForm(), part_of_account(Employee, key, part)
        changed, refused = self.done(lambda: operations.change_employee(actor, part, form.entry), form)
        if refused:
            return self.account_form(form, employee.account, employee.name, refused)
        return go_back("account_employees.employee", f"Saved {changed.name}.", key=key, part=part)

    @expose("/<int:key>/employees/<int:part>/deactivate/", methods=("POST",))
    def deactivate_employee(self, key: int, part: int) -> ResponseReturnValue:
        """Note that an employee has left."""
        row = change_part(Employee, operations.deactivate_employee, key, part)
        return go_back("account_employees.show", f"{row.name} has left.", key=key)

    @expose("/<int:key>/employees/<int:part>/restore/", methods=("POST",))
    def restore_employee(self, key: int, part: int) -> ResponseReturnValue:
        """Note that an employee is back."""
        row = change_part(Employee, operations.restore_employee, key, part)
        return go_back("account_employees.show", f"{row.name} is back.", key=key)

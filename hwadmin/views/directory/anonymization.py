"""Anonymizing an employee: what it does, why it is done, and that it cannot be undone."""

from __future__ import annotations

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.domain.permissions import Permission
from hwadmin.forms.accounts.accounts import AnonymizeForm
from hwadmin.models import Employee
from hwadmin.operations.directory.anonymization import anonymize_employee
from hwadmin.queries.scope import find
from hwadmin.web.access import current_actor
from hwadmin.web.form_pages import FormPagesView
from hwadmin.web.layout import go_back


class AnonymizationView(FormPagesView):
    """The page that takes an employee's name out of everything."""

    permissions = {
        "anonymize_form": Permission.EMPLOYEES_ANONYMIZE,
        "anonymize": Permission.EMPLOYEES_ANONYMIZE,
    }

    def __init__(self) -> None:
        super().__init__(name="Anonymization", endpoint="anonymization", url="/accounts")

    @expose("/<int:key>/employees/<int:part>/anonymize/")
    def anonymize_form(self, key: int, part: int) -> ResponseReturnValue:
        """Say what will happen, and ask why."""
        return self._anonymize_page(AnonymizeForm(), _employee(key, part))

    @expose("/<int:key>/employees/<int:part>/anonymize/", methods=("POST",))
    def anonymize(self, key: int, part: int) -> ResponseReturnValue:
        """Take the employee's name, e-mail address and number out of everything, for good."""
        actor, form, employee = current_actor(), AnonymizeForm(), _employee(key, part)
        changed, refused = self.done(
            lambda: anonymize_employee(actor, part, reason=form.reason.data or ""), form
        )
        if refused:
            return self._anonymize_page(form, employee, refused)
        return go_back("account_employees.show", f"The employee is anonymized: {changed.name} now.", key=key)

    def _anonymize_page(
        self, form: AnonymizeForm, employee: Employee, status: int = 200
    ) -> ResponseReturnValue:
        crumbs = [
            ("Accounts", url_for("accounts.index_view")),
            (employee.account.name, url_for("account_employees.show", key=employee.account_id)),
        ]
        template = "admin/hw/accounts/anonymize.html"
        return self.form_page(
            form, f"Anonymize {employee.name}", crumbs, status=status, template=template, employee=employee
        )


def _employee(key: int, part: int) -> Employee:
    """An employee of this account and no other."""
    employee = find(current_actor(), Employee, part)
    if employee.account_id != key:
        abort(404)
    return employee

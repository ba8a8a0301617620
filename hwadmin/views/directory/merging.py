"""Merging two records of one person: which is the other one, and why."""

from __future__ import annotations

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.domain.people.person_identity import KnownPerson, email_key, number_key, same_name
from hwadmin.domain.permissions import Permission
from hwadmin.forms.accounts.accounts import MergeForm
from hwadmin.forms.fields import options
from hwadmin.models import Employee
from hwadmin.operations.directory.merging import merge_employees
from hwadmin.queries.directory.known_people import known_people, known_person
from hwadmin.queries.scope import find
from hwadmin.web.access import current_actor
from hwadmin.web.form_pages import FormPagesView
from hwadmin.web.layout import go_back

_MOST = 5_000


class MergingView(FormPagesView):
    """The page on which a person’s second record is merged into the first."""

    permissions = {"merge_form": Permission.EMPLOYEES_MERGE, "merge": Permission.EMPLOYEES_MERGE}

    def __init__(self) -> None:
        super().__init__(name="Merging", endpoint="merging", url="/accounts")

    @expose("/<int:key>/employees/<int:part>/merge/")
    def merge_form(self, key: int, part: int) -> ResponseReturnValue:
        """Say what will happen, and ask which is the other record."""
        employee = _employee(key, part)
        return self._merge_page(_form(employee), employee)

    @expose("/<int:key>/employees/<int:part>/merge/", methods=("POST",))
    def merge(self, key: int, part: int) -> ResponseReturnValue:
        """Merge the other record into this one."""
        actor, employee = current_actor(), _employee(key, part)
        form = _form(employee)
        merged, refused = self.done(
            lambda: merge_employees(actor, part, form.other.data or 0, reason=form.reason.data or ""),
            form,
            "other",
            {"other_employee_id": "other"},
        )
        if refused:
            return self._merge_page(form, _employee(key, part), refused)
        return go_back("account_employees.employee", f"Merged: {merged} went over.", key=key, part=part)

    def _merge_page(self, form: MergeForm, employee: Employee, status: int = 200) -> ResponseReturnValue:
        crumbs = [
            ("Accounts", url_for("accounts.index_view")),
            (employee.account.name, url_for("account_employees.show", key=employee.account_id)),
        ]
        template = "admin/hw/accounts/merge.html"
        heading = f"Merge another record into {employee.name}"
        return self.form_page(form, heading, crumbs, status=status, template=template, employee=employee)


def _form(employee: Employee) -> MergeForm:
    """The others of the account to choose from, those that are most alike first."""
    form, this = MergeForm(), known_person(employee)
    others = [person for person in known_people(current_actor(), employee.account_id) if person.id != this.id]
    others.sort(key=lambda person: (not _alike(this, person), person.name.casefold(), person.id))
    form.other.choices = options(
        [("", "Choose…"), *((str(person.id), _words(person)) for person in others[:_MOST])]
    )
    return form


def _alike(one: KnownPerson, other: KnownPerson) -> bool:
    emails = {email_key(email) for email in one.emails} & {email_key(email) for email in other.emails}
    numbers = one.number and other.number and number_key(one.number) == number_key(other.number)
    return same_name(one.name, other.name) or bool(emails) or bool(numbers)


def _words(person: KnownPerson) -> str:
    number = f"number {person.number}" if person.number else ""
    left = "has left" if person.left else ""
    return " · ".join(filter(None, (person.name, *person.emails[:1], number, left)))


def _employee(key: int, part: int) -> Employee:
    """An employee of this account and no other."""
    employee = find(current_actor(), Employee, part)
    if employee.account_id != key:
        abort(404)
    return employee

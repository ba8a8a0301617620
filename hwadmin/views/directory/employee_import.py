"""Importing a list of an account's people."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import url_for

from hwadmin.domain.permissions import Permission
from hwadmin.list_import.records.employees import EMPLOYEES
from hwadmin.list_import.records.plan import ListPlan
from hwadmin.list_import.records.record import ListRecord
from hwadmin.models import Account
from hwadmin.operations.directory.employee_import import import_employees, plan_employees
from hwadmin.operations.directory.employee_plan import PlannedPerson
from hwadmin.queries.directory.known_names import names_of_account
from hwadmin.queries.scope import find
from hwadmin.web.access import current_actor
from hwadmin.web.list_import_views import HANDLERS, ListChoices, ListImportView, ListTarget, ListWords


class EmployeeImportView(ListImportView):
    """A list of an account's people."""

    permissions = dict.fromkeys(HANDLERS, Permission.DIRECTORY_WRITE)
    list_format = EMPLOYEES
    list_words = ListWords(
        heading="Import a list of people",
        help="People are matched by e-mail address, then employee number, then name, including those who "
        "have left. An empty cell changes nothing.",
        option="People of earlier imports who are not in this list have left",
    )

    def __init__(self) -> None:
        super().__init__(name="Directory", endpoint="employee_import", url="/directory")

    def list_target(self, key: int) -> ListTarget:
        """The account."""
        account = find(current_actor(), Account, key)
        names = partial(names_of_account, current_actor(), key)
        return ListTarget(account.platform.currency, "account_employees.show", {"key": key}, names)

    def list_frame(self, key: int) -> dict[str, Any]:
        """The way back to the account."""
        account = find(current_actor(), Account, key)
        crumbs = [
            ("Accounts", url_for("accounts.index_view")),
            (account.name, url_for("directory.show", key=key)),
        ]
        return {"crumbs": crumbs, "back_url": url_for("account_employees.show", key=key)}

    def plan_list(
        self, key: int, records: Sequence[ListRecord], choices: ListChoices
    ) -> ListPlan[PlannedPerson]:
        """What the list would do to the people of the account."""
        return plan_employees(current_actor(), key, records, choices.rows, missing_left=choices.option)

    def write_list(
        self, key: int, records: Sequence[ListRecord], choices: ListChoices, expected: str | None
    ) -> ListPlan[PlannedPerson]:
        """Write the people."""
        return import_employees(
            current_actor(), key, records, choices.rows, missing_left=choices.option, expected=expected
        )

"""Importing a list of a platform's accounts with their locations and people."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.domain.permissions import Permission
from hwadmin.list_import.records.accounts import ACCOUNTS
from hwadmin.list_import.records.plan import ListPlan, PlannedRow
from hwadmin.list_import.records.record import ListRecord
from hwadmin.operations.directory.account_import import import_accounts, plan_accounts
from hwadmin.web.access import current_actor
from hwadmin.web.list_import_views import HANDLERS, ListChoices, ListWords
from hwadmin.web.platform_list_views import PlatformListImportView


class AccountImportView(PlatformListImportView):
    """Accounts, locations and people for a platform."""

    permissions = dict.fromkeys(("index_view", *HANDLERS), Permission.ACCOUNTS_WRITE)
    list_format = ACCOUNTS
    list_page = ("accounts.index_view", "Accounts")
    list_words = ListWords(
        heading="Import accounts",
        help="A row for each location and each person. An account is matched by its name, a location by its "
        "name in the account, a person by e-mail address, employee number, then name. Nothing is removed.",
    )

    def __init__(self) -> None:
        super().__init__(name="Accounts", endpoint="account_import", url="/accounts/platform")

    def plan_list(
        self, key: int, records: Sequence[ListRecord], choices: ListChoices
    ) -> ListPlan[PlannedRow]:
        """What the list would do to the accounts."""
        return plan_accounts(current_actor(), key, records, choices.rows)

    def write_list(
        self, key: int, records: Sequence[ListRecord], choices: ListChoices, expected: str | None
    ) -> ListPlan[PlannedRow]:
        """Write accounts, locations and people."""
        return import_accounts(current_actor(), key, records, choices.rows, expected=expected)

"""Importing a list of a platform's accounts with their locations."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.domain.permissions import Permission
from hwadmin.list_import.records.accounts import ACCOUNTS
from hwadmin.list_import.records.plan import ListPlan
from hwadmin.list_import.records.reading import ListRecord
from hwadmin.operations.accounts.account_import import PlannedAccount, import_accounts, plan_accounts
from hwadmin.web.access import current_actor
from hwadmin.web.list_import_views import HANDLERS, ListChoices, ListWords
from hwadmin.web.platform_list_views import PlatformListImportView


class AccountImportView(PlatformListImportView):
    """Accounts and locations for a platform."""

    permissions = dict.fromkeys(("index_view", *HANDLERS), Permission.ACCOUNTS_WRITE)
    list_format = ACCOUNTS
    list_page = ("accounts.index_view", "Accounts")
    list_words = ListWords(
        heading="Import accounts",
        help="One row per location. An account is matched by its name, a location by its name in the "
        "account. Nothing is removed.",
    )

    def __init__(self) -> None:
        super().__init__(name="Accounts", endpoint="account_import", url="/accounts/platform")

    def plan_list(
        self, key: int, records: Sequence[ListRecord], choices: ListChoices
    ) -> ListPlan[PlannedAccount]:
        """What the list would do to the accounts."""
        return plan_accounts(current_actor(), key, records)

    def write_list(
        self, key: int, records: Sequence[ListRecord], choices: ListChoices, expected: str | None
    ) -> ListPlan[PlannedAccount]:
        """Write accounts and locations."""
        return import_accounts(current_actor(), key, records, expected=expected)

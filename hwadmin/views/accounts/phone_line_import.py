"""Importing a carrier's list of the phone lines of an account."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import url_for

from hwadmin.domain.permissions import Permission
from hwadmin.list_import.records.phone_lines import PHONE_LINES
from hwadmin.list_import.records.plan import ListPlan
from hwadmin.list_import.records.record import ListRecord
from hwadmin.models import Account
from hwadmin.operations.accounts.phone_line_import import (
    PlannedPhoneLine,
    import_phone_lines,
    plan_phone_lines,
)
from hwadmin.queries.directory.known_names import names_of_account
from hwadmin.queries.scope import find
from hwadmin.web.access import current_actor
from hwadmin.web.list_import_views import HANDLERS, ListChoices, ListImportView, ListTarget, ListWords


class PhoneLineImportView(ListImportView):
    """A carrier's list for an account."""

    permissions = dict.fromkeys(HANDLERS, Permission.ACCOUNTS_WRITE)

    list_format = PHONE_LINES
    list_words = ListWords(
        heading="Import phone lines",
        help="A line is matched by its number, the person who uses it by e-mail address, number or name, its "
        "device by IMEI, serial number or model. An empty cell changes nothing, and a line ends only if the "
        "list says so.",
        deactivate="end",
    )

    def __init__(self) -> None:
        super().__init__(name="Phone lines", endpoint="phone_line_import", url="/phone-lines")

    def list_target(self, key: int) -> ListTarget:
        """The account."""
        account = find(current_actor(), Account, key)
        names = partial(names_of_account, current_actor(), key)
        return ListTarget(account.platform.currency, "phone_lines.show", {"key": key}, names)

    def list_frame(self, key: int) -> dict[str, Any]:
        """The way back to the account."""
        account = find(current_actor(), Account, key)
        back = url_for("phone_lines.show", key=key)
        crumbs = [("Accounts", url_for("accounts.index_view")), (account.name, back)]
        return {"crumbs": crumbs, "back_url": back}

    def plan_list(
        self, key: int, records: Sequence[ListRecord], choices: ListChoices
    ) -> ListPlan[PlannedPhoneLine]:
        """What the list would do to the lines of the account."""
        return plan_phone_lines(current_actor(), key, records, choices.rows)

    def write_list(
        self, key: int, records: Sequence[ListRecord], choices: ListChoices, expected: str | None
    ) -> ListPlan[PlannedPhoneLine]:
        """Add and change the lines."""
        return import_phone_lines(current_actor(), key, records, choices.rows, expected=expected)

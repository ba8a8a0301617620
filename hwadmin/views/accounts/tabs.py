"""What the pages of one account share: its head, its tabs, what can be done from there, and its forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import abort, current_app, url_for
from flask.typing import ResponseReturnValue

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.models import Account
from hwadmin.queries.accounts.accounts import Possessions, possessions
from hwadmin.queries.scope import find
from hwadmin.web.access import current_actor
from hwadmin.web.form_pages import FormPagesView

# A tab shows this many of each; the rest is behind a link or a pager.
SHOWN = 50


def account_frame(account: Account, tab: str) -> dict[str, Any]:
    """What templates/admin/hw/accounts/_account.html is given."""
    actor = current_actor()
    owned = possessions(actor, [account.id]).get(account.id, Possessions())
    tabs = (
        ("devices", "Devices", "accounts.details_view", owned.devices),
        ("employees", "Employees", "account_employees.show", owned.employees),
        ("locations", "Locations", "account_locations.show", owned.locations),
        ("orders", "Hardware orders", "accounts.hardware_orders", owned.orders),
        ("lines", "Phone lines", "phone_lines.show", None),
        ("settings", "Ordering", "account_settings.show", None),
        ("directory", "Directory", "directory.show", None),
    )
    return {
        "account": account,
        "owned": owned,
        "heading": account.name,
        "crumbs": [("Accounts", url_for("accounts.index_view"))],
        "tabs": [
            {"label": label, "url": url_for(endpoint, key=account.id), "count": count, "here": word == tab}
            for word, label, endpoint, count in tabs
        ],
        "may_write": actor.can(Permission.ACCOUNTS_WRITE),
        "may_register": actor.can(Permission.DEVICES_REGISTER),
        "import_url": page_url(Permission.DIRECTORY_WRITE, "employee_import.import_form", key=account.id),
        "order_url": page_url(Permission.ORDERS_SUBMIT, "ordering.account", key=account.id),
    }


def page_url(permission: Permission, endpoint: str, **values: Any) -> str | None:
    """The address of a page, for those who may open it."""
    allowed = current_actor().can(permission) and endpoint in current_app.view_functions
    return url_for(endpoint, **values) if allowed else None


class AccountPagesView(FormPagesView):
    """A tab of an account's page, and the forms behind it."""

    # The endpoint of the tab.
    own_tab: ClassVar[str]

    def tab_page(self, account: Account, tab: str, **values: Any) -> str:
        """The tab itself."""
        return self.render(
            f"admin/hw/accounts/{tab}.html", shown=SHOWN, **account_frame(account, tab), **values
        )

    def account_form(
        self, form: Any, account: Account, heading: str, status: int = 200, **values: Any
    ) -> ResponseReturnValue:
        """A form of its own, from which Cancel leads back to the tab."""
        crumbs = [
            ("Accounts", url_for("accounts.index_view")),
            (account.name, url_for(self.own_tab, key=account.id)),
        ]
        return self.form_page(form, heading, crumbs, status=status, **values)


def part_of_account(model: type[Any], key: int, part: int) -> Any:
    """What belongs to an account, such as a location: of this account and no other."""
    row = find(current_actor(), model, part)
    if row.account_id != key:
        abort(404)
    return row


def change_part(model: type[Any], operation: Callable[[Any, int], Any], key: int, part: int) -> Any:
    """Do something with what belongs to this account; its row."""
    actor = current_actor()
    part_of_account(model, key, part)
    return transact(lambda: operation(actor, part))

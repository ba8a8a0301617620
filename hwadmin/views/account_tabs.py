"""What the pages of one account share: its head, its tabs, and what can be done from there."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from hwadmin.models import Account
from hwadmin.permissions import Permission
from hwadmin.queries.accounts import Possessions, possessions
from hwadmin.views.gate import current_actor


def account_frame(account: Account, tab: str) -> dict[str, Any]:
    """What templates/admin/hw/accounts/_account.html is given."""
    actor = current_actor()
    owned = possessions(actor, [account.id]).get(account.id, Possessions())
    tabs = (
        ("devices", "Devices", "accounts.details_view", owned.devices),
        ("employees", "Employees", "accounts.employees", owned.employees),
        ("locations", "Locations", "accounts.locations", owned.locations),
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
        "import_url": page_url(Permission.DIRECTORY_WRITE, "directory.import_form", key=account.id),
        "order_url": page_url(Permission.ORDERS_SUBMIT, "ordering.account", key=account.id),
    }


def page_url(permission: Permission, endpoint: str, **values: Any) -> str | None:
    """The address of a page, for those who may open it."""
    allowed = current_actor().can(permission) and endpoint in current_app.view_functions
    return url_for(endpoint, **values) if allowed else None

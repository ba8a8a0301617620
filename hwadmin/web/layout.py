"""The frame of every page: menu, security headers, error pages."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hwadmin import __version__
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.operations.people.sessions import AuthenticatedSession
from hwadmin.queries.orders.orders import waiting_counts
from hwadmin.web import addresses
from hwadmin.web.addresses import fixed_address
from hwadmin.web.form_errors import problems_of


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One line of the menu: shown to those who may open it."""

    group: str | None
    label: str
    endpoint: str
    permission: Permission
    # What it is called by those who order; its label where that is the same.
    called_by_buyers: str = ""


_OVERSIGHT, _SETTINGS = "Oversight", "Settings"

# In the order they are shown; each to those who may open it.
MENU = (
    MenuEntry(None, "Order", "ordering.index", Permission.ORDERS_SUBMIT),
    MenuEntry(None, "Hardware Orders", "orders.index_view", Permission.ORDERS_READ, "Orders"),
    MenuEntry(None, "Devices", "devices.index_view", Permission.DEVICES_READ),
    MenuEntry(None, "Accounts", "accounts.index_view", Permission.ACCOUNTS_READ),
    MenuEntry(None, "Catalog", "catalog.index_view", Permission.CATALOG_READ),
    MenuEntry(None, "Saved searches", "searches.index_view", Permission.SEARCHES_OWN),
    MenuEntry(_OVERSIGHT, "Dashboard", "dashboard.index_view", Permission.DASHBOARD_READ),
    MenuEntry(_OVERSIGHT, "Audit log", "audit.index_view", Permission.AUDIT_READ),
    MenuEntry(_OVERSIGHT, "Outgoing messages", "outgoing.index_view", Permission.OUTGOING_READ),
    MenuEntry(_SETTINGS, "Distributors", "distributors.index_view", Permission.DISTRIBUTORS_READ),
    MenuEntry(_SETTINGS, "Platforms", "platforms.index_view", Permission.PLATFORMS_READ),
    MenuEntry(_SETTINGS, "People", "people.index_view", Permission.PEOPLE_READ),
    MenuEntry(_SETTINGS, "Tokens", "tokens.index_view", Permission.TOKENS_OWN),
    MenuEntry(_SETTINGS, "Webhooks", "webhooks.index_view", Permission.WEBHOOKS_WRITE),
)


# Pages of their own that people find below another line of the menu.
_BELOW = {
    "access_rules": "people",
    "staff_directory": "people",
    "account_employees": "accounts",
    "account_form": "accounts",
    "account_locations": "accounts",
    "account_settings": "accounts",
    "anonymization": "accounts",
    "audit_verification": "audit",
    "merging": "accounts",
    "device_corrections": "devices",
    "device_retirements": "devices",
    "deadlines": "platforms",
    "directory": "accounts",
    "employee_import": "accounts",
    "phone_lines": "accounts",
    "phone_line_import": "accounts",
    "catalog_options": "catalog",
    "catalog_import": "catalog",
    "account_import": "accounts",
    "ordering_basket": "ordering",
    "ordering_catalog": "ordering",
    "ordering_confirmation": "ordering",
    "ordering_device": "ordering",
    "ordering_employees": "ordering",
    "ordering_information": "ordering",
    **dict.fromkeys(
        (
            *("my_orders", "several_orders", "order", "order_timeline", "order_decisions", "order_notes"),
            "order_claims",
            *("purchase_orders", "unit_sheet", "placements", "order_information"),
            *("fulfillment", "fulfillment_drafts", "list_upload", "fulfillment_corrections"),
        ),
        "orders",
    ),
}


def csp_nonce() -> str:
    """This response's nonce for the one inline script Flask-Admin's forms cannot do without."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def navigation(actor: Actor, *, counts: bool = True) -> list[dict[str, Any]]:
    """The menu of this actor: groups of lines they may open, with the badges of what waits.

    Args:
        actor: whose menu.
        counts: whether the database may be asked for the badges.
    """
    groups: dict[str | None, list[dict[str, Any]]] = {}
    here = (request.endpoint or "").split(".")[0]
    here = _BELOW.get(here, here)
    buyer = actor.can(Permission.ORDERS_SUBMIT)
    for entry in MENU:
        if not actor.can(entry.permission):
            continue
        blueprint = entry.endpoint.split(".")[0]
        waiting, to_be_placed = _waiting_counts(actor) if blueprint == "orders" and counts else (None, None)
        groups.setdefault(entry.group, []).append(
            {
                "label": (buyer and entry.called_by_buyers) or entry.label,
                "url": fixed_address(entry.endpoint),
                "active": blueprint == here,
                "badge": waiting,
                # Only for those who place orders.
                "to_be_placed": to_be_placed if actor.can(Permission.ORDERS_DECIDE) else None,
                "to_be_placed_url": fixed_address("orders.index_view", status="approved", placed="false"),
            }
        )
    return [{"label": label, "items": items} for label, items in groups.items()]


def _waiting_counts(actor: Actor) -> tuple[int, int]:
    """What the session's statement has read along, where it has: for pages that were asked for by GET."""
    facts: AuthenticatedSession | None = getattr(current_user, "facts", None)
    return (facts and facts.waiting_counts) or waiting_counts(actor)


def _context() -> dict[str, Any]:
    actor: Actor | None = g.get("actor")
    if actor is None:
        return {"person": None, "nav": []}
    return {
        "person": {"name": actor.name, "role_label": actor.role.label},
        "version": __version__,
        "csp_nonce": csp_nonce,
        "nav": navigation(actor, counts=not g.get("menu_without_counts", False)),
        "can": lambda permission: actor.can(Permission(permission)),
    }


# Of every answer, unless it has one of its own.
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)


def _headers(response: Response) -> Response:
    policy = (
        f"default-src 'none'; script-src 'self' 'nonce-{csp_nonce()}'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = [*_HEADERS, ("Content-Security-Policy", policy)]
    if request.endpoint not in ("static", "admin.static"):
        headers.append(("Cache-Control", "no-store"))
    if response.status_code == 503:
        headers.append(("Retry-After", "5"))
    if request.is_secure:
        headers.append(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))
    # Looked for all at once: asked for one by one, each reads those that are there.
    present = {name.lower() for name, _ in response.headers}
    response.headers.extend([header for header in headers if header[0].lower() not in present])
    return response


def go_back(endpoint: str, message: str, category: str = "success", **values: Any) -> ResponseReturnValue:
    """After a POST: say what happened and show the page it happened on."""
    flash(message, category)
    return redirect(url_for(endpoint, **values))


def install(app: Flask) -> None:
    """Give every page its frame."""
    addresses.install(app)
    app.context_processor(_context)
    app.add_template_global(csp_nonce)
    app.add_template_global(problems_of)
    app.after_request(_headers)

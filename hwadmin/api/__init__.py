"""The JSON API, version 1: tokens in, the same operations and queries as the pages, problem documents out."""

from __future__ import annotations

from flask import Flask

from hwadmin.api import calls, problems
from hwadmin.api.accounts import accounting_codes, accounts, employees, imports, locations, phone_lines
from hwadmin.api.audit import events as audit_events
from hwadmin.api.catalog import distributors, items, single_items
from hwadmin.api.catalog import imports as catalog_imports
from hwadmin.api.devices import devices
from hwadmin.api.document import pages
from hwadmin.api.orders import (
    actions,
    approvals,
    claims,
    documents,
    lists,
    notes,
    orders,
    placements,
    submission,
    units,
)
from hwadmin.api.outgoing import deliveries, events, webhooks
from hwadmin.api.people import me, people, platforms
from hwadmin.config import Settings
from hwadmin.web import access, error_pages
from hwadmin.web.extensions import csrf
from hwadmin.web.http import bearer_auth
from hwadmin.web.http.rate_limit import RequestLimit

# Importing them declares their calls.
CALL_MODULES = (
    me,
    items,
    distributors,
    single_items,
    catalog_imports,
    accounts,
    locations,
    employees,
    phone_lines,
    accounting_codes,
    imports,
    devices,
    orders,
    submission,
    units,
    notes,
    documents,
    actions,
    placements,
    claims,
    lists,
    approvals,
    webhooks,
    deliveries,
    events,
    people,
    platforms,
    audit_events,
)


def install(app: Flask) -> None:
    """Register the calls and how they are authenticated."""
    settings: Settings = app.config["HWADMIN"]
    app.extensions[bearer_auth.LIMIT] = RequestLimit.shared(
        settings.api_requests_per_minute, settings.instance / "request-counts-api"
    )
    app.after_request(bearer_auth.tell_allowance)
    calls.install(app)
    pages.install(app)
    access.register_authenticator(app, calls.blueprint.name, bearer_auth.authenticate)
    # No browser sends a token in a header on its own, so nothing can be forged.
    csrf.exempt(calls.blueprint)
    error_pages.answer_elsewhere(app, "/api/", problems.respond)

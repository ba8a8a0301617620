"""The JSON API, version 1: tokens in, the same operations and queries as the pages, problem documents out."""

from __future__ import annotations

from flask import Flask

from hwadmin.api import accounts, calls, catalog, deeds, devices, door, orders, pages, problems, webhooks
from hwadmin.api.limits import RequestLimit
from hwadmin.config import Settings
from hwadmin.extensions import csrf
from hwadmin.views import frame, gate

# Importing them declares their calls.
CALL_MODULES = (catalog, accounts, devices, orders, deeds, webhooks)


def install(app: Flask) -> None:
    """Register the calls and their door."""
    settings: Settings = app.config["HWADMIN"]
    app.extensions[door.LIMIT] = RequestLimit(settings.api_requests_per_minute)
    calls.install(app)
    pages.install(app)
    gate.open_door(app, calls.blueprint.name, door.recognise)
    # A token in a header is sent by nobody's browser on its own.
    csrf.exempt(calls.blueprint)
    frame.answer_elsewhere(app, "/api/", problems.respond)

"""SCIM 2.0: an account's identity provider pushes its employees, over the same operations as the pages.

Below ``/scim/v2/{account}``, with tokens of the account that are good for nothing else.
"""

from __future__ import annotations

from flask import Flask

from hwadmin.api.limits import RequestLimit
from hwadmin.config import Settings
from hwadmin.extensions import csrf
from hwadmin.permissions import Permission
from hwadmin.scim import addresses, door
from hwadmin.views import frame, gate


def install(app: Flask) -> None:
    """Register the addresses and their door."""
    settings: Settings = app.config["HWADMIN"]
    app.extensions[door.LIMIT] = RequestLimit(settings.scim_requests_per_minute)
    app.register_blueprint(addresses.blueprint)
    for endpoint in addresses.ENDPOINTS:
        gate.declare(app, f"{addresses.blueprint.name}.{endpoint}", Permission.DIRECTORY_WRITE)
    gate.open_door(app, addresses.blueprint.name, door.recognise)
    # A token in a header is sent by nobody's browser on its own.
    csrf.exempt(addresses.blueprint)
    frame.answer_elsewhere(app, addresses.BASE_PATH + "/", addresses.refuse)

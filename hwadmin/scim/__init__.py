"""SCIM 2.0: an account's identity provider pushes its employees, over the same operations as the pages.

Below ``/scim/v2/{account}``, with tokens of the account that are good for nothing else.
"""

from __future__ import annotations

from flask import Flask

from hwadmin.config import Settings
from hwadmin.domain.permissions import Permission
from hwadmin.scim import authentication, routes, staff
from hwadmin.web import access, error_pages
from hwadmin.web.extensions import csrf
from hwadmin.web.http.rate_limit import RequestLimit


def install(app: Flask) -> None:
    """Register the routes and how they are authenticated."""
    settings: Settings = app.config["HWADMIN"]
    app.extensions[authentication.LIMIT] = RequestLimit.shared(
        settings.scim_requests_per_minute, settings.instance / "request-counts-scim"
    )
    app.register_blueprint(routes.blueprint)
    for endpoint in routes.ENDPOINTS:
        access.declare(app, f"{routes.blueprint.name}.{endpoint}", Permission.DIRECTORY_WRITE)
    access.register_authenticator(app, routes.blueprint.name, authentication.authenticate)
    # No browser sends a token in a header on its own, so nothing can be forged.
    csrf.exempt(routes.blueprint)
    error_pages.answer_elsewhere(app, routes.BASE_PATH + "/", routes.refuse)
    staff.install(app)

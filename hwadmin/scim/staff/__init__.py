"""SCIM 2.0 for the company's own people: who may sign in, and by their groups as what.

Below ``/scim/staff/v2``, with tokens that belong to one identity provider and are good for nothing else.
"""

from __future__ import annotations

from flask import Flask

from hwadmin.domain.permissions import Permission
from hwadmin.scim.staff import authentication, routes
from hwadmin.web import access, error_pages
from hwadmin.web.extensions import csrf


def install(app: Flask) -> None:
    """Register the routes and how they are authenticated."""
    app.register_blueprint(routes.blueprint)
    for endpoint in routes.ENDPOINTS:
        access.declare(app, f"{routes.blueprint.name}.{endpoint}", Permission.PEOPLE_WRITE)
    access.register_authenticator(app, routes.blueprint.name, authentication.authenticate)
    # No browser sends a token in a header on its own, so nothing can be forged.
    csrf.exempt(routes.blueprint)
    error_pages.answer_elsewhere(app, routes.BASE_PATH + "/", routes.refuse)

"""The SCIM routes for staff. The protocol behind them is loaded with the first request."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hwadmin.scim.routes import refuse

BASE_PATH = "/scim/staff/v2"

blueprint = Blueprint("scim_staff", __name__, url_prefix=BASE_PATH)

__all__ = ["BASE_PATH", "ENDPOINTS", "blueprint", "refuse"]


def _serve(**_: str) -> ResponseReturnValue:
    # The library reads the rest of the path itself.
    from hwadmin.scim.staff import server

    return server.serve(BASE_PATH)


_ROUTES = (
    ("root", "/", ("GET",)),
    ("users", "/Users", ("GET", "POST")),
    ("search_users", "/Users/.search", ("POST",)),
    ("user", "/Users/<key>", ("GET", "PUT", "PATCH", "DELETE")),
    ("groups", "/Groups", ("GET", "POST")),
    ("search_groups", "/Groups/.search", ("POST",)),
    ("group", "/Groups/<key>", ("GET", "PUT", "PATCH", "DELETE")),
    # Discovery, and what there is none of.
    ("rest", "/<path:rest>", ("GET", "POST")),
)
ENDPOINTS = tuple(name for name, _, _ in _ROUTES)

for _name, _rule, _methods in _ROUTES:
    blueprint.add_url_rule(_rule, _name, _serve, methods=_methods)

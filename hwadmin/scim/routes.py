"""The SCIM routes. The protocol behind them is loaded with the first request.

The SCIM libraries and their models take some ten megabytes, and most workers never serve a directory.
"""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

BASE_PATH = "/scim/v2"

blueprint = Blueprint("scim", __name__, url_prefix=f"{BASE_PATH}/<account>")


def refuse(error: Exception) -> ResponseReturnValue:
    """The response to an error on one of these routes, in SCIM's own form."""
    from hwadmin.scim import errors

    return errors.respond(error)


def _serve(account: str, **_: str) -> ResponseReturnValue:
    # The library reads the rest of the path itself.
    from hwadmin.scim import server

    return server.serve(account, f"{BASE_PATH}/{account}")


_ROUTES = (
    ("root", "/", ("GET",)),
    ("users", "/Users", ("GET", "POST")),
    ("search_users", "/Users/.search", ("POST",)),
    ("user", "/Users/<key>", ("GET", "PUT", "PATCH", "DELETE")),
    # Discovery, bulk requests, and what there is none of.
    ("rest", "/<path:rest>", ("GET", "POST")),
)
ENDPOINTS = tuple(name for name, _, _ in _ROUTES)

for _name, _rule, _methods in _ROUTES:
    blueprint.add_url_rule(_rule, _name, _serve, methods=_methods)

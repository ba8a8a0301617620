"""Authentication of identity providers: by a token of the account in the address, and no other."""

from __future__ import annotations

from flask import current_app, request

from hwadmin.domain.permissions import Actor
from hwadmin.operations.directory import tokens
from hwadmin.web.http.bearer_auth import admit, bearer_token, invalid_token

LIMIT = "hwadmin_scim_limit"


def authenticate() -> Actor:
    """The actor of the directory token in the request.

    Raises:
        Unauthorized: without a token, or with one that is unknown, revoked, or another account's. The answer
            does not tell whether there is such an account.
        TooManyRequests: with the seconds to wait.
    """
    token = tokens.authenticate_directory_token(bearer_token())
    if token is None or str(token.account_id) != (request.view_args or {}).get("account"):
        raise invalid_token()
    admit(current_app.extensions[LIMIT], token)
    return token.actor

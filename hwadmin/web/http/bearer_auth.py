"""Authentication by a bearer token, for the API and SCIM. Cookies do not count here."""

from __future__ import annotations

from flask import Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import TooManyRequests, Unauthorized

from hwadmin.db import engines
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import OutcomeUnknown, bookkeeping, transact
from hwadmin.domain.permissions import Actor
from hwadmin.operations.people import tokens
from hwadmin.web.http.rate_limit import Allowance, RequestLimit

LIMIT = "hwadmin_api_limit"
_REALM = "hwadmin"


def authenticate() -> Actor:
    """The actor of the API token in the request, with the rights they have at this moment.

    Raises:
        Unauthorized: without a token, or with one that is unknown, expired, revoked, or of somebody disabled.
        TooManyRequests: with the seconds to wait.
    """
    token = tokens.authenticate_token(bearer_token())
    if token is None:
        raise invalid_token()
    admit(current_app.extensions[LIMIT], token)
    g.token_owner, g.token_sends_any_amount = token.owner, token.sends_any_amount
    return token.actor


def bearer_token() -> str:
    """The token in the request's Authorization header, valid or not.

    Raises:
        Unauthorized: there is none.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthorized(
            "Send the header Authorization: Bearer TOKEN.",
            www_authenticate=WWWAuthenticate("bearer", {"realm": _REALM}),
        )
    return secret.strip()


def invalid_token() -> Unauthorized:
    """The error for a refused token. It is the same for every reason, so that guessing teaches nothing."""
    return Unauthorized(
        "This token is not valid, or not any more.",
        www_authenticate=WWWAuthenticate("bearer", {"realm": _REALM, "error": "invalid_token"}),
    )


def admit(limit: RequestLimit, token: tokens.AuthenticatedToken) -> None:
    """Count a request made with a token, and write down the hour of its use.

    Raises:
        TooManyRequests: with the seconds to wait.
    """
    allowance = g.allowance = limit.count(token.prefix)
    if allowance.refused:
        raise TooManyRequests(
            f"This token may make {limit.per_minute:,} requests a minute.",
            retry_after=allowance.reset_seconds,
        )
    if not token.use_recorded:
        _record_use(token)


def _record_use(token: tokens.AuthenticatedToken) -> None:
    # In a transaction of its own, because those of GETs never write.
    db.session.rollback()
    try:
        with engines.reads_only(False), bookkeeping():
            transact(lambda: tokens.record_use(token))
    except (SQLAlchemyError, OutcomeUnknown):
        # The database is busy. The request matters more; the next one will record it.
        current_app.logger.info("The use of a token could not be noted.")


def tell_allowance(response: Response) -> Response:
    """Tell the caller how many requests are left to its token."""
    allowance: Allowance | None = g.pop("allowance", None)
    if allowance is not None:
        response.headers.extend(allowance.headers)
    return response

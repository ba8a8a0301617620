"""The API's door: the bearer token says who asks. No cookie does."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, g, request
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import TooManyRequests, Unauthorized

from hwadmin import engines
from hwadmin.api.limits import RequestLimit
from hwadmin.extensions import db
from hwadmin.operations import tokens
from hwadmin.permissions import Actor
from hwadmin.uow import transact

LIMIT = "hwadmin_api_limit"
_REALM = "hwadmin"


def recognise() -> Actor:
    """The actor whose token the request bears, as they are at this moment.

    Raises:
        Unauthorized: without a token, or with one that is unknown, expired, revoked, or of somebody disabled.
        TooManyRequests: with the seconds to wait.
    """
    holder = tokens.holder_of(secret_sent())
    if holder is None:
        raise not_valid()
    count(current_app.extensions[LIMIT], holder.prefix)
    if not holder.use_is_noted:
        note_use(lambda: tokens.note_use(holder.token_id))
    g.token_owner = holder.owner
    return holder.actor


def secret_sent() -> str:
    """The token the request bears, whatever it is worth.

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


def not_valid() -> Unauthorized:
    """The refusal of a token. One sentence for every reason: a guesser learns nothing from it."""
    return Unauthorized(
        "This token is not valid, or not any more.",
        www_authenticate=WWWAuthenticate("bearer", {"realm": _REALM, "error": "invalid_token"}),
    )


def count(limit: RequestLimit, token: str) -> None:
    """Count a request of a token.

    Raises:
        TooManyRequests: with the seconds to wait.
    """
    wait = limit.count(token)
    if wait is not None:
        raise TooManyRequests(
            f"This token may make {limit.per_minute:,} requests a minute.", retry_after=wait
        )


def note_use(deed: Callable[[], None]) -> None:
    """Note the hour of use, once an hour, in a transaction of its own: those of GETs never write."""
    db.session.rollback()
    reading = engines.reading.get()
    engines.reading.set(False)
    try:
        transact(deed)
    except DBAPIError:
        # The database is busy. The request matters more; the next one will be noted.
        current_app.logger.info("The use of a token could not be noted.")
    finally:
        engines.reading.set(reading)

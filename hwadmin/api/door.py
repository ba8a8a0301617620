"""The API's door: the bearer token says who asks. No cookie does."""

from __future__ import annotations

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
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthorized(
            "Send the header Authorization: Bearer TOKEN.",
            www_authenticate=WWWAuthenticate("bearer", {"realm": _REALM}),
        )
    holder = tokens.holder_of(secret.strip())
    if holder is None:
        # One sentence for every reason: a guesser learns nothing from it.
        raise Unauthorized(
            "This token is not valid, or not any more.",
            www_authenticate=WWWAuthenticate("bearer", {"realm": _REALM, "error": "invalid_token"}),
        )
    limit: RequestLimit = current_app.extensions[LIMIT]
    wait = limit.count(holder.prefix)
    if wait is not None:
        raise TooManyRequests(
            f"This token may make {limit.per_minute:,} requests a minute.", retry_after=wait
        )
    if not holder.use_is_noted:
        _note_use(holder.token_id)
    g.token_owner = holder.owner
    return holder.actor


def _note_use(token_id: int) -> None:
    """Note the hour of use, once an hour, in a transaction of its own: those of GETs never write."""
    db.session.rollback()
    reading = engines.reading.get()
    engines.reading.set(False)
    try:
        transact(lambda: tokens.note_use(token_id))
    except DBAPIError:
        # The database is busy. The request matters more; the next one will be noted.
        current_app.logger.info("The use of a token could not be noted.")
    finally:
        engines.reading.set(reading)

"""Authentication by a bearer token, for the API and SCIM. Cookies do not count here."""

from __future__ import annotations

from flask import Response, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import TooManyRequests, Unauthorized

from hwadmin.domain.permissions import Actor
from hwadmin.errors import NotAllowed
from hwadmin.operations.people import tokens
from hwadmin.web.authentication.sign_in_rules import is_second_factor_due, provider_named
from hwadmin.web.authentication.use_recording import record_use
from hwadmin.web.http.rate_limit import Allowance, RequestLimit

LIMIT = "hwadmin_api_limit"
_REALM = "hwadmin"


def authenticate() -> Actor:
    """The actor of the API token in the request, with the rights they have at this moment.

    Raises:
        Unauthorized: without a token, or with one that is unknown, expired, revoked, or of somebody disabled.
        TooManyRequests: with the seconds to wait.
        NotAllowed: its person has no second factor, and the time to set one up is over.
    """
    token = tokens.authenticate_token(bearer_token())
    if token is None:
        raise invalid_token()
    admit(current_app.extensions[LIMIT], token)
    _demand_second_factor(token.person)
    g.token_owner, g.token_sends_any_amount = token.owner, token.sends_any_amount
    g.token_acts_without_proof = token.acts_without_proof
    return token.actor


def _demand_second_factor(person: tokens.TokenHolder | None) -> None:
    """Refuse the tokens of somebody who is refused on the pages.

    Where they have never signed in, no time has begun, and somebody else made the token.
    """
    if person is None or person.second_factor_awaited_from is None:
        return
    if is_second_factor_due(person, provider_named(person.managed_by)):
        raise NotAllowed(
            f"{person.name} must sign in and set up a second factor first; then this token works."
        )


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
        "This token is not valid, or no longer valid.",
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
        record_use(lambda: tokens.record_use(token))


def tell_allowance(response: Response) -> Response:
    """Tell the caller how many requests are left to its token."""
    allowance: Allowance | None = g.pop("allowance", None)
    if allowance is not None:
        response.headers.extend(allowance.headers)
    return response

"""Authentication of the identity provider that pushes staff: by a staff token, and no other."""

from __future__ import annotations

from flask import current_app, g

from hwadmin.config import IdentityProvider
from hwadmin.domain.permissions import Actor
from hwadmin.operations.people.staff import tokens
from hwadmin.scim.authentication import LIMIT
from hwadmin.web.authentication.sign_in_rules import provider_named
from hwadmin.web.http.bearer_auth import admit, bearer_token, invalid_token


def authenticate() -> Actor:
    """The actor of the staff token in the request.

    Raises:
        Unauthorized: without a token, or with one that is unknown, revoked, or of a provider that the
            settings do not name any more.
        TooManyRequests: with the seconds to wait.
    """
    token = tokens.authenticate_staff_token(bearer_token())
    provider = provider_named(token.provider) if token else None
    if token is None or provider is None:
        raise invalid_token()
    admit(current_app.extensions[LIMIT], token)
    g.staff_provider = provider
    return token.actor


def pushing_provider() -> IdentityProvider:
    """The identity provider whose token was authenticated."""
    provider: IdentityProvider = g.staff_provider
    return provider

"""What is believed of a token: signed by the provider, for us, now, and as an answer to what we asked.

The libraries are loaded where a token is read: they are large, and most workers never read one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hwadmin.clock import utcnow

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

# Signatures only the provider can make: no shared secrets, and never none.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
LEEWAY_SECONDS = 60
_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
_LONGEST = 64 * 1024


class TokenRefused(Exception):
    """A token is not believed; the sentence says why, for the audit log."""


class UnknownKey(TokenRefused):
    """It is signed by a key that the provider did not have when we last looked."""


def read_token(raw: object, keys: KeySet, offered: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the claims of a token whose signature is right.

    Args:
        raw: the token, as it came.
        keys: the provider's.
        offered: how the provider says that it signs.

    Raises:
        TokenRefused: it is no token, or the signature is none, wrong, or of a kind anybody could make.
    """
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError
    from joserfc.jws import JWSRegistry

    if not isinstance(raw, str) or len(raw) > _LONGEST:
        raise TokenRefused("There is no token.")
    allowed = [name for name in ALGORITHMS if name in (offered or ("RS256",))]
    registry = JWSRegistry(algorithms=allowed, strict_check_header=False)
    try:
        token = jwt.decode(raw, keys, registry=registry)
    except InvalidKeyIdError as error:
        raise UnknownKey("It is signed by a key the provider does not have.") from error
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise TokenRefused(f"The signature is not right ({type(error).__name__}).") from error
    if not isinstance(token.claims, dict):
        raise TokenRefused("The token says nothing.")
    return token.header, token.claims


def check_id_token(
    header: dict[str, Any], claims: dict[str, Any], *, issuer: str, client_id: str, **asked: Any
) -> None:
    """Check that an ID token is the provider's answer to our request, and of now.

    Args:
        header: of the token.
        claims: of the token.
        issuer: the provider's.
        client_id: who we are there.
        asked: the nonce that was sent, the access token that came along, and the max_age asked for, if any.

    Raises:
        TokenRefused: anything is missing or not what it must be.
    """
    if not asked.get("nonce"):
        raise TokenRefused("No nonce was sent.")
    _validate(header, claims, issuer, {"client_id": client_id, **asked})
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise TokenRefused("The subject is missing or too long.")


def check_logout_token(
    header: dict[str, Any], claims: dict[str, Any], *, issuer: str, client_id: str
) -> None:
    """Check that a token asks us to end sessions: OpenID Connect Back-Channel Logout 1.0, section 2.6.

    Raises:
        TokenRefused: anything is missing or not what it must be.
    """
    if not (claims.get("sub") or claims.get("sid")):
        raise TokenRefused("The token names neither a person nor a session.")
    if "nonce" in claims:
        raise TokenRefused("An ID token is no logout token.")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT), dict):
        raise TokenRefused("The token is not about signing out.")
    if not isinstance(claims.get("jti"), str):
        raise TokenRefused("The token has no identifier.")
    # The rest is as in an ID token; whom it names was checked above.
    _validate(header, {"sub": "", **claims}, issuer, {"client_id": client_id})


def _validate(header: dict[str, Any], claims: dict[str, Any], issuer: str, asked: Mapping[str, Any]) -> None:
    from authlib.oidc.core import CodeIDToken
    from joserfc.errors import JoseError

    needed = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": asked["client_id"]},
    }
    token = CodeIDToken(claims, header, needed, dict(asked))
    try:
        token.validate(int(utcnow().timestamp()), LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError) as error:
        claim = getattr(error, "claim", "") or getattr(error, "description", "")
        raise TokenRefused(f"{type(error).__name__}: {str(claim)[:100]}") from error

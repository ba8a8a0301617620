"""One identity provider: where its pages are, with which keys it signs, and what it says of a person.

The libraries are loaded where a provider is asked: they are large, and most workers never ask one.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from hwadmin.clock import utcnow
from hwadmin.config import IdentityProvider, is_on_this_machine
from hwadmin.web.openid.http_client import ProviderAway, ProviderHttp
from hwadmin.web.openid.token_checks import (
    TokenRefused,
    UnknownKey,
    check_id_token,
    check_logout_token,
    read_token,
)

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

_FRESH_FOR = 3600.0
# A token by an unknown key may be forged: the keys are not looked up again for each of them.
_KEYS_AT_MOST_EVERY = 30.0
# How long ago somebody may have signed in there who was asked to do so again.
_PROVED_WITHIN = 300
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
_NOT_NEEDED = {"userinfo_endpoint"}


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What belongs to one visit to the provider's page."""

    state: str
    nonce: str
    verifier: str
    # Whether the person has to sign in there again, to prove who they are.
    again: bool = False


@dataclass(slots=True)
class ProviderClient:
    """Talks with one provider and keeps, for an hour, where its pages are and which keys it has."""

    provider: IdentityProvider
    http: ProviderHttp
    _metadata: dict[str, Any] | None = field(default=None, repr=False)
    _metadata_at: float = 0.0
    _keys: KeySet | None = field(default=None, repr=False)
    _keys_at: float = 0.0

    def metadata(self) -> dict[str, Any]:
        """What the provider says of itself.

        Raises:
            ProviderAway: it cannot be asked, or is not the one it should be.
        """
        from authlib.oidc.discovery import get_well_known_url

        if self._metadata is None or time.monotonic() - self._metadata_at > _FRESH_FOR:
            document = self.http.get(get_well_known_url(self.provider.issuer, external=True))
            if document.get("issuer") != self.provider.issuer:
                raise ProviderAway(f"It calls itself {str(document.get('issuer'))[:200]}.")
            _check_endpoints(document, self.provider.issuer)
            self._metadata, self._metadata_at = document, time.monotonic()
        return self._metadata

    def authorization_url(self, sent: AuthorizationRequest, redirect_uri: str) -> str:
        """The address of the provider's page where the person signs in, with a hash of the verifier."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        metadata, provider = self.metadata(), self.provider
        url: str = prepare_grant_uri(
            metadata["authorization_endpoint"],
            provider.client_id,
            "code",
            redirect_uri=redirect_uri,
            scope=["openid", "profile", "email", *provider.scopes],
            state=sent.state,
            nonce=sent.nonce,
            code_challenge=create_s256_code_challenge(sent.verifier),
            code_challenge_method="S256",
            **({"prompt": "login", "max_age": "0"} if sent.again else {}),
        )
        return url

    def check_response(self, params: Mapping[str, str]) -> str:
        """The code in an answer of the provider's page; RFC 9207 tells whose answer it is.

        Raises:
            TokenRefused: it is another provider's, or a refusal.
            ProviderAway: the provider cannot be asked.
        """
        issuer = params.get("iss")
        says = self.metadata().get("authorization_response_iss_parameter_supported") is True
        if (issuer is not None or says) and issuer != self.provider.issuer:
            raise TokenRefused("The answer is another provider's.")
        if "error" in params:
            raise TokenRefused(f"The provider refused: {params['error'][:100]}.")
        if not params.get("code"):
            raise TokenRefused("There is no code in the answer.")
        return params["code"]

    def claims_for(
        self, code: str, sent: AuthorizationRequest, redirect_uri: str, wanted: Collection[str]
    ) -> dict[str, Any]:
        """What the provider says of the person whose code this is.

        Args:
            code: as it came with the answer.
            sent: what was sent.
            redirect_uri: where the answer came to.
            wanted: the claims that are needed; they are asked for where the token has them not.

        Raises:
            TokenRefused: the code or the token is not right.
            ProviderAway: the provider cannot be asked.
        """
        tokens = self._redeem(code, sent, redirect_uri)
        header, claims = self._read(tokens.get("id_token"))
        access_token = tokens.get("access_token")
        check_id_token(
            header,
            claims,
            issuer=self.provider.issuer,
            client_id=self.provider.client_id,
            nonce=sent.nonce,
            access_token=access_token,
            max_age=1 if sent.again else None,
        )
        if sent.again and claims["auth_time"] < utcnow().timestamp() - _PROVED_WITHIN:
            raise TokenRefused("The person did not sign in there again.")
        endpoint = self.metadata().get("userinfo_endpoint")
        if endpoint and isinstance(access_token, str) and not set(wanted) <= claims.keys():
            more = self.http.get(endpoint, {"Authorization": f"Bearer {access_token}"})
            if more.get("sub") != claims["sub"]:
                raise TokenRefused("What was asked for in addition is about somebody else.")
            claims = {**more, **claims}
        return claims

    def logout_claims(self, raw: object) -> dict[str, Any]:
        """Whose sessions a logout token asks us to end.

        Raises:
            TokenRefused: it is not right.
            ProviderAway: the provider cannot be asked.
        """
        header, claims = self._read(raw)
        check_logout_token(header, claims, issuer=self.provider.issuer, client_id=self.provider.client_id)
        return claims

    def _redeem(self, code: str, sent: AuthorizationRequest, redirect_uri: str) -> dict[str, Any]:
        from authlib.oauth2.auth import ClientAuth
        from authlib.oauth2.rfc6749.parameters import prepare_token_request

        metadata, provider = self.metadata(), self.provider
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        basic = "client_secret_basic" in methods
        auth = ClientAuth(
            provider.client_id,
            provider.client_secret,
            "client_secret_basic" if basic else "client_secret_post",
        )
        body = prepare_token_request(
            "authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=sent.verifier
        )
        url, headers, body = auth.prepare("POST", metadata["token_endpoint"], {}, body)
        status, tokens = self.http.post(url, body, headers)
        if status != 200:
            raise TokenRefused(f"The code was not taken ({status}: {str(tokens.get('error'))[:100]}).")
        return tokens

    def _read(self, raw: object) -> tuple[dict[str, Any], dict[str, Any]]:
        offered = self.metadata().get("id_token_signing_alg_values_supported")
        offered = offered if isinstance(offered, list) else ["RS256"]
        try:
            return read_token(raw, self._known_keys(), offered)
        except UnknownKey:
            if time.monotonic() - self._keys_at < _KEYS_AT_MOST_EVERY:
                raise
            self._keys = None
            return read_token(raw, self._known_keys(), offered)

    def _known_keys(self) -> KeySet:
        if self._keys is None or time.monotonic() - self._keys_at > _FRESH_FOR:
            document = self.http.get(self.metadata()["jwks_uri"])
            self._keys = _public_keys(document.get("keys"))
            self._keys_at = time.monotonic()
        return self._keys


def _public_keys(documents: object) -> KeySet:
    """The keys of a provider that can be read. Shared secrets have no business there."""
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    keys = []
    for document in documents if isinstance(documents, list) else ():
        if isinstance(document, dict) and document.get("kty") in ("RSA", "EC", "OKP"):
            # One of a kind we do not know must not keep us from the others.
            with contextlib.suppress(JoseError, ValueError, TypeError, KeyError):
                keys += KeySet.import_key_set({"keys": [document]}).keys
    return KeySet(keys)


def _check_endpoints(document: dict[str, Any], issuer: str) -> None:
    """Refuse a description with addresses that are missing, or lead over the open network."""
    for name in _ENDPOINTS:
        url = document.get(name)
        if url is None and name in _NOT_NEEDED:
            continue
        safe = isinstance(url, str) and (
            urlsplit(url).scheme == "https" or (is_on_this_machine(issuer) and is_on_this_machine(url))
        )
        if not safe:
            raise ProviderAway(f"Its description has no safe {name}.")

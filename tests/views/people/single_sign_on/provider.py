"""An identity provider on this machine, which says what a test wants it to say, rightly signed or not."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

from hwadmin.config import IdentityProvider
from tests.builders import Answer, Browser

SECRET = "a-secret-that-only-the-two-of-us-know"
Claims = dict[str, Any]


@dataclass
class Provider:
    """What the provider is, and what it will say next."""

    url: str
    key: Key = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    person: Claims = field(default_factory=dict)
    # What is true of the metadata besides the addresses.
    metadata: Claims = field(default_factory=dict)
    # Whoever signs; changes what is said before it is signed.
    sign: Callable[[Provider, Claims], str] = lambda provider, claims: provider.signed(claims)
    change: Claims = field(default_factory=dict)
    userinfo: Claims | None = None
    # From each code to the nonce and the challenge it was asked with; gone once redeemed.
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    redeemed: list[dict[str, str]] = field(default_factory=list)

    def signed(self, claims: Claims, key: Key | None = None, **header: Any) -> str:
        signer = key or self.key
        algorithm = "ES256" if isinstance(signer, ECKey) else "RS256"
        return jwt.encode({"alg": algorithm, "kid": "one", **header}, claims, signer)

    def settings(self, key: str = "okta", **changes: Any) -> IdentityProvider:
        values = {"name": key.title(), "issuer": self.url, "client_id": "hwadmin", "client_secret": SECRET}
        return IdentityProvider(key, **(values | changes))

    def claims(self, nonce: str | None = None) -> Claims:
        now = int(time.time())
        fields = {"iss": self.url, "aud": "hwadmin", "iat": now, "exp": now + 300, "nonce": nonce}
        fields |= self.person | self.change
        return {name: value for name, value in fields.items() if value is not None}

    def respond(self, path: str, form: dict[str, str], headers: Any) -> tuple[int, Claims]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            } | self.metadata
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/userinfo" and self.userinfo is not None:
            return 200, self.userinfo
        if path == "/token":
            return self._redeem(form, headers)
        return 404, {}

    def _redeem(self, form: dict[str, str], headers: Any) -> tuple[int, Claims]:
        self.redeemed.append(form)
        name, _, secret = base64.b64decode(headers["Authorization"].split()[1]).decode().partition(":")
        nonce, challenge = self.codes.pop(form["code"], ("", ""))
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proven = base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge
        if not proven or (name, secret) != ("hwadmin", SECRET):
            return 400, {"error": "invalid_grant"}
        return 200, {
            "access_token": "an-access-token",
            "token_type": "Bearer",
            "id_token": self.sign(self, self.claims(nonce)),
        }


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that answers on a port of its own."""
    provider: Provider

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            status, document = provider.respond(urlsplit(self.path).path, form, self.headers)
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def leave(browser: Browser, path: str = "/sign-in/with/okta", **form: Any) -> dict[str, str]:
    """Press the button of a provider; what the browser takes to the provider's page."""
    page = browser.post(path, **form)
    assert page.status_code == 200, page.text
    query = urlsplit(address_of(page.text)).query
    return {name: values[0] for name, values in parse_qs(query).items()}


def address_of(page: str) -> str:
    """Where the page sends the browser on to."""
    return html.unescape(re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)[1])


def come_back(
    browser: Browser, provider: Provider, asked: dict[str, str], key: str = "okta", **changes: str
) -> Answer:
    """Sign in at the provider, whoever it says one is, and come back with a code."""
    code = f"code-{len(provider.codes)}-{asked['state'][:8]}"
    provider.codes[code] = (asked["nonce"], asked["code_challenge"])
    query = {"code": code, "state": asked["state"]} | changes
    return browser.get(f"/sign-in/with/{key}/callback", query_string=query)

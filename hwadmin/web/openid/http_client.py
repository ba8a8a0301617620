"""Short requests to an identity provider: JSON only, no redirects, over TLS unless it is this machine."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from hwadmin.config import is_on_this_machine
from hwadmin.web.http.bounded_connection import BoundedConnection, machine_tls, resolve

_MAX_BYTES = 512 * 1024
_FORM = "application/x-www-form-urlencoded"


class ProviderAway(Exception):
    """The provider does not answer, or with nothing that can be used; the sentence is for the audit log."""


@dataclass(frozen=True, slots=True)
class ProviderHttp:
    """Asks identity providers. Where they are is the deployment's to say, so inside a network is fine."""

    timeout: float = 5.0
    tls: ssl.SSLContext = field(default_factory=machine_tls)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at an address.

        Raises:
            ProviderAway: there is none.
        """
        status, document = self._exchange("GET", url, None, headers or {})
        if status != 200:
            raise ProviderAway(f"{_host(url)} answered {status}.")
        return document

    def post(self, url: str, body: str, headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """Send a form; the status and the JSON object of the answer.

        Raises:
            ProviderAway: there is none.
        """
        return self._exchange("POST", url, body.encode(), {"Content-Type": _FORM, **headers})

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        if not parts.hostname or not (secure or (parts.scheme == "http" and is_on_this_machine(url))):
            raise ProviderAway(f"{url[:200]} is no https:// address.")
        deadline = time.monotonic() + self.timeout
        connection: BoundedConnection | None = None
        try:
            port = parts.port or (443 if secure else 80)
            connection = BoundedConnection(
                parts.hostname,
                port,
                resolve(parts.hostname, port),
                deadline,
                self.tls if secure else None,
            )
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            with connection.cut_at(deadline):
                connection.request(method, target, body, {"Accept": "application/json", **headers})
                response = connection.getresponse()
                content = response.read(_MAX_BYTES)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ProviderAway(f"{_host(url)} does not answer ({type(error).__name__}).") from error
        finally:
            if connection is not None:
                connection.close()
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict) or connection.was_cut:
            raise ProviderAway(f"{_host(url)} answered {response.status}, without JSON.")
        return response.status, document


def _host(url: str) -> str:
    return urlsplit(url).netloc[:200]

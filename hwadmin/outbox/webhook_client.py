"""One POST to an address somebody else chose: pinned to the checked IP, short, without redirects."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hwadmin.domain import webhook_urls
from hwadmin.domain.webhook_urls import Destination, ForbiddenDestination
from hwadmin.web.http.bounded_connection import BoundedConnection, machine_tls, resolve

TIMEOUT_SECONDS = 10.0
MAX_BYTES = 64 * 1024
_EXCERPT_LENGTH = 300
_ADDRESSES_TRIED = 3

Resolver = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class WebhookResponse:
    """The response to an attempt: its status, or the reason why there was none."""

    status: int | None
    problem: str | None
    excerpt: str = ""
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class WebhookClient:
    """Posts messages to webhooks. Only tests change the settings."""

    allow_loopback: bool = False
    resolve: Resolver = resolve
    timeout: float = TIMEOUT_SECONDS
    tls: ssl.SSLContext = field(default_factory=machine_tls)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> WebhookResponse:
        """Post once and return the response. Nothing is raised for faults of the receiver."""
        started = time.monotonic()
        try:
            destination = webhook_urls.read(url, allow_loopback=self.allow_loopback)
            status, excerpt = self._exchange(destination, body, headers, started + self.timeout)
            response = WebhookResponse(status, None, excerpt)
        except ForbiddenDestination as refusal:
            response = WebhookResponse(None, f"Not sent: {refusal}")
        except socket.gaierror:
            response = WebhookResponse(None, "The name is unknown.")
        except TimeoutError:
            response = WebhookResponse(None, f"No answer within {self.timeout:g} seconds.")
        except ssl.SSLError as error:
            response = WebhookResponse(None, f"No secure connection: {error.reason or error}"[:500])
        except (OSError, http.client.HTTPException, ValueError) as error:
            message = error.strerror if isinstance(error, OSError) else None
            response = WebhookResponse(None, f"No connection: {message or type(error).__name__}."[:500])
        milliseconds = int((time.monotonic() - started) * 1000)
        return replace(response, milliseconds=milliseconds)

    def _exchange(
        self, destination: Destination, body: bytes, headers: Mapping[str, str], deadline: float
    ) -> tuple[int, str]:
        addresses = self.resolve(destination.host, destination.port)[:_ADDRESSES_TRIED]
        # All of them: a name that leads inside at all is not to be trusted. And no name is looked up again
        # after this, so that it cannot lead elsewhere by then.
        for address in addresses:
            webhook_urls.refuse_address(address, allow_loopback=self.allow_loopback)
        connection = BoundedConnection(
            destination.host,
            destination.port,
            addresses,
            deadline,
            self.tls if destination.secure else None,
        )
        try:
            with connection.cut_at(deadline):
                connection.request("POST", destination.target, body, dict(headers))
                response = connection.getresponse()
                content = response.read(MAX_BYTES)
        except (OSError, http.client.HTTPException) as error:
            if connection.was_cut:
                raise TimeoutError from error
            raise
        finally:
            connection.close()
        if connection.was_cut:
            # What was cut off in its headers reads like an answer that ended there.
            raise TimeoutError
        return response.status, _readable(content)


def _readable(content: bytes) -> str:
    text = content[: _EXCERPT_LENGTH * 4].decode("utf-8", "replace")
    return "".join(character if character.isprintable() else " " for character in text).strip()[
        :_EXCERPT_LENGTH
    ]

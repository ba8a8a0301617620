"""One POST to an address we were given by others: pinned to what was checked, short, never redirected."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hwadmin import destinations
from hwadmin.destinations import Destination, ForbiddenDestination

TIMEOUT_SECONDS = 10.0
MOST_BYTES = 64 * 1024
_SHOWN = 300
_ADDRESSES_TRIED = 3

Resolver = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> Sequence[str]:
    """The IP addresses of a name, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: the status answered, or the reason there was no answer."""

    status: int | None
    problem: str | None
    excerpt: str = ""
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class Poster:
    """How messages are posted; the parameters are replaced in tests only."""

    allow_loopback: bool = False
    resolve: Resolver = resolve
    timeout: float = TIMEOUT_SECONDS
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post once, and say what came of it; nothing is raised for what others do."""
        started = time.monotonic()
        try:
            destination = destinations.read(url, allow_loopback=self.allow_loopback)
            status, excerpt = self._exchange(destination, body, headers, started + self.timeout)
            answer = Answer(status, None, excerpt)
        except ForbiddenDestination as refusal:
            answer = Answer(None, f"Not sent: {refusal}")
        except socket.gaierror:
            answer = Answer(None, "The name is unknown.")
        except TimeoutError:
            answer = Answer(None, f"No answer within {self.timeout:g} seconds.")
        except ssl.SSLError as error:
            answer = Answer(None, f"No secure connection: {error.reason or error}"[:500])
        except (OSError, http.client.HTTPException, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) else None
            answer = Answer(None, f"No connection: {said or type(error).__name__}."[:500])
        taken = int((time.monotonic() - started) * 1000)
        return Answer(answer.status, answer.problem, answer.excerpt, taken)

    def _exchange(
        self, destination: Destination, body: bytes, headers: Mapping[str, str], deadline: float
    ) -> tuple[int, str]:
        addresses = self.resolve(destination.host, destination.port)[:_ADDRESSES_TRIED]
        # All of them: a name that leads inside at all is not to be trusted. And no name is looked up again
        # after this, so that it cannot lead elsewhere by then.
        for address in addresses:
            destinations.refuse_address(address, allow_loopback=self.allow_loopback)
        connection = _Pinned(destination, addresses, deadline, self.tls if destination.secure else None)
        try:
            with connection.cut_at(deadline):
                connection.request("POST", destination.target, body, dict(headers))
                response = connection.getresponse()
                content = response.read(MOST_BYTES)
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


class _Pinned(http.client.HTTPConnection):
    """A connection to addresses that were checked; Host and SNI say the name."""

    def __init__(
        self, to: Destination, addresses: Sequence[str], deadline: float, tls: ssl.SSLContext | None
    ) -> None:
        super().__init__(to.host, to.port)
        # By which the Host header leaves out the usual port.
        self.default_port = 443 if tls else 80
        self.addresses, self.deadline, self.tls = addresses, deadline, tls
        self.was_cut = False
        self._raw: socket.socket | None = None

    def connect(self) -> None:
        """Connect to the first address that answers."""
        failure: OSError = OSError("no address")
        for address in self.addresses:
            try:
                self.sock = socket.create_connection((address, self.port), self._left())
                break
            except OSError as error:
                failure = error
        else:
            raise failure
        if self.tls is not None:
            # The handshake comes after the socket is known, so that it can be cut as well.
            self.sock = self.tls.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self._raw = self.sock
            self.sock.do_handshake()
        self._raw = self.sock

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def cut_at(self, deadline: float) -> _Cut:
        """Ends the exchange then: a receiver that sends a byte now and again would hold us for ever."""
        return _Cut(self, deadline)

    def cut(self) -> None:
        """End the exchange now, from another thread."""
        self.was_cut = True
        if self._raw is not None:
            try:
                # Not the method of a TLS socket, which would change what the other thread is using.
                socket.socket.shutdown(self._raw, socket.SHUT_RDWR)
            except OSError:
                return


class _Cut:
    def __init__(self, connection: _Pinned, deadline: float) -> None:
        self._timer = threading.Timer(max(deadline - time.monotonic(), 0), connection.cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()


def _readable(content: bytes) -> str:
    text = content[: _SHOWN * 4].decode("utf-8", "replace")
    return "".join(one if one.isprintable() else " " for one in text).strip()[:_SHOWN]

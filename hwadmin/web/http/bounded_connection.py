"""A connection to a server of somebody else's, which can hold us up no longer than we want."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from functools import cache


def resolve(host: str, port: int) -> Sequence[str]:
    """The IP addresses of a name, as the system knows them."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


@cache
def machine_tls() -> ssl.SSLContext:
    """TLS with servers this machine trusts. Its certificates are read once, which takes 20 ms."""
    return ssl.create_default_context()


class BoundedConnection(http.client.HTTPConnection):
    """A connection to these very addresses, until a deadline; Host and SNI say the name."""

    def __init__(
        self,
        host: str,
        port: int,
        addresses: Sequence[str],
        deadline: float,
        tls: ssl.SSLContext | None,
    ) -> None:
        super().__init__(host, port)
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
    def __init__(self, connection: BoundedConnection, deadline: float) -> None:
        self._timer = threading.Timer(max(deadline - time.monotonic(), 0), connection.cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()

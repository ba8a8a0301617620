"""Requests nobody can read, as they go over the wire, and what must answer them: words of ours."""

from __future__ import annotations

import socket
import ssl

from tests.faults.load import Address

_GET = b"GET %b HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n%b\r\n"
# Of each: the address, and further headers with their line ends; other requests are whole.
_ADDRESSES = {
    "a NUL in the address": b"/orders/%00",
    "out of the root": b"/..%2f..%2fetc/passwd",
    "too long an address": b"/orders/?q=" + b"a" * 9_000,
    "bytes in the address": b"/\xff\xfe",
}
_HEADERS = {
    "many headers": b"".join(b"X-%d: 1\r\n" % number for number in range(200)),
    "a long header": b"X-Long: " + b"a" * 9_000 + b"\r\n",
    "a control character": b"Cookie: a=\x01\r\n",
    "two lengths": b"Content-Length: 1\r\nContent-Length: 2\r\n",
    "another coding": b"Transfer-Encoding: other\r\n",
    "a folded header": b"X-Folded: a\r\n b\r\nX Y: 1\r\n",
}
_WHOLE = {
    "a method in small letters": b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a long method": b"A" * 200 + b" / HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n",
    "another protocol": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "a chunk without a length": b"POST /api/v1/orders HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
}


def unreadable(host: str) -> dict[str, bytes]:
    """Each request by what is wrong with it."""
    name = host.encode()
    return {
        **{case: _GET % (path, name, b"") for case, path in _ADDRESSES.items()},
        **{case: _GET % (b"/", name, headers) for case, headers in _HEADERS.items()},
        **{case: whole.replace(b"%b", name) for case, whole in _WHOLE.items()},
    }


def answer_to(address: Address, request: bytes) -> bytes:
    """All that is answered to bytes on a connection of their own."""
    connection = socket.create_connection(("127.0.0.1", address.port), timeout=40)
    if address.tls:
        connection = ssl._create_unverified_context().wrap_socket(connection)
    with connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def bare_answers(address: Address) -> list[str]:
    """What is answered by pages of the servers, and not in words of ours, or as a fault of ours."""
    bare = []
    for case, request in unreadable(address.host).items():
        head, _, body = answer_to(address, request).partition(b"\r\n\r\n")
        status = int((head.split() or [b"", b"0"])[1])
        # Of the product itself, or of a server before it in the same words.
        ours = b"x-request-id" in head.lower() or b"Nothing was changed" in body
        refused = 300 <= status < 500 or status == 501
        if not (ours and refused and b"content-security-policy" in head.lower()):
            bare.append(f"{case}: {head[:40]!r} {body[:80]!r}")
    return bare

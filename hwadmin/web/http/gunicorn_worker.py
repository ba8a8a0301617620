"""gunicorn's worker, which says in our words what it cannot read as a request.

Such a request never reaches the application: gunicorn itself would answer with a bare page of its own.
"""

from __future__ import annotations

import contextlib
from typing import Any

from gunicorn import util
from gunicorn.http.errors import (
    ExpectationFailed,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.sync import SyncWorker

_UNREADABLE = ("400 Bad Request", "This is not a request that can be read. Nothing was changed.")
_BROKEN = ("500 Internal Server Error", "Something broke on our side. Look before you send it again.")
_REFUSALS = (
    (LimitRequestLine, ("414 URI Too Long", "This address is too long. Nothing was changed.")),
    (
        LimitRequestHeaders,
        ("431 Request Header Fields Too Large", "This request has too many headers. Nothing was changed."),
    ),
    (
        ExpectationFailed,
        ("417 Expectation Failed", "Only “Expect: 100-continue” is understood. Nothing was changed."),
    ),
    (
        UnsupportedTransferCoding,
        ("501 Not Implemented", "Only “Transfer-Encoding: chunked” is understood. Nothing was changed."),
    ),
)
_HEADERS = {
    "Connection": "close",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Content-Type": "text/plain; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
}


class WebWorker(SyncWorker):  # type: ignore[misc]
    """Serves one request after the other: ``gunicorn -k hwadmin.web.http.gunicorn_worker.WebWorker``."""

    def handle_error(self, _req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Write down what went wrong, and answer."""
        refusal = refusal_of(exc)
        if refusal is _BROKEN:
            self.log.exception("Error handling a request")
        else:
            self.log.warning("Invalid request from ip=%s: %s", addr[0] if addr else "", exc)
        with contextlib.suppress(OSError):
            util.write_nonblock(client, answer_of(*refusal))


def refusal_of(error: BaseException) -> tuple[str, str]:
    """The status and the sentence that answer an error of gunicorn's."""
    ours = isinstance(error, InvalidResponseHeader | InvalidResponseHeaderName)
    if ours or not isinstance(error, ParseException):
        return _BROKEN
    return next((refusal for kind, refusal in _REFUSALS if isinstance(error, kind)), _UNREADABLE)


def answer_of(status: str, sentence: str) -> bytes:
    """A whole answer, as it goes over the wire."""
    body = f"{sentence}\n".encode()
    headers = {**_HEADERS, "Content-Length": str(len(body))}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body

"""gunicorn's worker, which says in our words what it cannot read as a request.

Such a request never reaches the application: gunicorn itself would answer with a bare page of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
from collections.abc import Callable
from typing import Any

from flask import Flask
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

# After so many requests memory is given back.
REQUESTS_BETWEEN = 10


class WebWorker(SyncWorker):  # type: ignore[misc]
    """Serves one request after the other: ``gunicorn -k hwadmin.web.http.gunicorn_worker.WebWorker``."""

    _templates = 0

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Answer one; and give back what is left over, when a page was shown first and now and then."""
        super().handle(listener, client, addr)
        templates = len(self.wsgi.jinja_env.cache or ()) if isinstance(self.wsgi, Flask) else 0
        if templates != self._templates or self.nr % REQUESTS_BETWEEN == 0:
            give_memory_back(stays=templates != self._templates)
            self._templates = templates

    def handle_error(self, _req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Write down what went wrong, and answer."""
        refusal = refusal_of(exc)
        if refusal is _BROKEN:
            self.log.exception("Error handling a request")
        else:
            self.log.warning("Invalid request from ip=%s: %s", addr[0] if addr else "", exc)
        with contextlib.suppress(OSError):
            util.write_nonblock(client, answer_of(*refusal))


def give_memory_back(*, stays: bool) -> None:
    """Let the system have the memory that is free, where the C library can do that.

    Compiling a page's templates makes megabytes of garbage, and holes between what stays. By itself malloc
    gives back only what lies behind all of that.

    Args:
        stays: whether what is there now is for good, so that the collector need not look at it again.
    """
    gc.collect()
    if stays:
        gc.freeze()
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


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

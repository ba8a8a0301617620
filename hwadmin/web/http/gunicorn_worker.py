"""gunicorn's worker, which says in our words what it cannot read as a request.

Such a request never reaches the application: gunicorn itself would answer with a bare page of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
from collections.abc import Callable
from pathlib import Path
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

# An idle worker that has grown by so many bytes gives memory back.
GROWTH = 256 * 1024
_PAGE = os.sysconf("SC_PAGE_SIZE")
_HELD = Path("/proc/self/statm")


class WebWorker(SyncWorker):  # type: ignore[misc]
    """Serves one request after the other: ``gunicorn -k hwadmin.web.http.gunicorn_worker.WebWorker``."""

    _templates = 0
    # What it held when it had given back what it could.
    _resident = 0

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Answer one; and give back what is left over when a page was shown first."""
        super().handle(listener, client, addr)
        templates = len(self.wsgi.jinja_env.cache or ()) if isinstance(self.wsgi, Flask) else 0
        if templates != self._templates:
            self._templates = templates
            self._give_back(stays=True)

    def wait(self, timeout: float) -> Any:
        """Wait for the next request; a worker that has grown gives memory back before."""
        if resident_bytes() > self._resident + GROWTH:
            self._give_back(stays=False)
        return super().wait(timeout)

    def _give_back(self, *, stays: bool) -> None:
        give_memory_back(stays=stays)
        self._resident = resident_bytes()

    def handle_error(self, _req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Write down what went wrong, and answer."""
        refusal = refusal_of(exc)
        if refusal is _BROKEN:
            self.log.exception("Error handling a request")
        else:
            self.log.warning("Invalid request from ip=%s: %s", addr[0] if addr else "", exc)
        with contextlib.suppress(OSError):
            util.write_nonblock(client, answer_of(*refusal))


def resident_bytes() -> int:
    """How much memory this process holds; 0 where the system does not say."""
    try:
        return int(_HELD.read_text().split()[1]) * _PAGE
    except OSError:
        return 0


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

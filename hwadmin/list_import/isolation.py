"""Reading what strangers made in a process of its own: it may take its time, its memory and no more.

The process is a fork of the worker, so everything is loaded and a small list is as quick as before. It has no
use for the worker's connections: it computes, hands its result back through a pipe and ends at once.
"""

from __future__ import annotations

import math
import os
import pickle  # nosec B403
import resource
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

from hwadmin.errors import InvalidInput

T = TypeVar("T")

# More than any list takes that people have in their hands; the web server lets a request live for 30 s.
SECONDS = 8
MEGABYTES = 400
_TOO_MUCH = "This takes longer to read than any list should. Save it as CSV, or send it in parts."


class ReadingFailed(RuntimeError):
    """Reading ended in a way it never should: a fault of ours, with the traceback of the other process."""


def isolated(function: Callable[[], T], *, seconds: float = SECONDS) -> T:
    """Call a pure function in a process of its own, within limits of time and memory.

    Args:
        function: what is called; its result, or the exception it raises, must be picklable.
        seconds: how long it may take.

    Raises:
        InvalidInput: it took too long or too much memory; a sentence for whoever sent the list.
        ReadingFailed: the process ended without a result.
        Exception: whatever the function raised.
    """
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiving)
        _run(sending, function, seconds)
    os.close(sending)
    try:
        data = _received(receiving, time.monotonic() + seconds)
    finally:
        os.close(receiving)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if data is None or (not data and os.WIFSIGNALED(status)):
        raise InvalidInput.at("list", _TOO_MUCH)
    if not data:
        raise ReadingFailed(f"The reading process ended with status {status}.")
    # Written by our own code in the fork, never by whoever sent the list.
    went_well, result = pickle.loads(data)  # noqa: S301  # nosec B301
    if went_well:
        return result  # type: ignore[no-any-return]
    if isinstance(result, (MemoryError, RecursionError)):
        raise InvalidInput.at("list", _TOO_MUCH)
    raise result


def _received(pipe: int, deadline: float) -> bytes | None:
    """All that comes through the pipe; None where it does not end in time."""
    parts: list[bytes] = []
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return None
        part = os.read(pipe, 1 << 20)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _run(pipe: int, function: Callable[[], object], seconds: float) -> NoReturn:
    """In the fork: call, write the result and end at once. Nothing of the worker's is cleaned up."""
    try:
        _limit(resource.RLIMIT_CPU, math.ceil(time.process_time() + seconds))
        _limit(resource.RLIMIT_AS, _address_space() + MEGABYTES * 1024 * 1024)
        _limit(resource.RLIMIT_CORE, 0)
        try:
            outcome: tuple[bool, object] = (True, function())
        except Exception as error:
            outcome = (False, error.with_traceback(None))
        with os.fdopen(pipe, "wb") as stream:
            pickle.dump(outcome, stream)
    finally:
        os._exit(1)


def _limit(what: int, value: int) -> None:
    resource.setrlimit(what, (value, value))


def _address_space() -> int:
    """How much the worker takes by now, in bytes: the fork begins with all of it."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()

"""How many requests a token may make in a minute, counted for all workers of a machine together.

The counts are in a small file that the workers map into memory. A count in the database would have to be
written for every GET, which on SQLite would make every reader wait for the one writer.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

WINDOW_SECONDS = 60
# Tokens in use within a minute; beyond, the one whose window began first is forgotten.
_SLOTS = 8_192
_PROBES = 16
# The token's digest, when its window began, and how many requests were made in it.
_SLOT = struct.Struct("=16sdq")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to a token: how many of how many requests, and in how many seconds it has all again."""

    limit: int
    remaining: int
    reset_seconds: int
    refused: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The allowance as programs read it."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


class Counts(Protocol):
    """Counts requests per token in windows of a minute."""

    def count(self, token: str, now: float, most: int) -> tuple[float, int]:
        """Count one request; when the window began, and how many were made in it, at most one too many."""
        ...


class OwnCounts:
    """The counts of one process."""

    def __init__(self) -> None:
        self._windows: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def count(self, token: str, now: float, most: int) -> tuple[float, int]:
        """Count one request."""
        with self._lock:
            start, made = self._windows.get(token, (now, 0))
            if not 0 <= now - start < WINDOW_SECONDS:
                start, made = now, 0
            if len(self._windows) >= _SLOTS:
                self._windows = {
                    key: window for key, window in self._windows.items() if now - window[0] < WINDOW_SECONDS
                }
            self._windows[token] = window = (start, min(made, most) + 1)
            return window


class MappedCounts:
    """The counts of all processes that map the same file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        size = _SLOTS * _SLOT.size
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        weakref.finalize(self, os.close, self._file)
        if os.fstat(self._file).st_size < size:
            os.ftruncate(self._file, size)
        self._map = mmap.mmap(self._file, size)
        self._lock = threading.Lock()

    def count(self, token: str, now: float, most: int) -> tuple[float, int]:
        """Count one request; the others wait meanwhile, some microseconds."""
        digest = hashlib.blake2b(token.encode(), digest_size=16).digest()
        # Of the process, whose threads the lock of the file would all let in.
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                place, start, made = self._slot(digest, now)
                window = (start, min(made, most) + 1)
                _SLOT.pack_into(self._map, place, digest, *window)
                return window
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _slot(self, digest: bytes, now: float) -> tuple[int, float, int]:
        """The token's slot with its window; else one whose window is over, or the oldest of those near."""
        first = int.from_bytes(digest[:4], "little")
        oldest: tuple[float, int] | None = None
        for probe in range(_PROBES):
            place = (first + probe) % _SLOTS * _SLOT.size
            owner, start, made = _SLOT.unpack_from(self._map, place)
            # After a restart of the machine its clock begins anew, and what is here lies ahead.
            over = not 0 <= now - start < WINDOW_SECONDS or made == 0
            if owner == digest:
                return (place, now, 0) if over else (place, start, made)
            age = (-1.0 if over else start, place)
            oldest = age if oldest is None or age < oldest else oldest
        assert oldest is not None
        return oldest[1], now, 0


class RequestLimit:
    """The limit of requests per token."""

    def __init__(
        self, per_minute: int, now: Callable[[], float] = time.monotonic, counts: Counts | None = None
    ) -> None:
        self.per_minute, self._now = per_minute, now
        self._counts = counts or OwnCounts()

    @classmethod
    def shared(cls, per_minute: int, path: Path) -> RequestLimit:
        """The limit that all workers of this machine count together, or each by itself."""
        try:
            return cls(per_minute, counts=MappedCounts(path))
        except OSError:
            return cls(per_minute)

    def count(self, token: str) -> Allowance:
        """Count one request, and say what is left."""
        now = self._now()
        start, made = self._counts.count(token, now, self.per_minute)
        return Allowance(
            limit=self.per_minute,
            remaining=max(self.per_minute - made, 0),
            reset_seconds=int(start + WINDOW_SECONDS - now) + 1,
            refused=made > self.per_minute,
        )

"""How many requests a token may make in a minute.

Counted by each worker for itself: a count shared by all would have to be written for every GET, which on
SQLite would make every reader wait for the one writer. So the limit that holds for a deployment is the number
of workers times the setting; it is there to stop a program gone wild, not to bill by.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

WINDOW_SECONDS = 60
_MOST_REMEMBERED = 10_000


class RequestLimit:
    """Counts requests per token in windows of a minute."""

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self.per_minute, self._now = per_minute, now
        self._windows: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def count(self, token: str) -> int | None:
        """Count one request; in how many seconds to come again where it is one too many, else None."""
        with self._lock:
            now = self._now()
            start, made = self._windows.get(token, (now, 0))
            if now - start >= WINDOW_SECONDS:
                start, made = now, 0
            if made >= self.per_minute:
                return int(start + WINDOW_SECONDS - now) + 1
            if len(self._windows) >= _MOST_REMEMBERED:
                self._windows = {
                    key: window for key, window in self._windows.items() if now - window[0] < WINDOW_SECONDS
                }
            self._windows[token] = (start, made + 1)
            return None

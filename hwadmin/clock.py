"""The only clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_set: ContextVar[datetime | None] = ContextVar("hwadmin_clock", default=None)


def utcnow() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return _set.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let it be another moment for a block: for the demo's past, and for tests.

    Args:
        moment: timezone-aware.
    """
    if moment.tzinfo is None:
        raise ValueError("Give the time with its time zone.")
    before = _set.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _set.reset(before)

"""Stretches of time: which moments are meant, and which of them are left where some are known already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """From a moment on, and before another."""

    start: datetime
    end: datetime

    @classmethod
    def of_days(cls, since: date, until: date) -> Stretch:
        """Whole days in UTC, both included."""
        return cls(_midnight(since), _midnight(until + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def without(whole: Stretch, taken: Iterable[Stretch]) -> list[Stretch]:
    """What is left of a stretch without others."""
    left, start = [], whole.start
    for one in sorted(taken):
        if start < one.start:
            left.append(Stretch(start, min(one.start, whole.end)))
        start = max(start, one.end)
        if start >= whole.end:
            return left
    return [*left, Stretch(start, whole.end)]


def beyond(whole: Stretch, taken: Iterable[Stretch]) -> list[Stretch]:
    """What others have beside a stretch."""
    return [part for one in taken for part in without(one, [whole])]

"""How long things took: as it is counted, the median and the 90th percentile, and as it is kept.

A time counts as finely as it is shown, in a chart too: in whole minutes below an hour and a half, then in
tenths of an hour, and from three days on in tenths of a day. So few different times stand for any number of
orders, those of several days can be added up, and a percentile is off by half a step of the times it lies
between at most.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

# Below so many seconds a time counts in steps of so many; above, in steps of a tenth of a day.
IN_MINUTES, MINUTE = 5_400, 60
IN_HOURS, TENTH_OF_HOUR = 259_200, 360
TENTH_OF_DAY = 8_640


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took: in how many cases, and the median and the 90th percentile in seconds."""

    count: int = 0
    median: float | None = None
    ninetieth: float | None = None


def counted_minutes(seconds: int) -> int:
    """The minutes a time counts as; none where a clock was set back meanwhile."""
    if seconds < 0:
        return 0
    step = MINUTE if seconds < IN_MINUTES else TENTH_OF_HOUR if seconds < IN_HOURS else TENTH_OF_DAY
    return (seconds + step // 2) // step * (step // 60)


class Sample:
    """The times of some cases, to which others can be added.

    They are written as they are counted and kept, and read when they are needed: ``60 2 66 1`` are two cases
    that took 60 minutes and one that took 66.
    """

    __slots__ = ("_texts", "count")

    def __init__(self) -> None:
        self.count = 0
        self._texts: list[str] = []

    def add(self, count: int, text: str) -> None:
        """Add so many cases, with their times."""
        self.count += count
        self._texts.append(text)

    def add_all(self, other: Sample) -> None:
        """Add the cases of another one."""
        self.count += other.count
        self._texts += other._texts

    def content(self) -> tuple[int, str]:
        """How many cases, and their times, each once and in their order."""
        minutes = self._minutes()
        return self.count, " ".join(f"{time} {minutes[time]}" for time in sorted(minutes))

    def times(self) -> Times:
        """Median and 90th percentile."""
        if not self.count:
            return Times()
        minutes = self._minutes()
        return Times(self.count, percentile(minutes, 5) * 60, percentile(minutes, 9) * 60)

    def _minutes(self) -> dict[int, int]:
        minutes: defaultdict[int, int] = defaultdict(int)
        for text in self._texts:
            numbers = map(int, text.split())
            for time, cases in zip(numbers, numbers, strict=True):
                minutes[time] += cases
        return minutes


def percentile(counts: Mapping[int, int], tenths: int) -> float:
    """The value at so many tenths of all, of values and how often there is each.

    Between two values it is interpolated, as ``percentile_cont`` of SQL is: of n values in order it stands at
    index (n - 1) × p. In whole numbers: 0.1 is no exact binary fraction.
    """
    values = sorted(counts)
    ends = list(accumulate(counts[value] for value in values))
    place = (ends[-1] - 1) * tenths
    low, high = (
        values[bisect_right(ends, index)] for index in (place // 10, min(place // 10 + 1, ends[-1] - 1))
    )
    return low + (high - low) * (place % 10) / 10

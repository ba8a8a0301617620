"""What the numbers of the dashboard add up to, whether they were counted just now or kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from hwadmin.domain.dashboard.durations import Sample, Times

K = TypeVar("K")
# Make and model.
Model = tuple[str, str]


class TimesBy(Mapping[K, Times]):
    """The times of each of many groups, worked out for those that are looked at."""

    def __init__(self, samples: Mapping[K, Sample]) -> None:
        self._samples = {key: sample for key, sample in samples.items() if sample.count}

    def __getitem__(self, key: K) -> Times:
        return self._samples[key].times()

    def __iter__(self) -> Iterator[K]:
        return iter(self._samples)

    def __len__(self) -> int:
        return len(self._samples)

    def count(self, key: K) -> int:
        """In how many cases; none of a group that there is not."""
        return self._samples[key].count if key in self._samples else 0


def _samples() -> defaultdict[Any, Sample]:
    return defaultdict(Sample)


@dataclass(slots=True)
class Measured:
    """How long something took, by week, platform and model."""

    by_week: defaultdict[date, Sample] = field(default_factory=_samples)
    by_platform: defaultdict[int, Sample] = field(default_factory=_samples)
    by_model: defaultdict[Model, Sample] = field(default_factory=_samples)

    @property
    def every(self) -> Sample:
        """Of all together."""
        every = Sample()
        for sample in self.by_week.values():
            every.add_all(sample)
        return every


@dataclass(slots=True)
class Sums:
    """Sums of any days and platforms."""

    ordered: Counter[int] = field(default_factory=Counter)
    orders: Counter[Model] = field(default_factory=Counter)
    units: Counter[Model] = field(default_factory=Counter)
    rejected: Counter[date] = field(default_factory=Counter)
    decided: Measured = field(default_factory=Measured)
    fulfilled: Measured = field(default_factory=Measured)

    def content(self) -> dict[str, Any]:
        """The sums of one day or week, as they are kept."""
        return {
            "rejected": self.rejected.total(),
            "decided": self.decided.every.content(),
            "fulfilled": self.fulfilled.every.content(),
            "platforms": [
                (key, self.ordered[key], *_kept(self, "by_platform", key))
                for key in sorted({*self.ordered, *self.decided.by_platform, *self.fulfilled.by_platform})
            ],
            "models": [
                (*key, self.orders[key], self.units[key], *_kept(self, "by_model", key))
                for key in sorted({*self.orders, *self.decided.by_model, *self.fulfilled.by_model})
            ],
        }

    def add_stored(self, monday: date, content: Mapping[str, Any]) -> None:
        """Add what was kept of a day or a week.

        Args:
            monday: the Monday of its week.
            content: as it was kept.
        """
        self.rejected[monday] += content["rejected"]
        self.decided.by_week[monday].add(*content["decided"])
        self.fulfilled.by_week[monday].add(*content["fulfilled"])
        for key, ordered, decided, fulfilled in content["platforms"]:
            self.ordered[key] += ordered
            self.decided.by_platform[key].add(*decided)
            self.fulfilled.by_platform[key].add(*fulfilled)
        for make, model, orders, units, decided, fulfilled in content["models"]:
            self.orders[make, model] += orders
            self.units[make, model] += units
            self.decided.by_model[make, model].add(*decided)
            self.fulfilled.by_model[make, model].add(*fulfilled)


def _kept(sums: Sums, by: str, key: Any) -> list[tuple[int, str]]:
    """What is kept of the times of one group."""
    groups = (getattr(measured, by) for measured in (sums.decided, sums.fulfilled))
    return [(group[key] if key in group else Sample()).content() for group in groups]

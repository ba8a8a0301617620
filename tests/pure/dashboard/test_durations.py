"""How long things took: as it is counted, as it is kept, and what half of them took no longer than."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwadmin.domain.dashboard.durations import (
    IN_HOURS,
    IN_MINUTES,
    MINUTE,
    TENTH_OF_DAY,
    TENTH_OF_HOUR,
    Sample,
    Times,
    counted_minutes,
    percentile,
)
from hwadmin.web.formatting import format_duration

seconds = st.integers(0, 90 * 86_400) | st.integers(0, 3 * 86_400) | st.integers(0, 7_200)


def step(time: float) -> int:
    """How finely a time of so many seconds counts."""
    return MINUTE if time < IN_MINUTES else TENTH_OF_HOUR if time < IN_HOURS else TENTH_OF_DAY


def as_defined(values: list[int], share: float) -> float:
    """``percentile_cont`` as the SQL standard has it."""
    ordered, place = sorted(values), share * (len(values) - 1)
    low = int(place)
    return ordered[low] + (place - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def sample_of(times: list[int]) -> Sample:
    """The sample of some times in seconds, as the database writes it."""
    sample = Sample()
    counts = Counter(map(counted_minutes, times))
    if counts:
        sample.add(len(times), " ".join(f"{minutes} {cases}" for minutes, cases in counts.items()))
    return sample


@given(seconds)
def test_a_time_counts_as_finely_as_it_is_shown(time: int) -> None:
    counted = counted_minutes(time) * 60
    assert abs(counted - time) <= step(time) / 2
    # Between two that are shown, both are as right: a table has tenths of a day from two days on.
    shown_by = TENTH_OF_DAY if time >= 2 * 86_400 else step(time)
    if abs(time % shown_by - shown_by / 2) > step(time) * (shown_by != step(time)) / 2:
        assert format_duration(counted) == format_duration(time).replace("48.0\xa0h", "2.0\xa0days")


@pytest.mark.parametrize(
    ("time", "minutes"),
    [
        (-5, 0),
        (0, 0),
        (29, 0),
        (30, 1),
        (5_399, 90),
        (5_579, 90),
        (5_580, 96),
        (259_019, 4314),
        (259_020, 4320),
        (259_199, 4320),
        (263_519, 4320),
        (263_520, 4464),
    ],
)
def test_times_next_to_a_step(time: int, minutes: int) -> None:
    assert counted_minutes(time) == minutes


@given(st.lists(seconds, min_size=1, max_size=40))
def test_a_percentile_is_off_by_half_of_the_last_digit_beside_it_at_most(times: list[int]) -> None:
    found = sample_of(times).times()
    assert found.count == len(times)
    assert found.median is not None
    assert found.ninetieth is not None
    for value, share in ((found.median, 0.5), (found.ninetieth, 0.9)):
        # The longer one of the two times it lies between.
        beside = sorted(times)[min(int(share * (len(times) - 1)) + 1, len(times) - 1)]
        assert abs(value - as_defined(times, share)) <= step(beside) / 2 + 1e-6


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40), st.integers(0, 10))
def test_percentiles_are_those_of_sql(values: list[int], tenths: int) -> None:
    assert percentile(Counter(values), tenths) == pytest.approx(as_defined(values, tenths / 10))


@given(st.lists(st.lists(seconds, max_size=12), max_size=6))
def test_samples_add_up_and_are_kept_as_they_are(parts: list[list[int]]) -> None:
    together, kept = Sample(), Sample()
    for part in parts:
        together.add_all(sample_of(part))
        kept.add(*sample_of(part).content())
    every = sample_of([time for part in parts for time in part])
    assert together.times() == kept.times() == every.times()
    assert together.content() == kept.content() == every.content()


def test_nothing_took_no_time() -> None:
    assert Sample().times() == Times()
    assert Sample().content() == (0, "")

"""Stretches of time: what is left of one without others, and what they have beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hwadmin.domain.dashboard.stretches import Stretch, beyond, without

BEGIN = datetime(2026, 11, 2, tzinfo=UTC)


def stretch(start: int, end: int) -> Stretch:
    return Stretch(BEGIN + timedelta(hours=start), BEGIN + timedelta(hours=end))


def hours(stretches: list[Stretch]) -> list[int]:
    """The hours they have, each as often as it is had."""
    return sorted(
        hour
        for one in stretches
        for hour in range((one.start - BEGIN) // timedelta(hours=1), (one.end - BEGIN) // timedelta(hours=1))
    )


# No two of what is taken have an hour in common, as no two kept spans have a day.
cuts = st.lists(st.integers(-6, 30), max_size=8, unique=True).map(sorted)


@given(st.integers(0, 12), st.integers(1, 12), cuts)
def test_what_is_left_and_what_is_beyond(start: int, length: int, ends: list[int]) -> None:
    whole = stretch(start, start + length)
    taken = [stretch(*pair) for pair in zip(ends[::2], ends[1::2], strict=False)]
    inside, others = set(hours([whole])), hours(taken)
    assert hours(without(whole, taken)) == sorted(inside - set(others))
    assert hours(beyond(whole, taken)) == [hour for hour in others if hour not in inside]


def test_days_are_those_of_utc() -> None:
    assert Stretch.of_days(date(2026, 11, 2), date(2026, 11, 3)) == stretch(0, 48)

"""How a moment and a day are written and read, in the time zone of whoever reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwadmin.domain.dates import (
    day_of,
    format_date,
    format_datetime,
    format_day_and_month,
    format_time,
    in_zone,
    iso_datetime,
    start_of,
    zone,
    zone_name,
)

WINTER = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
SUMMER = datetime(2026, 7, 31, 23, 30, tzinfo=UTC)
ZONES = (
    "UTC",
    "Europe/Dublin",
    "Asia/Kolkata",
    "America/St_Johns",
    "Pacific/Kiritimati",
    "America/Sao_Paulo",
)


def test_a_moment_is_written_in_utc_where_nobody_reads_it() -> None:
    assert format_datetime(WINTER) == "31 Jan 2026, 23:30 UTC"
    assert zone() is UTC


@pytest.mark.parametrize(
    ("name", "moment", "text"),
    [
        ("Europe/Dublin", WINTER, "31 Jan 2026, 23:30 GMT"),
        ("Europe/Dublin", SUMMER, "1 Aug 2026, 00:30 IST"),
        ("Europe/Paris", SUMMER, "1 Aug 2026, 01:30 CEST"),
        ("Asia/Kolkata", WINTER, "1 Feb 2026, 05:00 IST"),
        ("Asia/Kathmandu", WINTER, "1 Feb 2026, 05:15 UTC+5:45"),
        ("America/Sao_Paulo", WINTER, "31 Jan 2026, 20:30 UTC-3"),
        ("America/St_Johns", SUMMER, "31 Jul 2026, 21:00 NDT"),
    ],
)
def test_a_moment_is_written_in_the_time_of_its_reader(name: str, moment: datetime, text: str) -> None:
    with in_zone(ZoneInfo(name)):
        assert format_datetime(moment) == text
        assert text.startswith(f"{format_date(moment)}, {format_time(moment)} ")
        assert text.startswith(format_day_and_month(moment))
    assert zone() is UTC


def test_programs_read_a_moment_in_utc_whoever_reads_the_page() -> None:
    with in_zone(ZoneInfo("Asia/Kathmandu")):
        assert iso_datetime(WINTER) == iso_datetime(WINTER.astimezone(zone())) == "2026-01-31T23:30:00Z"
        assert zone_name(WINTER) == "UTC+5:45"
    assert zone_name(WINTER) == "UTC"


def test_a_day_is_the_same_day_everywhere() -> None:
    for name in ZONES:
        with in_zone(ZoneInfo(name)):
            assert format_date(date(2026, 3, 1)) == "1 Mar 2026"


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.sampled_from(ZONES))
def test_a_day_begins_with_its_first_moment(day: date, name: str) -> None:
    with in_zone(ZoneInfo(name)):
        start = start_of(day)
        assert day_of(start) == day
        assert day_of(start - timedelta(microseconds=1)) == day - timedelta(days=1)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_first_and_the_last_day_begin_everywhere(day: date) -> None:
    for name in ZONES:
        with in_zone(ZoneInfo(name)):
            assert abs(start_of(day) - datetime(day.year, day.month, day.day, tzinfo=UTC)) < timedelta(days=1)

"""How a moment and a day are written: one way each, in the time zone of whoever reads them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, tzinfo

_zone: ContextVar[tzinfo] = ContextVar("hwadmin_zone", default=UTC)


def zone() -> tzinfo:
    """The time zone moments are written and days are read in: UTC where nobody's is known."""
    return _zone.get()


@contextmanager
def in_zone(reader: tzinfo) -> Iterator[None]:
    """Write moments and read days in another time zone for a block."""
    before = _zone.set(reader)
    try:
        yield
    finally:
        _zone.reset(before)


def zone_name(moment: datetime) -> str:
    """What the reader's time zone is called at a moment: ``UTC``, ``CET``, ``UTC+5:30``."""
    return _zone_name(moment.astimezone(zone()))


def _zone_name(there: datetime) -> str:
    name = there.tzname() or ""
    if name.isalpha():
        return name
    minutes = round((there.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def day_of(moment: date) -> date:
    """The day a moment falls on for the reader; a day is one already."""
    return moment.astimezone(zone()).date() if isinstance(moment, datetime) else moment


def start_of(day: date) -> datetime:
    """The moment a day begins for the reader."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone())
    try:
        return midnight.astimezone(UTC)
    except OverflowError:  # Next to the first or the last moment there is.
        return midnight.replace(tzinfo=UTC)


def format_date(day: date) -> str:
    """A day, for people: ``21 Nov 2026``."""
    day = day_of(day)
    return f"{day.day} {day:%b %Y}"


def format_day_and_month(day: date) -> str:
    """A day of a year that is known: ``21 Nov``."""
    day = day_of(day)
    return f"{day.day} {day:%b}"


def format_time(moment: datetime) -> str:
    """A time of a day that is known: ``14:02``."""
    return f"{moment.astimezone(zone()):%H:%M}"


def format_datetime(moment: datetime) -> str:
    """A moment with its zone, for people: ``21 Nov 2026, 14:02 UTC``."""
    there = moment.astimezone(zone())
    return f"{there.day} {there:%b %Y, %H:%M} {_zone_name(there)}"


def iso_datetime(moment: datetime) -> str:
    """A moment in ISO 8601 and UTC, to the second, for programs: ``2026-11-21T14:02:31Z``."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

"""How moments and amounts are written on pages: the template filters."""

from __future__ import annotations

from datetime import date, datetime

import humanize
from flask import Flask

from hwadmin.amounts import money
from hwadmin.clock import utcnow


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, for the markup."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def exact_time(moment: datetime) -> str:
    """The exact time with its zone, for people: ``21 Nov 2026, 14:02 UTC``."""
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def day(value: date) -> str:
    """A date: ``21 Nov 2026``."""
    return f"{value.day} {value:%b %Y}"


def date_short(moment: datetime) -> str:
    """A date in a narrow column: ``21 Nov``, with the year where it is not this one."""
    return f"{moment.day} {moment:%b}" if moment.year == utcnow().year else day(moment)


def ago(moment: datetime) -> str:
    """How long ago, in words."""
    return humanize.naturaltime(utcnow() - moment)


def age(moment: datetime) -> str:
    """How old, in words, for a column that says so in its head: ``6 days``."""
    return humanize.naturaldelta(utcnow() - moment)


def how_long(seconds: float | None) -> str:
    """A measured time: ``45 min``, ``5.3 h``, ``3.2 days``; a dash where nothing was measured."""
    if seconds is None:
        return "–"
    if seconds < 5400:
        return f"{seconds / 60:.0f}\N{NO-BREAK SPACE}min"
    if seconds < 172_800:
        return f"{seconds / 3600:.1f}\N{NO-BREAK SPACE}h"
    return f"{seconds / 86_400:.1f}\N{NO-BREAK SPACE}days"


def install(app: Flask) -> None:
    """Offer them to every template."""
    for filter_ in (iso, exact_time, day, date_short, ago, age, how_long, money):
        app.template_filter()(filter_)

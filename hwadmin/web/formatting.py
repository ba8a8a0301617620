"""How moments, amounts and choices are written on pages: what all templates can use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

import humanize
from flask import Flask
from markupsafe import Markup, escape

from hwadmin.clock import utcnow
from hwadmin.domain.dates import (
    day_of,
    format_date,
    format_datetime,
    format_day_and_month,
    format_time,
    iso_datetime,
    zone,
    zone_name,
)
from hwadmin.domain.money import money
from hwadmin.domain.wording import from_to


def format_date_short(moment: datetime) -> str:
    """A date in a narrow column: ``21 Nov``, with the year where it is not this one."""
    return (
        format_day_and_month(moment) if day_of(moment).year == day_of(utcnow()).year else format_date(moment)
    )


def local_input(moment: datetime) -> str:
    """A moment as a field for a day and a time wants it, to the second: ``2026-11-21T14:02:31``."""
    return moment.astimezone(zone()).replace(tzinfo=None).isoformat(timespec="seconds")


def ago(moment: datetime) -> str:
    """How long ago, or in how long, in words."""
    words = humanize.naturaltime(utcnow() - moment)
    return f"in {words.removesuffix(' from now')}" if words.endswith(" from now") else words


def age(moment: datetime) -> str:
    """How old, in words, for a column that says so in its head: ``6 days``."""
    return humanize.naturaldelta(utcnow() - moment)


def format_duration(seconds: float | None) -> str:
    """A measured time: ``45 min``, ``5.3 h``, ``3.2 days``; a dash where nothing was measured."""
    if seconds is None:
        return "–"
    if seconds < 5400:
        return f"{seconds / 60:.0f}\N{NO-BREAK SPACE}min"
    if seconds < 172_800:
        return f"{seconds / 3600:.1f}\N{NO-BREAK SPACE}h"
    return f"{seconds / 86_400:.1f}\N{NO-BREAK SPACE}days"


@lru_cache(maxsize=4096)
def escaped(text: str) -> Markup:
    """The text as markup. The rows of a page name few platforms, persons and places, each many times."""
    return escape(text)


def platform_options(platforms: Iterable[tuple[int, str]], chosen: int | str | None) -> Markup:
    """The options of a field that narrows a list to one of these platforms; there may be hundreds."""
    return _options(tuple(platforms), str(chosen))


@lru_cache(maxsize=64)
def _options(choices: tuple[tuple[int, str], ...], chosen: str) -> Markup:
    return Markup("").join(
        Markup('<option value="{}"{}>{}</option>').format(
            key, Markup(" selected") if str(key) == chosen else "", name
        )
        for key, name in choices
    )


def install(app: Flask) -> None:
    """Offer them to every template."""
    app.add_template_global(platform_options)
    for filter_ in (
        iso_datetime,
        format_datetime,
        format_date,
        format_date_short,
        format_time,
        day_of,
        zone_name,
        local_input,
        format_duration,
        ago,
        age,
        money,
        from_to,
    ):
        app.template_filter()(filter_)

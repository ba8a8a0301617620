"""The time zone pages are written in: the browser's, which a script leaves in a cookie; UTC until it has."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import Flask, g, request

from hwadmin.domain import dates

COOKIE = "hwadmin_time_zone"
# Programs read UTC, whatever browser they run in.
_PROGRAMS = ("/api/", "/scim/")


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """The time zone of a name such as ``Europe/Dublin``; UTC where there is none of that name."""
    try:
        return ZoneInfo(name[:64])
    except (ValueError, OSError, LookupError):
        return UTC


def _before_request() -> None:
    if request.path.startswith(_PROGRAMS):
        return
    if name := request.cookies.get(COOKIE):
        g.time_zone = ExitStack()
        g.time_zone.enter_context(dates.in_zone(zone_of(name)))


def _teardown_request(_error: BaseException | None) -> None:
    if block := g.pop("time_zone", None):
        block.close()


def install(app: Flask) -> None:
    """Read each page's time zone from its request."""
    app.before_request(_before_request)
    app.teardown_request(_teardown_request)

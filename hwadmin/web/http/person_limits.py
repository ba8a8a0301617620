"""What costs more than other pages, a person may have so often in a minute: reading lists, and searching.

All workers of a machine count together. Searching by the API counts with the requests of its token.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeVar

from flask import Flask, current_app, request
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.list_import.isolation import isolated
from hwadmin.web import access
from hwadmin.web.http.rate_limit import RequestLimit

T = TypeVar("T")

UPLOADS, SEARCHES = "hwadmin_upload_limit", "hwadmin_search_limit"
_SEARCHED = ("q", "query", "search")
# A list may keep a worker for seconds; the others are for everybody else. A usual list takes milliseconds.
_READ_AT_ONCE, _WAIT_SECONDS, _LOOK_SECONDS = 2, 0.3, 0.02


def install(app: Flask) -> None:
    """Count searches before every request of a signed-in person."""
    settings: Settings = app.config["HWADMIN"]
    for name, per_minute in (
        (UPLOADS, settings.uploads_per_minute),
        (SEARCHES, settings.searches_per_minute),
    ):
        counts = settings.instance / name.replace("hwadmin", "request-counts").replace("_limit", "")
        app.extensions[name] = RequestLimit.shared(per_minute, counts)
    access.add_condition(app, _count_search)


def read_upload(sent: bytes | str, read: Callable[[], T]) -> T:
    """Read what somebody sent while no transaction is open: in a process of its own, but for a short list.

    Args:
        sent: the file or text.
        read: a pure function, see ``isolated``.

    Raises:
        TooManyRequests: this person has sent too many lists within a minute.
        ServiceUnavailable: other lists are being read, and take their time.
        InvalidInput: it takes too long or too much memory; and whatever the function raises.
    """
    from hwadmin.list_import.file_reading import is_short_list

    _count(UPLOADS, "send {:,} lists a minute")
    db.session.rollback()
    if is_short_list(sent):
        return read()
    with _one_of_few(current_app.config["HWADMIN"].instance):
        return isolated(read)


def _count_search() -> None:
    if (
        request.method == "GET"
        and request.args
        and any(request.args.get(name, "").strip() for name in _SEARCHED)
    ):
        _count(SEARCHES, "search {:,} times a minute")


def _count(name: str, what: str) -> None:
    limit: RequestLimit = current_app.extensions[name]
    allowance = limit.count(str(access.current_actor().id))
    if allowance.refused:
        seconds = allowance.reset_seconds
        raise TooManyRequests(
            f"You may {what.format(limit.per_minute)}. Nothing was changed; go on in {seconds} seconds.",
            retry_after=seconds,
        )


@contextmanager
def _one_of_few(instance: Path) -> Iterator[None]:
    """One of the few places for reading lists, of all workers of the machine."""
    places = []
    try:
        for number in range(_READ_AT_ONCE):
            places.append(
                os.open(instance / f"list-reading-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            )
    except OSError:
        # Nowhere to agree with the other workers: the limits of each reading are what is left.
        places = []
    try:
        if places:
            _take_one(places)
        yield
    finally:
        for place in places:
            os.close(place)


def _take_one(places: list[int]) -> None:
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        for place in places:
            try:
                fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            return
        if time.monotonic() > until:
            _busy()
        time.sleep(_LOOK_SECONDS)


def _busy() -> NoReturn:
    raise ServiceUnavailable(
        "Other lists are being read just now. Nothing was changed; send yours again in a few seconds.",
        retry_after=5,
    )

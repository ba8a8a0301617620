"""Around everything: each request gets an id, and when it is answered, a line in the log and its counts."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from flask import Flask, g, request
from werkzeug.wsgi import ClosingIterator

from hwadmin.config import Settings
from hwadmin.db import statements
from hwadmin.logs import logger
from hwadmin.operations.audit import recording
from hwadmin.web.monitoring.counts import SharedCounts, bucket, counter, total

HEADER = "X-Request-Id"
COUNTS = "hwadmin_counts"
# In seconds. A page takes some hundredths; what takes more than ten is near the end of a worker's patience.
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 5.0, 15.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NO_ROUTE = "none"
_log = logger("hwadmin.requests")


@dataclass(slots=True)
class Observed:
    """One request, as far as it has come."""

    request_id: str
    method: str
    started: float
    tally: statements.Tally
    # The HTTP status of the answer; 0: none yet.
    answer: int = 0
    # The pattern of its address: the address itself may name people and things.
    route: str = _NO_ROUTE
    actor_id: int | None = None
    seconds: float = field(default=0.0)


_observed: ContextVar[Observed | None] = ContextVar("hwadmin_observed", default=None)


class ObservedRequests:
    """Wraps the whole application; nothing it refuses goes unseen."""

    def __init__(self, app: WSGIApplication, settings: Settings, counts: SharedCounts) -> None:
        """Wrap an application."""
        self.app, self.counts = app, counts
        self.slow_request = settings.slow_request_ms / 1000
        self.slow_statement = settings.slow_statement_ms / 1000

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on, and look at it when its answer was sent."""
        method = environ.get("REQUEST_METHOD", "")
        seen = Observed(
            str(uuid.uuid4()),
            method if method in _METHODS else "other",
            time.perf_counter(),
            statements.Tally(slow_seconds=self.slow_statement),
        )
        _observed.set(seen)
        statements.tally.set(seen.tally)
        recording.request_id.set(seen.request_id)
        structlog.contextvars.bind_contextvars(request_id=seen.request_id)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            seen.answer = int(status[:3])
            headers.append((HEADER, seen.request_id))
            return start_response(status, headers, exc_info)

        try:
            answer = self.app(environ, start)
        except BaseException:
            seen.answer = seen.answer or 500
            self._finish(seen)
            raise
        return ClosingIterator(answer, lambda: self._finish(seen))

    def _finish(self, seen: Observed) -> None:
        seen.seconds = time.perf_counter() - seen.started
        slow = bool(self.slow_request) and seen.seconds >= self.slow_request
        (_log.warning if slow else _log.info)(
            "slow request" if slow else "request",
            request_id=seen.request_id,
            method=seen.method,
            route=seen.route,
            status=seen.answer,
            actor_id=seen.actor_id,
            ms=round(seen.seconds * 1000, 1),
            statements=seen.tally.statements,
            database_ms=round(seen.tally.seconds * 1000, 1),
        )
        try:
            self.counts.add(_amounts(seen))
        except OSError as error:
            _log.warning("metrics cannot be written", errno=error.errno)
        structlog.contextvars.unbind_contextvars("request_id")
        statements.tally.set(None)
        _observed.set(None)


def _amounts(seen: Observed) -> Iterable[tuple[str, str, float]]:
    upper = next((str(upper) for upper in BUCKETS if seen.seconds <= upper), "+Inf")
    answers, seconds, statements_key, database, *buckets = _keys(seen.method, seen.route, seen.answer)
    yield "counter", answers, 1
    yield "counter", statements_key, seen.tally.statements
    yield "counter", database, seen.tally.seconds
    yield "histogram", seconds, seen.seconds
    # All of them, that those which stay at zero are there too.
    for key, of in zip(buckets, (*map(str, BUCKETS), "+Inf"), strict=True):
        yield "histogram", key, 1 if of == upper else 0


@lru_cache(maxsize=4096)
def _keys(method: str, route: str, status: int) -> tuple[str, ...]:
    where = {"method": method, "route": route}
    return (
        counter("hwadmin_requests", **where, status=str(status)),
        total("hwadmin_request_seconds", **where),
        counter("hwadmin_statements", **where),
        counter("hwadmin_database_seconds", **where),
        *(bucket("hwadmin_request_seconds", upper, **where) for upper in (*map(str, BUCKETS), "+Inf")),
    )


def _note_route() -> None:
    seen = _observed.get()
    if seen is not None and request.url_rule is not None:
        seen.route = request.url_rule.rule


def _note_actor(_error: BaseException | None) -> None:
    seen, actor = _observed.get(), g.get("actor")
    if seen is not None and actor is not None:
        seen.actor_id = actor.id


def install(app: Flask, settings: Settings) -> None:
    """See every request to the app; call this before anything else looks at requests."""
    counts = SharedCounts(settings.instance / "metrics")
    app.extensions[COUNTS] = counts
    app.before_request(_note_route)
    app.teardown_request(_note_actor)


def wrap(app: Flask, settings: Settings) -> None:
    """Put the outermost layer around the app; call this after everything else was wrapped around it."""
    app.wsgi_app = ObservedRequests(app.wsgi_app, settings, app.extensions[COUNTS])  # type: ignore[method-assign]

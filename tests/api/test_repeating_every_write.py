"""Every write of the API can be sent again under its key: one effect, and the same answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from hwadmin.api import calls
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import AuditEvent, IdempotencyRecord
from hwadmin.web.http.bearer_auth import LIMIT
from hwadmin.web.http.rate_limit import RequestLimit
from tests.builders import World
from tests.guards.access_policy import API, PLATFORM, Route
from tests.seeded_site import Stage, fill

WRITES = [route for route in API if route.method != "GET"]
_CALLERS, _ROUNDS = 16, 20
# Writes without an audit event, and why.
UNRECORDED = {
    "api.copy": "It answers what would be ordered, and changes nothing.",
    "api.ping": "An empty message, and it stands among the webhook's deliveries.",
}


def test_the_walk_knows_every_write() -> None:
    known = {route.endpoint for route in WRITES}
    assert known == {f"api.{one.name}" for one in calls.CALLS if one.writes}, (
        "Each writing call has a row in tests/guards/access_policy.py; it says what is sent."
    )


class Repeated:
    """One write as somebody who may do it sends it, however often, under one key."""

    def __init__(self, stage: Stage, route: Route, key: str) -> None:
        things = stage.things["northwind"]
        self.stage, self.route, self.key = stage, route, key
        self.persona = "piet" if route.may & PLATFORM else "ada"
        self.path = stage.address(route, things)
        self.data = fill(route.body, things) if route.body else None

    def send(self) -> Any:
        return self.stage.send(
            self.route, self.persona, self.path, self.data, headers={"Idempotency-Key": self.key}
        )


@pytest.mark.slow
def test_every_write_is_done_once(stage: Stage) -> None:
    problems = []
    for route in WRITES:
        if route.answer >= 400:
            continue  # What is refused here is remembered nowhere.
        with stage.undone():
            write = Repeated(stage, route, f"again {route.endpoint}")
            events = _events(stage)
            first = write.send()
            if (_events(stage) > events) == (write.route.endpoint in UNRECORDED):
                problems.append(f"{route}: {_events(stage) - events} audit events")
            rows = stage.row_writes()
            again = write.send()
            if first.status_code != route.answer or "Idempotency-Replayed" in first.headers:
                problems.append(f"{route}: {first.status_code} {first.text[:200]}")
            if (first.status_code, first.data, first.headers.get("ETag"), first.headers.get("Location")) != (
                again.status_code,
                again.data,
                again.headers.get("ETag"),
                again.headers.get("Location"),
            ):
                problems.append(f"{route}: another answer, {again.status_code} {again.text[:200]}")
            if problem := _readable(stage, write.key, first):
                problems.append(f"{route}: keeps {problem}")
            if "Idempotency-Replayed" not in again.headers or stage.row_writes() != rows:
                problems.append(f"{route}: was done again")
    assert problems == []


def _events(stage: Stage) -> int:
    return stage.connection.scalar(select(func.count()).select_from(AuditEvent.__table__)) or 0


def _readable(stage: Stage, key: str, answer: Any) -> list[str]:
    """What of an answer's body can be read in what is kept of the request."""
    kept = stage.connection.execute(
        select(IdempotencyRecord.__table__).where(IdempotencyRecord.key == key)
    ).one()
    assert kept.body
    return sorted({text for text in _texts(answer.json) if len(text) > 5 and text in kept.body})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(part)


@pytest.mark.both_databases
@pytest.mark.full
@pytest.mark.slow
def test_sixteen_callers_at_once_have_one_effect(own_app: Flask) -> None:
    """Each write by sixteen callers under one key, and again under other keys, as the rows are by then."""
    own_app.extensions[LIMIT] = RequestLimit(10**7)
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE), db.engine.connect() as connection:
        stage = Stage(own_app, connection, World())
        connection.rollback()
        db.session.remove()
    problems: list[str] = []
    for route in WRITES:
        for number in range(_ROUNDS):
            problems += _race(own_app, Repeated(stage, route, f"round {number} {route.endpoint}"))
    assert problems == []


def _race(app: Flask, write: Repeated) -> list[str]:
    before = _last_event(app)
    start = threading.Barrier(_CALLERS)
    answers: list[Any] = []

    def send() -> None:
        start.wait()
        answers.append(write.send())

    threads = [threading.Thread(target=send) for _ in range(_CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = [answer for answer in answers if answer.status_code < 400]
    problems = []
    # Who finds the database busy is asked to come again, and finds the answer then.
    if any(answer.status_code >= 500 and answer.status_code != 503 for answer in answers):
        problems.append(f"{write.route}: {sorted(answer.status_code for answer in answers)}")
    if len({answer.data for answer in done}) > 1:
        problems.append(f"{write.route}: {len({answer.data for answer in done})} answers")
    if done and sum("Idempotency-Replayed" not in answer.headers for answer in done) != 1:
        problems.append(f"{write.route}: done more than once")
    if (requests := _requests_since(app, before)) > 1:
        problems.append(f"{write.route}: {requests} effects")
    return problems


def _last_event(app: Flask) -> int:
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        last = db.session.scalars(select(AuditEvent.id).order_by(AuditEvent.id.desc()).limit(1)).one()
        db.session.remove()
    return last


def _requests_since(app: Flask, event_id: int) -> int:
    """How many requests left an audit event since."""
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        found = db.session.scalars(select(AuditEvent.request_id).where(AuditEvent.id > event_id)).all()
        db.session.remove()
    return len(set(found))

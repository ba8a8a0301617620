"""The line a request leaves in the log, its id, and that neither log nor metrics hold what was sent."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from hwadmin import logs
from hwadmin.db import statements
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.models import AuditEvent
from hwadmin.web.monitoring.requests import HEADER
from tests.api.callers import Callers
from tests.builders import Clients, World, an_identifier

PLANTED = "plantedword"


class Lines(logging.Handler):
    """What the log says, as the JSON lines of a deployment."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []
        self.setFormatter(logs.form(json=True))

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))

    @property
    def found(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.texts]

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.found if line["event"] in {"request", "slow request"}]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def slow_at_once(app: Flask) -> Iterator[None]:
    """Whatever takes any time is slow."""
    observed: Any = app.wsgi_app
    kept = observed.slow_request, observed.slow_statement
    observed.slow_request = observed.slow_statement = 1e-9
    yield
    observed.slow_request, observed.slow_statement = kept


def test_a_request_leaves_one_line_with_what_it_cost(clients: Clients, world: World, lines: Lines) -> None:
    page = clients.piet.get("/orders/", buffered=True)
    [line] = lines.requests
    assert line.pop("timestamp").endswith("Z")
    assert line.pop("ms") >= line.pop("database_ms") > 0
    assert line.pop("statements") > 2
    assert line == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "route": "/orders/",
        "status": 200,
        "actor_id": world.piet.id,
        "request_id": page.headers[HEADER],
    }


def test_the_id_is_that_of_the_audit_events(clients: Clients, world: World, lines: Lines) -> None:
    order = world.an_order()
    page = f"/orders/{order.reference}/approve"
    answer = clients.ada.post(page, data={"version": order.version}, buffered=True)
    assert answer.status_code in {302, 303}
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert event.kind == "order.approved"
    assert event.request_id == answer.headers[HEADER] == lines.requests[-1]["request_id"]
    assert lines.requests[-1]["route"] == "/orders/<reference>/approve"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/livez", {}, 200),
        ("/static/nothing.css", {}, 404),
        ("/no/such/page", {}, 302),
        ("/api/v1/orders", {}, 401),
        ("/api/v1/orders", {"Authorization": "Bearer hwa_nothing"}, 401),
        ("/scim/v2/1/Users", {}, 401),
        ("/orders/", {"Host": "evil.example"}, 400),
    ],
)
def test_every_answer_has_an_id_of_its_own(
    clients: Clients, lines: Lines, path: str, headers: dict[str, str], status: int
) -> None:
    answers = [clients.anonymous.get(path, headers=headers, buffered=True) for _ in range(2)]
    ids = [answer.headers[HEADER] for answer in answers]
    assert len(set(ids)) == 2
    assert [line["request_id"] for line in lines.requests] == ids
    if path not in {"/no/such/page"}:
        assert [answer.status_code for answer in answers] == [status] * 2


def test_a_form_whose_token_is_refused_has_an_id_too(app: Flask, clients: Clients, lines: Lines) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = clients.piet.post("/sign-out", buffered=True)
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 400
    assert answer.headers[HEADER] == lines.requests[-1]["request_id"]


def test_an_id_that_somebody_sends_does_not_count(clients: Clients, lines: Lines) -> None:
    answer = clients.anonymous.get("/livez", headers={HEADER: PLANTED}, buffered=True)
    assert PLANTED not in answer.headers[HEADER]


@pytest.mark.usefixtures("slow_at_once")
def test_what_is_slow_is_a_warning_with_its_sql_and_without_its_values(
    clients: Clients, lines: Lines
) -> None:
    clients.piet.get(f"/orders/?search={PLANTED}", buffered=True)
    assert lines.requests[-1]["event"] == "slow request"
    assert lines.requests[-1]["level"] == "warning"
    slow = [line for line in lines.found if line["event"] == "slow statement"]
    assert slow
    assert all(line["request_id"] == lines.requests[-1]["request_id"] for line in slow)
    assert any("FROM hardware_order" in line["sql"] for line in slow)
    assert PLANTED not in "".join(lines.texts).lower()


def test_statements_are_counted_only_within_a_request(world: World) -> None:
    db.session.execute(text("SELECT 1"))
    counted = statements.Tally()
    statements.tally.set(counted)
    db.session.execute(text("SELECT 1"))
    statements.tally.set(None)
    db.session.execute(text("SELECT 1"))
    assert counted.statements == 1
    assert counted.seconds > 0


def test_a_fault_is_logged_by_kind_and_place_without_its_words(
    app: Flask, clients: Clients, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        try:
            db.session.execute(text("SELECT nothing_such, :word"), {"word": PLANTED})
        except Exception as error:
            raise ValueError(f"bad value {PLANTED}") from error

    monkeypatch.setattr("hwadmin.web.layout._waiting_counts", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = clients.piet.get("/devices/", buffered=True)
    assert answer.status_code == 500
    [fault] = [line for line in lines.found if line["level"] == "error"]
    assert fault["fault"][0]["type"].endswith(".ValueError")
    assert any("layout.py" in place for place in fault["fault"][0]["at"])
    assert fault["request_id"] == answer.headers[HEADER]
    assert PLANTED not in "".join(lines.texts)


def test_a_fault_is_short_for_people_too() -> None:
    """With the values of all variables of all frames, one fault was 400 kB of mostly blanks."""
    bulky = "blank " * 10_000
    try:
        int(bulky[:9])
    except ValueError:
        fault = sys.exc_info()
    record = logging.LogRecord("hwadmin", logging.ERROR, __file__, 1, "It failed", (), fault)
    text = logs.form(json=False).format(record)
    assert "ValueError" in text
    assert len(text) < 1_000


@pytest.mark.usefixtures("slow_at_once")
def test_neither_log_nor_metrics_hold_what_people_send_or_are(
    app: Flask, clients: Clients, world: World, lines: Lines
) -> None:
    account = world.an_account(name=f"{PLANTED} Clinic")
    order = world.an_order(account=account)
    identifier = an_identifier(Kind.DESKPHONE)
    visitor = clients.piet
    hidden = {"User-Agent": PLANTED, "Referer": f"http://localhost/{PLANTED}", "X-Forwarded-For": PLANTED}
    for path in (
        f"/orders/{order.reference}",
        f"/orders/{PLANTED}",
        f"/{PLANTED}?next={PLANTED}",
        f"/orders/?search={PLANTED}&order={PLANTED}",
        f"/search/?q={PLANTED}",
        f"/accounts/?search={PLANTED}",
        f"/audit/?request={PLANTED}",
        f"/devices/?search={identifier}",
        f"/search/?q={identifier}",
    ):
        visitor.get(path, headers=hidden, buffered=True)
    form = {"email": f"{PLANTED}@example.com", "password": PLANTED, "name": PLANTED, "reason": PLANTED}
    for path in ("/sign-in", f"/orders/{order.reference}/reject", "/accounts/new/", f"/{PLANTED}"):
        visitor.post(path, data=form, headers=hidden, buffered=True)
        clients.anonymous.post(path, data=form, headers=hidden, buffered=True)
    visitor.open("/orders/", method=PLANTED.upper(), buffered=True)
    caller = Callers(app, world).piet
    caller.post("/orders", {"account_id": account.id, "notes": PLANTED}, buffered=True)
    caller.get(f"/devices?identifier={PLANTED}", buffered=True)
    caller.get(f"/devices?identifier={identifier}", buffered=True)
    wrong = {"Authorization": f"Bearer {PLANTED}"}
    clients.anonymous.get("/api/v1/orders", headers=wrong, buffered=True)
    words = [PLANTED, caller.secret or "", order.reference, world.piet.email, world.piet.name, account.name]
    words.append(identifier)
    app.config["HWADMIN"] = replace(kept := app.config["HWADMIN"], metrics_token="a-token-for-the-test")
    try:
        asking = {"Authorization": "Bearer a-token-for-the-test"}
        metrics = clients.anonymous.get("/metrics", headers=asking).text
    finally:
        app.config["HWADMIN"] = kept
    assert len(lines.requests) >= 22
    assert holding(words, lines, metrics) == []
    # And what looks for them is not blind.
    logging.getLogger("hwadmin").info("looked up %s", identifier)
    found = holding(words, lines, f'{metrics}hwadmin_requests_total{{route="/{PLANTED}"}} 1')
    assert found == [f"{PLANTED} in the metrics", f"{identifier} in the log"]


def holding(words: Sequence[str], lines: Lines, metrics: str) -> list[str]:
    """Which of these words log and metrics hold."""
    places = {"log": "".join(lines.texts).lower(), "metrics": metrics.lower()}
    return [f"{word} in the {where}" for word in words for where in places if word.lower() in places[where]]

"""Reading lists and searching cost more than other pages: one person may have so much of it, and no more."""

from __future__ import annotations

import fcntl
import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask

from hwadmin.list_import.file_reading import MAX_SHORT_TEXT
from hwadmin.rendering.spreadsheets import xlsx_file
from hwadmin.web.http import person_limits
from hwadmin.web.http.person_limits import SEARCHES, UPLOADS
from hwadmin.web.http.rate_limit import RequestLimit
from tests.api.callers import Callers, problem
from tests.builders import Answer, Browser, Clients, World

ROOT = Path(__file__).resolve().parents[2]
LIST = "MAC\n805EC0A00001"
LONG = LIST + "\n" * MAX_SHORT_TEXT


@pytest.fixture(autouse=True)
def two_a_minute(app: Flask) -> Iterator[None]:
    before = {name: app.extensions[name] for name in (UPLOADS, SEARCHES)}
    app.extensions |= {name: RequestLimit(2, now=lambda: 0.0) for name in before}
    yield
    app.extensions |= before


@pytest.fixture
def path(world: World) -> str:
    order = world.an_order("approved", [("deskphone", 1)])
    return f"/orders/{order.reference}/fulfill/list"


def paste(browser: Browser, path: str, text: str = LIST) -> Answer:
    return browser.post(path, data={"text": text}, headers={"Accept": "text/html"})


def test_who_sends_too_many_lists_waits_and_has_not_lost_the_last(clients: Clients, path: str) -> None:
    assert [paste(clients.ada, path).status_code for _ in range(3)] == [200, 200, 429]
    refused = paste(clients.ada, path)
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert "You may send 2 lists a minute. Nothing was changed" in refused.text
    assert "805EC0A00001" in refused.text, "what was pasted is lost"
    assert "Try again" in refused.text
    # Everything else goes on, for them too.
    assert clients.ada.get("/orders/").status_code == 200


def test_the_pages_and_every_token_of_a_person_count_together(
    app: Flask, world: World, clients: Clients, path: str
) -> None:
    def send() -> Answer:
        """With a new token each time."""
        token = {"Authorization": f"Bearer {Callers(app, world).of(world.ada).secret}"}
        return clients.anonymous.post(f"/api/v1{path}?dry_run=true", data=LIST, headers=token)

    assert paste(clients.ada, path).status_code == 200
    assert send().status_code != 429
    refused = send()
    assert "2 lists a minute" in problem(refused, 429)["detail"]
    assert int(refused.headers["Retry-After"]) > 0


def test_who_searches_too_often_waits_and_others_do_not(clients: Clients) -> None:
    for address in ("/search/?q=clinic", "/search/suggestions?query=cli"):
        assert clients.ada.get(address).status_code == 200
    refused = clients.ada.get("/orders/?search=clinic")
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers
    assert 'href="/orders/?search=clinic"' in refused.text
    assert clients.ada.get("/orders/?search=").status_code == 200
    assert clients.piet.get("/orders/?search=clinic").status_code == 200


def test_while_other_lists_are_read_one_is_told_at_once(app: Flask, clients: Clients, path: str) -> None:
    assert paste(clients.ada, path, LONG).status_code == 200  # the places are there now
    with ExitStack() as places:
        for number in range(person_limits._READ_AT_ONCE):
            file = places.enter_context(
                (app.config["HWADMIN"].instance / f"list-reading-{number}").open("r+b")
            )
            fcntl.flock(file, fcntl.LOCK_EX)
        busy = paste(clients.ada, path, LONG)
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, "5")
        assert "Other lists are being read" in busy.text
        assert "805EC0A00001" in busy.text, "what was pasted is lost"
        app.extensions[UPLOADS] = RequestLimit(2)
        assert paste(clients.ada, path).status_code == 200, "a short text waits for nobody"
        book = io.BytesIO(xlsx_file(["MAC"], [["805EC0A00001"]], "Devices"))
        sent = clients.ada.post(path, data={"file": (book, "list.xlsx")}, headers={"Accept": "text/html"})
        assert sent.status_code == 200, "nor does a short workbook"
    app.extensions[UPLOADS] = RequestLimit(1)
    assert paste(clients.ada, path, LONG).status_code == 200


def test_there_is_no_other_way_to_what_reads_lists() -> None:
    importers = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "hwadmin").rglob("*.py")
        if "list_import.isolation" in file.read_text()
    }
    assert importers == {"hwadmin/web/http/person_limits.py"}

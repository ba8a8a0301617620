"""What a worker loads to show the main pages: each library it does without is memory it does not hold."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from flask import Flask
from gunicorn.workers.sync import SyncWorker

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.operations.orders.decisions import approve_order
from hwadmin.operations.people.sessions import open_session
from hwadmin.web.http import gunicorn_worker
from tests.builders import World

# Loaded by what few workers ever do, where they do it; in MiB about what each takes.
FORBIDDEN = {
    "alembic": 8,
    "flask_mailman": 1,
    "authlib": 3,
    "cryptography": 10,
    "flask_migrate": 8,
    "joserfc": 3,
    "openpyxl": 20,
    "OpenSSL": 2,
    "PIL": 6,
    "reportlab": 20,
    "scim2_models": 20,
    "scim2_server": 20,
    "segno": 3,
    "webauthn": 2,
    # Of ours: commands, and what reads lists.
    "hwadmin.cli": 1,
    "hwadmin.list_import.file_reading": 1,
    "hwadmin.list_import.records.reading": 1,
    "hwadmin.list_import.matching.unit_lists": 1,
}
PAGES = (
    *("/orders/?status=all", "/orders/{order}", "/orders/{order}/history", "/orders/{order}/fulfill"),
    *("/devices/", "/accounts/", "/catalog/", "/dashboard/", "/audit/", "/outgoing/", "/search/?q=phone"),
    *("/people/", "/platforms/", "/distributors/", "/webhooks/", "/tokens/", "/my-account"),
)
WORKER = """
import json, os, sys
from pathlib import Path
from hwadmin.config import Settings
from hwadmin.factory import create_app
from hwadmin.views.people.browser_session import session_values

url, folder, handle, pages, forbidden = json.load(sys.stdin)
def pydantic_models():
    from hwadmin.schemas.request_models import RequestModel
    from hwadmin.schemas.response_models import ResponseModel
    waiting = [RequestModel, ResponseModel]
    while waiting:
        waiting += waiting[0].__subclasses__()
        yield waiting.pop(0)

client = create_app(Settings(database_url=url, secret_key="x" * 40, instance=Path(folder))).test_client()
with client.session_transaction() as session:
    session.update(session_values(handle))
answers = {page: client.get(page).status_code for page in pages}
# One that is set to None is kept from being loaded.
loaded = [name for name in forbidden if sys.modules.get(name)]
# What checks requests of the API and makes its answers; about 7 KiB each.
built = [model.__name__ for model in pydantic_models() if model.__pydantic_complete__]
print(json.dumps([answers, loaded, built]))
"""


@pytest.mark.slow
def test_the_main_pages_need_no_library_of_those(own_app: Flask) -> None:
    settings = own_app.config["HWADMIN"]
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        order = world.an_order()
        approve_order(world.ada.actor, order.id)
        reference = order.reference
        handle = open_session(world.ada)
        db.session.commit()
        db.session.remove()
    pages = [page.format(order=reference) for page in PAGES]
    given = [settings.database_url, str(settings.instance), handle, pages, list(FORBIDDEN)]
    asked = subprocess.run(
        [sys.executable, "-c", WORKER], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    answers, loaded, built = json.loads(asked.stdout.splitlines()[-1])
    assert {page: status for page, status in answers.items() if status != 200} == {}
    assert loaded == [], "import it where it is used"
    assert built == [], "the models of the API are built by the first request that needs them"


def test_memory_is_given_back_when_a_page_was_shown_first_and_by_whoever_has_grown_and_waits(
    own_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, given_back = gunicorn_worker.WebWorker.__new__(gunicorn_worker.WebWorker), []
    worker.wsgi = own_app
    held = 100_000_000
    monkeypatch.setattr(SyncWorker, "handle", lambda *_: own_app.test_client().get("/login"))
    monkeypatch.setattr(SyncWorker, "wait", lambda _, timeout: timeout)
    monkeypatch.setattr(gunicorn_worker, "resident_bytes", lambda: held)
    monkeypatch.setattr(gunicorn_worker, "give_memory_back", lambda stays: given_back.append(stays))
    worker.handle(None, None, None)
    assert given_back == [True]
    for grown, times in ((0, 1), (gunicorn_worker.GROWTH, 1), (1, 2), (gunicorn_worker.GROWTH, 2), (1, 3)):
        held += grown
        worker.handle(None, None, None)
        assert worker.wait(0.5) == 0.5
        assert len(given_back) == times
    assert given_back == [True, False, False]


def test_the_memory_of_a_process_is_known() -> None:
    before = gunicorn_worker.resident_bytes()
    # Written to, so that it is really held.
    held = bytearray(b"x") * 50_000_000
    assert 40_000_000 < gunicorn_worker.resident_bytes() - before < 80_000_000
    assert held

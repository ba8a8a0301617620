"""What a worker loads to show the main pages: each library it does without is memory it does not hold."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from flask import Flask

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.operations.orders.decisions import approve_order
from hwadmin.operations.people.sessions import open_session
from tests.builders import World

# Loaded by what few workers ever do, where they do it; in MiB about what each takes.
FORBIDDEN = {
    "alembic": 8,
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
client = create_app(Settings(database_url=url, secret_key="x" * 40, instance=Path(folder))).test_client()
with client.session_transaction() as session:
    session.update(session_values(handle))
answers = {page: client.get(page).status_code for page in pages}
# One that is set to None is kept from being loaded.
print(json.dumps([answers, [name for name in forbidden if sys.modules.get(name)]]))
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
    answers, loaded = json.loads(asked.stdout.splitlines()[-1])
    assert {page: status for page, status in answers.items() if status != 200} == {}
    assert loaded == [], "import it where it is used"

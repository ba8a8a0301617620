"""Connections that are cut around a COMMIT, and locks that somebody holds: what is said, and what is kept."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection, event

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import Account, order_id_of
from hwadmin.operations.orders.approvals.links import link_token
from hwadmin.queries.orders.approvals import last_request
from tests import databases
from tests.attacks.test_database_away import Site, a_site, assert_unavailable, orders_of
from tests.builders import Browser
from tests.scim.pushers import refusal, user


class CuttingProxy:
    """Stands before PostgreSQL; once armed, it hangs up at a COMMIT: before its answer, or before it."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.armed, self.swallows = threading.Event(), False
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            upstream = socket.create_connection(self.target)
            for source, sink, watched in ((client, upstream, True), (upstream, client, False)):
                threading.Thread(target=self._pump, args=(source, sink, watched), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, watched: bool) -> None:
        try:
            while data := source.recv(65536):
                if watched and self.armed.is_set() and b"COMMIT" in data:
                    self.armed.clear()
                    source.shutdown(socket.SHUT_RDWR)
                    if self.swallows:
                        sink.shutdown(socket.SHUT_RDWR)
                        return
                sink.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, sink):
                end.close()


@pytest.fixture
def proxied(templates: databases.Templates) -> Iterator[tuple[Site, CuttingProxy]]:
    databases.skip_without_postgresql()
    server = urlsplit(databases.SERVER)
    proxy = CuttingProxy(server.hostname or "127.0.0.1", server.port or 5432)
    with templates["postgresql"].copy() as settings:
        url = re.sub(r"(@|//)([\w.]+)(:\d+)?/", rf"\g<1>127.0.0.1:{proxy.port}/", settings.database_url)
        app = databases.new_app(replace(settings, database_url=url))
        app.config["PROPAGATE_EXCEPTIONS"] = False
        yield a_site(settings, app), proxy
        with app.app_context():
            db.engine.dispose()
        proxy.close()


@pytest.mark.parametrize("swallows", [False, True], ids=["after COMMIT", "before COMMIT"])
def test_a_commit_whose_answer_was_lost_is_not_called_undone(
    proxied: tuple[Site, CuttingProxy], swallows: bool
) -> None:
    """Nobody here can tell the two apart; what was done is done once either way."""
    site, proxy = proxied
    proxy.swallows = swallows
    order = {"account_id": site.account_id, "lines": [{"sku": site.sku, "quantity": 1}]}
    key = {"Idempotency-Key": "order-1"}
    site.api.get("/orders")  # The use of the token is noted by now, in a commit of its own.
    proxy.armed.set()
    lost = site.api.post("/orders", order, headers=key)
    assert_unavailable(lost)
    assert lost.json["type"] == "/api/docs#problem-outcome-unknown"
    assert "may be done" in lost.json["detail"]
    assert "same Idempotency-Key" in lost.json["detail"]
    assert "Nothing was changed" not in lost.text
    assert orders_of(site.app) == (0 if swallows else 1)
    again = site.api.post("/orders", order, headers=key)
    assert again.status_code == 201
    assert orders_of(site.app) == 1
    proxy.armed.set()
    without_key = site.api.post("/orders", order)
    assert "Look before you send it again: GET /api/v1/orders." in without_key.json["detail"]


def test_a_page_says_so_as_well(proxied: tuple[Site, CuttingProxy]) -> None:
    site, proxy = proxied
    made = site.api.post(
        "/orders", {"account_id": site.account_id, "lines": [{"sku": site.sku, "quantity": 1}]}
    )
    reference = made.json["reference"]
    proxy.armed.set()
    form = {"version": made.json["version"], "reason": "The customer moves to Ghent in spring."}
    lost = site.ada.post(f"/orders/{reference}/reject", data=form, headers={"Accept": "text/html"})
    assert_unavailable(lost)
    assert "may be saved, or not" in lost.text
    assert "Nothing was changed" not in lost.text
    # It is not offered to be sent again before they have looked.
    assert "The customer moves to Ghent in spring." not in lost.text


def test_a_directory_is_told_so_as_well(proxied: tuple[Site, CuttingProxy]) -> None:
    site, proxy = proxied
    site.okta.get("/Users")  # The use of the token is noted by now, in a commit of its own.
    proxy.armed.set()
    lost = site.okta("POST", "/Users", user("dana@example.com"))
    assert_unavailable(lost)
    assert "may be saved, or not" in refusal(lost, 503)["detail"]
    # It was saved: who looks finds it, and who sends it again is told so.
    assert site.okta.get("/Users").get_json(force=True)["totalResults"] == 1
    assert "uniqueness" in refusal(site.okta("POST", "/Users", user("dana@example.com")), 409)["scimType"]


@pytest.mark.parametrize("swallows", [False, True], ids=["after COMMIT", "before COMMIT"])
def test_a_manager_is_told_to_look_what_became_of_the_answer(
    proxied: tuple[Site, CuttingProxy], swallows: bool
) -> None:
    site, proxy = proxied
    proxy.swallows = swallows
    with site.app.app_context(), acting_as(db.session, COMMAND_LINE):
        account = db.session.get_one(Account, site.account_id)
        account.requires_manager_approval = True
        account.approver_name, account.approver_email = "Maria Lopez", "maria@example.com"
        db.session.commit()
        lines = [{"sku": site.sku, "quantity": 1}]
        made = site.api.post("/orders", {"account_id": site.account_id, "lines": lines}).json
        asked = last_request(COMMAND_LINE, order_id_of(made["reference"]) or 0)
        assert asked is not None
        link = f"/manager-approval/{made['reference']}/{link_token(databases.SECRET_KEY, asked)}"
        db.session.remove()
    maria = Browser(site.app, site.app.response_class)
    proxy.armed.set()
    lost = maria.post(link, data={"answer": "agree", "version": made["version"]})
    assert_unavailable(lost)
    assert "may have been taken, or not" in lost.text
    assert "Nothing was decided" not in lost.text
    found = maria.get(link)
    assert found.status_code == (200 if swallows else 410)


def test_what_was_typed_outlives_a_lock_that_was_not_to_be_had(own_database: Settings) -> None:
    """On PostgreSQL a row that somebody holds; on SQLite the one lock of all writers."""
    app = databases.new_app(replace(own_database, request_seconds=0.5))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    site = a_site(own_database, app)
    line = {"sku": site.sku, "quantity": 1}
    made = site.api.post("/orders", {"account_id": site.account_id, "lines": [line]}).json
    form = {"version": made["version"], "reason": "The customer moves to Ghent in spring."}
    with app.app_context():
        if site.is_postgresql:
            # Five seconds are for people.
            @event.listens_for(db.engine, "begin")
            def impatient(connection: Connection) -> None:
                connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")

        holder = db.engine.raw_connection()
        holder.cursor().execute(
            "SELECT * FROM hardware_order FOR UPDATE" if site.is_postgresql else "BEGIN IMMEDIATE"
        )
    page = f"/orders/{made['reference']}/reject"
    refused = site.ada.post(page, data=form, headers={"Accept": "text/html"})
    assert_unavailable(refused)
    assert "Nothing was changed" in refused.text
    assert "The customer moves to Ghent in spring." in refused.text
    assert "Try again" in refused.text
    holder.rollback()
    holder.close()
    assert site.ada.post(page, data=form).status_code in (302, 303)
    with app.app_context():
        db.engine.dispose()

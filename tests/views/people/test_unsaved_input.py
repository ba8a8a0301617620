"""What was typed survives a refusal that is not its fault."""

from __future__ import annotations

import html
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from itsdangerous import TimestampSigner

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.people.passwords import Hasher
from hwadmin.domain.permissions import COMMAND_LINE, Role
from hwadmin.factory import create_app
from hwadmin.models import HardwareOrder
from tests.builders import Browser, Clients, World

QUICK = Hasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "tall walnut under bridge"
REASON = "The quote was withdrawn on Friday; please choose another model and order again."
HTML = {"Accept": "text/html"}


@pytest.fixture
def sam(app: Flask, world: World) -> Iterator[Any]:
    """Sam, signed in with a password as deployed: form tokens are checked."""
    app.config.update(PASSWORD_HASHER=QUICK, WTF_CSRF_ENABLED=True)
    for name, email in (("Sam Deciding", "sam@example.com"), ("Toni Other", "toni@example.com")):
        world.a_person(name, Role.SUPER_ADMIN, email=email, password_hash=QUICK.hash(PASSWORD))
    db.session.commit()
    browser = Browser(app, app.response_class)
    sign_in(browser, browser.get("/sign-in").text)
    yield browser
    del app.config["PASSWORD_HASHER"]
    app.config["WTF_CSRF_ENABLED"] = False


def value_of(page: str, name: str) -> str:
    match = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    assert match, page
    return html.unescape(match[1])


def sign_in(sam: Any, page: str, email: str = "sam@example.com", **fields: str) -> Any:
    data = {"csrf_token": value_of(page, "csrf_token"), "email": email, "password": PASSWORD, **fields}
    return sam.post("/sign-in?next=/devices/", data=data, headers=HTML)


def refused(sam: Any, path: str, **fields: str) -> Any:
    """The answer to a form sent after the cookie is gone."""
    token = value_of(sam.get("/my-account").text, "csrf_token")
    sam.delete_cookie("hwadmin_session")
    answer = sam.post(path, data={"csrf_token": token, **fields}, headers=HTML)
    assert answer.status_code == 401
    assert "no-store" in answer.headers["Cache-Control"]
    return answer


def test_the_reason_is_there_after_signing_in_and_rejects_the_order(sam: Any, world: World) -> None:
    order = world.an_order()
    db.session.commit()
    path = f"/orders/{order.reference}/reject"
    version = value_of(sam.get(path).text, "version")
    page = refused(sam, path, version=version, reason=REASON).text
    again = sign_in(sam, page, unsaved_input=value_of(page, "unsaved_input"))
    assert again.status_code == 200
    assert "You are signed in again" in again.text
    assert REASON in html.unescape(again.text)
    sent = sam.post(
        path,
        data={
            "csrf_token": value_of(again.text.split(f'action="{path}"')[1], "csrf_token"),
            "version": value_of(again.text, "version"),
            "reason": REASON,
        },
    )
    assert sent.status_code == 302
    with sam.application.app_context(), acting_as(db.session, COMMAND_LINE):
        assert db.session.get_one(HardwareOrder, order.id).status.value == "rejected"


def test_a_wrong_password_does_not_lose_it(sam: Any) -> None:
    page = refused(sam, "/orders/HW-1/reject", reason=REASON).text
    blob = value_of(page, "unsaved_input")
    wrong = sign_in(sam, page, unsaved_input=blob, password="wrong")
    assert wrong.status_code == 422
    assert value_of(wrong.text, "unsaved_input") == blob


def test_who_signs_in_much_later_still_finds_it(sam: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page to sign in has a token of its own, which ends before what is kept does."""
    page = refused(sam, "/orders/HW-1/reject", reason=REASON).text
    now = TimestampSigner.get_timestamp
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: now(self) + 7190)
    late = sign_in(sam, page, unsaved_input=value_of(page, "unsaved_input"))
    assert late.status_code == 401
    assert "What you had entered is kept" in late.text
    found = sign_in(sam, late.text, unsaved_input=value_of(late.text, "unsaved_input"))
    assert REASON in html.unescape(found.text)


def test_another_person_gets_their_start_page(sam: Any) -> None:
    page = refused(sam, "/orders/HW-1/reject", reason=REASON).text
    answer = sign_in(sam, page, "toni@example.com", unsaved_input=value_of(page, "unsaved_input"))
    assert (answer.status_code, answer.location) == (303, "/")
    assert "withdrawn" not in answer.text


def test_forged_and_expired_input_is_not_shown(sam: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    page = refused(sam, "/orders/HW-1/reject", reason=REASON).text
    blob = value_of(page, "unsaved_input")
    forged = blob[:-3] + "AAA"
    assert sign_in(sam, page, unsaved_input=forged).status_code == 303
    own_page = sam.get("/my-account").text
    assert sign_in(sam, own_page, unsaved_input=value_of(own_page, "csrf_token")).status_code == 303
    page = refused(sam, "/orders/HW-1/reject", reason=REASON).text
    blob = value_of(page, "unsaved_input")
    now = TimestampSigner.get_timestamp
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: now(self) + 7202)
    with sam.application.app_context():
        from hwadmin.web import unsaved_input

        assert unsaved_input.unseal(blob, 1) is None
    assert sign_in(sam, sam.get("/sign-in").text, unsaved_input=blob).status_code == 303
    for sealed in (forged, blob):
        sam.delete_cookie("hwadmin_session")
        stale = {"csrf_token": "stale", "unsaved_input": sealed}
        again = sam.post("/sign-in", data=stale, headers=HTML)
        assert (again.status_code, sealed in again.text) == (401, False)


@pytest.mark.parametrize("token", ["", "forged", "of nobody"])
def test_a_token_that_names_nobody_keeps_nothing(sam: Any, token: str) -> None:
    sam.delete_cookie("hwadmin_session")
    if token == "of nobody":
        token = value_of(sam.get("/sign-in").text, "csrf_token")
        sam.delete_cookie("hwadmin_session")
    data = {"csrf_token": token, "reason": REASON}
    page = sam.post("/orders/HW-1/reject", data=data, headers=HTML)
    assert page.status_code == 401
    assert "unsaved_input" not in page.text


def test_without_a_token_the_form_is_offered_again_escaped(sam: Any) -> None:
    data = {"reason": "</textarea><script>x</script>", 'a"><b': 'c"><i>', "version": "3"}
    page = sam.post("/orders/HW-1/reject", data=data, headers=HTML)
    assert page.status_code == 400
    assert "Try again" in page.text
    assert "Sam Deciding" in page.text
    assert "&lt;/textarea&gt;&lt;script&gt;x" in page.text
    assert "<script>x" not in page.text
    assert "<i>" not in page.text
    other = {**HTML, "Origin": "https://elsewhere.example"}
    assert "Try again" not in sam.post("/orders/HW-1/reject", data=data, headers=other).text


@pytest.mark.parametrize(
    "path",
    [
        *("/sign-in", "/sign-in/code", "/sign-in/passkey", "/sign-in/with/okta", "/sign-in/new-password/1-a"),
        *("/confirm-identity", "/confirm-identity/passkey", "/confirm-identity/with/okta"),
        # To which there is no form at all.
        *("/no-such-page", "//evil.example/orders"),
    ],
)
def test_what_proves_who_one_is_is_never_given_back(sam: Any, path: str) -> None:
    page = sam.post(path, data={"code": "not-to-be-seen"}, headers=HTML)
    assert page.status_code in (308, 400, 404)
    assert "not-to-be-seen" not in page.text


def test_only_a_page_of_this_site_is_given_it_back_and_leads_back_to_one(sam: Any) -> None:
    path, data = "/orders/HW-1/reject", {"csrf_token": "a-token-of-before", "reason": REASON}
    for headers in ({"Accept": "application/json"}, {**HTML, "Origin": "https://elsewhere.example"}):
        assert REASON not in html.unescape(sam.post(path, data=data, headers=headers).text)
    for referrer in ("http://localhost//evil.example/", "http://evil.example/their-page"):
        page = sam.post(path, data=data, headers={**HTML, "Referer": referrer}).text
        assert REASON in html.unescape(page)
        assert "evil.example" not in page
        assert "their-page" not in page
        assert "a-token-of-before" not in page


def test_passwords_are_never_kept(sam: Any) -> None:
    data = {"current_password": "secret-1", "new_password": "secret-2", "repeated": "secret-3", "x": "seen"}
    page = sam.post("/my-account/password", data=data, headers=HTML).text
    assert "seen" in page
    assert "secret-" not in page


def test_too_much_is_not_kept(sam: Any) -> None:
    page = sam.post("/orders/HW-1/reject", data={"reason": "z" * 500_001}, headers=HTML).text
    assert "too large to be kept" in page
    assert "zzzz" not in page
    token = value_of(sam.get("/my-account").text, "csrf_token")
    data = {"csrf_token": token, "text": "z" * 500_001}
    gone = sam.post("/orders/HW-999999/notes", data=data, headers=HTML)
    assert gone.status_code == 404
    assert "too large to be kept" in gone.text


def test_identifiers_of_a_fulfillment_are_kept(sam: Any) -> None:
    page = refused(sam, "/orders/HW-1/fulfill", **{"unit-7-mac": "805ec01d654a", "do": "all"}).text
    again = sign_in(sam, page, unsaved_input=value_of(page, "unsaved_input")).text
    assert value_of(again, "unit-7-mac") == "805ec01d654a"
    assert value_of(again, "do") == "all"


def test_a_busy_database_offers_the_form_again(own_database: Settings) -> None:
    if not own_database.database_url.startswith("sqlite"):
        pytest.skip("One writer at a time is SQLite's.")
    app = create_app(replace(own_database, request_seconds=1.0))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        ada, order = Clients(app, world).ada, world.an_order()
        path = f"/orders/{order.reference}/reject"
        db.session.commit()
        db.session.remove()
    with closing(sqlite3.connect(own_database.database_url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN IMMEDIATE")
        page = ada.post(path, data={"version": "1", "reason": REASON}, headers=HTML)
    assert page.status_code == 503
    assert "Nothing was changed." in page.text
    assert "Try again" in page.text
    assert REASON in html.unescape(page.text)
    with app.app_context():
        db.engine.dispose()

"""What goes with every answer: security headers, cookies, the token of forms, and the frame of refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy import text

from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.errors import ChangedMeanwhile, InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.factory import create_app
from hwadmin.web import access
from tests.builders import Browser, World, sign_in
from tests.guards.access_policy import POLICY, Route
from tests.guards.answer_checks import (
    CHECKS,
    Visit,
    check_content,
    check_headers,
    check_markup,
    check_notes,
    check_origins,
    content_problems,
    header_problems,
    markup_problems,
)
from tests.reading_pages import tree_of
from tests.running import one_of
from tests.seeded_site import FOREIGN_ORIGIN, INTERNAL, PASSWORD, QUICK, Stage, fill

LEAKS = re.compile(
    r"Traceback|sqlalchemy|sqlite3|psycopg|SELECT |/site-packages/|\.py\b|secret", re.IGNORECASE
)


# ---- Headers


def test_a_header_left_out_is_found() -> None:
    assert len(list(header_problems(POLICY["orders.index_view", "GET"], {}))) >= 10


def test_each_answer_has_a_nonce_of_its_own_and_inline_scripts_bear_it(stage: Stage) -> None:
    nonces = set()
    for endpoint in ("orders.index_view", "devices.index_view", "people.index_view"):
        route = POLICY[endpoint, "GET"]
        response = stage.ask(route, "ada", stage.address(route, {}))
        found = re.search(r"'nonce-([\w-]+)'", response.headers["Content-Security-Policy"])
        assert found
        nonces.add(found[1])
    assert len(nonces) == 3


@pytest.mark.parametrize(
    "markup",
    [
        "<p onclick=1>",
        "<p style='color: red'>",
        "<style></style>",
        "<base href=/>",
        "<iframe>",
        "<script>1</script>",
        "<script nonce=another>1</script>",
        "<a href=' javascript:x'>",
        "<img src=data:x>",
        "<form action=https://evil.example>",
        "<button formaction=//evil.example>",
    ],
)
def test_markup_the_policy_forbids_is_found(markup: str) -> None:
    policy = "script-src 'self' 'nonce-a-nonce-of-its-own'"
    assert list(markup_problems(markup, policy))
    assert list(markup_problems("<p>", "script-src 'self'")) == ["there is no nonce"]
    assert list(markup_problems("<script nonce=a-nonce-of-its-own>1</script><a href=/orders/>", policy)) == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("", "text"),
        ("text/csv", "a,b"),
        ("text/plain; charset=latin-1", "text"),
        ("image/svg+xml", "<svg/>"),
        ("text/plain; charset=utf-8", "<!doctype html>"),
        ("text/html; charset=utf-8", "{}"),
        ("application/json", "<!doctype html>"),
        ("application/scim+json", "text"),
    ],
)
def test_an_answer_that_does_not_say_what_it_is_is_found(content_type: str, body: str) -> None:
    assert list(content_problems(content_type, body))


def test_each_check_of_the_walk_finds_what_it_is_for(stage: Stage) -> None:
    route = POLICY["orders.index_view", "GET"]
    path = stage.address(route, {})
    answer = stage.ask(route, "ada", path)
    visit = Visit(route, "ada", "northwind", path, None, answer)
    assert [problem for check in CHECKS for problem in check(visit)] == []
    bare = {name: value for name, value in answer.headers.items() if name != "X-Frame-Options"}
    assert list(check_headers(replace(visit, answer=replace(answer, headers=bare))))
    body = answer.body.replace("<main", "<p onclick=1></p><main")
    assert body != answer.body
    assert list(check_markup(replace(visit, answer=replace(answer, body=body))))
    open_to_others = {**answer.headers, "Access-Control-Allow-Origin": FOREIGN_ORIGIN}
    assert list(check_origins(replace(visit, answer=replace(answer, headers=open_to_others))))
    unnamed = {**answer.headers, "Content-Type": "text/html"}
    assert list(check_content(replace(visit, answer=replace(answer, headers=unnamed))))
    leaking = replace(answer, body=answer.body + INTERNAL)
    assert list(check_notes(replace(visit, answer=leaking))) == []
    for persona in ("piet", "tess", "program"):
        assert list(check_notes(replace(visit, persona=persona, answer=leaking)))


# ---- Tokens of forms


@pytest.fixture
def csrf(stage: Stage) -> Iterator[Stage]:
    """The stage with the check of form tokens on, as it is outside of tests."""
    stage.app.config["WTF_CSRF_ENABLED"] = True
    yield stage
    stage.app.config["WTF_CSRF_ENABLED"] = False


# No browser sends this: an identity provider does, and signs it.
SIGNED = {"single_sign_on.backchannel_logout"}
CHANGING = [
    route
    for route in POLICY.values()
    if route.method != "GET" and not route.by_token and route.endpoint not in SIGNED
]


NO_TOKEN: tuple[dict[str, str], ...] = ({}, {"csrf_token": "made-up"})


@pytest.mark.parametrize("route", CHANGING, ids=str)
def test_a_form_without_its_token_does_nothing(csrf: Stage, route: Route) -> None:
    """With none or with a wrong one, in turn."""
    things = csrf.things["northwind"]
    persona = next((one for one in ("ada", "piet") if one in route.may), "ada")
    for token in one_of(NO_TOKEN, str(route)):
        path, data = csrf.address(route, things), {**fill(route.body, things), **token}
        response = csrf.ask(route, persona, path, data)
        assert response.status in (400, 403, 405)
        assert not response.changed
        assert csrf.ask(route, "anonymous", path, data).status in (400, 401)


def test_together_forms_are_sent_without_a_token_and_with_a_wrong_one() -> None:
    assert {len(token) for route in CHANGING for token in one_of(NO_TOKEN, str(route))} == {0, 1}


def test_the_api_needs_a_token_of_its_own_instead(csrf: Stage) -> None:
    route = POLICY["api.approve", "POST"]
    path = csrf.address(route, csrf.things["northwind"])
    assert csrf.ask(route, "ada", path).status == 200
    assert (csrf.ask(route, "cookie", path).status, csrf.ask(route, "cookie", path).changed) == (401, False)


def test_a_form_with_its_token_is_taken(csrf: Stage) -> None:
    client = Browser(csrf.app, csrf.app.response_class)
    client.set_cookie("hwadmin_session", csrf.cookies["ada"])
    page = client.get("/platforms/new/").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    data = {"name": "Redwood", "currency": "EUR", "csrf_token": token[1]}
    with csrf.undone():
        assert client.post("/platforms/new/", data=data).status_code == 302


# ---- Cookies, and what goes with TLS


@pytest.mark.parametrize("https", [True, False])
def test_the_cookie_is_for_this_site_and_no_script(own_database: Settings, https: bool) -> None:
    app = create_app(replace(own_database, https=https, trusted_hosts=("hwadmin.example",)))
    app.testing = True
    app.config |= {"WTF_CSRF_ENABLED": False, "PASSWORD_HASHER": QUICK}
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        world.ada.password_hash = QUICK.hash(PASSWORD)
        email = world.ada.email
        db.session.commit()
        db.session.remove()
    base = "https://hwadmin.example" if https else "http://hwadmin.example"
    response = Browser(app, app.response_class).post(
        "/sign-in", data={"email": email, "password": PASSWORD}, base_url=base
    )
    assert response.status_code == 303
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-hwadmin_session=" if https else "hwadmin_session=")
    assert "Path=/;" in f"{cookie};"
    attributes = {part.strip().split("=")[0].lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite", "path"} <= attributes
    assert "SameSite=Lax" in cookie
    assert "domain" not in attributes
    assert ("secure" in attributes) is https
    assert ("Strict-Transport-Security" in response.headers) is https
    with app.app_context():
        db.engine.dispose()


# ---- Refusals and faults


@pytest.fixture
def troubled(own_app: Flask) -> Flask:
    """An application with a page that fails in whatever way it is asked to."""

    def trouble(way: str) -> str:
        if way.isdigit():
            abort(int(way))
        if way == "sql":
            db.session.execute(text("SELECT secret_column FROM no_such_table"))
        if way == "zero":
            return str(1 // 0)
        raise {
            "may-not": NotAllowed("You are a guest."),
            "not-there": NotFound("There is no such thing."),
            "not-now": WrongState("It is closed, set by Ada."),
            "meanwhile": ChangedMeanwhile("Bea was faster."),
            "bad-input": InvalidInput.at("name", "Give it a name."),
        }[way]

    own_app.testing = False
    own_app.add_url_rule("/trouble/<way>", "trouble", trouble, methods=["GET", "POST"])
    access.declare(own_app, "trouble", access.PUBLIC)
    return own_app


def in_the_frame(page: str) -> Any:
    """The page's parts, which must be those of every page."""
    document = tree_of(page)
    headings = list(document.iter("h1"))
    assert len(headings) == 1
    main = list(document.iter("main"))
    assert len(main) == 1
    # Something to go on with.
    assert any(link.get("href", "").startswith("/") for link in main[0].iter("a"))
    assert re.search(r'href="/static/hw\.[0-9a-f]{10}\.css"', page)
    return " ".join(main[0].itertext())


@pytest.fixture(params=["ada", "nobody"])
def visitor(request: pytest.FixtureRequest, troubled: Flask) -> FlaskClient:
    client = Browser(troubled, troubled.response_class)
    if request.param == "ada":
        with troubled.app_context(), acting_as(db.session, COMMAND_LINE):
            sign_in(client, World().ada)
            db.session.remove()
    return client


def test_every_refusal_is_in_the_frame_and_says_what_to_do(visitor: FlaskClient) -> None:
    for status in (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503):
        response = visitor.get(f"/trouble/{status}")
        assert response.status_code == status
        words = in_the_frame(response.text)
        assert f"Error {status}" in words
        # Werkzeug's words are for programmers.
        assert not re.search(r"The (server|browser|method|URL|request)|proxy|Werkzeug", words), status
        assert len(words) > 60, status
        assert list(header_problems(POLICY["orders.index_view", "GET"], response.headers)) == [], status


@pytest.mark.parametrize("way", ["sql", "zero"])
def test_a_fault_of_ours_gives_nothing_away(
    visitor: FlaskClient, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    response = visitor.get(f"/trouble/{way}")
    assert response.status_code == 500
    assert not LEAKS.search(in_the_frame(response.text))
    assert "Something broke on our side" in response.text
    # Whoever runs the product finds it in the log.
    assert any(record.exc_info for record in caplog.records)


def test_a_refusal_of_an_operation_is_told_in_its_own_sentence(visitor: FlaskClient) -> None:
    for way, status, sentence in (
        ("may-not", 403, "You are a guest."),
        ("not-there", 404, "There is no such thing."),
        ("not-now", 409, "It is closed, set by Ada."),
        ("meanwhile", 409, "Bea was faster."),
        ("bad-input", 422, "Give it a name."),
    ):
        response = visitor.get(f"/trouble/{way}")
        assert response.status_code == status
        assert sentence in in_the_frame(response.text)


def test_a_way_that_is_not_taken_and_a_body_too_large_are_told_in_the_frame(visitor: FlaskClient) -> None:
    assert visitor.put("/trouble/404").status_code == 405
    in_the_frame(visitor.put("/trouble/404").text)
    large = visitor.post("/sign-in", data={"email": "x" * 5_000_000})
    assert large.status_code == 413
    in_the_frame(large.text)


def test_who_is_not_signed_in_learns_the_same_of_every_address(troubled: Flask) -> None:
    client = Browser(troubled, troubled.response_class)
    assert client.get("/no/such/page").status_code == 404
    in_the_frame(client.get("/no/such/page").text)

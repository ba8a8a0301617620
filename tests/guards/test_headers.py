"""What goes with every answer: security headers, cookies, the token of forms, and the frame of refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import html5lib
import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy import text

from hwadmin.config import Settings
from hwadmin.errors import ChangedMeanwhile, InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.extensions import db
from hwadmin.factory import create_app
from hwadmin.permissions import COMMAND_LINE
from hwadmin.tenancy import acting_as
from hwadmin.views import gate
from tests import databases
from tests.builders import Browser, World, sign_in
from tests.guards.access_policy import API, POLICY, ROUTES, SCIM, Route
from tests.stage import PASSWORD, QUICK, Stage, a_stage, fill

STATIC = ("static", "admin.static")
LEAKS = re.compile(
    r"Traceback|sqlalchemy|sqlite3|psycopg|SELECT |/site-packages/|\.py\b|secret", re.IGNORECASE
)
XHTML = "{http://www.w3.org/1999/xhtml}"


pytestmark = pytest.mark.in_turn


@pytest.fixture(scope="module")
def stage(template: databases.Template) -> Iterator[Stage]:
    with a_stage(template) as stage:
        yield stage


# ---- Headers


def header_problems(route: Route, headers: Any) -> Iterator[str]:
    """What is wrong with the headers of an answer."""
    parts = [part.split() for part in headers.get("Content-Security-Policy", "").split(";")]
    policy = {part[0]: " ".join(part[1:]) for part in parts if part}
    wanted = {
        "default-src": r"'none'",
        "script-src": r"'self' 'nonce-[\w-]{16,}'",
        "style-src": r"'self'",
        "form-action": r"'self'",
        "base-uri": r"'none'",
        "frame-ancestors": r"'none'",
    }
    for name, value in wanted.items():
        if not re.fullmatch(value, policy.get(name, "")):
            yield f"{name} is {policy.get(name)}"
    if "unsafe" in headers.get("Content-Security-Policy", ""):
        yield "something unsafe is allowed"
    for name, value in {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
    }.items():
        if headers.get(name) != value:
            yield f"{name} is {headers.get(name)}"
    kept = headers.get("Cache-Control", "")
    if route.endpoint in STATIC:
        if "no-store" in kept:
            yield "a static file is not kept"
    elif "no-store" not in kept:
        yield f"Cache-Control is {kept}"
    if "Server" in headers or "X-Powered-By" in headers:
        yield "it says what it is made of"


@pytest.mark.parametrize("route", [*ROUTES, *API, *SCIM], ids=str)
def test_every_answer_carries_the_security_headers(stage: Stage, route: Route) -> None:
    things = stage.things["northwind"]
    path, data = stage.address(route, things), fill(route.body, things) if route.body else None
    for persona in ("ada", "piet", "anonymous"):
        said = stage.ask(route, persona, path, data)
        if route.endpoint in STATIC and said.status != 200:
            continue
        assert list(header_problems(route, said.headers)) == [], (persona, said.status)


def test_a_header_left_out_is_found() -> None:
    assert len(list(header_problems(POLICY["orders.index_view", "GET"], {}))) >= 10


def test_each_answer_has_a_nonce_of_its_own_and_inline_scripts_bear_it(stage: Stage) -> None:
    nonces = set()
    for endpoint in ("orders.index_view", "devices.index_view", "people.index_view"):
        route = POLICY[endpoint, "GET"]
        said = stage.ask(route, "ada", stage.address(route, {}))
        found = re.search(r"'nonce-([\w-]+)'", said.headers["Content-Security-Policy"])
        assert found
        nonces.add(found[1])
    assert len(nonces) == 3


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.method == "GET" and "ada" in route.may], ids=str
)
def test_no_page_needs_what_the_policy_forbids(stage: Stage, route: Route) -> None:
    said = stage.ask(route, "ada", stage.address(route, stage.things["northwind"]))
    if not said.headers["Content-Type"].startswith("text/html") or said.status != 200:
        return
    nonce = re.search(r"'nonce-([\w-]+)'", said.headers["Content-Security-Policy"])
    assert nonce
    for element in html5lib.parse(said.body).iter():
        tag = str(element.tag).removeprefix(XHTML)
        assert not [name for name in element.attrib if str(name).startswith("on") or name == "style"], tag
        assert tag not in ("style", "base", "iframe", "object", "embed"), tag
        if tag == "script" and "src" not in element.attrib:
            assert element.get("nonce") == nonce[1] or element.get("type") == "application/json"
        for name in ("src", "href", "action", "formaction"):
            assert not re.match(r"\s*(javascript|data|https?|//)", element.get(name, "")), element.get(name)


# ---- Tokens of forms


@pytest.fixture
def csrf(stage: Stage) -> Iterator[Stage]:
    """The stage with the check of form tokens on, as it is outside of tests."""
    stage.app.config["WTF_CSRF_ENABLED"] = True
    yield stage
    stage.app.config["WTF_CSRF_ENABLED"] = False


CHANGING = [route for route in POLICY.values() if route.method != "GET" and not route.by_token]


@pytest.mark.parametrize("route", CHANGING, ids=str)
@pytest.mark.parametrize("token", [{}, {"csrf_token": "made-up"}], ids=["no token", "a wrong token"])
def test_a_form_without_its_token_does_nothing(csrf: Stage, route: Route, token: dict[str, str]) -> None:
    things = csrf.things["northwind"]
    path, data = csrf.address(route, things), {**fill(route.body, things), **token}
    persona = next((one for one in ("ada", "piet") if one in route.may), "ada")
    said = csrf.ask(route, persona, path, data)
    assert said.status in (400, 403, 405)
    assert not said.changed
    assert csrf.ask(route, "anonymous", path, data).status in (400, 401)


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
    app = create_app(replace(own_database, https=https))
    app.testing = True
    app.config |= {"WTF_CSRF_ENABLED": False, "PASSWORD_HASHER": QUICK}
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        world.ada.password_hash = QUICK.hash(PASSWORD)
        email = world.ada.email
        db.session.commit()
        db.session.remove()
    base = "https://hwadmin.example" if https else "http://hwadmin.example"
    said = Browser(app, app.response_class).post(
        "/sign-in", data={"email": email, "password": PASSWORD}, base_url=base
    )
    assert said.status_code == 303
    cookie = said.headers["Set-Cookie"]
    assert cookie.startswith("hwadmin_session=")
    attributes = {part.strip().split("=")[0].lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite", "path"} <= attributes
    assert "SameSite=Lax" in cookie
    assert "domain" not in attributes
    assert ("secure" in attributes) is https
    assert ("Strict-Transport-Security" in said.headers) is https
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
    gate.declare(own_app, "trouble", gate.PUBLIC)
    return own_app


def in_the_frame(page: str) -> Any:
    """The page's parts, which must be those of every page."""
    document = html5lib.parse(page)
    headings = list(document.iter(f"{XHTML}h1"))
    assert len(headings) == 1
    main = list(document.iter(f"{XHTML}main"))
    assert len(main) == 1
    # Something to go on with.
    assert any(link.get("href", "").startswith("/") for link in main[0].iter(f"{XHTML}a"))
    assert "hw.css" in page
    return " ".join(main[0].itertext())


@pytest.fixture(params=["ada", "nobody"])
def visitor(request: pytest.FixtureRequest, troubled: Flask) -> FlaskClient:
    client = Browser(troubled, troubled.response_class)
    if request.param == "ada":
        with troubled.app_context(), acting_as(db.session, COMMAND_LINE):
            sign_in(client, World().ada)
            db.session.remove()
    return client


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_every_refusal_is_in_the_frame_and_says_what_to_do(visitor: FlaskClient, status: int) -> None:
    said = visitor.get(f"/trouble/{status}")
    assert said.status_code == status
    words = in_the_frame(said.text)
    assert f"Error {status}" in words
    # Werkzeug's words are for programmers.
    assert not re.search(r"The (server|browser|method|URL|request)|proxy|Werkzeug", words)
    assert len(words) > 60
    assert list(header_problems(POLICY["orders.index_view", "GET"], said.headers)) == []


@pytest.mark.parametrize("way", ["sql", "zero"])
def test_a_fault_of_ours_gives_nothing_away(
    visitor: FlaskClient, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    said = visitor.get(f"/trouble/{way}")
    assert said.status_code == 500
    assert not LEAKS.search(in_the_frame(said.text))
    assert "Something broke on our side" in said.text
    # Whoever runs the product finds it in the log.
    assert any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize(
    ("way", "status", "sentence"),
    [
        ("may-not", 403, "You are a guest."),
        ("not-there", 404, "There is no such thing."),
        ("not-now", 409, "It is closed, set by Ada."),
        ("meanwhile", 409, "Bea was faster."),
        ("bad-input", 422, "Give it a name."),
    ],
)
def test_a_refusal_of_an_operation_is_told_in_its_own_sentence(
    visitor: FlaskClient, way: str, status: int, sentence: str
) -> None:
    said = visitor.get(f"/trouble/{way}")
    assert said.status_code == status
    assert sentence in in_the_frame(said.text)


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

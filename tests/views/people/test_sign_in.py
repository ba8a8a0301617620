"""The pages to sign in and out, and one's own account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner
from sqlalchemy import Connection, event, select
from sqlalchemy.exc import SQLAlchemyError

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.people.passwords import Hasher
from hwadmin.domain.permissions import COMMAND_LINE, Role
from hwadmin.models import AuditEvent, FailedSignIn, Person, SignIn
from hwadmin.operations.people import people, sessions
from hwadmin.operations.people import sign_in as signing_in
from hwadmin.operations.people.person_checks import PersonFacts
from tests.builders import Answer, Browser, Clients, World

QUICK = Hasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "tall walnut under bridge"
COOKIE = "hwadmin_session"


@pytest.fixture
def quick_passwords(app: Flask) -> Iterator[None]:
    """Hashes that cost nothing."""
    app.config["PASSWORD_HASHER"] = QUICK
    yield
    del app.config["PASSWORD_HASHER"]


@pytest.fixture
def piet(world: World, quick_passwords: None) -> Person:
    """Piet, whose password is known."""
    return world.a_person(
        "Piet Jansen",
        Role.PLATFORM_ADMIN,
        world.northwind,
        email="piet@example.com",
        password_hash=QUICK.hash(PASSWORD),
    )


@pytest.fixture
def visitor(app: Flask, piet: Person) -> Browser:
    """A browser nobody signed in with."""
    return Browser(app, app.response_class)


def sign_in(
    browser: FlaskClient, password: str = PASSWORD, email: str = "piet@example.com", **kwargs: Any
) -> Answer:
    return browser.post(kwargs.pop("url", "/sign-in"), data={"email": email, "password": password}, **kwargs)  # type: ignore[return-value]


def cookie_of(browser: Browser) -> str:
    return browser.get_cookie(COOKIE).value


def is_in(browser: Browser) -> bool:
    answer = browser.get("/my-account")
    assert answer.status_code in (200, 302)
    return answer.status_code == 200


def signed_in(app: Flask, piet: Person) -> Browser:
    browser = Browser(app, app.response_class)
    assert sign_in(browser).status_code == 303
    assert is_in(browser)
    return browser


# ---- Signing in


def test_who_is_not_signed_in_is_sent_to_sign_in_and_then_to_where_they_wanted(visitor: Any) -> None:
    answer = visitor.get("/my-account?a=1")
    assert answer.location == "/sign-in?next=/my-account?a%3D1"
    page = visitor.get(answer.location)
    assert page.status_code == 200
    action = re.search(r'<form[^>]* action="([^"]+)"', page.text)[1]
    assert sign_in(visitor, url=action).location == "/my-account?a=1"


def test_signing_in_starts_at_the_front_door(visitor: Browser) -> None:
    assert sign_in(visitor).location == "/"
    assert is_in(visitor)
    assert visitor.get("/sign-in").location == "/"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "http:/evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
        "/sign-in?next=/x",
        "",
    ],
)
def test_signing_in_never_leads_out_of_this_site(visitor: Browser, target: str) -> None:
    page = visitor.get("/sign-in", query_string={"next": target})
    assert page.status_code == 200
    assert "evil" not in page.text
    assert sign_in(visitor, query_string={"next": target}).location == "/"


def test_unknown_wrong_and_disabled_get_the_same_page(
    app: Flask, world: World, visitor: Any, piet: Person
) -> None:
    tom = world.a_person("Tom Old", Role.SUPPORT, world.northwind, password_hash=QUICK.hash(PASSWORD))
    transact(lambda: people.disable_person(COMMAND_LINE, tom.id))
    pages = set()
    for email, password in (
        ("piet@example.com", "wrong " * 5),
        ("nobody@example.com", "wrong " * 5),
        (tom.email, PASSWORD),
    ):
        answer = sign_in(Browser(app, app.response_class), password, email)
        assert answer.status_code == 422
        assert "The e-mail address or the password is not right." in answer.text
        pages.add(re.sub(r' nonce="[^"]+"', "", answer.text.replace(email, "")))
    assert len(pages) == 1


def test_what_was_typed_stays_but_the_password_does_not(visitor: Any) -> None:
    answer = sign_in(visitor, "wrong wrong wrong", "Someone@example.com")
    assert 'value="Someone@example.com"' in answer.text
    assert "wrong wrong wrong" not in answer.text


@pytest.mark.parametrize(
    "data", [{}, {"email": "x"}, {"password": "x"}, {"email": "x" * 900, "password": "y"}]
)
def test_a_form_without_its_fields_is_refused_at_them(visitor: Browser, data: dict[str, str]) -> None:
    answer = visitor.post("/sign-in", data=data)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert db.session.scalars(select(FailedSignIn)).all() == []


def test_a_failed_sign_in_is_kept_although_it_is_refused(world: World, visitor: Browser) -> None:
    sign_in(visitor, "wrong " * 5)
    (event,) = db.session.scalars(select(AuditEvent))
    assert event.kind == "person.sign_in_failed"
    assert event.request_id
    assert len(db.session.scalars(select(FailedSignIn)).all()) == 1


def test_too_many_failures_are_held_back_with_a_sentence(visitor: Any) -> None:
    for _ in range(signing_in.PAIR_LIMIT):
        assert sign_in(visitor, "wrong " * 5).status_code == 422
    answer = sign_in(visitor)
    assert answer.status_code == 429
    assert "Too many failed attempts. Wait 15 minutes and try again." in answer.text
    assert answer.headers["Retry-After"] == "900"
    assert not is_in(visitor)
    elsewhere = {"REMOTE_ADDR": "192.0.2.1"}
    assert sign_in(visitor, environ_overrides=elsewhere).status_code == 303


def test_failures_are_counted_by_two_applications_together(own_app: Flask, own_database: Settings) -> None:
    from hwadmin.factory import create_app

    apps = [own_app, create_app(own_database)]
    facts = PersonFacts("Ada Okafor", "ada@example.com", Role.SUPER_ADMIN)
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        transact(lambda: people.create_person(COMMAND_LINE, facts, PASSWORD, QUICK))
    for app in apps:
        app.config.update(PASSWORD_HASHER=QUICK, WTF_CSRF_ENABLED=False)
    browsers = [app.test_client() for app in apps]
    for turn in range(signing_in.PAIR_LIMIT):
        assert sign_in(browsers[turn % 2], "wrong " * 5, "ada@example.com").status_code == 422
    for browser in browsers:
        assert sign_in(browser, PASSWORD, "ada@example.com").status_code == 429
    with apps[1].app_context():
        db.engine.dispose()


def test_the_sign_in_form_needs_its_token(app: Flask, visitor: Browser) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert sign_in(visitor).status_code == 401
        assert not is_in(visitor)
        page = visitor.get("/sign-in").text
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)[1]
        data = {"email": "piet@example.com", "password": PASSWORD, "csrf_token": token}
        assert visitor.post("/sign-in", data=data).status_code == 303
        assert is_in(visitor)
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_what_was_in_the_session_before_is_gone_after_signing_in(visitor: Browser) -> None:
    with visitor.session_transaction() as session:
        session.update(planted="by somebody else", _user_id="planted", csrf_token="planted")
    sign_in(visitor)
    with visitor.session_transaction() as session:
        assert set(session) == {"_user_id", "_fresh", "_permanent", "csrf_token"}
        assert session["csrf_token"] != "planted"
        assert session["_user_id"] != "planted"


def test_passwords_are_hidden_pasted_and_kept_by_password_managers_and_nothing_else_is_asked(
    app: Flask, piet: Person, visitor: Browser
) -> None:
    pages = [visitor.get("/sign-in").text, signed_in(app, piet).get("/my-account").text]
    fields = [
        field
        for page in pages
        for field in re.findall(r'<input[^>]*name="[^"]*(?:password|repeated)"[^>]*>', page)
    ]
    assert len(fields) == 4
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert all(int(limit) >= 200 for limit in re.findall(r'maxlength="(\d+)"', field))
        assert "onpaste" not in field
    # No hint, no question to which others know the answer.
    for page in (pages[0], visitor.get("/sign-in/forgotten").text):
        assert set(re.findall(r'name="(\w+)"', page.partition("<main")[2])) <= {
            "csrf_token",
            "email",
            "password",
        }


def test_no_password_ends_by_its_age(visitor: Browser) -> None:
    with clock.at(utcnow() + timedelta(days=3650)):
        assert sign_in(visitor).status_code == 303


def test_signing_out_is_on_every_page(app: Flask, piet: Person) -> None:
    browser = signed_in(app, piet)
    for path in ("/orders/", "/devices/", "/accounts/", "/my-account", "/no/such/page"):
        assert 'action="/sign-out"' in browser.get(path).text


def test_signing_in_again_ends_the_session_before(app: Flask, piet: Person, visitor: Any) -> None:
    sign_in(visitor)
    before = cookie_of(visitor)
    sign_in(visitor)
    copy = Browser(app, app.response_class)
    copy.set_cookie(COOKIE, before)
    assert not is_in(copy)
    assert is_in(visitor)


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(visitor: Any) -> None:
    header = sign_in(visitor).headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "remember" not in header


# ---- How a session ends (P7)


def replayed(app: Flask, browser: Browser) -> Browser:
    """Another browser with a copy of this one's cookie."""
    copy = Browser(app, app.response_class)
    copy.set_cookie(COOKIE, cookie_of(browser))
    return copy


def test_a_replayed_cookie_is_refused_after_signing_out(app: Flask, piet: Person) -> None:
    browser = signed_in(app, piet)
    copy, other = replayed(app, browser), signed_in(app, piet)
    assert is_in(copy)
    answer = browser.post("/sign-out")
    assert answer.location == "/sign-in?out=1"
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert "You are signed out." in browser.get(answer.location).text
    assert not is_in(copy)
    assert is_in(other)


def test_signing_out_everywhere_ends_every_session(app: Flask, piet: Person) -> None:
    browsers = [signed_in(app, piet) for _ in range(3)]
    copies = [replayed(app, browser) for browser in browsers]
    assert browsers[0].post("/my-account/sign-out-everywhere").location == "/sign-in?out=1"
    assert not any(is_in(browser) for browser in [*browsers, *copies])


@pytest.mark.parametrize("work", ["disable", "role", "platforms", "password"])
def test_a_change_by_a_super_admin_ends_every_session_at_the_next_request(
    app: Flask, world: World, clients: Clients, piet: Person, work: str
) -> None:
    browsers = [signed_in(app, piet) for _ in range(2)]
    browsers.append(replayed(app, browsers[0]))
    form = {
        "name": piet.name,
        "email": piet.email,
        "role": "platform_admin",
        "platform_ids": [world.northwind.id],
    }
    edit = f"/people/edit/?id={piet.id}"
    answer = {
        "disable": lambda: clients.ada.post(f"/people/{piet.id}/disable"),
        "role": lambda: clients.ada.post(edit, data=form | {"role": "support"}),
        "platforms": lambda: clients.ada.post(edit, data=form | {"platform_ids": [world.blue_harbor.id]}),
        "password": lambda: clients.ada.post(f"/people/{piet.id}/password"),
    }[work]()
    assert answer.status_code in (200, 302, 303)
    assert not any(is_in(browser) for browser in browsers)
    assert is_in(clients.ada)


def test_a_change_of_name_ends_no_session(app: Flask, world: World, clients: Clients, piet: Person) -> None:
    browser = signed_in(app, piet)
    form = {"name": "Piet de Vries", "email": piet.email, "role": "platform_admin"}
    form["platform_ids"] = [world.northwind.id]  # type: ignore[assignment]
    assert clients.ada.post(f"/people/edit/?id={piet.id}", data=form).status_code == 303
    assert "Piet de Vries" in browser.get("/my-account").text


def test_a_session_ends_twelve_hours_after_it_began(app: Flask, piet: Person) -> None:
    browser = signed_in(app, piet)
    row = db.session.scalars(select(SignIn)).one()
    row.created_at -= timedelta(hours=11, minutes=59)
    db.session.commit()
    assert is_in(browser)
    row.created_at -= timedelta(minutes=1)
    db.session.commit()
    assert not is_in(browser)


def test_a_session_ends_after_thirty_minutes_without_use(app: Flask, piet: Person) -> None:
    browser = signed_in(app, piet)
    # A copy: the application signs with one and the same.
    serializer = copy(app.session_interface.get_signing_serializer(app))  # type: ignore[attr-defined]
    content = serializer.loads(cookie_of(browser))

    def last_used(seconds_ago: int) -> None:
        class Earlier(TimestampSigner):
            def get_timestamp(self) -> int:
                return super().get_timestamp() - seconds_ago

        serializer.signer = Earlier
        browser.set_cookie(COOKIE, serializer.dumps(content))

    last_used(29 * 60)
    assert is_in(browser)
    last_used(30 * 60 + 2)
    assert not is_in(browser)


def test_every_use_prolongs_the_session(app: Flask, piet: Person) -> None:
    browser = signed_in(app, piet)
    header = browser.get("/my-account").headers["Set-Cookie"]
    assert COOKIE in header
    assert "Expires=" in header


def test_a_session_that_ended_during_a_post_is_explained_on_the_sign_in_page(
    app: Flask, piet: Person
) -> None:
    browser = signed_in(app, piet)
    sessions.close_all_sessions(piet)
    db.session.commit()
    answer = browser.post("/my-account/password", headers={"Referer": "http://localhost/my-account?a=1"})
    assert answer.status_code == 401
    link = re.search(r'href="(/sign-in[^"]*)"', answer.text)[1].replace("&amp;", "&")
    page = browser.get(link)
    assert "Your session had ended, so nothing was saved. Sign in and do it again." in page.text
    action = re.search(r'<form[^>]* action="([^"]+)"', page.text)[1]
    assert sign_in(browser, url=action).location == "/my-account?a=1"


def test_a_foreign_referrer_is_not_where_signing_in_leads(app: Flask, visitor: Browser) -> None:
    answer = visitor.post("/sign-out", headers={"Referer": "https://evil.example/people"})
    assert "next" not in re.search(r'href="(/sign-in[^"]*)"', answer.text)[1]


@pytest.mark.parametrize("handle", ["", "x", "x" * 5000, "\ud800"])
def test_a_handle_that_was_never_given_out_opens_nothing(visitor: Browser, handle: str) -> None:
    with visitor.session_transaction() as session:
        session["_user_id"] = handle
    assert not is_in(visitor)


# ---- When a session was last used


def uses(app: Flask, *paths: str, browser: Browser) -> list[int]:
    """How often each of these requests writes."""
    writes: list[str] = []

    def note(_connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if re.match(r"\s*(INSERT|UPDATE|DELETE)", statement):
            writes.append(statement)

    engine, counts = db.engine, []
    event.listen(engine, "before_cursor_execute", note)
    try:
        for path in paths:
            before = len(writes)
            assert browser.get(path).status_code in (200, 304)
            counts.append(len(writes) - before)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return counts


def test_the_use_of_a_session_is_noted_once_in_a_quarter_of_an_hour_and_not_what_a_page_asks_by_itself(
    app: Flask, piet: Person
) -> None:
    browser = signed_in(app, piet)
    row = db.session.scalars(select(SignIn)).one()
    row.created_at = utcnow() - sessions.USE_NOTED_EVERY + timedelta(minutes=1)
    db.session.commit()
    assert uses(app, "/my-account", "/orders/changes", browser=browser) == [0, 0]
    row.created_at -= timedelta(minutes=1)
    db.session.commit()
    assert uses(app, "/orders/changes", "/my-account", "/my-account", browser=browser) == [0, 1, 0]
    db.session.expire_all()
    assert row.last_used_at is not None
    row.last_used_at -= sessions.USE_NOTED_EVERY
    db.session.commit()
    assert uses(app, "/my-account", "/my-account", browser=browser) == [1, 0]


def test_a_use_that_cannot_be_noted_holds_nobody_up(
    app: Flask, piet: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(app, piet)
    row = db.session.scalars(select(SignIn)).one()
    row.created_at -= timedelta(hours=1)
    db.session.commit()

    def busy(_handle: str) -> None:
        raise SQLAlchemyError("busy")

    monkeypatch.setattr(sessions, "record_use", busy)
    assert is_in(browser)


def test_sessions_that_were_not_used_for_long_are_not_listed(app: Flask, piet: Person) -> None:
    browser = signed_in(app, piet)
    row = db.session.scalars(select(SignIn)).one()
    other = signed_in(app, piet)
    listed = 'data-label="Signed in"'
    assert other.get("/my-account").text.count(listed) == 2
    # Used at the last moment before it would have been noted, it would end by now.
    row.created_at -= timedelta(minutes=30) + sessions.USE_NOTED_EVERY
    db.session.commit()
    assert other.get("/my-account").text.count(listed) == 1
    row.last_used_at = utcnow() - timedelta(minutes=29)
    db.session.commit()
    assert other.get("/my-account").text.count(listed) == 2
    assert is_in(browser)


# ---- The account page


def change(
    browser: Browser, current: str = PASSWORD, new: str = "seven quiet rivers north", again: None = None
) -> Answer:
    form = {"current_password": current, "new_password": new, "repeated": new if again is None else again}
    return browser.post("/my-account/password", data=form)


def test_the_account_page_shows_who_i_am_and_where_i_am_signed_in(app: Flask, piet: Person) -> None:
    browser = Browser(app, app.response_class)
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:147.0) Gecko/20100101 Firefox/147.0"
    sign_in(browser, headers={"User-Agent": agent})
    signed_in(app, piet)
    page = browser.get("/my-account").text
    for words in ("Piet Jansen", "piet@example.com", "Platform admin", "Northwind Voice", "127.0.0.1"):
        assert words in page
    assert page.count('<td data-label="Signed in">') == 2
    assert page.count("this browser") == 1
    assert "Firefox 147 on Windows" in page
    assert piet.password_hash not in page


def test_changing_the_password_ends_the_other_sessions_and_moves_this_one(app: Flask, piet: Person) -> None:
    browser, other = signed_in(app, piet), signed_in(app, piet)
    copy = replayed(app, browser)
    assert change(browser).location == "/my-account"
    assert "Your password is changed." in browser.get("/my-account").text
    assert not is_in(copy)
    assert not is_in(other)
    assert sign_in(Browser(app, app.response_class)).status_code == 422
    assert sign_in(Browser(app, app.response_class), "seven quiet rivers north").status_code == 303


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"current": "wrong wrong wrong"}, "This is not your current password."),
        ({"current": ""}, "Enter the password you use now."),
        ({"new": "short"}, "Use 15 characters or more."),
        ({"new": "piet.jansen@example"}, "too close to your name"),
        ({"again": "something else"}, "This is not the same as above."),
    ],
)
def test_a_password_that_cannot_be_changed_says_why_at_the_field(
    app: Flask, piet: Person, values: dict[str, str], sentence: str
) -> None:
    browser, before = signed_in(app, piet), piet.password_hash
    answer = change(browser, **values)  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert sentence in answer.text
    db.session.expire_all()
    assert piet.password_hash == before
    assert is_in(browser)


def test_the_current_password_cannot_be_guessed_on_a_borrowed_session(app: Flask, piet: Person) -> None:
    browser = signed_in(app, piet)
    for _ in range(signing_in.PAIR_LIMIT):
        assert change(browser, "wrong " * 5).status_code == 422
    assert change(browser).status_code == 429
    assert len(db.session.scalars(select(AuditEvent).filter_by(kind="person.sign_in_failed")).all()) == 10


@pytest.mark.parametrize("path", ["/my-account/password", "/sign-out", "/my-account/sign-out-everywhere"])
def test_actions_are_posts_and_need_their_token(app: Flask, clients: Clients, path: Any) -> None:
    assert clients.piet.get(path).status_code == 405
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert clients.piet.post(path).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert is_in(clients.piet)


@pytest.mark.parametrize(("path", "status"), [("/no/such/page", 404), ("/sign-out", 405)])
def test_an_address_that_is_none_does_not_look_like_being_signed_out(
    app: Flask, clients: Clients, path: Any, status: Any
) -> None:
    response = clients.piet.get(path)
    assert response.status_code == status
    assert "Piet Jansen" in response.text
    assert ">Sign in<" not in response.text
    stranger = app.test_client().get(path)
    assert stranger.status_code == status
    assert ">Sign in<" in stranger.text


@pytest.mark.parametrize("who", ["ada", "piet", "sam"])
def test_knowing_who_asks_takes_one_statement_and_reading_writes_nothing(
    app: Flask, world: World, clients: Clients, who: str
) -> None:
    browser = getattr(clients, who)
    statements = []

    def note(_connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    with app.app_context():
        connection = db.engine
    event.listen(connection, "before_cursor_execute", note)
    try:
        assert is_in(browser)
    finally:
        event.remove(connection, "before_cursor_execute", note)
    assert (
        sum(
            "sign_in" in statement and "person" in statement and "JOIN" in statement
            for statement in statements
        )
        == 1
    )
    assert not [statement for statement in statements if re.match(r"\s*(INSERT|UPDATE|DELETE)", statement)]
    assert len([statement for statement in statements if "SAVEPOINT" not in statement]) <= 4

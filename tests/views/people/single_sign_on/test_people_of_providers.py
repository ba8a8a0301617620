"""Whom an identity provider lets in, as what, and until when; and who has a password beside it."""

from __future__ import annotations

import math
import re
import time
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.people.one_time_codes import code_at, new_secret
from hwadmin.domain.people.signed_links import signed_token
from hwadmin.domain.permissions import Role
from hwadmin.models import (
    AccountNotice,
    ExternalIdentity,
    FailedSignIn,
    OutgoingMessage,
    PasswordLink,
    Person,
    SignIn,
    SignInRequest,
)
from hwadmin.operations.people import people, second_factor
from hwadmin.operations.people.password_links import PURPOSE
from hwadmin.outbox.account_notices import write_next_notice
from tests.builders import Browser, Clients, World
from tests.builders import sign_in as give_session
from tests.databases import SECRET_KEY
from tests.views.people.single_sign_on.conftest import BREAK_GLASS, PASSWORD, QUICK, Site, is_in
from tests.views.people.single_sign_on.provider import Claims, Provider, address_of, come_back, leave


def visit(browser: Browser, okta: Provider, **leaving: Any) -> Any:
    return come_back(browser, okta, leave(browser, **leaving))


def hidden(page: str, name: str) -> str:
    return str(re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1])


def by_password(browser: Browser, email: str, password: str = PASSWORD) -> Any:
    return browser.post("/sign-in", data={"email": email, "password": password})


# ---- Coming in


def test_somebody_new_is_created_as_the_rules_say_and_led_to_where_they_wanted(
    site: Site, okta: Provider, browser: Browser
) -> None:
    assert "Sign in with Okta" in browser.get("/sign-in").text
    answer = visit(browser, okta, query_string={"next": "/devices/"})
    assert answer.location == "/devices/"
    assert is_in(browser)
    noor = site.person()
    assert noor is not None
    assert (noor.name, noor.role, noor.managed_by) == ("Noor Haddad", Role.SUPER_ADMIN, "okta")
    created = "Okta created Noor Haddad, noor@example.com: Super-admin, platforms: all."
    assert site.events("person.created") == [created]
    assert site.events("person.signed_in") == ["Noor Haddad signed in from 127.0.0.1 by okta."]


# It still uses what Authlib calls deprecated.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::authlib.deprecate.AuthlibDeprecationWarning")
def test_a_provider_that_somebody_else_wrote_is_understood(site: Site, browser: Browser) -> None:
    from oidc_provider_mock import User, run_server_in_thread

    fields = {"email": "noor@example.com", "email_verified": True, "groups": ["deciders"]}
    with run_server_in_thread(user_claims=[User(sub="noor-1", claims=fields)], require_nonce=True) as server:
        site.use(Provider(f"http://localhost:{server.server_port}").settings())
        url = urlsplit(address_of(browser.post("/sign-in/with/okta").text))
        connection = HTTPConnection("localhost", server.server_port)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", f"{url.path}?{url.query}", "sub=noor-1", form)
        back = urlsplit(connection.getresponse().headers["Location"])
        connection.close()
        answer = browser.get(f"{back.path}?{back.query}")
    assert answer.status_code == 303, answer.text
    assert is_in(browser)
    assert site.person().role is Role.SUPER_ADMIN


def test_the_next_visit_updates_and_takes_away(
    site: Site, okta: Provider, browser: Browser, world: World
) -> None:
    site.rule("helpers", Role.PLATFORM_ADMIN, platform_ids=[world.northwind.id])
    visit(browser, okta)
    okta.person |= {"groups": ["helpers"], "name": "Noor Haddad-Berg", "email": "noor.berg@example.com"}
    visit(browser, okta)
    noor = site.person("noor.berg@example.com")
    assert noor is not None
    assert (noor.name, noor.role, str(noor.platforms[0])) == (
        "Noor Haddad-Berg",
        Role.PLATFORM_ADMIN,
        "Northwind Voice",
    )
    okta.person |= {"groups": ["Everyone"]}
    answer = visit(browser, okta)
    assert answer.status_code == 422
    assert "gives you no access here" in answer.text
    # Wherever they were signed in before.
    assert not is_in(browser)
    noor = site.person("noor.berg@example.com")
    assert noor is not None
    assert noor.disabled_at is not None
    okta.person |= {"groups": ["helpers"]}
    assert visit(browser, okta).status_code == 303


def test_who_was_disabled_by_hand_stays_so(
    site: Site, okta: Provider, browser: Browser, world: World
) -> None:
    visit(browser, okta)
    okta.person |= {"groups": []}
    visit(browser, okta)
    noor = site.person()
    assert noor is not None
    # Also where the provider had taken access away before.
    people.disable_person(world.ada.actor, noor.id)
    db.session.commit()
    okta.person |= {"groups": ["deciders"]}
    assert visit(browser, okta).status_code == 422
    assert not is_in(browser)


def test_without_any_rule_nobody_is_let_in_and_nobody_here_before_is_touched(
    site: Site, okta: Provider, browser: Browser, world: World
) -> None:
    noor = world.a_person("Noor Haddad", Role.SUPER_ADMIN, email="noor@example.com")
    okta.person |= {"groups": ["Everyone"]}
    assert visit(browser, okta).status_code == 422
    db.session.refresh(noor)
    assert (noor.disabled_at, noor.managed_by) == (None, None)
    assert db.session.scalar(select(func.count()).select_from(ExternalIdentity)) == 0


# ---- Whose account it is


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_the_provider_has_not_verified_links_nothing(
    site: Site, okta: Provider, browser: Browser, world: World, verified: object
) -> None:
    world.a_person("Noor Haddad", Role.SUPER_ADMIN, email="noor@example.com")
    okta.person |= {"email_verified": verified}
    answer = visit(browser, okta)
    assert answer.status_code == 422
    assert "has not verified your e-mail address" in answer.text
    assert not is_in(browser)
    assert db.session.scalar(select(func.count()).select_from(ExternalIdentity)) == 0


def test_a_verified_address_links_once_and_the_subject_counts_from_then_on(
    site: Site, okta: Provider, browser: Browser, world: World
) -> None:
    noor = world.a_person("Noor", Role.SUPPORT, world.northwind, email="noor@example.com")
    visit(browser, okta)
    okta.person |= {"email": "ada@example.com", "email_verified": False}
    assert visit(browser, okta).status_code == 303
    db.session.refresh(noor)
    assert (noor.email, noor.role) == ("noor@example.com", Role.SUPER_ADMIN)
    # An address that is somebody else's here is not taken over.
    ada = world.ada
    okta.person |= {"email": ada.email, "email_verified": True}
    assert visit(browser, okta).status_code == 303
    db.session.refresh(noor)
    db.session.refresh(ada)
    assert (noor.email, ada.managed_by) == ("noor@example.com", None)
    assert "noor@example.com" in browser.get("/my-account").text


def test_a_rule_on_the_address_looks_at_verified_ones_only(
    site: Site, okta: Provider, browser: Browser
) -> None:
    visit(browser, okta)
    site.rule("noor@example.com", claim="email")
    okta.person |= {"groups": [], "email": "noor@example.com", "email_verified": False}
    assert visit(browser, okta).status_code == 422
    okta.person |= {"email_verified": True}
    assert visit(browser, okta).status_code == 303


def test_a_provider_lets_nobody_in_of_a_domain_that_is_bound_to_another(
    site: Site, okta: Provider, browser: Browser
) -> None:
    other = replace(okta.settings("entra", domains=("example.com",)), issuer="https://entra.example")
    site.use(okta.settings(), other)
    answer = visit(browser, okta)
    assert answer.status_code == 422
    assert "belongs to another identity provider" in answer.text
    assert site.person() is None


def test_whom_one_provider_manages_another_does_not_let_in(
    site: Site, okta: Provider, browser: Browser
) -> None:
    visit(browser, okta)
    browser.post("/sign-out")
    site.use(okta.settings("second"))
    site.rule("deciders", provider="second")
    assert come_back(browser, okta, leave(browser, "/sign-in/with/second"), "second").status_code == 422
    assert not is_in(browser)


# ---- Passwords


def test_who_signs_in_by_a_provider_has_no_password(
    site: Site, okta: Provider, browser: Browser, clients: Clients, world: World
) -> None:
    visit(browser, okta)
    noor = site.person()
    assert noor is not None
    noor.password_hash = QUICK.hash(PASSWORD)
    db.session.commit()
    assert "You sign in with Okta and have no password here" in browser.get("/my-account").text
    data = {"current_password": PASSWORD, "new_password": "violet anchor marble", "repeated": "x"}
    assert browser.post("/my-account/password", data=data).status_code == 409
    browser.post("/sign-out")
    answer = by_password(browser, "noor@example.com")
    assert "The e-mail address or the password is not right." in answer.text
    assert not is_in(browser)
    browser.post("/sign-in/forgotten", data={"email": "noor@example.com"})
    assert db.session.scalars(select(PasswordLink.person_id)).one() is None
    # Nor does a link that was mailed before.
    earlier = PasswordLink(person_id=noor.id, seed="seed")
    db.session.add(earlier)
    db.session.commit()
    token = signed_token(SECRET_KEY, PURPOSE, earlier.id, "seed")
    assert browser.get(f"/sign-in/new-password/{token}").status_code == 404
    assert clients.ada.post(f"/people/{noor.id}/password").status_code == 409


@pytest.mark.parametrize("email", ["piet@bound.example", "nobody@bound.example", BREAK_GLASS])
def test_addresses_of_a_bound_domain_are_told_the_same_whoever_has_them(
    site: Site, okta: Provider, browser: Browser, world: World, email: str
) -> None:
    world.a_person("Piet", Role.SUPER_ADMIN, email="piet@bound.example", password_hash=QUICK.hash(PASSWORD))
    world.a_person("Eve", Role.SUPER_ADMIN, email=BREAK_GLASS, password_hash=QUICK.hash("another"))
    site.use(okta.settings(domains=("bound.example", "example.com")))
    answer = by_password(browser, email)
    assert answer.status_code == 422
    assert "Addresses such as yours sign in with Okta, without a password." in answer.text
    assert not is_in(browser)


# ---- The break-glass account


@pytest.fixture
def emergency(site: Site, world: World) -> Person:
    return world.a_person(
        "Emma Glass", Role.SUPER_ADMIN, email=BREAK_GLASS, password_hash=QUICK.hash(PASSWORD)
    )


def test_when_the_provider_is_away_the_page_says_who_can_sign_in(
    site: Site, browser: Browser, emergency: Person, world: World
) -> None:
    away = Provider("http://127.0.0.1:9").settings(domains=("example.com",))
    site.use(away)
    answer = browser.post("/sign-in/with/okta")
    assert answer.status_code == 503
    assert "Okta cannot be reached now." in answer.text
    assert "only the break-glass account can sign in" in answer.text
    world.a_person("Noor", Role.SUPER_ADMIN, email="noor@example.com", password_hash=QUICK.hash(PASSWORD))
    by_password(browser, "noor@example.com")
    assert not is_in(browser)
    assert by_password(browser, BREAK_GLASS).status_code == 303


def test_the_break_glass_account_has_a_second_factor_at_once_and_its_use_is_told(
    site: Site, browser: Browser, emergency: Person, world: World
) -> None:
    assert world.ada.disabled_at is None
    by_password(browser, BREAK_GLASS)
    assert browser.get("/orders/").location == "/my-account/one-time-codes"
    browser.post("/sign-out")
    secret = new_secret()
    now = int(utcnow().timestamp()) // 30
    with clock.at(utcnow() - timedelta(hours=1)):
        second_factor.set_up(emergency.actor, secret, code_at(secret, now - 120))
    db.session.commit()
    page = by_password(browser, BREAK_GLASS)
    before = len(site.events("person.break_glass_used"))
    ticket = hidden(page.text, "ticket")
    browser.post("/sign-in/code", data={"ticket": ticket, "code": code_at(secret, now)})
    assert browser.get("/orders/").status_code == 200
    used = site.events("person.break_glass_used")
    assert len(used) == before + 1
    assert used[-1] == "The break-glass account of Emma Glass was used from 127.0.0.1."
    while write_next_notice():
        pass
    mails = db.session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id)).all()
    assert {mail.recipient for mail in mails[-2:]} == {world.ada.email, BREAK_GLASS}
    assert mails[-1].subject == "The break-glass account was used"
    assert "127.0.0.1" in mails[-1].payload
    assert db.session.scalars(select(AccountNotice.next_at)).all() == [None, None]


def test_no_provider_lets_the_break_glass_account_in(
    site: Site, okta: Provider, browser: Browser, emergency: Person
) -> None:
    okta.person |= {"email": BREAK_GLASS}
    answer = visit(browser, okta)
    assert answer.status_code == 422
    assert "signs in with its password only" in answer.text
    assert db.session.scalar(select(func.count()).select_from(ExternalIdentity)) == 0


# ---- Second factors and proving again who one is


def test_a_code_is_asked_for_unless_the_provider_asks_for_a_second_factor(
    site: Site, okta: Provider, browser: Browser
) -> None:
    visit(browser, okta)
    noor = site.person()
    assert noor is not None
    secret = new_secret()
    now = int(utcnow().timestamp()) // 30
    with clock.at(utcnow() - timedelta(hours=1)):
        second_factor.set_up(noor.actor, secret, code_at(secret, now - 120))
    db.session.commit()
    browser.post("/sign-out")
    page = visit(browser, okta, query_string={"next": "/devices/"})
    assert "Enter your code" in page.text
    assert not is_in(browser)
    ticket = hidden(page.text, "ticket")
    action = re.search(r'action="([^"]+)"', page.text)[1]
    answer = browser.post(action, data={"ticket": ticket, "code": code_at(secret, now)})
    assert answer.location == "/devices/"
    assert db.session.scalars(select(SignIn.provider)).one() == "okta"
    # Confirming who one is needs no less.
    db.session.execute(update(SignIn).values(created_at=utcnow() - timedelta(minutes=11)))
    db.session.commit()
    asked = browser.post("/people/new/", data={"name": "Kim"})
    assert asked.status_code == 401
    assert 'name="code"' in asked.text
    assert 'type="password"' not in asked.text
    for wrong in ({}, {"code": "000000"}, {"code": code_at(secret, now)}):
        assert browser.post("/confirm-identity/with/okta", data=wrong).status_code == 422
    assert db.session.scalars(select(SignInRequest)).all() == []
    guesses = [browser.post("/confirm-identity/with/okta", data={"code": "000000"}) for _ in range(9)]
    assert guesses[-1].status_code == 429
    db.session.execute(delete(FailedSignIn))
    db.session.commit()
    okta.change = {"auth_time": int(time.time())}
    sent = {"code": code_at(secret, now + 1)}
    answer = come_back(browser, okta, leave(browser, "/confirm-identity/with/okta", data=sent))
    assert answer.status_code == 303
    assert browser.post("/people/new/", data={"name": "Kim"}).status_code == 422
    browser.post("/sign-out")
    site.use(okta.settings(second_factor=True))
    assert visit(browser, okta).status_code == 303
    assert leave(browser, "/confirm-identity/with/okta")["prompt"] == "login"


def test_super_admins_need_a_second_factor_unless_their_provider_asks_for_one(
    site: Site, okta: Provider, browser: Browser
) -> None:
    required = {"second_factor_required": True, "second_factor_grace_days": 0}
    site.use(okta.settings(), **required)
    visit(browser, okta)
    assert browser.get("/orders/").location == "/my-account/one-time-codes"
    site.use(okta.settings(second_factor=True), **required)
    assert browser.get("/orders/").status_code == 200


def test_nobody_is_let_in_without_the_second_factor_that_the_provider_has_to_tell_of(
    site: Site, okta: Provider, browser: Browser
) -> None:
    site.use(okta.settings(second_factor=("amr=mfa", "amr=hwk")))
    for claims in ({}, {"amr": ["pwd"]}, {"acr": "mfa"}):
        okta.change = claims
        answer = visit(browser, okta)
        assert answer.status_code == 422
        assert "Okta did not ask you for a second factor" in answer.text
    assert site.person() is None
    assert len(site.events("person.sign_in_failed")) == 3
    okta.change = {"amr": ["pwd", "mfa"]}
    assert visit(browser, okta).status_code == 303


def test_who_signed_in_at_the_provider_long_ago_has_proven_nothing_now(
    site: Site, okta: Provider, browser: Browser
) -> None:
    now = int(time.time())
    for auth_time, status in (
        (now - 660, 401),
        (-1e30, 401),
        (math.nan, 401),
        (now - 540, 200),
        (now + 60, 200),
    ):
        okta.change = {"auth_time": auth_time}
        visit(browser, okta)
        assert browser.post("/tokens/new", data={"name": "Kim", "days": "30"}).status_code == status


def test_what_could_hurt_is_confirmed_at_the_provider_and_what_was_entered_is_kept(
    app: Flask, site: Site, okta: Provider, browser: Browser
) -> None:
    another = Browser(app, app.response_class)
    okta.person |= {"sub": "kim-1", "email": "kim@example.com"}
    visit(another, okta)
    okta.person |= {"sub": "noor-1", "email": "noor@example.com"}
    visit(browser, okta)
    db.session.execute(update(SignIn).values(created_at=utcnow() - timedelta(minutes=11)))
    db.session.commit()
    created = {"name": "Kim", "days": "30"}
    token = hidden(browser.get("/tokens/new").text, "csrf_token")
    came_from = {"Accept": "text/html", "Referer": "http://localhost/tokens/new"}
    sent = browser.post("/tokens/new", data=created | {"csrf_token": token}, headers=came_from)
    assert sent.status_code == 401
    assert "Confirm with Okta" in sent.text
    # It says where one is sent, and that one comes back; or one leaves it.
    assert "needs you to sign in with Okta once more; then you are back here." in sent.text
    assert '<a class="btn" href="/tokens/new">Cancel</a>' in sent.text
    foreign = came_from | {"Referer": "http://elsewhere.example/tokens/new"}
    sent = browser.post("/tokens/new", data=created | {"csrf_token": token}, headers=foreign)
    assert ">Cancel</a>" not in sent.text
    kept = {"back": "http://localhost/tokens/new", "unsaved_input": hidden(sent.text, "unsaved_input")}
    asked = leave(browser, "/confirm-identity/with/okta", data=kept)
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    # Not having signed in there again is not enough, nor is another person.
    refused: list[Claims] = [{"auth_time": None}, {"auth_time": int(time.time()) - 3600}]
    for claims in (*refused, {"sub": "ada-1"}, {"sub": "kim-1"}):
        okta.change = {"auth_time": int(time.time())} | claims
        assert come_back(browser, okta, asked).status_code == 422
        assert browser.post("/tokens/new", data=created).status_code == 401
        asked = leave(browser, "/confirm-identity/with/okta", data=kept)
    okta.change = {"auth_time": int(time.time())}
    page = come_back(browser, okta, asked)
    assert "You have confirmed who you are" in page.text
    assert 'value="Kim"' in page.text
    assert browser.post("/tokens/new", data=created).status_code == 200


# ---- The provider ends sessions

LOGOUT = {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}, "jti": "one"}


def log_out(browser: Browser, okta: Provider, claims: Claims, **header: Any) -> int:
    payload = {**okta.claims(), "sub": "noor-1", **LOGOUT, **claims}
    token = okta.signed({name: value for name, value in payload.items() if value is not None}, **header)
    answer = browser.post("/sign-in/with/okta/backchannel-logout", data={"logout_token": token})
    return int(answer.status_code)


def test_the_provider_ends_the_sessions_it_opened(
    app: Flask, site: Site, okta: Provider, browser: Browser
) -> None:
    visit(browser, okta)
    second = Browser(app, app.response_class)
    okta.person |= {"sid": "session-2"}
    visit(second, okta)
    caller, by_itself = (Browser(app, app.response_class) for _ in range(2))
    noor = site.person()
    assert noor is not None
    give_session(by_itself, noor)
    assert log_out(caller, okta, {"sid": "session-2"}) == 200
    assert (is_in(browser), is_in(second)) == (True, False)
    assert log_out(caller, okta, {"sub": "", "sid": None}) == 400
    okta.person.pop("sid")
    another = Browser(app, app.response_class)
    okta.person |= {"sub": "kim-1", "email": "kim@example.com"}
    visit(another, okta)
    assert log_out(caller, okta, {}) == 200
    assert is_in(another)
    assert (is_in(browser), is_in(by_itself)) == (False, True)
    assert site.events("person.signed_out") == ["Okta ended 1 session that it had opened."] * 2


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "somebody-else"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"nonce": "an ID token"},
        {"events": {}},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": "yes"}},
        {"jti": 7},
        {"jti": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_logout_token_that_is_not_right_ends_nothing(
    site: Site, okta: Provider, browser: Browser, change: Claims
) -> None:
    visit(browser, okta)
    assert log_out(browser, okta, change) == 400
    assert is_in(browser)


def test_a_logout_token_from_before_does_not_end_what_was_begun_later(
    site: Site, okta: Provider, browser: Browser
) -> None:
    visit(browser, okta)
    assert log_out(browser, okta, {"iat": int(time.time()) - 120}) == 200
    assert is_in(browser)
    site.use()
    assert log_out(browser, okta, {}) == 404


# ---- The table of rules


def test_rules_are_written_by_super_admins_on_a_page(site: Site, clients: Clients, world: World) -> None:
    form = {"provider": "okta", "claim": "groups", "value": "helpers", "role": "support"}
    again = clients.ada.post("/access-rules/new/", data=form)
    assert again.status_code == 422
    assert "Support needs at least one platform" in again.text
    assert 'value="helpers"' in again.text
    given = form | {"platform_ids": str(world.northwind.id)}
    for field in ("claim", "value"):
        refused = clients.ada.post("/access-rules/new/", data=given | {field: "help\0ers"})
        assert refused.status_code == 422
        assert "Remove the invisible control character from this text." in refused.text
    assert clients.ada.post("/access-rules/new/", data=given).location == "/access-rules/"
    assert clients.ada.post("/access-rules/new/", data=given).status_code == 422
    page = clients.ada.get("/access-rules/").text
    assert "helpers" in page
    assert "Northwind Voice" in page
    key = re.search(r'href="(/access-rules/\d+/)">helpers', page)[1]
    assert clients.piet.get(key).status_code == 403
    clients.ada.post(key, data=form | {"all_platforms": "y"})
    clients.ada.post(f"{key}delete")
    helpers = "“groups helpers of okta gives Support, platforms: {}”"
    one, every = helpers.format("Northwind Voice"), helpers.format("all")
    assert site.events("access_rule.changed")[1:] == [
        f"Ada Okafor created the rule {one}.",
        f"Ada Okafor changed the rule {one} to {every}.",
        f"Ada Okafor deleted the rule {every}.",
    ]

"""One-time codes: setting up, signing in, recovery, resetting, and proving again who one is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.people.one_time_codes import code_at, new_secret
from hwadmin.domain.people.passwords import Hasher
from hwadmin.domain.permissions import Role
from hwadmin.errors import NotAllowed, WrongState
from hwadmin.models import AuditEvent, Person, RecoveryCode, SecondFactor, SignIn
from hwadmin.operations.people import second_factor
from hwadmin.views.people import second_factor as second_factor_pages
from hwadmin.views.people.identity_confirmation import DEMANDING
from tests.builders import Browser, World, sign_in

QUICK = Hasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "tall walnut under bridge"


@pytest.fixture(autouse=True)
def one_moment() -> Iterator[None]:
    """A code is of half a minute, and no half a minute ends while a test is at it."""
    with clock.at(utcnow()):
        yield


@pytest.fixture
def noor(app: Flask, world: World) -> Iterator[Person]:
    """A super-admin whose password is known, and who has no second factor yet."""
    app.config["PASSWORD_HASHER"] = QUICK
    yield world.a_person(
        "Noor Haddad", Role.SUPER_ADMIN, email="noor@example.com", password_hash=QUICK.hash(PASSWORD)
    )
    del app.config["PASSWORD_HASHER"]


@pytest.fixture
def browser(app: Flask, noor: Person) -> Browser:
    return Browser(app, app.response_class)


def password(browser: Browser, **query: str) -> object:
    data = {"email": "noor@example.com", "password": PASSWORD}
    return browser.post("/sign-in", data=data, query_string=query)


def is_in(browser: Browser) -> bool:
    return browser.get("/my-account").status_code == 200


def secret_on(page: str) -> str:
    return re.search(r"((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})", page)[1].replace(" ", "")


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1]


def now_code(secret: str, ahead: int = 0) -> str:
    return code_at(secret, int(utcnow().timestamp()) // 30 + ahead)


def given_second_factor(noor: Person) -> tuple[str, list[str]]:
    """The secret and the recovery codes of a second factor that was set up a while ago."""
    secret = new_secret()
    with clock.at(utcnow() - timedelta(hours=1)):
        codes = second_factor.set_up(noor.actor, secret, now_code(secret))
    db.session.commit()
    return secret, codes


def events(kind: AuditKind) -> list[str]:
    return list(
        db.session.scalars(select(AuditEvent.summary).where(AuditEvent.kind == kind).order_by(AuditEvent.id))
    )


def rows(table: type[SecondFactor] | type[RecoveryCode]) -> int:
    return db.session.scalars(select(func.count()).select_from(table)).one()


# ---- Setting up


def test_an_app_is_set_up_and_asked_for_from_then_on(browser: Browser, noor: Person) -> None:
    password(browser)
    page = browser.get("/my-account/one-time-codes")
    assert "<svg" in page.text
    secret = secret_on(page.text)
    code = now_code(secret)
    done = browser.post(
        "/my-account/one-time-codes", data={"secret": hidden(page.text, "secret"), "code": code}
    )
    assert done.status_code == 200
    assert len(re.findall(r"<li><code>[a-z2-9]{6}(?:-[a-z2-9]{6}){3}</code>", done.text)) == 10
    assert events(AuditKind.PERSON_SECOND_FACTOR_CHANGED) == ["Noor Haddad set up one-time codes."]
    assert secret not in browser.get("/audit/").text
    browser.post("/sign-out")
    answer = password(browser)
    assert "Enter your code" in answer.text  # type: ignore[attr-defined]
    # Nor does the code with which it was set up count again.
    used = {"ticket": hidden(answer.text, "ticket"), "code": code}  # type: ignore[attr-defined]
    assert browser.post("/sign-in/code", data=used).status_code == 422
    assert not is_in(browser)


def test_a_wrong_code_sets_nothing_up_and_keeps_the_same_secret(browser: Browser, noor: Person) -> None:
    password(browser)
    page = browser.get("/my-account/one-time-codes")
    again = browser.post(
        "/my-account/one-time-codes", data={"secret": hidden(page.text, "secret"), "code": "000000"}
    )
    assert again.status_code == 422
    assert secret_on(again.text) == secret_on(page.text)
    assert rows(SecondFactor) == rows(RecoveryCode) == 0
    assert events(AuditKind.PERSON_SECOND_FACTOR_CHANGED) == []


def test_a_secret_of_somebody_else_or_none_is_refused(browser: Browser, noor: Person) -> None:
    password(browser)
    secret = new_secret()
    of_another = second_factor_pages._serializer("second-factor").dumps([noor.id + 1, secret])
    for sealed in ("", "forged", secret, of_another):
        sent = {"secret": sealed, "code": now_code(secret)}
        assert browser.post("/my-account/one-time-codes", data=sent).status_code == 422
    assert rows(SecondFactor) == 0


# ---- Signing in


def test_password_and_code_lead_to_where_one_wanted(browser: Browser, noor: Person) -> None:
    secret, _ = given_second_factor(noor)
    page = password(browser, next="/devices/")
    action = re.search(r'action="([^"]+)"', page.text)[1]  # type: ignore
    answer = browser.post(action, data={"ticket": hidden(page.text, "ticket"), "code": now_code(secret)})  # type: ignore[attr-defined]
    assert answer.location == "/devices/"
    assert is_in(browser)


def test_no_code_lets_in_twice(app: Flask, browser: Browser, noor: Person) -> None:
    secret, _ = given_second_factor(noor)
    code = now_code(secret)
    for client, status in ((browser, 303), (Browser(app, app.response_class), 422)):
        ticket = hidden(password(client).text, "ticket")  # type: ignore[attr-defined]
        assert client.post("/sign-in/code", data={"ticket": ticket, "code": code}).status_code == status
    assert events(AuditKind.PERSON_SIGN_IN_FAILED) != []


def test_a_recovery_code_lets_in_once(app: Flask, browser: Browser, noor: Person) -> None:
    _, codes = given_second_factor(noor)
    for client, status in ((browser, 303), (Browser(app, app.response_class), 422)):
        ticket = hidden(password(client).text, "ticket")  # type: ignore[attr-defined]
        assert client.post("/sign-in/code", data={"ticket": ticket, "code": codes[3]}).status_code == status
    assert rows(RecoveryCode) == 9
    assert events(AuditKind.PERSON_SECOND_FACTOR_CHANGED)[-1] == "Noor Haddad used a recovery code; 9 left."


def test_a_ticket_is_of_no_use_without_the_password_of_now_or_when_forged(
    browser: Browser, noor: Person
) -> None:
    secret, _ = given_second_factor(noor)
    ticket = hidden(password(browser).text, "ticket")  # type: ignore[attr-defined]
    for forged in ("", "x", ticket[:-2]):
        answer = browser.post("/sign-in/code", data={"ticket": forged, "code": now_code(secret)})
        assert answer.status_code == 303
        assert answer.location.startswith("/sign-in")
    noor.password_hash = QUICK.hash("another password entirely")
    db.session.commit()
    answer = browser.post("/sign-in/code", data={"ticket": ticket, "code": now_code(secret)})
    assert answer.status_code == 422
    assert not is_in(browser)


def test_guessing_codes_is_held_back_like_guessing_passwords(browser: Browser, noor: Person) -> None:
    secret, _ = given_second_factor(noor)
    ticket = hidden(password(browser).text, "ticket")  # type: ignore[attr-defined]
    # A right password between the guesses does not wipe them out.
    statuses = []
    for guess in range(12):
        password(browser)
        answer = browser.post("/sign-in/code", data={"ticket": ticket, "code": f"{guess:06d}"})
        statuses.append(answer.status_code)
    assert statuses[:9] == [422] * 9
    assert statuses[-1] == 429
    assert browser.post("/sign-in/code", data={"ticket": ticket, "code": now_code(secret)}).status_code == 429


# ---- Turning off, resetting, being required


def test_codes_are_turned_off_by_oneself_and_reset_by_another_super_admin(
    app: Flask, world: World, browser: Browser, noor: Person
) -> None:
    given_second_factor(noor)
    with pytest.raises(WrongState):
        second_factor.reset_second_factor(noor.actor, noor.id)
    with pytest.raises(WrongState):
        second_factor.turn_off(noor.actor, required=True)
    with pytest.raises(NotAllowed):
        second_factor.reset_second_factor(world.piet.actor, noor.id)
    assert rows(SecondFactor) == 1
    second_factor.reset_second_factor(world.ada.actor, noor.id)
    db.session.commit()
    assert rows(SecondFactor) == rows(RecoveryCode) == 0
    assert (
        events(AuditKind.PERSON_SECOND_FACTOR_CHANGED)[-1]
        == f"{world.ada.name} reset the second factor of Noor Haddad."
    )
    with pytest.raises(WrongState):
        second_factor.reset_second_factor(world.ada.actor, noor.id)
    assert password(browser).status_code == 303  # type: ignore[attr-defined]
    assert is_in(browser)


def test_a_reset_ends_the_sessions_of_whom_it_concerns(world: World, browser: Browser, noor: Person) -> None:
    secret, _ = given_second_factor(noor)
    ticket = hidden(password(browser).text, "ticket")  # type: ignore[attr-defined]
    browser.post("/sign-in/code", data={"ticket": ticket, "code": now_code(secret)})
    assert is_in(browser)
    second_factor.reset_second_factor(world.ada.actor, noor.id)
    db.session.commit()
    assert not is_in(browser)


def test_where_codes_are_required_every_page_leads_to_setting_them_up(
    app: Flask, browser: Browser, noor: Person
) -> None:
    settings = app.config["HWADMIN"]
    app.config["HWADMIN"] = replace(settings, second_factor_required=True, second_factor_grace_days=14)
    try:
        password(browser)
        assert is_in(browser)
        noor.second_factor_awaited_from = utcnow() - timedelta(days=14)
        db.session.commit()
        for address in ("/orders/", "/my-account", "/people/"):
            assert browser.get(address).location == "/my-account/one-time-codes"
        assert browser.get("/my-account/one-time-codes").status_code == 200
        assert browser.post("/sign-out").location == "/sign-in?out=1"
    finally:
        app.config["HWADMIN"] = settings


# ---- Proving again who one is


def long_ago() -> None:
    """Let ten minutes pass since anybody proved who they are."""
    for session in db.session.scalars(select(SignIn)):
        session.created_at = utcnow() - timedelta(minutes=11)
        session.proved_at = None
    db.session.commit()


def test_what_could_hurt_asks_again_after_ten_minutes_and_keeps_what_was_entered(
    world: World, browser: Browser, noor: Person
) -> None:
    password(browser)
    entered = {"name": "Eve", "email": "eve@example.com", "role": "support", "all_platforms": "y"}
    long_ago()
    token = hidden(browser.get("/people/new/").text, "csrf_token")
    asked = browser.post(
        "/people/new/", data=entered | {"csrf_token": token}, headers={"Accept": "text/html"}
    )
    assert asked.status_code == 401
    assert "Confirm that it is you" in asked.text
    assert db.session.scalars(select(Person).where(Person.email == "eve@example.com")).first() is None
    kept = hidden(asked.text, "unsaved_input")
    wrong = browser.post("/confirm-identity", data={"password": "not this one", "unsaved_input": kept})
    assert wrong.status_code == 422
    assert "The password is not right." in wrong.text
    confirmed = browser.post(
        "/confirm-identity", data={"password": PASSWORD, "unsaved_input": hidden(wrong.text, "unsaved_input")}
    )
    assert confirmed.status_code == 200
    assert "eve@example.com" in confirmed.text
    assert browser.post("/people/new/", data=entered).status_code == 200
    assert db.session.scalars(select(Person).where(Person.email == "eve@example.com")).one().name == "Eve"


def test_a_second_factor_is_asked_for_too(browser: Browser, noor: Person) -> None:
    secret, _ = given_second_factor(noor)
    ticket = hidden(password(browser).text, "ticket")  # type: ignore[attr-defined]
    browser.post("/sign-in/code", data={"ticket": ticket, "code": now_code(secret, -1)})
    long_ago()
    address = "/my-account/one-time-codes/recovery-codes"
    assert browser.post(address).status_code == 401
    assert browser.post("/confirm-identity", data={"password": PASSWORD}).status_code == 422
    done = browser.post(
        "/confirm-identity",
        data={"password": PASSWORD, "code": now_code(secret), "back": "http://localhost/my-account"},
    )
    assert done.location == "/my-account"
    assert browser.post(address).status_code == 200
    # The former ones are gone.
    assert rows(RecoveryCode) == 10


def test_codes_cannot_be_guessed_where_one_confirms_who_one_is(browser: Browser, noor: Person) -> None:
    secret, _ = given_second_factor(noor)
    ticket = hidden(password(browser).text, "ticket")  # type: ignore[attr-defined]
    browser.post("/sign-in/code", data={"ticket": ticket, "code": now_code(secret, -1)})
    long_ago()
    guesses = [f"{guess:06d}" for guess in range(11)]
    statuses = [
        browser.post("/confirm-identity", data={"password": PASSWORD, "code": code}).status_code
        for code in (*guesses, now_code(secret))
    ]
    assert statuses == [422] * 10 + [429] * 2
    assert browser.post("/my-account/one-time-codes/recovery-codes").status_code == 401


def test_the_proof_gives_the_session_a_new_handle_and_a_copy_of_the_former_opens_nothing(
    app: Flask, browser: Browser, noor: Person
) -> None:
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0"}
    data = {"email": "noor@example.com", "password": PASSWORD}
    browser.post("/sign-in", data=data, headers=agent)
    copy = Browser(app, app.response_class)
    for _ in range(2):
        copy.set_cookie("hwadmin_session", browser.get_cookie("hwadmin_session").value)
        assert is_in(copy)
        long_ago()
        assert browser.post("/confirm-identity", data={"password": PASSWORD}).status_code == 303
        assert not is_in(copy)
    # Which browser it is, is known by its sign-in.
    assert "Firefox 147 on Linux" in browser.get("/my-account").text
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 1


def test_who_takes_long_to_set_up_what_is_due_confirms_first_and_goes_on(
    app: Flask, browser: Browser, noor: Person
) -> None:
    settings = app.config["HWADMIN"]
    app.config["HWADMIN"] = replace(settings, second_factor_required=True, second_factor_grace_days=0)
    try:
        password(browser)
        address = "/my-account/one-time-codes"
        page = browser.get(address).text
        secret, sealed = secret_on(page), hidden(page, "secret")
        long_ago()
        sent = {"secret": sealed, "code": now_code(secret)}
        assert browser.post(address, data=sent).status_code == 401
        assert rows(SecondFactor) == 0
        confirmed = browser.post(
            "/confirm-identity", data={"password": PASSWORD, "back": f"http://localhost{address}"}
        )
        assert confirmed.location == address
        assert browser.post(address, data=sent).status_code == 200
        assert rows(SecondFactor) == 1
    finally:
        app.config["HWADMIN"] = settings


def test_what_proves_something_is_good_for_a_while_only(browser: Browser, noor: Person) -> None:
    password(browser)
    page = browser.get("/my-account/one-time-codes").text
    setting_up = {"secret": hidden(page, "secret"), "code": now_code(secret_on(page))}
    with pytest.MonkeyPatch.context() as later:
        later.setattr(second_factor_pages, "_SET_UP_SECONDS", -1)
        late = browser.post("/my-account/one-time-codes", data=setting_up)
    assert (late.status_code, rows(SecondFactor)) == (422, 0)
    browser.post("/sign-out")
    secret, _ = given_second_factor(noor)
    ticket = hidden(password(browser).text, "ticket")  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as later:
        later.setattr(second_factor_pages, "_TICKET_SECONDS", -1)
        answer = browser.post("/sign-in/code", data={"ticket": ticket, "code": now_code(secret)})
    assert answer.location.startswith("/sign-in")
    assert not is_in(browser)


def test_the_list_of_demanding_acts_names_endpoints_there_are(app: Flask) -> None:
    assert set(app.view_functions) >= DEMANDING


# ---- Sessions


def test_a_session_elsewhere_is_ended_and_only_ones_own(
    app: Flask, world: World, browser: Browser, noor: Person
) -> None:
    other = Browser(app, app.response_class)
    password(browser)
    password(other)
    (mark,) = re.findall(r"/my-account/sessions/([0-9a-f]{16})/end", browser.get("/my-account").text)
    assert browser.post(f"/my-account/sessions/{mark}/end").location == "/my-account"
    assert is_in(browser)
    assert not is_in(other)
    sign_in(other, world.piet)
    marks = [row.handle_hash[:16] for row in db.session.scalars(select(SignIn))]
    for mark in [*marks, "0" * 16, "%" * 16]:
        browser.post(f"/my-account/sessions/{mark}/end")
    assert is_in(browser)
    assert is_in(other)

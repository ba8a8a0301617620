"""Forgotten passwords: the mail with the link, and what the link does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.people.passwords import Hasher
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.models import AuditEvent, PasswordLink, Person
from hwadmin.operations.people.people import disable_person
from hwadmin.outbox.mail_client import with_own_link
from tests.builders import Browser, World, sign_in
from tests.outbox.conftest import Deliveries

QUICK = Hasher(time_cost=1, memory_cost=8, parallelism=1)
NEW = "violet anchor marble seven"


@pytest.fixture
def browser(app: Flask, world: World) -> Iterator[Browser]:
    app.config["PASSWORD_HASHER"] = QUICK
    yield Browser(app, app.response_class)
    del app.config["PASSWORD_HASHER"]


def ask(browser: Browser, email: str) -> str:
    answer = browser.post("/sign-in/forgotten", data={"email": email})
    assert answer.status_code == 200
    page: str = re.sub(r' nonce="[^"]+"', "", answer.text)
    return page


def link_of(out: Deliveries) -> str:
    """The path of the link in the newest mail, as it leaves."""
    out.run()
    parts = with_own_link(json.loads(out.mails[-1].payload))
    (path,) = set(re.findall(r"https?://[^/]+(/sign-in/new-password/[\w-]+)", parts["text"]))
    return str(path)


def choose(browser: Browser, path: str, password: str = NEW) -> int:
    return browser.post(path, data={"new_password": password, "repeated": password}).status_code


def hash_of(person: Person) -> str:
    return db.session.scalars(select(Person.password_hash).where(Person.id == person.id)).one()


def test_a_mailed_link_sets_a_new_password_once(browser: Browser, world: World, out: Deliveries) -> None:
    ask(browser, world.piet.email)
    path = link_of(out)
    mail = out.mails[-1]
    assert mail.recipient == world.piet.email
    # Neither the stored mail nor the database lets anybody in.
    assert path.rpartition("-")[2] not in mail.payload
    for _ in range(2):
        assert browser.get(path).status_code == 200
    assert choose(browser, path) == 303
    assert QUICK.verify(hash_of(world.piet), NEW)
    assert browser.post("/sign-in", data={"email": world.piet.email, "password": NEW}).status_code == 303
    before = hash_of(world.piet)
    assert choose(browser, path, "another one altogether") == 404
    assert browser.get(path).status_code == 404
    assert hash_of(world.piet) == before


def test_the_answer_tells_nobody_who_is_here(browser: Browser, world: World, out: Deliveries) -> None:
    transact(lambda: disable_person(COMMAND_LINE, world.sam.id))
    pages = {ask(browser, email) for email in (world.piet.email, "nobody@example.com", world.sam.email)}
    assert len(pages) == 1
    assert len(db.session.scalars(select(PasswordLink)).all()) == 3
    out.run()
    assert [mail.recipient for mail in out.mails] == [world.piet.email]
    kinds = db.session.scalars(
        select(AuditEvent.summary).where(AuditEvent.kind == "person.password_link_requested")
    ).all()
    assert len(kinds) == 3
    assert not any(world.piet.email in summary for summary in kinds)


def test_a_link_runs_out_after_an_hour_and_with_its_person(
    browser: Browser, world: World, out: Deliveries
) -> None:
    ask(browser, world.piet.email)
    path, before = link_of(out), hash_of(world.piet)
    with clock.at(utcnow() + timedelta(minutes=61)):
        assert choose(browser, path) == 404
    transact(lambda: disable_person(COMMAND_LINE, world.piet.id))
    assert choose(browser, path) == 404
    assert hash_of(world.piet) == before


def test_forged_links_open_nothing(browser: Browser, world: World, out: Deliveries) -> None:
    ask(browser, world.piet.email)
    path = link_of(out)
    token = path.rpartition("/")[2]
    number, _, signature = token.partition("-")
    other = "b" if signature[0] == "a" else "a"
    for forged in (f"{number}-{other}{signature[1:]}", f"9{token}", "x", "1-", f"{number}-{'a' * 52}"):
        assert browser.get(f"/sign-in/new-password/{forged}").status_code == 404
        assert choose(browser, f"/sign-in/new-password/{forged}") == 404


def test_a_weak_password_leaves_the_link_as_it_is(browser: Browser, world: World, out: Deliveries) -> None:
    ask(browser, world.piet.email)
    path = link_of(out)
    assert choose(browser, path, "short") == 422
    assert browser.post(path, data={"new_password": NEW, "repeated": "other"}).status_code == 422
    assert choose(browser, path) == 303


def test_using_one_link_ends_the_others_and_every_session(
    app: Flask, browser: Browser, world: World, out: Deliveries
) -> None:
    ask(browser, world.piet.email)
    first = link_of(out)
    signed_in = Browser(app, app.response_class)
    sign_in(signed_in, world.piet)
    ask(browser, world.piet.email)
    second = link_of(out)
    assert first != second
    assert choose(browser, second) == 303
    assert choose(browser, first, "another one altogether") == 404
    assert signed_in.get("/my-account").status_code == 302


def test_no_mailbox_is_filled_by_others(browser: Browser, world: World, out: Deliveries) -> None:
    for _ in range(5):
        ask(browser, world.piet.email)
    out.run()
    assert len(out.mails) == 3
    statuses = [
        browser.post("/sign-in/forgotten", data={"email": world.piet.email}).status_code for _ in range(8)
    ]
    assert statuses[-1] == 429

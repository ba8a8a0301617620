"""Passkeys: adding, signing in, confirming who one is, removing; and what is not taken for one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from sqlalchemy import func, select, update
from webauthn.helpers import bytes_to_base64url

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.config import IdentityProvider
from hwadmin.db.extensions import db
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.people.passwords import Hasher
from hwadmin.domain.permissions import Role
from hwadmin.models import AccountNotice, AuditEvent, NoticeKind, Passkey, Person, RecoveryCode, SignIn
from hwadmin.operations.people import passkeys, second_factor
from tests.builders import Answer, Browser, World

QUICK = Hasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "tall walnut under bridge"
ORIGIN = "https://orders.example.com"


@dataclass
class Authenticator:
    """A device that keeps one passkey, and can be made to lie."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = b"a-credential-of-the-tests"
    host: str = "orders.example.com"
    origin: str = ORIGIN
    # Present and verified.
    flags: int = 0x05
    count: int = 1

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, flags: int, more: bytes = b"") -> bytes:
        rp = hashlib.sha256(self.host.encode()).digest()
        return rp + bytes([flags]) + self.count.to_bytes(4, "big") + more

    def _credential(self, **response: bytes) -> str:
        key = bytes_to_base64url(self.id)
        parts = {name: bytes_to_base64url(value) for name, value in response.items()}
        return json.dumps({"id": key, "rawId": key, "type": "public-key", "response": parts})

    def create(self, challenge: str) -> str:
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(public)
        data = self._data(self.flags | 0x40, attested)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", challenge)
        return self._credential(clientDataJSON=client, attestationObject=attestation)

    def get(self, challenge: str, kind: str = "webauthn.get") -> str:
        self.count += 1
        client, data = self._client(kind, challenge), self._data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._credential(clientDataJSON=client, authenticatorData=data, signature=signature)


@pytest.fixture
def noor(app: Flask, world: World) -> Iterator[Person]:
    before = app.config["HWADMIN"]
    app.config["PASSWORD_HASHER"] = QUICK
    app.config["HWADMIN"] = replace(before, base_url=ORIGIN)
    yield world.a_person(
        "Noor Haddad", Role.SUPER_ADMIN, email="noor@example.com", password_hash=QUICK.hash(PASSWORD)
    )
    app.config["HWADMIN"] = before
    del app.config["PASSWORD_HASHER"]


@pytest.fixture
def browser(app: Flask, noor: Person) -> Browser:
    return Browser(app, app.response_class)


def password(browser: Browser) -> Answer:
    return browser.post("/sign-in", data={"email": "noor@example.com", "password": PASSWORD})


def is_in(browser: Browser) -> bool:
    return browser.get("/my-account").status_code == 200


def challenge(browser: Browser, path: str, **data: str) -> str:
    return str(browser.post(f"{path}/options", data=data).get_json()["challenge"])


def add(browser: Browser, device: Authenticator, name: str = "Laptop") -> Answer:
    asked = challenge(browser, "/my-account/passkeys")
    return browser.post("/my-account/passkeys", data={"credential": device.create(asked), "name": name})


def come_in(browser: Browser, device: Authenticator, **data: str) -> Answer:
    asked = challenge(browser, "/sign-in/passkey", **data)
    return browser.post("/sign-in/passkey", data={"credential": device.get(asked), **data})


def events(kind: AuditKind) -> list[str]:
    rows = select(AuditEvent.summary).where(AuditEvent.kind == kind).order_by(AuditEvent.id)
    return list(db.session.scalars(rows))


def hidden(page: str, name: str) -> str:
    return str(re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1])


@pytest.fixture
def device(browser: Browser, noor: Person) -> Authenticator:
    """A device with a passkey of Noor's, who is signed out."""
    device = Authenticator()
    password(browser)
    assert add(browser, device).status_code == 200
    browser.post("/sign-out")
    return device


def test_a_passkey_lets_in_alone_and_is_listed_and_recovery_codes_were_shown(
    browser: Browser, device: Authenticator, noor: Person
) -> None:
    assert db.session.scalar(select(func.count()).select_from(RecoveryCode)) == 10
    assert come_in(browser, device).status_code == 303
    page = browser.get("/my-account").text
    assert "Laptop" in page
    db.session.refresh(noor)
    assert noor.second_factor_since is not None
    assert events(AuditKind.PERSON_SECOND_FACTOR_CHANGED) == ["Noor Haddad added the passkey “Laptop”."]
    assert add(browser, device).status_code == 422


def test_a_password_alone_is_not_enough_any_more_and_the_passkey_is_its_second_step(
    browser: Browser, device: Authenticator
) -> None:
    page = password(browser)
    assert not is_in(browser)
    assert "Use a passkey" in page.text
    ticket = hidden(page.text, "ticket")
    wrong = browser.post("/sign-in/code", data={"ticket": ticket, "code": "000000"})
    assert "Use a passkey" in wrong.text
    allowed = browser.post("/sign-in/passkey/options", data={"ticket": ticket}).get_json()
    assert [row["id"] for row in allowed["allowCredentials"]] == [bytes_to_base64url(device.id)]
    assert come_in(browser, device, ticket=ticket).status_code == 303
    assert is_in(browser)


def test_somebody_elses_passkey_is_no_second_step(
    app: Flask, browser: Browser, device: Authenticator, world: World, noor: Person
) -> None:
    ticket = hidden(password(browser).text, "ticket")
    kim = world.a_person("Kim", Role.SUPER_ADMIN, email="kim@example.com", password_hash=QUICK.hash(PASSWORD))
    second_factor.replace_recovery_codes(kim)
    kim.second_factor_since = utcnow()
    db.session.commit()
    page = browser.post("/sign-in", data={"email": "kim@example.com", "password": PASSWORD})
    # Kim, who has none, is not offered it either.
    assert "Use a passkey" not in page.text
    assert come_in(browser, device, ticket=hidden(page.text, "ticket")).status_code == 422
    # Nor is one's own, once the password of the first step has changed.
    noor.password_hash = QUICK.hash("another password entirely")
    db.session.commit()
    assert come_in(browser, device, ticket=ticket).status_code == 422
    assert not is_in(browser)


LIES: dict[str, Callable[[Authenticator], Any]] = {
    "of another key": lambda device: setattr(device, "key", ec.generate_private_key(ec.SECP256R1())),
    "made on another page": lambda device: setattr(
        device, "origin", "https://orders.example.com.evil.example"
    ),
    "of another site": lambda device: setattr(device, "host", "evil.example"),
    "of who was not verified": lambda device: setattr(device, "flags", 0x01),
    "of nobody present": lambda device: setattr(device, "flags", 0x04),
    "of a copy that was used less": lambda device: setattr(device, "count", -1),
    "unknown": lambda device: setattr(device, "id", b"another"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_an_answer_is_not_taken(
    browser: Browser, device: Authenticator, lie: Callable[[Authenticator], Any]
) -> None:
    lie(device)
    before = len(events(AuditKind.PERSON_SIGN_IN_FAILED))
    answer = come_in(browser, device)
    assert answer.status_code == 422
    assert "That passkey was not accepted" in answer.text
    assert not is_in(browser)
    assert len(events(AuditKind.PERSON_SIGN_IN_FAILED)) == before + 1


def test_an_answer_counts_once_in_the_browser_that_was_asked_and_for_a_while(
    app: Flask, browser: Browser, device: Authenticator
) -> None:
    asked = challenge(browser, "/sign-in/passkey")
    answer = device.get(asked)
    thief = Browser(app, app.response_class)
    challenge(thief, "/sign-in/passkey")
    assert thief.post("/sign-in/passkey", data={"credential": answer}).status_code == 422
    assert browser.post("/sign-in/passkey", data={"credential": answer}).status_code == 303
    browser.post("/sign-out")
    with browser.session_transaction() as cookie:
        cookie["passkey_challenges"] = [asked]
    again = device.get(asked)
    assert browser.post("/sign-in/passkey", data={"credential": again}).status_code == 422
    with clock.at(utcnow() - timedelta(minutes=15, seconds=1)):
        late = device.get(challenge(browser, "/sign-in/passkey"))
    assert browser.post("/sign-in/passkey", data={"credential": late}).status_code == 422
    for junk in ("", "{}", "[]", '{"response": {"clientDataJSON": "e30"}}', "[" * 9000, "\0"):
        assert browser.post("/sign-in/passkey", data={"credential": junk}).status_code == 422
    assert not is_in(browser)


def test_an_answer_to_another_question_is_not_taken(browser: Browser, device: Authenticator) -> None:
    asked = challenge(browser, "/sign-in/passkey")
    made = device.get(asked, "webauthn.create")
    assert browser.post("/sign-in/passkey", data={"credential": made}).status_code == 422


def test_who_is_disabled_or_signs_in_elsewhere_is_not_let_in(
    app: Flask, browser: Browser, device: Authenticator, noor: Person
) -> None:
    okta = IdentityProvider("okta", "Okta", "http://127.0.0.1:9", "hwadmin", "secret", ("example.com",))
    app.config["HWADMIN"] = replace(app.config["HWADMIN"], providers=(okta,))
    answer = come_in(browser, device)
    assert (answer.status_code, is_in(browser)) == (422, False)
    assert "You sign in with Okta here." in answer.text
    app.config["HWADMIN"] = replace(app.config["HWADMIN"], providers=())
    noor.disabled_at = utcnow()
    db.session.commit()
    assert (come_in(browser, device).status_code, is_in(browser)) == (422, False)


def test_the_use_of_the_break_glass_account_by_a_passkey_is_told(
    app: Flask, browser: Browser, device: Authenticator
) -> None:
    app.config["HWADMIN"] = replace(app.config["HWADMIN"], break_glass="noor@example.com")
    assert come_in(browser, device).status_code == 303
    assert len(events(AuditKind.PERSON_BREAK_GLASS_USED)) == 1
    assert db.session.scalars(select(AccountNotice.kind)).all() == [NoticeKind.BREAK_GLASS]


def test_adding_and_removing_ask_for_proof_which_the_passkey_is(
    browser: Browser, device: Authenticator, noor: Person
) -> None:
    come_in(browser, device)
    db.session.execute(update(SignIn).values(created_at=utcnow() - timedelta(minutes=11)))
    db.session.commit()
    key = db.session.scalars(select(Passkey.id)).one()
    address = f"/my-account/passkeys/{key}/remove"
    assert browser.post(address).status_code == 401
    assert add(browser, Authenticator(id=b"second"), "Phone").status_code == 401
    other = Authenticator(key=device.key, id=b"unknown")
    for wrong in (other, device):
        asked = challenge(browser, "/confirm-identity/passkey")
        wrong.origin = "https://evil.example" if wrong is device else ORIGIN
        assert (
            browser.post("/confirm-identity/passkey", data={"credential": wrong.get(asked)}).status_code
            == 422
        )
    device.origin = ORIGIN
    asked = challenge(browser, "/confirm-identity/passkey")
    assert (
        browser.post("/confirm-identity/passkey", data={"credential": device.get(asked)}).status_code == 303
    )
    assert add(browser, Authenticator(id=b"second"), "Phone").status_code == 303
    assert browser.post(address).status_code == 303
    assert browser.post(address).status_code == 404
    assert [row.name for row in db.session.scalars(select(Passkey))] == ["Phone"]
    assert events(AuditKind.PERSON_SECOND_FACTOR_CHANGED)[-1] == "Noor Haddad removed the passkey “Laptop”."


def test_the_passkey_of_another_confirms_nothing_and_is_not_ones_own_to_remove(
    browser: Browser, device: Authenticator, world: World
) -> None:
    come_in(browser, device)
    theirs, site = Authenticator(id=b"of-ada"), passkeys.RelyingParty("orders.example.com", ORIGIN)
    passkeys.add_passkey(world.ada.actor, site, "YWJj", theirs.create("YWJj"), "Ada's")
    db.session.commit()
    asked = challenge(browser, "/confirm-identity/passkey")
    answer = browser.post("/confirm-identity/passkey", data={"credential": theirs.get(asked)})
    assert answer.status_code == 422
    key = db.session.scalars(select(Passkey.id).where(Passkey.person_id == world.ada.id)).one()
    assert browser.post(f"/my-account/passkeys/{key}/remove").status_code == 404
    assert db.session.get(Passkey, key, populate_existing=True) is not None


def test_a_passkey_is_added_only_with_its_owner_verified_and_on_our_page(
    browser: Browser, noor: Person
) -> None:
    password(browser)
    assert add(browser, Authenticator(flags=0x01)).status_code == 422
    assert add(browser, Authenticator(origin="https://evil.example")).status_code == 422
    assert add(browser, Authenticator(host="evil.example")).status_code == 422
    assert db.session.scalars(select(Passkey.id)).all() == []


def test_a_copy_is_noticed_by_what_it_counts(browser: Browser, device: Authenticator) -> None:
    for _ in range(3):
        assert come_in(browser, device).status_code == 303
        browser.post("/sign-out")
    # The copy was made after the first use.
    device.count = 2
    assert come_in(browser, device).status_code == 422


def test_the_last_second_factor_stays_where_it_is_required_and_goes_with_its_recovery_codes_elsewhere(
    app: Flask, browser: Browser, device: Authenticator, noor: Person, world: World
) -> None:
    come_in(browser, device)
    address = f"/my-account/passkeys/{db.session.scalars(select(Passkey.id)).one()}/remove"
    app.config["HWADMIN"] = replace(app.config["HWADMIN"], second_factor_required=True)
    assert browser.post(address).status_code == 409
    app.config["HWADMIN"] = replace(app.config["HWADMIN"], second_factor_required=False)
    assert browser.post(address).status_code == 303
    db.session.refresh(noor)
    assert noor.second_factor_since is None
    assert db.session.scalar(select(func.count()).select_from(RecoveryCode)) == 0


def test_another_super_admin_resets_passkeys_too(
    browser: Browser, device: Authenticator, noor: Person, world: World
) -> None:
    second_factor.reset_second_factor(world.ada.actor, noor.id)
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Passkey)) == 0
    assert come_in(browser, device).status_code == 422


def test_a_recovery_code_stands_in_for_a_lost_passkey(browser: Browser, noor: Person) -> None:
    password(browser)
    page = add(browser, Authenticator()).text
    code = re.search(r"<li><code>([a-z2-9-]+)</code>", page)[1]
    browser.post("/sign-out")
    ticket = hidden(password(browser).text, "ticket")
    assert browser.post("/sign-in/code", data={"ticket": ticket, "code": code}).status_code == 303


def test_where_people_come_by_a_number_there_are_no_passkeys(app: Flask, browser: Browser) -> None:
    app.config["HWADMIN"] = replace(app.config["HWADMIN"], base_url="http://127.0.0.1:8000")
    assert "Sign in with a passkey" not in browser.get("/sign-in").text
    assert browser.post("/sign-in/passkey/options").status_code == 409

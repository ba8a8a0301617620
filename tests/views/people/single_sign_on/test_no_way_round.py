"""Every way in, for a super-admin with or without a second factor, who must have one or not: no way round.

A way opens the pages, leads to setting up a second factor and nowhere else, asks for a code, or opens
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.people.one_time_codes import code_at, new_secret
from hwadmin.domain.people.signed_links import signed_token
from hwadmin.domain.permissions import COMMAND_LINE, Role
from hwadmin.models import PasswordLink, Person, SecondFactor, StaffEntry
from hwadmin.operations.directory.tokens import create_directory_token
from hwadmin.operations.orders.approvals.links import link_token
from hwadmin.operations.people import passkeys, people, second_factor
from hwadmin.operations.people.passkeys import RelyingParty
from hwadmin.operations.people.password_links import PURPOSE
from hwadmin.operations.people.staff.access import open_staff_push
from hwadmin.operations.people.staff.entries import StaffFacts, add_staff_entry
from hwadmin.operations.people.staff.groups import GroupFacts, add_staff_group
from hwadmin.operations.people.staff.tokens import create_staff_token
from hwadmin.operations.people.tokens import create_token
from hwadmin.queries.orders.approvals import last_request
from hwadmin.web import access
from tests.builders import Answer, Browser, World
from tests.builders import sign_in as give_session
from tests.databases import SECRET_KEY
from tests.views.people.single_sign_on.conftest import PASSWORD, QUICK, Site
from tests.views.people.single_sign_on.provider import Provider, come_back, leave
from tests.views.people.test_passkeys import ORIGIN, Authenticator
from tests.views.people.test_second_factor import hidden

EMAIL = "noor@example.com"
STATES = ("not required", "in time", "too late")


@dataclass
class Case:
    """Noor in one of the states, and what the ways in need."""

    app: Flask
    site: Site
    okta: Provider
    noor: Person
    secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)
    device: Authenticator = field(default_factory=Authenticator)

    def browser(self) -> Browser:
        return Browser(self.app, self.app.response_class)

    def configure(self, state: str, **of_the_provider: Any) -> None:
        """Settings and Noor's grace period; the provider asks for a second factor itself or not."""
        self.site.use(
            self.okta.settings(**of_the_provider),
            base_url=ORIGIN,
            second_factor_required=state != "not required",
            second_factor_grace_days=14,
        )
        # A code of this half minute may have been taken in the state before.
        db.session.execute(update(SecondFactor).values(last_step=0))
        self.noor.second_factor_awaited_from = utcnow() - timedelta(days=14 if state == "too late" else 13)
        db.session.commit()

    def set_up_second_factors(self) -> None:
        """An app with its recovery codes, and a passkey."""
        self.secret = new_secret()
        with clock.at(utcnow() - timedelta(hours=1)):
            step = int(utcnow().timestamp()) // 30
            actor, code = self.noor.actor, code_at(self.secret, step)
            self.recovery_codes = transact(lambda: second_factor.set_up(actor, self.secret, code))
        site, made = RelyingParty("orders.example.com", ORIGIN), self.device.create("YWJj")
        transact(lambda: passkeys.add_passkey(actor, site, "YWJj", made, "Laptop"))


def outcome(browser: Browser, answer: Answer | None = None) -> str:
    """What a browser may do after it tried a way in."""
    page = browser.get("/people/")
    if page.status_code == 200:
        return "in"
    assert page.status_code in (302, 303)
    if page.location == "/my-account/one-time-codes":
        return "set up"
    return "code" if answer is not None and "Enter your code" in answer.text else "nothing"


# ---- The ways in


def by_password(case: Case, password: str = PASSWORD) -> str:
    browser = case.browser()
    return outcome(browser, browser.post("/sign-in", data={"email": EMAIL, "password": password}))


def by_password_and(case: Case, code: str) -> str:
    browser = case.browser()
    asked = browser.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
    ticket = hidden(asked.text, "ticket")
    return outcome(browser, browser.post("/sign-in/code", data={"ticket": ticket, "code": code}))


def by_one_time_code(case: Case) -> str:
    return by_password_and(case, code_at(case.secret, int(utcnow().timestamp()) // 30))


def by_recovery_code(case: Case) -> str:
    return by_password_and(case, case.recovery_codes.pop())


def by_passkey(case: Case) -> str:
    browser = case.browser()
    asked = browser.post("/sign-in/passkey/options").get_json()["challenge"]
    browser.post("/sign-in/passkey", data={"credential": case.device.get(asked)})
    return outcome(browser)


def by_provider(case: Case) -> str:
    browser = case.browser()
    return outcome(browser, come_back(browser, case.okta, leave(browser)))


def by_provider_after_a_push(case: Case) -> str:
    """The provider has also pushed Noor, which makes nobody's second factor go away."""
    provider = case.okta.settings(domains=("example.com",))
    case.site.use(provider, second_factor_required=case.app.config["HWADMIN"].second_factor_required)
    transact(lambda: create_staff_token(COMMAND_LINE, "okta", name="Okta", providers=[provider]))

    def push() -> None:
        pushed = open_staff_push(COMMAND_LINE, provider, "")
        entry = add_staff_entry(pushed, StaffFacts(EMAIL, "Noor", EMAIL, True, None, {"userName": EMAIL}))
        add_staff_group(pushed, GroupFacts("deciders", None, [entry.scim_id]))

    if db.session.scalars(select(StaffEntry.id)).first() is None:
        transact(push)
    return by_provider(case)


def by_reset_link(case: Case) -> str:
    """The link opens nothing by itself; the new password is what the one before was."""
    browser, new = case.browser(), "another walnut over the bridge"
    browser.post("/sign-in/forgotten", data={"email": EMAIL})
    link = db.session.scalars(select(PasswordLink).order_by(PasswordLink.id.desc())).first()
    assert link is not None
    token = signed_token(SECRET_KEY, PURPOSE, link.id, link.seed)
    chosen = {"new_password": new, "repeated": new}
    assert browser.post(f"/sign-in/new-password/{token}", data=chosen).status_code == 303
    assert outcome(browser) == "nothing"
    return by_password(case, new)


def by_command_line(case: Case) -> str:
    """Whoever is on the server gives Noor a new password, and is no further than with the one before."""
    new = "a third walnut by the bridge"
    # As the command does, with hashes that cost less.
    transact(lambda: people.reset_password(COMMAND_LINE, case.noor.id, new, QUICK))
    return by_password(case, new)


def by_open_session(case: Case) -> str:
    browser = case.browser()
    give_session(browser, case.noor)
    return outcome(browser)


def with_bearer(case: Case, secret: str, path: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    # On the pages no token counts.
    assert case.browser().get("/people/", headers=headers).status_code == 302
    return case.browser().get(path, headers=headers).status_code


def by_token(case: Case) -> str:
    _, secret = transact(lambda: create_token(COMMAND_LINE, case.noor.id, name="ERP"))
    return {200: "in", 403: "nothing"}[with_bearer(case, secret, "/api/v1/people")]


def by_directory_token(case: Case) -> str:
    account = case.site.world.an_account()
    _, secret = transact(lambda: create_directory_token(COMMAND_LINE, account.id, name="Okta"))
    assert with_bearer(case, secret, f"/scim/v2/{account.id}/Users") == 200
    return {401: "nothing"}[with_bearer(case, secret, "/api/v1/people")]


def by_staff_token(case: Case) -> str:
    provider = case.okta.settings(domains=("example.com",))
    _, secret = transact(lambda: create_staff_token(COMMAND_LINE, "okta", name="Okta", providers=[provider]))
    assert with_bearer(case, secret, "/scim/staff/v2/Users") == 200
    return {401: "nothing"}[with_bearer(case, secret, "/api/v1/people")]


def by_managers_link(case: Case) -> str:
    """It answers for one order, whoever has it, and signs nobody in."""
    world, browser = case.site.world, case.browser()
    account = world.an_account()
    account.requires_manager_approval = True
    account.approver_name, account.approver_email = "Boss", EMAIL
    db.session.commit()
    order = world.an_order(account=account, by=world.piet)
    asked = last_request(case.noor.actor, order.id)
    assert asked is not None
    page = browser.get(f"/manager-approval/{order.reference}/{link_token(SECRET_KEY, asked)}")
    assert page.status_code == 200, page.text
    return outcome(browser)


Way = Callable[[Case], str]
# What happens without a second factor, where it is not required, in time and too late; and with one, always.
WAYS: dict[Way, tuple[tuple[str, str, str] | None, str]] = {
    by_password: (("in", "in", "set up"), "code"),
    by_one_time_code: (None, "in"),
    by_recovery_code: (None, "in"),
    by_passkey: (("nothing",) * 3, "in"),
    by_provider: (("in", "in", "set up"), "code"),
    by_provider_after_a_push: (("in", "in", "set up"), "code"),
    by_reset_link: (("in", "in", "set up"), "code"),
    by_command_line: (("in", "in", "set up"), "code"),
    by_open_session: (("in", "in", "set up"), "in"),
    by_token: (("in", "in", "nothing"), "in"),
    by_directory_token: (("nothing",) * 3, "nothing"),
    by_staff_token: (("nothing",) * 3, "nothing"),
    by_managers_link: (("nothing",) * 3, "nothing"),
}


@pytest.fixture
def case(app: Flask, site: Site, okta: Provider, world: World) -> Case:
    password_hash = QUICK.hash(PASSWORD)
    noor = world.a_person("Noor Haddad", Role.SUPER_ADMIN, email=EMAIL, password_hash=password_hash)
    return Case(app, site, okta, noor)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("has_factor", [False, True])
def test_a_way_in_opens_what_the_table_says(case: Case, way: Way, has_factor: bool) -> None:
    without, with_factor = WAYS[way]
    expected = (with_factor,) * 3 if has_factor else without
    if has_factor:
        case.set_up_second_factors()
    for state, what in zip(STATES, expected or (), strict=expected is not None):
        case.configure(state)
        assert (state, way(case)) == (state, what)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("has_factor", [False, True])
def test_a_provider_that_asks_for_one_itself_is_enough(case: Case, state: str, has_factor: bool) -> None:
    case.configure(state, second_factor=True)
    if has_factor:
        case.set_up_second_factors()
    assert by_provider(case) == "in"
    assert by_token(case) == "in"
    # And its people have no password beside it.
    assert by_password(case) == "nothing"


def test_a_token_of_somebody_who_has_never_signed_in_works_until_they_have(case: Case) -> None:
    case.configure("too late")
    case.noor.second_factor_awaited_from = None
    db.session.commit()
    assert by_token(case) == "in"


# ---- Nothing is left out

# Open to everybody, and no way in: what they show is the same for all.
OPENS_NOTHING = {
    *("healthz", "livez", "readyz", "metrics", "static", "admin.static"),
    *("api_document", "api_docs", "api_chapter"),
    # The word of a provider that sessions end.
    "single_sign_on.backchannel_logout",
}
# The others are parts of the ways above.
PARTS = {
    "auth.sign_in": by_password,
    "second_factor.sign_in_code": by_one_time_code,
    "passkeys.sign_in_options": by_passkey,
    "passkeys.sign_in": by_passkey,
    "single_sign_on.leave": by_provider,
    "single_sign_on.callback": by_provider,
    "password_links.forgotten": by_reset_link,
    "password_links.choose": by_reset_link,
    "approval.question": by_managers_link,
    "approval.answer": by_managers_link,
    "approval.thanks": by_managers_link,
}
AUTHENTICATORS = {"api": by_token, "scim": by_directory_token, "scim_staff": by_staff_token}


def test_every_way_in_there_is_is_tried(app: Flask) -> None:
    public = {endpoint for endpoint, permission in access.policy(app).items() if permission == access.PUBLIC}
    assert public == OPENS_NOTHING | PARTS.keys()
    assert set(app.extensions[access._AUTHENTICATORS]) == AUTHENTICATORS.keys()
    assert WAYS.keys() >= {*PARTS.values(), *AUTHENTICATORS.values()}

"""A provider, a rule, and a browser that has not signed in yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin.config import IdentityProvider
from hwadmin.db.extensions import db
from hwadmin.domain.people.passwords import Hasher
from hwadmin.domain.permissions import Role
from hwadmin.models import AccessRule, AuditEvent, Person
from hwadmin.operations.people.access_rules import AccessRuleFacts, create_access_rule
from tests.builders import Browser, World
from tests.views.people.single_sign_on import provider as identity_provider
from tests.views.people.single_sign_on.provider import Provider

QUICK = Hasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "tall walnut under bridge"
BREAK_GLASS = "emergency@example.com"


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with identity_provider.running() as provider:
        yield provider


@pytest.fixture
def okta(server: Provider) -> Provider:
    """The provider, which knows Noor, of the group of those who decide."""
    fresh = Provider(server.url, key=server.key)
    for name, value in vars(fresh).items():
        setattr(server, name, value)
    server.person = {
        "sub": "noor-1",
        "name": "Noor Haddad",
        "email": "Noor@example.com",
        "email_verified": True,
        "groups": ["Everyone", "deciders"],
        "sid": "session-1",
    }
    return server


class Site:
    """The settings and the rows that a test looks at."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world

    def use(self, *providers: IdentityProvider, **changes: Any) -> None:
        self.app.config["HWADMIN"] = replace(
            self.app.config["HWADMIN"], providers=providers, break_glass=BREAK_GLASS, **changes
        )

    def rule(self, value: str, role: Role = Role.SUPER_ADMIN, **changes: Any) -> AccessRule:
        facts = AccessRuleFacts(
            **({"provider": "okta", "claim": "groups", "value": value, "role": role} | changes)
        )
        rule = create_access_rule(self.world.ada.actor, facts, [facts.provider])
        db.session.commit()
        return rule

    def person(self, email: str = "noor@example.com") -> Person | None:
        db.session.expire_all()
        return db.session.scalars(select(Person).where(Person.email == email)).one_or_none()

    def events(self, kind: str) -> list[str]:
        rows = select(AuditEvent.summary).where(AuditEvent.kind == kind).order_by(AuditEvent.id)
        return list(db.session.scalars(rows))


@pytest.fixture
def site(app: Flask, world: World, okta: Provider) -> Iterator[Site]:
    before = app.config["HWADMIN"]
    app.config["PASSWORD_HASHER"] = QUICK
    site = Site(app, world)
    site.use(okta.settings())
    site.rule("deciders")
    yield site
    app.config["HWADMIN"] = before
    del app.config["PASSWORD_HASHER"]


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app, app.response_class)


def is_in(browser: Browser) -> bool:
    return browser.get("/my-account").status_code == 200

"""An identity provider that pushes the company's own people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin.config import IdentityProvider
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE, Role
from hwadmin.models import AuditEvent, Person
from hwadmin.operations.people.access_rules import AccessRuleFacts, create_access_rule
from hwadmin.operations.people.staff.tokens import create_staff_token
from hwadmin.scim.schema import CORE
from hwadmin.scim.staff.schema import CORE_GROUP
from tests.builders import Answer, Browser, World
from tests.scim.pushers import PATCH

OKTA = IdentityProvider("okta", "Okta", "https://okta.example.com", "id", "secret", ("example.com",))
ENTRA = IdentityProvider("entra", "Entra", "https://entra.example.com", "id", "secret", ("example.org",))
BREAK_GLASS = "emergency@example.com"


class StaffPusher:
    """Pushes the staff of one identity provider."""

    def __init__(self, app: Flask, world: World, provider: str = "okta") -> None:
        self.client = Browser(app, app.response_class, use_cookies=False)
        self.world = world
        self.secret = transact(
            lambda: create_staff_token(
                COMMAND_LINE, provider, name=provider.capitalize(), providers=[OKTA, ENTRA]
            )
        )[1]

    def __call__(self, method: str, path: str, body: Any = None) -> Answer:
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/scim+json"}
        more = {} if body is None else {"json": body}
        return self.client.open(f"/scim/staff/v2{path}", method=method, headers=headers, **more)

    def get(self, path: str) -> Any:
        answer = self("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.get_json(force=True)

    def user(self, user_name: str, status: int = 201, **attributes: Any) -> str:
        """The id of a user that is pushed."""
        return self._made("/Users", {"schemas": [CORE], "userName": user_name, **attributes}, status)

    def group(self, name: str, *members: str, status: int = 201, **attributes: Any) -> str:
        """The id of a group that is pushed."""
        body = {"schemas": [CORE_GROUP], "displayName": name, "members": [{"value": key} for key in members]}
        return self._made("/Groups", body | attributes, status)

    def _made(self, path: str, body: Any, status: int) -> str:
        answer = self("POST", path, body)
        assert answer.status_code == status, answer.text
        return str(answer.get_json(force=True).get("id", ""))

    def patch(self, path: str, *operations: dict[str, Any], status: int = 204) -> Answer:
        answer = self("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})
        assert answer.status_code == status, answer.text
        return answer

    def rule(self, value: str, role: Role = Role.SUPER_ADMIN, **changes: Any) -> None:
        """A rule about a group."""
        facts: dict[str, Any] = {"provider": "okta", "claim": "groups", "value": value, "role": role}
        transact(
            lambda: create_access_rule(COMMAND_LINE, AccessRuleFacts(**facts | changes), ["okta", "entra"])
        )


def person(email: str) -> Person | None:
    """Who has the address, as stored."""
    db.session.expire_all()
    return db.session.scalars(select(Person).where(Person.email == email)).one_or_none()


def events(kind: str | None = None) -> list[str]:
    """What the audit trail tells, of one kind or of all."""
    rows = select(AuditEvent.summary).order_by(AuditEvent.id)
    return list(db.session.scalars(rows if kind is None else rows.where(AuditEvent.kind == kind)))


@pytest.fixture
def okta(app: Flask, world: World) -> Iterator[StaffPusher]:
    """The identity provider, with a rule for two of its groups."""
    before = app.config["HWADMIN"]
    app.config["HWADMIN"] = replace(before, providers=(OKTA, ENTRA), break_glass=BREAK_GLASS)
    # Somebody else decides as well, so that nobody who is pushed is the last.
    assert world.ada.role is Role.SUPER_ADMIN
    pusher = StaffPusher(app, world)
    pusher.rule("deciders")
    pusher.rule("desk", Role.SUPPORT, platform_ids=[world.northwind.id])
    # The hour of its use is noted once.
    pusher.get("/Groups")
    yield pusher
    app.config["HWADMIN"] = before

"""The page of the staff directory, and rules that are applied to it at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE, Role
from hwadmin.models import AccessRule, Person, StaffToken
from hwadmin.operations.people.staff.access import close_staff_push, open_staff_push
from hwadmin.operations.people.staff.entries import StaffFacts, add_staff_entry
from hwadmin.operations.people.staff.groups import GroupFacts, add_staff_group
from hwadmin.operations.people.staff.tokens import authenticate_staff_token, create_staff_token
from tests.builders import Clients
from tests.scim.staff.conftest import ENTRA, OKTA

NOOR = "noor@example.com"


@pytest.fixture
def _providers(app: Flask) -> Iterator[None]:
    before = app.config["HWADMIN"]
    app.config["HWADMIN"] = replace(before, providers=(OKTA, replace(ENTRA, domains=())))
    yield
    app.config["HWADMIN"] = before


def push_noor(group: str) -> None:
    """Let Okta push Noor in a group."""
    transact(lambda: create_staff_token(COMMAND_LINE, "okta", name="Okta", providers=[OKTA]))

    def pushed() -> None:
        push = open_staff_push(COMMAND_LINE, OKTA, "")
        entry = add_staff_entry(push, StaffFacts(NOOR, "Noor Haddad", NOOR, True, None, {}))
        add_staff_group(push, GroupFacts(group, None, [entry.scim_id]))
        close_staff_push(push)

    transact(pushed)


@pytest.mark.usefixtures("_providers")
def test_a_token_is_made_shown_once_and_revoked(clients: Clients) -> None:
    data = {"provider": "okta", "name": "Okta staff"}
    answer = clients.ada.post("/staff-directory/tokens", data=data)
    (secret,) = set(re.findall(r"hwp_[\w-]{43}", answer.text))
    assert "/scim/staff/v2" in answer.text
    token = authenticate_staff_token(secret)
    assert token is not None
    assert (token.provider, {str(one) for one in token.actor.permissions}) == ("okta", {"people:write"})
    listed = clients.ada.get("/staff-directory/").text
    assert secret[:12] in listed
    assert secret not in listed
    assert clients.ada.post(f"/staff-directory/tokens/{token.token_id}/revoke").status_code == 303
    assert authenticate_staff_token(secret) is None
    again = clients.ada.post(f"/staff-directory/tokens/{token.token_id}/revoke")
    assert again.status_code == 409
    assert "was revoked before, by" in again.text


@pytest.mark.usefixtures("_providers")
def test_a_token_needs_a_name_and_a_provider_whose_domains_are_bound(clients: Clients) -> None:
    for data, why in (
        ({"provider": "okta", "name": " "}, "Say what the token is for."),
        ({"provider": "entra", "name": "Entra"}, "Bind the domains of your addresses to Entra first."),
        ({"provider": "nobody", "name": "X"}, "Not a valid choice"),
    ):
        answer = clients.ada.post("/staff-directory/tokens", data=data)
        assert answer.status_code == 422
        assert why in answer.text
    assert db.session.scalars(select(StaffToken)).all() == []


@pytest.mark.usefixtures("_providers")
def test_the_page_names_groups_without_a_rule_and_people_given_nothing(clients: Clients) -> None:
    push_noor("helpers")
    page = clients.ada.get("/staff-directory/").text
    assert re.search(r"helpers</td>.*?<span class=\"tag tag-warn\">none", page, re.DOTALL)
    assert NOOR in page


@pytest.mark.usefixtures("_providers")
def test_a_rule_made_changed_or_deleted_is_applied_to_whom_it_concerns(clients: Clients) -> None:
    push_noor("helpers")

    def noor() -> tuple[Role, bool]:
        db.session.expire_all()
        row = db.session.scalars(select(Person).where(Person.email == NOOR)).one()
        return row.role, row.disabled_at is None

    what = {"provider": "okta", "claim": "groups", "value": "helpers"}
    rule = what | {"role": "support", "all_platforms": "y"}
    assert clients.ada.post("/access-rules/new/", data=rule).status_code == 302
    assert noor() == (Role.SUPPORT, True)
    key = db.session.scalars(select(AccessRule.id)).one()
    assert clients.ada.post(f"/access-rules/{key}/", data=what | {"role": "super_admin"}).status_code == 302
    assert noor() == (Role.SUPER_ADMIN, True)
    assert clients.ada.post(f"/access-rules/{key}/delete").status_code == 302
    assert noor() == (Role.SUPER_ADMIN, False)

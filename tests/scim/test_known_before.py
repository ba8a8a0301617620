"""Who was typed or imported, or removed, before a directory sends them: one person, or a told conflict."""

from __future__ import annotations

from typing import Any

import pytest

from hwadmin.clock import utcnow
from hwadmin.models import Account
from tests.builders import World
from tests.scim.pushers import Pusher, user
from tests.scim.test_same_person import LEFT, lena, people


def work(address: str) -> list[dict[str, Any]]:
    return [{"value": address, "type": "work", "primary": True}]


SENT = {"displayName": "Dana Reed", "emails": work("dana@example.com"), "externalId": "00u-1"}
ONE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "only the name was known": ({"name": "Dana Reed"}, {}),
    "the name turned round": ({"name": "Reed, Dana"}, {}),
    "the name without accents": ({"name": "Jürgen Groß"}, {"displayName": "Jurgen Gross"}),
    "only the name of one who left": ({"name": "Dana Reed", "left": True}, {}),
    "a number that lost its zeros": (
        {"name": "Dana Reed", "employee_number": "815"},
        {"company": {"employeeNumber": "00815"}},
    ),
    "a number that loses its zeros": (
        {"name": "Dana Reed", "employee_number": "00815"},
        {"company": {"employeeNumber": "815"}},
    ),
    "such a number and another address": (
        {"name": "Dana Reed", "employee_number": "815", "email": "d@other.example"},
        {"company": {"employeeNumber": "00815"}},
    ),
    "a number in another case": (
        {"name": "Dana Reed", "employee_number": "n100"},
        {"company": {"employeeNumber": "N100"}},
    ),
    "the address and another number": (
        {"name": "Dana Reed", "employee_number": "815", "email": "dana@example.com"},
        {"company": {"employeeNumber": "4711"}},
    ),
    "an address that is not the first": (
        {"name": "Dana Reed", "email": "d2@example.com"},
        {"emails": [*work("dana@example.com"), {"value": "d2@example.com", "type": "other"}]},
    ),
    "an address of one who left": ({"name": "D. Reed", "email": "DANA@example.com", "left": True}, {}),
}


def known(world: World, account: Account, *several: dict[str, Any]) -> None:
    for facts in several:
        left = utcnow() if facts.get("left") else None
        plain = {name: value for name, value in facts.items() if name not in ("name", "left")}
        world.an_employee(account, facts["name"], deactivated_at=left, **plain)


@pytest.mark.parametrize("case", ONE)
def test_whoever_was_known_before_is_not_made_twice(
    world: World, account: Account, okta: Pusher, case: str
) -> None:
    facts, sent = ONE[case]
    known(world, account, facts)
    okta.create("dana@example.com", active=True, **{**SENT, **sent})
    assert people(account) == [({**SENT, **sent}["displayName"], True)]


CONFLICTS: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "two of whom only the name is known": ([{"name": "Dana Reed"}, {"name": "Dana Reed"}], {}),
    "one with a number of whom nothing else is known": (
        [{"name": "Dana Reed", "employee_number": "N1"}],
        {},
    ),
    "the address of one, the number of another": (
        [{"name": "Dana R.", "email": "dana@example.com"}, {"name": "D. Reed", "employee_number": "2"}],
        {"company": {"employeeNumber": "2"}},
    ),
}


@pytest.mark.parametrize("case", CONFLICTS)
def test_what_contradicts_is_refused_as_a_conflict(
    world: World, account: Account, okta: Pusher, case: str
) -> None:
    several, sent = CONFLICTS[case]
    known(world, account, *several)
    before = people(account)
    answer = okta("POST", "/Users", user("dana@example.com", **{**SENT, **sent}))
    assert answer.status_code == 409, answer.text
    assert people(account) == before


def test_an_address_of_somebody_with_another_name_and_number_is_shared(
    world: World, account: Account, okta: Pusher
) -> None:
    known(world, account, {"name": "Tom Bauer", "email": "dana@example.com", "employee_number": "1"})
    okta.create("dana@example.com", **SENT, company={"employeeNumber": "2"})
    assert people(account) == [("Tom Bauer", True), ("Dana Reed", True)]


def test_namesakes_with_addresses_of_their_own_are_two(world: World, account: Account, okta: Pusher) -> None:
    known(world, account, {"name": "Dana Reed", "email": "d@other.example", "employee_number": "1"})
    okta.create("dana@example.com", **SENT, company={"employeeNumber": "2"})
    assert people(account) == [("Dana Reed", True), ("Dana Reed", True)]


def test_a_leaver_returns_by_a_number_that_lost_its_zeros(account: Account, okta: Pusher) -> None:
    okta.patch(lena(okta, company={"employeeNumber": "0042"}), LEFT)
    sent = {"displayName": "Lena Graf", "emails": work("lena.g@example.com"), "active": True}
    okta.create("lena.g@example.com", company={"employeeNumber": "42"}, **sent)
    assert people(account) == [("Lena Graf", True)]


def test_whoever_was_deleted_is_the_same_by_the_external_id_alone(account: Account, okta: Pusher) -> None:
    assert okta("DELETE", f"/Users/{lena(okta)}").status_code == 204
    sent = {"displayName": "Mara Holm", "emails": work("mara@example.com"), "externalId": "00u-demo"}
    okta.create("mara@example.com", company={"employeeNumber": "N-9"}, active=True, **sent)
    assert people(account) == [("Mara Holm", True)]

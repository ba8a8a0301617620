"""Conversations in which one person leaves, comes back, is renamed or sent twice: one person in the end."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.models import Account, Employee
from tests.builders import World
from tests.scim.pushers import Pusher, user

LENA = {"displayName": "Lena Graf", "externalId": "00u-demo", "active": True}
LEFT = {"op": "replace", "value": {"active": False}}


def people(account: Account) -> list[tuple[str, bool]]:
    """The names of everybody of the account, and whether they are here."""
    db.session.expire_all()
    query = select(Employee).where(Employee.account_id == account.id).order_by(Employee.id)
    return [(employee.name, employee.deactivated_at is None) for employee in db.session.scalars(query)]


def lena(okta: Pusher, **attributes: Any) -> str:
    emails = [{"value": "lena.graf@example.com", "type": "work", "primary": True}]
    sent = {**LENA, "emails": emails, "company": {"employeeNumber": "N-1"}, **attributes}
    key = okta.create("lena.graf@example.com", **sent)["id"]
    return str(key)


@pytest.mark.parametrize(
    ("user_name", "again"),
    [
        # Okta: the same external id, another name and address.
        ("lena.holm@example.com", {"displayName": "Lena Holm", "externalId": "00u-demo"}),
        # Entra: made anew, with another external id and the same address.
        ("lena.graf@example.com", {"displayName": "Lena Graf", "externalId": "another"}),
        ("lgraf", {"displayName": "Lena Graf", "emails": [{"value": "Lena.Graf@example.com"}]}),
        # By nothing but the number.
        ("lena.new@example.com", {"displayName": "Lena New", "company": {"employeeNumber": "N-1"}}),
    ],
)
def test_whoever_left_and_is_sent_again_is_the_same_person(
    world: World, account: Account, okta: Pusher, user_name: str, again: dict[str, Any]
) -> None:
    key = lena(okta)
    okta.patch(key, LEFT)
    assert okta.create(user_name, active=True, **again)["id"] == key
    assert people(account) == [(again["displayName"], True)]


def test_a_tombstone_of_entra_is_who_it_was(account: Account, okta: Pusher) -> None:
    key = okta.create("ralf@example.com", displayName="Ralf", active=True)["id"]
    tombstone = "283405f5a1b2c3d4e5f60718293a4bc2ralf@example.com"
    okta.patch(
        key,
        {"op": "Replace", "path": "userName", "value": tombstone},
        {"op": "Replace", "path": "active", "value": "False"},
    )
    assert people(account) == [("Ralf", False)]
    assert okta.create("ralf@example.com", displayName="Ralf", externalId="new")["id"] == key
    assert people(account) == [("Ralf", True)]


def test_a_profile_update_brings_nobody_back(account: Account, okta: Pusher) -> None:
    key = lena(okta)
    okta.patch(key, LEFT)
    body = user("lena.graf@example.com", displayName="Lena Holm", externalId="00u-demo")
    body.pop("active", None)
    assert okta("PUT", f"/Users/{key}", body).status_code == 200
    okta.patch(key, {"op": "replace", "path": "title", "value": "Dentist"})
    assert people(account) == [("Lena Holm", False)]


@pytest.mark.parametrize(
    "again",
    [
        {"displayName": "Lena Holm", "externalId": "00u-demo"},
        {"displayName": "Lena Graf", "emails": [{"value": "lena.graf@example.com"}]},
        {"displayName": "L. Graf", "company": {"employeeNumber": "N-1"}},
    ],
)
def test_whoever_is_here_is_not_made_twice(account: Account, okta: Pusher, again: dict[str, Any]) -> None:
    lena(okta)
    answer = okta("POST", "/Users", user("another@example.com", **again))
    assert answer.status_code == 409
    assert answer.get_json(force=True)["scimType"] == "uniqueness"
    assert people(account) == [("Lena Graf", True)]


def test_an_address_that_went_to_somebody_else_is_a_conflict(account: Account, okta: Pusher) -> None:
    okta.patch(lena(okta), LEFT)
    sent = {"displayName": "Tom Bauer", "company": {"employeeNumber": "N-2"}}
    body = user("tom@example.com", emails=[{"value": "lena.graf@example.com"}], **sent)
    assert okta("POST", "/Users", body).status_code == 409
    assert people(account) == [("Lena Graf", False)]


def test_numbers_may_come_as_numbers(account: Account, okta: Pusher) -> None:
    answer = okta("POST", "/Users", user("dana@example.com", company={"employeeNumber": 815}))
    assert answer.status_code == 201, answer.text
    db.session.expire_all()
    assert db.session.scalars(select(Employee.employee_number)).all() == ["815"]

"""Numbers that are given to somebody else, addresses in another case, people deleted and sent again.

Each ends with as many records as there are people: one who comes back is one, and two are never made one.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.models import Account, Employee
from tests.builders import World
from tests.scim.pushers import Pusher, refusal, user
from tests.scim.test_same_person import LEFT, lena, people

WORK = {"type": "work", "primary": True}


def conflict(okta: Pusher, user_name: str, **attributes: Any) -> None:
    answer = okta("POST", "/Users", user(user_name, **attributes))
    assert answer.status_code == 409, answer.text
    assert answer.get_json(force=True)["scimType"] == "uniqueness"


# ---- A number that went to somebody else


@pytest.mark.parametrize("deleted", [False, True])
def test_a_number_given_to_somebody_else_makes_nobody_the_one_who_had_it(
    account: Account, okta: Pusher, deleted: bool
) -> None:
    key = lena(okta)
    okta.patch(key, LEFT)
    if deleted:
        assert okta("DELETE", f"/Users/{key}").status_code == 204
    sent = {"displayName": "Tom Bauer", "emails": [{"value": "tom@example.com"}], "active": True}
    conflict(okta, "tom@example.com", company={"employeeNumber": "N-1"}, **sent)
    assert people(account) == [("Lena Graf", False)]
    # With a number of his own he is somebody new.
    okta.create("tom@example.com", company={"employeeNumber": "N-2"}, **sent)
    assert people(account) == [("Lena Graf", False), ("Tom Bauer", True)]


def test_a_number_of_somebody_typed_here_is_not_taken_by_another_name(
    world: World, account: Account, okta: Pusher
) -> None:
    world.an_employee(account, "Dana Reed", email="dana@example.com", employee_number="00815")
    conflict(
        okta,
        "tom@example.com",
        displayName="Tom Bauer",
        emails=[{"value": "tom@example.com"}],
        company={"employeeNumber": "00815"},
    )
    assert people(account) == [("Dana Reed", True)]


@pytest.mark.parametrize("name", ["Lena Holm", "Graf, Lena", "LENA GRAF", "L. Graf"])
def test_a_number_brings_back_whoever_keeps_a_name(account: Account, okta: Pusher, name: str) -> None:
    key = lena(okta)
    okta.patch(key, LEFT)
    sent = {"displayName": name, "emails": [{"value": "lena.h@example.com"}]}
    assert okta.create("lena.h@example.com", company={"employeeNumber": "N-1"}, **sent)["id"] == key
    assert people(account) == [(name, True)]


# ---- Case, deletion, updates


@pytest.mark.parametrize(
    "address", ["Lena.Graf@example.com", "LENA.GRAF@EXAMPLE.COM", "lena.graf@Example.com"]
)
def test_an_address_in_another_case_is_the_same(account: Account, okta: Pusher, address: str) -> None:
    key = lena(okta)
    conflict(okta, address, displayName="Lena Graf", externalId="else")
    okta.patch(key, LEFT)
    assert okta.create(address, displayName="Lena Graf", externalId="else")["id"] == key
    assert people(account) == [("Lena Graf", True)]


def test_whoever_was_deleted_and_is_sent_again_is_the_same(account: Account, okta: Pusher) -> None:
    lena(okta)
    before = db.session.scalars(select(Employee.id).where(Employee.account_id == account.id)).one()
    key = okta.get('/Users?filter=externalId eq "00u-demo"').get_json(force=True)["Resources"][0]["id"]
    assert okta("DELETE", f"/Users/{key}").status_code == 204
    assert people(account) == [("Lena Graf", False)]
    okta.create(
        "lena.graf@example.com",
        displayName="Lena Graf",
        externalId="00u-again",
        emails=[{"value": "lena.graf@example.com", **WORK}],
    )
    db.session.expire_all()
    assert db.session.scalars(select(Employee.id).where(Employee.account_id == account.id)).all() == [before]
    assert people(account) == [("Lena Graf", True)]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "value": {"displayName": "Lena Holm", "title": "Dentist"}},
        {"op": "Replace", "path": "name.familyName", "value": "Holm"},
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "lena.holm@example.com"},
        {"op": "Replace", "path": "externalId", "value": "00u-other"},
        {"op": "replace", "value": {"active": "False", "title": "Dentist"}},
        {"op": "Remove", "path": "title"},
    ],
)
def test_no_update_of_a_leaver_brings_them_back(
    account: Account, okta: Pusher, operation: dict[str, Any]
) -> None:
    key = lena(okta)
    okta.patch(key, LEFT)
    okta.patch(key, operation)
    assert [here for _name, here in people(account)] == [False]
    okta.patch(key, {"op": "replace", "path": "active", "value": True})
    assert [here for _name, here in people(account)] == [True]


@pytest.mark.parametrize("active", ["True", "true", "TRUE", True])
def test_the_same_person_active_again_by_a_whole_user(account: Account, okta: Pusher, active: Any) -> None:
    key = lena(okta)
    okta.patch(key, LEFT)
    body = user("lena.graf@example.com", displayName="Lena Graf", externalId="00u-demo", active=active)
    assert okta("PUT", f"/Users/{key}", body).status_code == 200
    assert people(account) == [("Lena Graf", True)]


def test_an_address_taken_by_an_update_is_a_conflict(account: Account, okta: Pusher) -> None:
    lena(okta)
    tom = okta.create("tom@example.com", displayName="Tom Bauer")["id"]
    okta.patch(tom, {"op": "Replace", "path": "userName", "value": "LENA.graf@example.com"}, status=409)
    okta.patch(tom, {"op": "Replace", "path": "userName", "value": "Tom@Example.com"})
    assert people(account) == [("Lena Graf", True), ("Tom Bauer", True)]


@pytest.mark.parametrize(
    "sent",
    [
        {"externalId": 1042, "emails": {"value": "dana@example.com", "primary": "true"}},
        {"externalId": "1042", "emails": [{"value": "dana@example.com", "primary": "True"}], "title": 7},
        {"externalId": 1042.0, "emails": [{"value": "dana@example.com"}, {"value": ""}], "phoneNumbers": []},
        {"externalId": "1042", "emails": [], "company": {"employeeNumber": 815, "costCenter": 4711}},
    ],
)
def test_what_has_the_wrong_type_is_the_same_person_all_the_same(
    account: Account, okta: Pusher, sent: dict[str, Any]
) -> None:
    key = okta.create("dana@example.com", displayName="Dana Reed", **sent)["id"]
    okta.patch(key, LEFT)
    again = {**sent, "externalId": "other"}
    assert okta.create("dana@example.com", displayName="Dana Reed", **again)["id"] == key
    assert people(account) == [("Dana Reed", True)]


def test_an_address_is_somebody_s_whatever_name_it_has(account: Account, okta: Pusher) -> None:
    """A desk's address goes with the desk: by the address it is the same record, gone and back."""
    keys = set()
    for number in (1, 2, 3):
        sent = {"displayName": f"Desk {number}", "emails": [{"value": "desk@example.com"}], "active": True}
        keys.add(okta.create(f"desk{number}", **sent)["id"])
        okta.patch(next(iter(keys)), LEFT)
    assert (len(keys), people(account)) == (1, [("Desk 3", False)])


def test_an_address_given_to_a_new_hire_does_not_make_them_the_leaver(account: Account, okta: Pusher) -> None:
    """Neither the id nor any part of the name is the leaver's: their devices are not the new hire's."""
    work = [{"value": "a@example.com", "type": "work", "primary": True}]
    key = okta.create("a@example.com", displayName="Ada Reed", externalId="1", emails=work)["id"]
    okta.patch(key, LEFT)
    sent = user("a@example.com", displayName="Alan Fox", externalId="2", emails=work)
    refusal(okta("POST", "/Users", sent), 409)
    assert people(account) == [("Ada Reed", False)]

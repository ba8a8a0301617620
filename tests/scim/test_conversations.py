"""Thirty conversations: five identity providers as they really speak, six things that happen to a person.

Each ends with one record of the person, here or gone as the provider says, with its devices where they were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.models import Account, Employee
from tests.builders import World
from tests.scim.pushers import Pusher, user

OLD, NEW = "dana.reed@example.com", "dana.mensah@example.com"


def _work(address: str) -> list[dict[str, Any]]:
    return [{"value": address, "type": "work", "primary": True}]


@dataclass(frozen=True)
class Provider:
    """How a provider sends a person as new, changes a few of their facts, and lets them leave."""

    name: str
    external_id: str
    new: Callable[[Pusher, str, str, str], str]
    change: Callable[[Pusher, str, dict[str, Any]], None]
    leave: Callable[[Pusher, str], None]
    # Whether a person who comes back has the external id they had.
    keeps_id: bool = True


def _put(pusher: Pusher, key: str, **facts: Any) -> None:
    """The whole user once more, with some of it different."""
    body = {name: value for name, value in pusher.read(key).items() if name not in ("meta", "id")}
    assert pusher("PUT", f"/Users/{key}", {**body, **facts}).status_code == 200


def _posted(pusher: Pusher, address: str, display_name: str, external_id: str, **more: Any) -> str:
    sent = {
        "displayName": display_name,
        "externalId": external_id,
        "emails": _work(address),
        "active": True,
        **more,
    }
    answer = pusher("POST", "/Users", user(address, **sent))
    assert answer.status_code == 201, answer.text
    return str(answer.get_json(force=True)["id"])


def _okta(pusher: Pusher, address: str, name: str, external_id: str) -> str:
    # Asks first, then posts with names in parts, an empty list of groups and a password.
    assert pusher.get(f'/Users?filter=userName eq "{address}"&startIndex=1&count=100').status_code == 200
    first, last = name.split()
    parts = {"givenName": first, "familyName": last}
    return _posted(pusher, address, name, external_id, name=parts, groups=[], password="x1-Zz-123456")


def _entra(pusher: Pusher, address: str, name: str, external_id: str) -> str:
    # Asks by external id; sends the enterprise extension and its own metadata.
    assert pusher.get(f'/Users?filter=externalId eq "{external_id}"').status_code == 200
    return _posted(
        pusher, address, name, external_id, meta={"resourceType": "User"}, company={"department": "Lab"}
    )


def _patched(path_first: bool, spelling: Any) -> Callable[[Pusher, str], None]:
    def leave(pusher: Pusher, key: str) -> None:
        if path_first:
            pusher.patch(key, {"op": "Replace", "path": "active", "value": spelling})
        else:
            pusher.patch(key, {"op": "replace", "value": {"active": spelling}})

    return leave


def _change_by_paths(pusher: Pusher, key: str, facts: dict[str, Any]) -> None:
    paths = {"emails": 'emails[type eq "work"].value'}
    pusher.patch(
        key,
        *(
            {
                "op": "Replace",
                "path": paths.get(name, name),
                "value": value[0]["value"] if name == "emails" else value,
            }
            for name, value in facts.items()
        ),
    )


def _change_at_once(pusher: Pusher, key: str, facts: dict[str, Any]) -> None:
    pusher.patch(key, {"op": "replace", "value": facts})


PROVIDERS = (
    Provider(
        "Okta",
        "00u1demo",
        _okta,
        lambda pusher, key, facts: _put(pusher, key, **facts),
        _patched(False, False),
    ),
    Provider("Entra", "8c0f-1", _entra, _change_by_paths, _patched(True, "False"), keeps_id=False),
    Provider(
        "OneLogin",
        "1042",
        _posted,
        lambda pusher, key, facts: _put(pusher, key, **facts),
        lambda pusher, key: _put(pusher, key, active=False),
    ),
    Provider(
        "JumpCloud",
        "5f1e",
        _posted,
        lambda pusher, key, facts: _put(pusher, key, **facts),
        lambda pusher, key: _put(pusher, key, active=False),
    ),
    Provider(
        "Google",
        "1157",
        _posted,
        _change_at_once,
        _patched(True, False),
        keeps_id=False,
    ),
)


def _joins(provider: Provider, pusher: Pusher, key: str) -> str:
    return key


def _is_changed(provider: Provider, pusher: Pusher, key: str) -> str:
    provider.change(pusher, key, {"title": "Dentist"})
    provider.change(pusher, key, {"title": "Head dentist"})
    return key


def _marries(provider: Provider, pusher: Pusher, key: str) -> str:
    facts = {"displayName": "Dana Mensah", "userName": NEW, "emails": _work(NEW)}
    provider.change(pusher, key, facts)
    return key


def _leaves(provider: Provider, pusher: Pusher, key: str) -> str:
    provider.leave(pusher, key)
    provider.leave(pusher, key)
    return key


def _returns_as_new(provider: Provider, pusher: Pusher, key: str) -> str:
    provider.leave(pusher, key)
    external_id = provider.external_id if provider.keeps_id else f"{provider.external_id}-again"
    return provider.new(pusher, OLD, "Dana Reed", external_id)


def _is_activated_again(provider: Provider, pusher: Pusher, key: str) -> str:
    provider.leave(pusher, key)
    pusher.patch(key, {"op": "replace", "path": "active", "value": True})
    return key


# What happens, under which name they are known in the end, and whether they are here.
HAPPENS = {
    "joins": (_joins, "Dana Reed", True),
    "is changed": (_is_changed, "Dana Reed", True),
    "marries": (_marries, "Dana Mensah", True),
    "leaves": (_leaves, "Dana Reed", False),
    "returns as new": (_returns_as_new, "Dana Reed", True),
    "is activated again": (_is_activated_again, "Dana Reed", True),
}


@pytest.mark.parametrize("what", HAPPENS)
@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_a_conversation_ends_with_one_person(app: Flask, world: World, provider: Provider, what: str) -> None:
    account: Account = world.an_account(name="Riverside Clinic")
    happen, name, here = HAPPENS[what]
    pusher = Pusher(app, account)
    key = provider.new(pusher, OLD, "Dana Reed", provider.external_id)
    person_id = db.session.scalars(select(Employee.id).where(Employee.scim_id == key)).one()
    line = world.a_phone_line(account, "0612345678", employee_id=person_id)
    assert happen(provider, pusher, key) == key
    db.session.expire_all()
    (person,) = db.session.scalars(select(Employee).where(Employee.account_id == account.id)).all()
    assert (person.id, person.name, person.deactivated_at is None) == (person_id, name, here)
    assert line.employee_id == person.id
    answer = pusher.read(key)
    assert answer["active"] is here
    assert answer["userName"] == (NEW if what == "marries" else OLD)

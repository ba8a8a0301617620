"""Which name somebody is shown by when a directory changes a part of it, and addresses that change hands."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.models import Account, Employee
from tests.scim.pushers import Pusher, user

pytestmark = pytest.mark.both_databases
GRAF = {"givenName": "Lena", "familyName": "Graf", "formatted": "Lena Graf"}


def names(account: Account) -> list[str]:
    query = select(Employee.name).where(Employee.account_id == account.id).order_by(Employee.id)
    return list(db.session.scalars(query))


def lena(okta: Pusher, display_name: str | None = "Lena Graf") -> str:
    sent: dict[str, Any] = {"displayName": display_name} if display_name else {}
    return str(okta.create("lena@example.com", name=GRAF, **sent)["id"])


FAMILY_NAME = (
    {"op": "Replace", "path": "name.familyName", "value": "Holm"},
    {"op": "replace", "value": {"name.familyName": "Holm"}},
    {"op": "replace", "value": {"name": {"familyName": "Holm"}}},
    {"op": "Add", "path": "name.familyName", "value": "Holm"},
)


@pytest.mark.parametrize("operation", FAMILY_NAME, ids=range(len(FAMILY_NAME)))
@pytest.mark.parametrize("shown", ["Lena Graf", "Graf, Lena", "Lena Graf (Lab)", None])
def test_a_new_family_name_is_shown(
    account: Account, okta: Pusher, operation: dict[str, Any], shown: str | None
) -> None:
    key = lena(okta, shown)
    okta.patch(key, operation)
    assert names(account) == [(shown or "Lena Graf").replace("Graf", "Holm")]
    # Also after something else is changed.
    okta.patch(key, {"op": "replace", "path": "title", "value": "Lab"})
    assert names(account) == [(shown or "Lena Graf").replace("Graf", "Holm")]


def test_a_whole_user_with_a_new_family_name_is_shown_by_it(account: Account, okta: Pusher) -> None:
    key = lena(okta)
    body = user("lena@example.com", displayName="Lena Graf", name={**GRAF, "familyName": "Holm"})
    assert okta("PUT", f"/Users/{key}", body).status_code == 200
    assert names(account) == ["Lena Holm"]


def test_a_display_name_of_its_own_stays_and_a_new_one_counts(account: Account, okta: Pusher) -> None:
    key = lena(okta, "Leni (reception)")
    okta.patch(key, FAMILY_NAME[0])
    assert names(account) == ["Leni (reception)"]
    okta.patch(
        key,
        {"op": "replace", "value": {"displayName": "Lena Graf-Holm", "name": {"familyName": "Graf-Holm"}}},
    )
    assert names(account) == ["Lena Graf-Holm"]


def test_a_part_of_a_longer_name_is_not_replaced(account: Account, okta: Pusher) -> None:
    key = str(okta.create("a@example.com", displayName="Ann Annan", name={"givenName": "Ann"})["id"])
    okta.patch(key, {"op": "replace", "path": "name.givenName", "value": "Eve"})
    assert names(account) == ["Eve Annan"]


def test_two_people_swap_their_addresses_by_way_of_a_third(account: Account, okta: Pusher) -> None:
    """One address is one person's at a time: who asks for one that is taken is told so."""
    one, two = (
        str(okta.create(f"{name}@example.com", displayName=f"{name.title()} Reed")["id"])
        for name in ("ann", "eve")
    )

    def rename(key: str, name: str, status: int = 204) -> None:
        operation = {"op": "Replace", "path": "userName", "value": f"{name}@example.com"}
        okta.patch(key, operation, status=status)

    rename(one, "eve", status=409)
    rename(two, "ann", status=409)
    rename(one, "between")
    rename(two, "ann")
    rename(one, "eve")
    assert [okta.read(key)["userName"] for key in (one, two)] == ["eve@example.com", "ann@example.com"]
    assert names(account) == ["Ann Reed", "Eve Reed"]

"""What the words of addresses can be: ids no database can hold, fixed words beside ids, moments."""

from __future__ import annotations

import re

import pytest

from hwadmin.api import calls
from hwadmin.api.document.examples import examples_of
from hwadmin.domain.permissions import GRANTS, Role
from hwadmin.domain.row_ids import MAX_ID
from tests.api.callers import Callers, fields, problem
from tests.builders import World

TOO_LARGE = str(MAX_ID + 1)


@pytest.mark.both_databases
def test_an_id_no_database_can_hold_is_nobodys(api: Callers) -> None:
    examples = examples_of(calls.CALLS)
    tried = 0
    for one in calls.CALLS:
        caller = api.ada if one.permission in GRANTS[Role.SUPER_ADMIN] else api.piet
        for word in re.findall(r"<(\w+_id)>", one.path):
            if word == "external_id":
                continue
            path = one.path.replace(f"<{word}>", TOO_LARGE).replace("<reference>", "HW-000001")
            sent = {"data": "Name\nZoë"} if one.takes_list else {}
            body = examples[one.body] if one.body is not None else None
            problem(caller(one.method, re.sub(r"<\w+>", "1", path), body, **sent), 404)
            tried += 1
    assert tried > 60


def test_a_fixed_word_is_nobodys_id(api: Callers, world: World) -> None:
    account = world.an_account().id
    for path in (
        *("/accounts/import", f"/accounts/{account}/employees/import", "/catalog/import", "/devices/retire"),
        *(f"/accounts/{account}/phone-lines/import", "/orders/decisions"),
    ):
        for method in ("GET", "PATCH", "PUT", "DELETE"):
            answer = api.ada(method, path)
            problem(answer, 405)
            assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    for path in ("/accounts/nobody", "/devices/x", "/orders/HO-1", f"/accounts/{account}/employees/x"):
        problem(api.ada.get(path), 404)


@pytest.mark.parametrize("number", ["0", "0.5", "1700000000", "2026", "-1"])
def test_a_number_is_neither_a_moment_nor_a_day(api: Callers, world: World, number: str) -> None:
    for path, name in (("/orders", "updated_since"), ("/accounts", "updated_since"), ("/audit", "since")):
        assert fields(api.ada.get(path, query_string={name: number})) == [name]
    device = world.a_device(world.an_account())
    body = {"reason": "Lost.", "on": number}
    assert fields(api.ada.post(f"/devices/{device.id}/retire", body)) == ["on"]

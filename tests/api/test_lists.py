"""Lists: pages by cursor that stay whole while rows are added, in few statements however long they are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from hwadmin.api import calls
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import GRANTS, Role
from tests.api.callers import Caller, Callers
from tests.builders import World, an_identifier

pytestmark = pytest.mark.both_databases


def pages(caller: Caller, path: str, limit: int) -> Iterator[list[dict[str, object]]]:
    cursor = ""
    while True:
        joint = "&" if "?" in path else "?"
        body = caller.get(f"{path}{joint}limit={limit}{cursor}").json
        yield body["items"]
        if body["next_cursor"] is None:
            return
        cursor = f"&cursor={body['next_cursor']}"


def test_every_list_is_whole_over_its_pages(api: Callers, world: World) -> None:
    account = world.an_account()
    for _ in range(5):
        world.an_order(account=account)
        world.an_account()
        world.a_location(account)
        world.an_employee(account)
        world.an_item(Kind.MOBILE)
        body = {"sku": world.item(Kind.DESKPHONE).sku, "identifier": an_identifier(Kind.DESKPHONE)}
        assert api.piet.post(f"/accounts/{account.id}/devices", body).status_code == 201
    order = world.an_order(account=account)
    for _ in range(2):
        api.ada.post(f"/orders/{order.reference}/approve")
        api.ada.post(f"/orders/{order.reference}/reopen", {"reason": "X"})
    at = f"/accounts/{account.id}"
    for path, number in (
        ("/orders", 6),
        ("/accounts", 6),
        ("/catalog", 6),
        ("/devices", 5),
        (f"{at}/devices", 5),
        (f"{at}/locations", 5),
        (f"{at}/employees", 5),
        (f"/orders/{order.reference}/events", 5),
        (f"/orders?account={account.id}&status=submitted", 6),
    ):
        whole = api.piet.get(f"{path}{'&' if '?' in path else '?'}limit=200").json
        assert whole["next_cursor"] is None
        assert len(whole["items"]) == number, path
        for limit in (1, 2, number):
            found = list(pages(api.piet, path, limit))
            assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
            assert [item for page in found for item in page] == whole["items"]


def test_every_list_is_had_as_csv(api: Callers, world: World) -> None:
    order = world.an_order(OrderStatus.FULFILLED)
    key, account = order.reference, order.account_id
    api.ada.post(f"/orders/{key}/notes", {"text": "Call first."})
    api.ada("PATCH", f"/platforms/{world.northwind.id}", {"deadlines": {"decision": {"days": 3}}})
    api.ada.post("/distributors", {"name": "Voxport"})
    webhook = api.piet.post("/webhooks", {"url": "https://example.com/hooks"}).json["id"]
    api.piet.post(f"/webhooks/{webhook}/ping")
    world.a_code(order.account, "4711")
    world.a_phone_line(order.account)
    world.an_employee(order.account)
    world.a_location(order.account)
    world.a_device(order.account)
    words = {"account_id": account, "reference": key, "webhook_id": webhook}
    for one in [one for one in calls.CALLS if one.is_list]:
        path = re.sub(r"<(\w+)>", lambda word: str(words[word[1]]), one.path)
        caller = api.ada if one.permission in GRANTS[Role.SUPER_ADMIN] else api.piet
        answer = caller.get(path, headers={"Accept": "text/csv"})
        assert (answer.status_code, answer.mimetype) == (200, "text/csv"), (path, answer.text)
        items = caller.get(path).json["items"]
        assert len(list(csv.reader(io.StringIO(answer.text)))) == 1 + len(items), path
        # Of the feed PostgreSQL shows only what is committed for good.
        assert items or path == "/events", path


def test_spares_are_listed_by_their_last_change(api: Callers, world: World) -> None:
    account = world.an_account()
    spare = world.a_device(account)
    at = f"/accounts/{account.id}/spares?updated_since="
    moment = spare.updated_at
    assert [item["id"] for item in api.piet.get(f"{at}{moment:%Y-%m-%dT%H:%M:%SZ}").json["items"]] == [
        spare.id
    ]
    assert api.piet.get(f"{at}{moment + timedelta(seconds=2):%Y-%m-%dT%H:%M:%SZ}").json["items"] == []


def test_pages_stay_whole_while_orders_come_in(api: Callers, world: World) -> None:
    expected = [world.an_order().reference for _ in range(6)][::-1]
    found = []
    for page in pages(api.piet, "/orders", 2):
        found += [order["reference"] for order in page]
        world.an_order()
    assert found == expected


def test_a_page_of_large_orders_ends_early(api: Callers, world: World) -> None:
    account = world.an_account()
    for _ in range(3):
        world.an_order(lines=[(Kind.ACCESSORY, 2000), (Kind.MOBILE, 2000)], account=account)
    found = list(pages(api.piet, "/orders", 50))
    assert [len(page) for page in found] == [2, 1]
    assert {len(order["units"]) for page in found for order in page} == {4000}  # type: ignore[arg-type]


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            sent.append(statement)

    with app.app_context():
        engine = db.session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_list_takes_as_many_statements_for_fifty_as_for_one(api: Callers, world: World) -> None:
    most = {"/orders?limit=50": 4, "/accounts": 4, "/devices": 2, "/catalog": 3, "/orders?q=account": 6}

    def more(number: int) -> None:
        for _ in range(number):
            account = world.an_account()
            world.a_location(account)
            world.an_employee(account)
            world.an_item(Kind.MOBILE)
            world.an_order(
                OrderStatus.FULFILLED, [(Kind.DECT_BASE, 1), (Kind.DECT_HANDSET, 2)], account=account
            )

    def counts() -> dict[str, int]:
        numbers = {}
        for path in most:
            with statements(api.app) as sent:
                assert api.piet.get(path).status_code == 200
            numbers[path] = len(sent)
        return numbers

    more(1)
    few = counts()
    more(12)
    assert counts() == few
    assert [path for path, number in few.items() if number > most[path]] == []


def test_one_order_and_one_action_take_few_statements(api: Callers, world: World) -> None:
    order = world.an_order(lines=[(Kind.DESKPHONE, 50), (Kind.ACCESSORY, 50)])
    api.piet.get("/orders")
    with statements(api.app) as sent:
        api.piet.get(f"/orders/{order.reference}")
    assert len(sent) <= 4

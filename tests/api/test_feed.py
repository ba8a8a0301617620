"""The feed: what webhooks carry, in order, for whoever missed one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, insert

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.models import HardwareOrder, OutboxEvent, OutgoingMessage
from hwadmin.outbox.fanout import expand_next
from hwadmin.queries.outgoing import feed
from hwadmin.queries.outgoing.feed import FeedPlace, feed_after
from tests.api.callers import Caller, Callers, fields, problem
from tests.api.test_lists import statements
from tests.builders import World
from tests.work import function_calls

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("_as_at_commits")]


def read(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    answer = caller.get(f"/events{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def pages(caller: Caller, limit: int) -> list[dict[str, Any]]:
    items, after = [], ""
    while True:
        body = caller.get(f"/events?limit={limit}{after}").json
        items += body["items"]
        assert len(body["items"]) <= limit
        if body["next_cursor"] is None:
            return items
        assert body["next_cursor"] == body["last"]
        after = f"&after={body['next_cursor']}"


def test_the_feed_has_what_webhooks_carry_in_order(api: Callers, world: World) -> None:
    api.piet.post("/webhooks", {"url": "https://hooks.example.com/a", "event_types": ["*"]})
    account = world.an_account()
    api.piet.post(f"/accounts/{account.id}/employees", {"name": "Dana"})
    order = world.an_order(OrderStatus.FULFILLED, [(Kind.DESKPHONE, 2)], account=account)
    device = api.ada.get(f"/orders/{order.reference}").json["units"][0]["device_id"]
    api.piet("PATCH", f"/devices/{device}", {"serial": "SN123456"})
    items = read(api.piet)
    kinds = [item["type"] for item in items]
    assert kinds[:3] == ["employee.updated", "order.submitted", "order.approved"]
    assert sorted(kinds[3:6]) == ["device.created", "device.created", "order.fulfilled"]
    assert kinds[6:] == ["device.updated"]
    assert items[-1]["data"]["serial"] == "SN123456"
    while expand_next():
        pass
    sent = db.session.query(OutgoingMessage).filter_by(kind="webhook").order_by(OutgoingMessage.id)
    bodies = [json.loads(message.payload) for message in sent]
    assert sorted((body["type"], body["data"].get("id", 0)) for body in bodies) == sorted(
        (item["type"], item["data"].get("id", 0)) for item in items
    )
    by_type = {body["type"]: body["data"] for body in bodies}
    assert by_type["order.fulfilled"] == next(i["data"] for i in items if i["type"] == "order.fulfilled")


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_pages_are_whole_whatever_their_size(api: Callers, world: World, limit: int) -> None:
    world.an_order(OrderStatus.FULFILLED, [(Kind.DESKPHONE, 5)])
    world.an_order(OrderStatus.REJECTED)
    assert pages(api.piet, limit) == read(api.piet)


def test_after_goes_on_and_type_chooses(api: Callers, world: World) -> None:
    world.an_order(OrderStatus.FULFILLED, [(Kind.DESKPHONE, 3)])
    everything = read(api.piet)
    middle = everything[2]["id"]
    assert read(api.piet, f"?after={middle}") == everything[3:]
    created = [item for item in everything if item["type"] == "device.created"]
    assert read(api.piet, "?type=device.created") == created
    last = api.piet.get("/events?type=order.rejected").json
    assert (last["items"], last["next_cursor"]) == ([], None)
    world.an_order(OrderStatus.REJECTED)
    assert [item["type"] for item in read(api.piet, f"?after={last['last']}&type=order.rejected")] == [
        "order.rejected"
    ]


def test_a_platform_reads_its_own(api: Callers, world: World) -> None:
    world.an_order()
    theirs = world.an_order(platform=world.blue_harbor)
    assert [item["data"]["reference"] for item in read(api.bea)] == [theirs.reference]
    assert len(read(api.ada)) == 2
    assert read(api.sam) == read(api.piet) == read(api.service)
    problem(api.anonymous.get("/events"), 401)


@pytest.mark.both_databases
@pytest.mark.parametrize("event_type", [None, "order.approved"])
def test_a_page_is_the_same_work_however_much_happened(
    world: World, event_type: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "ROWS_OF_A_TYPE", 100)
    order, ada = world.an_order(), world.ada.actor

    def page(after: int) -> int:
        place = FeedPlace(after)
        feed_after(ada, place, event_type, 50)
        return function_calls(lambda: feed_after(ada, place, event_type, 50))

    happened(order, 120)
    few = page(0)
    happened(order, 330)
    assert page(0) == pytest.approx(few, rel=0.02)
    # Nor is a page in the middle any other work than the first.
    assert page(225) == pytest.approx(few, rel=0.02)
    assert event_type or few < 5_000


def happened(order: HardwareOrder, times: int) -> None:
    """An order was approved, so many times."""
    last = db.session.query(func.max(OutboxEvent.position)).scalar() or 0
    row = {"types": ["order.approved"], "platform_id": order.platform_id, "order_id": order.id, "details": {}}
    rows = [row | {"position": last + number} for number in range(1, times + 1)]
    db.session.execute(insert(OutboxEvent), rows)
    db.session.commit()


@pytest.mark.parametrize("text", ["x", "1", "1-", "-1-1", "01-0", "1-1-1", "9" * 30 + "-0"])
def test_what_is_no_place_in_the_feed_is_refused(api: Callers, text: str) -> None:
    assert fields(api.piet.get("/events", query_string={"after": text})) == ["after"]
    assert fields(api.piet.get("/events?type=order.exploded")) == ["type"]


def test_the_feed_is_flat(api: Callers, world: World) -> None:
    account = world.an_account()
    for _ in range(3):
        world.an_order(account=account)
    api.piet.get("/events")
    last = db.session.query(OutboxEvent).order_by(OutboxEvent.id.desc()).first()
    assert last is not None
    place = f"{last.position}-0"
    with statements(api.app) as few:
        assert len(read(api.piet, f"?after={place}")) == 1
    for _ in range(20):
        world.an_order(account=account)
    with statements(api.app) as many:
        assert len(read(api.piet)) == 23
    assert len(few) == len(many) <= 5

"""My orders: one's own, and at a press the platform's, with what became of each."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Role
from hwadmin.models import HardwareOrder
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import approve_order, mark_ordered
from hwadmin.queries.orders.my_orders import PAGE_SIZE
from tests.acceptance.visitor import Visitor
from tests.builders import Clients, World
from tests.guards.test_statement_counts import assert_at_most, statements


@pytest.fixture
def piet(clients: Clients) -> Visitor:
    return Visitor(clients.piet)


def test_mine_are_what_i_submitted_and_the_platforms_are_a_press_away(world: World, piet: Visitor) -> None:
    colleague = world.a_person("Tess Cole", Role.PLATFORM_ADMIN, world.northwind)
    mine, theirs = world.an_order(), world.an_order(by=colleague)
    foreign = world.an_order(platform=world.blue_harbor)
    piet.open("/ordering/").follow("Orders 2 waiting")
    assert [row.opens for row in piet.rows()] == [f"/orders/{one.reference}" for one in (mine, theirs)]
    # Who has one platform is not told which on every row.
    assert "Platform" not in piet.rows()[0].cells
    piet.follow("Mine")
    assert [row.opens for row in piet.rows()] == [f"/orders/{mine.reference}"]
    assert piet.menu[:2] == ["Order", "Orders 2 waiting"]
    piet.follow("All")
    assert piet.url == "/orders/"
    assert foreign.reference not in piet.text


def test_each_says_how_far_it_has_come_and_why_it_ended(world: World, piet: Visitor) -> None:
    ada = world.ada.actor
    waiting, approved, rejected, cancelled = (
        world.an_order(status) for status in ("submitted", "approved", "rejected", "cancelled")
    )
    bought = world.an_order("approved")
    transact(lambda: mark_ordered(ada, bought.id, distributor="Voxport"))
    awaiting = world.an_order(account=world.an_account_that_asks())
    piet.open("/my-orders/")
    for order, sentence in (
        (waiting, "Pending approval waits for approval"),
        (approved, "Approved to be placed"),
        (bought, "Approved ordered with the distributor"),
        (rejected, "Rejected by Ada Okafor: Ordered twice."),
        (cancelled, "Cancelled by Piet Jansen: Not needed."),
        (awaiting, "Pending approval awaits Maria Lopez"),
    ):
        assert piet.row(order.reference)["Status"] == sentence


def test_the_devices_that_came_of_it_are_linked(world: World, piet: Visitor) -> None:
    order = world.an_order("approved", [("deskphone", 5)])
    transact(lambda: fulfill_order(world.ada.actor, order.id, world.identifiers_for(order, 4)))
    row = piet.open("/my-orders/").row(order.reference)
    assert "4/5" in row["Devices"]
    assert len([link for link in row.element.iter("a") if "/devices/" in link.get("href", "")]) == 3
    assert "1 more" in row["Devices"]
    piet.follow("1 more", within=row)
    assert order.reference in piet.heading


def test_a_pending_order_is_cancelled_from_here_and_any_is_ordered_again(world: World, piet: Visitor) -> None:
    order = world.an_order()
    piet.open("/my-orders/").follow("Cancel…", within=piet.row(order.reference))
    piet.press("Cancel order", {"Reason": "Not needed."})
    row = piet.open("/my-orders/").row(order.reference)
    assert "Cancel…" not in row.text
    piet.press("Order again", within=row)
    assert f"The basket holds what {order.reference} asked for, at today’s prices." in piet.messages[0]
    assert piet.row("Yealink T54W", "Order items")["Quantity"] == "2"
    assert len(piet.open("/my-orders/").rows()) == 1
    # Pressed once more it is not put in twice.
    piet.press("Order again", within=piet.row(order.reference))
    assert "is in the basket already" in piet.messages[0]
    piet.press("Confirm Order Items")
    assert len(piet.open("/my-orders/").rows()) == 2


def test_what_is_sold_no_more_is_left_out_and_named_and_what_the_basket_holds_stays(
    world: World, piet: Visitor
) -> None:
    order = world.an_order(lines=[("deskphone", 2), ("mobile", 1)])
    account = order.account
    old = world.item("mobile")
    old.archived_at = utcnow()
    db.session.commit()
    accessory = world.item("accessory")
    piet.open(f"/ordering/{account.id}/accessories").press(f"Add to Basket: {accessory.title}")
    piet.open(f"/orders/{order.reference}").press("Copy to a new order")
    assert "Beside it is what you had chosen before: 1 piece." in piet.messages[0]
    assert piet.messages[1] == f"Left out: {old.title} is no longer sold."
    assert [row["Item"] for row in piet.rows("Order items")] == [accessory.title, "Yealink T54W"]
    assert db.session.query(HardwareOrder).count() == 1


def test_a_basket_with_no_room_takes_nothing_of_an_order_and_says_so(
    world: World, piet: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.an_order(lines=[("deskphone", 2), ("mobile", 1)])
    accessory = world.item("accessory")
    piet.open(f"/ordering/{order.account_id}/accessories").press(f"Add to Basket: {accessory.title}")
    monkeypatch.setattr("hwadmin.operations.ordering.copies.MAX_LINES", 2)
    piet.open(f"/orders/{order.reference}").press("Copy to a new order")
    assert piet.messages == [
        "A basket holds 2 lines at most; this account’s has 1, and the order would add 2. "
        "Nothing was added: confirm or empty the basket first."
    ]
    piet.open(f"/ordering/{order.account_id}/confirm")
    assert [row["Item"] for row in piet.rows("Order items")] == [accessory.title]


def test_the_list_is_narrowed_by_status_and_goes_on_page_by_page(world: World, piet: Visitor) -> None:
    account = world.an_account()
    orders = [world.an_order(account=account) for _ in range(PAGE_SIZE + 2)]
    transact(lambda: approve_order(world.ada.actor, orders[0].id))
    assert len(piet.open("/my-orders/?status=approved").rows()) == 1
    assert "No order like this" in piet.open("/my-orders/?status=rejected").text
    assert len(piet.open("/my-orders/").rows()) == PAGE_SIZE
    assert [row.opens for row in piet.follow("Older ›").rows()] == [
        f"/orders/{order.reference}" for order in (orders[1], orders[0])
    ]
    assert len(piet.follow("« Newest").rows()) == PAGE_SIZE


def test_who_has_ordered_nothing_is_told_where_to_begin(piet: Visitor) -> None:
    assert "Nothing ordered yet" in piet.open("/my-orders/").text


def test_it_needs_few_statements_and_not_more_for_more_orders(
    world: World, clients: Clients, connection: Connection
) -> None:
    account = world.an_account()
    world.an_order("fulfilled", account=account)

    def shown() -> int:
        return clients.piet.get("/my-orders/").text.count("<tr data-href")

    with statements(connection) as for_one:
        assert shown() == 1
    for number in range(PAGE_SIZE):
        world.an_order("fulfilled" if number % 5 == 0 else "submitted", account=account)
    with statements(connection) as for_many:
        assert shown() == PAGE_SIZE
    assert_at_most(8, for_one)
    assert_at_most(8, for_many)

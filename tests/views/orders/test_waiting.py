"""What waits and who is placing it, on the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import Role
from hwadmin.operations.catalog.distributors import DistributorFacts, create_distributor
from hwadmin.operations.orders.claims import claim_order
from hwadmin.queries.orders.waiting import late_orders
from tests.builders import Clients, World


def test_what_is_late_stands_on_top_of_the_dashboard_and_is_marked_and_filtered(
    world: World, clients: Clients
) -> None:
    with clock.at(utcnow() - timedelta(days=3)):
        old = world.an_order()
    new = world.an_order()
    dashboard = clients.ada.get("/dashboard/").text
    assert dashboard.index(old.reference) < dashboard.index("Waiting now")
    assert 'href="/orders/?status=all&amp;late=true"' in dashboard
    listed = clients.ada.get("/orders/?status=all&late=true").text
    assert old.reference in listed
    assert new.reference not in listed
    assert "that are late" in listed
    assert clients.ada.get("/orders/").text.count(">late</span>") == 1
    page = clients.piet.get(f"/orders/{old.reference}").text
    assert "Waits for a decision" in page
    assert "super-admins" in page
    assert "Waits for" not in clients.piet.get(f"/orders/{world.an_order('rejected').reference}").text


def test_the_dashboard_says_how_many_are_late_however_many(
    world: World, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.at(utcnow() - timedelta(days=3)):
        world.an_order()
    assert ">1 order waits longer than it should<" in clients.ada.get("/dashboard/").text
    with clock.at(utcnow() - timedelta(days=3)):
        world.an_order()
    assert ">2 orders wait longer than they should<" in clients.ada.get("/dashboard/").text
    monkeypatch.setattr(late_orders, "MAX_COUNTED", 1)
    assert ">More than 1,000 orders wait longer than they should<" in clients.ada.get("/dashboard/").text


def test_one_says_that_one_is_placing_an_order_and_the_others_see_it(world: World, clients: Clients) -> None:
    order = world.an_order(OrderStatus.APPROVED)
    address = f"/orders/{order.reference}"
    assert "I am placing this" in clients.ada.get(address).text
    assert clients.ada.post(f"{address}/claim").location == address
    assert "You are placing this" in clients.ada.get(address).text
    placed_by = f"{world.ada.name} is placing it"
    assert placed_by in clients.sam.get("/orders/?status=approved").text
    assert placed_by not in clients.piet.get("/orders/?status=approved").text
    assert "is placing" not in clients.piet.get(address).text
    assert clients.ada.post(f"{address}/release-claim", data={"back": "status=approved"}).location == (
        "/orders/?status=approved"
    )
    again = clients.ada.post(f"{address}/release-claim")
    assert "You are not placing" in clients.ada.get(again.location).text
    assert clients.piet.post(f"{address}/claim").status_code == 403


def test_who_is_about_to_place_an_order_reads_that_another_is_at_it(world: World, clients: Clients) -> None:
    distributor = DistributorFacts("Voxport", email="orders@voxport.example")
    transact(lambda: create_distributor(world.ada.actor, distributor))
    order, noor = world.an_order(OrderStatus.APPROVED), world.a_person("Noor Haddad", Role.SUPER_ADMIN)
    transact(lambda: claim_order(noor.actor, order.id, lasting=timedelta(minutes=30)))
    sentence = f"Noor Haddad is placing {order.reference}"
    address, chosen = f"/orders/{order.reference}", {"order": f"{order.id}:{order.version}"}
    for client, shown in ((clients.ada, True), (clients.of(noor), False)):
        pages = [client.get(f"{address}/{page}").text for page in ("mark-ordered", "send")]
        pages += [
            client.post("/orders/several", data={**chosen, "do": do}).text for do in ("mark_ordered", "send")
        ]
        assert [sentence in page for page in pages] == [shown] * 4


def test_a_purchase_order_without_its_buyer_says_so(world: World, clients: Clients) -> None:
    order = world.an_order(OrderStatus.APPROVED)
    page = f"/orders/{order.reference}/purchase-order"
    assert "HWADMIN_BUYER" in clients.ada.get(page).text


def test_the_deadlines_of_a_platform_are_changed_on_their_page(world: World, clients: Clients) -> None:
    address = f"/platforms/{world.northwind.id}/deadlines/"
    assert address in clients.ada.get(f"/platforms/{world.northwind.id}/edit/").text
    assert 'value="14"' in clients.ada.get(address).text
    refused = clients.ada.post(address, data={"decision_days": "0", "placement_days": "7"})
    assert refused.status_code == 422
    assert "Enter a number of days from 1 to 365." in refused.text
    assert 'value="7"' in refused.text
    data = {"decision_days": "4", "decision_owner": str(world.ada.id)}
    assert clients.ada.post(address, data=data).status_code == 302
    order = world.an_order()
    assert world.ada.name in clients.piet.get(f"/orders/{order.reference}").text
    assert clients.piet.get(address).status_code == 403

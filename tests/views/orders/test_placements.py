"""What has still to be bought, and what is with the distributor: tabs, badge, column and export."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.models import HardwareOrder
from hwadmin.operations.orders.decisions import mark_ordered
from tests.builders import Clients, World
from tests.operations.refusals import by


def placed(world: World, **details: object) -> HardwareOrder:
    order = world.an_order("approved")
    by(world.ada, lambda ada: mark_ordered(ada, order.id, **details))  # type: ignore[arg-type]
    return order


def from_spares(world: World) -> HardwareOrder:
    order = world.an_order("approved")
    order.nothing_to_buy = True
    order.lines[0].from_spare = True
    db.session.commit()
    return order


def references(page: str) -> set[str]:
    return set(re.findall(r'<tr data-href="/orders/(HW-\d+)"', page))


def test_approved_has_counted_tabs_of_what_is_to_be_placed_and_what_is_placed(
    world: World, clients: Clients
) -> None:
    waiting, done = world.an_order("approved"), placed(world, distributor="Voxport")
    world.an_order()
    page = clients.ada.get("/orders/?status=approved").text
    tabs = dict(re.findall(r'class="chip" href="([^"]+)"[^>]*>[^<]*<span class="tab-count">(\d+)', page))
    assert list(tabs.values()) == ["2", "1", "1", "0"]
    assert references(page) == {waiting.reference, done.reference}
    assert references(clients.ada.get("/orders/?status=approved&placed=false").text) == {waiting.reference}
    assert references(clients.ada.get("/orders/?status=approved&placed=true").text) == {done.reference}
    assert 'class="chip"' not in clients.ada.get("/orders/?status=submitted&placed=true").text


def test_a_list_says_with_whom_under_which_number_and_since_when(world: World, clients: Clients) -> None:
    day = utcnow().date() - timedelta(days=3)
    placed(world, distributor="Voxport", distributor_reference="VX-1", ordered_on=day)
    world.an_order("approved")
    page = clients.ada.get("/orders/?status=approved").text
    number = r"<span class=\"mono nowrap\">VX-1</span>"
    assert re.search(rf"Voxport</span> {number} <span class=\"sub\">3 days ago", page)
    assert '<span class="tag tag-warn">to be placed</span>' in page


def test_what_comes_from_spares_is_not_to_be_placed(world: World, clients: Clients) -> None:
    order = from_spares(world)
    assert references(clients.ada.get("/orders/?status=approved").text) == {order.reference}
    assert references(clients.ada.get("/orders/?status=approved&placed=false").text) == set()
    page = clients.ada.get(f"/orders/{order.reference}").text
    assert "approved, from spares" in page
    assert "to be placed" not in page


def test_the_second_badge_is_for_those_who_place_orders(world: World, clients: Clients) -> None:
    world.an_order("approved")
    placed(world)
    menu = clients.ada.get("/orders/").text
    badge = r'href="/orders/\?status=approved&amp;placed=false"[^>]*>1<span class="sr-only"> approved orders'
    assert re.search(badge, menu)
    for name in ("piet", "sam"):
        assert "approved orders to be placed" not in getattr(clients, name).get("/orders/").text


def test_an_order_nobody_has_bought_is_not_called_ordered(world: World, clients: Clients) -> None:
    order = world.an_order("approved")
    page = clients.piet.get(f"/orders/{order.reference}").text
    assert "approved, to be placed" in page
    assert "approved, to be placed" in clients.piet.get("/devices/ordered/").text
    by(world.ada, lambda ada: mark_ordered(ada, order.id))
    page = clients.piet.get(f"/orders/{order.reference}").text
    assert "approved, to be placed" not in page
    assert '<span class="muted">ordered</span>' in page


def test_the_export_says_what_is_to_be_placed(world: World, clients: Clients) -> None:
    day = utcnow().date() - timedelta(days=3)
    world.an_order("approved")
    placed(world, distributor="Voxport", distributor_reference="VX-1", ordered_on=day)
    answer = clients.ada.post("/orders/export-orders", data={"status": "approved", "format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert ",".join(rows[0][-5:]) == "Placement,Distributor,Their order number,Placed on,Days since placed"
    assert rows[1][-5:] == ["with the distributor", "Voxport", "VX-1", day.isoformat(), "3"]
    assert rows[2][-5:-3] == ["to be placed", ""]

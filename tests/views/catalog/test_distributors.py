"""The pages of distributors, and the article numbers at a catalog item."""

from __future__ import annotations

from datetime import timedelta

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.dates import format_date
from hwadmin.models import Distributor
from hwadmin.operations.catalog.distributors import DistributorFacts, create_distributor
from hwadmin.operations.orders.decisions import mark_ordered
from hwadmin.queries.catalog.distributors import article_numbers, distributors
from tests.acceptance.visitor import Visitor
from tests.builders import Clients, World
from tests.operations.refusals import by


def voxport(world: World) -> Distributor:
    facts = DistributorFacts("Voxport", "orders@voxport.example", expected_days=7)
    return by(world.ada, lambda ada: create_distributor(ada, facts))


def test_a_distributor_is_created_and_changed(world: World, clients: Clients) -> None:
    assert "No distributor yet" in clients.ada.get("/distributors/").text
    sent = {"name": "Voxport", "email": "orders@voxport.example", "expected_days": "7"}
    assert clients.ada.post("/distributors/new/", data=sent).status_code == 302
    assert "orders@voxport.example" in clients.ada.get("/distributors/").text
    (row,) = distributors()
    assert (row.name, row.expected_days) == ("Voxport", 7)
    answer = clients.ada.post(f"/distributors/{row.id}/", data={"name": "Voxport Ltd"})
    assert answer.status_code == 302
    db.session.refresh(row)
    assert (row.name, row.email, row.expected_days) == ("Voxport Ltd", None, None)


def test_what_is_wrong_is_said_at_its_field(world: World, clients: Clients) -> None:
    row = voxport(world)
    answer = clients.ada.post("/distributors/new/", data={"name": "voxport", "email": "nobody"})
    assert answer.status_code == 422
    assert "This is not an e-mail address." in answer.text
    answer = clients.ada.post("/distributors/new/", data={"name": "voxport"})
    assert "There is a distributor named “voxport” already." in answer.text
    answer = clients.ada.post(f"/distributors/{row.id}/", data={"name": "Voxport", "expected_days": "soon"})
    assert answer.status_code == 422
    assert row.expected_days == 7


def test_an_archived_distributor_is_not_offered(world: World, clients: Clients) -> None:
    row, order = voxport(world), world.an_order("approved")
    form = f"/orders/{order.reference}/mark-ordered"
    assert '<option value="Voxport">' in clients.ada.get(form).text
    clients.ada.post(f"/distributors/{row.id}/archive")
    assert '<option value="Voxport">' not in clients.ada.get(form).text
    assert "Archived" in clients.ada.get(f"/distributors/{row.id}/").text
    clients.ada.post(f"/distributors/{row.id}/restore")
    assert '<option value="Voxport">' in clients.ada.get(form).text


def test_article_numbers_are_entered_at_the_item(world: World, clients: Clients) -> None:
    row, item = voxport(world), world.an_item("deskphone")
    address = f"/catalog-options/{item.id}/"
    assert "Article numbers of distributors" in clients.ada.get(address).text
    clients.ada.post(address + "articles/", data={f"number-{row.id}": "V-1"})
    assert article_numbers(row.id, [item.id]) == {item.id: "V-1"}
    answer = clients.ada.post(address + "articles/", data={f"number-{row.id}": "V" * 61})
    assert answer.status_code == 422
    assert "V" * 61 in answer.text


def test_overdue_orders_are_counted_marked_and_listed(world: World, clients: Clients) -> None:
    voxport(world)
    late, fresh = world.an_order("approved"), world.an_order("approved")
    for order, days in ((late, 8), (fresh, 7)):
        day = utcnow().date() - timedelta(days=days)
        by(
            world.ada,
            lambda ada, order=order, day=day: mark_ordered(
                ada, order.id, distributor="Voxport", ordered_on=day
            ),
        )
    page = clients.ada.get("/orders/?status=approved").text
    assert 'Overdue <span class="tab-count">1</span>' in page
    assert page.count('<span class="tag tag-warn">overdue</span>') == 1
    page = clients.ada.get("/orders/?status=approved&overdue=true").text
    assert late.reference in page
    assert fresh.reference not in page
    # One deadline, where it says what the order waits for.
    box = Visitor(clients.ada).open(f"/orders/{late.reference}").text
    expected = format_date(utcnow().date() - timedelta(days=1))
    assert f"Waits for the distributor overdue expected by {expected} · super-admins" in box
    assert box.count(expected) == 1
    assert "was due" not in box
    assert "overdue=true" in clients.ada.get("/dashboard/").text

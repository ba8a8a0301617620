"""The purchase order of an approved order: a super-admin's to take, and nothing leaves by itself."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import HardwareOrder, OutboxEvent, OutgoingMessage
from hwadmin.operations.orders.decisions import mark_ordered
from tests.acceptance.visitor import Visitor
from tests.builders import Clients, World
from tests.operations.refusals import events


@pytest.fixture
def order(world: World) -> HardwareOrder:
    account = world.an_account(name="=HYPERLINK(1) Clinic")
    site = world.a_location(account, "Ward 3", address="1 Quay, Kinsale")
    return world.an_order(
        "approved",
        [("deskphone", 2), ("accessory", 1)],
        account=account,
        ship_to_location_id=site.id,
        attention="Dana Reed",
        notes="@back entrance",
    )


def page_of(order: HardwareOrder) -> str:
    return f"/orders/{order.reference}/purchase-order"


def leaving() -> int:
    counted = (db.session.scalar(select(func.count(row.id))) or 0 for row in (OutboxEvent, OutgoingMessage))
    return sum(counted)


def test_the_page_shows_the_order_as_text_and_sends_nothing(
    world: World, clients: Clients, order: HardwareOrder
) -> None:
    before = leaving()
    ada = Visitor(clients.ada).open(f"/orders/{order.reference}").follow("Purchase order")
    for sentence in ("2 × Yealink T54W", "1 × Jabra Engage 50", "Total: € 300.00", "Ward 3", "Dana Reed"):
        assert sentence in ada.text
    assert "Nothing is sent or ordered from here." in ada.messages[0]
    [copy] = [one for one in ada.tree.iter("button") if one.get("data-copy")]
    assert copy.get("data-copy", "").startswith(f"Purchase order {order.reference}\n")
    assert leaving() == before


def test_the_csv_has_a_row_per_line_and_runs_no_formula(clients: Clients, order: HardwareOrder) -> None:
    answer = clients.ada.post(page_of(order), data={"format": "csv"})
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="purchase-order-{order.reference.lower()}.csv"'
    )
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [(row["Quantity"], Decimal(row["Total"])) for row in rows] == [
        ("2", Decimal("200.00")),
        ("1", Decimal("100.00")),
    ]
    assert rows[0]["Account"] == "'=HYPERLINK(1) Clinic"
    assert rows[0]["Notes"] == "'@back entrance"
    assert (rows[0]["Ship to"], rows[0]["Attention"]) == ("Ward 3", "Dana Reed")


def test_the_pdf_is_one(world: World, clients: Clients, order: HardwareOrder) -> None:
    transact(lambda: mark_ordered(world.ada.actor, order.id, distributor="Voxport"))
    answer = clients.ada.post(page_of(order), data={"format": "pdf"})
    assert answer.content_type == "application/pdf"
    assert answer.get_data().startswith(b"%PDF-")


@pytest.mark.parametrize("kind", ["pdf", "csv"])
def test_taking_it_is_audited(clients: Clients, order: HardwareOrder, kind: str) -> None:
    clients.ada.post(page_of(order), data={"format": kind})
    event = events(order.id)[-1]
    assert (event.kind, event.actor_name) == ("order.exported", "Ada Okafor")
    assert event.summary == f"Exported the purchase order of {order.reference} as {kind.upper()}"
    assert clients.ada.get(page_of(order)).status_code == 200
    assert len(events(order.id, "order.exported")) == 1


def test_another_format_is_not_there(clients: Clients, order: HardwareOrder) -> None:
    assert clients.ada.post(page_of(order), data={"format": "docx"}).status_code == 404
    assert events(order.id, "order.exported") == []


@pytest.mark.parametrize("status", ["submitted", "rejected", "cancelled"])
def test_what_is_not_approved_has_none(world: World, clients: Clients, status: str) -> None:
    order = world.an_order(status)
    ada = Visitor(clients.ada).open(page_of(order), 409)
    assert "has no purchase order: it is" in ada.text
    assert clients.ada.post(page_of(order), data={"format": "csv"}).status_code == 409
    assert "Purchase order" not in Visitor(clients.ada).open(f"/orders/{order.reference}").actions


def test_what_comes_from_spares_is_not_bought(world: World, clients: Clients, order: HardwareOrder) -> None:
    order.lines[1].from_spare = True
    db.session.commit()
    ada = Visitor(clients.ada).open(page_of(order))
    assert "From the account’s own spares, and not on this purchase order: Jabra Engage 50." in ada.text
    assert "Total: € 200.00" in ada.text
    order.lines[0].from_spare = True
    db.session.commit()
    assert "all of it comes from the account’s spares" in ada.open(page_of(order), 409).text

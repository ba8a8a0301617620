"""A purchase order leaves by mail when a super-admin sends it: once, and never otherwise."""

from __future__ import annotations

import json
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select

from hwadmin import clock
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import EVERYWHERE
from hwadmin.domain.event_kinds import MailType
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.errors import ChangedMeanwhile, InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import HardwareOrder, OutboxEvent, OutgoingMessage
from hwadmin.operations.catalog.distributors import (
    DistributorFacts,
    archive_distributor,
    create_distributor,
    set_article_numbers,
)
from hwadmin.operations.orders.decisions import approve_order, mark_ordered, reopen_order
from hwadmin.operations.orders.sending import send_order
from tests.builders import Clients, World
from tests.operations.refusals import by, changes_nothing, events, fields, refused
from tests.outbox.conftest import Deliveries, Mailbox
from tests.views.test_every_action import ACTIONS, WHEN

BUYER = "Northwind Supply Ltd\n1 Quay"
ADDRESS = "orders@voxport.example"


@pytest.fixture
def voxport(world: World) -> int:
    facts = DistributorFacts("Voxport", ADDRESS, "C-4711", None, 7)
    return by(world.ada, lambda ada: create_distributor(ada, facts)).id


def send(
    world: World, order: HardwareOrder, distributor: str | None = "Voxport", **more: Any
) -> HardwareOrder:
    return by(world.ada, lambda ada: send_order(ada, order.id, distributor=distributor, buyer=BUYER, **more))


def to_distributors() -> list[OutgoingMessage]:
    query = select(OutgoingMessage).where(OutgoingMessage.type == MailType.PURCHASE_ORDER.value)
    return list(db.session.scalars(query.execution_options(**{EVERYWHERE: True})))


def attachment(mail: EmailMessage, content_type: str) -> bytes:
    (part,) = [part for part in mail.iter_attachments() if part.get_content_type() == content_type]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def test_it_leaves_by_smtp_with_pdf_and_csv_and_is_recorded(
    world: World, out: Deliveries, mailbox: Mailbox, voxport: int
) -> None:
    order = world.an_order("approved")
    item = world.item("deskphone")
    by(world.ada, lambda ada: set_article_numbers(ada, item.id, {voxport: "V-T54W"}))
    out.run()
    mailbox.got.clear()
    version = order.version
    send(world, order, expected_version=version)
    assert (order.distributor, order.distributor_id, order.sent_to) == ("Voxport", voxport, ADDRESS)
    assert (order.distributor_reference, order.placed_by_name) == (None, "Ada Okafor")
    assert (order.status, order.version) == (OrderStatus.APPROVED, version + 1)
    (event,) = events(order.id, "order.sent")
    assert event.summary == f"Sent {order.reference} to Voxport ({ADDRESS}); their number is awaited"
    last = db.session.scalars(select(OutboxEvent).order_by(OutboxEvent.id.desc())).first()
    assert last is not None
    assert last.types == ["order.ordered", "order.placed"]
    out.run()
    (mail,) = [mail for mail in mailbox.got if mail["To"] == ADDRESS]
    assert mail["Subject"] == f"Purchase order {order.reference} from Northwind Supply Ltd"
    assert mail["Reply-To"] == world.ada.email
    assert mail["Auto-Submitted"] is None
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    for words in ("Dear Voxport,", order.reference, "C-4711", "your article V-T54W", "Ada Okafor", "1 Quay"):
        assert words in text
    assert attachment(mail, "application/pdf").startswith(b"%PDF")
    csv = attachment(mail, "text/csv").decode("utf-8-sig")
    assert item.sku in csv
    assert "V-T54W" in csv
    (message,) = to_distributors()
    assert message.state == "delivered"


def test_it_is_sent_once_however_often_it_is_asked_for(world: World, voxport: int) -> None:
    order = world.an_order("approved")
    send(world, order)
    error = refused(WrongState, world.ada, lambda ada: send_order(ada, order.id, distributor="Voxport"))
    assert error.message.startswith(f"{order.reference} was sent to Voxport ({ADDRESS}) already")
    assert len(to_distributors()) == 1


def test_a_page_shows_the_mail_and_confirming_it_twice_sends_it_once(
    world: World, clients: Clients, voxport: int
) -> None:
    order = world.an_order("approved")
    address = f"/orders/{order.reference}/send"
    page = clients.ada.get(address).text
    for words in (
        ADDRESS,
        "Dear Voxport,",
        f"purchase-order-{order.reference.lower()}.pdf",
        "Send to Voxport",
    ):
        assert words in page
    assert to_distributors() == []
    confirmed = {"distributor": "Voxport", "version": order.version}
    for _ in range(3):
        assert clients.ada.post(address, data=confirmed).status_code == 302
    assert "Nothing was sent again" in clients.ada.get(f"/orders/{order.reference}").text
    assert len(to_distributors()) == 1
    assert clients.piet.get(address).status_code == 403


def test_what_was_sent_stays_as_it_was_whatever_changes_afterwards(
    world: World, out: Deliveries, voxport: int
) -> None:
    order = world.an_order("approved")
    send(world, order)
    document = json.loads(to_distributors()[0].payload)["purchase_order"]
    assert [line["quantity"] for line in document["lines"]] == [2]
    assert (document["distributor"], document["customer_number"]) == ("Voxport", "C-4711")


def test_a_reopened_order_can_be_sent_anew(world: World, voxport: int) -> None:
    order = world.an_order("approved")
    send(world, order)
    by(world.ada, lambda ada: reopen_order(ada, order.id, reason="Too many."))
    assert (order.sent_to, order.distributor_id) == (None, None)
    by(world.ada, lambda ada: approve_order(ada, order.id))
    send(world, order)
    assert len(to_distributors()) == 2


@pytest.mark.parametrize("name", [None, " ", "Nobody", "Cooper", "Archived"])
def test_only_a_distributor_who_takes_orders_by_mail_is_sent_one(
    world: World, voxport: int, name: str | None
) -> None:
    by(world.ada, lambda ada: create_distributor(ada, DistributorFacts("Cooper")))
    gone = by(world.ada, lambda ada: create_distributor(ada, DistributorFacts("Archived", "a@b.example")))
    by(world.ada, lambda ada: archive_distributor(ada, gone.id, archived=True))
    order = world.an_order("approved")
    error = refused(InvalidInput, world.ada, lambda ada: send_order(ada, order.id, distributor=name))
    assert fields(error) == ["distributor"]


@pytest.mark.parametrize("status", [one for one in OrderStatus if one is not OrderStatus.APPROVED])
def test_only_an_approved_order_is_sent(world: World, voxport: int, status: OrderStatus) -> None:
    order = world.an_order(status)
    refused(WrongState, world.ada, lambda ada: send_order(ada, order.id, distributor="Voxport"))


def test_what_is_placed_or_comes_from_spares_or_changed_is_not_sent(world: World, voxport: int) -> None:
    bought = world.an_order("approved")
    by(world.ada, lambda ada: mark_ordered(ada, bought.id))
    refused(WrongState, world.ada, lambda ada: send_order(ada, bought.id, distributor="Voxport"))
    spare = world.an_order("approved")
    spare.nothing_to_buy = True
    db.session.commit()
    error = refused(WrongState, world.ada, lambda ada: send_order(ada, spare.id, distributor="Voxport"))
    assert "spares" in error.message
    order = world.an_order("approved")
    refused(
        ChangedMeanwhile,
        world.ada,
        lambda ada: send_order(ada, order.id, distributor="Voxport", expected_version=1),
    )
    refused(NotFound, world.ada, lambda ada: send_order(ada, 999_999, distributor="Voxport"))
    for name in ("piet", "sam"):
        refused(
            NotAllowed,
            getattr(world, name),
            lambda actor: send_order(actor, order.id, distributor="Voxport"),
        )
    assert changes_nothing(to_distributors) == []


@pytest.mark.parametrize("kind", [kind for kind in ACTIONS if kind != "order.sent"])
def test_nothing_else_ever_mails_a_distributor(
    world: World, out: Deliveries, kind: str, voxport: int
) -> None:
    siewert = DistributorFacts("Siewert", "orders@siewert.example")
    by(world.ada, lambda ada: create_distributor(ada, siewert))
    if kind == "distributor.changed":
        by(world.ada, lambda ada: archive_distributor(ada, voxport, archived=True))
    else:
        with clock.at(WHEN):  # The actions prepare what they need on that day.
            ACTIONS[kind](world)
    out.run()
    assert to_distributors() == []
    assert not {mail.recipient for mail in out.mails} & {ADDRESS, "orders@siewert.example"}

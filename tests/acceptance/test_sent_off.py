"""What becomes of an order that was confirmed: its manager, the super-admin, the dealer, who asked for it.

Piet orders for Brightwater Marina, whose orders Maria Lopez approves; Ada decides.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from hwadmin.db.extensions import db
from hwadmin.models import HardwareOrder, OutgoingMessage
from tests.acceptance.test_ordering import ADD, CONFIRM, CREATE, LAST, ON, PHONE_NUMBER, Shop, orders
from tests.acceptance.visitor import Visitor
from tests.builders import Clients, World, an_identifier
from tests.outbox.conftest import Deliveries
from tests.outbox.test_mail import eml


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(
        world,
        requires_manager_approval=True,
        approver_name="Maria Lopez",
        approver_email="maria@example.com",
    )


@pytest.fixture
def maria(clients: Clients) -> Visitor:
    """The account's approver, with a browser and no account here."""
    return Visitor(clients.anonymous)


def upgraded(shop: Shop, piet: Visitor) -> HardwareOrder:
    """An upgrade of a number with a term, confirmed at the pages."""
    user = shop.employee("Dana Reed", email="dana@example.com")
    line = shop.line(-10, employee_id=user.id)
    piet.open(f"{shop.page}upgrade?line={line.id}").press("Select Apple iPhone 17")
    piet.press(ADD, {"24 months": "24"}).press(CREATE).press(ON, {"Attention": "Front desk"})
    piet.press(LAST, {"Reason for the upgrade": "The screen is broken."}).press(CONFIRM)
    (order,) = orders()
    return order


def link_of(app: Flask, world: World) -> str:
    """The link in Maria's newest mail, once the worker has sent it."""
    Deliveries(world).run()
    mails = [
        mail
        for mail in db.session.query(OutgoingMessage).order_by(OutgoingMessage.id)
        if mail.recipient == "maria@example.com"
    ]
    body = eml(app, mails[-1]).get_body(("plain",)).get_content()
    (link,) = re.findall(r"/manager-approval/\S+", body)
    assert f"Upgrade of {PHONE_NUMBER}: The screen is broken." in body
    return str(link)


def test_the_reason_for_the_upgrade_shows_up_in_the_manager_approval_request(
    app: Flask, world: World, shop: Shop, piet: Visitor, maria: Visitor
) -> None:
    """The reason for the upgrade (this will show up in the Manager Approval request if Approvals are
    required).
    """
    upgraded(shop, piet)
    maria.open(link_of(app, world))
    for sentence in (
        f"Upgrade of {PHONE_NUMBER}: The screen is broken.",
        "Dana Reed",
        "24 months",
        "€ 99.00",
        "€ 19.00",
    ):
        assert sentence in maria.text


def test_the_order_is_approved_and_sent_to_the_dealer(
    app: Flask, world: World, shop: Shop, piet: Visitor, maria: Visitor, ada: Visitor
) -> None:
    """Confirm Order Items will then send the order off to be Approved and sent to the Dealer."""
    order = upgraded(shop, piet)
    assert piet.open("/my-orders/").row(order.reference)["Status"] == "Pending approval awaits Maria Lopez"
    assert ada.open("/orders/").menu[0] == "Hardware Orders"

    maria.open(link_of(app, world)).press("Approve")
    assert "You have approved" in maria.text
    assert ada.open("/orders/").menu[0] == "Hardware Orders 1 waiting"
    ada.open(f"/orders/{order.reference}").press("Approve")

    # Nothing leaves by itself: Ada takes the purchase order to the dealer.
    ada.follow("Purchase order")
    for sentence in (
        "1 × Apple iPhone 17",
        "256 GB",
        "24 months",
        f"Upgrade of {PHONE_NUMBER} (Dana Reed)",
        "Total: € 99.00",
        "Total a month: € 19.00",
        "Attention:",
        "Front desk",
    ):
        assert sentence in ada.text
    ada.follow("mark the order as ordered").press("Mark as ordered manually", {"Distributor": "Voxport"})
    row = piet.open("/my-orders/").row(order.reference)
    assert row["Status"] == "Approved ordered with the distributor"

    ada.open(f"/orders/{order.reference}").follow("Fulfill order")
    called = [name for name in ada.controls() if name.startswith("IMEI")]
    ada.press("Fulfill", {called[0]: an_identifier("mobile")})
    row = piet.open("/my-orders/").row(order.reference)
    assert "1/1" in row["Devices"]
    assert row["Status"] == "Fulfilled"


def test_a_manager_who_declines_ends_it_and_it_can_be_ordered_again(
    app: Flask, world: World, shop: Shop, piet: Visitor, maria: Visitor
) -> None:
    """A decline cancels the order with the reason."""
    order = upgraded(shop, piet)
    maria.open(link_of(app, world)).press("Decline and cancel the order", {"Reason": "Repair it instead."})
    row = piet.open("/my-orders/").row(order.reference)
    assert row["Status"] == "Cancelled by Maria Lopez: Repair it instead."
    # Nothing is sent, and nobody is asked, until it was looked over and confirmed.
    asked = len(db.session.query(OutgoingMessage).all())
    piet.press("Order again", within=row)
    assert len(orders()) == 1
    assert len(db.session.query(OutgoingMessage).all()) == asked
    piet.press(CONFIRM)
    (_, again) = orders()
    assert "Awaiting manager: Maria Lopez" in piet.open(f"/orders/{again.reference}").text


def test_mail_is_kept_where_no_server_is_named(app: Flask, world: World, shop: Shop, piet: Visitor) -> None:
    upgraded(shop, piet)
    link_of(app, world)
    assert list((Path(app.config["HWADMIN"].instance) / "mail").glob("*.eml"))

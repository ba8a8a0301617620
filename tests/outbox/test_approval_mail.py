"""The mail to an account's manager, its reminders, and who is told of the answer."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import Account, ApprovalRequest, HardwareOrder, OutgoingMessage
from hwadmin.operations.orders.approvals.answers import override_manager
from hwadmin.operations.orders.approvals.requests import LINK_LIFETIME, resend_request
from hwadmin.operations.orders.decisions import cancel_order
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.outbox.daily_digest import write_digests
from hwadmin.outbox.mail_templates import OWN_LINK
from tests.builders import Clients, World
from tests.operations.orders.test_approvals import answered, asked_about
from tests.outbox.conftest import Deliveries
from tests.outbox.test_mail import MORNING, eml, parts


@pytest.fixture
def account(world: World) -> Account:
    return world.an_account_that_asks("Quay Clinic")


@pytest.fixture
def order(world: World, account: Account) -> HardwareOrder:
    dana = world.an_employee(account, "Dana Reed")
    return world.an_order(
        "submitted",
        [("deskphone", 2)],
        account=account,
        intents={0: [NewIntent(employee_id=dana.id)]},
        requester="Kim Sol",
        reason="The old ones fail.",
        notify=["kim@example.com"],
    )


def to(out: Deliveries, recipient: str) -> list[OutgoingMessage]:
    return [mail for mail in out.mails if mail.recipient == recipient]


def link_in(app: Flask, message: OutgoingMessage) -> str:
    """The link a mail really has."""
    body = eml(app, message).get_body(("plain",)).get_content()
    (link,) = re.findall(r"http://127\.0\.0\.1:8000(/manager-approval/\S+)", body)
    return str(link)


def test_the_manager_alone_is_told_with_what_for_whom_why_and_what_it_costs(
    app: Flask, order: HardwareOrder, out: Deliveries
) -> None:
    out.run()
    [message] = out.mails
    assert (message.recipient, message.state) == ("maria@example.com", "delivered")
    assert message.subject == f"Please approve {order.reference}: hardware for Quay Clinic"
    mail = eml(app, message)
    for kind in ("plain", "html"):
        body = mail.get_body((kind,)).get_content()
        for sentence in ("Kim Sol", "2 × Yealink T54W", "Dana Reed", "The old ones fail.", "€ 200.00"):
            assert sentence in body, (kind, sentence)
        assert order.reference in body
        assert OWN_LINK not in body


def test_the_link_of_the_mail_opens_the_page_and_stands_nowhere_else(
    app: Flask, clients: Clients, order: HardwareOrder, out: Deliveries
) -> None:
    out.run()
    [message] = out.mails
    link = link_in(app, message)
    browser: FlaskClient = clients.anonymous
    assert "Approve this hardware?" in browser.get(link).text
    # Neither the stored mail nor the log of messages has it.
    token = link.rpartition("-")[2]
    tables = [
        str(tuple(row)) for table in db.metadata.sorted_tables for row in db.session.execute(select(table))
    ]
    assert not [row for row in tables if token in row]
    shown = clients.ada.get(f"/outgoing-messages/{message.id}/", follow_redirects=True)
    assert token not in shown.text
    assert OWN_LINK in parts(message)[0]
    assert json.loads(message.payload)["approval"]["request"] == asked_about(order).id


def test_a_name_cannot_get_somebody_elses_link_into_a_mail(
    app: Flask, world: World, account: Account, out: Deliveries
) -> None:
    account.name = f"Evil {OWN_LINK}"
    db.session.commit()
    order = world.an_order(account=account)
    transact(lambda: override_manager(world.ada.actor, order.id, reason="Urgent."))
    out.run()
    for message in out.mails:
        if message.recipient != "maria@example.com":
            assert "/manager-approval/" not in eml(app, message).as_string()


def test_a_manager_is_reminded_twice_by_the_same_link_and_then_it_is_told(
    app: Flask, world: World, order: HardwareOrder, out: Deliveries
) -> None:
    sent = asked_about(order).sent_at
    counts = []
    for day in (0, 2, 3, 4, 7, 8, 13):
        with clock.at(sent + timedelta(days=day, minutes=1)):
            out.run()
            out.run()
        counts.append(len(to(out, "maria@example.com")))
    assert counts == [1, 1, 2, 2, 3, 3, 3]
    mails = to(out, "maria@example.com")
    assert {link_in(app, mail) for mail in mails} == {link_in(app, mails[0])}
    assert mails[1].subject == f"Reminder: {mails[0].subject}"
    asked = asked_about(order)
    assert (asked.reminders, asked.reminded_at is not None) == (2, True)
    with clock.at(sent + LINK_LIFETIME + timedelta(minutes=1)):
        out.run()
        out.run()
    sent_mails = out.mails[len(mails) :]
    assert sorted(mail.recipient for mail in sent_mails) == sorted([world.ada.email, world.piet.email])
    for mail in sent_mails:
        assert mail.subject == f"{order.reference} still awaits its manager: Quay Clinic"
        assert "Maria Lopez has not answered" in parts(mail)[0]
    assert asked_about(order).next_at is None


def test_where_no_worker_ran_for_days_reminders_do_not_pile_up(order: HardwareOrder, out: Deliveries) -> None:
    out.run()
    with clock.at(utcnow() + timedelta(days=9)):
        out.run()
        out.run()
    assert len(to(out, "maria@example.com")) == 2


@pytest.mark.parametrize("end", ["answered", "cancelled", "overridden"])
def test_nobody_is_reminded_of_what_is_settled(
    world: World, order: HardwareOrder, out: Deliveries, end: str
) -> None:
    out.run()
    {
        "answered": lambda: answered(order),
        "cancelled": lambda: transact(lambda: cancel_order(world.piet.actor, order.id)),
        "overridden": lambda: transact(lambda: override_manager(world.ada.actor, order.id, reason="Now.")),
    }[end]()
    with clock.at(utcnow() + timedelta(days=20)):
        out.run()
    assert len(to(out, "maria@example.com")) == 1
    assert not [mail for mail in out.mails if mail.type == "approval.expired"]
    assert db.session.scalars(select(ApprovalRequest.next_at)).all() == [None]


def test_a_new_link_is_mailed_and_only_it(
    app: Flask, world: World, clients: Clients, order: HardwareOrder, out: Deliveries
) -> None:
    out.run()
    with clock.at(utcnow() + timedelta(hours=1)):
        transact(lambda: resend_request(world.piet.actor, order.id))
        out.run()
    former, new = (link_in(app, mail) for mail in to(out, "maria@example.com"))
    assert "There is a newer link" in clients.anonymous.get(former).text
    assert "Approve this hardware?" in clients.anonymous.get(new).text


def test_a_dearer_order_is_asked_about_by_a_mail_that_says_what_it_costs_now(
    world: World, order: HardwareOrder, out: Deliveries
) -> None:
    out.run()
    sku = world.item("deskphone").sku
    transact(lambda: edit_lines(world.piet.actor, order.id, {sku: 3}))
    out.run()
    first, second = to(out, "maria@example.com")
    replaces = "This mail replaces the one before, whose link has ended."
    assert [replaces in parts(mail)[0] for mail in (first, second)] == [False, True]
    assert ["€ 300.00" in parts(mail)[0] for mail in (first, second)] == [False, True]


# ---- The answer


def test_super_admins_and_whoever_asked_are_told_once_it_may_go_on(
    world: World, order: HardwareOrder, out: Deliveries
) -> None:
    out.run()
    answered(order)
    out.run()
    [new] = to(out, world.ada.email)
    assert new.subject == f"New order {order.reference}: Quay Clinic"
    for recipient in (world.piet.email, "kim@example.com"):
        [mail] = to(out, recipient)
        assert mail.subject == f"{order.reference} approved by its manager: Quay Clinic"
        assert "Maria Lopez has approved" in parts(mail)[0]


def test_a_decline_is_told_to_whoever_asked_with_its_reason(
    world: World, order: HardwareOrder, out: Deliveries
) -> None:
    out.run()
    answered(order, agrees=False, reason="Not this year.")
    out.run()
    assert to(out, world.ada.email) == []
    for recipient in (world.piet.email, "kim@example.com"):
        [mail] = to(out, recipient)
        assert mail.subject == f"{order.reference} cancelled: Quay Clinic"
        text = parts(mail)[0]
        assert "declined by its manager" in text
        assert "Reason: Not this year." in text


def test_an_override_is_told_with_its_reason(world: World, order: HardwareOrder, out: Deliveries) -> None:
    out.run()
    transact(lambda: override_manager(world.ada.actor, order.id, reason="Maria is on leave."))
    out.run()
    [mail] = to(out, world.piet.email)
    text = parts(mail)[0]
    assert "Ada Okafor decided that" in text
    assert "Reason: Maria is on leave." in text


def test_webhooks_are_told_of_the_order_as_it_is(world: World, account: Account, out: Deliveries) -> None:
    out.a_webhook("http://127.0.0.1:9/hook")
    order = world.an_order(account=account)
    answered(order)
    other = world.an_order(account=account)
    answered(other, agrees=False, reason="No.")
    out.run()
    sent = [(message.type, message.order_id) for message in out.webhooks]
    assert sent == [
        ("order.submitted", order.id),
        ("order.updated", order.id),
        ("order.submitted", other.id),
        ("order.cancelled", other.id),
    ]
    assert json.loads(out.webhooks[1].payload)["data"]["manager_approval"] == "agreed"


def test_the_daily_mail_tells_of_an_order_once_its_manager_approved(world: World, account: Account) -> None:
    from hwadmin.operations.outgoing.messages import choose_new_order_mail

    transact(lambda: choose_new_order_mail(world.ada.actor, "daily"))
    with clock.at(MORNING - timedelta(hours=2)):
        order = world.an_order(account=account)
    with clock.at(MORNING):
        assert write_digests() == 0
    with clock.at(MORNING + timedelta(hours=30)):
        answered(order)
    with clock.at(MORNING + timedelta(days=2)):
        assert write_digests() == 1
    with clock.at(MORNING + timedelta(days=3)):
        assert write_digests() == 0
    # Its deadline is over by now.
    with clock.at(MORNING + timedelta(days=4)):
        assert write_digests() == 1

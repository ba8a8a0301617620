"""Mail says what happened, to whom it concerns, once, and no name in it can do harm."""

from __future__ import annotations

import email
import json
import re
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from flask_mailman import Mail

from hwadmin import clock
from hwadmin.config import ConfigurationError, Settings
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.models import MessageKind, NewOrderMail, OutgoingMessage
from hwadmin.operations.audit import recording
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import approve_order, cancel_order, mark_ordered, reject_order
from hwadmin.operations.orders.edits.intents import Intent, edit_intents
from hwadmin.operations.orders.edits.ordering_information import change_ordering_information
from hwadmin.operations.orders.notes import add_note
from hwadmin.operations.outgoing.messages import choose_new_order_mail
from hwadmin.operations.people.people import disable_person
from hwadmin.outbox import mail_client
from hwadmin.outbox.daily_digest import write_digests
from hwadmin.outbox.mail_templates import subject_line
from hwadmin.queries.units.units import units_of
from tests.builders import World
from tests.outbox.conftest import Deliveries, Mailbox

MORNING = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


def eml(app: Flask, message: OutgoingMessage) -> EmailMessage:
    """The file a mail landed in."""
    folder = Path(app.config["HWADMIN"].instance) / "mail"
    return email.message_from_bytes((folder / f"{message.uid}.eml").read_bytes(), policy=policy.default)


def parts(message: OutgoingMessage) -> tuple[str, str]:
    payload = json.loads(message.payload)
    return payload["text"], payload["html"]


# ---- Who is told what


def test_super_admins_are_told_of_a_new_order(app: Flask, world: World, out: Deliveries) -> None:
    order = world.an_order(
        "submitted", [("deskphone", 2)], account=world.an_account(name="Brightwater Marina")
    )
    out.run()
    [message] = out.mails
    assert (message.recipient, message.state) == (world.ada.email, "delivered")
    assert message.subject == f"New order {order.reference}: Brightwater Marina"
    mail = eml(app, message)
    assert mail["To"] == world.ada.email
    assert mail["Subject"] == message.subject
    assert mail["Message-ID"] == f"<{message.uid}@127.0.0.1>"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for body in (text, html):
        assert f"http://127.0.0.1:8000/orders/{order.reference}" in body
        assert "Piet Jansen" in body
        assert "2 × Yealink T54W" in body
    assert "Costs now: € 200.00" in text
    assert "€ 200.00" in html
    assert "Costs each month" not in text
    assert "<img" not in html
    assert "src=" not in html


@pytest.mark.parametrize(
    ("status", "action", "subject", "sentence"),
    [
        (
            "submitted",
            lambda w, o: approve_order(w.ada.actor, o.id),
            "approved",
            "has been approved. It has still to be ordered from the distributor.",
        ),
        (
            "submitted",
            lambda w, o: mark_ordered(w.ada.actor, o.id, distributor="Voxport"),
            "ordered",
            "has been approved and ordered from the distributor.",
        ),
        (
            "approved",
            lambda w, o: mark_ordered(w.ada.actor, o.id, distributor="Voxport"),
            "ordered",
            "has been ordered from the distributor.",
        ),
        (
            "submitted",
            lambda w, o: reject_order(w.ada.actor, o.id, reason="Ordered twice."),
            "rejected",
            "Reason: Ordered twice.",
        ),
        (
            "submitted",
            lambda w, o: cancel_order(w.piet.actor, o.id, reason="Moved away"),
            "cancelled",
            "Reason: Moved away",
        ),
    ],
)
def test_submitter_and_notified_are_told_of_a_decision(
    world: World, out: Deliveries, status: str, action: Any, subject: str, sentence: str
) -> None:
    order = world.an_order(status, account=world.an_account(name="Quay Clinic"), notify=["kim@example.com"])
    out.run()
    before = len(out.mails)
    transact(lambda: action(world, order))
    out.run()
    mails = out.mails[before:]
    assert sorted(one.recipient for one in mails) == sorted([world.piet.email, "kim@example.com"])
    for one in mails:
        assert one.subject == f"{order.reference} {subject}: Quay Clinic"
        assert sentence in parts(one)[0]
    out.run()
    assert len(out.mails) == before + 2


def test_a_shipment_is_told_with_its_identifiers(world: World, out: Deliveries) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    out.run()
    before = len(out.mails)
    shown: list[set[str]] = []
    for subject in ("fulfilled in part", "fulfilled"):
        identifiers = world.identifiers_for(order, 1)
        transact(lambda identifiers=identifiers: fulfill_order(world.ada.actor, order.id, identifiers))
        out.run()
        message = out.mails[-1]
        assert message.subject.startswith(f"{order.reference} {subject}: ")
        units = [unit for unit in units_of(order.id) if unit.identifier]
        text, html = parts(message)
        shown.append({unit.identifier_shown for unit in units if unit.identifier_shown in text})
        assert {unit.identifier_shown for unit in units if unit.identifier_shown in html} == shown[-1]
    assert len(out.mails) == before + 2
    # Each mail tells what came with this shipment.
    assert len(shown[0]) == len(shown[1]) == 1
    assert shown[0] != shown[1]


def test_one_person_gets_one_mail_however_often_they_are_named(world: World, out: Deliveries) -> None:
    order = world.an_order(
        "submitted", notify=[world.piet.email.upper(), "kim@example.com", "KIM@example.com"]
    )
    transact(lambda: approve_order(world.ada.actor, order.id))
    out.run()
    recipients = [one.recipient.lower() for one in out.mails if one.type == "order.approved"]
    assert sorted(recipients) == sorted(["kim@example.com", world.piet.email])


def test_who_is_disabled_or_has_lost_the_platform_is_told_nothing(world: World, out: Deliveries) -> None:
    order = world.an_order("submitted")
    db.session.flush()
    world.piet.platforms = [world.blue_harbor]
    gone = world.a_person("Gone Admin", world.ada.role)
    transact(lambda: disable_person(world.ada.actor, gone.id))
    transact(lambda: approve_order(world.ada.actor, order.id))
    out.run()
    assert [one.recipient for one in out.mails] == [world.ada.email]


def test_editing_and_reopening_are_no_news_for_people(world: World, out: Deliveries) -> None:
    order = world.an_order("approved")
    assert order.status is OrderStatus.APPROVED
    out.run()
    assert {one.type for one in out.mails} == {"order.submitted", "order.approved"}


# ---- What names can do


def test_a_name_cannot_begin_a_header_or_a_tag(app: Flask, world: World, out: Deliveries) -> None:
    account = world.an_account(name="Evil\r\nBcc: everybody@example.com <script>alert(1)</script> é")
    world.an_order("submitted", account=account, requester="<b>Bold</b>")
    out.run()
    [message] = out.mails
    assert message.state == "delivered"
    mail = eml(app, message)
    assert mail["Bcc"] is None
    # A long subject is folded, which leaves a blank at its beginning.
    assert mail["Subject"].strip() == message.subject
    assert "Evil Bcc: everybody@example.com" in message.subject
    html = mail.get_body(("html",)).get_content()
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("text", ["a\nb", "a\r\n\r\nb", "a\x00b", "a\u2028b", "  a \t b  "])
def test_a_subject_is_one_line(text: str) -> None:
    assert subject_line(text) == "a b"


def test_a_long_subject_is_cut() -> None:
    assert len(subject_line("x" * 500)) == 200


# ---- Choosing


@pytest.mark.parametrize("choice", [NewOrderMail.NONE, NewOrderMail.DAILY])
def test_who_does_not_want_mail_at_once_gets_none(
    world: World, out: Deliveries, choice: NewOrderMail
) -> None:
    transact(lambda: choose_new_order_mail(world.ada.actor, choice.value))
    with clock.at(MORNING.replace(hour=1)):
        world.an_order("submitted")
        out.run()
    assert out.mails == []


def test_a_digest_tells_what_is_new_once_a_day_and_leaves_nothing_out(world: World, out: Deliveries) -> None:
    transact(lambda: choose_new_order_mail(world.ada.actor, "daily"))
    with clock.at(MORNING - timedelta(hours=20)):
        first = world.an_order("submitted")
    with clock.at(MORNING - timedelta(hours=2)):
        out.run()
        assert out.mails == []
    with clock.at(MORNING):
        out.run()
        out.worker._digest_day = None
        out.run()
        assert write_digests() == 0
        [mail] = out.mails
        assert (mail.subject, mail.state) == ("Hardware orders: 1 new", "delivered")
        assert first.reference in parts(mail)[0]
    # No worker ran for two days: the next mail covers them all.
    with clock.at(MORNING + timedelta(hours=1)):
        second = world.an_order("submitted")
    with clock.at(MORNING + timedelta(days=3)):
        third = world.an_order("submitted")
    with clock.at(MORNING + timedelta(days=3, hours=1)):
        out.run()
    text = parts(out.mails[-1])[0]
    # Of what was told of before, only what is late by now; it says so.
    assert text.count(f"{first.reference}: ") == 1
    assert re.search(rf"{first.reference}: .*\n  Late since .*: waits for a decision", text)
    assert text.startswith("2 new orders since your last daily mail; 2 orders are late.")
    late, new = text.split("\nNew\n")
    assert "\nLate\n" in late
    assert [one.reference in late for one in (first, second, third)] == [True, True, False]
    assert [one.reference in new for one in (first, second, third)] == [False, True, True]
    # Nothing is new, and nothing waits any more.
    with clock.at(MORNING + timedelta(days=5)):
        for key in (first.id, second.id, third.id):
            transact(lambda key=key: reject_order(world.ada.actor, key, reason="Ordered twice."))
        out.run()
    assert "orders.digest" not in {mail.type for mail in out.mails[2:]}


# ---- A real SMTP conversation


def test_mail_goes_over_smtp(world: World, out: Deliveries, mailbox: Mailbox) -> None:
    order = world.an_order("submitted", account=world.an_account(name="Zoë's Café"))
    out.run()
    [mail] = mailbox.got
    assert mail["Subject"] == f"New order {order.reference}: Zoë's Café"
    assert mail["From"] == "Hardware Orders <hwadmin@localhost>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert {part.get_content_type() for part in mail.walk()} == {
        "multipart/alternative",
        "text/plain",
        "text/html",
    }
    assert "Zoë's Café" in mail.get_body(("plain",)).get_content()
    [message] = out.mails
    assert message.state == "delivered"
    assert out.attempts(MessageKind.MAIL)[0].error is None


def test_a_refused_recipient_fails_at_once_and_a_busy_server_is_tried_again(
    world: World, out: Deliveries, mailbox: Mailbox
) -> None:
    mailbox.refuse = "550 No such person"
    world.an_order("submitted")
    out.run()
    assert out.mails[0].state == "failed"
    assert "550 No such person" in (out.mails[0].last_error or "")
    mailbox.refuse = "451 Come back later"
    world.an_order("submitted")
    now = clock.utcnow()
    out.run()
    assert out.mails[1].state == "waiting"
    mailbox.refuse = None
    with clock.at(now + timedelta(minutes=1)):
        out.run()
    assert out.mails[1].state == "delivered"
    assert [one["Message-ID"] for one in mailbox.got] == [f"<{out.mails[1].uid}@127.0.0.1>"]


def test_a_server_that_is_away_is_tried_again(
    app: Flask, world: World, out: Deliveries, mailbox: Mailbox
) -> None:
    app.config["MAIL_PORT"] = 1
    mail_client.mail.init_app(app)
    world.an_order("submitted")
    out.run()
    assert out.mails[0].state == "waiting"
    assert "cannot be reached" in (out.mails[0].last_error or "")
    assert isinstance(mail_client.mail, Mail)
    assert current_app.config["MAIL_PORT"] == 1


# ---- Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HWADMIN_SMTP_URL", "http://mail.example.com"),
        ("HWADMIN_SMTP_URL", "smtp://"),
        ("HWADMIN_SMTP_URL", "smtp://user:secret-word@host:port"),
        ("HWADMIN_BASE_URL", "hardware.example.com"),
        ("HWADMIN_MAIL_FROM", "nobody"),
        ("HWADMIN_MAIL_FROM", "a@example.com\nBcc: b@example.com"),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_start(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name) as refusal:
        Settings.from_env({"HWADMIN_INSTANCE": str(tmp_path), name: value})
    assert "secret-word" not in str(refusal.value)


def test_what_a_super_admin_changes_the_platform_is_told(world: World, out: Deliveries) -> None:
    order = world.an_order(account=world.an_account(name="Quay Clinic"), notify=["kim@example.com"])
    out.run()
    before = len(out.mails)
    transact(lambda: change_ordering_information(world.piet.actor, order.id, {"notes": "By noon."}))
    out.run()
    assert len(out.mails) == before
    recording.request_id.set("a-request")
    transact(lambda: change_ordering_information(world.ada.actor, order.id, {"notes": "By ten."}))
    transact(lambda: add_note(world.ada.actor, order.id, "Not for them."))
    recording.request_id.set(None)
    out.run()
    mails = out.mails[before:]
    assert sorted(one.recipient for one in mails) == sorted([world.piet.email, "kim@example.com"])
    assert mails[0].subject == f"{order.reference} changed: Quay Clinic"
    text = parts(mails[0])[0]
    assert f"Ada Okafor changed {order.reference} for Quay Clinic." in text
    # Who is notified need not have an account here to look it up.
    assert "notes “By noon.” → “By ten.”" in text
    assert "note to" not in text


def test_the_mail_of_new_plans_says_what_they_are(world: World, out: Deliveries) -> None:
    account = world.an_account()
    order, dana = world.an_order(account=account), world.an_employee(account, "Dana Reed")
    out.run()
    recording.request_id.set("a-request")
    plans = {units_of(order.id)[0].id: Intent(dana.id)}
    transact(lambda: edit_intents(world.ada.actor, order.id, plans))
    recording.request_id.set(None)
    out.run()
    assert "T54W #1: Dana Reed" in " ".join(parts(out.mails[-1])[0].split())

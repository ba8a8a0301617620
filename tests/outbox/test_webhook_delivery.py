"""Webhooks reach their receivers signed, are tried again on schedule, and end as they should."""

from __future__ import annotations

import dataclasses
import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook, WebhookVerificationError

from hwadmin import clock
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import AuditEvent
from hwadmin.operations.devices.transfers import move_device
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import approve_order
from hwadmin.operations.outgoing.messages import replay_message
from hwadmin.operations.outgoing.webhooks import (
    delete_webhook,
    enable_webhook,
    ping_webhook,
    rotate_secret,
)
from hwadmin.outbox import queue
from hwadmin.outbox.queue import DELAYS, LEASE, DeliveryResult
from hwadmin.outbox.webhook_client import WebhookClient
from hwadmin.queries.units.units import units_of
from hwadmin.web.openid.http_client import ProviderHttp
from tests.builders import World
from tests.outbox.conftest import Deliveries
from tests.outbox.receivers import Received, Receiver, receiving
from tests.ports import free_port

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def verified(secret: str, request: Received) -> Any:
    return Webhook(secret).verify(request.body, request.headers)


def test_an_order_arrives_signed_and_as_the_api_shows_it(
    world: World, out: Deliveries, receiver: Receiver
) -> None:
    endpoint = out.a_webhook(receiver.url + "/hook")
    order = world.an_order("submitted", [("deskphone", 2)])
    out.run()
    [request] = receiver.got
    body = verified(endpoint.secret or "", request)
    assert body["type"] == "order.submitted"
    assert body["data"]["reference"] == order.reference
    assert body["data"]["status"] == "submitted"
    assert body["data"]["platform"] == {"id": world.northwind.id, "name": "Northwind Voice"}
    assert len(body["data"]["units"]) == 2
    assert datetime.fromisoformat(body["timestamp"]).tzinfo is not None
    assert request.headers["content-type"] == "application/json"
    [message] = out.webhooks
    assert message.state == "delivered"
    assert message.uid == request.headers["webhook-id"]
    [attempt] = out.attempts()
    assert (attempt.answer, attempt.error, attempt.excerpt) == (200, None, "thanks")
    assert out.run() == 0


def test_only_what_was_chosen_is_told_and_only_to_its_platform(
    world: World, out: Deliveries, receiver: Receiver
) -> None:
    out.a_webhook(receiver.url + "/approvals", ["order.approved"])
    out.a_webhook(receiver.url + "/bea", platform=world.blue_harbor)
    order = world.an_order("submitted")
    transact(lambda: approve_order(world.ada.actor, order.id))
    out.run()
    [request] = receiver.got
    assert request.path == "/approvals"
    assert json.loads(request.body)["type"] == "order.approved"


def test_each_made_device_is_a_message_of_its_own(world: World, out: Deliveries, receiver: Receiver) -> None:
    out.a_webhook(receiver.url, ["device.created", "order.fulfilled"])
    order = world.an_order("approved", [("deskphone", 3)])
    transact(lambda: fulfill_order(world.ada.actor, order.id, world.identifiers_for(order)))
    out.run()
    payloads = [json.loads(one.body) for one in receiver.got]
    assert [one["type"] for one in payloads].count("order.fulfilled") == 1
    devices = [one["data"] for one in payloads if one["type"] == "device.created"]
    assert {one["identifier"] for one in devices} == {unit.identifier for unit in units_of(order.id)}
    assert {one["order_reference"] for one in devices} == {order.reference}


def test_a_device_that_has_left_the_platform_is_not_told_to_it(
    world: World, out: Deliveries, receiver: Receiver
) -> None:
    out.a_webhook(receiver.url)
    device = world.a_device()
    target = world.an_account(world.blue_harbor, "Secret Customer")
    transact(lambda: move_device(world.ada.actor, device.id, target.id, reason="Sold"))
    out.run()
    assert receiver.got == []


def test_what_was_announced_before_a_webhook_was_disabled_is_not_made_again(
    world: World, out: Deliveries, receiver: Receiver
) -> None:
    out.a_webhook(receiver.url)
    world.an_order("submitted")
    out.run()
    out.run()
    assert len(receiver.got) == len(out.webhooks) == 1


# ---- The schedule


def test_a_failing_receiver_is_tried_for_three_days_and_then_it_shows(
    world: World, out: Deliveries, receiver: Receiver
) -> None:
    receiver.answer = lambda _: 500
    with clock.at(NOON):
        out.a_webhook(receiver.url)
        world.an_order("submitted")
    moment, times = NOON, []
    for delay in (timedelta(0), *DELAYS):
        moment += delay
        if delay:
            with clock.at(moment - timedelta(seconds=1)):
                assert out.run() == 0
        with clock.at(moment):
            assert out.run() >= 1
            times.append(len(receiver.got))
    assert times == list(range(1, 11))
    assert timedelta(days=3) < moment - NOON < timedelta(days=3, hours=5)
    [message] = out.webhooks
    assert message.state == "failed"
    assert (message.attempts, message.last_error) == (10, "Answered 500.")
    # The very same message every time, signed anew.
    assert (
        len({one.body for one in receiver.got})
        == len({one.headers["webhook-id"] for one in receiver.got})
        == 1
    )
    with clock.at(moment + timedelta(days=30)):
        out.run()
    assert len(receiver.got) == 10


def test_a_failed_message_is_sent_again_by_hand(world: World, out: Deliveries, receiver: Receiver) -> None:
    endpoint = out.a_webhook(receiver.url)
    receiver.answer = lambda _: 410
    world.an_order("submitted")
    out.run()
    [message] = out.webhooks
    assert message.state == "failed"
    receiver.answer = lambda _: 204
    transact(lambda: enable_webhook(world.piet.actor, endpoint.id))
    transact(lambda: replay_message(world.piet.actor, message.id))
    out.run()
    assert [one.state for one in out.webhooks] == ["delivered"]
    assert len({one.headers["webhook-id"] for one in receiver.got}) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
def test_any_answer_but_success_is_a_failure_and_no_redirect_is_followed(
    world: World, out: Deliveries, receiver: Receiver, status: int
) -> None:
    receiver.answer = lambda one: status if one.path == "/hook" else 200
    out.a_webhook(receiver.url + "/hook")
    world.an_order("submitted")
    out.run()
    assert [one.path for one in receiver.got] == ["/hook"]
    [message] = out.webhooks
    assert message.state == "waiting"
    assert (message.last_error or "").startswith(f"Answered {status}")
    assert out.attempts()[0].answer == status


def test_410_disables_the_webhook_with_an_audit_event(
    world: World, out: Deliveries, receiver: Receiver
) -> None:
    receiver.answer = lambda _: 410
    endpoint = out.a_webhook(receiver.url)
    for _ in range(3):
        world.an_order("submitted")
    out.run()
    assert len(receiver.got) == 1
    assert [one.state for one in out.webhooks] == ["failed"] * 3
    db.session.refresh(endpoint)
    assert endpoint.disabled_at is not None
    [event] = db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "webhook.disabled"))
    assert event.platform_id == world.northwind.id
    assert "410" in (event.reason or "")
    world.an_order("submitted")
    out.run()
    assert len(out.webhooks) == 3


def test_a_deleted_webhook_gets_nothing_more(world: World, out: Deliveries, receiver: Receiver) -> None:
    endpoint = out.a_webhook(receiver.url)
    transact(lambda: ping_webhook(world.piet.actor, endpoint.id))
    transact(lambda: delete_webhook(world.piet.actor, endpoint.id))
    out.run()
    assert receiver.got == []
    [message] = out.webhooks
    assert (message.state, message.last_error) == ("failed", "The webhook was deleted.")


# ---- Nobody answers


def test_a_receiver_that_never_answers_is_given_up_in_time(world: World, out: Deliveries) -> None:
    with receiving(lambda _: None) as silent:
        out.worker = out.a_worker("quick", timeout=0.2)
        out.a_webhook(silent.url)
        world.an_order("submitted")
        out.run()
    assert out.webhooks[0].last_error == "No answer within 0.2 seconds."
    assert out.attempts()[0].milliseconds < 60_000


def test_a_receiver_that_drips_is_cut_off() -> None:
    """A byte now and again keeps every timeout of a socket away; the whole exchange has one of its own."""
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"X-Drip: 1\r\n")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        poster = WebhookClient(allow_loopback=True, timeout=0.4)
        answer = poster.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
    finally:
        stop.set()
        thread.join()
        server.close()
    assert answer.problem == "No answer within 0.4 seconds."
    assert answer.milliseconds < 60_000


def test_a_dead_address_does_not_hold_up_the_others(
    world: World, out: Deliveries, receiver: Receiver
) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    with clock.at(NOON):
        endpoint = out.a_webhook(dead)
        out.a_webhook(receiver.url)
        for _ in range(5):
            world.an_order("submitted")
        out.run()
        # One attempt found out that nobody is there; the rest waits and costs nothing.
        assert len([one for one in out.attempts() if one.error]) == 1
        assert len(receiver.got) == 5
    silent = NOON + timedelta(days=3, minutes=1)
    for _ in range(2):
        with clock.at(silent):
            out.run()
        silent += timedelta(minutes=10)
    db.session.refresh(endpoint)
    assert endpoint.disabled_reason == "Nobody has answered there for three days."


# ---- Secrets


def test_for_a_day_after_a_change_both_secrets_sign(
    world: World, out: Deliveries, receiver: Receiver
) -> None:
    endpoint = out.a_webhook(receiver.url)
    former = endpoint.secret or ""
    _, new = transact(lambda: rotate_secret(world.piet.actor, endpoint.id))
    assert new != former
    transact(lambda: ping_webhook(world.piet.actor, endpoint.id))
    out.run()
    assert verified(former, receiver.got[0]) == verified(new, receiver.got[0])
    later = clock.utcnow() + timedelta(hours=24, seconds=1)
    with clock.at(later):
        transact(lambda: ping_webhook(world.piet.actor, endpoint.id))
        out.run()
    signatures = receiver.got[1].headers["webhook-signature"].split(" ")
    body, when = receiver.got[1].body.decode(), later
    uid = receiver.got[1].headers["webhook-id"]
    assert signatures == [Webhook(new).sign(uid, when, body)]


def test_somebody_elses_secret_verifies_nothing(world: World, out: Deliveries, receiver: Receiver) -> None:
    out.a_webhook(receiver.url)
    other = out.a_webhook(receiver.url + "/other", platform=world.blue_harbor)
    world.an_order("submitted")
    out.run()
    with pytest.raises(WebhookVerificationError):
        verified(other.secret or "", receiver.got[0])


# ---- Leases


def test_a_killed_workers_message_comes_back_when_its_lease_ends(
    world: World, out: Deliveries, receiver: Receiver
) -> None:
    endpoint = out.a_webhook(receiver.url)
    transact(lambda: ping_webhook(world.piet.actor, endpoint.id))
    now = clock.utcnow()
    with clock.at(now):
        taken = queue.lease_next("killed")
        assert taken is not None
        assert queue.lease_next("two") is None
    with clock.at(now + LEASE - timedelta(seconds=1)):
        assert queue.lease_next("two") is None
    with clock.at(now + LEASE):
        again = queue.lease_next("two")
        assert again is not None
        assert again.uid == taken.uid


def test_who_comes_too_late_does_not_undo_what_another_worker_did(world: World, out: Deliveries) -> None:
    endpoint = out.a_webhook("http://127.0.0.1:1/")
    transact(lambda: ping_webhook(world.piet.actor, endpoint.id))
    now = clock.utcnow()
    with clock.at(now):
        slow = queue.lease_next("slow")
    with clock.at(now + LEASE):
        quick = queue.lease_next("quick")
        assert slow is not None
        assert quick is not None
        queue.record_attempt("slow", slow, DeliveryResult(delivered=False, problem="late", answer=500))
        [message] = out.webhooks
        assert (message.lease_by, message.attempts) == ("quick", 0)
        queue.record_attempt("quick", quick, DeliveryResult(delivered=True, answer=200))
        queue.record_attempt("slow", slow, DeliveryResult(delivered=False, problem="later still", answer=500))
    [message] = out.webhooks
    assert (message.state, message.attempts) == ("delivered", 1)
    assert len(out.attempts()) == 3


# ---- Where it may not go


def test_a_name_that_leads_inside_is_refused_at_delivery(receiver: Receiver) -> None:
    poster = WebhookClient(resolve=lambda host, port: ["127.0.0.1"])
    answer = poster.post("https://hooks.example.com/", b"{}", {})
    assert answer.problem == "Not sent: 127.0.0.1 is not on the public Internet."
    assert receiver.got == []


def test_one_private_address_among_public_ones_is_enough(receiver: Receiver) -> None:
    poster = WebhookClient(resolve=lambda host, port: ["93.184.216.34", "10.0.0.7"])
    answer = poster.post("https://hooks.example.com/", b"{}", {})
    assert answer.problem == "Not sent: 10.0.0.7 is not on the public Internet."


def test_what_is_connected_to_is_what_was_checked(receiver: Receiver) -> None:
    """DNS rebinding: the name is looked up once, so it cannot lead elsewhere after the check."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.7"]

    poster = WebhookClient(allow_loopback=True, resolve=rebinding)
    port = receiver.url.rsplit(":", 1)[1]
    answer = poster.post(f"http://rebinding.localhost:{port}/x", b"{}", {})
    assert answer.status == 200
    assert asked == ["rebinding.localhost"]
    assert receiver.got[0].headers["host"] == f"rebinding.localhost:{port}"
    assert poster.post(f"http://rebinding.localhost:{port}/x", b"{}", {}).problem == (
        "Not sent: 10.0.0.7 is not on the public Internet."
    )
    assert len(receiver.got) == 1


def test_a_webhook_that_came_to_lead_inside_is_not_followed_there(
    world: World, out: Deliveries, receiver: Receiver
) -> None:
    endpoint = out.a_webhook(receiver.url)
    out.worker = out.a_worker("strict", allow_loopback=False)
    transact(lambda: ping_webhook(world.piet.actor, endpoint.id))
    out.run()
    assert receiver.got == []
    assert "Not sent" in (out.webhooks[0].last_error or "")


def test_a_long_answer_is_not_read_to_its_end() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    sent: list[int] = []

    def flood() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            try:
                for _ in range(1000):
                    connection.sendall(b"x" * 65536)
                    sent.append(65536)
            except OSError:
                return

    thread = threading.Thread(target=flood, daemon=True)
    thread.start()
    answer = WebhookClient(allow_loopback=True).post(
        f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}
    )
    thread.join()
    server.close()
    assert answer.status == 200
    assert len(answer.excerpt) == 300
    assert sum(sent) < 60 * 1024 * 1024


def test_a_stranger_who_answers_without_tls_is_told_nothing(receiver: Receiver) -> None:
    port = receiver.url.rsplit(":", 1)[1]
    answer = WebhookClient(allow_loopback=True, timeout=2).post(f"https://localhost:{port}/", b"{}", {})
    assert answer.status is None
    assert receiver.got == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="No openssl to make a certificate with")
def test_a_receiver_is_known_by_its_certificate(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    asked = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        f"-keyout {key} -out {certificate} -subj /CN=hooks.localhost "
        "-addext subjectAltName=DNS:hooks.localhost"
    )
    subprocess.run(
        asked.split(),
        check=True,
        capture_output=True,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with receiving(tls=server) as receiver:
        port = receiver.url.rsplit(":", 1)[1]
        poster = WebhookClient(allow_loopback=True, resolve=lambda host, port: ["127.0.0.1"], tls=trusting)
        assert poster.post(f"https://hooks.localhost:{port}/", b"{}", {}).status == 200
        for url, tls in (
            (f"https://other.localhost:{port}/", trusting),
            (f"https://hooks.localhost:{port}/", ssl.create_default_context()),
        ):
            answer = dataclasses.replace(poster, tls=tls).post(url, b"{}", {})
            assert (answer.problem or "").startswith("No secure connection"), answer
        assert len(receiver.got) == 1


def test_the_certificates_this_machine_trusts_are_read_once() -> None:
    tls = WebhookClient().tls
    assert WebhookClient().tls is ProviderHttp().tls is tls
    assert tls.check_hostname
    assert tls.verify_mode is ssl.CERT_REQUIRED

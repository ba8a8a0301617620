"""The pages of webhooks and outgoing messages."""

from __future__ import annotations

import re

from sqlalchemy import event

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.models import NewOrderMail, OutgoingMessage, WebhookEndpoint
from hwadmin.operations.outgoing.webhooks import create_webhook, disable_webhook, ping_webhook
from tests.builders import Clients, World

URL = "https://hooks.example.com/hwadmin"


def a_webhook(world: World, url: str = URL) -> WebhookEndpoint:
    return transact(lambda: create_webhook(world.piet.actor, world.northwind.id, url=url))[0]


def a_message(world: World, endpoint: WebhookEndpoint) -> OutgoingMessage:
    message = transact(lambda: ping_webhook(world.piet.actor, endpoint.id))
    message.next_at, message.failed_at, message.last_error = None, utcnow(), "Answered 500."
    db.session.commit()
    return message


def test_a_webhook_is_made_and_its_secret_is_shown_this_once(clients: Clients, world: World) -> None:
    form = {"platform_id": world.northwind.id, "url": URL, "event_types": ["order.approved"]}
    made = clients.piet.post("/webhooks/new", data=form)
    assert made.status_code == 200
    [secret] = set(re.findall(r"whsec_[\w+/=]+", made.text))
    key = db.session.query(WebhookEndpoint).one().id
    for page in ("/webhooks/", f"/webhooks/{key}/", f"/webhooks/{key}/edit"):
        shown = clients.piet.get(page)
        assert shown.status_code == 200
        assert URL in shown.text
        assert secret not in shown.text
    new = clients.piet.post(f"/webhooks/{key}/rotate")
    assert re.findall(r"whsec_[\w+/=]+", new.text)[0] != secret


def test_what_is_wrong_is_told_and_nothing_typed_is_lost(clients: Clients, world: World) -> None:
    form = {"platform_id": world.northwind.id, "url": "https://10.0.0.1/x", "description": "Billing"}
    answer = clients.piet.post("/webhooks/new", data=form)
    assert answer.status_code == 422
    assert "not on the public Internet" in answer.text
    assert "https://10.0.0.1/x" in answer.text
    assert "Billing" in answer.text


def test_a_webhook_for_nothing_is_refused(clients: Clients, world: World) -> None:
    form = {"platform_id": world.northwind.id, "url": URL, "description": "Billing"}
    answer = clients.piet.post("/webhooks/new", data=form)
    assert answer.status_code == 422
    assert "Choose at least one event, or all of them." in answer.text
    assert "Billing" in answer.text
    assert db.session.query(WebhookEndpoint).count() == 0


def test_a_webhook_receives_everything_only_where_that_is_chosen(clients: Clients, world: World) -> None:
    form = {"platform_id": world.northwind.id, "url": URL, "everything": "y"}
    both = clients.piet.post("/webhooks/new", data={**form, "event_types": ["order.approved"]})
    assert both.status_code == 422
    assert "either everything or some of the events" in both.text
    assert clients.piet.post("/webhooks/new", data=form).status_code == 200
    endpoint = db.session.query(WebhookEndpoint).one()
    assert endpoint.event_types is None
    edit = f"/webhooks/{endpoint.id}/edit"
    assert 'name="everything" value="y" checked' in clients.piet.get(edit).text
    assert clients.piet.post(edit, data={"url": URL}).status_code == 422
    db.session.expire_all()
    assert endpoint.event_types is None


def test_a_webhook_is_changed_tested_enabled_and_deleted(clients: Clients, world: World) -> None:
    endpoint = a_webhook(world)
    key = endpoint.id
    changed = clients.piet.post(
        f"/webhooks/{key}/edit", data={"url": URL + "/2", "event_types": ["device.created"]}
    )
    assert changed.status_code == 302
    db.session.expire_all()
    assert (endpoint.url, endpoint.event_types) == (URL + "/2", ["device.created"])
    assert clients.piet.post(f"/webhooks/{key}/ping").status_code == 302
    assert db.session.query(OutgoingMessage).one().type == "webhook.ping"
    assert clients.piet.post(f"/webhooks/{key}/enable").status_code == 409
    transact(lambda: disable_webhook(world.ada.actor, endpoint, "Gone."))
    assert "Gone." in clients.piet.get(f"/webhooks/{key}/").text
    assert clients.piet.post(f"/webhooks/{key}/ping").status_code == 409
    assert clients.piet.post(f"/webhooks/{key}/enable").status_code == 302
    assert clients.piet.post(f"/webhooks/{key}/delete").status_code == 302
    assert clients.piet.get(f"/webhooks/{key}/").status_code == 404


def test_the_delivery_log_is_the_platforms_own(clients: Clients, world: World) -> None:
    endpoint = a_webhook(world)
    message = a_message(world, endpoint)
    log = clients.piet.get(f"/webhooks/{endpoint.id}/")
    assert "Answered 500." in log.text
    assert clients.bea.get(f"/webhooks/{endpoint.id}/").status_code == 404
    assert clients.bea.post(f"/webhooks/{endpoint.id}/messages/{message.id}/replay").status_code == 404
    assert clients.piet.post(f"/webhooks/{endpoint.id}/messages/{message.id}/replay").status_code == 302
    db.session.expire_all()
    assert (message.state, message.attempts) == ("waiting", 0)
    assert clients.piet.post(f"/webhooks/{endpoint.id}/messages/{message.id}/replay").status_code == 409


def test_a_super_admin_sees_what_waits_failed_and_arrived(clients: Clients, world: World) -> None:
    endpoint = a_webhook(world)
    message = a_message(world, endpoint)
    assert "Everything has been sent." in clients.ada.get("/outgoing/").text
    assert URL in clients.ada.get("/outgoing/?state=failed").text
    assert "No messages match" in clients.ada.get("/outgoing/?state=failed&kind=mail").text
    assert "No messages match" in clients.ada.get("/outgoing/?state=failed&order=HW-999999").text
    assert URL in clients.ada.get(f"/outgoing/?state=failed&q=hooks&platform={world.northwind.id}").text
    shown = clients.ada.get(f"/outgoing/{message.id}/")
    assert "webhook.ping" in shown.text
    assert endpoint.secret not in shown.text
    assert clients.ada.post(f"/outgoing/{message.id}/replay").status_code == 302
    assert URL in clients.ada.get("/outgoing/").text
    for client in (clients.piet, clients.sam):
        assert client.get("/outgoing/").status_code == 403


def test_the_list_of_messages_asks_as_often_for_many_as_for_one(clients: Clients, world: World) -> None:
    def statements() -> int:
        seen: list[str] = []
        engine = db.session.connection().engine

        def note(_c: object, _cu: object, statement: str, *_: object) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            assert clients.ada.get("/outgoing/?state=failed").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return sum(statement.startswith("SELECT") for statement in seen)

    endpoint = a_webhook(world)
    a_message(world, endpoint)
    clients.ada.get("/outgoing/")
    one = statements()
    for _ in range(20):
        a_message(world, endpoint)
    assert statements() == one


def test_a_super_admin_chooses_mail_of_new_orders(clients: Clients, world: World) -> None:
    assert "Mail of new orders" in clients.ada.get("/my-account").text
    assert "Mail of new orders" not in clients.piet.get("/my-account").text
    assert clients.ada.post("/my-account/mail", data={"new_order_mail": "daily"}).status_code == 303
    db.session.expire_all()
    assert world.ada.new_order_mail is NewOrderMail.DAILY
    assert clients.ada.post("/my-account/mail", data={"new_order_mail": "hourly"}).status_code == 422
    assert clients.piet.post("/my-account/mail", data={"new_order_mail": "none"}).status_code == 403


def test_the_menu_leads_there(clients: Clients) -> None:
    for client, shown in ((clients.ada, ("Webhooks", "Outgoing messages")), (clients.piet, ("Webhooks",))):
        page = client.get("/devices/").text
        for label in ("Webhooks", "Outgoing messages"):
            assert (f">{label}<" in page) == (label in shown), label
    assert ">Webhooks<" not in clients.sam.get("/devices/").text

"""A platform manages its webhooks by the API, and no other's."""

from __future__ import annotations

from sqlalchemy import func, select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.models import AuditEvent, OutgoingMessage, WebhookEndpoint
from hwadmin.operations.outgoing.webhooks import MOST_PER_PLATFORM
from tests.api.callers import Callers, fields, problem
from tests.api.conftest import Traces
from tests.builders import World

URL = "https://hooks.example.com/hwadmin"


def test_a_webhook_is_made_listed_and_deleted(api: Callers, world: World) -> None:
    made = api.piet.post("/webhooks", {"url": URL, "event_types": ["order.approved"], "description": "ERP"})
    assert made.status_code == 201, made.text
    body = made.get_json()
    secret = body.pop("secret")
    assert secret.startswith("whsec_")
    assert body["platform"] == {"id": world.northwind.id, "name": "Northwind Voice"}
    assert (body["url"], body["event_types"], body["description"]) == (URL, ["order.approved"], "ERP")
    listed = api.service.get("/webhooks")
    assert listed.get_json() == {"items": [body], "next_cursor": None}
    assert secret not in listed.text
    gone = api.piet("DELETE", f"/webhooks/{body['id']}")
    assert gone.status_code == 200
    assert api.piet.get("/webhooks").get_json()["items"] == []
    row = db.session.get_one(WebhookEndpoint, body["id"], populate_existing=True)
    assert (row.secret, row.former_secret) == (None, None)
    kinds = db.session.scalars(
        select(AuditEvent.kind).where(AuditEvent.kind.startswith("webhook.")).order_by(AuditEvent.id)
    ).all()
    assert kinds == ["webhook.created", "webhook.deleted"]
    problem(api.piet("DELETE", f"/webhooks/{body['id']}"), 404)


def test_no_secret_is_in_the_audit_log(api: Callers) -> None:
    secret = api.piet.post("/webhooks", {"url": URL}).get_json()["secret"]
    for event in db.session.scalars(select(AuditEvent)):
        assert secret not in f"{event.summary} {event.details}"


def test_another_platforms_webhooks_are_not_there(api: Callers) -> None:
    key = api.piet.post("/webhooks", {"url": URL}).get_json()["id"]
    assert api.bea.get("/webhooks").get_json()["items"] == []
    foreign, absent = api.bea("DELETE", f"/webhooks/{key}"), api.bea("DELETE", "/webhooks/987654321")
    assert problem(foreign, 404) == problem(absent, 404)
    assert len(api.piet.get("/webhooks").get_json()["items"]) == 1


def test_a_platform_cannot_make_one_for_another(api: Callers, world: World) -> None:
    problem(api.piet.post("/webhooks", {"url": URL, "platform_id": world.blue_harbor.id}), 404)


def test_who_has_no_platform_of_their_own_has_no_webhooks(api: Callers) -> None:
    for caller in (api.ada, api.sam):
        problem(caller.get("/webhooks"), 403)
        problem(caller.post("/webhooks", {"url": URL}), 403)
        problem(caller("DELETE", "/webhooks/1"), 403)
    problem(api.anonymous.get("/webhooks"), 401)


def test_bad_input_is_told_at_its_field(api: Callers) -> None:
    for body, field in (
        ({}, "url"),
        ({"url": "http://example.com/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "https://user:pw@example.com/"}, "url"),
        ({"url": URL, "event_types": []}, "event_types"),
        ({"url": URL, "event_types": ["order.lost"]}, "event_types.0"),
        ({"url": URL, "secret": "mine"}, "secret"),
        ({"url": URL, "description": "x" * 201}, "description"),
    ):
        assert fields(api.piet.post("/webhooks", body)) == [field], body
    for key in ("abc", "0", "-1", "1" * 30, "%00"):
        problem(api.piet("DELETE", f"/webhooks/{key}"), 404)


def test_there_is_a_most(api: Callers, world: World) -> None:
    for _ in range(MOST_PER_PLATFORM):
        assert api.piet.post("/webhooks", {"url": URL}).status_code == 201
    problem(api.piet.post("/webhooks", {"url": URL}), 409)
    first = api.piet.get("/webhooks?limit=15").get_json()
    rest = api.piet.get(f"/webhooks?limit=15&cursor={first['next_cursor']}").get_json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (
        15,
        MOST_PER_PLATFORM - 15,
        None,
    )
    assert api.bea.post("/webhooks", {"url": URL}).status_code == 201


def test_a_repeated_request_makes_one_webhook(api: Callers) -> None:
    first, second = (
        api.piet.post("/webhooks", {"url": URL}, headers={"Idempotency-Key": "once"}) for _ in range(2)
    )
    assert first.get_json() == second.get_json()
    assert db.session.scalar(select(func.count(WebhookEndpoint.id))) == 1


def test_a_webhook_is_changed_and_its_secret_rotated(api: Callers) -> None:
    made = api.piet.post("/webhooks", {"url": URL, "event_types": ["order.approved"]}).json
    path = f"/webhooks/{made['id']}"
    changed = api.piet("PATCH", path, {"description": "ERP"}).json
    assert (changed["description"], changed["event_types"], changed["url"]) == (
        "ERP",
        ["order.approved"],
        URL,
    )
    assert api.piet("PATCH", path, {"event_types": ["*"]}).json["event_types"] == ["*"]
    assert api.piet("PATCH", path, {"event_types": ["device.moved"]}).json["event_types"] == ["device.moved"]
    assert api.piet("PATCH", path, {"url": f"{URL}/2"}).json["url"] == f"{URL}/2"
    rotated = api.piet.post(f"{path}/rotate")
    assert rotated.json["secret"].startswith("whsec_")
    assert rotated.json["secret"] != made["secret"]
    for end, method in (("", "PATCH"), ("/rotate", "POST"), ("/ping", "POST"), ("/deliveries", "GET")):
        problem(api.bea(method, path + end, None if method == "GET" else {}), 404)
        problem(api.ada(method, path + end, None if method == "GET" else {}), 403)


def test_a_webhook_is_disabled_and_enabled_again(api: Callers, traces: type[Traces]) -> None:
    path = f"/webhooks/{api.piet.post('/webhooks', {'url': URL}).json['id']}"
    off = api.piet("PATCH", path, {"enabled": False}).json
    assert off["disabled_at"]
    assert off["disabled_reason"] == "Piet Jansen disabled it."
    kinds = [event.kind for event in db.session.query(AuditEvent).order_by(AuditEvent.id)]
    assert kinds[-1] == AuditKind.WEBHOOK_DISABLED
    before = traces()
    assert api.piet("PATCH", path, {"enabled": False}).json == off
    problem(api.bea("PATCH", path, {"enabled": False}), 404)
    assert before.none()
    on = api.piet("PATCH", path, {"enabled": True}).json
    assert (on["disabled_at"], on["disabled_reason"]) == (None, None)


def test_subscribing_to_nothing_is_refused_and_a_star_is_everything(api: Callers) -> None:
    assert fields(api.piet.post("/webhooks", {"url": URL, "event_types": []})) == ["event_types"]
    made = api.piet.post("/webhooks", {"url": URL, "event_types": ["*"]})
    assert (made.status_code, made.json["event_types"]) == (201, ["*"])
    assert [row["event_types"] for row in api.piet.get("/webhooks").json["items"]] == [["*"]]
    assert api.piet.post("/webhooks", {"url": URL}).json["event_types"] == ["*"]
    path = f"/webhooks/{made.json['id']}"
    assert fields(api.piet("PATCH", path, {"event_types": []})) == ["event_types"]
    assert api.piet("PATCH", path, {"event_types": ["order.exploded"]}).status_code == 422


def test_deliveries_are_listed_and_sent_again(api: Callers) -> None:
    path = f"/webhooks/{api.piet.post('/webhooks', {'url': URL}).json['id']}"
    ping = api.piet.post(f"{path}/ping")
    assert (ping.status_code, ping.json["type"], ping.json["state"]) == (201, "webhook.ping", "waiting")
    [listed] = api.piet.get(f"{path}/deliveries").json["items"]
    assert listed == ping.json
    replay = f"{path}/deliveries/{listed['id']}/replay"
    problem(api.piet.post(replay), 409)
    message = db.session.get_one(OutgoingMessage, listed["id"])
    message.next_at, message.failed_at, message.attempts = None, utcnow(), 9
    db.session.commit()
    assert api.piet.get(f"{path}/deliveries").json["items"][0]["state"] == "failed"
    assert api.piet.post(replay).json["state"] == "waiting"
    problem(api.bea.post(replay), 404)
    other = f"/webhooks/{api.piet.post('/webhooks', {'url': URL}).json['id']}"
    problem(api.piet.post(f"{other}/deliveries/{listed['id']}/replay"), 404)

"""People, platforms and the audit trail by the API."""

from __future__ import annotations

from hwadmin.db.extensions import db
from hwadmin.models import AuditEvent
from tests.api.callers import Callers, fields, problem
from tests.api.conftest import Traces
from tests.builders import World


def test_a_person_comes_back_as_sent_and_is_changed(api: Callers, world: World) -> None:
    body = {
        "name": "Noor Haddad",
        "email": "noor@example.com",
        "role": "platform_admin",
        "platform_ids": [world.northwind.id],
    }
    made = api.ada.post("/people", body)
    assert made.status_code == 201, made.text
    noor = made.json
    assert len(noor.pop("password")) >= 12
    northwind = {"id": world.northwind.id, "name": "Northwind Voice"}
    assert (noor["name"], noor["email"], noor["role"]) == (
        "Noor Haddad",
        "noor@example.com",
        "platform_admin",
    )
    assert noor["platforms"] == [northwind]
    url = f"/people/{noor['id']}"
    assert api.ada.get(url).json == noor
    assert noor in api.ada.get("/people").json["items"]
    assert api.ada("PATCH", url, {"name": "Noor H."}).json["platforms"] == [northwind]
    assert api.ada("PATCH", url, {"disabled": True}).json["disabled_at"]
    assert api.ada("PATCH", url, {"disabled": False}).json["disabled_at"] is None
    support = {"role": "support", "platform_ids": [], "all_platforms": True}
    assert api.ada("PATCH", url, support).json["all_platforms"] is True
    count = db.session.query(AuditEvent).count()
    assert api.ada("PATCH", url, {}).status_code == 200
    assert db.session.query(AuditEvent).count() == count


def test_the_last_super_admin_stays_and_bad_input_is_told(
    api: Callers, world: World, traces: type[Traces]
) -> None:
    before = traces()
    problem(api.ada("PATCH", f"/people/{world.ada.id}", {"disabled": True}), 409)
    person = {"name": "X", "email": "x@example.com"}
    assert fields(api.ada.post("/people", person | {"role": "platform_admin"})) == ["platform_ids"]
    assert fields(api.ada.post("/people", person | {"role": "manager"})) == ["role"]
    problem(api.ada.get("/people/999999"), 404)
    for caller in (api.piet, api.sam, api.service):
        problem(caller.get("/people"), 403)
        problem(caller.get("/platforms"), 403)
    assert before.none()


def test_a_platform_comes_back_as_sent_and_is_changed(api: Callers, world: World) -> None:
    body = {"name": "Cedar Mobile", "currency": "GBP", "forbids_self_approval": True}
    made = api.ada.post("/platforms", body)
    assert made.status_code == 201, made.text
    assert {name: made.json[name] for name in body} == body
    url = f"/platforms/{made.json['id']}"
    assert api.ada.get(url).json == made.json
    changed = api.ada("PATCH", url, {"name": "Cedar"}).json
    assert (changed["name"], changed["currency"], changed["forbids_self_approval"]) == ("Cedar", "GBP", True)
    assert api.ada("PATCH", url, {"forbids_self_approval": False}).json["forbids_self_approval"] is False
    assert fields(api.ada.post("/platforms", {"name": "Northwind Voice"})) == ["name"]
    assert fields(api.ada.post("/platforms", {"name": "X", "currency": "XXX"})) == ["currency"]


def test_the_audit_trail_is_read_page_by_page(api: Callers, world: World) -> None:
    order = world.an_order("rejected")
    events = api.ada.get(f"/audit?order={order.reference}").json["items"]
    assert [event["kind"] for event in events] == ["order.rejected", "order.submitted"]
    assert events[0]["reason"] == "Ordered twice."
    first = api.ada.get(f"/audit?limit=1&order={order.reference}").json
    second = api.ada.get(f"/audit?limit=1&order={order.reference}&cursor={first['next_cursor']}").json
    assert [first["items"][0], second["items"][0]] == events[:2]
    kinds = {event["kind"] for event in api.ada.get("/audit?kind=order.submitted").json["items"]}
    assert kinds == {"order.submitted"}
    for caller in (api.piet, api.sam, api.service):
        problem(caller.get("/audit"), 403)
    problem(api.ada.get("/audit?order=nonsense"), 404)
    assert fields(api.ada.get("/audit?since=yesterday")) == ["since"]
    for days in ("since=0001-01-01", "until=9999-12-31", "since=0001-01-01&until=9999-12-31"):
        everything = api.ada.get(f"/audit?order={order.reference}&{days}")
        assert (everything.status_code, everything.json["items"]) == (200, events)
    for days in ("since=9999-12-31", "until=0001-01-01"):
        assert api.ada.get(f"/audit?{days}").json["items"] == []

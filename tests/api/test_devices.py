"""One device: reading, changing, correcting, replacing, moving and retiring it."""

from __future__ import annotations

from datetime import timedelta

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.models import AuditEvent, Device, OutboxEvent, PhoneLine
from tests.api.callers import Callers, fields, problem
from tests.api.conftest import Traces
from tests.builders import World, an_identifier


def plain(mac: str) -> str:
    return mac.replace(":", "")


def published() -> list[str]:
    return [kind for event in db.session.query(OutboxEvent).order_by(OutboxEvent.id) for kind in event.types]


def test_a_device_is_registered_with_its_label_and_read_again(api: Callers, world: World) -> None:
    account, sku = world.an_account(), world.item(Kind.MOBILE).sku
    body = {
        "sku": sku,
        "identifier": an_identifier(Kind.MOBILE),
        "serial": "F2LX12345",
        "second_imei": an_identifier(Kind.MOBILE),
        "external_id": "d-1",
    }
    made = api.piet.post(f"/accounts/{account.id}/devices", body)
    assert made.status_code == 201, made.text
    line = world.a_phone_line(account, device_id=made.json["id"])
    shown = api.piet.get(f"/devices/{made.json['id']}").json
    for name in ("serial", "second_imei", "external_id", "identifier"):
        assert shown[name] == body[name]
    assert shown["phone_line"] == {"id": line.id, "number": line.phone_number}
    assert api.piet.get("/devices?external_id=d-1").json["items"] == [shown]
    for caller in (api.bea,):
        problem(caller.get(f"/devices/{made.json['id']}"), 404)
    problem(api.piet.get("/devices/abc"), 404)


def test_what_is_left_out_of_a_change_stays_and_null_clears(api: Callers, world: World) -> None:
    account = world.an_account()
    dana, site = world.an_employee(account), world.a_location(account)
    phone = world.a_device(account, Kind.DESKPHONE, employee_id=dana.id, location_id=site.id)
    url = f"/devices/{phone.id}"

    def change(**values: object) -> dict[str, object]:
        answer = api.piet("PATCH", url, values)
        assert answer.status_code == 200, answer.text
        return {name: answer.json[name] for name in ("employee", "location", "serial", "external_id")}

    place = {"id": site.id, "name": site.name}
    person = {"id": dana.id, "name": dana.name}
    assert change(serial="AB123456") == {
        "employee": person,
        "location": place,
        "serial": "AB123456",
        "external_id": None,
    }
    assert change(employee_id=None)["employee"] is None
    assert change(external_id="d", serial=None) == {
        "employee": None,
        "location": place,
        "serial": None,
        "external_id": "d",
    }
    count = db.session.query(AuditEvent).count()
    assert change()["external_id"] == "d"
    assert db.session.query(AuditEvent).count() == count
    assert "device.updated" in published()


def test_a_handset_is_paired_and_unpaired(api: Callers, world: World) -> None:
    account = world.an_account()
    site = world.a_location(account)
    base = world.a_device(account, Kind.DECT_BASE, location_id=site.id)
    handset = world.a_device(account, Kind.DECT_HANDSET)
    url = f"/devices/{handset.id}"
    paired = api.piet("PATCH", url, {"base_device_id": base.id})
    assert paired.status_code == 200, paired.text
    assert (paired.json["base_device_id"], paired.json["slot"]) == (base.id, 1)
    assert paired.json["location"]["id"] == site.id
    assert api.piet("PATCH", url, {"serial": "SN123456"}).json["slot"] == 1
    assert api.piet("PATCH", url, {"base_device_id": None}).json["base_device_id"] is None


def test_bad_changes_leave_no_trace(api: Callers, world: World, traces: type[Traces]) -> None:
    account = world.an_account()
    phone, other = world.a_device(account), world.a_device(account)
    api.piet("PATCH", f"/devices/{other.id}", {"external_id": "taken"})
    url = f"/devices/{phone.id}"
    before = traces()
    assert fields(api.piet("PATCH", url, {"employee_id": 999_999})) == ["employee_id"]
    assert fields(api.piet("PATCH", url, {"external_id": "taken"})) == ["external_id"]
    assert fields(api.piet("PATCH", url, {"second_imei": an_identifier(Kind.MOBILE)})) == ["second_imei"]
    problem(api.bea("PATCH", url, {"serial": "X"}), 404)
    problem(api.sam("PATCH", url, {"serial": "X"}), 403)
    problem(api.piet.post(f"{url}/correct", {"identifier": "x", "reason": "x"}), 403)
    assert fields(api.ada.post(f"{url}/correct", {"identifier": "x", "reason": "x"})) == ["identifier"]
    problem(api.ada.post(f"{url}/move", {"account_id": 999_999, "reason": "Sold."}), 404)
    tomorrow = (utcnow() + timedelta(days=1)).date().isoformat()
    assert fields(api.piet.post(f"{url}/retire", {"reason": "Lost.", "on": tomorrow})) == ["on"]
    assert fields(api.piet.post(f"{url}/retire", {"reason": " "})) == ["reason"]
    problem(api.bea.post(f"{url}/retire", {"reason": "Lost."}), 404)
    assert before.none()


def test_an_identifier_is_corrected_and_a_device_replaced(api: Callers, world: World) -> None:
    phone = world.a_device(world.an_account())
    url, mac = f"/devices/{phone.id}", an_identifier(Kind.DESKPHONE)
    corrected = api.ada.post(f"{url}/correct", {"identifier": mac, "reason": "A slip."})
    assert (corrected.status_code, plain(corrected.json["device"]["identifier"])) == (200, plain(mac))
    another = an_identifier(Kind.DESKPHONE)
    replaced = api.ada.post(
        f"{url}/replace", {"identifier": another, "reason": "Broken.", "serial": "SN123456"}
    ).json["device"]
    assert (plain(replaced["identifier"]), replaced["serial"]) == (plain(another), "SN123456")
    former = api.ada.get(url).json
    assert (former["state"], former["replaced_by_device_id"]) == ("retired", replaced["id"])
    assert former["retired"]["reason"] == "Broken."
    assert "device.replaced" in published()
    problem(api.ada.post(f"{url}/correct", {"identifier": another, "reason": "Again."}), 409)


def test_a_device_is_moved(api: Callers, world: World) -> None:
    phone, target = world.a_device(world.an_account()), world.an_account()
    api.piet("PATCH", f"/devices/{phone.id}", {"external_id": "d"})
    body = {"account_id": target.id, "reason": "Sold."}
    moved = api.ada.post(f"/devices/{phone.id}/move", body)
    assert moved.json["account"] == {"id": target.id, "name": target.name}
    problem(api.ada.post(f"/devices/{phone.id}/move", body), 409)
    assert "device.moved" in published()
    theirs = world.an_account(world.blue_harbor)
    away = api.ada.post(f"/devices/{phone.id}/move", {"account_id": theirs.id, "reason": "Sold."})
    assert away.json["external_id"] is None
    problem(api.piet.get(f"/devices/{phone.id}"), 404)


def test_a_retired_device_leaves_everything_behind(api: Callers, world: World) -> None:
    account = world.an_account()
    dana = world.an_employee(account)
    phone = world.a_device(account, Kind.MOBILE, employee_id=dana.id)
    line = world.a_phone_line(account, device_id=phone.id)
    url, identifier = f"/devices/{phone.id}", phone.identifier
    answer = api.piet.post(f"{url}/retire", {"reason": "Stolen.", "on": "2026-01-05"})
    assert answer.status_code == 200, answer.text
    gone = answer.json
    assert (gone["state"], gone["employee"], gone["phone_line"]) == ("retired", None, None)
    assert gone["retired"] == {"reason": "Stolen.", "on": "2026-01-05"}
    assert db.session.get_one(PhoneLine, line.id, populate_existing=True).device_id is None
    assert api.piet.get("/devices").json["items"] == []
    assert api.piet.get("/devices?updated_since=2026-01-01T00:00:00Z").json["items"] == [gone]
    event = db.session.query(AuditEvent).filter_by(kind="device.retired").one()
    assert (event.reason, event.device_id) == ("Stolen.", phone.id)
    assert published()[-1] == "device.retired"
    problem(api.piet.post(f"{url}/retire", {"reason": "Again."}), 409)
    problem(api.piet("PATCH", url, {"serial": "X"}), 409)
    again = {"sku": gone["sku"], "identifier": identifier}
    assert api.piet.post(f"/accounts/{account.id}/devices", again).status_code == 201


def test_a_retired_device_stays_delivered_in_its_order(api: Callers, world: World) -> None:
    order = world.an_order(OrderStatus.FULFILLED, [(Kind.DECT_BASE, 1), (Kind.DECT_HANDSET, 1)])
    base, handset = api.ada.get(f"/orders/{order.reference}").json["units"]
    assert api.ada.post(f"/devices/{base['device_id']}/retire", {"reason": "Broken."}).status_code == 200
    shown = api.ada.get(f"/orders/{order.reference}").json
    assert (shown["status"], shown["fulfilled_units"]) == ("fulfilled", 2)
    assert (shown["units"][0]["device_id"], shown["units"][0]["state"]) == (None, "fulfilled")
    row = db.session.get_one(Device, handset["device_id"], populate_existing=True)
    assert (row.base_device_id, row.slot) == (None, None)


def test_a_spare_that_is_kept_for_an_order_is_not_retired(api: Callers, world: World) -> None:
    account = world.an_account()
    spare = world.a_device(account, Kind.DESKPHONE)
    line = {"sku": spare.sku, "quantity": 1, "from_spare_device_id": spare.id}
    order = api.piet.post("/orders", {"account_id": account.id, "lines": [line]}).json
    refused = problem(api.piet.post(f"/devices/{spare.id}/retire", {"reason": "Lost."}), 409)
    assert order["reference"] in refused["detail"]

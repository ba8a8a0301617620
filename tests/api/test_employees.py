"""Employees by the API: their versions, and merging two records of one person."""

from __future__ import annotations

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.models import OutboxEvent
from tests.api.callers import Callers, fields, problem
from tests.api.conftest import Traces
from tests.builders import World


def test_an_employee_is_written_only_in_the_version_that_was_seen(
    api: Callers, world: World, traces: type[Traces]
) -> None:
    account = world.an_account()
    people = f"/accounts/{account.id}/employees"
    made = api.piet.post(people, {"name": "Dana Reed", "external_id": "d1"})
    one = f"{people}/{made.json['id']}"
    assert (made.headers["ETag"], made.json["version"]) == ('"1"', 1)
    first = {"If-Match": made.headers["ETag"]}
    changed = api.piet("PATCH", one, {"title": "Nurse"}, headers=first)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    # The same again is no change.
    assert api.piet("PATCH", one, {"title": "Nurse"}).headers["ETag"] == '"2"'
    assert api.piet.get(one).headers["ETag"] == '"2"'
    before = traces()
    for method, path, body in (
        ("PATCH", one, {"title": "Doctor"}),
        ("DELETE", one, None),
        ("PUT", f"{people}/external/d1", {"title": "Doctor"}),
        ("PUT", f"{people}/external/nobody", {"name": "Somebody"}),
    ):
        problem(api.piet(method, path, body, headers=first), 412)
    absent = "/accounts/25363072884194439856128/employees/external/d1"
    problem(api.piet.put(absent, {"name": "Somebody"}, headers=first), 404)
    problem(api.piet.put(f"{people}/external/%00", {"name": "Somebody"}, headers=first), 422)
    problem(api.ada.post(f"{one}/anonymize", {"reason": "Asked."}, headers=first), 412)
    assert before.none()
    gone = api.piet("DELETE", one, headers={"If-Match": '"1", "2"'})
    assert (gone.status_code, gone.headers["ETag"]) == (200, '"3"')
    back = api.piet.put(f"{people}/external/d1", {}, headers={"If-Match": '"3"'})
    assert (back.status_code, back.headers["ETag"], back.json["deactivated_at"]) == (200, '"4"', None)


def test_two_records_of_one_person_become_one(api: Callers, world: World, traces: type[Traces]) -> None:
    account = world.an_account()
    dana = world.an_employee(account, "Dana Reed", email="dana@example.com")
    second = world.an_employee(account, "D. Reed", employee_number="A-17")
    device = world.a_device(account, Kind.DESKPHONE, employee_id=second.id)
    stranger = world.an_employee(world.an_account(), "Dana Reed")
    merge = f"/accounts/{account.id}/employees/{dana.id}/merge"
    body = {"other_employee_id": second.id, "reason": "One badge."}
    before = traces()
    problem(api.piet.post(merge, body), 403)
    problem(api.ada.post(merge, body | {"other_employee_id": stranger.id}), 404)
    problem(api.ada.post(merge, body, headers={"If-Match": '"9"'}), 412)
    assert fields(api.ada.post(merge, body | {"other_employee_id": dana.id})) == ["other_employee_id"]
    assert fields(api.ada.post(merge, body | {"reason": " "})) == ["reason"]
    assert before.none()
    merged = api.ada.post(merge, body)
    assert merged.status_code == 200, merged.text
    assert (merged.json["employee_number"], merged.json["email"]) == ("A-17", "dana@example.com")
    assert api.piet.get(f"/devices/{device.id}").json["employee"]["id"] == dana.id
    sent_events = [
        (event.types, event.device_ids) for event in db.session.query(OutboxEvent).order_by(OutboxEvent.id)
    ]
    assert sent_events[-2:] == [(["employee.updated"], None), (["device.updated"], [device.id])]
    assert "merged already" in problem(api.ada.post(merge, body), 409)["detail"]

"""The phone lines, spares and accounting codes of an account."""

from __future__ import annotations

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.models import AuditEvent
from tests.api.callers import Callers, fields, problem
from tests.api.conftest import Traces
from tests.builders import World


def test_a_phone_line_comes_back_as_it_was_sent_and_is_changed_field_by_field(
    api: Callers, world: World
) -> None:
    account = world.an_account()
    dana, mobile = world.an_employee(account), world.a_device(account, Kind.MOBILE)
    body = {
        "phone_number": "+353861234567",
        "mobile_carrier": "KPN",
        "rate_plan": "Unlimited",
        "device_id": mobile.id,
        "contract_term_months": 24,
        "contract_ends_on": "2027-01-31",
        "contract_balance": "120.50",
        "eligible_from": "2026-10-31",
    }
    url = f"/accounts/{account.id}/phone-lines"
    made = api.piet.post(url, body | {"employee_id": dana.id})
    assert made.status_code == 201, made.text
    line = made.json
    assert {name: line[name] for name in body} == body
    assert line["employee"] == {"id": dana.id, "name": dana.name}
    assert api.piet.get(url).json["items"] == [line]
    assert api.piet.get(f"{url}/{line['id']}").json == line
    for name, value in {
        "phone_number": "+353861234568",
        "mobile_carrier": "Vodafone",
        "rate_plan": None,
        "device_id": None,
        "contract_term_months": 12,
        "contract_ends_on": None,
        "contract_balance": None,
        "eligible_from": None,
    }.items():
        changed = api.piet("PATCH", f"{url}/{line['id']}", {name: value})
        assert (changed.status_code, changed.json.get(name)) == (200, value), changed.text
    assert api.piet("PATCH", f"{url}/{line['id']}", {"employee_id": None}).json["employee"] is None
    count = db.session.query(AuditEvent).count()
    assert api.piet("PATCH", f"{url}/{line['id']}", {}).status_code == 200
    assert db.session.query(AuditEvent).count() == count


def test_a_phone_line_ends_and_comes_back(api: Callers, world: World) -> None:
    account = world.an_account()
    line = world.a_phone_line(account)
    url = f"/accounts/{account.id}/phone-lines"
    assert api.piet.post(f"{url}/{line.id}/end").json["ended_at"]
    problem(api.piet.post(f"{url}/{line.id}/end"), 409)
    assert api.piet.get(url).json["items"] == []
    assert [row["id"] for row in api.piet.get(f"{url}?ended=true").json["items"]] == [line.id]
    assert api.piet.post(f"{url}/{line.id}/restore").json["ended_at"] is None


def test_bad_phone_lines_leave_no_trace(api: Callers, world: World, traces: type[Traces]) -> None:
    account, other = world.an_account(), world.an_account()
    line = world.a_phone_line(account)
    url = f"/accounts/{account.id}/phone-lines"
    before = traces()
    bad = {"phone_number": "12", "mobile_carrier": "KPN", "employee_id": 99}
    assert fields(api.piet.post(url, bad)) == ["phone_number", "employee_id"]
    taken = {"phone_number": line.phone_number, "mobile_carrier": "KPN"}
    assert fields(api.piet.post(url, taken)) == ["phone_number"]
    problem(api.piet("PATCH", f"/accounts/{other.id}/phone-lines/{line.id}", {"rate_plan": "X"}), 404)
    problem(api.bea.get(url), 404)
    problem(api.sam.post(url, taken), 403)
    assert before.none()


def test_spares_are_listed(api: Callers, world: World) -> None:
    account = world.an_account()
    dana = world.an_employee(account)
    spare = world.a_device(account)
    world.a_device(account, employee_id=dana.id)
    rows = api.piet.get(f"/accounts/{account.id}/spares").json["items"]
    assert [row["id"] for row in rows] == [spare.id]


def test_accounting_codes_are_kept(api: Callers, world: World) -> None:
    account = world.an_account()
    url = f"/accounts/{account.id}/accounting-codes"
    made = api.piet.post(url, {"code": "4711", "description": "Ward 3"})
    assert (made.status_code, made.json["code"], made.json["description"]) == (201, "4711", "Ward 3")
    one = f"{url}/{made.json['id']}"
    assert api.piet("PATCH", one, {"description": "Ward 4"}).json["description"] == "Ward 4"
    assert api.piet("PATCH", one, {"archived": True}).json["archived_at"]
    assert api.piet("PATCH", one, {"archived": False}).json["archived_at"] is None
    assert [row["code"] for row in api.piet.get(url).json["items"]] == ["4711"]
    assert fields(api.piet.post(url, {"code": "4711"})) == ["code"]
    problem(api.bea("PATCH", one, {"archived": True}), 404)

"""Keeping another system in step: its own keys, changes of some fields, and lists of what has changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import Role
from hwadmin.models import Account, AuditEvent, Employee
from hwadmin.operations.directory.employees import add_entry
from hwadmin.operations.directory.entry_checks import DirectoryEntry
from hwadmin.operations.directory.pushes import open_push
from tests.api.callers import Callers, fields, problem
from tests.api.conftest import Traces
from tests.api.test_lists import statements
from tests.builders import World
from tests.work import function_calls


def put(caller: Any, path: str, body: dict[str, Any], status: int) -> Any:
    answer = caller.put(path, body)
    assert answer.status_code == status, answer.text
    return answer.json


def events() -> int:
    return db.session.query(AuditEvent).count()


# ---- Upserts


def test_an_account_is_created_by_the_callers_key_and_then_changed(api: Callers, world: World) -> None:
    path = "/accounts/external/customer-12"
    made = put(api.service, path, {"name": "Riverside"}, 201)
    assert made["external_id"] == "customer-12"
    assert api.service.get("/accounts?external_id=customer-12").json["items"] == [made]
    before = events()
    assert put(api.service, path, {"name": "Riverside"}, 200) == made
    assert events() == before
    changed = put(api.service, path, {"name": "Hillside", "settings": {"requests_menu": True}}, 200)
    assert (changed["id"], changed["name"]) == (made["id"], "Hillside")
    assert changed["settings"]["requests_menu"] is True
    again = put(api.service, path, {"name": "Hillside", "settings": {"requests_menu": True}}, 200)
    assert again == changed
    # Another platform's key is another account's.
    assert put(api.bea, path, {"name": "Theirs"}, 201)["id"] != made["id"]


def test_a_super_admin_says_for_which_platform(api: Callers, world: World) -> None:
    path, body = "/accounts/external/c-1", {"name": "Riverside"}
    assert fields(api.ada.put(path, body)) == ["platform_id"]
    put(api.ada, path, body | {"platform_id": world.northwind.id}, 201)
    put(api.ada, path, body | {"platform_id": world.blue_harbor.id}, 201)
    assert fields(api.ada.put(path, body)) == ["platform_id"]
    put(api.ada, path, body | {"platform_id": world.northwind.id}, 200)
    problem(api.piet.put("/accounts/external/c-2", body | {"platform_id": world.blue_harbor.id}), 404)


def test_locations_and_employees_are_kept_in_step(api: Callers, world: World) -> None:
    account, boss = world.an_account(), None
    boss = world.an_employee(account, "Boss", email="boss@example.com")
    world.a_code(account, "4711")
    url = f"/accounts/{account.id}"
    site = put(api.service, f"{url}/locations/external/s-1", {"name": "Ward", "address": "1 Quay"}, 201)
    assert (site["external_id"], site["address"]) == ("s-1", "1 Quay")
    body = {
        "name": "Dana Reed",
        "email": "dana@example.com",
        "employee_number": "17",
        "title": "Nurse",
        "department": "Ward 3",
        "division": "Care",
        "organization": "Riverside",
        "manager_id": boss.id,
        "accounting_codes": [{"code": "4711", "percent": 100}],
    }
    dana = put(api.service, f"{url}/employees/external/e-17", body, 201)
    assert {name: dana[name] for name in body if name != "manager_id"} == {
        name: value for name, value in body.items() if name != "manager_id"
    }
    assert dana["manager"] == {"id": boss.id, "name": "Boss"}
    before, version = events(), Employee.version
    assert put(api.service, f"{url}/employees/external/e-17", body, 200) == dana
    assert put(api.service, f"{url}/locations/external/s-1", {"name": "Ward"}, 200) == site
    assert (events(), Employee.version) == (before, version)
    partly = put(api.service, f"{url}/employees/external/e-17", {"department": None}, 200)
    assert (partly["department"], partly["title"]) == (None, "Nurse")
    assert api.service.get(f"{url}/employees?external_id=e-17").json["items"] == [partly]


def test_who_was_gone_is_back_by_the_same_key(api: Callers, world: World) -> None:
    account = world.an_account()
    url = f"/accounts/{account.id}"
    dana = put(api.piet, f"{url}/employees/external/e", {"name": "Dana"}, 201)
    site = put(api.piet, f"{url}/locations/external/s", {"name": "Ward"}, 201)
    for path in (f"{url}/employees/{dana['id']}", f"{url}/locations/{site['id']}"):
        gone = api.piet("DELETE", path)
        assert gone.status_code == 200
        assert api.piet("DELETE", path).json == gone.json
    assert api.piet.get(f"{url}/employees").json["items"] == []
    assert put(api.piet, f"{url}/employees/external/e", {"active": False}, 200)["deactivated_at"]
    assert put(api.piet, f"{url}/employees/external/e", {}, 200)["deactivated_at"] is None
    assert put(api.piet, f"{url}/locations/external/s", {}, 200)["archived_at"] is None
    # And who is gone from the beginning is made so.
    assert put(api.piet, f"{url}/employees/external/f", {"name": "Kofi", "active": False}, 201)[
        "deactivated_at"
    ]
    assert put(api.piet, f"{url}/locations/external/t", {"name": "Old", "archived": True}, 201)["archived_at"]


def test_bad_upserts_leave_no_trace(api: Callers, world: World, traces: type[Traces]) -> None:
    account = world.an_account()
    url = f"/accounts/{account.id}"
    before = traces()
    assert fields(api.piet.put(f"{url}/employees/external/e", {})) == ["name"]
    assert fields(api.piet.put(f"{url}/employees/external/e", {"name": "D", "email": "no"})) == ["email"]
    assert fields(api.piet.put(f"{url}/employees/external/e", {"name": "D", "manager_id": 99})) == [
        "manager_id"
    ]
    assert fields(api.piet.put(f"{url}/employees/external/{'e' * 121}", {"name": "D"})) == ["external_id"]
    assert fields(api.piet.put(f"{url}/employees/external/%20", {"name": "D"})) == ["external_id"]
    assert fields(api.piet.put(f"{url}/locations/external/s", {"name": ""})) == ["name"]
    problem(api.bea.put(f"{url}/employees/external/e", {"name": "Dana"}), 404)
    problem(api.sam.put(f"{url}/employees/external/e", {"name": "Dana"}), 403)
    assert before.none()


def test_the_hr_directorys_people_are_not_changed_but_get_a_key(api: Callers, world: World) -> None:
    account = world.an_account()
    push = open_push(world.ada.actor, account.id)
    noor = add_entry(push, DirectoryEntry("noor", "Noor", record={"userName": "noor"}))
    db.session.commit()
    url = f"/accounts/{account.id}/employees/{noor.id}"
    assert api.piet("PATCH", url, {"external_id": "e-1"}).json["external_id"] == "e-1"
    problem(api.piet("PATCH", url, {"title": "Nurse"}), 409)
    path = f"/accounts/{account.id}/employees/external/e-1"
    assert put(api.piet, path, {"name": "Noor"}, 200)["source"] == "scim"
    problem(api.piet.put(path, {"name": "Nora"}), 409)


# ---- Keys


def test_a_key_names_one_row_of_its_account_or_platform(api: Callers, world: World) -> None:
    account, other = world.an_account(), world.an_account()
    url = f"/accounts/{account.id}"
    assert api.piet("PATCH", url, {"external_id": "a"}).json["external_id"] == "a"
    assert fields(api.piet("PATCH", f"/accounts/{other.id}", {"external_id": "a"})) == ["external_id"]
    assert fields(api.piet.post("/accounts", {"name": "New", "external_id": "a"})) == ["external_id"]
    made = api.piet.post(
        "/accounts",
        {
            "name": "New",
            "external_id": "b",
            "locations": [{"name": "Ward", "external_id": "s"}],
            "employees": [{"name": "Dana", "external_id": "e", "title": "Nurse"}],
        },
    ).json
    assert (made["external_id"], made["locations"][0]["external_id"]) == ("b", "s")
    assert (made["employees"][0]["external_id"], made["employees"][0]["title"]) == ("e", "Nurse")
    for what in ("employees", "locations"):
        one = {"name": "One", "external_id": "x"}
        assert api.piet.post(f"{url}/{what}", one).json["external_id"] == "x"
        assert fields(api.piet.post(f"{url}/{what}", one)) == ["external_id"]
        assert api.piet.post(f"/accounts/{other.id}/{what}", one).status_code == 201
        second = api.piet.post(f"{url}/{what}", {"name": "Two"}).json["id"]
        assert fields(api.piet("PATCH", f"{url}/{what}/{second}", {"external_id": "x"})) == ["external_id"]
        assert fields(api.piet("PATCH", f"{url}/{what}/{second}", {"external_id": ".."})) == ["external_id"]
    twice = [{"name": "One", "external_id": "z"}] * 2
    refused = api.piet.post("/accounts", {"name": "New", "employees": twice})
    assert fields(refused) == ["employees.1.external_id"]


def test_an_order_has_the_callers_key(api: Callers, world: World) -> None:
    account, sku = world.an_account(), world.item(Kind.DESKPHONE).sku
    body = {"account_id": account.id, "lines": [{"sku": sku, "quantity": 1}], "external_id": "po-1"}
    order = api.piet.post("/orders", body).json
    assert order["external_id"] == "po-1"
    assert api.piet.get("/orders?external_id=po-1").json["items"] == [order]
    assert fields(api.piet.post("/orders", body)) == ["external_id"]


# ---- Changing some fields


def test_every_field_of_an_account_an_employee_and_a_location_is_changed_by_itself(
    api: Callers, world: World
) -> None:
    account = world.an_account()
    world.a_code(account, "4711")
    boss = world.an_employee(account, "Boss")
    dana, site = world.an_employee(account, "Dana"), world.a_location(account, "Ward")

    def check(path: str, name: str, value: Any, shown: Any = None) -> None:
        answer = api.piet("PATCH", path, {name: value})
        assert answer.status_code == 200, answer.text
        expected = value if shown is None else shown
        assert answer.json[name.removesuffix("_id") if name == "manager_id" else name] == expected

    url = f"/accounts/{account.id}"
    for name, value in (("name", "Hillside"), ("external_id", "c")):
        check(url, name, value)
    for name, value in (("name", "Ward 4"), ("address", "2 Quay"), ("external_id", "s")):
        check(f"{url}/locations/{site.id}", name, value)
    person = f"{url}/employees/{dana.id}"
    for name in ("title", "department", "division", "organization", "employee_number", "external_id"):
        check(person, name, f"a {name}")
    check(person, "name", "Dana R.")
    check(person, "email", "dana@example.com")
    check(person, "manager_id", boss.id, {"id": boss.id, "name": "Boss"})
    check(person, "accounting_codes", [{"code": "4711", "percent": 100.0}])
    shown = api.piet.get(person).json
    assert (shown["title"], shown["name"]) == ("a title", "Dana R.")
    settings = {
        "requests_menu": True,
        "requires_employee_number": True,
        "allows_upgrade_override": True,
        "requires_manager_approval": True,
        "approver_name": "Boss",
        "approver_email": "boss@example.com",
    }
    for name, setting in reversed(settings.items()):
        answer = api.piet("PATCH", url, {"settings": {name: setting}})
        assert answer.json["settings"][name] == setting
    assert answer.json["settings"] == settings
    count = events()
    assert api.piet("PATCH", url, {"settings": settings, "name": "Hillside"}).status_code == 200
    assert api.piet("PATCH", person, {}).json == shown
    assert events() == count


def test_left_and_gone_are_fields_too(api: Callers, world: World) -> None:
    account = world.an_account()
    dana, site = world.an_employee(account), world.a_location(account)
    person, place = (
        f"/accounts/{account.id}/employees/{dana.id}",
        f"/accounts/{account.id}/locations/{site.id}",
    )
    assert api.piet("PATCH", person, {"active": False}).json["deactivated_at"]
    assert api.piet("PATCH", person, {"active": True}).json["deactivated_at"] is None
    assert api.piet("PATCH", place, {"archived": True}).json["archived_at"]
    assert api.piet("PATCH", place, {"archived": False}).json["archived_at"] is None
    other = world.an_account()
    for path in (person, place):
        foreign = path.replace(f"/{account.id}/", f"/{other.id}/", 1)
        problem(api.piet("PATCH", foreign, {"name": "X"}), 404)
        problem(api.piet("DELETE", foreign), 404)


# ---- What has changed


def test_lists_tell_what_has_changed_since_a_moment(api: Callers, world: World) -> None:
    long_ago = utcnow() - timedelta(days=3)
    with clock.at(long_ago):
        account = world.an_account()
        dana, kofi = world.an_employee(account), world.an_employee(account)
        world.a_location(account)
        world.an_order(account=account)
        world.a_device(account)
        world.an_item(Kind.MOBILE)
    since = (utcnow() - timedelta(days=1)).isoformat().replace("+00:00", "Z")
    url = f"/accounts/{account.id}"

    def changed(path: str) -> list[int]:
        answer = api.piet.get(path, query_string={"updated_since": since})
        assert answer.status_code == 200, answer.text
        return [item.get("id") or item["version"] for item in answer.json["items"]]

    paths = ["/accounts", "/orders", "/devices", "/catalog"]
    paths += [f"{url}/{what}" for what in ("locations", "employees", "devices")]
    assert [changed(path) for path in paths] == [[]] * len(paths)
    api.piet("DELETE", f"{url}/employees/{kofi.id}")
    api.piet("PATCH", url, {"name": "Hillside"})
    assert changed(f"{url}/employees") == [kofi.id]
    assert changed("/accounts") == [account.id]
    api.piet("PATCH", f"{url}/employees/{dana.id}", {"title": "Nurse"})
    assert changed(f"{url}/employees") == [dana.id, kofi.id]
    for moment in ("yesterday", "0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59"):
        for path in ("/orders", "/accounts", "/devices", "/catalog"):
            assert fields(api.piet.get(f"{path}?updated_since={moment}")) == ["updated_since"]


def test_lists_of_people_platforms_distributors_and_webhooks_tell_what_has_changed(
    api: Callers, world: World
) -> None:
    with clock.at(utcnow() - timedelta(days=3)):
        person, platform = world.a_person("Kim", Role.SUPPORT, world.northwind), world.a_platform()
        db.session.commit()
        made = [api.ada("POST", "/distributors", {"name": name}).json["id"] for name in ("Ingram", "Also")]
        hook = api.piet("POST", "/webhooks", {"url": "https://example.com/hook"}).json["id"]
    since = (utcnow() - timedelta(days=1)).isoformat().replace("+00:00", "Z")

    def changed(path: str) -> list[int]:
        caller = api.piet if path == "/webhooks" else api.ada
        answer = caller.get(path, query_string={"updated_since": since})
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json["items"]]

    paths = ("/people", "/platforms", "/distributors", "/webhooks")
    before = {path: changed(path) for path in paths}
    assert not {person.id} & {*before["/people"]}
    assert not {platform.id} & {*before["/platforms"]}
    assert (before["/distributors"], before["/webhooks"]) == ([], [])
    person_id, platform_id = person.id, platform.id
    api.ada("PATCH", f"/people/{person_id}", {"platform_ids": [platform_id]})
    api.ada("PATCH", f"/platforms/{platform_id}", {"forbids_self_approval": True})
    api.ada("PATCH", f"/distributors/{made[0]}", {"archived": True})
    api.piet("PATCH", f"/webhooks/{hook}", {"description": "ERP"})
    assert {*changed("/people")} - {*before["/people"]} == {person_id}
    assert {*changed("/platforms")} - {*before["/platforms"]} == {platform_id}
    assert changed("/distributors") == [made[0]]
    assert changed("/webhooks") == [hook]
    for path in paths:
        caller = api.piet if path == "/webhooks" else api.ada
        assert fields(caller.get(f"{path}?updated_since=yesterday")) == ["updated_since"]


# ---- Cheap


@pytest.mark.parametrize("what", ["employees", "locations"])
def test_the_same_again_is_one_statement_and_nothing_else(
    api: Callers, world: World, traces: type[Traces], what: str
) -> None:
    account = world.an_account()
    path, body = f"/accounts/{account.id}/{what}/external/key", {"name": "Dana"}
    put(api.service, path, body, 201)
    put(api.service, path, body, 200)
    before = traces()
    with statements(api.app) as sent:
        put(api.service, path, body, 200)
    selects = [statement for statement in sent if statement.lstrip().upper().startswith("SELECT")]
    assert len(sent) == len(selects) == 2, sent  # One of them finds the token.
    assert before.none()
    assert db.session.query(Account).count() == 1


def test_two_hundred_unchanged_people_are_two_hundred_statements(
    api: Callers, world: World, traces: type[Traces]
) -> None:
    """And as many for their tokens; no version, event or message, and none is more work than another."""
    people = [
        {"name": f"Person {number}", "email": f"p{number}@example.com", "external_id": f"e-{number}"}
        for number in range(200)
    ]
    made = api.service.post("/accounts", {"name": "Large", "employees": people})
    account = made.json["id"]

    def upsert(person: dict[str, str]) -> Any:
        body = {name: value for name, value in person.items() if name != "external_id"}
        return put(api.service, f"/accounts/{account}/employees/external/{person['external_id']}", body, 200)

    upsert(people[0])
    before = traces()
    with statements(api.app) as sent:
        shown = [upsert(person) for person in people]
    selects = [statement for statement in sent if statement.lstrip().upper().startswith("SELECT")]
    assert len(sent) == len(selects) == 2 * len(people)
    assert before.none()
    assert {one["version"] for one in shown} == {1}
    assert function_calls(lambda: upsert(people[-1])) == pytest.approx(
        function_calls(lambda: upsert(people[0])), rel=0.05
    )

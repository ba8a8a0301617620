"""Every status the document names is really answered by every call that has it; no refusal leaves a trace."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import update

from hwadmin.api.calls import CALLS, Call
from hwadmin.api.document import openapi
from hwadmin.api.document.examples import examples_of
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import GRANTS, Role
from hwadmin.models import IdempotencyRecord
from hwadmin.operations.outgoing.webhooks import MOST_PER_PLATFORM
from hwadmin.queries.units.units import units_of
from hwadmin.web.http.bearer_auth import LIMIT
from hwadmin.web.http.rate_limit import RequestLimit
from tests.api.callers import Caller, Callers
from tests.api.conftest import Traces
from tests.builders import World, an_identifier
from tests.guards.access_policy import API, EVERYBODY, PROGRAM

pytestmark = pytest.mark.both_databases
ABSENT = "999999"
# What is asked for, as ``Caller`` takes it.
Asked = tuple[str, Any]


def documented() -> set[tuple[str, int]]:
    """Each call by its name, and each status the document has of it."""
    return {
        (operation["operationId"], int(status))
        for operations in openapi.document(CALLS)["paths"].values()
        for operation in operations.values()
        for status in operation["responses"]
        if status != "default"
    }


def caller_for(api: Callers, call: Call) -> Caller:
    return api.ada if call.permission in GRANTS[Role.SUPER_ADMIN] else api.piet


def absent_address(call: Call) -> str:
    words = {"reference": "HW-999999", "sku": "none", "external_id": "none"}
    return re.sub(r"<(\w+)>", lambda word: words.get(word[1], ABSENT), call.path)


def refused_before_anything_is_looked_up(api: Callers, call: Call, body: Any) -> Iterator[tuple[int, Asked]]:
    """Requests that are refused whatever there is, and the status of each."""
    path, joint = absent_address(call), "&" if "?" in call.path else "?"
    sent = {"data": "Name\nZoë"} if call.takes_list else {"json": body} if body is not None else {}
    yield 400, (path, sent | {"headers": {"Host": "elsewhere.example"}})
    yield 422, (f"{path}{joint}colour=red", sent)
    if re.search("<(?!external_id)", call.path):
        yield 404, (path, sent)
    if call.body is not None or call.takes_list:
        too_long = {"CONTENT_LENGTH": str(10**9)}
        yield 413, (path, {"content_type": "application/json", "environ_overrides": too_long})
    if call.body is not None:
        yield 415, (path, {"data": "colour=red", "content_type": "text/plain"})
        yield 400, (path, {"data": "{", "content_type": "application/json"})


def test_what_every_call_documents_is_answered(api: Callers, world: World, traces: type[Traces]) -> None:
    examples, wrong, before = examples_of(CALLS), [], traces()
    for call in CALLS:
        body = examples[call.body] if call.body is not None else None
        caller = caller_for(api, call)
        asked = list(refused_before_anything_is_looked_up(api, call, body))
        for status, (path, sent) in asked:
            answer = caller(call.method, path, **sent)
            if answer.status_code != status:
                wrong.append(f"{call.method} {path} {status}: {answer.status_code} {answer.text[:200]}")
        if api.anonymous(call.method, asked[0][1][0]).status_code != 401:
            wrong.append(f"{call.method} {call.path}: 401")
    api.app.extensions[LIMIT], limit = RequestLimit(0), api.app.extensions[LIMIT]
    try:
        for call in CALLS:
            if caller_for(api, call)(call.method, absent_address(call)).status_code != 429:
                wrong.append(f"{call.method} {call.path}: 429")
    finally:
        api.app.extensions[LIMIT] = limit
    assert wrong == []
    assert before.none()


# ---- What depends on what there is


class Furnished:
    """Rows in every state that a call refuses."""

    def __init__(self, api: Callers, world: World) -> None:
        self.api, self.world = api, world
        self.account = world.an_account()
        at = f"/accounts/{self.account.id}"
        managed = world.an_employee(
            self.account, source="scim", scim_id="zoe", user_name_key="zoe", program_external_id="zoe"
        )
        self.managed = f"{at}/employees/{managed.id}"
        self.managed_by_key = f"{at}/employees/external/zoe"
        self.lines = f"{at}/phone-lines"
        self.devices = f"{at}/devices"
        self.device = world.a_device(self.account)
        self.retired = world.a_device(self.account)
        api.ada.post(f"/devices/{self.retired.id}/retire", {"reason": "Lost."})

    def order(self, status: OrderStatus, kind: Kind = Kind.DESKPHONE) -> str:
        return f"/orders/{self.world.an_order(status, [(kind, 1)], account=self.account).reference}"

    def unit(self, order: str) -> int:
        return units_of(int(order[-6:]))[0].id


def _conflicts(given: Furnished) -> dict[str, tuple[Caller, str, Any]]:
    """By call, a request that the present state refuses: who asks, where, and with what."""
    api, world = given.api, given.world
    submitted, approved = given.order(OrderStatus.SUBMITTED), given.order(OrderStatus.APPROVED)
    rejected, reason = given.order(OrderStatus.REJECTED), {"reason": "Twice."}
    unit = given.unit(approved)
    anonymized = world.an_employee(given.account, deactivated_at=utcnow(), anonymized_at=utcnow())
    other = world.an_employee(given.account)
    people = f"/accounts/{given.account.id}/employees"
    in_service, ended = (
        world.a_phone_line(given.account),
        world.a_phone_line(given.account, ended_at=utcnow()),
    )
    sold, gone = world.item(Kind.DESKPHONE).sku, world.an_item(Kind.MOBILE)
    api.ada.post(f"/catalog/{gone.sku}/archive")
    unsold = given.order(OrderStatus.SUBMITTED, Kind.DECT_BASE)
    api.ada.post(f"/catalog/{world.item(Kind.DECT_BASE).sku}/archive")
    note = api.ada.post(f"{submitted}/notes", {"text": "Rang."}).json["id"]
    api.ada("DELETE", f"/notes/{note}")
    webhook = api.piet.post("/webhooks", {"url": "https://example.com/hooks"}).json["id"]
    waiting = api.piet.post(f"/webhooks/{webhook}/ping").json["id"]
    disabled = api.piet.post("/webhooks", {"url": "https://example.com/off"}).json["id"]
    api.piet("PATCH", f"/webhooks/{disabled}", {"enabled": False})
    api.of(world.a_person("Cleo Marsh", Role.SUPER_ADMIN)).post(f"{approved}/claim")
    unit_data = {"units": [{"unit_id": unit, "identifier": an_identifier(Kind.DESKPHONE)}]}
    device, retired = f"/devices/{given.device.id}", f"/devices/{given.retired.id}"
    identified = reason | {"identifier": an_identifier(Kind.DESKPHONE)}
    expected = "?dry_run=false&expected=" + "0" * 64
    platform = f"&platform={world.northwind.id}"
    people_list = {"data": "Name\nZoë Roe"}
    return {
        "change_employee": (api.piet, given.managed, {"title": "Nurse"}),
        "deactivate_employee": (api.piet, given.managed, None),
        "put_employee": (api.piet, given.managed_by_key, {"title": "Nurse"}),
        "merge_employee": (
            api.ada,
            f"{people}/{other.id}/merge",
            reason | {"other_employee_id": anonymized.id},
        ),
        "anonymize": (api.ada, f"{people}/{anonymized.id}/anonymize", reason),
        "end_phone_line": (api.piet, f"{given.lines}/{ended.id}/end", {}),
        "restore_phone_line": (api.piet, f"{given.lines}/{in_service.id}/restore", {}),
        "import_account_list": (api.ada, f"/accounts/import{expected}{platform}", {"data": "Account\nNew"}),
        "import_employee_list": (api.piet, f"{people}/import{expected}", people_list),
        "import_phone_line_list": (
            api.piet,
            f"{given.lines}/import{expected}",
            {"data": "Number,Carrier\n+353861112223,KPN"},
        ),
        "import_catalog_list": (
            api.ada,
            f"/catalog/import{expected}{platform}",
            {"data": f"SKU,Model\n{sold},Another"},
        ),
        "delete_item": (api.ada, f"/catalog/{sold}", None),
        "archive_item": (api.ada, f"/catalog/{gone.sku}/archive", {}),
        "restore_item": (api.ada, f"/catalog/{sold}/restore", {}),
        "set_fits": (api.ada, f"/catalog/{sold}/fits", {"skus": []}),
        "register_device": (api.piet, given.devices, {"sku": sold, "identifier": given.device.identifier}),
        "change_device": (api.piet, retired, {"serial": "SER-1"}),
        "correct_device": (api.ada, f"{retired}/correct", identified),
        "replace": (api.ada, f"{retired}/replace", identified),
        "move": (api.ada, f"{device}/move", reason | {"account_id": given.account.id}),
        "retire": (api.piet, f"{retired}/retire", reason),
        "ping": (api.piet, f"/webhooks/{disabled}/ping", {}),
        "replay": (api.piet, f"/webhooks/{webhook}/deliveries/{waiting}/replay", {}),
        "approve": (api.ada, f"{approved}/approve", {}),
        "mark_ordered": (api.ada, f"{rejected}/mark-ordered", {}),
        "reject": (api.ada, f"{approved}/reject", reason),
        "cancel": (api.piet, f"{approved}/cancel", {}),
        "reopen": (api.ada, f"{submitted}/reopen", reason),
        "fulfill": (api.ada, f"{submitted}/fulfill", unit_data),
        "fulfill_by_list": (api.ada, f"{submitted}/fulfill/list", {"data": "MAC\n805ec0123457"}),
        "ask_manager": (api.piet, f"{rejected}/ask-manager", {}),
        "override": (api.ada, f"{rejected}/override", reason),
        "claim_order": (api.ada, f"{approved}/claim", {}),
        "release_claim": (api.ada, f"{approved}/claim", None),
        "remove_note": (api.ada, f"/notes/{note}", None),
        "patch_placement": (api.ada, f"{approved}/placement", {"distributor": "Voxport"}),
        "send": (api.ada, f"{submitted}/send", {"distributor": "Voxport"}),
        "put_lines": (api.ada, f"{approved}/lines", {"lines": [{"sku": sold, "quantity": 1}]}),
        "change_order": (api.ada, rejected, {"notes": "Ring."}),
        "copy": (api.piet, f"{unsold}/copy", {}),
        "put_units": (api.ada, f"{rejected}/units", {"units": [{"unit_id": unit}]}),
        "close_units_short": (api.ada, f"{submitted}/close-short", reason | {"unit_ids": [unit]}),
        "unlink_unit": (api.ada, f"{approved}/units/{unit}/unlink", reason),
        "apply_plan": (api.ada, f"{approved}/units/{unit}/apply-plan", {}),
        "change_person": (api.ada, f"/people/{world.ada.id}", {"disabled": True}),
        "reset_password": (api.ada, f"/people/{world.ada.id}/reset-password", {}),
        "change_platform": (api.ada, f"/platforms/{world.northwind.id}", {"currency": "USD"}),
    }


def _send(caller: Caller, method: str, path: str, sent: Any, headers: dict[str, str] | None = None) -> Any:
    more = sent if isinstance(sent, dict) and set(sent) == {"data"} else {"json": sent}
    return caller(method, path, headers=headers or {}, **more)


@pytest.mark.slow
def test_what_the_state_refuses_is_answered_as_documented(
    api: Callers, world: World, traces: type[Traces]
) -> None:
    methods = {one.name: one for one in CALLS}
    wrong, conflicts = [], _conflicts(Furnished(api, world))
    before = traces()
    for name, (caller, path, sent) in conflicts.items():
        one = methods[name]
        answer = _send(caller, one.method, path, sent)
        if answer.status_code != 409:
            wrong.append(f"{name} 409: {answer.status_code} {answer.text[:300]}")
        if one.conditional:
            answer = _send(caller, one.method, path, sent, {"If-Match": '"999"'})
            if answer.status_code != 412:
                wrong.append(f"{name} 412: {answer.status_code} {answer.text[:300]}")
    assert wrong == []
    assert before.none()
    in_parts = {one.name for one in CALLS if one.in_parts}
    many = {"create_webhook"}
    assert {name for name, status in documented() if status == 409} == set(conflicts) | in_parts | many


def test_a_key_whose_request_is_being_done_in_parts_and_one_webhook_too_many(
    api: Callers, world: World
) -> None:
    key = {"Idempotency-Key": "parts"}
    device, order = world.a_device(), world.an_order()
    for path, body in (
        ("/devices/retire", {"devices": [device.id], "reason": "Lost."}),
        ("/orders/decisions", {"action": "approve", "orders": [{"reference": order.reference}]}),
    ):
        key = {"Idempotency-Key": path}
        assert api.ada.post(path, body, headers=key).status_code == 200
        db.session.execute(update(IdempotencyRecord).where(IdempotencyRecord.key == path).values(status=None))
        db.session.commit()
        assert api.ada.post(path, body, headers=key).status_code == 409
    answers = [
        api.piet.post("/webhooks", {"url": f"https://example.com/{number}"}).status_code
        for number in range(MOST_PER_PLATFORM + 1)
    ]
    assert (answers[-2], answers[-1]) == (201, 409)


def test_what_a_body_or_a_parameter_names_may_be_absent(api: Callers, world: World) -> None:
    item = {"sku": "X-1", "make": "A", "model": "B", "kind": "mobile", "unit_price": "1.00"}
    absent = int(ABSENT)
    asked: dict[str, Callable[[], Any]] = {
        "create_account": lambda: api.piet.post("/accounts", {"name": "X", "platform_id": absent}),
        "import_account_list": lambda: api.ada.post(f"/accounts/import?platform={absent}", data="Account\nX"),
        "create_item": lambda: api.ada.post("/catalog", item | {"platform_id": absent}),
        "import_catalog_list": lambda: api.ada.post(
            f"/catalog/import?platform={absent}", data="SKU,Model\nX,Y"
        ),
        "create_webhook": lambda: api.piet.post(
            "/webhooks", {"url": "https://x.example", "platform_id": absent}
        ),
        "put_account": lambda: api.ada.put("/accounts/external/a", {"name": "X", "platform_id": absent}),
        "create_order": lambda: api.piet.post(
            "/orders", {"account_id": absent, "lines": [{"sku": "X", "quantity": 1}]}
        ),
    }
    assert {name: ask().status_code for name, ask in asked.items()} == dict.fromkeys(asked, 404)
    ids = re.compile("<(?!external_id)")
    named = {one.name for one in CALLS if one.names_rows or "<" in one.path if not ids.search(one.path)}
    assert set(asked) == named


def test_every_documented_status_has_a_request_above_or_in_the_walk(api: Callers, world: World) -> None:
    """Success, and 403 where somebody may not, are asked for by tests/guards/test_access_matrix.py."""
    walk = {(route.endpoint.removeprefix("api."), route.answer) for route in API}
    walk |= {(route.endpoint.removeprefix("api."), 403) for route in API if route.may < EVERYBODY | PROGRAM}
    asked = {(one.name, 412) for one in CALLS if one.conditional}
    for one in CALLS:
        here = {400, 401, 404, 409, 413, 415, 422, 429}
        asked |= {(one.name, status) for status in here}
        # The second time of what was created by a key; and a claim given back.
        asked |= {(one.name, 200)} if one.creates else set()
    approved = f"/orders/{world.an_order(OrderStatus.APPROVED).reference}/claim"
    assert api.ada.post(approved).status_code == api.ada("DELETE", approved).status_code == 200
    key = f"/accounts/{world.an_account().id}/locations/external/a"
    assert [api.piet.put(key, {"name": "A"}).status_code for _ in range(2)] == [201, 200]
    assert documented() - walk - asked - {("release_claim", 200)} == set()

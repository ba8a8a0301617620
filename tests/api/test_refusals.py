"""What the API refuses before an action: who may not, what is not there, what cannot be read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from hwadmin import clock
from hwadmin.api.request_parsing import MAX_PARTS
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import COMMAND_LINE, Role
from hwadmin.operations.orders.submission.new_order import MAX_UNITS
from hwadmin.operations.people import people, tokens
from hwadmin.operations.people.person_checks import PersonFacts
from tests.api.callers import BASE, Caller, Callers, fields, problem
from tests.api.conftest import Traces
from tests.builders import World


def calls(world: World, order: str, account: object) -> list[tuple[str, str, object]]:
    """Every call, on an order and an account."""
    lines = [{"sku": world.item(Kind.DESKPHONE).sku, "quantity": 1}]
    return [
        ("GET", "/catalog", None),
        ("GET", "/accounts", None),
        ("POST", "/accounts", {"name": "X", "platform_id": world.northwind.id}),
        ("GET", f"/accounts/{account}", None),
        ("GET", f"/accounts/{account}/employees", None),
        ("POST", f"/accounts/{account}/employees", {"name": "X"}),
        ("GET", f"/accounts/{account}/locations", None),
        ("POST", f"/accounts/{account}/locations", {"name": "X"}),
        ("GET", f"/accounts/{account}/devices", None),
        ("POST", f"/accounts/{account}/devices", {"sku": lines[0]["sku"], "identifier": "805ec0123456"}),
        ("GET", "/devices", None),
        ("GET", "/orders", None),
        ("POST", "/orders", {"account_id": account if isinstance(account, int) else 1, "lines": lines}),
        ("GET", f"/orders/{order}", None),
        ("GET", f"/orders/{order}/events", None),
        ("PUT", f"/orders/{order}/lines", {"lines": lines}),
        ("POST", f"/orders/{order}/cancel", {}),
        ("POST", f"/orders/{order}/approve", {}),
        ("POST", f"/orders/{order}/mark-ordered", {}),
        ("POST", f"/orders/{order}/reject", {"reason": "X"}),
        ("POST", f"/orders/{order}/reopen", {"reason": "X"}),
        ("POST", f"/orders/{order}/fulfill", {"units": []}),
    ]


# ---- Who asks


def test_without_a_token_nothing_is_answered(api: Callers, world: World, traces: type[Traces]) -> None:
    order = world.an_order()
    before = traces()
    for method, path, body in calls(world, order.reference, order.account_id):
        for caller in (api.anonymous, Caller(api.app, "hwa_wrong"), Caller(api.app, "")):
            answer = caller(method, path, body)
            problem(answer, 401)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert before.none()


@pytest.mark.parametrize(
    "header", ["Basic eDp5", "Bearer", "bearer ", "Token x", "é", "Bearer " + "x" * 9000]
)
def test_other_ways_to_say_who_one_is_are_refused(api: Callers, header: str) -> None:
    problem(api.anonymous.get("/orders", headers={"Authorization": header}), 401)


def test_the_scheme_is_written_in_any_case(api: Callers) -> None:
    assert (
        api.anonymous.get("/orders", headers={"Authorization": f"bEARER {api.piet.secret}"}).status_code
        == 200
    )


def test_a_signed_in_browser_is_nobody_here(app: Flask, world: World) -> None:
    from tests.builders import Clients

    assert Clients(app, world).piet.get(f"{BASE}/orders").status_code == 401


def test_a_token_ends_at_the_next_request(api: Callers, world: World, traces: type[Traces]) -> None:
    order = world.an_order()
    token, revoked = tokens.create_token(COMMAND_LINE, world.piet.id, name="x")
    _, short = tokens.create_token(COMMAND_LINE, world.piet.id, name="x", days=1)
    db.session.commit()
    assert Caller(api.app, revoked).get("/orders").status_code == 200
    tokens.revoke_token(COMMAND_LINE, token.id)
    db.session.commit()
    disabled = api.sam
    assert disabled.get("/orders").status_code == 200
    people.disable_person(COMMAND_LINE, world.sam.id)
    db.session.commit()
    before = traces()
    for caller in (Caller(api.app, revoked), disabled):
        for method, path, body in calls(world, order.reference, order.account_id):
            problem(caller(method, path, body), 401)
    with clock.at(utcnow() + timedelta(days=1, minutes=1)):
        for method, path, body in calls(world, order.reference, order.account_id):
            problem(Caller(api.app, short)(method, path, body), 401)
    assert before.none()


def test_a_change_of_role_or_platforms_counts_at_the_next_request(api: Callers, world: World) -> None:
    order = world.an_order()
    piet, email = api.piet, world.piet.email
    assert piet.get(f"/orders/{order.reference}").status_code == 200
    facts = PersonFacts("Piet Jansen", email, Role.PLATFORM_ADMIN, [world.blue_harbor.id])
    people.change_person(COMMAND_LINE, world.piet.id, facts)
    db.session.commit()
    problem(piet.get(f"/orders/{order.reference}"), 404)
    facts = PersonFacts("Piet Jansen", email, Role.SUPPORT, [world.northwind.id])
    people.change_person(COMMAND_LINE, world.piet.id, facts)
    db.session.commit()
    assert piet.get(f"/orders/{order.reference}").status_code == 200
    problem(piet.post(f"/orders/{order.reference}/cancel"), 403)


# ---- Who may


def test_each_role_may_what_the_contract_says(api: Callers, world: World, traces: type[Traces]) -> None:
    order = world.an_order()
    platform_only = {"POST /orders", "POST cancel"}
    super_only = {f"POST {action}" for action in ("approve", "mark-ordered", "reject", "reopen", "fulfill")}
    before = traces()
    for method, path, body in calls(world, order.reference, order.account_id):
        action = f"{method} {path}" if path == "/orders" else f"{method} {path.rsplit('/', 1)[-1]}"
        if method != "GET" or path == "/catalog":
            problem(api.sam(method, path, body), 403)
        if action in platform_only:
            problem(api.ada(method, path, body), 403)
        if action in super_only:
            problem(api.piet(method, path, body), 403)
            problem(api.service(method, path, body), 403)
    assert before.none()


# ---- What is not there


MALFORMED = [
    "0",
    "-1",
    "abc",
    "1.0",
    "%20",
    "٣",
    "9" * 19,
    "9" * 30,
    "9" * 5000,
    "1;--",
    "HW-",
    "%00",
    "..%2f1",
]


def test_foreign_is_absent_byte_for_byte(api: Callers, world: World, traces: type[Traces]) -> None:
    theirs = world.an_order(platform=world.blue_harbor)
    absent = f"HW-{theirs.id + 100_000:06d}"
    foreign_calls = calls(world, theirs.reference, theirs.account_id)
    absent_calls = calls(world, absent, theirs.account_id + 100_000)
    before = traces()
    seen = 0
    for caller in (api.piet, api.service, api.sam):
        for (method, path, body), (_, other_path, other_body) in zip(
            foreign_calls, absent_calls, strict=True
        ):
            if path in ("/catalog", "/accounts", "/devices") or (method, path) == ("GET", "/orders"):
                continue
            foreign, missing = caller(method, path, body), caller(method, other_path, other_body)
            assert foreign.status_code in (403, 404)
            assert foreign.status_code == missing.status_code
            assert foreign.data == missing.data
            problem(foreign, foreign.status_code)
            seen += foreign.status_code == 404
    assert seen > 20
    assert before.none()


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_key_is_not_found(api: Callers, world: World, text: str) -> None:
    for method, path, body in calls(world, text, text):
        if text in path:
            for caller in (api.ada, api.piet):
                assert caller(method, path, body).status_code in (403, 404), path


def test_an_order_has_one_address(api: Callers, world: World) -> None:
    order = world.an_order()
    assert api.piet.get(f"/orders/{order.reference}").status_code == 200
    for writing in (
        order.id,
        order.reference.lower(),
        f"HW-{order.id}",
        f"HW {order.id:06d}",
        f" {order.reference}",
    ):
        problem(api.piet.get(f"/orders/{writing}"), 404)
    problem(api.piet.get(f"/accounts/0{order.account_id}"), 404)


def test_rows_of_another_platform_cannot_be_named(api: Callers, world: World, traces: type[Traces]) -> None:
    mine, theirs = world.an_account(), world.an_account(world.blue_harbor)
    their_site, their_eli = world.a_location(theirs), world.an_employee(theirs)
    phone, their_phone = world.item(Kind.DESKPHONE), world.item(Kind.DESKPHONE, world.blue_harbor)
    before = traces()
    line = {"sku": phone.sku, "quantity": 1}
    problem(api.piet.post("/orders", {"account_id": theirs.id, "lines": [line]}), 404)
    problem(api.piet.post("/accounts", {"name": "X", "platform_id": world.blue_harbor.id}), 404)
    for body, field in (
        ({"lines": [{"sku": their_phone.sku, "quantity": 1}]}, "lines.0.sku"),
        ({"lines": [line | {"intents": [{"employee_id": their_eli.id}]}]}, "lines.0.intents.0.employee_id"),
        ({"lines": [line | {"intents": [{"location_id": their_site.id}]}]}, "lines.0.intents.0.location_id"),
        ({"lines": [line], "ship_to_location_id": their_site.id}, "ship_to_location_id"),
    ):
        assert fields(api.piet.post("/orders", {"account_id": mine.id} | body)) == [field]
    assert fields(
        api.piet.post(f"/accounts/{mine.id}/devices", {"sku": their_phone.sku, "identifier": "805ec0123456"})
    ) == ["sku"]
    assert before.none()


def test_no_answer_speaks_of_another_platform(api: Callers, world: World) -> None:
    world.an_order(OrderStatus.FULFILLED, platform=world.blue_harbor)
    order = world.an_order(OrderStatus.APPROVED)
    for method, path, body in calls(world, order.reference, order.account_id):
        for caller in (api.piet, api.sam, api.service):
            assert "Harbor" not in caller(method, path, body).text


# ---- What cannot be read


@pytest.mark.parametrize("data", [b"{", b"", b"[1", b"\xff", b"nul", b'{"name": "\\ud800"}', b"[" * 5000])
def test_what_is_no_json_is_malformed(api: Callers, data: bytes) -> None:
    problem(api.piet.post("/accounts", data=data, content_type="application/json"), 400)


@pytest.mark.parametrize("data", [b"null", b"[]", b'"x"', b"1"])
def test_what_is_no_object_is_refused(api: Callers, data: bytes) -> None:
    problem(api.piet.post("/accounts", data=data, content_type="application/json"), 422)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"]
)
def test_another_media_type_is_refused(api: Callers, content_type: str) -> None:
    problem(api.piet.post("/accounts", data=b'{"name": "X"}', content_type=content_type), 415)


def test_who_sends_nothing_learns_what_is_missing(api: Callers, world: World, traces: type[Traces]) -> None:
    order = world.an_order()
    before = traces()
    assert fields(api.ada.post(f"/orders/{order.reference}/reject")) == ["reason"]
    assert fields(api.piet.post("/orders")) == ["account_id", "lines"]
    assert before.none()


def test_a_charset_is_no_other_media_type(api: Callers) -> None:
    answer = api.piet.post("/accounts", data=b'{"name": "X"}', content_type="application/json; charset=utf-8")
    assert answer.status_code == 201


def test_a_body_that_is_too_large_is_refused(api: Callers) -> None:
    problem(api.piet.post("/accounts", {"name": "x" * 5_000_000}), 413)


def test_a_body_of_too_many_objects_is_refused_before_it_is_read(api: Callers) -> None:
    """Each object costs some microseconds: a million of them fit into a body, and would take ten seconds."""
    lines = [{"sku": "A", "quantity": 1, "intents": [{}] * 2000}] * 100
    refused = problem(api.piet.post("/orders", {"account_id": 1, "lines": lines}), 413)
    assert "150,000 objects and lists" in refused["detail"]
    # The largest order, every unit with its intent and the most codes, is read.
    assert MAX_UNITS * (1 + 1 + 20) + 500 * 2 <= MAX_PARTS


def test_thousands_of_problems_are_counted_and_not_listed(api: Callers) -> None:
    """Naming 350,000 unknown fields took seven seconds, and twenty megabytes of answer."""
    refused = problem(api.piet.post("/accounts", dict.fromkeys(map(str, range(5_001)), 1)), 422)
    assert [error["field"] for error in refused["errors"]] == ["body"]
    assert "There are 5,002 problems" in refused["detail"]


def test_unknown_fields_are_refused_wherever_they_are(api: Callers, world: World) -> None:
    order = world.an_order()
    at = f"/orders/{order.reference}"
    assert fields(api.ada.post(f"{at}/approve", {"force": True})) == ["force"]
    assert fields(api.piet.post("/accounts", {"name": "X", "employees": [{"name": "Y", "x": 1}]})) == [
        "employees.0.x"
    ]
    assert fields(api.piet.get("/orders?colour=red")) == ["colour"]
    assert fields(api.piet.get(f"{at}?x=1")) == ["x"]
    assert fields(api.ada.post(f"{at}/approve?force=true")) == ["force"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=5.0", "limit"),
        ("limit=٣", "limit"),
        ("limit=", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=", "cursor"),
        ("cursor=x", "cursor"),
        ("cursor=b3JkZXJzOjA", "cursor"),
        ("cursor=b3JkZXJzOjk5OTk5OTk5OTk5OTk5OTk5OTk", "cursor"),
        ("cursor=YWNjb3VudHM6NQ", "cursor"),
        ("cursor=b3JkZXJzOjU=", "cursor"),
        ("status=open", "status"),
        ("status=", "status"),
        ("platform=x", "platform"),
        ("platform=0", "platform"),
        ("account=9999999999999999999", "account"),
        ("placed=1", "placed"),
        (f"q={'x' * 101}", "q"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(api: Callers, query: str, field: str) -> None:
    assert fields(api.piet.get(f"/orders?{query}")) == [field]


def test_the_right_cursor_passes(api: Callers) -> None:
    assert api.piet.get("/orders?cursor=b3JkZXJzOjU").status_code == 200


def test_a_parameter_that_cannot_be_stored_is_malformed(api: Callers) -> None:
    problem(api.piet.get("/orders?q=%00"), 400)


def test_the_rest_of_the_api_answers_in_problem_documents_too(api: Callers, world: World) -> None:
    problem(api.piet.get("/nothing"), 404)
    problem(api.anonymous.get("/nothing"), 404)
    problem(api.piet.get("/orders/"), 404)
    answer = api.piet("DELETE", "/orders")
    problem(answer, 405)
    assert {"GET", "POST"} <= set(answer.headers["Allow"].replace(" ", "").split(","))
    page = api.anonymous.client.get("/nothing-either")
    assert page.content_type.startswith("text/html")


# ---- Too many


def test_a_token_that_asks_too_often_waits(api: Callers) -> None:
    from hwadmin.web.http.bearer_auth import LIMIT
    from hwadmin.web.http.rate_limit import RequestLimit

    before = api.app.extensions[LIMIT]
    now = [0.0]
    api.app.extensions[LIMIT] = RequestLimit(3, now=lambda: now[0])
    try:
        assert [api.piet.get("/orders").status_code for _ in range(3)] == [200] * 3
        answer = api.piet.get("/orders")
        problem(answer, 429)
        assert 1 <= int(answer.headers["Retry-After"]) <= 61
        assert api.bea.get("/orders").status_code == 200
        now[0] += int(answer.headers["Retry-After"])
        assert api.piet.get("/orders").status_code == 200
    finally:
        api.app.extensions[LIMIT] = before


@pytest.mark.both_databases
def test_a_trace_would_be_found(api: Callers, world: World, traces: type[Traces]) -> None:
    account = world.an_account(name="Riverside")
    before = traces()
    assert before.none()
    account.name = "Riverbank"
    db.session.commit()
    with pytest.raises(AssertionError, match="account"):
        before.none()

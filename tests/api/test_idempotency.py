"""A request sent twice under one key is done once, and both are answered alike."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.errors import WrongState
from hwadmin.models import AuditEvent, HardwareOrder, IdempotencyRecord
from hwadmin.operations.people import idempotency, tokens
from hwadmin.operations.people.idempotency import RequestKey, StoredResponse
from hwadmin.web.http.bearer_auth import LIMIT
from hwadmin.web.http.rate_limit import RequestLimit
from tests.api.callers import Caller, Callers, fields
from tests.api.conftest import Traces
from tests.builders import World

pytestmark = pytest.mark.both_databases

KEY = {"Idempotency-Key": "7e3a"}
REQUEST = RequestKey("person:1", "k", "hwa_1")


def orders() -> int:
    return db.session.execute(select(func.count(HardwareOrder.id))).scalar_one()


def new_order(world: World, quantity: int = 1) -> dict[str, object]:
    account = world.an_account()
    return {
        "account_id": account.id,
        "lines": [{"sku": world.item(Kind.DESKPHONE).sku, "quantity": quantity}],
    }


def test_a_repeated_request_is_answered_as_before_and_does_nothing(
    api: Callers, world: World, traces: type[Traces]
) -> None:
    body = new_order(world)
    first = api.piet.post("/orders", body, headers=KEY)
    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first.headers
    before = traces()
    # Another order of the members is no other request.
    data = json.dumps(dict(reversed(body.items())), indent=2)
    for again in (
        api.piet.post("/orders", body, headers=KEY),
        api.piet.post("/orders", data=data, content_type="application/json", headers=KEY),
    ):
        assert again.status_code == 201
        assert again.data == first.data
        assert again.headers["Idempotency-Replayed"] == "true"
        for name in ("ETag", "Location", "Content-Type"):
            assert again.headers[name] == first.headers[name]
    assert before.none()
    assert orders() == 1


def test_every_write_can_be_repeated(api: Callers, world: World, traces: type[Traces]) -> None:
    account = world.an_account()
    phone = world.item(Kind.DESKPHONE)
    order, other, third = (world.an_order(account=account) for _ in range(3))
    lines = {"lines": [{"sku": phone.sku, "quantity": 5}]}
    for number, (caller, method, path, body) in enumerate(
        [
            (api.piet, "POST", "/accounts", {"name": "X"}),
            (api.piet, "POST", f"/accounts/{account.id}/employees", {"name": "X"}),
            (api.piet, "POST", f"/accounts/{account.id}/locations", {"name": "X"}),
            (
                api.piet,
                "POST",
                f"/accounts/{account.id}/devices",
                {"sku": phone.sku, "identifier": "805ec0123456"},
            ),
            (api.piet, "PUT", f"/orders/{order.reference}/lines", lines),
            (api.ada, "POST", f"/orders/{order.reference}/approve", None),
            (api.ada, "POST", f"/orders/{order.reference}/reopen", {"reason": "X"}),
            (api.ada, "POST", f"/orders/{order.reference}/mark-ordered", None),
            (api.ada, "POST", f"/orders/{order.reference}/fulfill", {"units": []}),
            (api.ada, "POST", f"/orders/{other.reference}/reject", {"reason": "X"}),
            (api.piet, "POST", f"/orders/{third.reference}/cancel", None),
        ]
    ):
        key = {"Idempotency-Key": f"key {number}"}
        first = caller(method, path, body, headers=key)
        assert first.status_code in (200, 201), first.text
        before = traces()
        again = caller(method, path, body, headers=key)
        assert (again.status_code, again.data) == (first.status_code, first.data)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert before.none()


def test_a_repetition_is_answered_even_after_the_order_moved_on(api: Callers, world: World) -> None:
    order = world.an_order()
    at = f"/orders/{order.reference}"
    condition = KEY | {"If-Match": '"1"'}
    first = api.ada.post(f"{at}/approve", headers=condition)
    api.ada.post(f"{at}/reopen", {"reason": "X"})
    again = api.ada.post(f"{at}/approve", headers=condition)
    assert (again.status_code, again.data) == (200, first.data)


def test_another_request_under_the_key_is_refused(api: Callers, world: World, traces: type[Traces]) -> None:
    body = new_order(world)
    assert api.piet.post("/orders", body, headers=KEY).status_code == 201
    before = traces()
    for method, path, other in (
        ("POST", "/orders", body | {"notes": "x"}),
        ("POST", "/accounts", {"name": "X"}),
    ):
        assert fields(api.piet(method, path, other, headers=KEY)) == ["Idempotency-Key"]
    assert before.none()


def test_everybody_has_keys_of_their_own(api: Callers, world: World) -> None:
    body = new_order(world)
    assert api.piet.post("/orders", body, headers=KEY).status_code == 201
    assert "Idempotency-Replayed" not in api.service.post("/orders", body, headers=KEY).headers
    assert orders() == 2


def test_an_answer_is_for_the_token_it_was_sent_with(
    api: Callers, world: World, traces: type[Traces]
) -> None:
    body = new_order(world)
    first = api.piet.post("/orders", body, headers=KEY)
    other = api.of(world.piet)
    before = traces()
    refused = other.post("/orders", body, headers=KEY)
    assert fields(refused) == ["Idempotency-Key"]
    assert "nothing was done again" in refused.json["errors"][0]["message"]
    assert before.none()
    assert api.piet.post("/orders", body, headers=KEY).data == first.data


@pytest.mark.parametrize(
    "other",
    [replace(REQUEST, key="other"), replace(REQUEST, token="hwa_2"), replace(REQUEST, owner="person:2")],
)
def test_nobody_else_can_read_a_kept_body(other: RequestKey) -> None:
    kept = REQUEST.encrypt("shown once")
    assert "shown once" not in kept
    assert REQUEST.decrypt(kept) == "shown once"
    assert other.decrypt(kept) is None
    assert "hwa_" not in repr(REQUEST)


def test_what_the_database_knows_of_a_token_reads_nothing() -> None:
    """A token longer than a block of the hash as well: as the key of an HMAC it would be its own hash."""
    for token in ("hwa_1", "hwa_" + "x" * 100):
        kept = replace(REQUEST, token=token).encrypt("shown once")
        known = tokens.hash_of(token)
        for guess in (known, bytes.fromhex(known).decode("latin-1")):
            assert replace(REQUEST, token=guess).decrypt(kept) is None


def test_a_refusal_leaves_the_key_free(api: Callers, world: World, traces: type[Traces]) -> None:
    body = new_order(world)
    before = traces()
    bad = body | {"lines": [{"sku": "NO-SUCH", "quantity": 1}]}
    assert fields(api.piet.post("/orders", bad, headers=KEY)) == ["lines.0.sku"]
    assert before.none()
    assert api.piet.post("/orders", body, headers=KEY).status_code == 201


def test_who_is_given_something_else_by_now_is_not_told_the_old_answer(api: Callers, world: World) -> None:
    from hwadmin.domain.permissions import Role
    from hwadmin.operations.people import people
    from hwadmin.operations.people.person_checks import PersonFacts

    order = world.an_order()
    path = f"/orders/{order.reference}/cancel"
    assert api.piet.post(path, headers=KEY).status_code == 200
    facts = PersonFacts("Piet Jansen", world.piet.email, Role.PLATFORM_ADMIN, [world.blue_harbor.id])
    people.change_person(COMMAND_LINE, world.piet.id, facts)
    db.session.commit()
    assert fields(api.piet.post(path, headers=KEY)) == ["Idempotency-Key"]


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"])
def test_a_key_that_cannot_be_one_is_refused(api: Callers, world: World, key: str) -> None:
    assert fields(api.piet.post("/orders", new_order(world), headers={"Idempotency-Key": key})) == [
        "Idempotency-Key"
    ]
    assert orders() == 0


def test_a_get_needs_no_key_and_keeps_none(api: Callers, traces: type[Traces]) -> None:
    before = traces()
    assert api.piet.get("/orders", headers=KEY).status_code == 200
    assert before.none()


def test_answers_are_kept_for_a_day(api: Callers, world: World) -> None:
    body = new_order(world)
    api.piet.post("/orders", body, headers=KEY)
    with clock.at(utcnow() + timedelta(hours=23, minutes=59)):
        assert "Idempotency-Replayed" in api.piet.post("/orders", body, headers=KEY).headers
    with clock.at(utcnow() + timedelta(hours=24, minutes=1)):
        assert "Idempotency-Replayed" not in api.piet.post("/orders", body, headers=KEY).headers
        assert "Idempotency-Replayed" in api.piet.post("/orders", body, headers=KEY).headers
    assert orders() == 2


def test_what_is_over_is_taken_away_by_later_claims(world: World) -> None:
    for number in range(45):
        idempotency.claim(replace(REQUEST, key=f"k{number}"), "f")
        idempotency.keep(replace(REQUEST, key=f"k{number}"), StoredResponse(200, "{}", {}))

    def kept() -> int:
        return db.session.execute(select(func.count()).select_from(IdempotencyRecord)).scalar_one()

    with clock.at(utcnow() + timedelta(hours=24, minutes=30)):
        idempotency.claim(replace(REQUEST, owner="person:2"), "f")
        assert kept() == 46
    with clock.at(utcnow() + timedelta(hours=26)):
        for key, left in (("b", 27), ("c", 8), ("d", 4)):
            idempotency.claim(replace(REQUEST, owner="person:2", key=key), "f")
            assert kept() == left


def test_what_is_done_in_parts_is_not_begun_twice_and_can_be_taken_up_when_cut_off(world: World) -> None:
    assert idempotency.claim(REQUEST, "f") is None
    with pytest.raises(WrongState, match="still being done"):
        idempotency.claim(REQUEST, "f")
    with clock.at(utcnow() + timedelta(seconds=61)):
        assert idempotency.claim(REQUEST, "f") is None
        with pytest.raises(WrongState, match="still being done"):
            idempotency.claim(REQUEST, "f")
        idempotency.keep(REQUEST, StoredResponse(200, "{}", {}))
        assert idempotency.claim(REQUEST, "f") == StoredResponse(200, "{}", {})


# ---- At once


def at_once(app: Flask, secret: str, body: dict[str, object], keys: list[str]) -> list[TestResponse]:
    """The answers to callers who send the same at the same moment, each with its key."""
    start = threading.Barrier(len(keys))
    answers: list[TestResponse] = []

    def send(key: str) -> None:
        start.wait()
        answers.append(Caller(app, secret).post("/orders", body, headers={"Idempotency-Key": key}))

    threads = [threading.Thread(target=send, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def order_race(own_app: Flask) -> tuple[str, dict[str, object]]:
    """A token and an order to send, in a database that really commits."""
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        body = new_order(world)
        _, secret = transact(lambda: tokens.create_token(COMMAND_LINE, world.piet.id, name="Race"))
        db.session.remove()
    Caller(own_app, secret).get("/orders")  # The hour of use is noted now.
    own_app.extensions[LIMIT] = RequestLimit(1_000_000)
    return secret, body


def submitted(app: Flask) -> int:
    """How many orders there are; each has one event."""
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        kind = AuditEvent.kind == "order.submitted"
        events = db.session.execute(select(func.count(AuditEvent.id)).where(kind)).scalar_one()
        assert orders() == events
        db.session.remove()
    return events


def race(app: Flask, order_race: tuple[str, dict[str, object]], rounds: int) -> None:
    for number in range(rounds):
        answers = at_once(app, *order_race, [f"round {number}"] * 16)
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.data for answer in answers}) == 1
        assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert submitted(app) == rounds


def test_sixteen_callers_with_one_key_make_one_order(
    own_app: Flask, order_race: tuple[str, dict[str, object]]
) -> None:
    race(own_app, order_race, rounds=3)


@pytest.mark.full
def test_sixteen_callers_with_one_key_make_one_order_fifty_times(
    own_app: Flask, order_race: tuple[str, dict[str, object]]
) -> None:
    race(own_app, order_race, rounds=50)


def test_sixteen_callers_with_a_key_each_make_sixteen_orders(
    own_app: Flask, order_race: tuple[str, dict[str, object]]
) -> None:
    """The race is one: nothing but the key holds them back."""
    answers = at_once(own_app, *order_race, [f"key {number}" for number in range(16)])
    assert {answer.status_code for answer in answers} == {201}
    assert submitted(own_app) == 16

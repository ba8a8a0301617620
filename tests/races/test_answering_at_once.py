"""Answers of a manager at the same moment, and an answer against whoever else decides: one of them counts."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from hwadmin.clock import utcnow
from hwadmin.db import engines
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact, unit_of_work
from hwadmin.domain.permissions import Actor
from hwadmin.models import ApprovalRequest, HardwareOrder
from hwadmin.operations.orders.approvals.answers import decide_as_manager, manager_actor, override_manager
from hwadmin.operations.orders.approvals.requests import resend_request
from hwadmin.operations.orders.decisions import cancel_order, reject_order
from tests.builders import World
from tests.races.callers import Action, Callers, Result, meet
from tests.races.rows import EVENTS, ORDERS, a_world, counts_are_right, event_kinds, inside, order_row

pytestmark = pytest.mark.both_databases

ROUNDS = [3, pytest.param(100, marks=pytest.mark.full)]
ASKED = ApprovalRequest.__table__
AGREED, DECLINED = ("submitted", "agreed"), ("cancelled", "declined")


def answer(actor: Actor, request_id: int, agrees: bool) -> str:
    def action() -> HardwareOrder:
        asked = db.session.get_one(ApprovalRequest, request_id)
        return decide_as_manager(actor, asked, agrees=agrees, reason="No.")

    transact(action)
    return "agreed" if agrees else "declined"


def cancel(actor: Actor, order_id: int) -> str:
    transact(lambda: cancel_order(actor, order_id))
    return "cancelled"


def reject(actor: Actor, order_id: int) -> str:
    transact(lambda: reject_order(actor, order_id, reason="No."))
    return "rejected"


def override(actor: Actor, order_id: int) -> str:
    transact(lambda: override_manager(actor, order_id, reason="Urgent."))
    return "overridden"


def send_anew(actor: Actor, order_id: int) -> str:
    transact(lambda: resend_request(actor, order_id))
    return "asked"


def answer_what_was_read(actor: Actor, request_id: int) -> str:
    """Broken on purpose: answer on what was read without a lock, without looking again."""
    engines.reading.set(True)
    with unit_of_work():
        connection = db.session.connection()
        order_id, used = connection.execute(
            select(ASKED.c.order_id, ASKED.c.used_at).where(ASKED.c.id == request_id)
        ).one()
        meet()
        assert used is None
        connection.execute(
            update(ASKED)
            .where(ASKED.c.id == request_id)
            .values(used_at=utcnow(), answer="agreed", next_at=None)
        )
        connection.execute(
            update(ORDERS).where(ORDERS.c.id == order_id).values(version=2, manager_approval="agreed")
        )
        connection.execute(
            insert(EVENTS).values(
                kind="order.manager_answered",
                actor_name=actor.name,
                order_id=order_id,
                summary="Approved",
                details={},
            )
        )
    return "agreed"


@pytest.fixture
def world() -> World:
    return World()


def an_awaiting_order(app: Flask, world: World) -> tuple[int, int, Actor, Actor, Actor]:
    """The keys of an order and its request, and the manager, Ada and Piet."""
    with a_world(app, world):
        order_id = world.an_order(account=world.an_account_that_asks()).id
        asked = db.session.scalars(select(ApprovalRequest).where(ApprovalRequest.order_id == order_id)).one()
        return order_id, asked.id, manager_actor(asked), world.ada.actor, world.piet.actor


def answers_kept(app: Flask, order_id: int) -> list[str]:
    with inside(app):
        rows = db.session.connection().execute(
            select(ASKED.c.answer).where(ASKED.c.order_id == order_id, ASKED.c.answer.is_not(None))
        )
        return [row.value for row in rows.scalars()]


def one_counted(app: Flask, order_id: int, results: list[Result]) -> str:
    """Who won; everybody else was refused, and the order says so."""
    assert not [result for result in results if result.error], results
    (won,) = [result.value for result in results if result.outcome == "done"]
    row = order_row(app, order_id)
    counts = {
        "agreed": ("submitted", "agreed"),
        "declined": ("cancelled", "declined"),
        "cancelled": ("cancelled", "awaiting"),
        "rejected": ("rejected", "awaiting"),
        "overridden": ("submitted", "overridden"),
    }[won]
    assert (row["status"].value, row["manager_approval"].value, row["version"]) == (*counts, 2)  # type: ignore[attr-defined]
    assert answers_kept(app, order_id) == ([won] if won in ("agreed", "declined") else [])
    assert sum(event_kinds(app, order_id).values()) == 2
    counts_are_right(app)
    return str(won)


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_of_nine_answers_one_counts(own_app: Flask, nine: Callers, world: World, rounds: int) -> None:
    for _ in range(rounds):
        order_id, asked, maria, _, _ = an_awaiting_order(own_app, world)
        actions = [Action(maria, answer, (asked, number % 2 == 0)) for number in range(9)]
        assert one_counted(own_app, order_id, nine.all_at_once(actions)) in ("agreed", "declined")


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_a_decline_and_whoever_else_ends_or_takes_the_order(
    own_app: Flask, nine: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        order_id, asked, maria, ada, piet = an_awaiting_order(own_app, world)
        actions = [
            *[Action(maria, answer, (asked, False))] * 3,
            *[Action(piet, cancel, (order_id,))] * 3,
            *[Action(ada, reject, (order_id,))] * 3,
        ]
        one_counted(own_app, order_id, nine.all_at_once(actions))


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_an_answer_and_an_override(own_app: Flask, two: Callers, world: World, rounds: int) -> None:
    for _ in range(rounds):
        order_id, asked, maria, ada, _ = an_awaiting_order(own_app, world)
        actions = [Action(maria, answer, (asked, True)), Action(ada, override, (order_id,))]
        one_counted(own_app, order_id, two.all_at_once(actions))


def test_nine_who_send_a_new_link_send_one(own_app: Flask, nine: Callers, world: World) -> None:
    order_id, _, _, ada, piet = an_awaiting_order(own_app, world)
    with inside(own_app):
        # Long enough ago that pressing again is meant.
        db.session.connection().execute(update(ASKED).values(sent_at=utcnow().replace(year=2020)))
        db.session.commit()
    results = nine.all_at_once(
        [Action(ada if number % 2 else piet, send_anew, (order_id,)) for number in range(9)]
    )
    assert {result.outcome for result in results} == {"done"}, results
    with inside(own_app):
        rows = db.session.connection().execute(select(ASKED.c.id, ASKED.c.closed_at)).all()
    assert [closed is None for _, closed in sorted(rows)] == [False, True]
    assert event_kinds(own_app, order_id)["order.manager_asked"] == 1


def test_the_race_would_be_lost_without_the_lock(own_app: Flask, nine: Callers, world: World) -> None:
    order_id, asked, maria, _, _ = an_awaiting_order(own_app, world)
    with a_world(own_app, world):
        on_postgresql = db.engine.dialect.name == "postgresql"
    results = nine.all_at_once([Action(maria, answer_what_was_read, (asked,))] * 9)
    faults = 0 if on_postgresql else 8
    assert [result.outcome for result in results].count("done") == 9 - faults, results
    with pytest.raises((AssertionError, ValueError)):
        one_counted(own_app, order_id, results)

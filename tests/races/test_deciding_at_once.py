"""Nine people decide about the same order at the same moment: exactly one of them does."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from hwadmin.clock import utcnow
from hwadmin.db import engines
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact, unit_of_work
from hwadmin.domain import audit_hash_chain
from hwadmin.domain.permissions import Actor
from hwadmin.operations.orders.decisions import approve_order, cancel_order, mark_ordered, reject_order
from hwadmin.operations.orders.edits.lines import edit_lines
from tests.builders import World
from tests.races.callers import Action, Callers, Result, meet
from tests.races.rows import EVENTS, ORDERS, a_world, counts_are_right, event_kinds, order_row
from tests.running import only_on

pytestmark = pytest.mark.both_databases

ROUNDS = [3, pytest.param(200, marks=pytest.mark.full)]

STATUS = {
    "order.approved": "approved",
    "order.marked_ordered": "approved",
    "order.rejected": "rejected",
    "order.cancelled": "cancelled",
    "order.edited": "submitted",
}


# ---- What the callers do; each says which event it left


def approve(actor: Actor, order_id: int, version: int | None) -> str:
    transact(lambda: approve_order(actor, order_id, expected_version=version))
    return "order.approved"


def mark(actor: Actor, order_id: int, version: int | None) -> str:
    transact(lambda: mark_ordered(actor, order_id, distributor="Ingram", expected_version=version))
    return "order.marked_ordered"


def reject(actor: Actor, order_id: int, version: int | None) -> str:
    transact(lambda: reject_order(actor, order_id, reason="No.", expected_version=version))
    return "order.rejected"


def cancel(actor: Actor, order_id: int, version: int | None) -> str:
    transact(lambda: cancel_order(actor, order_id, expected_version=version))
    return "order.cancelled"


def edit(actor: Actor, order_id: int, version: int | None, sku: str, quantity: int) -> str:
    transact(lambda: edit_lines(actor, order_id, {sku: quantity}, expected_version=version))
    return "order.edited"


def approve_what_was_read(actor: Actor, order_id: int) -> str:
    """Broken on purpose: decide on what was read without a lock, without looking again."""
    engines.reading.set(True)  # BEGIN, as it would be without our engine settings.
    with unit_of_work():
        connection = db.session.connection()
        seen = connection.execute(select(ORDERS.c.status).where(ORDERS.c.id == order_id)).scalar_one()
        meet()
        assert seen.value == "submitted"
        connection.execute(
            update(ORDERS)
            .where(ORDERS.c.id == order_id)
            .values(
                status="approved",
                version=2,
                decided_at=utcnow(),
                decided_by_name=actor.name,
            )
        )
        connection.execute(
            insert(EVENTS).values(
                kind="order.approved",
                actor_name=actor.name,
                order_id=order_id,
                summary="Approved",
                details={},
            )
        )
    return "order.approved"


def approve_as_the_driver_opens_it(actor: Actor, order_id: int, path: str) -> str:
    """Broken on purpose: SQLite without our engine settings, where reading begins no transaction."""
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        # What the chain of audit events asks of every connection.
        connection.create_function("hwadmin_link", 4, audit_hash_chain.link, deterministic=True)
        (seen,) = connection.execute("SELECT status FROM hardware_order WHERE id = ?", (order_id,)).fetchone()
        meet()
        assert seen == "submitted"
        connection.execute(
            "UPDATE hardware_order SET status = 'approved', version = 2, decided_by_name = ?,"
            " decided_at = '2026-01-01 00:00:00' WHERE id = ?",
            (actor.name, order_id),
        )
        connection.execute(
            "INSERT INTO audit_event (at, kind, actor_name, order_id, summary, details)"
            " VALUES ('2026-01-01 00:00:00', 'order.approved', ?, ?, 'Approved', '{}')",
            (actor.name, order_id),
        )
        connection.commit()
    return "order.approved"


# ---- What must be true afterwards


def exactly_one_won(app: Flask, order_id: int, results: list[Result]) -> None:
    assert not [result for result in results if result.error], results
    (won,) = [result.value for result in results if result.outcome == "done"]
    assert {result.outcome for result in results if result.refused} <= {"ChangedMeanwhile", "WrongState"}
    assert event_kinds(app, order_id) == {"order.submitted": 1, won: 1}
    row = order_row(app, order_id)
    assert (row["version"], row["status"]) == (2, STATUS[won])
    counts_are_right(app)


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_of_nine_who_saw_the_same_version_one_acts_and_eight_are_refused(
    own_app: Flask, nine: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            order_id = world.an_order().id
            sku = world.item("deskphone").sku
            ada, piet = world.ada.actor, world.piet.actor
        actions = [
            Action(ada, approve, (order_id, 1)),
            Action(ada, approve, (order_id, 1)),
            Action(ada, mark, (order_id, 1)),
            Action(ada, reject, (order_id, 1)),
            Action(ada, reject, (order_id, 1)),
            Action(ada, edit, (order_id, 1, sku, 5)),
            Action(piet, cancel, (order_id, 1)),
            Action(piet, cancel, (order_id, 1)),
            Action(piet, edit, (order_id, 1, sku, 7)),
        ]
        exactly_one_won(own_app, order_id, nine.all_at_once(actions))


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_of_nine_who_state_no_version_one_decides_and_eight_are_refused(
    own_app: Flask, nine: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            order_id = world.an_order().id
            ada, piet = world.ada.actor, world.piet.actor
        actions = [
            *[Action(ada, approve, (order_id, None))] * 3,
            *[Action(ada, reject, (order_id, None))] * 3,
            *[Action(piet, cancel, (order_id, None))] * 3,
        ]
        exactly_one_won(own_app, order_id, nine.all_at_once(actions))


def test_the_race_would_be_lost_without_the_lock(own_app: Flask, nine: Callers, world: World) -> None:
    with a_world(own_app, world):
        order_id = world.an_order().id
        ada = world.ada.actor
        on_postgresql = db.engine.dialect.name == "postgresql"
    results = nine.all_at_once([Action(ada, approve_what_was_read, (order_id,))] * 9)
    # PostgreSQL lets all nine decide; SQLite refuses eight, with a fault of the database for an answer.
    faults = 0 if on_postgresql else 8
    assert [result.outcome for result in results].count("done") == 9 - faults, results
    assert [result.outcome for result in results].count("OperationalError") == faults, results
    with pytest.raises((AssertionError, ValueError)):
        exactly_one_won(own_app, order_id, results)


@only_on("sqlite")
def test_the_race_would_be_lost_on_sqlite_as_the_driver_opens_it(
    own_app: Flask, own_database: Any, nine: Callers, world: World
) -> None:
    path = own_database.database_url.removeprefix("sqlite:///")
    with a_world(own_app, world):
        order_id = world.an_order().id
        ada = world.ada.actor
    results = nine.all_at_once([Action(ada, approve_as_the_driver_opens_it, (order_id, path))] * 9)
    assert [result.outcome for result in results] == ["done"] * 9
    with pytest.raises((AssertionError, ValueError)):
        exactly_one_won(own_app, order_id, results)


def test_what_the_session_itself_finds_changed_is_a_refusal(own_app: Flask, world: World) -> None:
    """Behind the lock stands the version in every UPDATE; it needs no second caller to be shown."""
    with a_world(own_app, world):
        order = world.an_order()
        db.session.connection().execute(update(ORDERS).values(version=5))
        with pytest.raises(Exception, match="Somebody changed this meanwhile"), unit_of_work():
            order.notes = "Mine"

"""What was confirmed is there: edits on top of each other, and a form that arrives many times."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from hwadmin.db import engines
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact, unit_of_work
from hwadmin.domain.permissions import Actor
from hwadmin.models import HardwareOrder
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.operations.orders.submission.new_order import NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from tests.builders import World
from tests.races.callers import Action, Callers, meet
from tests.races.rows import LINES, ORDERS, UNITS, a_world, counts_are_right, event_kinds, inside, order_row
from tests.running import only_on

pytestmark = pytest.mark.both_databases


@pytest.fixture
def world() -> World:
    return World()


def one_more(actor: Actor, order_id: int, sku: str) -> None:
    """Raise the quantity by one: read, count on, write."""
    # On SQLite the unit of work itself is alone; on PostgreSQL who counts on what is there locks it first.
    db.session.execute(select(HardwareOrder.id).where(HardwareOrder.id == order_id).with_for_update())
    quantity = db.session.execute(select(LINES.c.quantity).where(LINES.c.order_id == order_id)).scalar_one()
    edit_lines(actor, order_id, {sku: quantity + 1})


def raise_many_times(actor: Actor, order_id: int, sku: str, times: int) -> int:
    for _ in range(times):
        transact(lambda: one_more(actor, order_id, sku))
    return times


def raise_as_read(actor: Actor, order_id: int) -> None:
    """Broken on purpose: count on what was read without a lock."""
    engines.reading.set(True)  # BEGIN, as it would be without our engine settings.
    with unit_of_work():
        connection = db.session.connection()
        quantity = connection.execute(
            select(LINES.c.quantity).where(LINES.c.order_id == order_id)
        ).scalar_one()
        meet()
        connection.execute(update(LINES).where(LINES.c.order_id == order_id).values(quantity=quantity + 1))


def raise_as_the_driver_opens_it(actor: Actor, order_id: int, times: int, path: str) -> int:
    """Broken on purpose: SQLite without our engine settings, where reading begins no transaction."""
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        for _ in range(times):
            (quantity,) = connection.execute(
                "SELECT quantity FROM line_item WHERE order_id = ?", (order_id,)
            ).fetchone()
            meet()
            connection.execute(
                "UPDATE line_item SET quantity = ? WHERE order_id = ?", (quantity + 1, order_id)
            )
            connection.commit()
    return times


def submit(actor: Actor, new: NewOrder) -> int:
    return transact(lambda: submit_order(actor, new)).id


def quantity_of(app: Flask, order_id: int) -> int:
    with inside(app):
        rows = db.session.connection().execute(select(LINES.c.quantity).where(LINES.c.order_id == order_id))
        quantity: int = rows.scalar_one()
        return quantity


@pytest.mark.parametrize("full", [False, pytest.param(True, marks=pytest.mark.full)], ids=["", "full"])
def test_of_many_edits_of_eight_people_all_are_there(
    own_app: Flask, eight: Callers, world: World, full: bool
) -> None:
    with a_world(own_app, world):
        order = world.an_order(lines=[("deskphone", 1)])
        edits = 45 if full else 10
        sku, ada = world.item("deskphone").sku, world.ada.actor
    results = eight.all_at_once([Action(ada, raise_many_times, (order.id, sku, edits))] * 8)
    assert [result.outcome for result in results] == ["done"] * 8, results
    last = 1 + 8 * edits
    assert quantity_of(own_app, order.id) == last
    row = order_row(own_app, order.id)
    assert (row["version"], row["fulfillable_units"]) == (last, last)
    assert event_kinds(own_app, order.id)["order.edited"] == 8 * edits
    with inside(own_app):
        units = db.session.connection().execute(select(UNITS.c.number).where(UNITS.c.order_id == order.id))
        assert sorted(units.scalars()) == list(range(1, last + 1))
    counts_are_right(own_app)


def test_edits_would_be_lost_without_the_lock(own_app: Flask, eight: Callers, world: World) -> None:
    with a_world(own_app, world):
        order = world.an_order(lines=[("deskphone", 1)])
        ada = world.ada.actor
        on_postgresql = db.engine.dialect.name == "postgresql"
    results = eight.all_at_once([Action(ada, raise_as_read, (order.id,))] * 8)
    # PostgreSQL loses seven silently; SQLite says so to seven, but only because it began to read.
    faults = [result.outcome for result in results if result.error]
    assert faults == ([] if on_postgresql else ["OperationalError"] * 7), results
    assert quantity_of(own_app, order.id) == 2


@only_on("sqlite")
def test_edits_would_be_lost_silently_on_sqlite_as_the_driver_opens_it(
    own_app: Flask, own_database: Any, eight: Callers, world: World
) -> None:
    path = own_database.database_url.removeprefix("sqlite:///")
    with a_world(own_app, world):
        order = world.an_order(lines=[("deskphone", 1)])
        ada = world.ada.actor
    results = eight.all_at_once([Action(ada, raise_as_the_driver_opens_it, (order.id, 5, path))] * 8)
    assert [result.outcome for result in results] == ["done"] * 8
    assert quantity_of(own_app, order.id) < 1 + 8 * 5


@pytest.mark.parametrize("rounds", [3, pytest.param(200, marks=pytest.mark.full)], indirect=True)
def test_one_form_sent_eight_times_at_once_makes_one_order(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for turn in range(rounds):
        with a_world(own_app, world):
            account = world.an_account()
            sku, piet = world.item("deskphone").sku, world.piet.actor
        new = NewOrder(account.id, [NewLine(sku, 2)], submission_key=f"form-{turn}")
        results = eight.all_at_once([Action(piet, submit, (new,))] * 8)
        assert [result.outcome for result in results] == ["done"] * 8, results
        (order_id,) = {result.value for result in results}
        assert event_kinds(own_app, order_id) == {"order.submitted": 1}
        with inside(own_app):
            made = db.session.connection().execute(
                select(ORDERS.c.id).where(ORDERS.c.account_id == account.id)
            )
            assert made.scalars().all() == [order_id]
    counts_are_right(own_app)

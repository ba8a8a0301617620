"""Six people change what is past while two workers store its figures; in the end they are right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE, Actor
from hwadmin.models import ChangedDay, FigureSpan, HardwareOrder, StoredFigures
from hwadmin.operations.orders.decisions import approve_order, reopen_order
from hwadmin.operations.orders.edits.lines import edit_lines
from hwadmin.outbox.worker import keep_next_figures
from hwadmin.queries.dashboard.figures import Period, dashboard
from tests.builders import World
from tests.races.callers import Action, Callers
from tests.races.rows import ORDERS, a_world, inside

pytestmark = pytest.mark.both_databases

ROUNDS = [2, pytest.param(40, marks=pytest.mark.full)]


def take_back(actor: Actor, order_id: int, sku: str, days: int) -> None:
    """Take a decision of a past day back, change the order and decide on another past day."""
    for times in range(1, 4):
        transact(lambda: reopen_order(actor, order_id, reason="Too many."))
        transact(lambda quantity=times: edit_lines(actor, order_id, {sku: quantity}))
        transact(lambda: approve_order(actor, order_id))
        decided = utcnow() - timedelta(days=days * times)
        with db.engine.begin() as connection:
            connection.execute(update(ORDERS).where(ORDERS.c.id == order_id).values(decided_at=decided))


def work(_actor: Actor) -> int:
    """Store figures as a worker does that finds much to do."""
    return sum(keep_next_figures() for _ in range(20))


def sums() -> dict[str, Any]:
    """What the dashboard shows of ten weeks."""
    found = dashboard(COMMAND_LINE, Period.last(10))
    return {
        "decisions": found.decisions,
        "models": found.models,
        "weeks": dict(found.decided.by_week),
        "platforms": dict(found.decided.by_platform),
    }


@pytest.mark.slow
@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_what_is_stored_is_right_after_all(own_app: Flask, eight: Callers, rounds: int) -> None:
    world = World()
    with a_world(own_app, world):
        ada, sku = world.ada.actor, world.item("deskphone").sku
        orders = [world.an_order("approved").id for _ in range(6)]
        long_ago = utcnow() - timedelta(days=40)
        db.session.execute(update(HardwareOrder).values(created_at=long_ago, decided_at=long_ago))
        db.session.commit()
    for turn in range(rounds):
        writers = [Action(ada, take_back, (key, sku, 3 + turn + place)) for place, key in enumerate(orders)]
        results = eight.all_at_once([*writers, Action(ada, work), Action(ada, work)])
        assert [result for result in results if result.outcome != "done"] == []
        with inside(own_app):
            while keep_next_figures():
                pass
            assert db.session.scalar(select(func.count(ChangedDay.id))) == 0
            stored = sums()
            for model in (StoredFigures, FigureSpan):
                db.session.execute(delete(model))
            assert stored == sums()
            db.session.rollback()

"""Nine people do the same to the same thing at the same moment: it is done once, the others are told why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.lifecycle import OrderAction
from hwadmin.domain.permissions import Actor
from hwadmin.models import OrderNote
from hwadmin.operations.devices.transfers import move_device
from hwadmin.operations.fulfillment.corrections.retirements import retire_many
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.fulfillment.intents import apply_intents
from hwadmin.operations.orders.bulk_decisions import ChosenOrder, decide_many
from hwadmin.operations.orders.claims import claim_order, release_claim
from hwadmin.operations.orders.decisions import reopen_order
from hwadmin.operations.orders.notes import add_note, remove_note
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.units.units import units_of
from tests.builders import World
from tests.races.callers import Action, Callers
from tests.races.rows import EVENTS, a_world, counts_are_right, inside

pytestmark = pytest.mark.both_databases

ROUNDS = [2, pytest.param(60, marks=pytest.mark.full)]

# ---- What nine callers do; each says how often it was done


def release(actor: Actor, order_id: int) -> int:
    transact(lambda: release_claim(actor, order_id))
    return 1


def reopen(actor: Actor, order_id: int) -> int:
    transact(lambda: reopen_order(actor, order_id, reason="Too many."))
    return 1


def remove(actor: Actor, note_id: int) -> int:
    transact(lambda: remove_note(actor, note_id))
    return 1


def apply(actor: Actor, order_id: int, unit_id: int) -> int:
    transact(lambda: apply_intents(actor, order_id, unit_id))
    return 1


def move(actor: Actor, device_id: int, account_id: int) -> int:
    transact(lambda: move_device(actor, device_id, account_id, reason="Theirs."))
    return 1


def approve_all(actor: Actor, order_ids: list[int]) -> int:
    chosen = [ChosenOrder(order_id) for order_id in order_ids]
    results = decide_many(actor, OrderAction.APPROVE, chosen, run_each=transact)
    return sum(result.done for result in results)


def retire_all(actor: Actor, device_ids: list[int]) -> int:
    results = retire_many(actor, device_ids, reason="Lost.", run_each=transact)
    return sum(result.device is not None for result in results)


# ---- What they do it to: their arguments


def a_claim(world: World) -> tuple[Any, ...]:
    order_id = world.an_order("approved").id
    transact(lambda: claim_order(world.ada.actor, order_id, lasting=timedelta(hours=1)))
    return (order_id,)


def an_approved_order(world: World) -> tuple[Any, ...]:
    return (world.an_order("approved").id,)


def a_note(world: World) -> tuple[Any, ...]:
    order_id = world.an_order().id
    return (transact(lambda: add_note(world.ada.actor, order_id, "Ring first.")).id,)


def a_plan_not_applied(world: World) -> tuple[Any, ...]:
    account = world.an_account()
    dana, eli = world.an_employee(account), world.an_employee(account)
    device = world.a_device(account, employee_id=eli.id)
    order = world.an_order("approved", [("deskphone", 1)], account=account, intents={0: [NewIntent(dana.id)]})
    unit_id = units_of(order.id)[0].id
    transact(lambda: fulfill_order(world.ada.actor, order.id, {unit_id: device.identifier}))
    return order.id, unit_id


def a_device_elsewhere(world: World) -> tuple[Any, ...]:
    return world.a_device().id, world.an_account().id


def pending_orders(world: World) -> tuple[Any, ...]:
    return ([world.an_order().id for _ in range(3)],)


def devices(world: World) -> tuple[Any, ...]:
    return ([world.a_device().id for _ in range(3)],)


# What is prepared, what is done to it and how often, and the events it leaves.
Case = tuple[Callable[[World], tuple[Any, ...]], Callable[..., int], int, str, int]
CASES: dict[str, Case] = {
    "a claim is given up": (a_claim, release, 1, "order.claim_released", 1),
    "an order is reopened": (an_approved_order, reopen, 1, "order.reopened", 1),
    "a note is removed": (a_note, remove, 1, "order.note_removed", 1),
    "a plan is applied": (a_plan_not_applied, apply, 1, "device.changed", 1),
    # Both accounts keep a record of it.
    "a device is moved": (a_device_elsewhere, move, 1, "device.moved", 2),
    "several orders are approved": (pending_orders, approve_all, 3, "order.approved", 3),
    "several devices are retired": (devices, retire_all, 3, "device.retired", 3),
}


def count_of(app: Flask, kind: str) -> int:
    with inside(app):
        counted = select(func.count()).select_from(EVENTS).where(EVENTS.c.kind == kind)
        return db.session.connection().scalar(counted) or 0


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
@pytest.mark.parametrize("case", CASES)
def test_what_nine_do_at_once_is_done_once(own_app: Flask, nine: Callers, case: str, rounds: int) -> None:
    prepare, act, times, kind, recorded = CASES[case]
    world = World()
    for _ in range(rounds):
        with a_world(own_app, world):
            arguments, ada = prepare(world), world.ada.actor
        before = count_of(own_app, kind)
        results = nine.all_at_once([Action(ada, act, arguments)] * 9)
        assert not [result for result in results if result.error], results
        assert sum(result.value for result in results if result.outcome == "done") == times
        assert count_of(own_app, kind) - before == recorded
    counts_are_right(own_app)


def note(actor: Actor, order_id: int) -> str:
    text = f"Note {actor.name}"
    transact(lambda: add_note(actor, order_id, text))
    return text


def test_what_nine_note_at_once_is_all_there(own_app: Flask, nine: Callers) -> None:
    world = World()
    with a_world(own_app, world):
        order_id, ada = world.an_order().id, world.ada.actor
    results = nine.all_at_once([Action(ada, note, (order_id,))] * 9)
    assert [result.outcome for result in results] == ["done"] * 9
    with inside(own_app):
        query = select(func.count()).select_from(OrderNote).where(OrderNote.order_id == order_id)
        assert db.session.scalar(query) == 9

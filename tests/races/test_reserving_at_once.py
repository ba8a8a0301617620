"""Several people take the same spare, or upgrade the same line, at the same moment: each is taken once."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update

from hwadmin.db import engines
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact, unit_of_work
from hwadmin.domain.permissions import Actor
from hwadmin.operations.devices.devices import change_device
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from tests.builders import World
from tests.races.callers import Action, Callers, meet
from tests.races.rows import DEVICES, UNITS, a_world, inside

pytestmark = pytest.mark.both_databases

ROUNDS = [3, pytest.param(100, marks=pytest.mark.full)]


def take_spare(actor: Actor, account_id: int, sku: str, device_id: int | None) -> int:
    intents = [NewIntent(spare_device_id=device_id)]
    new = NewOrder(account_id, [NewLine(sku, 1, intents, from_spare=True)])
    return transact(lambda: submit_order(actor, new)).id


def upgrade(actor: Actor, account_id: int, sku: str, line_id: int) -> int:
    new = NewOrder(account_id, [NewLine(sku, 1, [NewIntent(line_of_service_id=line_id)])])
    return transact(lambda: submit_order(actor, new)).id


def assign(actor: Actor, device_id: int, employee_id: int) -> int:
    transact(
        lambda: change_device(
            actor, device_id, employee_id=employee_id, location_id=None, base_device_id=None
        )
    )
    return device_id


def take_what_was_read(actor: Actor, unit_id: int, device_id: int) -> int:
    """Broken on purpose: reserve what looked free without a lock and without the last guard."""
    engines.reading.set(True)
    with unit_of_work():
        connection = db.session.connection()
        kept = connection.execute(select(UNITS.c.id).where(UNITS.c.reserved_device_id == device_id)).all()
        meet()
        assert not kept
        connection.execute(update(UNITS).where(UNITS.c.id == unit_id).values(reserved_device_id=device_id))
    return unit_id


@pytest.fixture
def world() -> World:
    return World()


def keepers(app: Flask, device_id: int) -> int:
    with inside(app):
        rows = db.session.connection().execute(
            select(UNITS.c.id).where(UNITS.c.reserved_device_id == device_id)
        )
        return len(rows.all())


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
@pytest.mark.parametrize("named", [True, False])
def test_of_nine_who_take_the_same_spare_one_gets_it_and_eight_are_told(
    own_app: Flask, nine: Callers, world: World, rounds: int, named: bool
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            account = world.an_account()
            device_id, account_id = world.a_device(account).id, account.id
            sku, piet = world.item("deskphone").sku, world.piet.actor
        args = (account_id, sku, device_id if named else None)
        results = nine.all_at_once([Action(piet, take_spare, args)] * 9)
        assert not [result for result in results if result.error], results
        assert [result.outcome for result in results].count("done") == 1, results
        assert {result.outcome for result in results} == {"done", "InvalidInput"}
        assert keepers(own_app, device_id) == 1


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_nine_who_take_any_of_nine_spares_get_one_each(
    own_app: Flask, nine: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            account = world.an_account()
            devices = [world.a_device(account).id for _ in range(9)]
            sku, piet, account_id = world.item("deskphone").sku, world.piet.actor, account.id
        results = nine.all_at_once([Action(piet, take_spare, (account_id, sku, None))] * 9)
        assert {result.outcome for result in results} == {"done"}, results
        assert [keepers(own_app, device) for device in devices] == [1] * 9


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_a_spare_that_is_given_to_somebody_at_the_same_moment_is_either_kept_or_theirs(
    own_app: Flask, two: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            account = world.an_account()
            device_id, account_id = world.a_device(account).id, account.id
            employee_id = world.an_employee(account).id
            sku, piet, ada = world.item("deskphone").sku, world.piet.actor, world.ada.actor
        results = two.all_at_once(
            [
                Action(piet, take_spare, (account_id, sku, device_id)),
                Action(ada, assign, (device_id, employee_id)),
            ]
        )
        assert not [result for result in results if result.error], results
        with inside(own_app):
            owner = (
                db.session.connection()
                .execute(select(DEVICES.c.employee_id).where(DEVICES.c.id == device_id))
                .scalar_one()
            )
        assert (owner is not None) + keepers(own_app, device_id) == 1


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_of_nine_who_upgrade_the_same_line_one_does(
    own_app: Flask, nine: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            account = world.an_account()
            args = (account.id, world.item("mobile").sku, world.a_phone_line(account).id)
            piet = world.piet.actor
        results = nine.all_at_once([Action(piet, upgrade, args)] * 9)
        assert not [result for result in results if result.error], results
        assert [result.outcome for result in results].count("done") == 1, results


def test_without_the_lock_the_last_guard_of_the_database_still_refuses_the_second(
    own_app: Flask, two: Callers, world: World
) -> None:
    with a_world(own_app, world):
        account = world.an_account()
        device_id = world.a_device(account).id
        orders = [world.an_order(account=account, lines=[("deskphone", 1)]).id for _ in range(2)]
        units = [
            db.session.connection()
            .execute(select(UNITS.c.id).where(UNITS.c.order_id == order_id))
            .scalar_one()
            for order_id in orders
        ]
        piet = world.piet.actor
    results = two.all_at_once([Action(piet, take_what_was_read, (unit, device_id)) for unit in units])
    assert sorted(result.outcome == "done" for result in results) == [False, True]
    assert keepers(own_app, device_id) == 1

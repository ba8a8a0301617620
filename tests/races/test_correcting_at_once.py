"""Many put right the same thing at once, or while it is being fulfilled: each action is done once."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, or_, select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Actor
from hwadmin.identifiers import IdentifierKind, parse, same_device_key
from hwadmin.identifiers.label import Label
from hwadmin.operations.devices.devices import register_device
from hwadmin.operations.fulfillment.corrections.device_links import unlink_device
from hwadmin.operations.fulfillment.corrections.identifier_conflicts import take_device
from hwadmin.operations.fulfillment.corrections.identifier_corrections import correct_identifier
from hwadmin.operations.fulfillment.corrections.replacements import replace_device
from hwadmin.operations.fulfillment.corrections.short_closures import close_short
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.queries.units.units import UnitRow, units_of
from tests.builders import World, an_identifier
from tests.races.callers import Action, Callers, Result
from tests.races.rows import (
    DEVICES,
    UNITS,
    a_world,
    counts_are_right,
    event_kinds,
    holders,
    inside,
    order_row,
)

pytestmark = pytest.mark.both_databases

ROUNDS = [3, pytest.param(100, marks=pytest.mark.full)]


@pytest.fixture
def world() -> World:
    return World()


# ---- What the callers do


def fulfill(actor: Actor, order_id: int, typed: dict[int, str]) -> str:
    report = transact(lambda: fulfill_order(actor, order_id, typed))
    return "written" if report.written else "not"


def close(actor: Actor, order_id: int, unit_id: int) -> str:
    transact(lambda: close_short(actor, order_id, [unit_id], reason="Sold out."))
    return "closed"


def unlink(actor: Actor, order_id: int, unit_id: int, device_id: int) -> str:
    transact(lambda: unlink_device(actor, order_id, unit_id, device_id=device_id, reason="Wrong box."))
    return "unlinked"


def replace(actor: Actor, device_id: int, identifier: str) -> int:
    return transact(lambda: replace_device(actor, device_id, identifier=identifier, reason="Broken."))[0].id


def correct(actor: Actor, device_id: int, identifier: str) -> int:
    return transact(lambda: correct_identifier(actor, device_id, identifier=identifier, reason="Typo."))[0].id


def take(actor: Actor, order_id: int, unit_id: int, identifier: str) -> str:
    transact(lambda: take_device(actor, order_id, unit_id, identifier=identifier, reason="Swapped."))
    return "taken"


def register(actor: Actor, account_id: int, sku: str, identifier: str, second: str) -> int:
    return transact(
        lambda: register_device(
            actor, account_id, sku=sku, identifier=identifier, label=Label(second_imei=second)
        )
    ).id


# ---- What must be true afterwards


def no_fault(results: list[Result]) -> list[Result]:
    """The results that were done; nobody saw a fault."""
    assert not [result for result in results if result.error], results
    return [result for result in results if result.outcome == "done"]


def sound(app: Flask, order_id: int) -> None:
    """The counts of an order are what counting gives, and its status follows from them."""
    with inside(app):
        connection = db.session.connection()
        closed = connection.execute(
            select(func.count()).where(UNITS.c.order_id == order_id, UNITS.c.closed_at.is_not(None))
        ).scalar_one()
        every = connection.execute(select(func.count()).where(UNITS.c.order_id == order_id)).scalar_one()
    row, held = order_row(app, order_id), holders(app, order_id)
    assert (row["fulfilled_units"], row["fulfillable_units"]) == (len(held), every - closed)
    assert (row["status"] == "fulfilled") == (len(held) == every - closed)
    counts_are_right(app)


def units(order_id: int) -> list[UnitRow]:
    return units_of(order_id)


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_a_unit_is_closed_or_has_its_device_and_never_both(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            order, ada = world.an_order("approved", [("deskphone", 3)]), world.ada.actor
            typed = world.identifiers_for(order)
            last = [*typed][-1]
        actions = [Action(ada, fulfill, (order.id, typed)), Action(ada, close, (order.id, last))] * 4
        results = eight.all_at_once(actions)
        no_fault(results)
        sound(own_app, order.id)
        row, held = order_row(own_app, order.id), holders(own_app, order.id)
        if last in held:
            assert (row["status"], len(held)) == ("fulfilled", 3)
            assert event_kinds(own_app, order.id)["order.closed_short"] == 0
        else:
            assert event_kinds(own_app, order.id)["order.closed_short"] == 1


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_eight_take_the_same_device_off_its_unit_while_it_is_fulfilled_anew(
    own_app: Flask, nine: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            order, ada = world.an_order("approved", [("deskphone", 2)]), world.ada.actor
            fulfill(ada, order.id, world.identifiers_for(order, 1))
            first, second = units(order.id)
            rest = {second.id: an_identifier("deskphone")}
        off = Action(ada, unlink, (order.id, first.id, first.device_id))
        results = nine.all_at_once([off] * 8 + [Action(ada, fulfill, (order.id, rest))])
        done = no_fault(results)
        assert [result.value for result in done] == ["unlinked", "written"]
        assert event_kinds(own_app, order.id)["order.unlinked"] == 1
        sound(own_app, order.id)


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_a_device_is_replaced_once_whoever_comes_first(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            order, ada = world.an_order("fulfilled", [("dect_base", 1), ("dect_handset", 2)]), world.ada.actor
            base, *handsets = units(order.id)
        actions = [Action(ada, replace, (base.device_id, an_identifier("dect_base"))) for _ in range(6)]
        actions += [Action(ada, replace, (one.device_id, an_identifier("dect_handset"))) for one in handsets]
        done = no_fault(eight.all_at_once(actions))
        # One base of six, and both handsets.
        assert len(done) == 3
        with inside(own_app):
            now = units(order.id)
            assert {unit.base_device_id for unit in now[1:]} == {now[0].device_id}
            assert sorted(unit.slot or 0 for unit in now[1:]) == [1, 2]
        assert event_kinds(own_app, order.id)["device.replaced"] == 3
        sound(own_app, order.id)


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_an_identifier_goes_to_one_device_however_it_gets_there(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            done, order = world.an_order("fulfilled", [("deskphone", 4)]), None
            order, ada = world.an_order("approved", [("deskphone", 1)]), world.ada.actor
            typed = world.identifiers_for(order)
            wanted = next(iter(typed.values()))
            keys = [unit.device_id for unit in units(done.id)]
        actions = [Action(ada, correct, (key, wanted)) for key in keys]
        actions += [Action(ada, replace, (key, wanted)) for key in keys[:2]]
        actions += [Action(ada, fulfill, (order.id, typed))] * 2
        no_fault(eight.all_at_once(actions))
        value = parse(IdentifierKind.MAC, wanted).value
        with inside(own_app):
            count = select(func.count()).where(DEVICES.c.identifier_key == value)
            assert db.session.connection().execute(count).scalar_one() == 1
        sound(own_app, done.id)
        sound(own_app, order.id)


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_two_orders_that_take_each_others_devices_do_not_wait_in_a_circle(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            ada = world.ada.actor
            orders = [world.an_order("approved", [("deskphone", 5)]) for _ in range(2)]
            for order in orders:
                typed = world.identifiers_for(order, 4)
                fulfill(ada, order.id, typed)
            mine, theirs = (units(order.id) for order in orders)
        actions = []
        for place in range(4):
            actions.append(Action(ada, take, (orders[0].id, mine[4].id, theirs[place].identifier)))
            actions.append(Action(ada, take, (orders[1].id, theirs[4].id, mine[place].identifier)))
        done = no_fault(eight.all_at_once(actions))
        assert len(done) == 2  # One for either open unit.
        for order in orders:
            sound(own_app, order.id)


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_an_imei_is_the_first_or_the_second_one_of_a_single_mobile(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            account, ada, sku = world.an_account(), world.ada.actor, world.item("mobile").sku
            wanted = an_identifier("mobile")
            actions = [Action(ada, register, (account.id, sku, wanted, "")) for _ in range(4)]
            actions += [
                Action(ada, register, (account.id, sku, an_identifier("mobile"), wanted)) for _ in range(4)
            ]
        done = no_fault(eight.all_at_once(actions))
        assert len(done) == 1
        key = same_device_key(IdentifierKind.IMEI, wanted)
        with inside(own_app):
            held = select(func.count()).where(
                or_(DEVICES.c.identifier_key == key, DEVICES.c.second_imei_key == key)
            )
            assert db.session.connection().execute(held).scalar_one() == 1

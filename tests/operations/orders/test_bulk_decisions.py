"""One decision on several orders: a result for each, and nothing done where it was refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.lifecycle import OrderAction, OrderStatus
from hwadmin.errors import ChangedMeanwhile, InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import HardwareOrder, Person
from hwadmin.operations.orders.bulk_decisions import (
    MAX_ORDERS,
    ChosenOrder,
    DecisionDetails,
    DecisionResult,
    decide_many,
)
from tests.builders import World
from tests.operations.refusals import changes_nothing, events, fields

APPROVE, MARK, REJECT = OrderAction.APPROVE, OrderAction.MARK_ORDERED, OrderAction.REJECT


def decide(
    person: Person, action: OrderAction, orders: list[HardwareOrder], **details: Any
) -> list[DecisionResult]:
    actor = person.actor
    chosen = [ChosenOrder(order.id, order.version) for order in orders]
    with acting_as(db.session, actor):
        return decide_many(actor, action, chosen, details=DecisionDetails(**details), run_each=transact)


def test_each_order_is_decided_by_itself_and_has_a_result(world: World) -> None:
    first, rejected, second = world.an_order(), world.an_order("rejected"), world.an_order()
    absent = ChosenOrder(999_999)
    with acting_as(db.session, world.ada.actor):
        results = decide_many(
            world.ada.actor,
            APPROVE,
            [ChosenOrder(first.id), ChosenOrder(rejected.id), absent, ChosenOrder(second.id, 1)],
            run_each=transact,
        )
    assert [result.done for result in results] == [True, False, False, True]
    assert [type(result.refusal) for result in results[1:3]] == [WrongState, NotFound]
    assert results[0].order is not None
    assert (results[0].reference, results[0].order.status) == (first.reference, OrderStatus.APPROVED)
    assert len(events(first.id, "order.approved")) == len(events(second.id, "order.approved")) == 1
    assert events(rejected.id, "order.approved") == []


def test_several_orders_are_placed_with_one_distributor(world: World) -> None:
    pending, approved = world.an_order(), world.an_order("approved")
    decide(world.ada, MARK, [pending, approved], distributor="Voxport", ordered_on=date(2026, 11, 2))
    for order in (pending, approved):
        assert (order.status, order.distributor, order.ordered_on) == (
            OrderStatus.APPROVED,
            "Voxport",
            date(2026, 11, 2),
        )
        assert len(events(order.id, "order.marked_ordered")) == 1


def test_several_orders_are_rejected_with_one_reason(world: World) -> None:
    orders = [world.an_order(), world.an_order()]
    decide(world.ada, REJECT, orders, reason="Ordered twice.")
    assert {order.rejection_reason for order in orders} == {"Ordered twice."}


def test_an_order_changed_since_it_was_chosen_is_left_alone(world: World) -> None:
    stale, fresh = world.an_order(), world.an_order()
    stale.version += 1
    db.session.commit()
    with acting_as(db.session, world.ada.actor):
        results = decide_many(
            world.ada.actor,
            APPROVE,
            [ChosenOrder(stale.id, 1), ChosenOrder(fresh.id, 1)],
            run_each=transact,
        )
    assert type(results[0].refusal) is ChangedMeanwhile
    assert (stale.status, fresh.status) == (OrderStatus.SUBMITTED, OrderStatus.APPROVED)


def test_an_order_named_twice_is_decided_on_once(world: World) -> None:
    order = world.an_order()
    assert [result.done for result in decide(world.ada, APPROVE, [order, order])] == [True]


def test_the_same_again_decides_nothing_and_says_so_for_each(world: World) -> None:
    orders = [world.an_order(), world.an_order()]
    decide(world.ada, APPROVE, orders)
    results = changes_nothing(lambda: decide(world.ada, APPROVE, orders))
    assert [type(result.refusal) for result in results] == [WrongState, WrongState]


@pytest.mark.parametrize(
    ("action", "details", "field"),
    [
        (REJECT, {}, "reason"),
        (REJECT, {"reason": " "}, "reason"),
        (MARK, {"distributor": "x" * 121}, "distributor"),
        (MARK, {"ordered_on": utcnow().date() + timedelta(days=2)}, "ordered_on"),
    ],
)
def test_what_is_wrong_for_all_is_said_once_and_nothing_is_done(
    world: World, action: OrderAction, details: dict[str, Any], field: str
) -> None:
    orders = [world.an_order(), world.an_order()]

    def refuse() -> InvalidInput:
        with pytest.raises(InvalidInput) as error:
            decide(world.ada, action, orders, **details)
        return error.value

    assert fields(changes_nothing(refuse)) == [field]


@pytest.mark.parametrize("number", [0, MAX_ORDERS + 1])
def test_no_order_and_too_many_are_refused(world: World, number: int) -> None:
    with pytest.raises(InvalidInput) as error:
        decide_many(
            world.ada.actor,
            APPROVE,
            [ChosenOrder(key) for key in range(1, number + 1)],
            run_each=transact,
        )
    assert fields(error.value) == ["orders"]


@pytest.mark.parametrize("name", ["piet", "bea", "sam"])
def test_only_super_admins_decide(world: World, name: str) -> None:
    order = world.an_order()
    with pytest.raises(NotAllowed):
        decide(getattr(world, name), APPROVE, [order])
    assert order.status is OrderStatus.SUBMITTED

"""Approving, marking as ordered, rejecting, cancelling and reopening an order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy_continuum import version_class

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.dates import format_date
from hwadmin.domain.lifecycle import ManagerApproval, OrderStatus
from hwadmin.domain.permissions import Actor
from hwadmin.errors import ChangedMeanwhile, InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import HardwareOrder, OrderTally, Person
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import (
    approve_order,
    cancel_order,
    mark_ordered,
    reject_order,
    reopen_order,
)
from hwadmin.queries.orders.orders import waiting_counts
from tests.builders import World
from tests.operations.orders.copying import copy_order
from tests.operations.refusals import by, events, fields, refused

HUGE = 10**22

Action = Callable[..., HardwareOrder]

# Each decision, who takes it, and what it needs to be told.
DECISIONS: dict[str, tuple[Action, str, dict[str, Any]]] = {
    "approve": (approve_order, "ada", {}),
    "mark_ordered": (mark_ordered, "ada", {}),
    "reject": (reject_order, "ada", {"reason": "Ordered twice."}),
    "cancel": (cancel_order, "piet", {}),
    "reopen": (reopen_order, "ada", {"reason": "Wrong colour."}),
}
OPEN = {"approve", "mark_ordered", "reject", "cancel"}
FITTING = {
    OrderStatus.SUBMITTED: OPEN,
    OrderStatus.APPROVED: {"reopen", "mark_ordered"},
    OrderStatus.FULFILLED: set(),
    OrderStatus.REJECTED: set(),
    OrderStatus.CANCELLED: set(),
}
every_decision = pytest.mark.parametrize("decision", DECISIONS)


def ready_for(world: World, decision: str) -> HardwareOrder:
    return world.an_order("approved" if decision == "reopen" else "submitted")


def who(world: World, decision: str) -> Person:
    person: Person = getattr(world, DECISIONS[decision][1])
    return person


def take(world: World, decision: str, order_id: int, **values: Any) -> HardwareOrder:
    action, _, needs = DECISIONS[decision]
    return by(who(world, decision), lambda actor: action(actor, order_id, **(needs | values)))


# ---- What is true of every decision


@every_decision
def test_a_decision_moves_the_version_and_leaves_one_event_that_points_to_it(
    world: World, decision: str
) -> None:
    order = ready_for(world, decision)
    version, known = order.version, len(events(order.id))
    take(world, decision, order.id, expected_version=version)
    assert order.version == version + 1
    person = who(world, decision)
    assert (order.updated_by_name, order.status_by_name) == (person.name, person.name)
    assert order.updated_at >= order.created_at
    (event,) = events(order.id)[known:]
    assert (event.actor_id, event.actor_name) == (person.id, person.name)
    assert (event.platform_name, event.account_name) == ("Northwind Voice", order.account.name)
    versions = version_class(HardwareOrder)
    row = db.session.scalars(select(versions).where(versions.transaction_id == event.transaction_id)).one()
    assert (row.id, row.version, row.status) == (order.id, order.version, order.status)


@pytest.mark.parametrize(
    ("decision", "status"),
    [(one, status) for one in DECISIONS for status in OrderStatus if one not in FITTING[status]],
)
def test_a_decision_that_does_not_fit_the_state_names_it_and_who_set_it_and_when(
    world: World, decision: str, status: OrderStatus
) -> None:
    order = world.an_order(status)
    action, _, needs = DECISIONS[decision]
    error = refused(WrongState, who(world, decision), lambda actor: action(actor, order.id, **needs))
    assert error.message.startswith(f"{order.reference} cannot be ")
    assert f"it is {status.label}, set by {order.status_by_name} at " in error.message
    assert error.message.endswith(" UTC.")


@every_decision
def test_a_decision_on_an_older_version_is_refused(world: World, decision: str) -> None:
    order = ready_for(world, decision)
    action, _, needs = DECISIONS[decision]
    for stale in (order.version - 1, order.version + 1, 0, HUGE):
        error = refused(
            ChangedMeanwhile,
            who(world, decision),
            lambda actor, stale=stale: action(actor, order.id, **needs, expected_version=stale),
        )
        assert f"{order.reference} was changed meanwhile, by {order.updated_by_name} at " in error.message
        assert f"it is {order.status.label} now" in error.message


@every_decision
def test_a_decision_is_taken_once(world: World, decision: str) -> None:
    order = ready_for(world, decision)
    take(world, decision, order.id)
    action, _, needs = DECISIONS[decision]
    refused(WrongState, who(world, decision), lambda actor: action(actor, order.id, **needs))


@every_decision
def test_those_who_are_not_granted_it_are_refused_before_anything_else(world: World, decision: str) -> None:
    order = ready_for(world, decision)
    action, name, needs = DECISIONS[decision]
    others = {"ada", "piet", "bea", "sam"} - ({"piet", "bea"} if name == "piet" else {name})
    for other in sorted(others):
        for key in (order.id, 999_999):
            refused(NotAllowed, getattr(world, other), lambda actor, key=key: action(actor, key, **needs))


@every_decision
def test_an_order_that_is_not_there_is_not_found(world: World, decision: str) -> None:
    action, _, needs = DECISIONS[decision]
    for key in (999_999, 0, -1, HUGE, -HUGE):
        refused(NotFound, who(world, decision), lambda actor, key=key: action(actor, key, **needs))


def test_another_platforms_order_is_as_absent_as_one_that_never_was(world: World) -> None:
    order = world.an_order()
    sentences = {
        refused(NotFound, world.bea, lambda bea, key=key: cancel_order(bea, key)).message
        for key in (order.id, 999_999)
    }
    assert sentences == {"There is no such order."}


def test_the_counts_by_status_follow_every_decision(world: World) -> None:
    orders = [world.an_order() for _ in range(5)]
    for order, decision in zip(orders, ["approve", "mark_ordered", "reject", "cancel"], strict=False):
        take(world, decision, order.id)
    take(world, "reopen", orders[0].id)
    tally = {row.status.value: row.orders for row in db.session.scalars(select(OrderTally)) if row.orders}
    assert tally == {"submitted": 2, "approved": 1, "rejected": 1, "cancelled": 1}
    assert waiting_counts(world.ada.actor)[0] == waiting_counts(world.piet.actor)[0] == 2
    assert waiting_counts(world.bea.actor)[0] == 0


# ---- Approve


def test_approving_decides_and_orders_nothing(world: World) -> None:
    order = world.an_order()
    take(world, "approve", order.id)
    assert order.status is OrderStatus.APPROVED
    assert (order.decided_by_id, order.decided_by_name) == (world.ada.id, "Ada Okafor")
    assert order.decided_at == pytest.approx(utcnow(), abs=timedelta(minutes=1))
    assert order.placed_at is None
    assert events(order.id)[-1].summary == f"Approved {order.reference} for {order.account.name}"


def test_self_approval_is_possible_by_default_and_refused_where_the_platform_forbids_it(
    world: World,
) -> None:
    order = world.an_order("rejected")
    first = by(world.ada, lambda ada: copy_order(ada, order.id))
    take(world, "approve", first.id)
    world.northwind.forbids_self_approval = True
    db.session.commit()
    for action in (approve_order, mark_ordered):
        own = by(world.ada, lambda ada: copy_order(ada, order.id))
        error = refused(NotAllowed, world.ada, lambda ada, action=action, own=own: action(ada, own.id))
        assert error.message == (
            "Northwind Voice does not allow you to approve an order you submitted yourself."
        )
        colleague = Actor(None, "Ada's colleague", world.ada.role, None)
        assert action(colleague, own.id).status is OrderStatus.APPROVED
        db.session.commit()
    somebodys = world.an_order()
    take(world, "approve", somebodys.id)


def test_ones_own_order_may_be_marked_as_ordered_once_somebody_else_has_approved_it(world: World) -> None:
    order = world.an_order("rejected")
    own = by(world.ada, lambda ada: copy_order(ada, order.id))
    world.northwind.forbids_self_approval = True
    db.session.commit()
    approve_order(Actor(None, "Ada's colleague", world.ada.role, None), own.id)
    db.session.commit()
    take(world, "mark_ordered", own.id)
    assert own.placed_by_name == "Ada Okafor"


@pytest.mark.parametrize("answer", [ManagerApproval.AWAITING, ManagerApproval.DECLINED])
def test_nothing_is_approved_before_the_manager_has_agreed(world: World, answer: ManagerApproval) -> None:
    order = world.an_order()
    order.manager_approval = answer
    db.session.commit()
    awaited = answer is ManagerApproval.AWAITING
    assert waiting_counts(world.ada.actor)[0] == (0 if awaited else 1)
    for action in (approve_order, mark_ordered):
        error = refused(WrongState, world.ada, lambda ada, action=action: action(ada, order.id))
        assert ("still waiting for" if awaited else "declined by") in error.message
    take(world, "reject", order.id)


@pytest.mark.parametrize("answer", [ManagerApproval.AGREED, ManagerApproval.OVERRIDDEN])
def test_an_order_is_approved_once_the_manager_is_settled(world: World, answer: ManagerApproval) -> None:
    order = world.an_order()
    order.manager_approval = answer
    db.session.commit()
    assert take(world, "approve", order.id).status is OrderStatus.APPROVED


# ---- Mark as ordered manually


def test_marking_a_pending_order_approves_it_and_records_the_placement(world: World) -> None:
    order = world.an_order()
    day = utcnow().date()
    take(
        world,
        "mark_ordered",
        order.id,
        distributor=" Ingram ",
        distributor_reference="PO-77",
        ordered_on=day,
    )
    assert (order.status, order.decided_by_name) == (OrderStatus.APPROVED, "Ada Okafor")
    assert (order.distributor, order.distributor_reference, order.ordered_on) == ("Ingram", "PO-77", day)
    assert (order.placed_by_name, order.placed_at is not None) == ("Ada Okafor", True)
    event = events(order.id)[-1]
    assert event.summary == (
        f"Marked {order.reference} as ordered manually and so approved it: Ingram, PO-77, {format_date(day)}"
    )
    assert event.details["approved"] is True


def test_marking_an_approved_order_records_the_placement_and_leaves_the_decision(world: World) -> None:
    order = world.an_order("approved")
    decided_at, status_at = order.decided_at, order.status_at
    take(world, "mark_ordered", order.id)
    assert (order.status, order.decided_at, order.status_at) == (
        OrderStatus.APPROVED,
        decided_at,
        status_at,
    )
    assert order.placed_at is not None
    assert (order.distributor, order.distributor_reference, order.ordered_on) == (None, None, None)
    assert events(order.id)[-1].details["approved"] is False


def test_a_placement_is_recorded_once_and_the_refusal_says_by_whom(world: World) -> None:
    order = world.an_order()
    take(world, "mark_ordered", order.id)
    error = refused(WrongState, world.ada, lambda ada: mark_ordered(ada, order.id))
    assert f"{order.reference} is already marked as ordered, by Ada Okafor at" in error.message


def test_every_problem_of_a_placement_is_told_at_its_field(world: World) -> None:
    order = world.an_order()
    error = refused(
        InvalidInput,
        world.ada,
        lambda ada: mark_ordered(
            ada,
            order.id,
            distributor="a\x00b",
            distributor_reference="x" * 121,
            ordered_on=utcnow().date() + timedelta(days=1),
        ),
    )
    assert fields(error) == ["distributor", "distributor_reference", "ordered_on"]


def test_a_day_long_past_is_fine(world: World) -> None:
    order = world.an_order()
    assert take(world, "mark_ordered", order.id, ordered_on=date.min).ordered_on == date.min


# ---- Reject, cancel, reopen


def test_a_rejection_stores_its_reason_and_who_decided(world: World) -> None:
    order = world.an_order()
    take(world, "reject", order.id, reason="  Too many.\r\nAsk again. ")
    assert (order.status, order.rejection_reason) == (OrderStatus.REJECTED, "Too many.\nAsk again.")
    assert (order.decided_by_name, order.decided_at is not None) == ("Ada Okafor", True)
    event = events(order.id)[-1]
    assert (event.kind, event.reason) == ("order.rejected", "Too many.\nAsk again.")


@pytest.mark.parametrize(
    "reason", [None, "", " \r\n\t ", "\u00a0", "\u200b\u2060", "\u3164", "a\x00b", "\ud800", "x" * 2001]
)
@pytest.mark.parametrize("decision", ["reject", "reopen"])
def test_a_reason_that_is_demanded_must_say_something_that_can_be_kept(
    world: World, decision: str, reason: str | None
) -> None:
    order = ready_for(world, decision)
    action = DECISIONS[decision][0]
    error = refused(InvalidInput, world.ada, lambda ada: action(ada, order.id, reason=reason))
    assert fields(error) == ["reason"]


@pytest.mark.parametrize(
    ("reason", "kept"), [(None, None), ("  ", None), ("x" * 2000, "x" * 2000), ("رفض", "رفض"), ("🏴‍☠️", "🏴‍☠️")]
)
def test_a_platform_cancels_its_own_pending_order_with_a_reason_or_without(
    world: World, reason: str | None, kept: str | None
) -> None:
    order = world.an_order()
    take(world, "cancel", order.id, reason=reason)
    assert (order.status, order.cancellation_reason) == (OrderStatus.CANCELLED, kept)
    assert (order.decided_by_name, order.decided_at) == (None, None)
    event = events(order.id)[-1]
    assert (event.kind, event.reason) == ("order.cancelled", kept)


def test_a_bad_reason_for_a_cancellation_is_refused(world: World) -> None:
    order = world.an_order()
    refused(InvalidInput, world.piet, lambda piet: cancel_order(piet, order.id, reason="a\x00b"))


def test_reopening_puts_the_order_back_to_pending_and_forgets_decision_and_placement(world: World) -> None:
    order = world.an_order()
    take(world, "mark_ordered", order.id, distributor="Ingram", distributor_reference="PO-77")
    take(world, "reopen", order.id, reason="Wrong colour.")
    assert order.status is OrderStatus.SUBMITTED
    forgotten = (
        "decided_by_id",
        "decided_by_name",
        "decided_at",
        "distributor",
        "distributor_reference",
        "ordered_on",
        "placed_at",
        "placed_by_name",
    )
    assert {getattr(order, name) for name in forgotten} == {None}
    event = events(order.id)[-1]
    assert (event.kind, event.reason) == ("order.reopened", "Wrong colour.")
    assert event.details == {
        "decided_by": "Ada Okafor",
        "distributor": "Ingram",
        "distributor_reference": "PO-77",
    }
    take(world, "approve", order.id)


@pytest.mark.parametrize(
    ("made", "words"), [(1, "1 of its units already has a device"), (2, "2 of its units")]
)
def test_an_order_is_not_reopened_once_a_unit_has_a_device(world: World, made: int, words: str) -> None:
    order = world.an_order("approved", [("deskphone", 3)])
    by(world.ada, lambda ada: fulfill_order(ada, order.id, world.identifiers_for(order, made)))
    error = refused(WrongState, world.ada, lambda ada: reopen_order(ada, order.id, reason="Wrong."))
    assert words in error.message

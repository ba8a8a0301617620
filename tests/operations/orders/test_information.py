"""Correcting the ordering information: what may be corrected when and by whom, and who is told."""

from __future__ import annotations

from typing import Any

import pytest

from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.errors import ChangedMeanwhile, DomainError, InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import HardwareOrder, Person
from hwadmin.operations.orders.edits.ordering_information import change_ordering_information
from tests.builders import World
from tests.operations.refusals import by, changes_nothing, events, fields, refused


def edit(person: Person, order: HardwareOrder, **changes: Any) -> HardwareOrder:
    return by(person, lambda actor: change_ordering_information(actor, order.id, changes))


@pytest.mark.parametrize("name", ["ada", "piet"])
def test_all_of_it_is_corrected_while_the_order_is_pending(world: World, name: str) -> None:
    order = world.an_order(attention="Dana Reed", notify=["kim@example.com"])
    ward = world.a_location(order.account, "Ward 3")
    version = order.version
    changes = {
        "ship_to_location_id": ward.id,
        "attention": None,
        "notes": "Ring twice.\nBack door.",
        "requester": "Reception",
        "notify": ["lou@example.com"],
        "reason": "They moved.",
        "accounting_codes": ["4711"],
    }
    edit(getattr(world, name), order, **changes)
    assert {key: getattr(order, key) for key in changes} == changes
    assert order.version == version + 1
    (event,) = events(order.id, "order.edited")
    assert "attention “Dana Reed” removed" in event.summary
    assert "Ward 3" in event.summary


def test_what_is_not_stated_stays_and_the_same_again_records_nothing(world: World) -> None:
    order = world.an_order(attention="Dana Reed", notes="By noon.")
    edit(world.piet, order, notes="By ten.")
    assert order.attention == "Dana Reed"
    changes_nothing(lambda: edit(world.piet, order, notes="By ten."))


@pytest.mark.parametrize("name", ["ada", "piet"])
def test_after_approval_what_is_still_acted_upon_can_be_corrected(world: World, name: str) -> None:
    order = world.an_order("approved")
    edit(getattr(world, name), order, attention="Dana Reed", notes="By noon.", notify=["lou@example.com"])
    assert (order.attention, order.notes, order.notify) == ("Dana Reed", "By noon.", ["lou@example.com"])
    for field in ("requester", "reason"):
        error = refused(
            WrongState,
            getattr(world, name),
            lambda actor, field=field: change_ordering_information(actor, order.id, {field: "x"}),
        )
        assert f"The {field} of {order.reference} cannot be changed any more" in error.message


def test_where_it_goes_is_changed_by_a_super_admin_after_approval(world: World) -> None:
    order = world.an_order("approved")
    ward = world.a_location(order.account, "Ward 3")
    refused(
        DomainError,
        world.piet,
        lambda piet: change_ordering_information(piet, order.id, {"ship_to_location_id": ward.id}),
    )
    edit(world.ada, order, ship_to_location_id=ward.id)
    assert order.ship_to_location_id == ward.id


@pytest.mark.parametrize("status", [OrderStatus.FULFILLED, OrderStatus.REJECTED, OrderStatus.CANCELLED])
def test_nothing_of_a_final_order_is_changed(world: World, status: OrderStatus) -> None:
    order = world.an_order(status)
    for person in (world.ada, world.piet):
        refused(
            WrongState, person, lambda actor: change_ordering_information(actor, order.id, {"notes": "x"})
        )


def test_what_is_wrong_is_refused_at_its_field(world: World) -> None:
    order = world.an_order()
    elsewhere = world.a_location(world.an_account())
    wrong = {
        "ship_to_location_id": elsewhere.id,
        "attention": "x" * 201,
        "notify": ["nobody"],
    }
    error = refused(InvalidInput, world.piet, lambda piet: change_ordering_information(piet, order.id, wrong))
    assert sorted(fields(error)) == ["attention", "notify.0", "ship_to_location_id"]


def test_an_older_version_and_others_are_refused(world: World) -> None:
    order = world.an_order()
    notes = {"notes": "x"}
    refused(
        ChangedMeanwhile,
        world.piet,
        lambda piet: change_ordering_information(piet, order.id, notes, expected_version=order.version + 1),
    )
    refused(NotAllowed, world.sam, lambda sam: change_ordering_information(sam, order.id, notes))
    for key in (order.id, 999_999):
        refused(NotFound, world.bea, lambda bea, key=key: change_ordering_information(bea, key, notes))

"""Correcting what was recorded of a placement, and knowing the distributor by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import EVERYWHERE
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import Actor
from hwadmin.errors import ChangedMeanwhile, InvalidInput, NotAllowed, NotFound, ProofNeeded, WrongState
from hwadmin.models import HardwareOrder, OutboxEvent
from hwadmin.operations.catalog.distributors import DistributorFacts, create_distributor
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import mark_ordered, reopen_order
from hwadmin.operations.orders.placements import PlacementFacts, correct_placement
from hwadmin.operations.orders.sending import send_order
from tests.builders import World
from tests.operations.refusals import by, changes_nothing, events, fields, refused

DAY = date(2026, 11, 2)
WRONG: PlacementFacts = {"distributor": "Voxprt", "distributor_reference": "VX-1", "ordered_on": DAY}


def placed(world: World, status: str = "approved") -> HardwareOrder:
    order = world.an_order("approved")
    by(world.ada, lambda ada: mark_ordered(ada, order.id, **WRONG))
    if status == "fulfilled":
        by(world.ada, lambda ada: fulfill_order(ada, order.id, world.identifiers_for(order)))
    return order


def correct(world: World, order: HardwareOrder, facts: PlacementFacts) -> HardwareOrder:
    return by(world.ada, lambda ada: correct_placement(ada, order.id, facts))


@pytest.mark.parametrize("status", ["approved", "fulfilled"])
def test_a_placement_is_corrected_old_to_new(world: World, status: str) -> None:
    order = placed(world, status)
    version, placed_at = order.version, order.placed_at
    correct(world, order, {"distributor": "Voxport", "distributor_reference": "VX-2", "ordered_on": None})
    assert (order.distributor, order.distributor_reference, order.ordered_on) == ("Voxport", "VX-2", None)
    assert (order.version, order.placed_at, order.placed_by_name) == (version + 1, placed_at, "Ada Okafor")
    assert order.status.value == status
    (event,) = events(order.id, "order.placement_corrected")
    assert event.summary == (
        f"Corrected the placement of {order.reference}: distributor “Voxprt” → “Voxport”, "
        "their order number “VX-1” → “VX-2”, ordered on 2 Nov 2026 removed"
    )
    assert event.details["before"]["ordered_on"] == "2026-11-02"
    last = db.session.scalars(
        select(OutboxEvent).order_by(OutboxEvent.id.desc()).execution_options(**{EVERYWHERE: True})
    ).first()
    assert last is not None
    assert last.types == ["order.placement_corrected"]


def test_what_is_not_stated_stays(world: World) -> None:
    order = placed(world)
    correct(world, order, {"distributor_reference": "VX-2"})
    assert (order.distributor, order.distributor_reference, order.ordered_on) == ("Voxprt", "VX-2", DAY)


def test_the_same_again_changes_and_records_nothing(world: World) -> None:
    order = placed(world)
    changes_nothing(lambda: correct(world, order, WRONG))
    assert events(order.id, "order.placement_corrected") == []


def test_what_is_wrong_is_refused_at_its_field(world: World) -> None:
    order = placed(world)
    wrong: PlacementFacts = {
        "distributor": "x" * 121,
        "distributor_reference": "a\nb",
        "ordered_on": utcnow().date() + timedelta(days=1),
    }
    error = refused(InvalidInput, world.ada, lambda ada: correct_placement(ada, order.id, wrong))
    assert fields(error) == ["distributor", "distributor_reference", "ordered_on"]


@pytest.mark.parametrize("status", list(OrderStatus))
def test_an_order_without_a_placement_has_none_to_correct(world: World, status: OrderStatus) -> None:
    order = world.an_order(status)
    error = refused(WrongState, world.ada, lambda ada: correct_placement(ada, order.id, WRONG))
    assert error.message.startswith(order.reference)


def test_an_older_version_and_others_are_refused(world: World) -> None:
    order = placed(world)
    refused(
        ChangedMeanwhile,
        world.ada,
        lambda ada: correct_placement(ada, order.id, WRONG, expected_version=order.version - 1),
    )
    refused(NotFound, world.ada, lambda ada: correct_placement(ada, 999_999, WRONG))
    for name in ("piet", "sam"):
        refused(NotAllowed, getattr(world, name), lambda actor: correct_placement(actor, order.id, WRONG))


def test_a_distributor_we_know_is_recognised_in_any_case(world: World) -> None:
    facts = DistributorFacts("Voxport", expected_days=7)
    known = by(world.ada, lambda ada: create_distributor(ada, facts))
    order = placed(world)
    assert (order.distributor_id, order.expected_on) == (None, None)
    correct(world, order, {"distributor": " vOXPORT"})
    assert (order.distributor_id, order.distributor) == (known.id, "Voxport")
    assert order.expected_on == DAY + timedelta(days=7)
    correct(world, order, {"ordered_on": None})
    assert order.placed_at is not None
    assert order.expected_on == order.placed_at.date() + timedelta(days=7)
    correct(world, order, {"distributor": "The shop next door"})
    assert (order.distributor_id, order.expected_on) == (None, None)


def test_reopening_forgets_all_of_the_placement(world: World) -> None:
    by(world.ada, lambda ada: create_distributor(ada, DistributorFacts("Voxport", expected_days=7)))
    order = world.an_order("approved")
    by(world.ada, lambda ada: mark_ordered(ada, order.id, distributor="Voxport"))
    by(world.ada, lambda ada: reopen_order(ada, order.id, reason="Wrong colour."))
    assert (order.distributor, order.distributor_id, order.expected_on, order.placed_at) == (None,) * 4


def test_what_costs_much_is_sent_only_after_proof_of_who_one_is(world: World) -> None:
    facts = DistributorFacts("Voxport", email="orders@voxport.example")
    by(world.ada, lambda ada: create_distributor(ada, facts))
    order = world.an_order("approved", [("deskphone", 2)])

    def send(most: str) -> Callable[[Actor], HardwareOrder]:
        return lambda ada: send_order(ada, order.id, distributor="Voxport", most=Decimal(most))

    refused(ProofNeeded, world.ada, send("199.99"))
    assert by(world.ada, send("200")).sent_to == "orders@voxport.example"

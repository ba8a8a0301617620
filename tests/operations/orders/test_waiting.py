"""What orders wait for as they come along, the deadlines of platforms, and who is placing an order."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from hwadmin import clock
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.orders.waiting import Deadline, WaitsFor
from hwadmin.domain.permissions import Role
from hwadmin.errors import ChangedMeanwhile, InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import AuditEvent, HardwareOrder, OrderClaim
from hwadmin.operations.catalog.distributors import DistributorFacts, create_distributor
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.claims import claim_order, release_claim
from hwadmin.operations.orders.decisions import approve_order, mark_ordered, reject_order, reopen_order
from hwadmin.operations.people.deadlines import set_deadlines
from hwadmin.queries.orders.waiting.claims import claims_of
from hwadmin.queries.orders.waiting.late_orders import late_and_overdue, late_orders, owners_of
from tests.builders import World
from tests.operations.refusals import by, events, fields, refused

HALF_AN_HOUR = timedelta(minutes=30)


def reread(order: HardwareOrder) -> HardwareOrder:
    return db.session.get_one(HardwareOrder, order.id, populate_existing=True)


def test_an_order_waits_for_one_thing_after_the_other_until_its_end(world: World) -> None:
    order = world.an_order(lines=[(Kind.DESKPHONE, 2)])
    assert order.waits_for is WaitsFor.DECISION
    assert order.due_at == order.created_at + timedelta(days=2)
    by(world.ada, lambda ada: approve_order(ada, order.id))
    assert (reread(order).waits_for, order.waits_since) == (WaitsFor.PLACEMENT, order.updated_at)
    by(world.ada, lambda ada: reopen_order(ada, order.id, reason="Too many."))
    assert reread(order).waits_for is WaitsFor.DECISION
    by(world.ada, lambda ada: create_distributor(ada, DistributorFacts("Voxport", expected_days=5)))
    by(world.ada, lambda ada: mark_ordered(ada, order.id, distributor="voxport"))
    assert reread(order).waits_for is WaitsFor.DELIVERY
    assert order.expected_on
    assert order.due_at
    assert order.due_at.date() == order.expected_on + timedelta(days=1)
    by(world.ada, lambda ada: fulfill_order(ada, order.id, world.identifiers_for(order, most=1)))
    assert reread(order).waits_for is WaitsFor.FULFILLMENT
    by(world.ada, lambda ada: fulfill_order(ada, order.id, world.identifiers_for(order)))
    assert (reread(order).waits_for, order.waits_since, order.due_at) == (None, None, None)


def test_another_part_that_came_lets_the_rest_wait_anew(world: World) -> None:
    order = world.an_order(OrderStatus.APPROVED, [(Kind.DESKPHONE, 3)])
    by(world.ada, lambda ada: mark_ordered(ada, order.id))
    by(world.ada, lambda ada: fulfill_order(ada, order.id, world.identifiers_for(order, most=1)))
    first = reread(order).waits_since
    with clock.at(utcnow() + timedelta(days=3)):
        by(world.ada, lambda ada: fulfill_order(ada, order.id, world.identifiers_for(order, most=1)))
    assert first
    assert reread(order).waits_since == order.updated_at > first


def test_what_is_late_is_found_the_latest_first(world: World) -> None:
    pending = world.an_order()
    theirs = world.an_order(platform=world.blue_harbor)
    done = world.an_order()
    by(world.ada, lambda ada: reject_order(ada, done.id, reason="Twice."))
    db.session.commit()
    assert late_and_overdue(world.actor(world.ada)) == (0, 0)
    with clock.at(utcnow() + timedelta(days=2, minutes=1)):
        assert [row.id for row in late_orders(world.actor(world.ada), limit=5)] == [pending.id, theirs.id]
        assert [row.id for row in late_orders(world.actor(world.piet), limit=5)] == [pending.id]
        assert late_and_overdue(world.actor(world.ada), world.blue_harbor.id) == (1, 0)


# ---- Deadlines


def deadlines(world: World, **rules: Deadline | None) -> Any:
    changes = {WaitsFor(name): rule for name, rule in rules.items()}
    return lambda actor: set_deadlines(actor, world.northwind.id, changes)


def test_a_platform_has_deadlines_and_owners_of_its_own(world: World) -> None:
    order, theirs = world.an_order(), world.an_order(platform=world.blue_harbor)
    version = order.version
    ada = world.ada.id
    by(world.ada, deadlines(world, decision=Deadline(5, ada)))
    assert reread(order).due_at == order.created_at + timedelta(days=5)
    assert order.version == version
    assert reread(theirs).due_at == theirs.created_at + timedelta(days=2)
    assert owners_of([(order.waits_for, order.platform.deadlines)]) == [world.ada.name]
    assert owners_of([(theirs.waits_for, theirs.platform.deadlines), (None, None)]) == ["super-admins", ""]
    (event,) = events(kind="platform.changed")
    assert "what waits for a decision is due after 5 days, by Ada" in event.summary
    # The same again changes and records nothing; None makes it as usual.
    by(world.ada, deadlines(world, decision=Deadline(5, ada)))
    assert len(events(kind="platform.changed")) == 1
    by(world.ada, deadlines(world, decision=None))
    assert reread(order).due_at == order.created_at + timedelta(days=2)
    assert order.platform.deadlines is None


def test_deadlines_that_are_none_are_refused(world: World) -> None:
    wrong = deadlines(
        world,
        manager=Deadline(3, world.ada.id),
        decision=Deadline(0),
        placement=Deadline(366, world.piet.id),
        delivery=Deadline(1, 10**9),
    )
    assert fields(refused(InvalidInput, world.ada, wrong)) == [
        *("manager_owner", "decision_days", "placement_days", "placement_owner", "delivery_owner")
    ]
    refused(NotAllowed, world.piet, deadlines(world, decision=Deadline(9)))
    refused(NotFound, world.ada, lambda ada: set_deadlines(ada, 10**9, {}))


# ---- “I am placing this”


def claim(order: HardwareOrder) -> Any:
    return lambda actor: claim_order(actor, order.id, lasting=HALF_AN_HOUR)


def claimed(order: HardwareOrder) -> list[str]:
    query = db.session.query(AuditEvent).filter(AuditEvent.kind.like("order.claim%"))
    return [event.kind for event in query.order_by(AuditEvent.id) if event.order_id == order.id]


def test_who_is_placing_an_order_is_seen_and_lapses_by_itself(world: World) -> None:
    order = world.an_order(OrderStatus.APPROVED)
    noor, version = world.a_person("Noor Haddad", Role.SUPER_ADMIN), order.version
    by(world.ada, claim(order))
    seen = claims_of(world.actor(noor), [order.id])
    assert seen[order.id].person_name == world.ada.name
    # The people of the platform learn nothing of it.
    assert claims_of(world.actor(world.piet), [order.id]) == {}
    assert all(event.platform_id is None for event in events(order.id, "order.claimed"))
    refusal = refused(WrongState, noor, claim(order))
    assert f"{world.ada.name} is placing {order.reference}" in refusal.message
    # Said again it is prolonged, and nothing is recorded.
    until = seen[order.id].lapses_at
    with clock.at(utcnow() + timedelta(minutes=10)):
        by(world.ada, claim(order))
    assert db.session.get_one(OrderClaim, order.id, populate_existing=True).lapses_at > until
    assert claimed(order) == ["order.claimed"]
    with clock.at(utcnow() + timedelta(minutes=45)):
        assert claims_of(world.actor(noor), [order.id]) == {}
        by(noor, claim(order))
    assert claimed(order) == ["order.claimed", "order.claimed"]
    # It keeps nobody from anything, and is no change of the order.
    assert reread(order).version == version
    by(world.ada, lambda ada: mark_ordered(ada, order.id, expected_version=version))
    assert db.session.get(OrderClaim, order.id, populate_existing=True) is None


def test_a_claim_is_given_up_by_who_has_it(world: World) -> None:
    order = world.an_order(OrderStatus.APPROVED)
    refused(WrongState, world.ada, lambda ada: release_claim(ada, order.id))
    by(world.ada, claim(order))
    noor = world.a_person("Noor Haddad", Role.SUPER_ADMIN)
    refused(WrongState, noor, lambda actor: release_claim(actor, order.id))
    by(world.ada, lambda ada: release_claim(ada, order.id))
    assert claimed(order) == ["order.claimed", "order.claim_released"]
    by(noor, claim(order))


def test_a_claim_made_or_given_up_twice_is_recorded_once(world: World) -> None:
    order = world.an_order(OrderStatus.APPROVED)
    by(world.ada, claim(order))
    by(world.ada, claim(order))
    by(world.ada, lambda ada: release_claim(ada, order.id))
    refused(WrongState, world.ada, lambda ada: release_claim(ada, order.id))
    assert claimed(order) == ["order.claimed", "order.claim_released"]


def test_a_claim_of_an_order_that_changed_meanwhile_is_refused(world: World) -> None:
    order = world.an_order(OrderStatus.APPROVED)
    stale = order.version - 1
    claiming = partial(claim_order, order_id=order.id, lasting=HALF_AN_HOUR)
    refused(ChangedMeanwhile, world.ada, lambda ada: claiming(ada, expected_version=stale))
    by(world.ada, claiming)
    refused(ChangedMeanwhile, world.ada, lambda ada: release_claim(ada, order.id, expected_version=stale))
    assert claimed(order) == ["order.claimed"]


def test_only_what_is_to_be_placed_is_claimed(world: World) -> None:
    pending, order = world.an_order(), world.an_order(OrderStatus.APPROVED)
    assert "Pending approval" in refused(WrongState, world.ada, claim(pending)).message
    refused(NotAllowed, world.piet, claim(order))
    refused(NotAllowed, world.sam, claim(order))
    refused(NotFound, world.ada, lambda ada: claim_order(ada, 10**9, lasting=HALF_AN_HOUR))
    by(world.ada, lambda ada: mark_ordered(ada, order.id))
    assert "already marked as ordered" in refused(WrongState, world.ada, claim(order)).message

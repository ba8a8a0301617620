"""Distributors: created, changed, archived; article numbers; when their orders are expected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import Distributor, HardwareOrder
from hwadmin.operations.catalog.distributors import (
    DistributorFacts,
    archive_distributor,
    change_distributor,
    create_distributor,
    set_article_numbers,
)
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.decisions import mark_ordered
from hwadmin.queries.catalog.distributors import article_numbers, distributor_names
from tests.builders import World
from tests.operations.refusals import by, changes_nothing, events, fields, refused

VOXPORT = DistributorFacts("Voxport", "orders@voxport.example", "C-4711", "By noon.", 7)


def a_distributor(world: World, facts: DistributorFacts = VOXPORT) -> Distributor:
    return by(world.ada, lambda ada: create_distributor(ada, facts))


def test_a_distributor_is_created_with_one_event(world: World) -> None:
    row = a_distributor(world)
    assert (row.name, row.email, row.customer_number, row.note, row.expected_days) == (
        "Voxport",
        "orders@voxport.example",
        "C-4711",
        "By noon.",
        7,
    )
    (event,) = events(kind="distributor.changed")
    assert (event.summary, event.platform_id) == ("Created the distributor Voxport", None)


def test_a_change_is_recorded_old_to_new_and_the_same_again_is_none(world: World) -> None:
    row = a_distributor(world)
    change = DistributorFacts("Voxport", "desk@voxport.example", "C-4711", "By noon.", 7)
    by(world.ada, lambda ada: change_distributor(ada, row.id, change))
    changes_nothing(lambda: by(world.ada, lambda ada: change_distributor(ada, row.id, change)))
    assert events(kind="distributor.changed")[-1].summary == (
        "Changed Voxport: e-mail for orders “orders@voxport.example” → “desk@voxport.example”"
    )


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (DistributorFacts(" "), "name"),
        (DistributorFacts("x" * 121), "name"),
        (DistributorFacts("VOXPORT "), "name"),
        (DistributorFacts("Acme", email="nobody"), "email"),
        (DistributorFacts("Acme", email="a@b.example, c@d.example"), "email"),
        (DistributorFacts("Acme", customer_number="1" * 61), "customer_number"),
        (DistributorFacts("Acme", expected_days=0), "expected_days"),
        (DistributorFacts("Acme", expected_days=366), "expected_days"),
    ],
)
def test_what_is_wrong_is_refused_at_its_field(world: World, facts: DistributorFacts, field: str) -> None:
    a_distributor(world)
    error = refused(InvalidInput, world.ada, lambda ada: create_distributor(ada, facts))
    assert fields(error) == [field]
    other = a_distributor(world, DistributorFacts("Brandt"))
    error = refused(InvalidInput, world.ada, lambda ada: change_distributor(ada, other.id, facts))
    assert fields(error) == [field]


def test_an_archived_distributor_is_offered_no_more_until_it_is_restored(world: World) -> None:
    row = a_distributor(world)
    by(world.ada, lambda ada: archive_distributor(ada, row.id, archived=True))
    assert distributor_names() == []
    refused(WrongState, world.ada, lambda ada: archive_distributor(ada, row.id, archived=True))
    by(world.ada, lambda ada: archive_distributor(ada, row.id, archived=False))
    assert distributor_names() == ["Voxport"]
    refused(WrongState, world.ada, lambda ada: archive_distributor(ada, row.id, archived=False))


def test_article_numbers_are_set_changed_and_taken_away(world: World) -> None:
    row, item = a_distributor(world), world.an_item("deskphone")

    def put(number: str | None) -> None:
        by(world.ada, lambda ada: set_article_numbers(ada, item.id, {row.id: number}))

    put(" V-1 ")
    assert article_numbers(row.id, [item.id]) == {item.id: "V-1"}
    changes_nothing(lambda: put("V-1"))
    put("V-2")
    assert events(kind="catalog.changed")[-1].summary.endswith("Voxport “V-1” → “V-2”")
    put("")
    assert article_numbers(row.id, [item.id]) == {}
    error = refused(
        InvalidInput, world.ada, lambda ada: set_article_numbers(ada, item.id, {row.id: "x" * 61})
    )
    assert fields(error) == [f"numbers.{row.id}"]
    refused(NotFound, world.ada, lambda ada: set_article_numbers(ada, item.id, {row.id + 1: "V"}))


OPERATIONS: dict[str, Callable[[Actor, int], Any]] = {
    "create": lambda actor, _: create_distributor(actor, DistributorFacts("Acme")),
    "change": lambda actor, key: change_distributor(actor, key, DistributorFacts("Acme")),
    "archive": lambda actor, key: archive_distributor(actor, key, archived=True),
    "articles": lambda actor, key: set_article_numbers(actor, key, {}),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", ["piet", "sam"])
def test_distributors_are_for_super_admins(world: World, operation: str, name: str) -> None:
    row = a_distributor(world)
    refused(NotAllowed, getattr(world, name), lambda actor: OPERATIONS[operation](actor, row.id))


@pytest.mark.parametrize("operation", ["change", "archive", "articles"])
def test_a_distributor_that_is_not_there_is_not_found(world: World, operation: str) -> None:
    for key in (999_999, 0, -1, 10**22):
        refused(NotFound, world.ada, lambda ada, key=key: OPERATIONS[operation](ada, key))


def test_other_days_until_delivery_count_for_the_orders_that_are_there_now(world: World) -> None:
    row = a_distributor(world)
    day = utcnow().date() - timedelta(days=10)
    dated, undated, done = (world.an_order("approved") for _ in range(3))
    for order, ordered_on in ((dated, day), (undated, None), (done, day)):
        by(
            world.ada,
            lambda ada, order=order, ordered_on=ordered_on: mark_ordered(
                ada, order.id, distributor="voxport", ordered_on=ordered_on
            ),
        )
    assert (dated.expected_on, dated.overdue) == (day + timedelta(days=7), True)
    by(world.ada, lambda ada: fulfill_order(ada, done.id, world.identifiers_for(done)))
    change = DistributorFacts("Voxport", expected_days=20)
    by(world.ada, lambda ada: change_distributor(ada, row.id, change))
    db.session.expire_all()

    def expected(key: int) -> date | None:
        return db.session.scalar(select(HardwareOrder.expected_on).where(HardwareOrder.id == key))

    assert (expected(dated.id), dated.overdue) == (day + timedelta(days=20), False)
    assert expected(undated.id) == utcnow().date() + timedelta(days=20)
    assert expected(done.id) == day + timedelta(days=7)

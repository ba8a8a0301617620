"""What super-admins change beside each other at the same moment: distributors, and where an order goes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.orders.waiting import Deadline, WaitsFor
from hwadmin.domain.permissions import Actor
from hwadmin.models import Distributor
from hwadmin.operations.catalog.distributors import (
    DistributorFacts,
    change_distributor,
    create_distributor,
    set_article_numbers,
)
from hwadmin.operations.orders.decisions import mark_ordered, reopen_order
from hwadmin.operations.orders.edits.ordering_information import change_ordering_information
from hwadmin.operations.people.deadlines import set_deadlines
from tests.builders import World
from tests.races.callers import Action, Callers, Result
from tests.races.rows import a_world, event_kinds, order_row

pytestmark = pytest.mark.both_databases


def create(actor: Actor, name: str) -> str:
    transact(lambda: create_distributor(actor, DistributorFacts(name)))
    return name


def rename(actor: Actor, name: str, distributor_id: int) -> str:
    transact(lambda: change_distributor(actor, distributor_id, DistributorFacts(name)))
    return name


def number(actor: Actor, text: str, item_id: int, distributor_id: int) -> str:
    transact(lambda: set_article_numbers(actor, item_id, {distributor_id: text}))
    return text


def readdress(actor: Actor, attention: str, order_id: int, version: int) -> str:
    transact(
        lambda: change_ordering_information(
            actor, order_id, {"attention": attention}, expected_version=version
        )
    )
    return attention


def deliver_in(actor: Actor, days: int, name: str, distributor_id: int) -> None:
    facts = DistributorFacts(name, expected_days=days)
    transact(lambda: change_distributor(actor, distributor_id, facts))


def be_due_in(actor: Actor, days: int, platform_id: int) -> None:
    transact(lambda: set_deadlines(actor, platform_id, {WaitsFor.DELIVERY: Deadline(days)}))


def reopen(actor: Actor, order_id: int) -> None:
    transact(lambda: reopen_order(actor, order_id, reason="The wrong site."))


def the_one_done(results: Sequence[Result], refusal: str) -> str:
    """What the only one did whom nothing was refused; all others were, and in a sentence."""
    assert {result.outcome for result in results if result.refused} == {refusal}, results
    (done,) = [result for result in results if not result.refused]
    assert done.outcome == "done", done
    return str(done.value)


def test_distributors_never_share_a_name_and_an_item_has_one_number_of_each(
    own_app: Flask, nine: Callers, world: World
) -> None:
    with a_world(own_app, world):
        ada, item_id = world.ada.actor, world.item("deskphone").id
        for at in range(9):
            transact(lambda at=at: create_distributor(ada, DistributorFacts(f"Old {at}")))
        keys = db.session.scalars(select(Distributor.id)).all()
    names = ["Voxport", *["VOXPORT"] * 8]
    the_one_done(nine.all_at_once([Action(ada, create, (name,)) for name in names]), "InvalidInput")
    renamed = nine.all_at_once([Action(ada, rename, ("Cooper", key)) for key in keys])
    the_one_done(renamed, "InvalidInput")
    texts = [f"A-{at}" for at in range(9)]
    results = nine.all_at_once([Action(ada, number, (text, item_id, keys[0])) for text in texts])
    # Whoever is last has the last word.
    assert [result.outcome for result in results] == ["done"] * 9, results


def test_of_nine_who_say_where_an_order_goes_one_does_and_the_others_see_theirs(
    own_app: Flask, nine: Callers, world: World
) -> None:
    with a_world(own_app, world):
        order, ada = world.an_order(), world.ada.actor
        order_id, version = order.id, order.version
    whom = [f"Desk {at}" for at in range(9)]
    results = nine.all_at_once([Action(ada, readdress, (name, order_id, version)) for name in whom])
    assert order_row(own_app, order_id)["attention"] == the_one_done(results, "ChangedMeanwhile")
    assert event_kinds(own_app, order_id)["order.edited"] == 1


@pytest.mark.parametrize("rounds", [3, pytest.param(60, marks=pytest.mark.full)], indirect=True)
def test_days_until_delivery_and_deadlines_change_beside_each_other(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    with a_world(own_app, world):
        ada, platform_id = world.ada.actor, world.northwind.id
        assert world.piet.platforms
        distributor = transact(lambda: create_distributor(ada, DistributorFacts("Voxport")))
        about = distributor.name, distributor.id
    for number in range(rounds):
        with a_world(own_app, world):
            account = world.an_account()
            orders = [world.an_order("approved", account=account).id for _ in range(8)]
            for key in reversed(orders):  # So lie the rows: nobody goes by where they lie.
                transact(lambda key=key: mark_ordered(ada, key, distributor="Voxport"))
        results = eight.all_at_once(
            [
                *[Action(ada, deliver_in, (number * 3 + at, *about)) for at in (1, 2, 3)],
                *[Action(ada, be_due_in, (number * 3 + at, platform_id)) for at in (1, 2, 3)],
                *[Action(ada, reopen, (key,)) for key in orders[:2]],
            ]
        )
        assert [result.outcome for result in results] == ["done"] * 8, results
        # Who is with nobody any more is expected on no day.
        assert [order_row(own_app, key)["expected_on"] for key in orders[:2]] == [None, None]


@pytest.fixture
def world() -> World:
    return World()

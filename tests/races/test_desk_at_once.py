"""Several super-admins at one desk: what they do at the same moment is done once, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.orders.waiting import Deadline, WaitsFor
from hwadmin.domain.permissions import Actor, Role
from hwadmin.list_import.matching.scan_session import Scan
from hwadmin.models import OrderClaim
from hwadmin.operations.fulfillment.corrections.retirements import retire_device
from hwadmin.operations.fulfillment.drafts import keep_draft
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.fulfillment.takeovers import take_over_draft
from hwadmin.operations.orders.claims import claim_order
from hwadmin.operations.orders.decisions import approve_order, mark_ordered
from hwadmin.operations.orders.edits.intents import Intent, edit_intents
from hwadmin.operations.orders.placements import PlacementFacts, correct_placement
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.operations.people.deadlines import set_deadlines
from hwadmin.queries.units.units import units_of
from tests.builders import World, an_identifier
from tests.races.callers import Action, Callers, Result
from tests.races.rows import (
    DEVICES,
    DRAFTS,
    EVENTS,
    ORDERS,
    UNITS,
    a_world,
    counts_are_right,
    event_kinds,
    holders,
    inside,
    order_row,
)

pytestmark = pytest.mark.both_databases

ROUNDS = [2, pytest.param(100, marks=pytest.mark.full)]
HALF_AN_HOUR = timedelta(minutes=30)


def retire(actor: Actor, device_id: int) -> str:
    transact(lambda: retire_device(actor, device_id, reason="Lost."))
    return "retired"


def reserve(actor: Actor, account_id: int, sku: str, device_id: int) -> str:
    intents = [NewIntent(spare_device_id=device_id)]
    new = NewOrder(account_id, [NewLine(sku, 1, intents, from_spare=True)])
    transact(lambda: submit_order(actor, new))
    return "reserved"


def claim(actor: Actor, order_id: int) -> str:
    transact(lambda: claim_order(actor, order_id, lasting=HALF_AN_HOUR))
    return actor.name


def place(actor: Actor, order_id: int) -> str:
    transact(lambda: mark_ordered(actor, order_id))
    return "placed"


def correct(actor: Actor, order_id: int, version: int, number: str) -> str:
    facts: PlacementFacts = {"distributor_reference": number}
    transact(lambda: correct_placement(actor, order_id, facts, expected_version=version))
    return number


def approve(actor: Actor, order_ids: list[int]) -> str:
    for order_id in order_ids:
        transact(lambda order_id=order_id: approve_order(actor, order_id))
    return "approved"


def set_days(actor: Actor, platform_id: int, *each: int) -> str:
    for days in each:
        rules = {what: Deadline(days) for what in (WaitsFor.DECISION, WaitsFor.PLACEMENT)}
        transact(lambda rules=rules: set_deadlines(actor, platform_id, rules))
    return "set"


def submit(actor: Actor, account_id: int, sku: str, times: int) -> str:
    for _ in range(times):
        transact(lambda: submit_order(actor, NewOrder(account_id, [NewLine(sku, 1)])))
    return "submitted"


def plan(actor: Actor, order_id: int, unit_id: int, employee_id: int) -> str:
    transact(lambda: edit_intents(actor, order_id, {unit_id: Intent(employee_id=employee_id)}))
    return "planned"


def fulfill(actor: Actor, order_id: int, typed: dict[int, str]) -> str:
    transact(lambda: fulfill_order(actor, order_id, typed))
    return "fulfilled"


def scan(actor: Actor, order_id: int, texts: list[str]) -> str:
    for text in texts:
        transact(lambda text=text: keep_draft(actor, order_id, [Scan(text)]))
    return "scanned"


def take_over(actor: Actor, order_id: int, person_id: int) -> str:
    transact(lambda: take_over_draft(actor, order_id, person_id=person_id))
    return "taken"


def no_fault(results: list[Result]) -> list[Result]:
    """Those that were done; the others were refused with a sentence."""
    assert not [result for result in results if result.error], results
    return [result for result in results if result.outcome == "done"]


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_a_device_is_retired_once_or_kept_for_an_order_and_never_both(
    own_app: Flask, nine: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            account = world.an_account()
            device, ada, piet = world.a_device(account), world.ada.actor, world.piet.actor
            keeping = Action(piet, reserve, (account.id, world.item("deskphone").sku, device.id))
        results = nine.all_at_once([Action(ada, retire, (device.id,))] * 8 + [keeping])
        (done,) = no_fault(results)
        with inside(own_app):
            connection = db.session.connection()
            row = connection.execute(select(DEVICES).where(DEVICES.c.id == device.id)).one()
            kept = connection.execute(select(UNITS.c.id).where(UNITS.c.reserved_device_id == device.id)).all()
            kinds = connection.execute(select(EVENTS.c.kind).where(EVENTS.c.device_id == device.id)).scalars()
            retired = Counter(kinds)["device.retired"]
        assert (row.retired_at is not None, len(kept), retired) == (
            (True, 0, 1) if done.value == "retired" else (False, 1, 0)
        )


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_of_nine_who_claim_an_order_one_has_it_and_the_others_are_told_who(
    own_app: Flask, nine: Callers, world: World, rounds: int
) -> None:
    with a_world(own_app, world):
        people = [world.a_person(f"Admin{number} Lee", Role.SUPER_ADMIN).actor for number in range(9)]
    for _ in range(rounds):
        with a_world(own_app, world):
            order_id = world.an_order("approved").id
        results = nine.all_at_once([Action(person, claim, (order_id,)) for person in people])
        (first,) = no_fault(results)
        assert all(f"{first.value} is placing" in result.value for result in results if result.refused)
        assert event_kinds(own_app, order_id)["order.claimed"] == 1


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_nobody_goes_on_placing_what_is_placed(
    own_app: Flask, two: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            order_id, ada = world.an_order("approved").id, world.ada.actor
            noor = world.a_person("Noor Haddad", Role.SUPER_ADMIN).actor
        results = two.all_at_once([Action(ada, claim, (order_id,)), Action(noor, place, (order_id,))])
        assert "placed" in [result.value for result in no_fault(results)]
        with inside(own_app):
            assert db.session.get(OrderClaim, order_id) is None
        counts_are_right(own_app)


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_of_nine_who_correct_a_placement_one_does_and_the_others_see_theirs(
    own_app: Flask, nine: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            order, ada = world.an_order("approved"), world.ada.actor
            order_id = order.id
            transact(partial(mark_ordered, ada, order_id, distributor="Voxport"))
            version = order.version
        numbers = [f"VX-{number}" for number in range(9)]
        results = nine.all_at_once([Action(ada, correct, (order_id, version, number)) for number in numbers])
        (first,) = no_fault(results)
        assert {result.outcome for result in results if result.refused} == {"ChangedMeanwhile"}
        assert order_row(own_app, order_id)["distributor_reference"] == first.value
        assert event_kinds(own_app, order_id)["order.placement_corrected"] == 1


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_what_is_acted_on_while_the_deadlines_change_is_due_by_the_new_ones(
    own_app: Flask, two: Callers, world: World, rounds: int
) -> None:
    for number in range(rounds):
        with a_world(own_app, world):
            platform = world.a_platform()
            orders = [world.an_order(platform=platform).id for _ in range(4)]
            ada, noor = world.ada.actor, world.a_person("Noor Haddad", Role.SUPER_ADMIN).actor
        days = 5 + number % 50
        results = two.all_at_once(
            [Action(noor, set_days, (platform.id, days)), Action(ada, approve, (orders,))]
        )
        assert [result.value for result in no_fault(results)] == ["set", "approved"]
        for order_id in orders:
            row = order_row(own_app, order_id)
            assert row["waits_for"] == "placement"
            assert row["due_at"] == row["waits_since"] + timedelta(days=days)


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_what_is_submitted_while_the_deadlines_change_is_due_by_the_new_ones(
    own_app: Flask, two: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            account = world.an_account()
            account_id, platform_id, sku = account.id, account.platform_id, world.item("deskphone").sku
            piet, noor = world.piet.actor, world.a_person("Noor Haddad", Role.SUPER_ADMIN).actor
        submitting = Action(piet, submit, (account_id, sku, 10))
        setting = Action(noor, set_days, (platform_id, *range(11, 21)))
        assert [one.value for one in no_fault(two.all_at_once([submitting, setting]))] == ["submitted", "set"]
        with inside(own_app):
            rows = db.session.connection().execute(
                select(ORDERS.c.waits_since, ORDERS.c.due_at).where(ORDERS.c.account_id == account_id)
            )
            days = [(due - since).days for since, due in rows]
        assert days == [20] * 10


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_a_unit_is_planned_until_it_has_its_device_and_not_after(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            account = world.an_account()
            people = [world.an_employee(account).id for _ in range(6)]
            order = world.an_order("approved", [("deskphone", 2)], account=account)
            ada, piet = world.ada.actor, world.piet.actor
            first, second = (unit.id for unit in units_of(order.id))
            arrived = {first: an_identifier(Kind.DESKPHONE)}
        actions = [Action(piet, plan, (order.id, first, person)) for person in people]
        actions += [
            Action(piet, plan, (order.id, second, people[0])),
            Action(ada, fulfill, (order.id, arrived)),
        ]
        done = Counter(result.value for result in no_fault(eight.all_at_once(actions)))
        assert done["fulfilled"] == 1
        assert list(holders(own_app, order.id)) == [first]
        with inside(own_app):
            units = {unit.id: unit for unit in units_of(order.id)}
            device = db.session.connection().execute(select(DEVICES).where(DEVICES.c.unit_id == first)).one()
            # Whoever it was planned for when it came has it.
            assert device.employee_id == units[first].employee_id
            assert units[second].employee_id == people[0]
            version = db.session.connection().execute(select(ORDERS.c.version).where(ORDERS.c.id == order.id))
            assert version.scalar_one() == 2 + done["planned"] + 1
        assert event_kinds(own_app, order.id)["order.edited"] == done["planned"]


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_what_is_taken_over_while_it_is_scanned_is_one_persons_and_complete(
    own_app: Flask, nine: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            order_id = world.an_order("approved", [("deskphone", 6)]).id
            bo = world.a_person("Bo Lindqvist", Role.SUPER_ADMIN).actor
            takers = [world.a_person(f"Taker{number} Lee", Role.SUPER_ADMIN).actor for number in range(8)]
            scans = [an_identifier(Kind.DESKPHONE) for _ in range(6)]
        taking = [Action(taker, take_over, (order_id, bo.id)) for taker in takers]
        results = nine.all_at_once([Action(bo, scan, (order_id, scans)), *taking])
        assert len(no_fault(results)) == 9
        with inside(own_app):
            kept = db.session.connection().execute(
                select(DRAFTS.c.unit_id, DRAFTS.c.text).where(DRAFTS.c.order_id == order_id)
            )
            rows = kept.all()
        # A scan went into a unit nobody had by then, and is there once, whoever has it now.
        assert len({row.unit_id for row in rows}) == len(rows) == 6
        assert {row.text.replace(":", "") for row in rows} == set(scans)

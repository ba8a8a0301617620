"""A new customer with hardware in one go: all of it or nothing, once, and every problem at its field."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import act_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import COMMAND_LINE, Actor, Role
from hwadmin.errors import InvalidInput, NotAllowed, WrongState
from hwadmin.models import Account, AuditEvent, Employee, HardwareOrder, LineItem, Location, Unit
from hwadmin.operations.accounts.employees import NewEmployee
from hwadmin.operations.accounts.locations import NewLocation
from hwadmin.operations.accounts.onboarding import (
    NewAccount,
    NewHardware,
    PlannedLine,
    StartingPlan,
    create_account_with_order,
)
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine
from hwadmin.queries.orders.warnings import order_warnings, warning_lines
from hwadmin.queries.units.units import units_of
from tests.builders import World

EVERYTHING = (Account, Location, Employee, HardwareOrder, LineItem, Unit, AuditEvent)


def counts() -> list[int]:
    models: Sequence[Any] = EVERYTHING
    return [db.session.execute(select(func.count(model.id))).scalar_one() for model in models]


def refused(error: type[Exception], action: Callable[[], object]) -> Any:
    """The refusal of an action in its unit of work, after which nothing is there that was not before."""
    before = counts()
    with pytest.raises(error) as refusal:
        transact(action)
    assert counts() == before
    return refusal.value


def fields(refusal: InvalidInput) -> list[str]:
    return [problem.field for problem in refusal.errors]


def marina(world: World, **values: Any) -> NewAccount:
    """A new account as Piet types it: two locations, two employees."""
    return NewAccount(
        **{  # type: ignore[arg-type]
            "platform_id": world.northwind.id,
            "name": "Brightwater Marina",
            "locations": [NewLocation("Harbour office", "Quay Rd 4"), NewLocation("Workshop")],
            "employees": [NewEmployee("Aoife Brennan"), NewEmployee("Tom Hale")],
        }
        | values
    )


def its_hardware(world: World) -> NewHardware:
    """A base, two handsets, a desk phone and a headset, planned for its people and places."""
    return NewHardware(
        lines=[
            PlannedLine(
                NewLine(world.item(Kind.DECT_HANDSET).sku, 2),
                [StartingPlan(employee=1, base=1), StartingPlan(employee=0)],
            ),
            PlannedLine(NewLine(world.item(Kind.DECT_BASE).sku, 1), [StartingPlan(location=1)]),
            PlannedLine(NewLine(world.item(Kind.DESKPHONE).sku, 2), [StartingPlan(employee=0, location=0)]),
            PlannedLine(NewLine(world.item(Kind.ACCESSORY).sku, 1), [StartingPlan(employee=1)]),
        ],
        ship_to=0,
        attention="Aoife Brennan",
        notes="Ring twice.",
    )


def test_one_submission_makes_the_account_and_an_order_that_is_pending(world: World) -> None:
    actor, new, hardware = world.actor(world.piet), marina(world), its_hardware(world)
    account, order = transact(lambda: create_account_with_order(actor, new, hardware, submission_key="k"))
    assert order is not None
    assert [site.name for site in account.locations] == ["Harbour office", "Workshop"]
    assert [one.name for one in account.employees] == ["Aoife Brennan", "Tom Hale"]
    assert order.status is OrderStatus.SUBMITTED
    assert order.account_id == account.id
    assert order.submission_key == account.submission_key == "k"
    assert (order.ship_to.name if order.ship_to else None, order.attention, order.notes) == (
        "Harbour office",
        "Aoife Brennan",
        "Ring twice.",
    )
    bases = {unit.id: unit.label for unit in units_of(order.id)}
    assert [
        (unit.label, unit.employee_name, unit.location_name, bases.get(unit.base_unit_id or 0))
        for unit in units_of(order.id)
    ] == [
        ("W73H #1", "Tom Hale", None, "W70B #1"),
        ("W73H #2", "Aoife Brennan", None, None),
        ("W70B #1", None, "Workshop", None),
        ("T54W #1", "Aoife Brennan", "Harbour office", None),
        ("T54W #2", None, None, None),
        ("Engage 50 #1", "Tom Hale", None, None),
    ]
    events = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [(event.kind, event.actor_name) for event in events] == [
        ("account.created", "Piet Jansen"),
        ("order.submitted", "Piet Jansen"),
    ]


def test_without_line_items_there_is_an_account_and_no_order(world: World) -> None:
    actor, new = world.actor(world.piet), marina(world)
    account, order = transact(lambda: create_account_with_order(actor, new, NewHardware(notes="None yet")))
    assert account.name == "Brightwater Marina"
    assert order is None


def test_a_super_admin_creates_an_account_but_orders_nothing(world: World) -> None:
    ada, new, hardware = world.actor(world.ada), marina(world), its_hardware(world)
    refused(NotAllowed, lambda: create_account_with_order(ada, new, hardware))
    account, order = transact(lambda: create_account_with_order(ada, new))
    assert account.name == "Brightwater Marina"
    assert order is None


def test_support_creates_nothing(world: World) -> None:
    sam, new = world.actor(world.sam), marina(world)
    refused(NotAllowed, lambda: create_account_with_order(sam, new))


def test_every_problem_of_both_parts_is_told_at_once(world: World) -> None:
    actor = world.actor(world.piet)
    new = marina(
        world,
        name=" ",
        locations=[NewLocation("Fine"), NewLocation("", "Somewhere")],
        employees=[NewEmployee("", "nobody@")],
    )
    archived = world.an_item(Kind.MOBILE, archived_at=world.northwind.created_at)
    hardware = NewHardware(
        lines=[
            PlannedLine(NewLine(world.item(Kind.DESKPHONE).sku, 0)),
            PlannedLine(NewLine("NO-SUCH-SKU", 1)),
            PlannedLine(NewLine(archived.sku, 1)),
            PlannedLine(
                NewLine(world.item(Kind.DECT_HANDSET).sku, 3),
                [StartingPlan(employee=1), StartingPlan(location=2), StartingPlan(employee=0, base=1)],
            ),
        ],
        ship_to=9,
        attention="x" * 201,
        notes="a\0b",
    )
    refusal = refused(InvalidInput, lambda: create_account_with_order(actor, new, hardware))
    assert set(fields(refusal)) == {
        "name",
        "locations.1.name",
        "employees.0.name",
        "employees.0.email",
        "lines.0.quantity",
        "lines.1.sku",
        "lines.2.sku",
        "lines.3.intents.0.employee_id",
        "lines.3.intents.1.location_id",
        "lines.3.intents.2.base",
        "ship_to_location_id",
        "attention",
        "notes",
    }


def test_the_hardware_alone_can_be_what_is_wrong(world: World) -> None:
    actor, new = world.actor(world.piet), marina(world)
    hardware = NewHardware([PlannedLine(NewLine(world.item(Kind.DESKPHONE).sku, 2001))])
    refusal = refused(InvalidInput, lambda: create_account_with_order(actor, new, hardware))
    assert fields(refusal) == ["lines.0.quantity"]


def test_an_item_of_another_platform_is_not_in_the_catalog(world: World) -> None:
    actor, new = world.actor(world.piet), marina(world)
    foreign = world.item(Kind.DESKPHONE, world.blue_harbor)
    hardware = NewHardware([PlannedLine(NewLine(foreign.sku, 1))])
    refusal = refused(InvalidInput, lambda: create_account_with_order(actor, new, hardware))
    assert [(e.field, e.message) for e in refusal.errors] == [
        ("lines.0.sku", "This is not in the platform's catalog.")
    ]


@pytest.mark.parametrize("platform_id", ["foreign", 0, -1, 10**9, 10**22])
def test_another_platform_and_no_platform_are_one_refusal_beside_the_others(
    world: World, platform_id: Any
) -> None:
    actor = world.actor(world.piet)
    where = world.blue_harbor.id if platform_id == "foreign" else platform_id
    new, hardware = marina(world, platform_id=where, name=""), its_hardware(world)
    refusal = refused(InvalidInput, lambda: create_account_with_order(actor, new, hardware))
    assert [(e.field, e.message) for e in refusal.errors] == [
        ("platform_id", "There is no such platform."),
        ("name", "Give the account a name."),
    ]


def test_who_is_given_no_platform_creates_nothing(world: World) -> None:
    nobody = Actor(1, "Nobody", Role.PLATFORM_ADMIN, frozenset())
    new = marina(world)
    refusal = refused(InvalidInput, lambda: create_account_with_order(nobody, new))
    assert fields(refusal) == ["platform_id"]


def test_more_rows_than_anybody_types_are_refused_before_anything_is_looked_up(world: World) -> None:
    actor = world.actor(world.piet)
    new = marina(world, employees=[NewEmployee("x")] * 2001, locations=[NewLocation("x")] * 501)
    hardware = NewHardware([PlannedLine(NewLine("x", 1))] * 101)
    refusal = refused(InvalidInput, lambda: create_account_with_order(actor, new, hardware))
    assert fields(refusal) == ["locations", "employees", "lines"]


def test_the_same_submission_gives_what_it_made_the_first_time(world: World) -> None:
    actor, new, hardware = world.actor(world.piet), marina(world), its_hardware(world)
    first = transact(lambda: create_account_with_order(actor, new, hardware, submission_key="k"))
    before = counts()
    changed = marina(world, name="Another name")
    second = transact(lambda: create_account_with_order(actor, changed, hardware, submission_key="k"))
    assert second == first
    assert counts() == before


def test_a_repeated_submission_adds_no_order_to_an_account_made_without(world: World) -> None:
    actor, new, hardware = world.actor(world.piet), marina(world), its_hardware(world)
    first = transact(lambda: create_account_with_order(actor, new, submission_key="k"))
    assert transact(lambda: create_account_with_order(actor, new, hardware, submission_key="k")) == first


def test_a_refused_submission_can_be_corrected_and_sent_again(world: World) -> None:
    actor, new = world.actor(world.piet), marina(world)
    wrong = NewHardware([PlannedLine(NewLine("NO-SUCH-SKU", 1))])
    refused(InvalidInput, lambda: create_account_with_order(actor, new, wrong, submission_key="k"))
    hardware = its_hardware(world)
    _, order = transact(lambda: create_account_with_order(actor, new, hardware, submission_key="k"))
    assert order is not None


def test_the_submission_of_another_platform_tells_nothing(world: World) -> None:
    bea, new = world.actor(world.bea), marina(world, platform_id=world.blue_harbor.id, name="Secret Ltd")
    transact(lambda: create_account_with_order(bea, new, submission_key="k"))
    piet, mine = world.actor(world.piet), marina(world)
    refusal = refused(WrongState, lambda: create_account_with_order(piet, mine, submission_key="k"))
    assert "Secret" not in refusal.message


# ---- At the same moment


def at_once(app: Flask, action: Callable[[], Any], callers: int = 6) -> list[Any]:
    """What several callers get who do the same at the same moment."""
    start, answers = threading.Barrier(callers), []

    def call() -> None:
        with app.app_context():
            act_as(db.session, COMMAND_LINE)
            start.wait()
            answers.append(transact(action))
            db.session.remove()

    threads = [threading.Thread(target=call) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == callers
    return answers


def test_the_same_form_from_six_browsers_at_once_makes_one_account_and_one_order(own_app: Flask) -> None:
    with own_app.app_context():
        act_as(db.session, COMMAND_LINE)
        world = World()
        actor, new, hardware = world.actor(world.piet), marina(world), its_hardware(world)

    def send() -> tuple[int, int | None]:
        account, order = create_account_with_order(actor, new, hardware, submission_key="k")
        return account.id, order.id if order else None

    assert len(set(at_once(own_app, send))) == 1
    with own_app.app_context():
        act_as(db.session, COMMAND_LINE)
        assert counts() == [1, 2, 2, 1, 4, 6, 2]


# ---- Warnings of an order that is there


def test_an_order_says_of_itself_what_the_form_said(world: World) -> None:
    order = world.an_order(
        lines=[(Kind.DECT_HANDSET, 12), (Kind.DECT_BASE, 2)],
        intents={0: [*[NewIntent(base=2)] * 11, NewIntent()]},
    )
    world.item(Kind.DECT_BASE).archived_at = order.created_at
    db.session.commit()
    assert order_warnings(warning_lines(order.lines, units_of(order.id))) == [
        "1 handset without a chosen base, and two bases: it will be left for on-site registration, "
        "or choose a base for each.",
        "11 handsets for Yealink W70B #2, but it takes 10: one will be left for on-site registration, "
        "or choose another base for them.",
        "Yealink W70B is archived: it may be kept or lowered, not raised.",
    ]

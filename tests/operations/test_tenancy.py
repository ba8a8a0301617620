"""The first wall between platforms: what a session lets its actor see, whatever a query forgets to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import delete, exists, func, insert, inspect, select, text, union_all, update
from sqlalchemy.orm import aliased, joinedload, selectinload, subqueryload
from sqlalchemy_continuum import version_class, versioning_manager

from hwadmin.db.extensions import Base, db
from hwadmin.db.tenancy import EVERYWHERE, Shared, Tenanted, Unfiltered, UnknownScope, act_as, acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE, Actor, Role
from hwadmin.models import (
    Account,
    AuditEvent,
    CatalogItem,
    Device,
    Employee,
    HardwareOrder,
    LineItem,
    Location,
    OrderNote,
    OrderTally,
    Person,
    Platform,
    Unit,
)
from hwadmin.operations.devices.transfers import move_device
from hwadmin.operations.orders.notes import add_note
from hwadmin.queries.scope import within
from hwadmin.queries.units.units import units_of
from tests.builders import World

pytestmark = pytest.mark.both_databases

TENANTED = [
    Platform,
    Account,
    Location,
    Employee,
    CatalogItem,
    HardwareOrder,
    LineItem,
    Unit,
    Device,
    OrderTally,
    AuditEvent,
    OrderNote,
    version_class(HardwareOrder),
    version_class(LineItem),
]


@pytest.fixture
def both(world: World) -> tuple[HardwareOrder, HardwareOrder]:
    """An order of Northwind's, which Piet sees, and one of Blue Harbor's, with all that belongs to them."""
    lines = [("dect_base", 1), ("dect_handset", 2)]
    made = []
    for platform in (world.northwind, world.blue_harbor):
        account = world.an_account(platform)
        world.an_employee(account)
        world.a_location(account)
        order = world.an_order("fulfilled", lines, account=account)
        transact(lambda key=order.id: add_note(world.ada.actor, key, "The customer rang."))
        made.append(order)
    assert world.piet
    db.session.commit()
    db.session.expunge_all()
    return made[0], made[1]


@contextmanager
def nobody() -> Iterator[None]:
    """A session whose scope was never stated."""
    scope = dict(db.session.info)
    act_as(db.session, None)
    try:
        yield
    finally:
        db.session.info.update(scope)


def platform_ids(model: Any) -> set[int]:
    """The platforms whose rows of a model are seen."""
    return {row.platform_id for row in db.session.scalars(select(model))}


# ---- What is marked


def test_every_mapped_class_belongs_to_a_platform_or_is_shared_on_purpose() -> None:
    unmarked = {
        mapper.class_
        for mapper in Base.registry.mappers
        if not issubclass(mapper.class_, Tenanted) and not issubclass(mapper.class_, Shared)
    }
    # Continuum's own: when, and nothing of whom.
    assert unmarked == {versioning_manager.transaction_cls}
    assert not [
        one
        for one in Base.registry.mappers
        if issubclass(one.class_, Tenanted) and issubclass(one.class_, Shared)
    ]


def test_every_class_of_a_platform_names_it_in_a_column() -> None:
    tenanted = {mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Tenanted)}
    assert tenanted >= set(TENANTED)
    for model in tenanted:
        name = "id" if model is Platform else "platform_id"
        assert name in inspect(model).columns, model


# ---- What is seen


@pytest.mark.parametrize("model", TENANTED, ids=lambda model: model.__name__)
def test_only_ones_own_platforms_rows_are_seen(
    world: World, both: tuple[HardwareOrder, HardwareOrder], model: Any
) -> None:
    mine, theirs = (order.platform_id for order in both)
    assert platform_ids(model) - {None} == {mine, theirs}
    db.session.expunge_all()
    with acting_as(db.session, world.piet.actor):
        assert platform_ids(model) == {mine}
    db.session.expunge_all()
    with acting_as(db.session, Actor(1, "New", Role.PLATFORM_ADMIN, frozenset())):
        assert platform_ids(model) == set()
    with acting_as(db.session, Actor(1, "Support", Role.SUPPORT, frozenset({mine, theirs}))):
        assert platform_ids(model) == {mine, theirs}


def _queries(order_id: int) -> dict[str, Callable[[], Any]]:
    """Ways to come by another platform's order; each gives nothing, zero or false where it is hidden."""
    order, unit = HardwareOrder, Unit
    other = aliased(order)
    hidden = select(order.id).where(order.id == order_id)
    return {
        "row": lambda: select(order).where(order.id == order_id),
        "column": lambda: hidden,
        "core column of a model": lambda: select(order.id, order.__table__.c.notes).where(
            order.id == order_id
        ),
        "count": lambda: select(func.count(order.id)).where(order.id == order_id),
        "count from": lambda: select(func.count()).select_from(order).where(order.id == order_id),
        "alias": lambda: select(other.id).where(other.id == order_id),
        "subquery": lambda: select(hidden.subquery().c.id),
        "aliased subquery": lambda: select(
            aliased(order, select(order).where(order.id == order_id).subquery()).id
        ),
        "cte": lambda: select(hidden.cte().c.id),
        "count of a subquery": lambda: select(func.count()).select_from(hidden.subquery()),
        "exists": lambda: select(exists().where(order.id == order_id)),
        "select exists": lambda: select(hidden.exists()),
        "scalar subquery": lambda: select(hidden.scalar_subquery()),
        "in": lambda: select(Person.id).where(
            Person.id.in_(select(order.submitted_by_id).where(order.id == order_id))
        ),
        "any": lambda: select(Person.id).where(
            Person.name == "Bea Lund", Person.platforms.any(Platform.name == "Blue Harbor Telecom")
        ),
        "join": lambda: (
            select(Person.id).join(order, order.submitted_by_id == Person.id).where(order.id == order_id)
        ),
        "join along a relationship": lambda: (
            select(Person.id).join(Person.platforms).where(Person.name == "Bea Lund")
        ),
        "union": lambda: union_all(hidden, select(unit.id).where(unit.order_id == order_id)),
        "version": lambda: select(version_class(order).id).where(version_class(order).id == order_id),
    }


@pytest.mark.parametrize("way", _queries(0))
def test_no_way_of_asking_leads_around_the_wall(
    world: World, both: tuple[HardwareOrder, HardwareOrder], way: str
) -> None:
    theirs = both[1].id
    assert any(any(row) for row in db.session.execute(_queries(theirs)[way]())), "It tries nothing."
    db.session.expunge_all()
    with acting_as(db.session, world.piet.actor):
        assert not any(any(row) for row in db.session.execute(_queries(theirs)[way]()))
    with nobody(), pytest.raises(UnknownScope):
        db.session.execute(_queries(theirs)[way]())


def test_an_outer_join_shows_the_own_row_and_nothing_of_the_other_platform(
    world: World, both: tuple[HardwareOrder, HardwareOrder]
) -> None:
    order_id = both[0].id
    moved = units_of(order_id)[0].device_id
    assert moved is not None
    move_device(COMMAND_LINE, moved, both[1].account_id, reason="Sold.")
    db.session.commit()
    assert units_of(order_id)[0].device_id == moved
    with acting_as(db.session, world.piet.actor):
        units = units_of(order_id)
    assert (len(units), units[0].device_id, units[0].identifier) == (3, None, None)


def test_get_finds_nothing_of_another_platform(
    world: World, both: tuple[HardwareOrder, HardwareOrder]
) -> None:
    mine, theirs = both
    with acting_as(db.session, world.piet.actor):
        assert db.session.get(HardwareOrder, mine.id) is not None
        assert db.session.get(HardwareOrder, theirs.id) is None
        assert db.session.get(Platform, theirs.platform_id) is None


@pytest.mark.parametrize("load", [selectinload, joinedload, subqueryload])
def test_what_is_loaded_along_is_walled_too(
    world: World, both: tuple[HardwareOrder, HardwareOrder], load: Callable[..., Any]
) -> None:
    with acting_as(db.session, world.piet.actor):
        people = db.session.scalars(select(Person).options(load(Person.platforms))).unique().all()
        seen = {person.name: [platform.name for platform in person.platforms] for person in people}
    assert seen["Piet Jansen"] == ["Northwind Voice"]
    assert seen["Bea Lund"] == []


def test_what_is_loaded_later_is_walled_for_whoever_asks_then(
    world: World, both: tuple[HardwareOrder, HardwareOrder]
) -> None:
    mine, theirs = both
    order = db.session.get_one(HardwareOrder, theirs.id)  # Read on behalf of somebody who sees everything.
    with acting_as(db.session, world.piet.actor):
        assert (order.account, order.lines) == (None, [])
    db.session.expunge_all()
    with acting_as(db.session, world.piet.actor):
        own = db.session.get_one(HardwareOrder, mine.id)
    with acting_as(db.session, world.bea.actor):
        assert (own.account, own.lines) == (None, [])
    db.session.expunge_all()
    with acting_as(db.session, world.piet.actor):
        own = db.session.get_one(HardwareOrder, mine.id)
        assert own.account.id == own.account_id
        assert len(own.lines) == 2


def test_the_same_statement_answers_everybody_by_their_own_platforms(
    world: World, both: tuple[HardwareOrder, HardwareOrder]
) -> None:
    statement = select(HardwareOrder.id)
    mine, theirs = (order.id for order in both)
    piet, bea = world.piet.actor, world.bea.actor
    for _ in range(3):  # Compiled once, and taken from the cache for the others.
        for actor, expected in ((piet, [mine]), (bea, [theirs]), (COMMAND_LINE, [mine, theirs])):
            with acting_as(db.session, actor):
                assert sorted(db.session.scalars(statement)) == expected


def test_the_scope_is_given_back_at_the_end_even_of_an_error(world: World) -> None:
    piet = world.piet.actor
    with nobody():
        with pytest.raises(ZeroDivisionError), acting_as(db.session, piet):
            1 / 0  # noqa: B018
        with pytest.raises(UnknownScope):
            db.session.scalars(select(HardwareOrder))
        with acting_as(db.session, COMMAND_LINE):
            with acting_as(db.session, piet):
                pass
            assert db.session.scalars(select(Platform)).all()


# ---- What is changed


def test_updates_and_deletes_stop_at_the_wall(
    world: World, both: tuple[HardwareOrder, HardwareOrder]
) -> None:
    theirs = both[1].id
    units = Unit.__table__
    with acting_as(db.session, world.piet.actor):
        db.session.execute(update(HardwareOrder).values(notes="mine"))
        db.session.execute(update(Device).values(unit_id=None, unit_outcome=None, unit_at=None))
        db.session.execute(update(Unit).values(base_unit_id=None))
        db.session.execute(delete(Unit))
    notes = db.session.execute(select(HardwareOrder.id, HardwareOrder.notes).order_by(HardwareOrder.id))
    assert [tuple(row) for row in notes] == [(both[0].id, "mine"), (theirs, None)]
    left = db.session.connection().execute(select(units.c.order_id)).scalars().all()
    assert left == [theirs] * 3


def test_what_cannot_be_filtered_is_refused(world: World, both: tuple[HardwareOrder, HardwareOrder]) -> None:
    table = HardwareOrder.__table__
    unit = db.session.scalars(select(Unit.id)).first()
    statements: list[tuple[Any, ...]] = [
        (text("SELECT id FROM hardware_order"),),
        (select(HardwareOrder).from_statement(text("SELECT * FROM hardware_order")),),
        (text("SELECT id FROM hardware_order").columns(HardwareOrder.id),),
        (select(table),),
        (select(table.c.id),),
        (select(func.count()).select_from(table),),
        (select(func.count(select(table.c.id).subquery().c.id)),),
        (update(table).values(notes="x"),),
        (delete(table),),
        (insert(Platform).from_select(["name"], select(table.c.notes)),),
        # By primary key, a row each: no condition is added to these.
        (update(Unit), [{"id": unit, "number": 9}]),
    ]
    for statement in statements:
        with acting_as(db.session, world.piet.actor), pytest.raises(Unfiltered):
            db.session.execute(*statement)
    with acting_as(db.session, world.piet.actor):
        statement = select(table.c.id).execution_options(**{EVERYWHERE: True})  # type: ignore[assignment]
        assert len(db.session.execute(statement).all()) == 2  # type: ignore[call-overload]


def test_what_is_nobodys_is_read_without_a_scope(world: World) -> None:
    email = world.piet.email
    db.session.expunge_all()
    with nobody():
        piet = db.session.scalars(select(Person).where(Person.email == email)).one()
        # Whose platforms these are must be known before a scope can be stated.
        assert [platform.name for platform in piet.platforms] == ["Northwind Voice"]
        assert db.session.execute(select(func.count(Person.id))).scalar_one() == 1


def test_nobody_loads_along_a_tenants_row_without_a_scope(
    world: World, both: tuple[HardwareOrder, HardwareOrder]
) -> None:
    order = db.session.get_one(HardwareOrder, both[0].id)
    with nobody(), pytest.raises(UnknownScope):
        assert order.lines


@pytest.mark.parametrize("action", [update(HardwareOrder).values(notes="x"), delete(Unit)], ids=str)
def test_nobody_changes_a_tenants_rows_without_a_scope(
    world: World, both: tuple[HardwareOrder, HardwareOrder], action: Any
) -> None:
    with nobody(), pytest.raises(UnknownScope):
        db.session.execute(action)


@pytest.mark.parametrize("model", TENANTED, ids=lambda model: model.__name__)
def test_a_query_asks_for_the_platform_of_a_row_before_the_wall_does(model: Any) -> None:
    """The wall would hide a wrong column, so the condition is read as it is written."""
    actor = Actor(1, "Piet", Role.PLATFORM_ADMIN, frozenset({3, 5}))
    condition: Any = within(actor, model)
    column = inspect(model).columns["id" if model is Platform else "platform_id"]
    assert condition.left.compare(column)
    assert condition.right.value == [3, 5]

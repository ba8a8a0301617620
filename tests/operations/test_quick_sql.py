"""Statements without the ORM: the same rows and the same wall as by the session, and the same objects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import ANY

import pytest
from sqlalchemy import (
    Connection,
    ExceptionContext,
    Select,
    bindparam,
    delete,
    event,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.orm import aliased
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlalchemy_continuum import version_class

from hwadmin.db import dialects
from hwadmin.db.engines import has_other_listeners, reads_only
from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import insert_row, read_rows, write_rows
from hwadmin.db.row_objects import as_object, columns_of, detached_object, new_object, take_in, values_of
from hwadmin.db.statements import Tally, tally
from hwadmin.db.tenancy import EVERYWHERE, Unfiltered, UnknownScope, act_as, acting_as
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import COMMAND_LINE, Actor, Role
from hwadmin.models import Account, AuditEvent, HardwareOrder, LineItem, Location, Platform, Unit
from hwadmin.operations.people.sessions import authenticate_session, open_session
from hwadmin.queries.orders.orders import waiting_counts
from tests.builders import World
from tests.guards.test_statement_counts import statements

pytestmark = pytest.mark.both_databases

OTHER = aliased(HardwareOrder)
VERSION = version_class(HardwareOrder)
OF_ACCOUNT = (
    select(func.count(HardwareOrder.id)).where(HardwareOrder.account_id == Account.id).scalar_subquery()
)
STATEMENTS = {
    "columns of every kind": select(
        HardwareOrder.id,
        HardwareOrder.status,
        HardwareOrder.created_at,
        HardwareOrder.ordered_on,
        HardwareOrder.nothing_to_buy,
        HardwareOrder.accounting_codes,
    ),
    "values of every kind": select(HardwareOrder.id).where(
        HardwareOrder.status.in_((OrderStatus.SUBMITTED, OrderStatus.APPROVED)),
        HardwareOrder.created_at > datetime(2020, 1, 1, tzinfo=UTC),
        HardwareOrder.nothing_to_buy.is_(False),
    ),
    "prices": select(LineItem.id, LineItem.unit_price),
    "documents": select(AuditEvent.id, AuditEvent.details),
    "versions": select(VERSION.id, VERSION.transaction_id, VERSION.status),
    "joined": select(HardwareOrder.id, Account.name, Platform.name)
    .join(Account, Account.id == HardwareOrder.account_id)
    .join(Platform, Platform.id == HardwareOrder.platform_id),
    "another of the same": select(HardwareOrder.id, OTHER.id).where(HardwareOrder.id != OTHER.id),
    "a count within": select(Account.id, OF_ACCOUNT),
    "counts only": select(select(func.count(HardwareOrder.id)).scalar_subquery()),
    "chosen within": select(Account.id).where(Account.id.in_(select(HardwareOrder.account_id))),
}


@pytest.fixture
def orders(world: World) -> list[HardwareOrder]:
    """An order of each of two platforms."""
    return [
        world.an_order("approved", [("deskphone", 2)], account=world.an_account(platform))
        for platform in (world.northwind, world.blue_harbor)
    ]


def actors(world: World) -> list[Actor]:
    nobodys = Actor(None, "Nobody's", Role.PLATFORM_ADMIN, frozenset())
    return [world.piet.actor, world.ada.actor, nobodys, world.sam.actor, world.piet.actor]


@pytest.mark.parametrize("what", STATEMENTS)
def test_everybody_is_given_the_rows_that_the_session_gives(
    world: World, orders: list[HardwareOrder], what: str
) -> None:
    statement: Any = STATEMENTS[what]
    seen = []
    for actor in actors(world):
        with acting_as(db.session, actor):
            by_session = sorted(map(tuple, db.session.execute(statement)), key=str)
            assert sorted(map(tuple, read_rows(statement)), key=str) == by_session
        seen.append(by_session)
    assert seen[0] != seen[1], "the wall has something to hide"


def test_parameters_are_written_as_the_session_writes_them(world: World, orders: list[HardwareOrder]) -> None:
    first, second = orders
    of_status: Select[Any] = select(HardwareOrder.id).where(
        HardwareOrder.status == bindparam("status", type_=HardwareOrder.status.type),
        HardwareOrder.created_at <= bindparam("until", type_=HardwareOrder.created_at.type),
    )
    chosen: Select[Any] = select(HardwareOrder.id).where(
        HardwareOrder.id.in_(bindparam("some", expanding=True))
    )
    with acting_as(db.session, COMMAND_LINE):
        approved = read_rows(of_status, status=OrderStatus.APPROVED, until=second.created_at)
        assert {row[0] for row in approved} == {first.id, second.id}
        assert read_rows(of_status, status=OrderStatus.REJECTED, until=second.created_at) == []
        for some in ((), (second.id,), (first.id, second.id)):
            assert {row[0] for row in read_rows(chosen, some=some)} == set(some)


def test_what_was_changed_a_moment_ago_is_read(world: World, orders: list[HardwareOrder]) -> None:
    statement: Select[Any] = select(HardwareOrder.version).where(HardwareOrder.id == bindparam("order"))
    before = read_rows(statement, order=orders[0].id)[0][0]
    orders[0].version += 1
    assert read_rows(statement, order=orders[0].id)[0][0] == before + 1


def test_nothing_of_a_tenant_is_read_on_nobodys_behalf(world: World, orders: list[HardwareOrder]) -> None:
    scope = dict(db.session.info)
    act_as(db.session, None)
    try:
        with pytest.raises(UnknownScope):
            read_rows(STATEMENTS["joined"])
        everywhere = STATEMENTS["joined"].execution_options(**{EVERYWHERE: True})
        assert len(read_rows(everywhere)) == 2
    finally:
        db.session.info.update(scope)


def test_what_cannot_be_filtered_is_refused(world: World, orders: list[HardwareOrder]) -> None:
    table: Any = HardwareOrder.__table__
    bare: Select[Any] = select(table.c.id)
    with acting_as(db.session, world.ada.actor):
        assert len(read_rows(bare)) == 2
    with acting_as(db.session, world.piet.actor), pytest.raises(Unfiltered):
        read_rows(bare)


def test_the_session_counts_for_the_menu_what_each_person_is_given(world: World) -> None:
    for platform in (world.northwind, world.northwind, world.blue_harbor):
        account = world.an_account(platform)
        world.an_order(account=account)
        world.an_order("approved", account=account)
    seen = []
    for person in (world.ada, world.piet, world.sam):
        handle = open_session(person)
        db.session.commit()
        session = authenticate_session(handle, timedelta(hours=1), with_counts=True)
        assert session is not None
        assert session.actor == person.actor
        with acting_as(db.session, person.actor):
            assert session.waiting_counts == waiting_counts(person.actor)
        seen.append(session.waiting_counts)
    assert seen[:2] == [(3, 3), (2, 2)]
    without = authenticate_session(handle, timedelta(hours=1))
    assert without is not None
    assert without.waiting_counts is None


# ---- Objects of rows


def columns(row: Any) -> dict[str, Any]:
    """The value of each of its columns."""
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}


def test_an_object_of_a_row_is_what_the_session_reads(world: World, orders: list[HardwareOrder]) -> None:
    key = orders[0].id
    statement: Select[Any] = select(*columns_of(HardwareOrder)).where(HardwareOrder.id == key)
    seen = columns(orders[0])
    assert as_object(HardwareOrder, read_rows(statement)[0]) is orders[0], "one object for each row"
    db.session.expunge_all()
    order = as_object(HardwareOrder, read_rows(statement)[0])
    assert columns(order) == seen
    assert db.session.get(HardwareOrder, key) is order
    assert not db.session.is_modified(order)
    assert order.account.name == db.session.get_one(Account, order.account_id).name
    assert [line.order for line in order.lines] == [order]


def test_an_object_of_a_row_is_as_the_row_is_now(world: World, orders: list[HardwareOrder]) -> None:
    order = orders[0]
    statement: Select[Any] = select(*columns_of(HardwareOrder)).where(HardwareOrder.id == order.id)
    table: Any = HardwareOrder.__table__
    db.session.connection().execute(update(table).where(table.c.id == order.id).values(attention="Noor"))
    assert columns(order)["attention"] is None
    assert as_object(HardwareOrder, read_rows(statement)[0]) is order
    assert columns(order)["attention"] == "Noor"
    order.attention = "Piet"
    db.session.flush()
    db.session.expire_all()
    assert order.attention == "Piet", "what is changed is written as of any other object"


def test_what_is_reached_from_an_object_of_a_row_is_read_again(
    world: World, orders: list[HardwareOrder]
) -> None:
    order = orders[0]
    assert [line.quantity for line in order.lines] == [2]
    for model in (Unit, LineItem):
        table: Any = model.__table__
        db.session.connection().execute(delete(table).where(table.c.order_id == order.id))
    statement: Select[Any] = select(*columns_of(HardwareOrder)).where(HardwareOrder.id == order.id)
    assert as_object(HardwareOrder, read_rows(statement)[0]) is order
    assert order.lines == []


def test_a_detached_object_is_of_no_session_and_nothing_is_reached_from_it(
    world: World, orders: list[HardwareOrder]
) -> None:
    order = orders[0]
    statement: Select[Any] = select(*columns_of(HardwareOrder)).where(HardwareOrder.id == order.id)
    detached = detached_object(HardwareOrder, read_rows(statement)[0])
    assert columns(detached) == columns(order)
    assert detached not in db.session
    assert order in db.session
    with pytest.raises(DetachedInstanceError):
        _ = detached.lines


def test_what_a_row_leaves_out_is_empty_whatever_stands_behind_it(world: World) -> None:
    account = world.an_account()
    own = ("name", "external_id", "address")
    shared = {"platform_id": account.platform_id, "account_id": account.id}
    statement = dialects.insert_from_json(Location.__table__, tuple(shared), own, "name", skips=False)
    rows = [
        {"name": "Attic", "address": "Top"},
        {"external_id": "4711", "name": "Cellar", "address": 'Down "below", \N{SNOWMAN}'},
    ]
    write_rows(db.session.connection(), statement, **shared, rows=dialects.rows_to_insert(own, rows))
    written = db.session.execute(
        select(Location.name, Location.external_id, Location.address)
        .where(Location.account_id == account.id, Location.name.in_(["Attic", "Cellar"]))
        .order_by(Location.id)
    ).all()
    assert written == [("Attic", None, "Top"), ("Cellar", "4711", 'Down "below", \N{SNOWMAN}')]


def test_what_is_inserted_has_the_defaults_of_its_model(world: World) -> None:
    location = new_object(
        Location, platform_id=world.northwind.id, account_id=world.an_account().id, name="Attic"
    )
    location.id = insert_row(db.session.connection(), Location.__table__, values_of(location))
    before = columns(location)
    take_in(location)
    assert db.session.get(Location, location.id) is location
    db.session.expire_all()
    assert columns(location) == before
    assert location.address == ""
    assert location.updated_at is not None


def test_relations_of_what_was_taken_in_take_one_statement_each(world: World, connection: Connection) -> None:
    account = world.an_account()
    location = new_object(Location, platform_id=account.platform_id, account_id=account.id, name="Attic")
    location.id = insert_row(db.session.connection(), Location.__table__, values_of(location))
    take_in(location)
    db.session.expunge(account)
    with statements(connection) as sent:
        assert location.account.id == account.id
        assert location.name == "Attic"
    assert len(sent) == 1


# ---- What the driver runs by itself


@pytest.fixture
def by_sqlalchemy(connection: Connection, world: World) -> Iterator[list[str]]:
    """The errors SQLAlchemy is asked to tell of, while nobody hears of what is sent."""
    told: list[str] = []

    def note(context: ExceptionContext) -> None:
        told.append(type(context.original_exception).__name__)

    assert not has_other_listeners(connection)
    event.listen(connection.engine, "handle_error", note)
    yield told
    event.remove(connection.engine, "handle_error", note)


def test_what_fails_is_told_as_sqlalchemy_tells_it(world: World, by_sqlalchemy: list[str]) -> None:
    account = world.an_account()
    table: Any = Account.__table__
    row = values_of(new_object(Account, platform_id=account.platform_id, name="Twice"))
    row["platform_id"] = 0
    with pytest.raises(IntegrityError) as failed, db.session.begin_nested():
        insert_row(db.session.connection(), table, row)
    assert failed.value.statement.startswith("INSERT INTO account")
    assert by_sqlalchemy == [type(failed.value.orig).__name__]
    assert db.session.get(Account, account.id) is account, "the transaction goes on"


def test_a_statement_counts_whoever_sends_it(world: World, connection: Connection) -> None:
    account = world.an_account()
    statement = select(Account.name).where(Account.id == bindparam("account"))
    db.session.flush()
    before = tally.set(Tally())
    try:
        assert read_rows(statement, account=account.id) == [(account.name,)]
        assert tally.get() == Tally(1, ANY)
        with statements(connection) as sent:
            assert read_rows(statement, account=account.id) == [(account.name,)]
        assert tally.get() == Tally(2, ANY)
    finally:
        tally.reset(before)
    assert len(sent) == 1


def test_nothing_is_sent_behind_a_transaction_that_is_over(connection: Connection) -> None:
    row = values_of(new_object(Platform, name="Behind", currency="EUR"))
    # SQLite has one writer at a time, which is the test itself.
    with reads_only(True), connection.engine.connect() as own, own.begin() as transaction:
        transaction.rollback()
        with pytest.raises(InvalidRequestError, match="closed transaction"):
            insert_row(own, Platform.__table__, row)

"""Demo data: complete, believable, loaded once, and never in production."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy_continuum import version_class, versioning_manager

from hwadmin import clock
from hwadmin.config import Settings
from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.demo.calendar import Calendar
from hwadmin.demo.loading import NotEmpty, load
from hwadmin.demo.ordering import REQUESTS
from hwadmin.demo.orders import ORDERS
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.people.passwords import HASHER
from hwadmin.domain.permissions import COMMAND_LINE, Role
from hwadmin.identifiers import parse, warnings
from hwadmin.models import (
    Account,
    AuditEvent,
    CatalogItem,
    Device,
    HardwareOrder,
    LineItem,
    OrderNote,
    Person,
    Platform,
    SavedSearch,
    Unit,
)
from hwadmin.models.search import SearchedPage
from hwadmin.queries.orders.quantities import order_quantities
from hwadmin.queries.search.saved_searches import saved_searches
from hwadmin.queries.units.units import units_of
from tests import databases
from tests.builders import Browser, sign_in

pytestmark = pytest.mark.shares_database

SATURDAY_NIGHT = datetime(2026, 11, 21, 21, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo_app(template: databases.Template) -> Iterator[Flask]:
    """An application whose database has the demo, to be read only."""
    with template.copy() as settings:
        app = databases.new_app(settings)
        with app.app_context():
            with clock.at(SATURDAY_NIGHT):
                load()
            db.session.remove()
        yield app
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def demo(demo_app: Flask) -> Iterator[None]:
    with demo_app.app_context(), acting_as(db.session, COMMAND_LINE):
        yield
        db.session.remove()


def every(model: type[Any]) -> list[Any]:
    return list(db.session.scalars(select(model).order_by(model.id)))


def order_of(account: str, *lines: str) -> HardwareOrder:
    """The order of the account that has exactly these lines."""
    found = [
        order
        for order in every(HardwareOrder)
        if order.account.name == account
        and {f"{line.quantity} {line.sku}" for line in order.lines} == set(lines)
    ]
    assert len(found) == 1
    return found[0]


def events_of(order: HardwareOrder) -> list[str]:
    statement = select(AuditEvent).where(AuditEvent.order_id == order.id).order_by(AuditEvent.id)
    return [event.kind.removeprefix("order.") for event in db.session.scalars(statement)]


def row_counts() -> list[int]:
    models = (Platform, Person, Account, CatalogItem, HardwareOrder, LineItem, Unit, Device, AuditEvent)
    with acting_as(db.session, COMMAND_LINE):
        return [db.session.scalar(select(func.count(model.id))) or 0 for model in models]


# ---- What is there


def test_everybody_needed_can_sign_in(demo: None) -> None:
    people = {person.email: person for person in every(Person)}
    assert {
        email: (person.name, person.role, [row.name for row in person.platforms], person.all_platforms)
        for email, person in people.items()
        if email != "noor@example.com"
    } == {
        "ada@example.com": ("Ada Okafor", Role.SUPER_ADMIN, [], False),
        "piet@example.com": ("Piet Jansen", Role.PLATFORM_ADMIN, ["Northwind Voice"], False),
        "bea@example.com": ("Bea Lund", Role.PLATFORM_ADMIN, ["Blue Harbor Telecom"], False),
        "vera@example.com": (
            "Vera Antonelli",
            Role.PLATFORM_ADMIN,
            ["Blue Harbor Telecom", "Vantage Connect"],
            False,
        ),
        "sam@example.com": ("Sam Reyes", Role.SUPPORT, [], True),
    }
    assert {
        HASHER.verify(stored, "demo-demo-demo-demo") for stored in {p.password_hash for p in people.values()}
    } == {True}


def test_each_platform_sells_what_an_order_needs(demo: None) -> None:
    for platform in every(Platform):
        items = [item for item in every(CatalogItem) if item.platform_id == platform.id]
        assert {item.currency for item in items} == {platform.currency}
        sold = [item for item in items if item.archived_at is None]
        kinds = [item.kind for item in sold]
        assert kinds.count(Kind.DESKPHONE) >= 2
        assert kinds.count(Kind.MOBILE) >= 1
        assert kinds.count(Kind.ACCESSORY) >= 2
        assert any(
            base.max_handsets
            and base.max_handsets <= 10
            and sum(item.kind is Kind.DECT_HANDSET and item.make == base.make for item in sold) >= 2
            for base in sold
        )
    archived = {item.platform.name for item in every(CatalogItem) if item.archived_at}
    assert archived >= {"Northwind Voice", "Blue Harbor Telecom"}
    assert {platform.currency for platform in every(Platform)} == {"EUR", "GBP"}


def test_accounts_have_sites_and_people(demo: None) -> None:
    accounts = every(Account)
    assert len(accounts) >= 12
    for account in accounts:
        assert all(location.address for location in account.locations)
        assert len({employee.employee_number for employee in account.employees}) >= 5
        assert len({employee.email for employee in account.employees}) == len(account.employees)


def test_there_are_orders_in_every_state(demo: None) -> None:
    orders = every(HardwareOrder)
    assert 45 <= len(orders) <= 75
    assert {order.status for order in orders} == set(OrderStatus)
    assert all(order.rejection_reason for order in orders if order.status is OrderStatus.REJECTED)
    waiting = sorted(
        SATURDAY_NIGHT - order.created_at for order in orders if order.status is OrderStatus.SUBMITTED
    )
    assert timedelta(minutes=40) <= waiting[0] < timedelta(minutes=41)
    assert timedelta(days=6) <= waiting[-1] < timedelta(days=7)
    assert any(0 < order.fulfilled_units < order.fulfillable_units for order in orders)
    assert {order.distributor for order in orders} >= {"Lindqvist Distribution", None}


def test_the_orders_worth_a_look_are_there(demo: None) -> None:
    school = order_of("Oakridge Primary School", "60 T33G")
    assert school.status is OrderStatus.SUBMITTED

    marina = order_of("Brightwater Marina", "1 W70B", "12 W73H")
    assert events_of(marina) == ["submitted", "edited"]
    assert [line.requested_quantity for line in marina.lines] == [1, 10]

    vets = order_of("Citywide Vets", "4 S700H")
    assert vets.status is OrderStatus.SUBMITTED

    brewery = order_of("Tilbrook Brewery", "5 T33G", "1 T57W")
    assert events_of(brewery) == ["submitted", "approved", "reopened"]
    assert brewery.status is OrderStatus.SUBMITTED

    library = order_of("Ashdown Libraries", "1 W70B", "6 W59R")
    assert library.copied_from_id is not None
    assert library.status is OrderStatus.FULFILLED


def test_an_order_stands_in_three_columns(demo: None) -> None:
    garden = order_of("Rosebank Garden Centres", "9 T54W", "1 W70B", "3 W59R")
    assert garden.status is OrderStatus.APPROVED
    quantities = order_quantities(garden, units_of(garden.id))
    assert quantities.requested_differs
    assert quantities.fulfilled_counts
    columns = [
        (line.sku, one.requested, one.approved, one.fulfilled)
        for line in garden.lines
        for one in (quantities.lines[line.id],)
    ]
    assert columns == [("T54W", 8, 9, 7), ("W70B", 1, 1, 0), ("W59R", 4, 3, 0)]


def test_notes_are_there_for_those_who_read_them(demo: None) -> None:
    notes = every(OrderNote)
    assert {note.author_name for note in notes} == {"Ada Okafor", "Noor Haddad", "Sam Reyes"}
    orders = {order.id: order for order in every(HardwareOrder)}
    assert {orders[note.order_id].status for note in notes} == {
        OrderStatus.SUBMITTED,
        OrderStatus.APPROVED,
        OrderStatus.FULFILLED,
    }
    assert all(orders[note.order_id].created_at < note.created_at < SATURDAY_NIGHT for note in notes)


def test_searches_are_saved_for_oneself_and_for_colleagues(demo: None, demo_app: Flask) -> None:
    saved = every(SavedSearch)
    assert {one.shared for one in saved} == {True, False}
    assert {one.page for one in saved} >= {SearchedPage.ORDERS, SearchedPage.DEVICES, SearchedPage.AUDIT}
    noor, vera = (
        next(person.actor for person in every(Person) if person.name.startswith(name))
        for name in ("Noor", "Vera")
    )
    assert [(one.name, one.person_id == noor.id) for one in saved_searches(noor)] == [
        ("Ferncliff, still to come", True),
        ("Waiting, oldest first", False),
    ]
    assert [one.name for one in saved_searches(vera)] == ["What Harbourside has had"]
    # Each of them finds something for who saved it.
    assert [one.name for one in saved if not searched(demo_app, one)] == []


def searched(app: Flask, saved: SavedSearch) -> int:
    """How many rows the saved search has for who saved it."""
    client = Browser(app, app.response_class)
    sign_in(client, saved.person)
    page = client.get(f"/saved-searches/{saved.id}", follow_redirects=True)
    assert page.status_code == 200
    return page.text.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr")


def test_devices_were_made_linked_paired_moved_and_left_alone(demo: None) -> None:
    devices = every(Device)
    assert {device.unit_outcome for device in devices} == {"created", "linked", None}
    concerns = {sentence for device in devices for sentence in device.not_applied or ()}
    assert concerns == {
        "Rory Hennessy has left; nobody was assigned.",
        "Assigned to somebody else already; Marta Quinn was planned.",
    }
    handsets = [device for device in devices if device.kind is Kind.DECT_HANDSET]
    assert {device.base_device_id is None for device in handsets} == {True, False}
    assert any(event.kind == "device.moved" for event in every(AuditEvent))


def test_identifiers_are_the_makers_own_and_right(demo: None) -> None:
    for device in every(Device):
        identifier = parse(device.identifier_kind, device.identifier)
        assert identifier.value == device.identifier
        assert warnings(identifier, device.make) == ()


# ---- When it happened


def test_events_are_told_in_the_order_they_happened(demo: None) -> None:
    events = every(AuditEvent)
    moments = [event.at for event in events]
    assert moments == sorted(moments)
    assert moments[-1] < SATURDAY_NIGHT
    assert moments[0] > SATURDAY_NIGHT - timedelta(days=70)
    assert {event.actor_name for event in events} > {"Ada Okafor", "Piet Jansen", "Bea Lund"}


def test_rows_and_versions_carry_the_moments_of_their_actions(demo: None) -> None:
    transactions = {row.id: row for row in every(versioning_manager.transaction_cls)}
    for event in every(AuditEvent):
        if event.transaction_id is not None:
            assert transactions[event.transaction_id].issued_at == event.at.replace(tzinfo=None)
        if event.kind == "order.submitted":
            assert db.session.get_one(HardwareOrder, event.order_id).created_at == event.at
    marina = order_of("Brightwater Marina", "1 W70B", "12 W73H")
    versions = version_class(HardwareOrder)
    statement = select(versions.version).where(versions.id == marina.id).order_by(versions.transaction_id)
    assert list(db.session.scalars(statement)) == [1, 2]


@pytest.mark.parametrize("day", range(7))
def test_no_action_is_in_what_is_still_to_come(day: int) -> None:
    for hour in range(24):
        present = datetime(2026, 11, 16 + day, hour, 17, tzinfo=UTC)
        calendar = Calendar(present, Random(day))
        for order in ORDERS:
            moment = calendar.moment(order.when)
            for step in order.then:
                after = calendar.later(moment, step.after)
                assert moment < after < present
                moment = after


@pytest.mark.full
@pytest.mark.parametrize("day", range(7))
def test_the_demo_loads_on_any_day_of_the_week(own_app: Flask, day: int) -> None:
    with own_app.app_context(), clock.at(SATURDAY_NIGHT.replace(hour=7) + timedelta(days=day)):
        assert load().orders == len(ORDERS) + 1 + len(REQUESTS)
        db.session.remove()


# ---- Loading it


def traces_of(app: Flask) -> list[str]:
    with app.app_context(), acting_as(db.session, COMMAND_LINE):
        found = [f"{event.at} {event.summary} {event.request_id}" for event in every(AuditEvent)]
        found += [device.identifier for device in every(Device)]
        db.session.remove()
    return found


def test_it_is_the_same_every_time_and_loading_twice_changes_nothing(own_app: Flask, demo_app: Flask) -> None:
    runner = own_app.test_cli_runner()
    with clock.at(SATURDAY_NIGHT):
        first = runner.invoke(args=["demo", "load", "--if-empty"])
    assert first.exit_code == 0, first.output
    assert "ada@example.com" in first.output
    assert "demo-demo-demo-demo" in first.output
    assert traces_of(own_app) == traces_of(demo_app)
    with own_app.app_context():
        before = row_counts()
        db.session.remove()
    again = runner.invoke(args=["demo", "load", "--if-empty"])
    assert (again.exit_code, again.output) == (
        0,
        "No demo data was loaded: the database is in use already.\n",
    )
    refused = runner.invoke(args=["demo", "load"])
    assert refused.exit_code == 1
    assert "empty database only" in refused.output
    with own_app.app_context():
        with pytest.raises(NotEmpty):
            load()
        assert row_counts() == before
        db.session.remove()


@pytest.mark.parametrize("options", [[], ["--if-empty"]])
def test_production_refuses_it(own_database: Settings, options: list[str]) -> None:
    app = databases.new_app(replace(own_database, production=True))
    result = app.test_cli_runner().invoke(args=["demo", "load", *options])
    assert result.exit_code == 1
    assert "refused in production mode" in result.output
    with app.app_context():
        assert set(row_counts()) == {0}
        db.session.remove()
        db.engine.dispose()


# ---- The clock


def test_the_clock_is_set_for_a_block_only() -> None:
    with clock.at(SATURDAY_NIGHT):
        assert clock.utcnow() == SATURDAY_NIGHT
        with clock.at(SATURDAY_NIGHT - timedelta(days=1)):
            assert clock.utcnow() == SATURDAY_NIGHT - timedelta(days=1)
        assert clock.utcnow() == SATURDAY_NIGHT
    assert abs(clock.utcnow() - datetime.now(UTC)) < timedelta(minutes=1)
    with pytest.raises(ValueError, match="time zone"), clock.at(SATURDAY_NIGHT.replace(tzinfo=None)):
        pass

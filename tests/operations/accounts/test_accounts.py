"""Accounts, their locations and employees: who may do what to them, and what the audit log says of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import acting_as
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import COMMAND_LINE
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.models import Account, AuditEvent, Employee, Location
from hwadmin.operations.accounts.accounts import create_account, rename_account
from hwadmin.operations.accounts.employees import (
    NewEmployee,
    add_employee,
    change_employee,
    deactivate_employee,
    restore_employee,
)
from hwadmin.operations.accounts.locations import (
    NewLocation,
    add_location,
    archive_location,
    change_location,
    restore_location,
)
from tests.builders import World


def events() -> list[AuditEvent]:
    return list(db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)))


def count(model: Any) -> int:
    return db.session.execute(select(func.count(model.id))).scalar_one()


def refused(error: type[Exception], action: Callable[[], object]) -> Any:
    """The refusal of an action, after which every row is as it was and no event was written."""
    before = {model: count(model) for model in (Account, Location, Employee, AuditEvent)}
    with pytest.raises(error) as refusal:
        action()
    assert not db.session.new
    assert not db.session.dirty
    assert {model: count(model) for model in before} == before
    return refusal.value


def test_an_account_is_created_with_its_locations_and_employees_in_one_event(world: World) -> None:
    account = create_account(
        world.actor(world.piet),
        platform_id=world.northwind.id,
        name="  Brightwater Marina ",
        locations=[NewLocation("Harbour office", "Quay Rd 4\nPort Ellis"), NewLocation("Workshop")],
        employees=[NewEmployee("Aoife Brennan", "aoife@EXAMPLE.com", "17"), NewEmployee("Tom Hale")],
    )
    db.session.commit()
    assert account.name == "Brightwater Marina"
    assert [(site.name, site.address) for site in account.locations] == [
        ("Harbour office", "Quay Rd 4, Port Ellis"),
        ("Workshop", ""),
    ]
    assert [(one.name, one.email, one.employee_number) for one in account.employees] == [
        ("Aoife Brennan", "aoife@example.com", "17"),
        ("Tom Hale", None, None),
    ]
    (event,) = events()
    assert event.kind == "account.created"
    assert event.summary == "Created Brightwater Marina with 2 locations and 2 employees"
    assert (event.account_id, event.platform_name) == (account.id, "Northwind Voice")
    assert event.actor_name == "Piet Jansen"


def test_every_problem_of_a_new_account_is_told_at_once_and_at_its_field(world: World) -> None:
    actor, platform_id = world.actor(world.piet), world.northwind.id
    error = refused(
        InvalidInput,
        lambda: create_account(
            actor,
            platform_id=platform_id,
            name=" ",
            locations=[NewLocation(""), NewLocation("Fine", "x" * 301)],
            employees=[NewEmployee("Fine"), NewEmployee("", "nobody", "9" * 61)],
        ),
    )
    assert {problem.field for problem in error.errors} == {
        "name",
        "locations.0.name",
        "locations.1.address",
        "employees.1.name",
        "employees.1.email",
        "employees.1.employee_number",
    }


@pytest.mark.parametrize("name", ["a\x00b", "a\ud800b", "x" * 201, "\n"])
def test_a_name_that_cannot_be_stored_is_refused(world: World, name: str) -> None:
    actor, platform_id = world.actor(world.piet), world.northwind.id
    error = refused(InvalidInput, lambda: create_account(actor, platform_id=platform_id, name=name))
    assert [problem.field for problem in error.errors] == ["name"]


def test_the_same_submission_sent_twice_makes_one_account(world: World) -> None:
    def send() -> Account:
        account = create_account(
            world.actor(world.piet),
            platform_id=world.northwind.id,
            name="Pelican Freight",
            submission_key="k1",
        )
        db.session.commit()
        return account

    assert send().id == send().id
    assert len(events()) == 1


def test_a_submission_key_of_another_platform_says_nothing_about_it(world: World) -> None:
    create_account(
        world.actor(world.bea), platform_id=world.blue_harbor.id, name="Secret Ltd", submission_key="k1"
    )
    db.session.commit()
    actor, platform_id = world.actor(world.piet), world.northwind.id
    error = refused(
        WrongState,
        lambda: create_account(actor, platform_id=platform_id, name="Mine", submission_key="k1"),
    )
    assert "Secret" not in error.message


@pytest.mark.parametrize("platform_id", ["foreign", 0, -1, 10**9, 10**30])
def test_an_account_on_another_platform_and_on_no_platform_are_the_same_refusal(
    world: World, platform_id: Any
) -> None:
    foreign = world.blue_harbor.id
    actor = world.actor(world.piet)
    where = foreign if platform_id == "foreign" else platform_id
    error = refused(NotFound, lambda: create_account(actor, platform_id=where, name="Mine"))
    assert error.message == "There is no such platform."


def test_renaming_an_account_says_so_in_words(world: World) -> None:
    account = world.an_account(name="Old name")
    rename_account(world.actor(world.piet), account.id, "New name")
    db.session.commit()
    assert account.name == "New name"
    assert [event.summary for event in events()] == ["Renamed: name “Old name” → “New name”"]
    assert events()[0].kind == "account.changed"


def test_saving_without_a_change_writes_no_event(world: World) -> None:
    account = world.an_account(name="Same")
    site = world.a_location(account, "HQ", address="Road 1")
    dana = world.an_employee(account, "Dana", email="dana@example.com")
    actor = world.actor(world.piet)
    rename_account(actor, account.id, "Same")
    change_location(actor, site.id, NewLocation("HQ", "Road 1"))
    change_employee(actor, dana.id, NewEmployee("Dana", "dana@example.com"))
    db.session.commit()
    assert events() == []


def test_a_location_is_added_changed_archived_and_restored(world: World) -> None:
    account, actor = world.an_account(), world.actor(world.piet)
    site = add_location(actor, account.id, NewLocation("HQ"))
    change_location(actor, site.id, NewLocation("Head office", "Road 1"))
    archive_location(actor, site.id)
    db.session.commit()
    assert (site.name, site.address, site.platform_id) == ("Head office", "Road 1", account.platform_id)
    assert site.archived_at is not None
    refused(WrongState, lambda: archive_location(actor, site.id))
    restore_location(actor, site.id)
    db.session.commit()
    assert site.archived_at is None
    refused(WrongState, lambda: restore_location(actor, site.id))  # type: ignore[unreachable]
    assert [event.summary for event in events()] == [
        "Added the location “HQ”",
        "Changed the location “HQ”: name “HQ” → “Head office”, address set to “Road 1”",
        "Archived the location “Head office”",
        "Restored the location “Head office”",
    ]
    assert {event.account_id for event in events()} == {account.id}


def test_an_employee_is_added_changed_deactivated_and_restored(world: World) -> None:
    account, actor = world.an_account(), world.actor(world.ada)
    dana = add_employee(actor, account.id, NewEmployee("Dana"))
    change_employee(actor, dana.id, NewEmployee("Dana Fox", "dana@corp.local", "7"))
    deactivate_employee(actor, dana.id)
    db.session.commit()
    assert (dana.name, dana.email, dana.employee_number) == ("Dana Fox", "dana@corp.local", "7")
    refused(WrongState, lambda: deactivate_employee(actor, dana.id))
    restore_employee(actor, dana.id)
    db.session.commit()
    refused(WrongState, lambda: restore_employee(actor, dana.id))
    assert [event.summary for event in events()] == [
        "Added the employee Dana",
        "Changed the employee Dana: name “Dana” → “Dana Fox”, e-mail set to “dana@corp.local”, "
        "employee number set to “7”",
        "Noted that the employee Dana Fox has left",
        "Restored the employee Dana Fox",
    ]


def actions(account: Account, site: Location, dana: Employee) -> dict[str, Callable[[Any], object]]:
    """Every action on an account and what belongs to it, with input that is fine."""
    return {
        "rename": lambda actor: rename_account(actor, account.id, "Changed"),
        "add a location": lambda actor: add_location(actor, account.id, NewLocation("New")),
        "change a location": lambda actor: change_location(actor, site.id, NewLocation("New")),
        "archive a location": lambda actor: archive_location(actor, site.id),
        "restore a location": lambda actor: restore_location(actor, site.id),
        "add an employee": lambda actor: add_employee(actor, account.id, NewEmployee("New")),
        "change an employee": lambda actor: change_employee(actor, dana.id, NewEmployee("New")),
        "deactivate an employee": lambda actor: deactivate_employee(actor, dana.id),
        "restore an employee": lambda actor: restore_employee(actor, dana.id),
    }


ACTIONS = (
    "rename",
    "add a location",
    "change a location",
    "archive a location",
    "restore a location",
    "add an employee",
    "change an employee",
    "deactivate an employee",
    "restore an employee",
)


@pytest.mark.parametrize("action", ACTIONS)
def test_support_changes_nothing_and_another_platform_finds_nothing(world: World, action: str) -> None:
    account = world.an_account()
    act = actions(account, world.a_location(account), world.an_employee(account))[action]
    sam, bea = world.actor(world.sam), world.actor(world.bea)
    refused(NotAllowed, lambda: act(sam))
    error = refused(NotFound, lambda: act(bea))
    assert error.message.startswith("There is no such ")


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_on_a_row_that_is_not_there_is_not_found(world: World, action: str) -> None:
    gone = Account(id=10**9), Location(id=10**9), Employee(id=10**30)
    act, ada = actions(*gone)[action], world.actor(world.ada)
    refused(NotFound, lambda: act(ada))


@pytest.mark.parametrize(
    ("action", "field"),
    [
        (lambda actor, account: rename_account(actor, account.id, ""), "name"),
        (lambda actor, account: add_location(actor, account.id, NewLocation("")), "name"),
        (lambda actor, account: add_employee(actor, account.id, NewEmployee("Dana", "dana@")), "email"),
    ],
)
def test_bad_input_is_refused_at_its_field(world: World, action: Any, field: str) -> None:
    account, actor = world.an_account(), world.actor(world.piet)
    error = refused(InvalidInput, lambda: action(actor, account))
    assert [problem.field for problem in error.errors] == [field]


def test_bad_input_leaves_a_row_as_it_was(world: World) -> None:
    account, actor = world.an_account(), world.actor(world.piet)
    dana = world.an_employee(account, "Dana", email="dana@example.com")
    refused(InvalidInput, lambda: change_employee(actor, dana.id, NewEmployee("Fine", "bad")))
    assert (dana.name, dana.email) == ("Dana", "dana@example.com")


def test_one_submission_sent_by_many_at_once_makes_one_account(own_app: Flask) -> None:
    callers = 6
    with own_app.app_context(), acting_as(db.session, COMMAND_LINE):
        world = World()
        platform_id, ada = world.northwind.id, world.actor(world.ada)
    start = Barrier(callers)

    def send(_: int) -> int:
        with own_app.app_context(), acting_as(db.session, ada):
            start.wait(timeout=120)
            return transact(
                lambda: create_account(ada, platform_id=platform_id, name="Halden", submission_key="k1").id
            )

    with ThreadPoolExecutor(callers) as pool:
        keys = set(pool.map(send, range(callers)))
    with own_app.app_context(), acting_as(db.session, ada):
        assert len(keys) == count(Account) == len(events()) == 1

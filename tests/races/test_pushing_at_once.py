"""Eight pushes of the same person at the same moment: one record, and nobody is told of a fault."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Actor
from hwadmin.list_import.records import employees as employee_lists
from hwadmin.list_import.records.reading import read_records
from hwadmin.models import Account, Employee
from hwadmin.operations.directory import employees
from hwadmin.operations.directory.employee_import import import_employees
from hwadmin.operations.directory.employees import add_entry, change_entry
from hwadmin.operations.directory.entry_checks import DirectoryEntry
from hwadmin.operations.directory.pushes import Push, close_push, open_push
from tests.builders import World
from tests.races.callers import Action, Callers, meet
from tests.races.rows import EVENTS, a_world, inside
from tests.running import only_on

pytestmark = pytest.mark.both_databases

ROUNDS = [3, pytest.param(100, marks=pytest.mark.full)]
EMPLOYEES = Employee.__table__


@pytest.fixture
def world() -> World:
    return World()


def entry(title: str = "Nurse") -> DirectoryEntry:
    record = {"userName": "dana", "displayName": "Dana Reed", "title": title}
    return DirectoryEntry("dana", "Dana Reed", email="dana@example.com", title=title, record=record)


def push(actor: Actor, account_id: int) -> str:
    def action() -> str:
        pushed = open_push(actor, account_id)
        employee = add_entry(pushed, entry())
        close_push(pushed)
        return str(employee.scim_id)

    return transact(action)


def push_without_waiting(actor: Actor, account_id: int) -> str:
    """As it would be if a push did not wait for the one before it."""

    def action() -> str:
        pushed = Push(actor, find_account(account_id))
        # Both have found nobody, and neither has written yet.
        event.listen(db.session.registry(), "before_flush", lambda *_: meet(), once=True)
        return str(add_entry(pushed, entry()).scim_id)

    return transact(action)


def find_account(account_id: int) -> Account:
    account = db.session.get(Account, account_id)
    assert account is not None
    return account


def load(actor: Actor, account_id: int) -> str:
    records = read_records("Name;E-mail\nDana Reed;dana@example.com\n", employee_lists.EMPLOYEES).records
    return str(len(transact(lambda: import_employees(actor, account_id, records)).rows))


def change(actor: Actor, account_id: int, title: str) -> bool:
    def action() -> bool:
        pushed = open_push(actor, account_id)
        pushed_before = Employee.account_id == account_id, Employee.scim_id.is_not(None)
        key = db.session.scalars(select(Employee.scim_id).where(*pushed_before)).one()
        employee = employees.entry_of(pushed, str(key))
        assert employee is not None
        done = change_entry(pushed, employee, entry(title))
        close_push(pushed)
        return done

    return transact(action)


def records(app: Flask, account_id: int) -> int:
    with inside(app):
        query = select(func.count()).select_from(EMPLOYEES).where(EMPLOYEES.c.account_id == account_id)
        return int(db.session.connection().execute(query).scalar_one())


def pushes(app: Flask, account_id: int) -> Counter[str]:
    with inside(app):
        rows = db.session.connection().execute(
            select(EVENTS.c.kind).where(EVENTS.c.account_id == account_id, EVENTS.c.kind.like("directory.%"))
        )
        return Counter(rows.scalars())


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_eight_pushes_of_one_person_make_one_record(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            account_id, piet = world.an_account().id, world.piet.actor
        results = eight.all_at_once([Action(piet, push, (account_id,))] * 8)
        assert Counter(result.outcome for result in results) == {"done": 1, "PersonTaken": 7}, results
        assert records(own_app, account_id) == 1
        assert pushes(own_app, account_id) == {"directory.changed": 1}


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_a_push_and_an_import_of_one_person_make_one_record(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            account_id, piet = world.an_account().id, world.piet.actor
        actions = [Action(piet, push, (account_id,)), *[Action(piet, load, (account_id,))] * 7]
        results = eight.all_at_once(actions)
        assert [result.outcome for result in results] == ["done"] * 8, results
        assert records(own_app, account_id) == 1


def test_eight_changes_of_one_person_each_move_the_version(
    own_app: Flask, eight: Callers, world: World
) -> None:
    with a_world(own_app, world):
        account_id, piet = world.an_account().id, world.piet.actor
    eight.all_at_once([Action(piet, push, (account_id,))] * 8)
    results = eight.all_at_once([Action(piet, change, (account_id, f"Title {n}")) for n in range(8)])
    assert [(result.outcome, result.value) for result in results] == [("done", True)] * 8, results
    with inside(own_app):
        rows = db.session.connection().execute(select(EMPLOYEES.c.version))
        assert list(rows.scalars()) == [9]


@only_on("postgresql")  # On SQLite only one writes at a time.
def test_the_database_would_refuse_a_second_record_where_pushes_did_not_wait(
    own_app: Flask, two: Callers, world: World
) -> None:
    with a_world(own_app, world):
        account_id, piet = world.an_account().id, world.piet.actor
    results = two.all_at_once([Action(piet, push_without_waiting, (account_id,))] * 2)
    assert sorted(result.outcome for result in results) == ["IntegrityError", "done"], results
    assert records(own_app, account_id) == 1

"""What is done to the people of an account while others give them devices, lines and units.

Nobody waits in a circle, and nothing is left with a record that is no longer used.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import or_, select, update

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Actor
from hwadmin.list_import.records import accounts as account_lists
from hwadmin.list_import.records.reading import read_records
from hwadmin.models import Account, Device, Employee, HardwareOrder, PhoneLine, Unit
from hwadmin.operations.accounts.accounts import create_account
from hwadmin.operations.accounts.employees import NewEmployee, change_employee
from hwadmin.operations.accounts.locations import NewLocation
from hwadmin.operations.accounts.phone_lines import NewPhoneLine, change_phone_line
from hwadmin.operations.accounts.settings import change_employee_defaults
from hwadmin.operations.devices.devices import change_device
from hwadmin.operations.directory.account_import import import_accounts
from hwadmin.operations.directory.anonymization import anonymize_employee
from hwadmin.operations.directory.merging import merge_employees
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.orders.edits.intents import Intent, edit_intents
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine, NewOrder
from hwadmin.operations.orders.submission.submission import submit_order
from hwadmin.queries.units.units import units_of
from tests.builders import World
from tests.races.callers import Action, Callers, Result, meet
from tests.races.rows import a_world, inside
from tests.races.test_pushing_at_once import change, push

pytestmark = pytest.mark.both_databases

ROUNDS = [3, pytest.param(60, marks=pytest.mark.full)]


@pytest.fixture
def world() -> World:
    return World()


# ---- What the callers do


def merge(actor: Actor, employee_id: int, other_id: int) -> None:
    transact(lambda: merge_employees(actor, employee_id, other_id, reason="One person."))


def anonymize(actor: Actor, employee_id: int) -> None:
    transact(lambda: anonymize_employee(actor, employee_id, reason="They asked for it."))


def assign(actor: Actor, device_id: int, employee_id: int) -> None:
    transact(
        lambda: change_device(
            actor, device_id, employee_id=employee_id, location_id=None, base_device_id=None
        )
    )


def give_line(actor: Actor, line_id: int, number: str, employee_id: int) -> None:
    transact(lambda: change_phone_line(actor, line_id, NewPhoneLine(number, "KPN", employee_id)))


def fulfill(actor: Actor, order_id: int, typed: dict[int, str]) -> None:
    transact(lambda: fulfill_order(actor, order_id, typed))


def plan(actor: Actor, order_id: int, employees: Sequence[int]) -> None:
    """Plan the units of an order, the last one first."""

    def action() -> None:
        keys = [unit.id for unit in units_of(order_id)]
        intents = {key: Intent(employee) for key, employee in zip(keys, employees, strict=True)}
        edit_intents(actor, order_id, dict(reversed(intents.items())))

    transact(action)


def order_for(actor: Actor, account_id: int, sku: str, employees: Sequence[int]) -> None:
    lines = [NewLine(sku, len(employees), [NewIntent(key) for key in employees])]
    transact(lambda: submit_order(actor, NewOrder(account_id, lines)))


def report_to(actor: Actor, employee_id: int, manager_id: int) -> None:
    transact(lambda: change_employee_defaults(actor, employee_id, manager_id=manager_id, shares=()))


def correct(actor: Actor, employee_id: int, name: str) -> None:
    transact(lambda: change_employee(actor, employee_id, NewEmployee(name, "piotr@example.com")))


def load_accounts(actor: Actor, platform_id: int, text: str) -> None:
    records = read_records(text, account_lists.ACCOUNTS).records
    transact(lambda: import_accounts(actor, platform_id, records))


# ---- What must be true afterwards


def no_fault(results: Sequence[Result]) -> None:
    assert not [result for result in results if result.error], results


def left_with(app: Flask, employee_id: int) -> dict[str, list[int]]:
    """What a record still has: it should have nothing."""
    columns = Device.employee_id, PhoneLine.employee_id, Unit.employee_id, Employee.manager_id
    with inside(app):
        return {
            str(column): keys
            for column in columns
            if (keys := list(db.session.scalars(select(column.class_.id).where(column == employee_id))))
        }


def naming(app: Flask, account_id: int, name: str) -> dict[str, list[int]]:
    """Which rows of an account say a name."""
    units = select(Unit.id).join(HardwareOrder, HardwareOrder.id == Unit.order_id)
    queries = {
        "units": units.where(HardwareOrder.account_id == account_id, Unit.user_name == name),
        "orders": select(HardwareOrder.id).where(
            HardwareOrder.account_id == account_id, HardwareOrder.notes.contains(name)
        ),
        "employees": select(Employee.id).where(
            Employee.account_id == account_id, or_(Employee.name == name, Employee.former.is_not(None))
        ),
    }
    with inside(app):
        return {what: keys for what, query in queries.items() if (keys := list(db.session.scalars(query)))}


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_accounts_are_imported_while_their_directories_push(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for number in range(rounds):
        with a_world(own_app, world):
            account, piet = world.an_account(name=f"Harbor Clinic {number}"), world.piet.actor
            account_id, platform_id, name = account.id, account.platform_id, account.name
            by_hand = world.an_employee(account, "Piotr Berg", email="piotr@example.com").id
            push(piet, account_id)
        rows = f"Account;Employee;E-mail\n{name};Piotr Berg;piotr@example.com\n"
        lists = [f"{rows}{name};Ines Kaya {at};ines{at}@example.com\n" for at in range(3)]
        results = eight.all_at_once(
            [
                *[Action(piet, load_accounts, (platform_id, text)) for text in lists],
                *[Action(piet, change, (account_id, f"Title {at}")) for at in range(3)],
                *[Action(piet, correct, (by_hand, f"Piotr B. Berg {at}")) for at in range(2)],
            ]
        )
        assert [result.outcome for result in results] == ["done"] * 8, results


def create_slowly(actor: Actor, platform_id: int, name: str) -> None:
    """The others begin once the account is there, and it is not committed yet."""

    def action() -> None:
        create_account(actor, platform_id=platform_id, name=name)
        meet()
        for at in range(40):
            create_account(actor, platform_id=platform_id, name=f"{name} {at}", locations=[NewLocation("A")])

    transact(action)


def load_then(actor: Actor, platform_id: int, text: str) -> None:
    meet()
    load_accounts(actor, platform_id, text)


def test_an_import_finds_the_account_that_somebody_is_creating(
    own_app: Flask, two: Callers, world: World
) -> None:
    with a_world(own_app, world):
        piet, platform_id = world.piet.actor, world.northwind.id
    results = two.all_at_once(
        [
            Action(piet, create_slowly, (platform_id, "Harbor Clinic")),
            Action(piet, load_then, (platform_id, "Account;Location\nHarbor Clinic;Ward 3\n")),
        ]
    )
    assert [result.outcome for result in results] == ["done"] * 2, results
    with inside(own_app):
        assert len(db.session.scalars(select(Account).where(Account.name == "Harbor Clinic")).all()) == 1


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_a_merged_record_keeps_no_device_and_no_line_that_it_is_given_meanwhile(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            account, ada = world.an_account(), world.ada.actor
            dana, double = (world.an_employee(account, "Dana Reed").id for _ in range(2))
            report = world.an_employee(account, "Ines Kaya", manager_id=double).id
            another = world.an_employee(account, "Piotr Berg").id
            theirs = [world.a_device(account, employee_id=double).id for _ in range(2)]
            free = world.a_device(account).id
            line, other_line = (world.a_phone_line(account, employee_id=key) for key in (double, None))
            lines = [
                (line.id, line.phone_number, dana),
                (other_line.id, other_line.phone_number, double),
            ]
        results = eight.all_at_once(
            [
                Action(ada, merge, (dana, double)),
                *[Action(ada, assign, (key, dana)) for key in theirs],
                Action(ada, assign, (free, double)),
                *[Action(ada, give_line, arguments) for arguments in lines],
                Action(ada, report_to, (report, dana)),
                Action(ada, report_to, (another, double)),
            ]
        )
        no_fault(results)
        assert results[0].outcome == "done", results
        assert left_with(own_app, double) == {}


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_a_merged_record_keeps_no_unit_that_is_planned_or_fulfilled_meanwhile(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            account, ada, piet = world.an_account(), world.ada.actor, world.piet.actor
            dana, double = (world.an_employee(account, "Dana Reed").id for _ in range(2))
            ours = {0: [NewIntent(double), NewIntent(dana)]}
            sku = world.item("deskphone").sku
            orders = [world.an_order("approved", account=account, intents=ours) for _ in range(5)]
            typed = [(order.id, world.identifiers_for(order)) for order in orders[:2]]
            planned = [order.id for order in orders[2:]]
        results = eight.all_at_once(
            [
                Action(ada, merge, (dana, double)),
                *[Action(ada, fulfill, arguments) for arguments in typed],
                *[Action(piet, plan, (key, (dana, double))) for key in planned],
                *[Action(piet, order_for, (account.id, sku, (double, dana)))] * 2,
            ]
        )
        no_fault(results)
        assert results[0].outcome == "done", results
        assert left_with(own_app, double) == {}


@pytest.mark.parametrize("rounds", ROUNDS, indirect=True)
def test_who_is_anonymized_is_named_by_nothing_that_is_written_meanwhile(
    own_app: Flask, eight: Callers, world: World, rounds: int
) -> None:
    for _ in range(rounds):
        with a_world(own_app, world):
            account, ada, piet = world.an_account(), world.ada.actor, world.piet.actor
            dana, ines = (world.an_employee(account, name).id for name in ("Dana Reed", "Ines Kaya"))
            ours = {0: [NewIntent(dana), NewIntent(ines)]}
            sku = world.item("deskphone").sku
            orders = [
                world.an_order("approved", account=account, intents=ours, notes="For Dana Reed")
                for _ in range(5)
            ]
            typed = [(order.id, world.identifiers_for(order)) for order in orders[:2]]
            planned = [order.id for order in orders[2:4]]
            # What was written last lies last: nobody goes by the order of the rows on the disk.
            db.session.execute(
                update(HardwareOrder).where(HardwareOrder.id == orders[0].id).values(attention="Desk")
            )
            db.session.commit()
        results = eight.all_at_once(
            [
                Action(ada, anonymize, (dana,)),
                *[Action(ada, fulfill, arguments) for arguments in typed],
                *[Action(piet, plan, (key, (ines, dana))) for key in planned],
                *[Action(piet, order_for, (account.id, sku, (dana, ines)))] * 2,
                Action(piet, correct, (dana, "Dana Reed-Kaya")),
            ]
        )
        no_fault(results)
        assert results[0].outcome == "done", results
        assert naming(own_app, account.id, "Dana Reed") == {}
        assert naming(own_app, account.id, "Dana Reed-Kaya") == {}

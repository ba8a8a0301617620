"""Two records of one person become one: everything goes over, nothing is lost, nobody else is touched."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.errors import InvalidInput, NotAllowed, NotFound, WrongState
from hwadmin.list_import.records.employees import EMPLOYEES
from hwadmin.list_import.records.reading import read_records
from hwadmin.models import Account, Device, Employee, Unit
from hwadmin.operations.accounts.employees import restore_employee
from hwadmin.operations.directory.employee_import import import_employees
from hwadmin.operations.directory.merging import Merged, merge_employees
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.units.units import units_of
from tests.builders import Clients, World
from tests.operations.refusals import events
from tests.scim.pushers import Pusher


@pytest.fixture
def account(world: World) -> Account:
    return world.an_account(name="Riverside Clinic")


def merge(world: World, employee: Employee, other: Employee, reason: str = "One badge.") -> Merged:
    return transact(lambda: merge_employees(world.ada.actor, employee.id, other.id, reason=reason))


def test_devices_lines_plans_and_reports_go_over_and_the_other_is_used_no_more(
    world: World, account: Account
) -> None:
    dana = world.an_employee(account, "Dana Reed", email="dana@example.com")
    second = world.an_employee(account, "D. Reed", employee_number="7", title="Nurse")
    report = world.an_employee(account, "Kofi", manager_id=second.id)
    fulfilled = world.an_order("fulfilled", account=account, intents={0: [NewIntent(employee_id=second.id)]})
    planned = world.an_order("approved", account=account, intents={0: [NewIntent(employee_id=second.id)]})
    line = world.a_phone_line(account, "0612345678", employee_id=second.id)
    merged = merge(world, dana, second)
    assert (merged.devices, merged.phone_lines, merged.units) == (1, 1, 2)
    db.session.expire_all()
    assert db.session.get(Device, units_of(fulfilled.id)[0].device_id).employee_id == dana.id
    plans = db.session.scalars(select(Unit.employee_id).where(Unit.order_id == planned.id)).all()
    assert dana.id in plans
    assert second.id not in plans
    assert (line.employee_id, report.manager_id) == (dana.id, dana.id)
    assert (dana.email, dana.employee_number, dana.title) == ("dana@example.com", "7", "Nurse")
    assert (second.merged_into_id, second.employee_number) == (dana.id, None)
    assert second.deactivated_at is not None
    assert dana.former["name"] == ["D. Reed"]
    (event,) = events(kind="account.changed")
    assert event.summary.startswith("Merged the employee D. Reed into Dana Reed: 1 device, 1 phone line, 2")
    assert event.reason == "One badge."


def test_what_the_directory_knows_them_by_goes_over(app: Flask, world: World, account: Account) -> None:
    okta = Pusher(app, account)
    dana = world.an_employee(account, "Dana Reed", employee_number="7", deactivated_at=utcnow())
    okta.create("dana@example.com", displayName="Dana Mensah", emails=[{"value": "dana@example.com"}])
    pushed = db.session.scalars(select(Employee).where(Employee.user_name == "dana@example.com")).one()
    scim_id = pushed.scim_id
    merge(world, dana, pushed)
    db.session.expire_all()
    assert (dana.scim_id, dana.user_name, dana.email) == (scim_id, "dana@example.com", "dana@example.com")
    assert (dana.deactivated_at, dana.source.value) == (None, "scim")
    assert pushed.scim_id is None
    assert okta.get(f"/Users/{scim_id}").status_code == 200
    people = db.session.scalars(select(Employee).where(Employee.account_id == account.id)).all()
    assert sum(one.deactivated_at is None for one in people) == 1


def test_a_list_does_not_find_the_record_that_was_merged(world: World, account: Account) -> None:
    dana = world.an_employee(account, "Dana Reed", email="dana@example.com")
    merge(world, dana, world.an_employee(account, "D. Reed"))
    records = read_records("Name,E-mail\nD. Reed,d.reed@example.com\n", EMPLOYEES).records
    plan = transact(lambda: import_employees(world.piet.actor, account.id, records))
    assert plan.rows[0].outcome.value == "added"


def test_what_cannot_be_merged_is_refused_and_nothing_is_changed(
    app: Flask, world: World, account: Account
) -> None:
    dana, second = world.an_employee(account, "Dana Reed"), world.an_employee(account, "D. Reed")
    foreign = world.an_employee(world.an_account(), "Dana Reed")
    with pytest.raises(InvalidInput, match="the same record"):
        merge(world, dana, dana)
    with pytest.raises(InvalidInput, match="of another account"):
        merge(world, dana, foreign)
    with pytest.raises(InvalidInput, match="Say how you know"):
        merge(world, dana, second, reason=" ")
    with pytest.raises(NotFound):
        transact(lambda: merge_employees(world.ada.actor, dana.id, 10**9, reason="One badge."))
    with pytest.raises(NotAllowed):
        transact(lambda: merge_employees(world.piet.actor, dana.id, second.id, reason="One badge."))
    okta = Pusher(app, account)
    okta.create("one@example.com", displayName="One")
    okta.create("two@example.com", displayName="Two")
    pushed = db.session.scalars(select(Employee).where(Employee.scim_id.is_not(None))).all()
    with pytest.raises(WrongState, match="sends both"):
        merge(world, pushed[0], pushed[1])
    assert events(kind="account.changed") == []
    merge(world, dana, second)
    with pytest.raises(WrongState, match="merged already"):
        merge(world, dana, second)
    with pytest.raises(WrongState, match="was merged"):
        transact(lambda: restore_employee(world.piet.actor, second.id))
    assert len(events(kind="account.changed")) == 1


def test_a_super_admin_merges_on_the_persons_page(world: World, clients: Clients, account: Account) -> None:
    dana = world.an_employee(account, "Dana Reed", email="dana@example.com")
    second = world.an_employee(account, "Dana Reed", employee_number="7")
    page = f"/accounts/{account.id}/employees/{dana.id}/"
    assert f"{page}merge/" in clients.ada.get(page).text
    assert f"{page}merge/" not in clients.piet.get(page).text
    assert "Dana Reed · number 7" in clients.ada.get(f"{page}merge/").text
    refused = clients.ada.post(f"{page}merge/", data={"other": str(second.id), "reason": ""})
    assert refused.status_code == 422
    assert "Say how you know that they are one." in refused.text
    done = clients.ada.post(
        f"{page}merge/", data={"other": str(second.id), "reason": "One badge."}, follow_redirects=True
    )
    assert "Merged: 0 devices, 0 phone lines, 0 planned units went over." in done.text
    db.session.expire_all()
    assert (dana.employee_number, second.merged_into_id) == ("7", dana.id)
    assert "Merged into" in clients.ada.get(f"/accounts/{account.id}/employees/").text

"""What a push does to the employees of an account: linked, deactivated, removed, and said in one event."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.errors import InvalidInput
from hwadmin.models import Account, AuditEvent, Employee, Source
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.units.units import units_of
from tests.builders import Clients, World
from tests.scim.pushers import BULK, Pusher, user


def all_of(account: Account) -> list[Employee]:
    db.session.expire_all()
    query = select(Employee).where(Employee.account_id == account.id).order_by(Employee.id)
    return list(db.session.scalars(query))


def pushes() -> list[AuditEvent]:
    query = select(AuditEvent).where(AuditEvent.kind == "directory.changed").order_by(AuditEvent.id)
    return list(db.session.scalars(query))


def test_somebody_entered_by_hand_becomes_the_directorys_with_everything_of_theirs(
    world: World, account: Account, okta: Pusher
) -> None:
    dana = world.an_employee(account, "D. Reed", email="Dana@Example.com")
    okta.create("dana", displayName="Dana Reed", emails=[{"value": "dana@example.com"}])
    assert [(one.id, one.name, one.source) for one in all_of(account)] == [
        (dana.id, "Dana Reed", Source.SCIM)
    ]
    assert [event.summary for event in pushes()] == ["Directory: linked Dana Reed"]


def test_the_employee_number_decides_whom_an_address_means(
    world: World, account: Account, okta: Pusher
) -> None:
    reception = world.an_employee(account, "Reception", email="info@example.com", employee_number="1")
    kofi = world.an_employee(account, "Kofi", email="info@example.com", employee_number="2")
    okta.create("kofi", emails=[{"value": "info@example.com"}], company={"employeeNumber": "2"})
    okta.create("lee", emails=[{"value": "info@example.com"}], company={"employeeNumber": "3"})
    sources = {one.id: one.source for one in all_of(account)}
    assert (sources[reception.id], sources[kofi.id], len(sources)) == (Source.HAND, Source.SCIM, 3)


def test_where_two_could_be_meant_neither_is_taken(world: World, account: Account, okta: Pusher) -> None:
    for name in ("Dana A", "Dana B"):
        world.an_employee(account, name, email="dana@example.com")
    okta.create("dana@example.com")
    assert [one.source for one in all_of(account)] == [Source.HAND, Source.HAND, Source.SCIM]


def test_whoever_is_removed_leaves_their_history_and_comes_back_to_it(account: Account, okta: Pusher) -> None:
    emails = [{"value": "dana@example.com"}]
    key = okta.create(displayName="Dana Reed", emails=emails)["id"]
    assert okta("DELETE", f"/Users/{key}").status_code == 204
    (dana,) = all_of(account)
    assert dana.deactivated_at is not None
    assert (dana.in_directory, dana.user_name, dana.name) == (False, None, "Dana Reed")
    again = okta.create(displayName="Dana Reed", emails=emails)
    (back,) = all_of(account)
    assert (back.id, back.deactivated_at) == (dana.id, None)
    assert again["id"] != key
    assert [event.summary for event in pushes()] == [
        "Directory: added Dana Reed",
        "Directory: removed Dana Reed",
        "Directory: linked Dana Reed",
    ]


def test_a_push_is_one_event_that_names_everybody(world: World, account: Account, okta: Pusher) -> None:
    key = okta.create("kofi", displayName="Kofi")["id"]
    operations = [
        {
            "method": "POST",
            "path": "/Users",
            "bulkId": str(n),
            "data": user(f"user{n}", displayName=f"User {n}"),
        }
        for n in range(14)
    ]
    operations += [
        {
            "method": "PATCH",
            "path": f"/Users/{key}",
            "data": {"Operations": [{"op": "replace", "value": {"active": False, "title": "Nurse"}}]},
        }
    ]
    assert okta("POST", "/Bulk", {"schemas": [BULK], "Operations": operations}).status_code == 200
    event = pushes()[-1]
    assert event.summary == "Directory: 14 added, 1 changed, 1 deactivated"
    assert (event.actor_name, event.account_name) == ("Okta (directory)", "Riverside Clinic")
    assert event.details["added"] == [f"User {n}" for n in range(14)]
    assert event.details["changed"] == ["Kofi (title)"]
    assert event.details["deactivated"] == ["Kofi"]


def test_a_refused_push_leaves_nothing(account: Account, okta: Pusher) -> None:
    okta.create("dana")
    assert okta("POST", "/Users", user("Dana")).status_code == 409
    assert len(all_of(account)) == 1
    assert len(pushes()) == 1


def test_whoever_left_is_flagged_where_units_are_planned_for_them_and_gets_nothing_new(
    app: Flask, world: World, clients: Clients, account: Account, okta: Pusher
) -> None:
    key = okta.create(displayName="Dana Reed")["id"]
    dana = all_of(account)[0]
    pending, approved = (
        world.an_order(status, account=account, intents={0: [NewIntent(employee_id=dana.id)]})
        for status in ("submitted", "approved")
    )
    okta.patch(key, {"op": "Replace", "path": "active", "value": "False"})
    for order in (pending, approved):
        page = clients.ada.get(f"/orders/{order.reference}").text
        assert "Dana Reed has left; units are still planned for them." in page
    mac = {f"unit-{units_of(approved.id)[0].id}": "80:5e:c0:00:00:01", "do": "check"}
    checked = clients.ada.post(f"/orders/{approved.reference}/fulfill", data=mac).text
    assert "Dana Reed has left; nobody was assigned." in checked
    with pytest.raises(InvalidInput, match=r"not an active employee|has left|no such|employee"):
        world.an_order(account=account, intents={0: [NewIntent(employee_id=dana.id)]})

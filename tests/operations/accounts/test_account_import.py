"""Lists of accounts with locations: found by name, added once, nothing removed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.errors import ChangedMeanwhile, NotAllowed, NotFound
from hwadmin.list_import.records.accounts import ACCOUNTS
from hwadmin.list_import.records.plan import ListPlan
from hwadmin.list_import.records.reading import read_records
from hwadmin.models import Account, Employee, Location
from hwadmin.operations.directory.account_import import import_accounts, plan_accounts
from tests.builders import World
from tests.operations.refusals import events

LIST = (
    "Customer,Site,Street,Postcode,City\n"
    "Riverside Clinic,Head office,1 River Road,01234,Bath\n"
    "Riverside Clinic,Annex,2 River Road,01234,Bath\n"
    "Müller & Söhne,,,,\n"
)


def run(world: World, text: str, *, write: bool = True, **more: Any) -> ListPlan[Any]:
    records = read_records(text, ACCOUNTS).records
    if not write:
        return plan_accounts(world.piet.actor, world.northwind.id, records)
    return transact(lambda: import_accounts(world.piet.actor, world.northwind.id, records, **more))


def outcomes(plan: ListPlan[Any]) -> list[str]:
    return [row.outcome.value for row in plan.rows]


def there() -> dict[str, list[tuple[str, str]]]:
    db.session.expire_all()
    rows = db.session.scalars(select(Location).order_by(Location.id)).all()
    return {
        account.name: [(row.name, row.address) for row in rows if row.account_id == account.id]
        for account in db.session.scalars(select(Account))
    }


def test_accounts_and_locations_are_added_and_the_same_list_again_changes_nothing(world: World) -> None:
    assert outcomes(run(world, LIST, write=False)) == ["added"] * 3
    assert there() == {}
    run(world, LIST)
    expected = {
        "Riverside Clinic": [
            ("Head office", "1 River Road, 01234, Bath"),
            ("Annex", "2 River Road, 01234, Bath"),
        ],
        "Müller & Söhne": [],
    }
    assert there() == expected
    assert [event.details["locations"] for event in events(kind="account.created")] == [
        ["Head office", "Annex"],
        [],
    ]
    again = LIST.replace("Müller & Söhne", "MULLER & SÖHNE").replace("Annex", "ANNEX")
    assert outcomes(run(world, again)) == ["unchanged"] * 3
    assert there() == expected
    assert events(kind="account.changed") == []


def test_a_known_account_gets_a_location_and_a_new_address_and_keeps_the_rest(world: World) -> None:
    run(world, LIST)
    rows = ("Annex,9 New Street", "Garage,", "Head office,")
    plan = run(world, "\n".join(["Customer,Site,Address", *(f"Riverside Clinic,{row}" for row in rows)]))
    assert outcomes(plan) == ["changed", "added", "unchanged"]
    assert there()["Riverside Clinic"] == [
        ("Head office", "1 River Road, 01234, Bath"),
        ("Annex", "9 New Street"),
        ("Garage", ""),
    ]
    (event,) = events(kind="account.changed")
    assert "address of “Annex” 2 River Road, 01234, Bath → 9 New Street" in event.summary


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (",Depot,", "Give the account a name."),
        (f"{'x' * 201},Depot,", "Use 200 characters"),
        ("Fine,Depot,", "Row 2 states the same already."),
        ("Twin,Depot,", "There are 2 accounts called Twin"),
        ("Riverside,#N/A,", "the error of a formula"),
    ],
)
def test_a_wrong_row_is_left_out_with_its_reason(world: World, row: str, sentence: str) -> None:
    for _ in range(2):
        world.an_account(name="Twin")
    plan = run(world, f"Customer,Site,Address\nFine,Depot,1 Road\n{row}\n")
    assert outcomes(plan) == ["added", "refused"]
    assert sentence in plan.rows[1].changes[0]
    assert there()["Fine"] == [("Depot", "1 Road")]


def test_an_address_without_a_location_is_left_out_and_told(world: World) -> None:
    plan = run(world, "Customer,Address\nRiverside,1 River Road\n")
    assert plan.rows[0].notes == ["The address belongs to no location, so it is left out."]
    assert there() == {"Riverside": []}


def test_a_location_that_stands_in_the_rows_of_several_people_is_added_once(world: World) -> None:
    people = (("Dana Reed", "dana@example.com"), ("Ida Quinn", ""), ("Mo Byrne", "mo@nonsense"))
    rows = [f"Riverside,Depot,1 Road,{name},{email}" for name, email in people]
    text = "\n".join(["Customer,Site,Address,Contact,E-mail", *rows])
    plan = run(world, text)
    assert [(row.title, row.outcome.value) for row in plan.rows] == [
        ("Riverside, Depot", "added"),
        ("Riverside, Dana Reed", "added"),
        ("Riverside, Ida Quinn", "added"),
        ("Riverside, Mo Byrne", "refused"),
    ]
    assert there() == {"Riverside": [("Depot", "1 Road")]}
    assert set(db.session.scalars(select(Employee.name))) == {"Dana Reed", "Ida Quinn"}
    assert set(outcomes(run(world, text))) == {"unchanged", "refused"}


def test_an_account_of_another_platform_is_another_one(world: World) -> None:
    world.an_account(name="Riverside Clinic", platform=world.blue_harbor)
    assert outcomes(run(world, LIST)) == ["added"] * 3


def test_only_who_writes_accounts_of_the_platform_imports_and_does_what_was_previewed(world: World) -> None:
    records = read_records(LIST, ACCOUNTS).records
    with pytest.raises(NotAllowed):
        plan_accounts(world.sam.actor, world.northwind.id, records)
    with pytest.raises(NotFound):
        plan_accounts(world.bea.actor, world.northwind.id, records)
    digest = run(world, LIST, write=False).digest
    world.an_account(name="Riverside Clinic")
    with pytest.raises(ChangedMeanwhile):
        run(world, LIST, expected=digest)

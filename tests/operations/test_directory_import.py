"""Importing a list of people: previewed, written at once, and nothing twice."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.errors import ChangedMeanwhile, NotAllowed, NotFound
from hwadmin.extensions import db
from hwadmin.lists.people import people_of, read_people, recognised
from hwadmin.models import Account, AccountingCode, AuditEvent, Employee, Source
from hwadmin.operations.directory_import import ImportPlan, import_people, plan_import
from hwadmin.uow import transact
from tests.builders import World
from tests.scim.pushers import Pusher

HEADER = "Name;E-mail;Number;Title;Department;Phone;Cost center;Manager;Status\n"


@pytest.fixture
def account(world: World) -> Account:
    return world.an_account(name="Riverside Clinic")


class Importer:
    """Piet with a list of Riverside's people."""

    def __init__(self, world: World, account: Account) -> None:
        self.actor, self.account = world.piet.actor, account

    def people(self, text: str) -> Any:
        sheet = read_people(HEADER + text)
        return people_of(sheet, recognised(sheet))

    def plan(self, text: str, **more: Any) -> ImportPlan:
        return plan_import(self.actor, self.account.id, self.people(text), **more)

    def __call__(self, text: str, **more: Any) -> ImportPlan:
        return transact(lambda: import_people(self.actor, self.account.id, self.people(text), **more))


@pytest.fixture
def importer(world: World, account: Account) -> Importer:
    return Importer(world, account)


def outcomes(plan: ImportPlan) -> list[tuple[str, str]]:
    return [(one.name, one.outcome.value) for one in plan.people]


def refusals(plan: ImportPlan) -> list[str]:
    return [sentence for one in plan.people if one.outcome.value == "refused" for sentence in one.said]


def employees(account: Account) -> dict[str, Employee]:
    db.session.expire_all()
    query = select(Employee).where(Employee.account_id == account.id)
    return {one.name: one for one in db.session.scalars(query)}


def events() -> list[AuditEvent]:
    return list(db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "directory.imported")))


LIST = (
    "Dana Reed;dana@example.com;7;Nurse;Cardiology;+31 20 1234567;CC-1;Robin Boss;active\n"
    "Robin Boss;robin@example.com;8;Head;Cardiology;;CC-1;;active\n"
    "Kofi Mensah;kofi@example.com;9;;;;;8;\n"
)


def test_the_same_list_twice_changes_nothing(account: Account, importer: Importer) -> None:
    assert outcomes(importer(LIST)) == [
        ("Dana Reed", "added"),
        ("Robin Boss", "added"),
        ("Kofi Mensah", "added"),
    ]
    people = employees(account)
    dana, robin = people["Dana Reed"], people["Robin Boss"]
    assert (dana.source, dana.title, dana.phone_number) == (Source.IMPORT, "Nurse", "+31 20 1234567")
    assert {dana.manager_id, people["Kofi Mensah"].manager_id} == {robin.id}
    assert dana.accounting_codes == [{"code": "CC-1", "percent": "100"}]
    assert list(db.session.scalars(select(AccountingCode.code))) == ["CC-1"]
    before = {one.id: (one.version, one.updated_at) for one in people.values()}
    again = importer(LIST)
    assert {outcome for _, outcome in outcomes(again)} == {"unchanged"}
    assert not again.does_something
    assert {one.id: (one.version, one.updated_at) for one in employees(account).values()} == before
    (event,) = events()
    assert event.summary == "Imported a list: 3 added"
    assert event.details["added"] == ["Dana Reed", "Robin Boss", "Kofi Mensah"]


def test_a_preview_writes_nothing_and_says_what_would_be_different(
    world: World, account: Account, importer: Importer
) -> None:
    dana = world.an_employee(account, "Dana", email="dana@example.com", employee_number="7")
    left = world.an_employee(account, "Lee", employee_number="9", deactivated_at=utcnow())
    plan = importer.plan(
        "Dana Reed;dana@example.com;7;Nurse;;;;;\nLee;;9;;;;;;active\nNew;;10;;;;;;\nLee;;9;;;;;;\n"
    )
    assert outcomes(plan) == [
        ("Dana Reed", "changed"),
        ("Lee", "restored"),
        ("New", "added"),
        ("Lee", "refused"),
    ]
    assert plan.people[0].said == ["name Dana → Dana Reed", "title none → Nurse"]
    assert refusals(plan) == ["The same person as in row 3."]
    assert set(employees(account)) == {"Dana", "Lee"}
    assert (dana.version, left.version) == (1, 1)
    assert events() == []


def test_an_empty_cell_leaves_what_is_known(world: World, account: Account, importer: Importer) -> None:
    world.an_employee(account, "Dana", email="dana@example.com", employee_number="7", title="Nurse")
    assert outcomes(importer("Dana;;7;;;;;;\n")) == [("Dana", "unchanged")]


def test_who_is_not_in_the_list_any_more_has_left_where_that_was_said(
    world: World, account: Account, importer: Importer
) -> None:
    importer(LIST)
    world.an_employee(account, "Hand Made")
    shorter = LIST.split("\n", 1)[1]
    assert {outcome for _, outcome in outcomes(importer.plan(shorter))} == {"unchanged"}
    plan = importer(shorter, missing_left=True)
    assert outcomes(plan)[-1] == ("Dana Reed", "deactivated")
    people = employees(account)
    assert people["Dana Reed"].deactivated_at is not None
    assert people["Hand Made"].deactivated_at is None
    assert not importer(shorter, missing_left=True).does_something
    assert outcomes(importer(LIST, missing_left=True))[0] == ("Dana Reed", "restored")


def test_somebody_leaves_by_their_status(account: Account, importer: Importer) -> None:
    importer(LIST)
    assert outcomes(importer("Dana Reed;;7;;;;;;terminated\n")) == [("Dana Reed", "deactivated")]
    assert employees(account)["Dana Reed"].deactivated_at is not None
    assert outcomes(importer("Dana Reed;;7;;;;;;terminated\n")) == [("Dana Reed", "unchanged")]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (";nobody@example.com;;;;;;;", "to add somebody their name is needed"),
        ("Dana;no address;;;;;;;", "“no address” is no e-mail address."),
        ("Dana;;1;;;;;Nobody Known;", "There is nobody called “Nobody Known” to be the manager."),
        ("Dana;;1;;;;;1;", "There is nobody called “1” to be the manager."),
        ("Dana;;1;;;;;;maybe", "“maybe” says neither"),
        ("Dana;;1;;;;;;left", "They have left, and were never here."),
        (f"{'x' * 201};;1;;;;;;", "Use 200 characters at most"),
        (f"Dana;;{'1' * 61};;;;;;", "Employee number: Use 60 characters"),
        (f"Dana;;1;;;;{'c' * 61};;", "Accounting code: Use 60 characters"),
        ("Da\u202ena;;1;;;;;;", "invisible control character"),
        ("Twin;;;;;;;;", "There are 2 employees with this name; none was chosen."),
        (";twin@example.com;;;;;;;", "There are 2 employees with this e-mail address"),
        ("Kim;;1;;;;;Twin;", "There are 2 employees called “Twin”"),
    ],
)
def test_a_row_is_refused_with_its_reason_and_the_others_are_written(
    world: World, account: Account, importer: Importer, row: str, sentence: str
) -> None:
    for _ in range(2):
        world.an_employee(account, "Twin", email="twin@example.com")
    plan = importer(f"{row}\nSomebody;;99;;;;;;\n")
    assert len(refusals(plan)) == 1
    assert sentence in refusals(plan)[0]
    assert set(employees(account)) == {"Twin", "Somebody"}


def test_a_manager_who_is_refused_is_nobodys(account: Account, importer: Importer) -> None:
    plan = importer("Robin;bad address;8;;;;;;\nDana;;7;;;;;Robin;\nKofi;;9;;;;;Dana;\n")
    assert [outcome for _, outcome in outcomes(plan)] == ["refused"] * 3
    assert employees(account) == {}


def test_what_the_hr_directory_looks_after_is_refused_unless_nothing_is_different(
    app: Flask, account: Account, importer: Importer
) -> None:
    Pusher(app, account).create(displayName="Dana Reed", title="Nurse", emails=[{"value": "d@example.com"}])
    assert outcomes(importer.plan("Dana Reed;d@example.com;;Nurse;;;;;\n")) == [("Dana Reed", "unchanged")]
    plan = importer("Dana Reed;d@example.com;;Surgeon;;;;;\n")
    assert refusals(plan) == ["Dana Reed comes from the HR directory of this account; change it there."]
    assert employees(account)["Dana Reed"].title == "Nurse"


def test_somebody_of_whom_only_the_name_was_known_is_not_doubled(
    world: World, account: Account, importer: Importer
) -> None:
    world.an_employee(account, "Dana Reed")
    importer(LIST)
    assert len(employees(account)) == 3
    assert employees(account)["Dana Reed"].email == "dana@example.com"


def test_an_import_does_what_the_preview_said_or_nothing(
    world: World, account: Account, importer: Importer
) -> None:
    digest = importer.plan(LIST).digest
    world.an_employee(account, "Dana", email="dana@example.com", employee_number="7")
    with pytest.raises(ChangedMeanwhile, match="since this preview"):
        importer(LIST, expected=digest)
    assert set(employees(account)) == {"Dana"}
    importer(LIST, expected=importer.plan(LIST).digest)
    assert len(employees(account)) == 3


def test_only_who_writes_the_account_imports(world: World, account: Account, importer: Importer) -> None:
    for actor, refused in ((world.sam.actor, NotAllowed), (world.bea.actor, NotFound)):
        importer.actor = actor
        with pytest.raises(refused):
            importer.plan(LIST)
        with pytest.raises(refused):
            importer(LIST)
    assert employees(account) == {}

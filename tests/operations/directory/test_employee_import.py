"""Importing a list of people: previewed, written at once, and nothing twice."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.errors import ChangedMeanwhile, NotAllowed, NotFound
from hwadmin.list_import.records.employees import EMPLOYEES
from hwadmin.list_import.records.plan import ListPlan
from hwadmin.list_import.records.reading import read_records
from hwadmin.models import Account, AccountingCode, AuditEvent, Employee, Source
from hwadmin.operations.directory.employee_import import import_employees, plan_employees
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

    def records(self, text: str) -> Any:
        return read_records(HEADER + text, EMPLOYEES).records

    def plan(self, text: str, answers: Any = None, **more: Any) -> ListPlan[Any]:
        return plan_employees(self.actor, self.account.id, self.records(text), answers, **more)

    def __call__(self, text: str, answers: Any = None, **more: Any) -> ListPlan[Any]:
        records = self.records(text)
        return transact(lambda: import_employees(self.actor, self.account.id, records, answers, **more))


@pytest.fixture
def importer(world: World, account: Account) -> Importer:
    return Importer(world, account)


def outcomes(plan: ListPlan[Any]) -> list[tuple[str, str]]:
    return [(row.title, row.outcome.value) for row in plan.rows]


def refusals(plan: ListPlan[Any]) -> list[str]:
    return [
        sentence for row in plan.rows if row.outcome.value in ("refused", "open") for sentence in row.changes
    ]


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
    assert plan.rows[0].changes == ["name Dana → Dana Reed", "title set to Nurse"]
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
        ("Dana;no address;;;;;;;", "“no address” is not an e-mail address."),
        ("Dana;;1;;;;;Nobody Known;", "There is nobody called “Nobody Known” to be the manager."),
        ("Dana;;1;;;;;1;", "There is nobody called “1” to be the manager."),
        ("Dana;;1;;;;;;maybe", "Works here: “maybe” is none of these: Works here, Has left."),
        ("Dana;;1;;;;;;left", "They have left, and were never here."),
        (f"{'x' * 201};;1;;;;;;", "Use 200 characters at most"),
        (f"Dana;;{'1' * 61};;;;;;", "Employee number: Use 60 characters"),
        (f"Dana;;1;;;;{'c' * 61};;", "Accounting code: Use 60 characters"),
        ("Da\u202ena;;1;;;;;;", "invisible control character"),
        ("Twin;;;;;;;;", "There are 2 employees with this name."),
        (";twin@example.com;;;;;;;", "There are 2 employees with this e-mail address."),
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


@pytest.mark.parametrize(
    "row", ["Dana Reed;dana.reed@example.com;815", "Dana Reed;;815", "Reed, Dana;Dana.Reed@example.com;00815"]
)
def test_a_number_that_only_lost_its_zeros_and_a_name_turned_round_are_the_same_person(
    world: World, account: Account, importer: Importer, row: str
) -> None:
    world.an_employee(account, "Dana Reed", email="dana.reed@example.com", employee_number="00815")
    plan = importer(row)
    assert [(one.name, one.employee_number) for one in employees(account).values()] == [
        ("Dana Reed", "00815")
    ]
    assert not plan.does_something or {row.outcome.value for row in plan.rows} == {"changed"}
    assert bool(plan.rows[0].notes) is row.endswith(";815")


@pytest.mark.parametrize(
    ("known", "stated", "name"),
    [
        ("Jürgen Groß", "Jurgen Gross", "Jürgen Groß"),
        ("Jürgen Groß", "JUERGEN GROSS", "Jürgen Groß"),
        ("Łukasz Żółty", "Lukasz Zolty", "Łukasz Żółty"),
        ("Zoë Nuñez-O’Brien", "Zoe Nunez-O'Brien", "Zoë Nuñez-O’Brien"),
        ("Dana Reed", "REED, Dana", "Dana Reed"),
        # What says more is taken over.
        ("Jurgen Gross", "Jürgen Groß", "Jürgen Groß"),
        ("DANA REED", "Dana Reed", "Dana Reed"),
        ("Dana Reed", "Dana Holm", "Dana Holm"),
    ],
)
def test_the_same_name_in_plainer_letters_renames_nobody(
    world: World, account: Account, importer: Importer, known: str, stated: str, name: str
) -> None:
    world.an_employee(account, known, email="dana.reed@example.com")
    plan = importer(f"{stated};dana.reed@example.com;")
    assert list(employees(account)) == [name]
    assert plan.does_something is (name != known)


def test_a_number_without_its_zeros_of_somebody_with_another_name_is_not_guessed(
    world: World, account: Account, importer: Importer
) -> None:
    world.an_employee(account, "Dana Reed", employee_number="00815")
    plan = importer("Kofi Mensah;kofi@example.com;815")
    assert list(employees(account)) == ["Dana Reed"]
    assert "00815" in refusals(plan)[0]


# ---- Who a person is


def test_a_leaver_is_found_and_is_back_only_where_the_list_says_so(
    world: World, account: Account, importer: Importer
) -> None:
    lee = world.an_employee(
        account, "Lee", email="lee@example.com", employee_number="9", deactivated_at=utcnow()
    )
    plan = importer("Lee Park;LEE@example.com;;Nurse;;;;;\n")
    assert outcomes(plan) == [("Lee Park", "changed")]
    assert plan.rows[0].notes == ["They have left; the list does not say that they are back."]
    assert employees(account)["Lee Park"].deactivated_at is not None
    assert outcomes(importer("Lee Park;lee@example.com;;;;;;;active\n")) == [("Lee Park", "restored")]
    back = employees(account)["Lee Park"]
    assert (back.id, back.deactivated_at, back.title) == (lee.id, None, "Nurse")


CONFLICTS = {
    "the address is one's, the number another's": "Dana Reed;kofi@example.com;7;;;;;;",
    "the address of somebody with another number and name": "Robin Boss;dana@example.com;12;;;;;;",
    "a number that may have lost its zeros": "Robin Boss;robin@example.com;0007;;;;;;",
    "a number that was given to somebody else": "Robin Boss;robin@example.com;7;;;;;;",
}


@pytest.mark.parametrize("row", CONFLICTS.values(), ids=CONFLICTS)
def test_what_contradicts_is_left_out_until_somebody_chooses_and_nobody_is_there_twice(
    world: World, account: Account, importer: Importer, row: str
) -> None:
    dana = world.an_employee(account, "Dana Reed", email="dana@example.com", employee_number="7")
    world.an_employee(account, "Kofi Mensah", email="kofi@example.com", employee_number="8")
    asked = importer(f"{row}\nSomebody;;99;;;;;;\n")
    assert [outcome for _, outcome in outcomes(asked)] == ["open", "added"]
    assert set(employees(account)) == {"Dana Reed", "Kofi Mensah", "Somebody"}
    question = asked.rows[0].question
    assert ("Name", row.split(";")[0]) in question.stated
    (about_dana,) = [option for option in question.options if option.value == str(dana.id)]
    assert dict(about_dana.facts)["E-mail"] == "dana@example.com"
    for option in question.options:
        importer(f"{row}\n", answers={0: option.value})
        addresses = [one.email_key for one in employees(account).values() if one.email_key]
        assert len(addresses) == len(set(addresses)), option
    assert importer(f"{row}\n", answers={0: "12345"}).rows[0].outcome.value in (
        "open",
        "unchanged",
        "refused",
    )


def test_the_one_chosen_takes_what_the_row_says(world: World, account: Account, importer: Importer) -> None:
    dana = world.an_employee(account, "Dana Reed", email="dana@example.com", employee_number="7")
    row = "Dana Mensah;dana.mensah@example.com;7;;;;;;\n"
    assert outcomes(importer(row)) == [("Dana Mensah", "open")]
    importer(row, answers={0: str(dana.id)})
    changed = employees(account)["Dana Mensah"]
    assert (changed.id, changed.email) == (dana.id, "dana.mensah@example.com")
    assert outcomes(importer(row)) == [("Dana Mensah", "unchanged")]


def test_somebody_else_is_added_where_somebody_says_so(
    world: World, account: Account, importer: Importer
) -> None:
    world.an_employee(account, "Lee", email="lee@example.com", employee_number="7", deactivated_at=utcnow())
    importer("Robin Boss;robin@example.com;7;;;;;;\n", answers={0: "new"})
    assert set(employees(account)) == {"Lee"}, "the number is Lee's"
    importer("Robin Boss;robin@example.com;0007;;;;;;\n", answers={0: "new"})
    assert set(employees(account)) == {"Lee", "Robin Boss"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Dana Reed;dana@example.com;7", "Dana Reed;DANA@example.com;7"),
        ("Dana Reed;dana@example.com;7", "D. Reed;dana@example.com;"),
        ("Dana Reed;;7", "Dana Reed;dana@example.com;7"),
        ("Dana Reed;;", "Reed, Dana;;"),
        ("Dana Reed;dana@example.com;7", "Robin Boss;dana@example.com;8"),
    ],
)
def test_two_rows_of_one_person_or_address_make_one_record(
    account: Account, importer: Importer, first: str, second: str
) -> None:
    plan = importer(f"{first}\n{second}\n")
    before, again = (outcome for _, outcome in outcomes(plan))
    assert before == "added"
    assert again in ("refused", "open")
    assert len(employees(account)) == 1


def test_an_address_is_not_taken_from_somebody_else(
    world: World, account: Account, importer: Importer
) -> None:
    world.an_employee(account, "Dana Reed", email="dana@example.com", employee_number="7")
    world.an_employee(account, "Kofi Mensah", email="kofi@example.com")
    plan = importer("Kofi Mensah;kofi@example.com;7;;;;;;\n")
    assert outcomes(plan) == [("Kofi Mensah", "open")]


def test_who_may_be_meant_by_an_open_row_is_not_missing(
    world: World, account: Account, importer: Importer
) -> None:
    importer(LIST)
    plan = importer("Somebody Else;dana@example.com;12;;;;;;\n", missing_left=True)
    assert ("Dana Reed", "deactivated") not in outcomes(plan)
    assert employees(account)["Dana Reed"].deactivated_at is None


def test_the_case_of_an_address_is_no_difference(world: World, account: Account, importer: Importer) -> None:
    world.an_employee(account, "Dana Reed", email="Dana.Reed@example.com")
    assert outcomes(importer("Dana Reed;dana.reed@EXAMPLE.com;;;;;;;\n")) == [("Dana Reed", "unchanged")]


def test_where_there_is_nothing_to_choose_nothing_is_asked(account: Account, importer: Importer) -> None:
    plan = importer.plan("Dana Reed;dana@example.com;7;;;;;;\nRobin Boss;dana@example.com;8;;;;;;\n")
    assert [outcome for _, outcome in outcomes(plan)] == ["added", "refused"]
    assert plan.questions == []
    assert "The e-mail address is Dana Reed’s" in refusals(plan)[0]

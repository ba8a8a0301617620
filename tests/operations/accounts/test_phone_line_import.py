"""Carriers' lists: every row to the right line, person and device, or a sentence why not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.errors import ChangedMeanwhile, NotAllowed, NotFound
from hwadmin.list_import.records.phone_lines import PHONE_LINES
from hwadmin.list_import.records.plan import ListPlan
from hwadmin.list_import.records.reading import read_records
from hwadmin.models import Account, Device, PhoneLine
from hwadmin.operations.accounts.phone_line_import import import_phone_lines, plan_phone_lines
from hwadmin.operations.orders.submission.new_order import NewIntent
from hwadmin.queries.units.units import units_of
from tests.builders import World
from tests.operations.refusals import events


@pytest.fixture
def account(world: World) -> Account:
    return world.an_account(name="Halden Dental Group")


@pytest.fixture
def plan(world: World, account: Account) -> Callable[..., ListPlan[Any]]:
    """What a list of Halden's would do; with write=True it is done."""

    def run(text: str, *, write: bool = False, answers: Any = None, **more: Any) -> ListPlan[Any]:
        records = read_records(text, PHONE_LINES, currency=account.platform.currency, **more).records
        if not write:
            return plan_phone_lines(world.piet.actor, account.id, records, answers)
        return transact(lambda: import_phone_lines(world.piet.actor, account.id, records, answers))

    return run


def lines() -> dict[str, PhoneLine]:
    db.session.expire_all()
    return {line.phone_number: line for line in db.session.scalars(select(PhoneLine))}


def outcomes(plan: ListPlan[Any]) -> list[str]:
    return [row.outcome.value for row in plan.rows]


LIST = (
    "Wireless number,Network,Rate plan,User,Term,Contract end,Balance,Upgrade date\n"
    "+49 151 5550101,Telekom,Business L,Dana Reed,24 months,25.04.2027,120.50,1 Feb 2027\n"
    "+49 151 5550102,Telekom,Business S,,2 years,31 Dec 2027,,\n"
)


def test_everything_of_a_row_is_kept_and_the_same_list_again_changes_nothing(
    world: World, account: Account, plan: Callable[..., ListPlan[Any]]
) -> None:
    dana = world.an_employee(account, "Dana Reed")
    assert outcomes(plan(LIST)) == ["added", "added"]
    assert lines() == {}
    plan(LIST, write=True)
    first, second = lines()["+491515550101"], lines()["+491515550102"]
    assert (first.mobile_carrier, first.rate_plan, first.employee_id) == ("Telekom", "Business L", dana.id)
    assert (first.contract_term_months, first.contract_ends_on) == (24, date(2027, 4, 25))
    assert (first.contract_balance, first.eligible_from) == (Decimal("120.50"), date(2027, 2, 1))
    assert (second.contract_term_months, second.contract_balance) == (24, None)
    assert outcomes(plan(LIST, write=True)) == ["unchanged", "unchanged"]
    assert len(events(kind="account.changed")) == 1


def test_a_german_carriers_list_says_until_when_a_number_is_bound(plan: Callable[..., ListPlan[Any]]) -> None:
    plan(
        "Rufnummer;Netz;Tarif;Bindefristende;Restbetrag;Vertragsverlängerung ab\n"
        "+49 151 5550101;Telekom;Business Mobil M;25.04.2027;120,50 €;01.02.2027\n",
        write=True,
    )
    line = lines()["+491515550101"]
    assert (line.contract_ends_on, line.eligible_from) == (date(2027, 4, 25), date(2027, 2, 1))


def test_an_empty_cell_and_a_column_that_is_not_there_leave_what_is_known(
    world: World, account: Account, plan: Callable[..., ListPlan[Any]]
) -> None:
    dana = world.an_employee(account, "Dana Reed")
    world.a_phone_line(
        account, "0612345678", mobile_carrier="KPN", employee_id=dana.id, contract_balance=Decimal(9)
    )
    changed = plan("Number,Carrier,Balance\n0612345678,Telia,\n", write=True)
    assert changed.rows[0].changes == ["carrier “KPN” → “Telia”"]
    line = lines()["0612345678"]
    assert (line.employee_id, line.contract_balance) == (dana.id, Decimal(9))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("call me,KPN,,,", "Write a phone number"),
        ("3.53861E+11,KPN,,,", "Phone number: 3.53861E+11 is a number that a spreadsheet has shortened"),
        ("0612,,,,", "A new line needs its carrier"),
        ("0612,KPN,soon,,", "Contract ends: “soon” is not a date"),
        ("0612,KPN,31.02.2027,,", "is not a date in the calendar"),
        ("0612,KPN,46112,,", "a spreadsheet’s number for a day"),
        ("0612,KPN,,much,", "Balance: “much” is not an amount"),
        ("0612,KPN,,-5,", "The balance cannot be below zero."),
        ("0612,KPN,,1.239,", "marks"),
        ("0612,KPN,,#REF!,", "the error of a formula"),
        ("0612,KPN,,,long", "“long” is not a term in months."),
        ("0612,KPN,,,500", "Give the term in months, 1 to 120."),
        ("06 1000 0001,KPN,,,", "This number stands in row 2 already."),
        (f"0612,{'x' * 61},,,", "Use 60 characters at most"),
    ],
)
def test_a_wrong_row_is_left_out_with_its_reason_and_the_others_are_written(
    plan: Callable[..., ListPlan[Any]], row: str, sentence: str
) -> None:
    head = "Number,Carrier,Contract ends,Balance,Term\n"
    done = plan(f'{head}0610000001,KPN,2027-01-01,"1,234.56",24\n{row}\n0610000003,KPN,,10.00,\n', write=True)
    if sentence == "marks":
        sentence = "The balance must be whole cents."
    assert outcomes(done) == ["added", "refused", "added"]
    assert sentence in done.rows[1].changes[0]
    assert set(lines()) == {"0610000001", "0610000003"}


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("User", "Dana Reed"),
        ("User", "Reed, Dana"),
        ("User", "DANA REED"),
        ("User", "dana.reed@example.com"),
        ("User", "00815"),
        ("Employee ID", "00815"),
        ("E-mail", "Dana.Reed@example.com"),
        ("First name,Last name", "Dana,Reed"),
    ],
)
def test_a_person_is_found_by_name_address_or_number(
    world: World, account: Account, plan: Callable[..., ListPlan[Any]], head: str, cells: str
) -> None:
    dana = world.an_employee(account, "Dana Reed", email="dana.reed@example.com", employee_number="00815")
    world.an_employee(account, "Kofi Mensah", email="kofi@example.com", employee_number="815")
    cells = f'"{cells}"' if head == "User" else cells
    plan(f"Number,Carrier,{head}\n0612345678,KPN,{cells}\n", write=True)
    assert lines()["0612345678"].employee_id == dana.id


def test_a_name_of_two_people_is_asked_about_and_left_out_until_somebody_chose(
    world: World, account: Account, plan: Callable[..., ListPlan[Any]]
) -> None:
    world.an_employee(account, "Dana Reed", email="one@example.com")
    second = world.an_employee(account, "Dana Reed", email="two@example.com")
    text = "Number,Carrier,User\n0612345678,KPN,Dana Reed\n"
    asked = plan(text, write=True)
    assert outcomes(asked) == ["open"]
    assert lines() == {}
    question = asked.rows[0].question
    assert [dict(option.facts).get("E-mail") for option in question.options] == [
        "one@example.com",
        "two@example.com",
        None,
    ]
    plan(text, write=True, answers={0: str(second.id)})
    assert lines()["0612345678"].employee_id == second.id


@pytest.mark.parametrize("name", ["Nobody Known", "Lee Left"])
def test_who_is_not_here_is_noted_and_the_line_is_written_without_a_person(
    world: World, account: Account, plan: Callable[..., ListPlan[Any]], name: str
) -> None:
    world.an_employee(account, "Lee Left", deactivated_at=utcnow())
    done = plan(f"Number,Carrier,User\n0612345678,KPN,{name}\n", write=True)
    assert name in done.rows[0].notes[0]
    assert lines()["0612345678"].employee_id is None


@pytest.fixture
def mobiles(world: World, account: Account) -> list[Device]:
    """Two mobiles of one model, Dana's and Kofi's."""
    people = [world.an_employee(account, name) for name in ("Dana Reed", "Kofi Mensah")]
    order = world.an_order(
        "fulfilled",
        [("mobile", 2)],
        account=account,
        intents={0: [NewIntent(employee_id=person.id) for person in people]},
    )
    found = [db.session.get(Device, unit.device_id) for unit in units_of(order.id)]
    return [device for device in found if device is not None]


def test_the_present_device_is_found_by_imei_or_by_the_model_its_holder_has(
    world: World, account: Account, mobiles: list[Device], plan: Callable[..., ListPlan[Any]]
) -> None:
    first, second = mobiles
    text = (
        "Number,Carrier,User,IMEI,Device\n"
        f"0611,KPN,,{first.identifier},\n"
        f"0612,KPN,Kofi Mensah,,{second.model}\n"
        f"0613,KPN,,{first.identifier[:14]},Other Phone\n"
        f"0614,KPN,,,{second.model}\n"
        "0615,KPN,,490154203237518,\n"
        "0616,KPN,,3.52E+14,\n"
    )
    done = plan(text, write=True)
    devices = {number: line.device_id for number, line in lines().items()}
    assert devices == {
        "0611": first.id,
        "0612": second.id,
        "0613": first.id,
        "0614": None,
        "0615": None,
    }
    assert "though the list says Other Phone" in done.rows[2].notes[0]
    assert "cannot be told by the model alone" in done.rows[3].notes[0]
    assert "No mobile of this account has the identifier" in done.rows[4].notes[0]
    assert outcomes(done)[5] == "refused"


def test_a_status_ends_and_restores_a_line_and_nothing_else_does(
    world: World, account: Account, plan: Callable[..., ListPlan[Any]]
) -> None:
    world.a_phone_line(account, "0611", mobile_carrier="KPN")
    world.a_phone_line(account, "0612", mobile_carrier="KPN", ended_at=utcnow())
    world.a_phone_line(account, "0613", mobile_carrier="KPN", ended_at=utcnow())
    head = "Number,Carrier,Status\n"
    done = plan(f"{head}0611,KPN,Cancelled\n0612,KPN,Active\n0613,KPN,\n0614,KPN,ported out\n", write=True)
    assert outcomes(done) == ["deactivated", "restored", "unchanged", "refused"]
    assert [number for number, line in sorted(lines().items()) if line.ended_at is None] == ["0612"]
    assert "restore it if it is used again" in done.rows[2].notes[0]


def test_a_word_nobody_knows_is_asked_about_and_mapped(
    world: World, account: Account, plan: Callable[..., ListPlan[Any]]
) -> None:
    text = "Number,Carrier,Status\n0611,KPN,Suspended (seasonal)\n"
    (question,) = read_records(text, PHONE_LINES).questions
    assert "“Suspended (seasonal)”" in question.sentence
    assert not question.blocks
    assert outcomes(plan(text)) == ["refused"]
    assert outcomes(plan(text, columns={})) == ["refused"]
    records = read_records(text, PHONE_LINES, answers={question.name: "in_service"}).records
    assert outcomes(plan_phone_lines(world.piet.actor, account.id, records)) == ["added"]


def test_only_who_writes_the_account_imports(world: World, account: Account) -> None:
    records = read_records(LIST, PHONE_LINES).records
    for actor, refused in ((world.sam.actor, NotAllowed), (world.bea.actor, NotFound)):
        with pytest.raises(refused):
            plan_phone_lines(actor, account.id, records)
        with pytest.raises(refused):
            transact(lambda actor=actor: import_phone_lines(actor, account.id, records))
    assert lines() == {}


def test_an_import_does_what_the_preview_said_or_nothing(world: World, account: Account) -> None:
    records = read_records(LIST, PHONE_LINES).records
    digest = plan_phone_lines(world.piet.actor, account.id, records).digest
    world.a_phone_line(account, "+491515550101")
    with pytest.raises(ChangedMeanwhile):
        transact(lambda: import_phone_lines(world.piet.actor, account.id, records, expected=digest))
    assert len(lines()) == 1

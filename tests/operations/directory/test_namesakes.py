"""People who are renamed, rehired, written in another way or share an address: right, or asked about."""

from __future__ import annotations

from typing import Any

import pytest

from hwadmin.clock import utcnow
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.people.similar_names import may_be_one, words_of_name
from hwadmin.errors import InvalidInput
from hwadmin.models import Account
from hwadmin.operations.accounts.employees import NewEmployee, add_employee, change_employee
from hwadmin.operations.accounts.synchronization.employees import upsert_employee
from tests.builders import World
from tests.operations.directory.test_employee_import import (
    Importer,
    account,  # noqa: F401
    employees,
    importer,  # noqa: F401
    outcomes,
    refusals,
)

KNOWN: dict[str, dict[str, Any]] = {
    "Dana Reed": {"email": "dana.reed@example.com", "employee_number": "00815"},
    "Jan de Vries": {"email": "jan@example.com"},
    "Lee Park": {"email": "lee.park@example.com", "employee_number": "77", "deactivated_at": True},
    "Bo Bare": {},
    "Nina Num": {"employee_number": "N100"},
}


@pytest.fixture
def known(world: World, account: Account) -> None:  # noqa: F811
    for name, facts in KNOWN.items():
        left = utcnow() if facts.get("deactivated_at") else None
        world.an_employee(account, name, **{**facts, "deactivated_at": left})


ASKED = {
    "another address, no number": ("Dana Reed;dana.mensah@example.com;", "Dana Reed"),
    "another address where no number was known": ("Jan de Vries;jdv@example.com;", "Jan de Vries"),
    "another address and a number": ("Jan de Vries;jdv@example.com;55", "Jan de Vries"),
    "another address and another number": ("Dana Reed;dr2@example.com;999", "Dana Reed"),
    "rehired with a new address and number": ("Lee Park;lp@example.com;200;;;;;;active", "Lee Park"),
    "rehired with a new number": ("Lee Park;;200;;;;;;active", "Lee Park"),
    "an address with a plus": ("Dana Reed;dana.reed+hr@example.com;", "Dana Reed"),
    "an address without its dot": ("Dana Reed;danareed@example.com;", "Dana Reed"),
    "an address of a domain with an umlaut": ("Dana Reed;dana.reed@exämple.com;", "Dana Reed"),
    "a number with a hyphen": ("Nina Num;;N-100", "Nina Num"),
    "a middle name": ("Dana Maria Reed;;", "Dana Reed"),
    "a title": ("Dr. Dana Reed;;", "Dana Reed"),
    "a degree": ("Dana Reed, MD;;", "Dana Reed"),
    "an initial behind the first name": ("Reed, Dana M.;;", "Dana Reed"),
    "an initial for the first name": ("D. Reed;;", "Dana Reed"),
    "the last name first, in capitals": ("REED Dana;;", "Dana Reed"),
    "a particle in capitals": ("DE VRIES Jan;;", "Jan de Vries"),
    "a hyphen between first and last name": ("Dana\u2010Reed;;", "Dana Reed"),
    "a shared mailbox": ("Front Desk;dana.reed@example.com;", "Dana Reed"),
    "swapped addresses": ("Jan de Vries;dana.reed@example.com;", "Jan de Vries"),
}


@pytest.mark.parametrize("case", ASKED)
def test_whoever_may_be_known_is_asked_about(
    account: Account,  # noqa: F811
    importer: Importer,  # noqa: F811
    known: None,
    case: str,
) -> None:
    row, name = ASKED[case]
    plan = importer(row)
    assert [outcome for _, outcome in outcomes(plan)] == ["open"]
    question = plan.rows[0].question
    assert question is not None
    assert f"It is {name}" in [option.label for option in question.options]
    assert set(employees(account)) == set(KNOWN)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("dana.reed@example.com;;", "Dana Reed"),
        ("Dana;;00815", "Dana Reed"),
        ("Nina Num;;n100", "Nina Num"),
        ("Dana Holm;dana.reed@example.com;00815", "Dana Holm"),
        ("Vries, Jan de;;", "Jan de Vries"),
        ("Front Desk;dana.reed@example.com;815", "Front Desk"),
        ("Bo Bare;bo@example.com;9", "Bo Bare"),
    ],
)
def test_whoever_is_meant_for_certain_is_not_asked_about(
    account: Account,  # noqa: F811
    importer: Importer,  # noqa: F811
    known: None,
    row: str,
    name: str,
) -> None:
    plan = importer(row)
    assert plan.questions == []
    assert name in employees(account)
    assert len(employees(account)) == len(KNOWN)
    assert all("n100 lost" not in note for note in plan.rows[0].notes)


@pytest.mark.parametrize("row", ["D\u0430na Reed;;", "Dana Reed;d\u0430na.reed@example.com;"])
def test_letters_of_two_alphabets_in_a_word_are_no_name(importer: Importer, known: None, row: str) -> None:  # noqa: F811
    (refusal,) = refusals(importer(row))
    assert "two alphabets" in refusal


@pytest.mark.parametrize(
    "rows",
    [
        "Dana Reed;dana.reed@example.com;00815\nDana Reed;d.reed2@example.com;900",
        "Dana Reed;d.reed2@example.com;900\nDana Reed;dana.reed@example.com;",
        "Ann Two;a1@example.com;\nAnn Two;a2@example.com;",
        "Ann Two;;1\nAnn Two;;2",
    ],
)
def test_two_of_one_name_with_rows_of_their_own_are_two(importer: Importer, known: None, rows: str) -> None:  # noqa: F811
    plan = importer(rows)
    assert plan.questions == []
    assert {outcome for _, outcome in outcomes(plan)} <= {"added", "unchanged"}


def test_people_who_swapped_their_addresses_are_asked_about(importer: Importer, known: None) -> None:  # noqa: F811
    plan = importer("Dana Reed;jan@example.com;00815\nJan de Vries;dana.reed@example.com;")
    assert [outcome for _, outcome in outcomes(plan)] == ["open", "open"]


# ---- Typed here, or sent by a program


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewEmployee("Somebody", email="DANA.reed@example.com"), "email"),
        (NewEmployee("Somebody", employee_number="00815"), "employee_number"),
        (NewEmployee("Lee Park", email="lee.park@example.com"), "email"),
    ],
)
def test_an_address_or_a_number_of_somebody_else_is_refused(
    world: World,
    account: Account,  # noqa: F811
    known: None,
    new: NewEmployee,
    field: str,
) -> None:
    actor = world.piet.actor
    other = employees(account)["Bo Bare"].id
    for write in (
        lambda: add_employee(actor, account.id, new),
        lambda: change_employee(actor, other, new),
    ):
        with pytest.raises(InvalidInput) as refusal:
            transact(write)
        assert [error.field for error in refusal.value.errors] == [field]
    assert set(employees(account)) == set(KNOWN)


@pytest.mark.parametrize("name", ["Dana Reed", "REED, Dana", "Lee Park", "bo bare"])
def test_who_adds_somebody_is_asked_about_their_namesake(
    world: World,
    account: Account,  # noqa: F811
    known: None,
    name: str,
) -> None:
    new = NewEmployee(name, email="own@example.com")
    with pytest.raises(InvalidInput) as refusal:
        transact(lambda: add_employee(world.piet.actor, account.id, new, asks=True))
    assert "already" in refusal.value.errors[0].message
    transact(lambda: add_employee(world.piet.actor, account.id, new))


def test_a_program_s_key_goes_to_whoever_is_known_by_address_or_number(
    world: World,
    account: Account,  # noqa: F811
    known: None,
) -> None:
    before = employees(account)["Dana Reed"].id
    values = {"name": "Dana Reed", "email": "dana.reed@example.com"}
    one, created = transact(lambda: upsert_employee(world.piet.actor, account.id, "K-1", values))
    assert (one.id, created, one.program_external_id) == (before, False, "K-1")
    assert one.employee_number == "00815"
    with pytest.raises(InvalidInput):
        transact(lambda: upsert_employee(world.piet.actor, account.id, "K-2", values))
    assert set(employees(account)) == set(KNOWN)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Dana Reed", "D. Reed", True),
        ("Dana Maria Reed", "Dana M. Reed", True),
        ("Dana M. Reed", "Dana Reed", True),
        ("Kim Lee", "Lee Kim", True),
        ("Dana Miller", "Dana M. Reed", False),
        ("Dana", "Dana Reed", False),
        ("D. Reed", "K. Reed", False),
        ("D. R.", "Dana Reed", False),
    ],
)
def test_names_that_may_be_one_person_s(one: str, other: str, alike: bool) -> None:
    assert may_be_one(words_of_name(one), words_of_name(other)) is alike

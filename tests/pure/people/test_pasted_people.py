"""Names as somebody pastes them: a column, or several cells in a line."""

from __future__ import annotations

import pytest

from hwadmin.domain.ordering.basket import Plan
from hwadmin.domain.people.person_identity import KnownPerson, People, StatedPerson
from hwadmin.forms.ordering.steps import read_people


@pytest.mark.parametrize(
    ("line", "person"),
    [
        ("Dana Fox", StatedPerson("Dana Fox")),
        ("Fox, Dana", StatedPerson("Fox, Dana")),
        ("dana@example.com", StatedPerson(None, ("dana@example.com",))),
        ("0017", StatedPerson(None, (), "0017")),
        ("E-17", StatedPerson("E-17")),
        ("17\tDana Fox", StatedPerson("Dana Fox", (), "17")),
        ("Dana\tFox\t17", StatedPerson("Dana Fox", (), "17")),
        ("Dana Fox;E-17;dana@example.com", StatedPerson("Dana Fox", ("dana@example.com",), "E-17")),
    ],
)
def test_a_line_is_a_person(line: str, person: StatedPerson) -> None:
    assert read_people(line) == [person]


def test_a_line_left_blank_leaves_a_unit_out_and_blank_lines_at_the_end_do_not_count() -> None:
    assert read_people("Dana Fox\r\n \r\nTom Hale\r\n\r\n") == [
        StatedPerson("Dana Fox"),
        None,
        StatedPerson("Tom Hale"),
    ]
    assert read_people("") == []


@pytest.mark.parametrize(
    ("answered", "asks"),
    [
        ({}, True),
        ({"employee_id": 3}, False),
        ({"name": "John Smith"}, False),
        ({"unmatched": ""}, False),
        ({"number": "17"}, True),
    ],
)
def test_it_is_asked_who_is_meant_until_somebody_says_it(answered: dict[str, object], asks: bool) -> None:
    plan = Plan(name="Jon Smth", unmatched="Jon Smth")
    assert plan.model_copy(update=answered).asks_who is asks


def test_the_address_of_one_and_the_name_of_somebody_who_left_are_asked_about() -> None:
    grace = KnownPerson(1, "Grace Halden", ("grace@example.com",), "00815")
    owen = KnownPerson(2, "Owen Halden", ("owen@example.com",), "00816", left=True)
    people = People([grace, owen])
    found = people.identify(StatedPerson("Owen Halden", ("grace@example.com",)))
    assert (found.person, found.candidates) == (None, (grace, owen))
    married = people.identify(StatedPerson("Grace Corrigan", ("grace@example.com",), "815"))
    assert married.person == grace

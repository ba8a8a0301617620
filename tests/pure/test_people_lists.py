"""Lists of people: separators, headings, what a row says of somebody."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from hwadmin.errors import InvalidInput
from hwadmin.lists.people import (
    MOST_PEOPLE,
    Field,
    ListedPerson,
    heading,
    mapped,
    people_of,
    people_text,
    read_people,
    recognised,
)


def understood(text: str) -> list[ListedPerson]:
    sheet = read_people(text)
    return people_of(sheet, recognised(sheet))


@pytest.mark.parametrize(
    "text",
    [
        "Name,E-mail,Employee ID\nDana Reed,dana@example.com,7",
        "Name;E-mail;Employee ID\r\nDana Reed;dana@example.com;7\r\n",
        "Name\tE-mail\tEmployee ID\nDana Reed\tdana@example.com\t7",
        "Name|E-mail|Employee ID\nDana Reed|dana@example.com|7",
        'sep=;\nName;E-mail;Employee ID\n"Dana Reed";"dana@example.com";7\n\n',
        '\ufeff"Name","E-mail","Employee ID"\n"Dana\nReed","dana@example.com","7"',
        "First name,Last name,Mail,Personalnummer\nDana,Reed,dana@example.com,7",
    ],
)
def test_a_list_is_read_however_it_is_written(text: str) -> None:
    (dana,) = understood(text)
    assert (dana.name, dana.said[Field.EMAIL], dana.said[Field.EMPLOYEE_NUMBER]) == (
        "Dana Reed",
        "dana@example.com",
        "7",
    )
    assert dana.row >= 2


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("Job Title", Field.TITLE),
        ("cost-centre", Field.COST_CENTER),
        ("Kostenstelle", Field.COST_CENTER),
        ("Reports To", Field.MANAGER),
        ("Employment Status", Field.ACTIVE),
        ("Shoe size", None),
        ("x" * 50, None),
    ],
)
def test_headings_are_known_in_several_writings(word: str, meaning: Field | None) -> None:
    assert heading(word) is meaning


@pytest.mark.parametrize(
    ("word", "active"),
    [("Active", True), ("TRUE", True), ("1", True), ("terminated", False), ("No", False), ("", None)],
)
def test_whether_somebody_works_here_is_said_in_many_words(word: str, active: bool | None) -> None:
    (dana,) = understood(f"Name,Status\nDana,{word}")
    assert (dana.active, dana.problem) == (active, None)


def test_a_word_that_says_neither_is_a_problem_of_its_row() -> None:
    (dana,) = understood("Name,Status\nDana,on leave")
    assert dana.problem == "“on leave” says neither that they work here nor that they left."


def test_a_person_says_what_a_column_means() -> None:
    sheet = read_people("Mitarbeiterin,Adresse\nDana,dana@example.com")
    found = recognised(sheet)
    assert not found.has_header
    columns = mapped(found, {0: "name", 1: "email", 9: "name", 2: "nonsense"})
    assert [one.name for one in people_of(sheet, columns)] == ["Mitarbeiterin", "Dana"]


def test_without_headings_addresses_are_seen_by_what_they_are() -> None:
    sheet = read_people("dana@example.com,Dana\nkofi@example.com,Kofi")
    assert recognised(sheet).meanings == (Field.EMAIL, Field.NOTHING)
    assert recognised(sheet).identifies


def test_a_second_column_of_the_same_is_left_to_choose() -> None:
    sheet = read_people("Name,Phone,Mobile\nDana,1,2")
    assert recognised(sheet).meanings == (Field.NAME, Field.PHONE, Field.NOTHING)


def test_a_workbook_is_read_with_numbers_as_they_were_typed() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Name", "Employee number"], ["Dana Reed", 4711], ["Kofi Mensah", "0042"]):
        sheet.append(row)
    book.create_sheet("Notes").append(["nothing of use"])
    file = io.BytesIO()
    book.save(file)
    people = understood(people_text(file.getvalue()))
    assert [one.said[Field.EMPLOYEE_NUMBER] for one in people] == ["4711", "0042"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This list is empty."),
        ("\n \n", "This list is empty."),
        ('Name\n"Dana', "a quotation mark is opened and never closed"),
        ("Name\n" + "Dana\n" * (MOST_PEOPLE + 2), "20,000 at most are read"),
        ("x" * (3 * 1024 * 1024 + 1), "longer than 3 MB"),
    ],
    ids=["empty", "blank", "quote", "rows", "bytes"],
)
def test_what_is_no_list_is_refused_in_words(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        read_people(text)


def test_what_is_no_file_of_a_list_is_refused_in_words() -> None:
    with pytest.raises(InvalidInput, match="This is a PDF"):
        people_text(b"%PDF-1.7")
    with pytest.raises(InvalidInput, match="larger than 3 MB"):
        people_text(b"x" * (3 * 1024 * 1024 + 1))

"""Lists of people: separators, headings, what a row says of somebody."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from hwadmin.errors import InvalidInput
from hwadmin.list_import.records.employees import EMPLOYEES, HAS_LEFT, WORKS_HERE
from hwadmin.list_import.records.reading import file_text, read_records
from hwadmin.list_import.records.record import ListRecord


def understood(text: str) -> list[ListRecord]:
    return list(read_records(text, EMPLOYEES).records)


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
    name = dana.text("name") or f"{dana.text('first_name')} {dana.text('last_name')}"
    assert (name, dana.text("email"), dana.text("employee_number")) == ("Dana Reed", "dana@example.com", "7")
    assert dana.row >= 2


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("Job Title", "title"),
        ("cost-centre", "cost_center"),
        ("Kostenstelle", "cost_center"),
        ("Reports To", "manager"),
        ("Employment Status", "active"),
        ("Shoe size", None),
        ("x" * 50, None),
    ],
)
def test_headings_are_known_in_several_writings(word: str, meaning: str | None) -> None:
    column = EMPLOYEES.heading(word)
    assert (column.key if column else None) == meaning


@pytest.mark.parametrize(
    ("word", "active"),
    [
        ("Active", WORKS_HERE),
        ("TRUE", WORKS_HERE),
        ("1", WORKS_HERE),
        ("terminated", HAS_LEFT),
        ("No", HAS_LEFT),
        ("", None),
    ],
)
def test_whether_somebody_works_here_is_said_in_many_words(word: str, active: str | None) -> None:
    (dana,) = understood(f"Name,Status\nDana,{word}")
    assert (dana.text("active"), dana.problems) == (active, ())


def test_a_word_that_says_neither_is_asked_about_once_and_a_problem_of_its_rows_until_then() -> None:
    text = "Name,Status\nDana,On leave\nKofi,on  leave\nRobin,Active"
    asked = read_records(text, EMPLOYEES)
    (question,) = asked.questions
    assert question.sentence == "Works here: what does “On leave” mean?"
    assert asked.is_ready
    assert [bool(record.problems) for record in asked.records] == [True, True, False]
    answered = read_records(text, EMPLOYEES, answers={question.name: WORKS_HERE})
    assert [record.text("active") for record in answered.records] == [WORKS_HERE] * 3
    nothing = read_records(text, EMPLOYEES, answers={question.name: "leave_out"})
    assert [record.text("active") for record in nothing.records] == [None, None, WORKS_HERE]
    assert not any(record.problems for record in nothing.records)


def test_a_person_says_what_a_column_means() -> None:
    columns = {0: "name", 1: "email", 9: "name", 2: "nonsense"}
    read = read_records("Wer,Adresse\nDana,dana@example.com", EMPLOYEES, columns=columns)
    assert [record.text("name") for record in read.records] == ["Dana"]
    assert read.tables[0].titles == ("Wer", "Adresse")


def test_without_headings_addresses_are_seen_by_what_they_are() -> None:
    read = read_records("dana@example.com,Dana\nkofi@example.com,Kofi", EMPLOYEES)
    assert read.tables[0].meanings == ("email", "nothing")
    assert not read.missing


def test_a_second_column_of_the_same_is_left_to_choose() -> None:
    read = read_records("Name,Phone,Mobile\nDana,1,2", EMPLOYEES)
    assert read.tables[0].meanings == ("name", "phone", "nothing")


def test_people_called_null_and_na_are_people() -> None:
    assert [one.text("last_name") for one in understood("First name,Last name\nJo,Null\nKim,NA\n")] == [
        "Null",
        "NA",
    ]


def test_a_workbook_is_read_with_numbers_as_they_were_typed() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Name", "Employee number"], ["Dana Reed", 4711], ["Kofi Mensah", "0042"]):
        sheet.append(row)
    book.create_sheet("Notes").append(["nothing of use"])
    file = io.BytesIO()
    book.save(file)
    people = understood(file_text(file.getvalue(), EMPLOYEES))
    assert [one.text("employee_number") for one in people] == ["4711", "0042"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This list is empty."),
        ("\n \n", "This list is empty."),
        ('Name\n"Dana', "a quotation mark is opened and never closed"),
        ("Name\n" + "Dana\n" * (EMPLOYEES.max_rows + 2), "20,000 at most are read"),
        ("x" * (3 * 1024 * 1024 + 1), "longer than 3 MB"),
    ],
    ids=["empty", "blank", "quote", "rows", "bytes"],
)
def test_what_is_no_list_is_refused_in_words(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        read_records(text, EMPLOYEES)


def test_what_is_no_file_of_a_list_is_refused_in_words() -> None:
    with pytest.raises(InvalidInput, match="This is a PDF"):
        file_text(b"%PDF-1.7", EMPLOYEES)
    with pytest.raises(InvalidInput, match="larger than 3 MB"):
        file_text(b"x" * (3 * 1024 * 1024 + 1), EMPLOYEES)

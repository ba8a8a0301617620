"""Lists of outsiders that bound wrong or lost something without a word: read as meant, or asked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill

from hwadmin.list_import.file_reading import text_of_file
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.meaning.columns import recognised
from hwadmin.list_import.records.accounts import whole_postcode
from hwadmin.list_import.records.employees import EMPLOYEES
from hwadmin.list_import.records.reading import read_records
from hwadmin.list_import.row_targets import OrderNumbers
from hwadmin.list_import.text_tables import read_text
from tests.pure.list_import.test_evidence import GRACE, NIAMH, OWEN, PEOPLE, THREE, bound, for_whom, report_of
from tests.pure.list_import.test_unit_matching import A, B, C, D, an_order, xlsx
from tests.pure.list_import.test_variants import asked

ALL = {GRACE: A, OWEN: B, NIAMH: C}


@pytest.mark.parametrize(
    "line",
    ["{first}: {mac}", "{mac} ({first})", "{mac};{initial}"],
)
def test_a_part_of_a_name_is_asked_about_and_its_answer_decides(line: str) -> None:
    written = [
        line.format(mac=mac, first=name.split()[0], initial=f"{name[0]}. {name.split()[1]}")
        for name, mac in ((NIAMH, C), (GRACE, A), (OWEN, B))
    ]
    text = "\n".join(["MAC;User", *written] if ";" in line else written)
    report = report_of(text, PEOPLE)
    assert for_whom(report) == {}
    assert {mac.lower() for mac in asked(report)} == {A, B, C}
    answers = {question.name: question.options[0][0] for question in report.questions}
    assert for_whom(report_of(text, PEOPLE, answers)) == ALL


@pytest.mark.parametrize(
    "name", ["Dr. Niamh Corrigan", "CORRIGAN Niamh", "Niamh Corrigan (00003)", "00003 Niamh Corrigan"]
)
def test_a_whole_name_is_known_with_what_stands_beside_it(name: str) -> None:
    assert for_whom(report_of(f"MAC;User\n{C};{name}\n{A};{GRACE}", PEOPLE)) == {NIAMH: C, GRACE: A}


@pytest.mark.parametrize("name", ["Niamh Corrigan (00001)", "Niamh Halden", "Ni Corrigan"])
def test_what_contradicts_a_name_binds_nobody(name: str) -> None:
    report = report_of(f"MAC;User\n{C};{name}\n{A};{GRACE}", PEOPLE)
    assert for_whom(report) == {GRACE: A}
    assert C in asked(report)


@pytest.mark.parametrize(
    "head", ["Personalnr.", "Pers.-Nr.", "Mitarbeiter-ID", "N\u00b0 matricule", "Nr pracownika"]
)
def test_a_number_is_whose_it_is_in_other_languages_too(head: str) -> None:
    assert for_whom(report_of(f"MAC;{head}\n{C};00003\n{A};1\n{B};002", PEOPLE)) == ALL


def test_a_column_of_the_plans_numbers_is_asked_about() -> None:
    columns = recognised(read_text(f"MAC;Badge\n{C};00003\n{A};00001"), Names(PEOPLE))
    assert any("employee numbers" in sentence for sentence in columns.unclear)


def _workbook(change: Callable[[Any], None]) -> bytes:
    book = Workbook()
    for row in (["MAC", "Model", "Lot"], [D, "T54W", "x"], [A, "T54W", "L1"], [B, "T54W", "L2"]):
        book.active.append(row)
    change(book.active)
    return saved(book)


def saved(book: Any) -> bytes:
    import io

    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _fonts(**font: Any) -> Callable[[Any], None]:
    def change(sheet: Any) -> None:
        for column in "ABC":
            sheet[f"{column}2"].font = Font(**font)

    return change


@pytest.mark.parametrize("change", [_fonts(color="FFFFFFFF"), _fonts(sz=1)], ids=["white", "tiny"])
def test_what_nobody_sees_in_a_workbook_is_left_out_and_named(change: Any) -> None:
    report = report_of(_workbook(change), THREE)
    assert bound(report) == {"T54W #1": A, "T54W #2": B}
    assert any("cannot be seen" in one.text for one in report.unused)


def test_white_letters_on_a_ground_are_seen() -> None:
    def change(sheet: Any) -> None:
        for column in "ABC":
            sheet[f"{column}1"].font = Font(color="FFFFFFFF")
            sheet[f"{column}1"].fill = PatternFill("solid", fgColor="FF1F4E78")

    assert len(bound(report_of(_workbook(change), THREE))) == 3


def test_a_comment_on_a_cell_may_say_that_it_is_no_delivery() -> None:
    def change(sheet: Any) -> None:
        sheet["A2"].comment = Comment("Tom:\ncancelled, do not use", "Tom")
        sheet["A3"].comment = Comment("Tom:\nchecked", "Tom")

    report = report_of(_workbook(change), THREE)
    assert bound(report) == {"T54W #1": A, "T54W #2": B}
    assert asked(report) == {D}


def test_a_conditional_format_that_strikes_out_is_asked_about() -> None:
    def change(sheet: Any) -> None:
        rule: Any = FormulaRule
        sheet.conditional_formatting.add("A2:C4", rule(formula=['$C2="x"'], font=Font(strike=True)))

    columns = recognised(read_text(text_of_file(_workbook(change))), Names(THREE))
    assert any("A2:C4" in sentence for sentence in columns.unclear)


@pytest.mark.parametrize(
    "label", ["Wi-Fi Key: ", "WPA2 Key (PSK): ", "Password=", "WLAN-Schl\u00fcssel ", "PIN ", "admin / "]
)
def test_a_password_on_a_label_is_no_address(label: str) -> None:
    one = an_order(("T54W", 1, "deskphone", "Yealink"))
    for text in (f"{label}805ec0112233 MAC {A}", f"MAC: {A}\n{label}805ec0112233"):
        assert bound(report_of(text, one)) == {"T54W #1": A}
    wireless = report_of(f"WIFI:T:WPA;S:Net-1;P:805ec0112233;;\nMAC: {A}", one)
    assert bound(wireless) == {"T54W #1": A}


def test_a_remark_that_names_another_order_is_about_its_row() -> None:
    report = report_of(f"Model;MAC;Remark\nT54W;{D};goes to HW-000001\nT54W;{A};", THREE)
    assert bound(report) == {"T54W #1": A}


def test_a_position_behind_an_order_number_changes_nothing() -> None:
    numbers = OrderNumbers(frozenset({"so55013"}), {"so55012": "HW-000001"})
    report = report_of(f"Order/Item;MAC\nSO-55012-10;{D}\nSO-55013-20;{A}", THREE, numbers=numbers)
    assert bound(report) == {"T54W #1": A}


@pytest.mark.parametrize("serial", ["SN1001 (was SN0007)", "SN1001 / SN1002", "SN1001, SN1002"])
def test_several_serial_numbers_in_a_cell_are_none(serial: str) -> None:
    report = report_of(f'MAC\tSerial\n{A}\t"{serial}"', THREE)
    assert [match.identifier.serial for match in report.matched] == [None]


@pytest.mark.parametrize("sheet", ["Stock", "Lagerbestand", "Archiv 2025"])
def test_a_sheet_that_may_be_no_delivery_is_asked_about(sheet: str) -> None:
    book = Workbook()
    book.active.title = "Delivery"
    for title, mac in (("Delivery", A), (sheet, D)):
        target = book["Delivery"] if title == "Delivery" else book.create_sheet(title)
        target.append(["MAC", "Model"])
        target.append([mac, "T54W"])
    report = report_of(saved(book), THREE)
    assert bound(report) == {"T54W #1": A}
    assert asked(report) == {D}


def test_headings_over_two_rows_are_one() -> None:
    rows = (
        ["MAC", "Serial", "Assigned"],
        ["Address", "Number", "User"],
        [C, "X1003", NIAMH],
        [A, "X1001", GRACE],
    )
    report = report_of(xlsx(*rows), PEOPLE)
    assert for_whom(report) == {NIAMH: C, GRACE: A}
    assert [match.identifier.serial for match in report.matched] == ["X1001", "X1003"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Ada Reed <a@e.com>; "Fox, Bob" <b@e.com>', [("Ada Reed", "a@e.com"), ("Fox, Bob", "b@e.com")]),
        ("Ada Reed <a@e.com>\nBob Fox <b@e.com>", [("Ada Reed", "a@e.com"), ("Bob Fox", "b@e.com")]),
        (
            "BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BCrgen\nEMAIL:j@e.=\n com\nEND:VCARD",
            None,
        ),
        ("BEGIN:VCARD\nFN:Ada\n  Reed\nEMAIL:a@e\n .com\nEND:VCARD", [("Ada Reed", "a@e.com")]),
        ("sAMAccountName,givenName,sn,mail\nareed,Ada,Reed,a@e.com", [(None, "a@e.com")]),
    ],
)
def test_whole_names_and_addresses_of_people_are_read(text: str, expected: Any) -> None:
    records = read_records(text, EMPLOYEES).records
    if expected is None:
        assert records[0].text("name") == "J\u00fcrgen M\u00fcller"
        return
    assert [(record.text("name"), record.text("email")) for record in records] == expected
    assert all(record.text("last_name") in (None, "Reed") for record in records)


def test_the_key_of_a_database_is_nobodys_number() -> None:
    text = "id;Name;employeeId\n3f2504e0-4f89-11d3-9a0c-0305e82c3301;Ada Reed;00815"
    (record,) = read_records(text, EMPLOYEES).records
    assert record.text("employee_number") == "00815"


@pytest.mark.parametrize(
    ("country", "whole"), [("US", "02134"), ("Deutschland", "02134"), ("NL", "2134"), ("", "2134")]
)
def test_a_postcode_gets_the_zeros_its_country_has(country: str, whole: str) -> None:
    assert whole_postcode("2134", country) == whole

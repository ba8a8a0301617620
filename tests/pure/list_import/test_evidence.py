"""What comes from outside is evidence: containers, what they hide, and what rows say about their units.

Each list ends bound as it was meant, or asked about, or left out with a reason; never bound wrongly.
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwadmin.domain.people.person_identity import KnownPerson
from hwadmin.errors import InvalidInput
from hwadmin.list_import.file_reading import text_of_file
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.matching.matching_report import ListReport
from hwadmin.list_import.matching.unit_matching import matched
from hwadmin.list_import.meaning.columns import recognised
from hwadmin.list_import.planned_units import ListUnit
from hwadmin.list_import.row_targets import OrderNumbers
from hwadmin.list_import.text_tables import read_text
from tests.pure.list_import.containers import (
    CONTAINERS,
    as_html,
    as_ods,
    as_spreadsheet_xml,
    as_xlsx,
    repacked,
)
from tests.pure.list_import.test_unit_matching import ORDER, A, B, C, D, an_order
from tests.running import examples
from tests.work import function_calls

FILES = Path(__file__).parent / "files"
GRACE, OWEN, NIAMH = "Grace Halden", "Owen Halden", "Niamh Corrigan"


def planned(units: list[ListUnit], people: Sequence[str] = (), places: Sequence[str] = ()) -> list[ListUnit]:
    """The units with the people and places they are planned for, in turn."""
    known = [
        KnownPerson(number, name, (f"{name.split()[0].lower()}@example.com",), f"{number:05}")
        for number, name in enumerate(people, 1)
    ]
    units = [replace(unit, person=person) for unit, person in zip(units, known, strict=False)] + units[
        len(known) :
    ]
    return [replace(unit, places=(place,)) for unit, place in zip(units, places, strict=False)] + units[
        len(places) :
    ]


def report_of(
    data: bytes | str,
    units: list[ListUnit],
    answers: dict[str, str] | None = None,
    numbers: OrderNumbers | None = None,
) -> Any:
    text = text_of_file(data) if isinstance(data, bytes) else data
    columns = recognised(read_text(text), Names(units))
    assert not columns.unclear, columns.unclear
    return matched(columns, units, reference=ORDER, answers=answers, numbers=numbers)


def bound(report: ListReport) -> dict[str, str]:
    """The addresses by unit, as digits."""
    return {match.unit.label: match.identifier.value.replace(":", "") for match in report.matched}


def for_whom(report: ListReport) -> dict[str, str]:
    return {match.unit.person.name: match.identifier.value.replace(":", "") for match in report.matched}


THREE = an_order(("T54W", 3, "deskphone", "Yealink"))
TWO = an_order(("T54W", 2, "deskphone", "Yealink"))
TWO_AND_TWO = an_order(("T54W", 2, "deskphone", "Yealink"), ("T33G", 2, "deskphone", "Yealink"))
PEOPLE = planned(THREE, (GRACE, OWEN, NIAMH))
HEAD = ["MAC Address", "Serial Number", "Model"]


# ---- Containers


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_gives_the_same_list(container: str) -> None:
    rows = [HEAD, [A, "3146930000", "T33G"], [B, "3146930001", "T54W"], [C, "3146930002", "T54W"]]
    report = report_of(CONTAINERS[container](rows), TWO_AND_TWO)  # type: ignore[no-untyped-call]
    assert bound(report) == {"T33G #1": A, "T54W #1": B, "T54W #2": C}
    assert {match.identifier.serial for match in report.matched} == {"3146930000", "3146930001", "3146930002"}
    assert [unused.reason for unused in report.unused if unused.row] == ["The headings of the columns."]


HIDDEN = [["PO", *HEAD], *[["PO-1", f"805ec00000f{n}", f"SN100{n}", "T54W"] for n in range(3)]]
HIDDEN += [["PO-2", identifier, f"SN200{n}", "T54W"] for n, identifier in enumerate((A, B, C))]


@pytest.mark.parametrize(
    "data",
    [
        as_xlsx(HIDDEN, hidden_rows=(2, 3, 4)),
        as_ods(HIDDEN, hidden_rows=(2, 3, 4)),
        as_html(HIDDEN, hidden_rows=(2, 3, 4)),
        as_spreadsheet_xml(HIDDEN, hidden_rows=(2, 3, 4)),
        as_xlsx(HIDDEN[:1] + HIDDEN[4:], other_sheets=[("Old", HIDDEN[:4], "hidden")]),
        as_xlsx(HIDDEN[:1] + HIDDEN[4:], other_sheets=[("Old", HIDDEN[:4], "veryHidden")]),
    ],
    ids=["xlsx", "ods", "html", "spreadsheet xml", "hidden sheet", "very hidden sheet"],
)
def test_what_a_file_hides_is_left_out_and_said(data: bytes) -> None:
    report = report_of(data, THREE)
    assert bound(report) == {"T54W #1": A, "T54W #2": B, "T54W #3": C}
    assert any("hidden" in unused.reason + unused.text for unused in report.unused)


def test_an_old_workbook_is_read_without_what_it_hides() -> None:
    report = report_of((FILES / "hidden_rows.xls").read_bytes(), THREE)
    assert bound(report) == {f"T54W #{n}": f"805ec07a010{n + 2}" for n in (1, 2, 3)}
    texts = " ".join(unused.text for unused in report.unused)
    for left_out in ("805EC07A0100", "Column 5 (Old MAC)", "The sheet Old"):
        assert left_out in texts


def test_a_hidden_column_is_no_column() -> None:
    rows = [["Old MAC", "MAC Address", "Model"], [D, A, "T54W"]]
    report = report_of(as_xlsx(rows, hidden_columns=("A",)), THREE)
    assert bound(report) == {"T54W #1": A}


def test_every_sheet_that_holds_identifiers_is_read_and_its_name_may_be_the_model() -> None:
    head = ["Serial Number", "MAC Address"]
    data = as_xlsx(
        [head, ["X1001", A]],
        name="T54W",
        other_sheets=[("T33G", [head, ["X1002", B]], "visible"), ("Notes", [["Thanks"]], "visible")],
    )
    assert bound(report_of(data, TWO_AND_TWO)) == {"T54W #1": A, "T33G #1": B}


def test_a_second_row_of_headings_begins_a_second_table() -> None:
    units = an_order(("T54W", 2, "deskphone", "Yealink"), ("W73H", 2, "dect_handset", "Yealink"))
    text = f"Model,Serial,MAC\nT54W,X1001,{A}\n,,\nModel,Serial Number,IPEI\nW73H,X1002,02C3CC8E37"
    report = report_of(text, units)
    assert {match.unit.label for match in report.matched} == {"T54W #1", "W73H #1"}


def test_stacks_in_neighbouring_cells_belong_together() -> None:
    rows = [HEAD, [f"{A}\n{B}", "X1001\nX1002", "T54W"], [C, "X1003", "T54W"]]
    for data in (as_xlsx(rows), CONTAINERS["semicolons"](rows)):  # type: ignore[no-untyped-call]
        report = report_of(data, THREE)
        assert bound(report) == {"T54W #1": A, "T54W #2": B, "T54W #3": C}
        assert [match.identifier.serial for match in report.matched] == ["X1001", "X1002", "X1003"]


def test_a_list_of_nothing_but_stacks_is_a_table_too() -> None:
    text = f'Model,MAC,Serial\n"T54W\nT54W\nT54W","{A}\n{B}\n{C}","X1001\nX1002\nX1003"'
    report = report_of(text, THREE)
    assert bound(report) == {"T54W #1": A, "T54W #2": B, "T54W #3": C}
    assert [match.identifier.serial for match in report.matched] == ["X1001", "X1002", "X1003"]


def test_a_row_that_begins_with_the_error_of_a_formula_is_no_comment() -> None:
    report = report_of(f"Serial,MAC\n#REF!,{A}\n#NV,{B}\n# {C} came last week,", THREE)
    assert bound(report) == {"T54W #1": A, "T54W #2": B}
    assert "A comment." in {one.reason for one in (*report.aside, *report.unused)}


@pytest.mark.parametrize(
    "head",
    [
        "Adresse MAC;N° de série;Utilisateur",
        "Dirección MAC;Número de serie;Usuario",
        "Indirizzo MAC;Numero di serie;Utente",
        "MAC-adres;Serienummer;Gebruiker",
        "Adres MAC;Numer seryjny;Użytkownik",
        "MAC-adress;Serienummer;Användare",
    ],
)
def test_headings_are_known_in_the_languages_of_our_customers(head: str) -> None:
    report = report_of(f"{head}\n{A};X1001;{NIAMH}\n{B};X1002;{GRACE}", PEOPLE)
    assert for_whom(report) == {NIAMH: A, GRACE: B}
    assert {match.identifier.serial for match in report.matched} == {"X1001", "X1002"}


# ---- Cells


@pytest.mark.parametrize(
    "serial",
    ["#N/A", "N/A", "3.14602E+15", "3,14602E+15", "-", "null", "#REF!", "#WERT!"],
)
def test_what_is_no_serial_number_is_not_stored(serial: str) -> None:
    report = report_of(f"Model;MAC;Serial\nT54W;{A};{serial}\n", THREE)
    assert bound(report) == {"T54W #1": A}
    assert report.matched[0].identifier.serial is None
    assert any(aside.text == serial for aside in report.aside)


@pytest.mark.parametrize(
    ("written", "serial"),
    [
        ('="3146001"', "3146001"),
        ("'3146001", "3146001"),
        ("3146001.0", "3146001"),
        ("\u200b3146001\u00a0", "3146001"),
    ],
)
def test_what_programs_wrap_around_a_value_is_taken_off(written: str, serial: str) -> None:
    report = report_of(f"Model\tMAC\tSerial\nT54W\t{A}\t{written}\n", THREE)
    assert report.matched[0].identifier.serial == serial


def test_numbers_beyond_fifteen_digits_are_refused_in_a_workbook() -> None:
    report = report_of(as_xlsx([HEAD, [A, 3146018091637055, "T54W"]]), THREE)
    assert bound(report) == {"T54W #1": A}
    assert report.matched[0].identifier.serial is None


def test_one_serial_number_on_two_devices_is_asked_about() -> None:
    text = f"Model;MAC;Serial\nT54W;{A};X1001\nT54W;{B};X1001\n"
    report = report_of(text, THREE)
    assert bound(report) == {"T54W #1": A, "T54W #2": B}
    assert [match.identifier.serial for match in report.matched] == [None, None]
    (question,) = report.questions
    report = report_of(text, THREE, {question.name: question.options[1][0]})
    assert [match.identifier.serial for match in report.matched] == [None, "X1001"]


# ---- Which unit a row is for


@pytest.mark.parametrize(
    ("head", "third", "first"),
    [
        ("User", NIAMH, GRACE),
        ("Assigned to", "Corrigan, Niamh", "HALDEN, Grace"),
        ("E-mail", "niamh@example.com", "Grace@Example.com"),
        ("Employee ID", "3", "00001"),
        ("Remark", NIAMH, GRACE),
        ("", "niamh@example.com", "grace@example.com"),
    ],
)
def test_a_row_that_names_a_person_goes_to_their_unit(head: str, third: str, first: str) -> None:
    report = report_of(f"Model;MAC Address;{head}\nT54W;{A};{third}\nT54W;{B};{first}\n", PEOPLE)
    assert for_whom(report) == {NIAMH: A, GRACE: B}


def test_first_and_last_names_in_two_columns_are_one_person() -> None:
    report = report_of(f"MAC Address;First name;Last name\n{A};Niamh;Corrigan\n{B};Owen;Halden\n", PEOPLE)
    assert for_whom(report) == {NIAMH: A, OWEN: B}


def test_a_line_of_a_mail_names_its_person() -> None:
    report = report_of(f"Hello,\nNiamh Corrigan: {A}\nGrace Halden\n{B}\nRegards", PEOPLE)
    assert for_whom(report) == {NIAMH: A, GRACE: B}


@pytest.mark.parametrize(
    "stated", ["Somebody Else", "Halden", "grace@elsewhere.example", "Halden, Grace Owen"]
)
def test_a_row_that_names_nobody_of_the_plan_is_asked_about(stated: str) -> None:
    text = f"Model;MAC Address;User\nT54W;{A};{stated}\nT54W;{B};{OWEN}\n"
    report = report_of(text, PEOPLE)
    assert for_whom(report) == {OWEN: B}
    (question,) = report.questions
    assert stated in question.reason
    answered = report_of(text, PEOPLE, {question.name: question.options[0][0]})
    assert for_whom(answered) == {OWEN: B, GRACE: A}


def test_more_devices_for_a_person_than_planned_are_asked_about() -> None:
    report = report_of(f"MAC Address;User\n{A};{OWEN}\n{B};{OWEN}\n", PEOPLE)
    assert for_whom(report) == {OWEN: A}
    assert [candidate.text for question in report.questions for candidate in question.candidates] == [B]


def test_a_row_that_names_nobody_among_others_that_do_is_asked_about() -> None:
    # As a pivot table writes it: the name once, and nothing below it.
    text = f"MAC Address;User\n{A};{GRACE}\n{B};\n{C};{NIAMH}\n"
    report = report_of(text, PEOPLE)
    assert for_whom(report) == {GRACE: A, NIAMH: C}
    (question,) = report.questions
    assert OWEN in question.reason
    answered = report_of(text, PEOPLE, {question.name: question.options[0][0]})
    assert for_whom(answered) == {GRACE: A, NIAMH: C, OWEN: B}


def test_rows_that_name_nobody_among_others_that_do_are_one_question() -> None:
    text = f"MAC Address;User\n{A};{GRACE}\n{B};\n{C};\n"
    (question,) = report_of(text, PEOPLE).questions
    answered = report_of(text, PEOPLE, {question.name: question.options[0][0]})
    assert for_whom(answered) == {GRACE: A, OWEN: B, NIAMH: C}
    assert [asked.name for asked in answered.questions] == [question.name]


def test_a_row_that_names_nobody_goes_to_the_unit_of_nobody() -> None:
    units = [*PEOPLE[:1], replace(PEOPLE[1], person=None), *PEOPLE[2:]]
    report = report_of(f"MAC Address;User\n{B};\n{A};{PEOPLE[2].person.name}\n", units)
    assert bound(report) == {PEOPLE[1].label: B, PEOPLE[2].label: A}
    assert not report.questions


def test_a_row_without_a_place_among_others_with_one_is_asked_about() -> None:
    units = planned(THREE, places=("Cork", "Dublin", "Galway"))
    report = report_of(f"MAC Address;Site\n{A};Galway\n{B};\n", units)
    assert bound(report) == {"T54W #3": A}
    assert "Cork" in report.questions[0].reason


def test_a_row_that_names_a_place_goes_to_a_unit_there() -> None:
    units = planned(THREE, places=("Cork", "Dublin", "Galway"))
    report = report_of(f"MAC Address;Site\n{A};Galway\n{B};CORK\n{C};Limerick", units)
    assert bound(report) == {"T54W #3": A, "T54W #1": B}
    assert "Limerick" in report.questions[0].reason


def test_a_person_and_a_place_that_contradict_are_asked_about() -> None:
    units = planned(THREE, (GRACE, OWEN, NIAMH), ("Cork", "Dublin", "Galway"))
    report = report_of(f"MAC Address;User;Site\n{A};{GRACE};Dublin\n", units)
    assert not report.matched
    assert len(report.questions) == 1


NUMBERS = OrderNumbers(frozenset({"so55013"}), {"so55012": "HW-000112"})


@pytest.mark.parametrize("head", ["Sales Order", "Your PO", "Reference", "Whatever"])
def test_rows_of_another_order_are_that_orders(head: str) -> None:
    text = f"{head},Model,MAC Address\nSO-55012,T54W,{A}\nSO-55013,T54W,{B}\nso 55013,T54W,{C}\n"
    report = report_of(text, TWO, numbers=NUMBERS)
    assert bound(report) == {"T54W #1": B, "T54W #2": C}
    assert report.other_orders == [("HW-000112", 1)]


def test_a_mail_names_the_order_of_what_follows() -> None:
    text = f"Sales order SO-55012\n{A}\n{B}\n\nSales order SO-55013\n{C}\n{D}"
    report = report_of(text, TWO, numbers=NUMBERS)
    assert bound(report) == {"T54W #1": C, "T54W #2": D}
    assert report.other_orders == [("HW-000112", 2)]


def test_several_unknown_orders_are_asked_about() -> None:
    text = f"PO,Model,MAC Address\nPO-1,T54W,{A}\nPO-1,T54W,{B}\nPO-2,T54W,{C}\nPO-2,T54W,{D}\n"
    report = report_of(text, TWO)
    assert not report.matched
    first, second = report.questions
    report = report_of(text, TWO, {first.name: "no", second.name: "yes"})
    assert bound(report) == {"T54W #1": C, "T54W #2": D}


@pytest.mark.parametrize(
    "status",
    ["Returned", "CANCELLED", "Back-ordered", "back order", "Storniert", "Geannuleerd", "Not shipped"],
)
def test_what_was_not_sent_is_no_delivery(status: str) -> None:
    text = f"Model,MAC Address,Line status\nT54W,{A},{status}\nT54W,{B},Shipped\nT54W,{C},Delivered\n"
    report = report_of(text, TWO)
    assert bound(report) == {"T54W #1": B, "T54W #2": C}
    assert any(status in unused.reason for unused in report.unused)


def test_a_status_nobody_knows_is_asked_about_once() -> None:
    text = f"Model,MAC Address,Status\nT54W,{A},Q7\nT54W,{B},Q7\n"
    report = report_of(text, TWO)
    assert not report.matched
    (question,) = report.questions
    assert bound(report_of(text, TWO, {question.name: "yes"})) == {"T54W #1": A, "T54W #2": B}


def test_a_range_is_asked_about_with_its_size() -> None:
    report = report_of(f"T54W {A} - 805ec000000a", THREE)
    assert not report.matched
    assert "10 devices" in report.questions[0].reason


def test_a_model_named_above_goes_only_as_far_as_it_fits() -> None:
    units = an_order(("W70B", 1, "dect_base", "Yealink"), ("W73H", 2, "dect_handset", "Yealink"))
    report = report_of(f"2 x W73H:\n02C3CC8E37\n{A}\n", units)
    assert {match.unit.label for match in report.matched} == {"W73H #1", "W70B #1"}


# ---- Hostile files


def small(content: bytes, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    return repacked(as_xlsx([HEAD]), replaced=lambda part, old: content if part == name else old)


HOSTILE = {
    "merged": small(
        b"<worksheet><sheetData>"
        + b"".join(b'<row r="%d"><c t="str"><v>a</v></c></row>' % n for n in range(1, 5000))
        + b"</sheetData>"
        + b'<mergeCell ref="A1:A5000"/>' * 5000
        + b"</worksheet>"
    ),
    "far away": small(
        b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    ),
    "deep": small(b"<a>" * 100_000),
    "cells": small(b"<worksheet><sheetData><row>" + b"<c/>" * 1_000_000 + b"</row></sheetData></worksheet>"),
    "strings": small(
        b"<worksheet><sheetData>" + b"<row><c t='s'><v>0</v></c></row>" * 4000 + b"</sheetData></worksheet>"
    ),
    "html": b"<table>" + b"<td" * 600_000,
    "html spans": b"<table><tr><td rowspan=65000 colspan=65000>a" * 20_000,
    "quotes": b'"a\n' * 4000,
    "mail": b"From: a\nSubject: b\n\n" + b"--" * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_takes_no_time(name: str) -> None:
    started = time.process_time()
    with suppress(InvalidInput):
        report_of(HOSTILE[name], THREE)
    assert time.process_time() - started < 4


def test_a_repeated_million_rows_of_an_ods_are_refused() -> None:
    content = as_ods([HEAD])
    many = repacked(
        content,
        replaced=lambda name, old: old.replace(
            b"<table:table-row>", b'<table:table-row table:number-rows-repeated="1000000">'
        ),
    )
    with pytest.raises(InvalidInput):
        text_of_file(many)


def test_a_document_type_is_refused() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha">]><worksheet>&a;</worksheet>'
    with pytest.raises(InvalidInput, match="not written as Office"):
        text_of_file(small(laughs))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as empty:
        empty.writestr("a.pdf", "x")
    with pytest.raises(InvalidInput, match="compressed file"):
        text_of_file(archive.getvalue())


# ---- Any order, written as any list

HEADINGS = {
    "model": ["Model", "Artikel", "Product", "Description"],
    "mac": ["MAC", "MAC Address", "mac_address", "MAC-Adresse"],
    "serial": ["Serial Number", "S/N", "Seriennummer"],
    "person": ["User", "Assigned to", "Mitarbeiter", "Employee"],
    "status": ["Status", "Line status"],
    "noise": ["Carton", "Qty", "Tracking"],
}
NAMES = ["Grace Halden", "Owen Halden", "Zoë Nuñez-O’Brien", "Łukasz Żółty", "Jürgen Groß", "Niamh Corrigan"]


@st.composite
def written_orders(draw: st.DrawFn) -> tuple[list[ListUnit], bytes, dict[str, str]]:
    """An order with people, and a list of its devices in any order, container, columns and headings."""
    units = planned(an_order(("T54W", 3, "deskphone", "Yealink"), ("T57W", 3, "deskphone", "Yealink")), NAMES)
    columns = draw(st.permutations(list(HEADINGS)))
    rows = [[draw(st.sampled_from(HEADINGS[column])) for column in columns]]
    expected = {}
    for index, unit in enumerate(draw(st.permutations(units)), start=1):
        mac, status = f"805ec01122{index:02x}", draw(st.sampled_from(["Shipped", "Shipped", "Returned"]))
        name = unit.person.name
        first, _, last = name.partition(" ")
        person = draw(st.sampled_from([name, name.upper(), f"{last}, {first}", unit.person.emails[0]]))
        values = {"model": unit.model, "mac": mac, "serial": f"SN77{index:03}", "person": person}
        values |= {"status": status, "noise": str(draw(st.integers(1, 9)))}
        rows.append([values[column] for column in columns])
        if status == "Shipped":
            expected[unit.label] = mac
    return units, CONTAINERS[draw(st.sampled_from(list(CONTAINERS)))](rows), expected  # type: ignore[no-untyped-call]


@settings(max_examples=examples(60))
@given(written_orders())
def test_whatever_the_list_looks_like_each_device_goes_to_its_person(
    written: tuple[list[ListUnit], bytes, dict[str, str]],
) -> None:
    units, data, expected = written
    assert bound(report_of(data, units)) == expected


def test_a_thousand_rows_with_persons_and_places_take_little_work() -> None:
    count = 1_000
    units = [
        replace(unit, person=KnownPerson(at, f"First{at} Last{at}"), places=(f"Site {at % 50:02d}", "1 Quay"))
        for at, unit in enumerate(an_order(("T54W", count, "deskphone", "Yealink")))
    ]
    # In another order than the units, so that each row has to find its own.
    rows = [(at * 379) % count for at in range(count)]
    text = "MAC;User;Site\n" + "\n".join(
        f"805ec0{at:06x};First{at} Last{at};Site {at % 50:02d}" for at in rows
    )
    report = report_of(text, units)
    assert function_calls(lambda: report_of(text, units)) < 900 * count
    assert [int(match.identifier.value.replace(":", "")[6:], 16) for match in report.matched] == list(
        range(count)
    )

"""Deliveries as strangers send them: remarks, SAP's movements, scripts from right to left, old workbooks.

Each is bound as it was meant, asked about, or left out with a reason; never bound wrongly.
"""

from __future__ import annotations

from contextlib import suppress

import pytest

from hwadmin.errors import InvalidInput
from hwadmin.list_import.file_reading import text_of_file
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.meaning.columns import recognised
from hwadmin.list_import.text_tables import read_text
from tests.pure.list_import.binary_workbook import ON_BLACK, STRUCK, TINY, WHITE, as_xls
from tests.pure.list_import.containers import as_xlsx, repacked
from tests.pure.list_import.test_evidence import (
    GRACE,
    NIAMH,
    OWEN,
    PEOPLE,
    THREE,
    bound,
    for_whom,
    report_of,
)
from tests.pure.list_import.test_unit_matching import A, B, C, D
from tests.pure.list_import.test_variants import asked


def test_headings_nobody_knows_are_still_headings_and_named() -> None:
    text = f"Gerätus;MAC qalib;Zortlik\nT54W;{A};X1001\nT54W;{B};X1002"
    columns = recognised(read_text(text), Names(THREE))
    assert "“Zortlik”" not in columns.not_used  # which column holds what was told by what stands in it
    columns = recognised(read_text(text.replace("MAC qalib", "MAC ünvanı")), Names(THREE))
    assert "“Zortlik”" in columns.not_used
    assert "MAC ünvanı" not in columns.not_used


def test_columns_that_are_not_used_are_named() -> None:
    columns = recognised(
        read_text(f"Model;MAC;Weight (kg);Box;Empty\nT54W;{A};0.9;3;\nT54W;{B};0.9;3;"), Names(THREE)
    )
    assert columns.not_used.endswith(": “Weight (kg)”, “Box”.")
    assert not recognised(read_text(f"Model;MAC\nT54W;{A}"), Names(THREE)).not_used


@pytest.mark.parametrize(
    ("status", "sent"),
    [("הוחזר", "נשלח"), ("مرتجع", "تم الشحن"), ("Επιστράφηκε", "Παραδόθηκε"), ("Returnat", "Livrat")],
)
def test_a_status_is_understood_in_further_scripts(status: str, sent: str) -> None:
    head = {"הוחזר": "סטטוס", "مرتجع": "الحالة", "Επιστράφηκε": "Κατάσταση"}.get(status, "Stare")
    report = report_of(f"Model;MAC;{head}\nT54W;{A};{status}\nT54W;{B};{sent}", THREE)
    assert bound(report) == {"T54W #1": B}


REMARKS = {
    "Niamh gets the red one": [NIAMH],
    "not for Niamh!": [NIAMH],
    "the red one is for Niamh Corrigan": [NIAMH],
    "Owen & Grace share it": [GRACE, OWEN],
    "Niamh Corrigan / Grace Halden": [GRACE, NIAMH],
    "NIAMH - 2nd floor": [NIAMH],
}


@pytest.mark.parametrize("remark", REMARKS)
@pytest.mark.parametrize("head", ["Remark", "Notes", "Memo", "User"])
def test_whom_a_remark_names_is_asked_with_a_choice_for_each(remark: str, head: str) -> None:
    report = report_of(f"Model;MAC;{head}\nT54W;{A};{remark}\nT54W;{B};{OWEN}", PEOPLE)
    assert A not in for_whom(report).values()
    assert asked(report) == {A}
    (question,) = report.questions
    titles = [title for _value, title in question.options]
    assert sorted(titles)[:-1] == sorted(f"For {name}" for name in REMARKS[remark])
    value = {title: value for value, title in question.options}[f"For {REMARKS[remark][0]}"]
    answered = report_of(
        f"Model;MAC;{head}\nT54W;{A};{remark}\nT54W;{B};{OWEN}", PEOPLE, {question.name: value}
    )
    assert for_whom(answered).get(REMARKS[remark][0]) == A or REMARKS[remark][0] == OWEN


@pytest.mark.parametrize("line", [f"T54W {A} Niamh gets this", f"T54W {A} - Niamh gets the red one"])
def test_whom_a_line_names_is_one_of_the_choices(line: str) -> None:
    report = report_of(f"{line}\nT54W {B}", PEOPLE)
    (question,) = report.questions
    assert asked(report) == {A}
    assert f"For {NIAMH}" in [title for _value, title in question.options]


def test_a_color_is_nobody_s_name() -> None:
    report = report_of(f"Model;MAC;Color;Carton\nT54W;{A};Owen grey;Grace 7", PEOPLE)
    assert (len(report.matched), report.questions) == (1, [])


MOVEMENTS = {
    "a reversal": ("Bewegungsart", ["601", "602", "601"], None),
    "its short name": ("BwA", ["601", "602", "601"], None),
    "with its text": ("Movement Type", ["601 GD goods issue", "602 RE goods deliv. rev.", "101 GR"], None),
    "a return": ("MvT", ["601", "653", "601"], None),
    "signs of the stock": ("MvT", ["601", "602", "601"], ["1-", "1", "1-"]),
    "signs before": ("MvT", ["601", "602", "601"], ["-1", "1", "-1"]),
}


@pytest.mark.parametrize("case", MOVEMENTS)
def test_a_movement_of_sap_tells_what_was_taken_back(case: str) -> None:
    head, movements, quantities = MOVEMENTS[case]
    rows = [
        f"T54W;{mac};{movement};{quantity}"
        for mac, movement, quantity in zip((A, B, C), movements, quantities or "111", strict=True)
    ]
    report = report_of("\n".join([f"Material;MAC;{head};Menge", *rows]), THREE)
    assert set(bound(report).values()) == {A, C}
    assert [unused.text for unused in report.unused if "takes it back" in unused.reason] == [B]


def test_a_movement_nobody_knows_is_asked_about() -> None:
    report = report_of(f"Model;MAC;Movement type\nT54W;{A};601\nT54W;{B};309", THREE)
    assert (bound(report), asked(report)) == ({"T54W #1": A}, {B})


def test_one_of_two_statuses_that_says_no_is_enough() -> None:
    report = report_of(f"Model;MAC;Status;Line status\nT54W;{A};Shipped;Returned\nT54W;{B};Shipped;", THREE)
    assert bound(report) == {"T54W #1": B}


def test_a_quantity_with_its_sign_behind_was_taken_back() -> None:
    report = report_of(f"Model;MAC;Qty\nT54W;{A};1-\nT54W;{B};1", THREE)
    assert bound(report) == {"T54W #1": B}


@pytest.mark.parametrize("remark", ["came back", "do not use", "Kaputt", "sent back on Friday"])
def test_a_remark_that_it_is_no_delivery_is_asked_about(remark: str) -> None:
    report = report_of(f"Model;MAC;Remark\nT54W;{A};{remark}\nT54W;{B};", THREE)
    assert (bound(report), asked(report)) == ({"T54W #1": B}, {A})


@pytest.mark.parametrize(
    "serial",
    [
        "3,146,018,091,637",
        "3.146.018.091",
        "3'146'018",
        "12:34:00",
        "1900-01-12 00:00:00",
        "01.02.2024 00:00",
    ],
)
def test_serial_numbers_a_spreadsheet_wrote_as_amounts_or_times_are_not_stored(serial: str) -> None:
    report = report_of(f"Model\tMAC\tSerial\nT54W\t{A}\t{serial}", THREE)
    assert [match.identifier.serial for match in report.matched] == [None]
    assert any("A spreadsheet" in aside.reason for aside in report.aside)


def test_a_row_too_low_or_a_column_too_narrow_to_see_is_hidden() -> None:
    rows = [["Model", "MAC", "User"], ["T54W", D, NIAMH], ["T54W", A, NIAMH]]
    low = repacked(
        as_xlsx(rows),
        replaced=lambda _, data: data.replace(b'<row r="2"', b'<row ht="0.75" customHeight="1" r="2"'),
    )
    assert for_whom(report_of(low, PEOPLE)) == {NIAMH: A}
    narrow = repacked(
        as_xlsx(rows),
        replaced=lambda _, data: data.replace(
            b"<sheetData>", b'<cols><col min="3" max="3" width="0.1" customWidth="1"/></cols><sheetData>'
        ),
    )
    columns = recognised(read_text(text_of_file(narrow)), Names(PEOPLE))
    assert any("hidden" in sentence for sentence in columns.unclear)


OLD = [["Model", "MAC", "Serial"], ["T54W", D, "X1009"], ["T54W", A, "X1001"], ["T54W", B, "X1002"]]


@pytest.mark.parametrize("style", [WHITE, TINY, STRUCK])
def test_an_old_workbook_says_what_of_it_nobody_sees(style: int) -> None:
    report = report_of(as_xls(OLD, styles={(2, column): style for column in (1, 2, 3)}), THREE)
    assert bound(report) == {"T54W #1": A, "T54W #2": B}
    assert any("cannot be seen" in unused.text or "struck out" in unused.reason for unused in report.unused)


def test_white_on_black_is_seen_in_an_old_workbook_and_so_is_all_that_is_white() -> None:
    assert len(report_of(as_xls(OLD, styles={(2, 2): ON_BLACK}), THREE).matched) == 3
    everything = {(row, column): WHITE for row in range(1, 5) for column in range(1, 4)}
    assert len(report_of(as_xls(OLD, styles=everything), THREE).matched) == 3


@pytest.mark.parametrize("comment", ["Kim:\nreturned", "came back: \u200fהחזרה"])
def test_a_comment_in_an_old_workbook_is_read_with_its_row(comment: str) -> None:
    report = report_of(as_xls(OLD, comments={(2, 2): comment}), THREE)
    assert (set(bound(report).values()), asked(report)) == ({A, B}, {D})


def test_a_row_of_no_height_is_hidden_in_an_old_workbook() -> None:
    assert set(bound(report_of(as_xls(OLD, heights={2: 15}), THREE)).values()) == {A, B}


@pytest.mark.parametrize("cut", range(600, 4000, 170))
def test_a_damaged_old_workbook_is_refused_in_words_or_read(cut: int) -> None:
    data = as_xls(OLD, styles={(2, 2): WHITE}, comments={(2, 2): "Kim:\nreturned"})
    broken = data[:cut] + bytes([data[cut] ^ 0xFF]) + data[cut + 1 :]
    with suppress(InvalidInput):
        text_of_file(broken)

"""Lists as strangers send them: other ways to hide, to take back, to name whom and what a row is for.

Each is bound as it was meant, asked about, or left out with a reason; never bound wrongly.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from hwadmin.list_import.file_reading import text_of_file
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.matching.unit_matching import matched
from hwadmin.list_import.meaning.columns import recognised
from hwadmin.list_import.text_tables import read_text
from tests.pure.list_import.containers import as_ods, as_spreadsheet_xml, as_xlsx, repacked
from tests.pure.list_import.test_evidence import (
    GRACE,
    HIDDEN,
    NIAMH,
    NUMBERS,
    OWEN,
    PEOPLE,
    THREE,
    TWO_AND_TWO,
    bound,
    for_whom,
    planned,
    report_of,
)
from tests.pure.list_import.test_unit_matching import ORDER, A, B, C, D

HEAD = ["Model", "MAC", "Serial"]


def unclear(data: bytes | str, units: Any = THREE) -> tuple[str, ...]:
    text = text_of_file(data) if isinstance(data, bytes) else data
    return recognised(read_text(text), Names(units)).unclear


def asked(report: Any) -> set[str]:
    """The identifiers that wait for an answer."""
    return {candidate.text.lower() for question in report.questions for candidate in question.candidates}


# ---- What a reader is not shown


def workbook(change: Callable[[Any], None], *, rows: list[list[Any]] | None = None) -> bytes:
    book = Workbook()
    for row in rows or [HEAD, ["T54W", D, "X1009"], ["T54W", A, "X1001"]]:
        book.active.append(row)
    change(book.active)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def struck_row(sheet: Any) -> None:
    for cell in sheet[2]:
        cell.font = Font(strike=True)


def shows_nothing(sheet: Any) -> None:
    for cell in sheet[2]:
        cell.number_format = ";;;"


def ods_with(old: str, new: str, rows: list[list[str]]) -> bytes:
    def replaced(name: str, content: bytes) -> bytes:
        return content.replace(old.encode(), new.encode(), 1) if name == "content.xml" else content

    return repacked(as_ods(rows), replaced=replaced)


def collapsed(name: str, content: bytes) -> bytes:
    """The second row within a group that is not shown."""
    if name != "content.xml":
        return content
    begin, first, second, *rest = content.split(b"<table:table-row>")
    group = b'<table:table-row-group table:display="false"><table:table-row>' + second
    return b"<table:table-row>".join([begin, first]) + b"</table:table-row-group>".join(
        [group, b"".join(b"<table:table-row>" + row for row in rest)]
    )


ROWS = [HEAD, ["T54W", D, "X1009"], ["T54W", A, "X1001"]]
TABLE = "<table><tr><th>MAC</th><th>Model</th></tr>{}<tr><td>{}</td><td>T54W</td></tr></table>"
GONE = f"<tr><td>{D}</td><td>T54W</td></tr>"
BEGIN = '<table:table table:name="Sheet1">'
STYLE = (
    '<office:automatic-styles><s:style s:name="ce1"><s:text-properties s:text-line-through-style="solid"/>'
    "</s:style></office:automatic-styles><office:body>"
)
UNSEEN = {
    "collapsed rows": workbook(lambda sheet: sheet.row_dimensions.group(2, 2, hidden=True)),
    "a row struck out": workbook(struck_row),
    "a format that shows nothing": workbook(shows_nothing),
    "a collapsed group of an ods": repacked(as_ods(ROWS), replaced=collapsed),
    "struck out in SpreadsheetML": as_spreadsheet_xml(ROWS)
    .replace(
        b"<Worksheet", b'<Styles><Style ss:ID="s1"><Font ss:StrikeThrough="1"/></Style></Styles><Worksheet'
    )
    .replace(
        b'<Row><Cell><Data ss:Type="String">T54W</Data></Cell><Cell>',
        b'<Row><Cell ss:StyleID="s1"><Data ss:Type="String">T54W</Data></Cell><Cell ss:StyleID="s1">',
        1,
    )
    .replace(b'<Cell><Data ss:Type="String">X1009', b'<Cell ss:StyleID="s1"><Data ss:Type="String">X1009'),
    "a hidden body of a table": TABLE.format(f"<tbody hidden>{GONE}</tbody>", A).encode(),
    "rows hidden the way of Office": TABLE.format(
        GONE.replace("<tr", "<tr style='mso-hide:all'"), A
    ).encode(),
    "a hidden table": (TABLE.format("", D).replace("<table", "<table style='display:none'")).encode()
    + TABLE.format("", A).encode(),
    "a hidden column of a page": (
        "<table><col style='display:none'><col><tr><th>MAC</th><th>MAC</th></tr>"
        f"<tr><td>{D}</td><td>{A}</td></tr></table>"
    ).encode(),
    "a hidden part of a cell": TABLE.format("", f"<span style='display:none'>{D}</span>{A}").encode(),
    "a part struck out": TABLE.format("", f"<del>{D}</del> {A}").encode(),
    "a row of a page struck out": TABLE.format(
        GONE.replace("<td", "<td style='text-decoration: line-through'"), A
    ).encode(),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_what_nobody_is_shown_is_no_device(name: str) -> None:
    report = report_of(UNSEEN[name], THREE)
    assert bound(report) == {"T54W #1": A}
    assert any(
        "hidden" in one.reason or "struck" in one.reason or "not show" in one.reason for one in report.unused
    )


def test_collapsed_columns_of_an_ods_are_no_columns() -> None:
    rows = [["MAC", "MAC", "Model"], [D, A, "T54W"]]
    group = '<table:table-column-group table:display="false"><table:table-column/></table:table-column-group>'
    assert bound(report_of(ods_with(BEGIN, BEGIN + group, rows), THREE)) == {"T54W #1": A}


def test_a_cell_of_an_ods_that_is_struck_out_is_left_out() -> None:
    cell = f'<table:table-cell office:value-type="string"><text:p>{D}'
    data = ods_with("<office:body>", STYLE, [["MAC", "Model"], [D, "T54W"], [A, "T54W"]])
    data = repacked(
        data,
        replaced=lambda name, content: content.replace(
            cell.encode(), cell.replace("cell ", 'cell table:style-name="ce1" ').encode()
        ),
    )
    assert bound(report_of(data, THREE)) == {"T54W #1": A}


# ---- Of another device, person or place


@pytest.mark.parametrize(
    "heading",
    [
        "Old MAC",
        "MAC (old)",
        "Previous MAC",
        "alte MAC-Adresse",
        "Ancienne MAC",
        "Returned unit",
        "Switch MAC",
    ],
)
def test_the_address_of_another_device_is_not_used(heading: str) -> None:
    assert bound(report_of(f"{heading};New MAC;Model\n{D};{A};T54W", THREE)) == {"T54W #1": A}
    alone = f"{heading};Model\n{D};T54W"
    assert any("another device" in sentence for sentence in unclear(alone))
    columns = recognised(read_text(alone), Names(THREE))
    assert not matched(columns, THREE, reference=ORDER).matched


def test_a_hidden_column_that_matters_is_asked_about() -> None:
    rows = [["Hardware", "MAC Address", "Model"], [D, A, "T54W"]]
    assert any("MAC Address" in one for one in unclear(as_xlsx(rows, hidden_columns=("B",))))
    assert not unclear(as_xlsx(rows, hidden_columns=("A",)))


@pytest.mark.parametrize("heading", ["Manager", "Requested by", "Besteller", "Previous user", "Sales rep"])
def test_who_ordered_is_not_who_it_is_for(heading: str) -> None:
    for order in (("{h};User", f"{GRACE};{{}}"), ("User;{h}", f"{{}};{GRACE}")):
        head, row = order[0].replace("{h}", heading), order[1]
        report = report_of(f"MAC;{head}\n{A};{row.format(NIAMH)}\n{B};{row.format(OWEN)}", PEOPLE)
        assert for_whom(report) == {NIAMH: A, OWEN: B}
    assert any(
        "people of the plan" in one for one in unclear(f"MAC;{heading}\n{A};{NIAMH}\n{B};{OWEN}", PEOPLE)
    )


@pytest.mark.parametrize("head", ["Bill to;Ship to", "Warehouse;Site", "Invoice address;City"])
def test_where_the_bill_goes_is_not_where_the_device_goes(head: str) -> None:
    units = planned(THREE, places=("Cork", "Dublin", "Galway"))
    assert bound(report_of(f"MAC;{head}\n{A};Cork;Galway", units)) == {"T54W #3": A}


@pytest.mark.parametrize(
    "row",
    [f"User;Assigned to\n{A};{GRACE};{NIAMH}", f"User;E-mail\n{A};{GRACE};owen@example.com"],
)
def test_two_people_in_one_row_are_asked_about(row: str) -> None:
    report = report_of(f"MAC;{row}", PEOPLE)
    assert (report.matched, asked(report)) == ([], {A})


@pytest.mark.parametrize(
    "cell", [f"{NIAMH} <niamh@example.com>", "mailto:niamh@example.com", "niamh@example.com;"]
)
def test_an_address_in_the_cell_of_a_name_says_who(cell: str) -> None:
    assert for_whom(report_of(f'MAC,User\n{A},"{cell}"', PEOPLE)) == {NIAMH: A}


# ---- What was not sent


@pytest.mark.parametrize(
    ("heading", "first", "second"),
    [
        *[("Qty Shipped", value, "1") for value in ("0", "-1", "(1)")],
        ("Cancelled", "Yes", "No"),
        ("Returned", "2026-11-01", ""),
        ("RMA No", "4711", ""),
        ("Return date", "03.11.2026", ""),
        ("Delivered", "No", "Yes"),
        ("Shipped", "N", "2026-11-01"),
        ("Storniert", "x", ""),
        ("Qty backordered", "1", "0"),
    ],
)
def test_a_column_says_that_a_device_was_not_sent(heading: str, first: str, second: str) -> None:
    report = report_of(f"Model;MAC;{heading}\nT54W;{A};{first}\nT54W;{B};{second}", THREE)
    assert bound(report) == {"T54W #1": B}
    assert any("was not sent" in unused.reason for unused in report.unused)


@pytest.mark.parametrize(
    "text",
    [
        f"Returned:\n{A}\nDelivered:\n{B}",
        f"The following were cancelled:\n{A}\n\nThe following are on the way:\n{B}",
        f"MAC;Model\nBack-ordered;\n{A};T54W\nShipped;\n{B};T54W",
        f"{A} T54W cancelled\n{B} T54W shipped",
        f"Model;MAC;Movement\nT54W;{A};Credit\nT54W;{B};Invoice",
        f"Model;MAC;Type\nT54W;{A};Return\nT54W;{B};Delivery",
        f"Model;MAC;Status\nT54W;{A};TBC\nT54W;{B};Shipped",
    ],
)
def test_what_may_be_no_delivery_is_asked_about(text: str) -> None:
    report = report_of(text, THREE)
    assert (bound(report), asked(report)) == ({"T54W #1": B}, {A})


@pytest.mark.parametrize("text", [f"Old MAC: {D} New MAC: {A}", f"{A} replaces {D}", f"swap {D} for {A}"])
def test_two_devices_of_which_one_is_replaced_are_asked_about(text: str) -> None:
    report = report_of(text, THREE)
    assert (report.matched, asked(report)) == ([], {A, D})


# ---- What stands above, and the names of sheets


def two_sheets(first: str, second: str) -> bytes:
    return as_xlsx(
        [["MAC", "Model"], [A, "T54W"]],
        name=first,
        other_sheets=[(second, [["MAC", "Model"], [B, "T54W"]], "visible")],
    )


def test_the_name_of_a_sheet_says_whom_and_what_its_rows_are_for() -> None:
    at_places = planned(THREE, places=("Cork", "Dublin", "Galway"))
    assert bound(report_of(two_sheets("Galway", "Cork"), at_places)) == {"T54W #3": A, "T54W #1": B}
    assert for_whom(report_of(two_sheets(NIAMH, OWEN), PEOPLE)) == {NIAMH: A, OWEN: B}
    report = report_of(two_sheets("SO-55012", "SO-55013"), THREE, numbers=NUMBERS)
    assert (bound(report), report.other_orders) == ({"T54W #1": B}, [("HW-000112", 1)])
    report = report_of(two_sheets("Shipped", "Returned"), THREE)
    assert (bound(report), asked(report)) == ({"T54W #1": A}, {B})


def test_a_title_within_a_table_says_what_the_rows_below_are_for() -> None:
    text = f"MAC;Model\nSales order SO-55012;\n{A};T54W\nSales order SO-55013;\n{B};T54W"
    report = report_of(text, THREE, numbers=NUMBERS)
    assert (bound(report), report.other_orders) == ({"T54W #1": B}, [("HW-000112", 1)])
    at_places = planned(THREE, places=("Cork", "Dublin", "Galway"))
    assert bound(report_of(f"Galway\n{A}\nCork\n{B}", at_places)) == {"T54W #3": A, "T54W #1": B}


@pytest.mark.parametrize(
    "text",
    [
        f"{A}\nT54W\n{B}\nT33G\n{C}\nT54W",
        f"Box {A}\nModel: T54W\n\nBox {B}\nModel: T33G",
    ],
)
def test_a_model_below_its_identifier_is_not_taken_for_the_next_one(text: str) -> None:
    report = report_of(text, TWO_AND_TWO)
    assert not report.matched
    assert {A, B} <= asked(report)


@pytest.mark.parametrize(
    "text",
    [
        f"MAC Address: {A}\nModel: T33G\n\nMAC Address: {B}\nModel: T54W",
        f'{{\n"mac": "{A}",\n"model": "T33G"\n}},\n{{\n"mac": "{B}",\n"model": "T54W"\n}}',
    ],
)
def test_a_model_of_the_same_record_is_that_of_its_identifier(text: str) -> None:
    assert bound(report_of(text, TWO_AND_TWO)) == {"T33G #1": A, "T54W #1": B}


# ---- Ranges


@pytest.mark.parametrize(
    "text",
    [
        "T54W: 805EC07A0100 to 0109",
        "T54W 805EC07A0100 (x10)",
        "10 x T54W from 805EC07A0100 up",
        "T54W 805EC07A0100 ff.",
        "from 805EC07A0100\nto 805EC07A0109",
    ],
)
def test_the_beginning_of_a_range_is_asked_about(text: str) -> None:
    report = report_of(text, THREE)
    assert not report.matched
    assert "805ec07a0100" in asked(report)


@pytest.mark.parametrize("head", ["First MAC;Last MAC", "MAC from;MAC to"])
def test_columns_of_the_ends_of_ranges_are_asked_about(head: str) -> None:
    assert any("range" in one for one in unclear(f"{head};Model\n805EC07A0100;805EC07A0102;T54W"))


# ---- Damaged values


@pytest.mark.parametrize(
    "serial",
    [
        *(
            "2026-03-01",
            "01-Mar",
            "Mar-01",
            "1-Mar-26",
            "12/25/2026",
            "TRUE",
            "0000000000",
            "xxxx",
            "to follow",
        ),
        *("PENDING", "see box", "3146018091637050.0", "3146018091637059,00", "3146.5"),
    ],
)
def test_what_a_spreadsheet_or_haste_put_there_is_no_serial_number(serial: str) -> None:
    report = report_of(f"Model;MAC;Serial\nT54W;{A};{serial}", THREE)
    assert bound(report) == {"T54W #1": A}
    assert report.matched[0].identifier.serial is None
    assert [aside.text for aside in report.aside] == [serial]


@pytest.mark.parametrize("value", [date(2026, 3, 1), True, 3146.5, 3146018091637059])
def test_a_cell_that_is_no_text_is_no_serial_number(value: Any) -> None:
    data = workbook(lambda sheet: None, rows=[HEAD, ["T54W", A, value]])
    assert report_of(data, THREE).matched[0].identifier.serial is None


@pytest.mark.parametrize(
    "serial", ["SN-44621", "C02XG2JHJG5H", "FVFXCJHGQ", "3146018091637059", "00123", "A.12-3"]
)
def test_a_serial_number_is_not_judged_by_its_shape(serial: str) -> None:
    report = report_of(f"Model;MAC;Serial\nT54W;{A};{serial}", THREE)
    assert report.matched[0].identifier.serial == serial


def test_hidden_rows_of_the_corpus_stay_hidden_in_groups() -> None:
    data = workbook(lambda sheet: sheet.row_dimensions.group(2, 4, hidden=True), rows=HIDDEN)
    assert bound(report_of(data, THREE)) == {"T54W #1": A, "T54W #2": B, "T54W #3": C}

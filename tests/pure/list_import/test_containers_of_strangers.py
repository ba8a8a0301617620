"""Files of strangers: tables on their side, what shows nothing, lines around tables, parts of a mail.

Each is bound as it was meant, asked about, or left out with a reason; never bound wrongly.
"""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest

from hwadmin.list_import.file_reading import text_of_file
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.meaning.columns import recognised
from hwadmin.list_import.records.employees import EMPLOYEES
from hwadmin.list_import.records.reading import file_text, read_records
from hwadmin.list_import.text_tables import read_text
from tests.pure.list_import.containers import (
    CONTAINERS,
    as_csv,
    as_ods,
    as_spreadsheet_xml,
    as_xlsx,
    repacked,
)
from tests.pure.list_import.test_evidence import GRACE, NIAMH, OWEN, PEOPLE, bound, for_whom, report_of
from tests.pure.list_import.test_unit_matching import A, B, C
from tests.pure.list_import.test_variants import asked

HEAD = ["Model", "MAC", "Serial", "User"]
ROWS = [HEAD, ["T54W", A, "X1001", NIAMH], ["T54W", B, "X1002", GRACE], ["T54W", C, "X1003", OWEN]]
RIGHT = {NIAMH: A, GRACE: B, OWEN: C}
TURNED = [list(column) for column in zip(*ROWS, strict=True)]


def left_out(report: Any) -> str:
    return " ".join(f"{unused.text} {unused.reason}" for unused in report.unused)


# ---- Tables on their side


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_table_on_its_side_is_read_upright_in_every_container(container: str) -> None:
    report = report_of(CONTAINERS[container](TURNED), PEOPLE)  # type: ignore[no-untyped-call]
    assert for_whom(report) == RIGHT
    assert {match.identifier.serial for match in report.matched} == {"X1001", "X1002", "X1003"}


def test_a_table_on_its_side_is_read_below_a_title_and_on_one_of_two_sheets() -> None:
    titled = [["Delivery of May", "", "", ""], ["", "Phone 1", "Phone 2", "Phone 3"], *TURNED]
    assert for_whom(report_of(as_xlsx(titled), PEOPLE)) == RIGHT
    data = as_xlsx(ROWS[:2], other_sheets=[("Two", [[row[0], *row[2:]] for row in TURNED], "visible")])
    assert for_whom(report_of(data, PEOPLE)) == RIGHT


def test_people_on_their_side_are_read_upright() -> None:
    rows = [["Name", GRACE, OWEN], ["E-mail", "g@example.com", "o@example.com"]]
    records = read_records(file_text(as_xlsx(rows), EMPLOYEES), EMPLOYEES).records
    assert [(record.text("name"), record.text("email")) for record in records] == [
        (GRACE, "g@example.com"),
        (OWEN, "o@example.com"),
    ]


def test_pairs_above_a_table_do_not_turn_it() -> None:
    rows = [["Customer", "Contoso"], ["Delivery note", "LS-4711"], ["Date", "2026-03-04"], [], *ROWS]
    assert for_whom(report_of(as_xlsx(rows), PEOPLE)) == RIGHT


def test_names_below_addresses_under_one_heading_are_asked_about() -> None:
    lines = ["Model", "MAC", "Serial", "User"]
    for row in ROWS[1:]:
        lines += row
    report = report_of("\n".join(lines), PEOPLE)
    assert set(for_whom(report).items()) <= set(RIGHT.items())
    assert set(bound(report).values()) | asked(report) == {A, B, C}


# ---- What shows nothing


@pytest.mark.parametrize("height", ["0", "0.0", "0.00", "0,0"])
def test_a_row_without_height_is_hidden(height: str) -> None:
    def flat(_name: str, content: bytes) -> bytes:
        return content.replace(b'<row r="2"', f'<row r="2" ht="{height}"'.encode())

    flat_xml = as_spreadsheet_xml(ROWS).replace(
        b"</Row><Row>", f'</Row><Row ss:Height="{height}">'.encode(), 1
    )
    for data in (repacked(as_xlsx(ROWS), replaced=flat), flat_xml):
        report = report_of(data, PEOPLE)
        assert for_whom(report) == {GRACE: B, OWEN: C}
        assert "hidden" in left_out(report)


# ---- Pages and mails

TABLE = "<table>{}<tr><th>Model<th>MAC</tr><tr><td>T54W<td>{}</tr></table>"


@pytest.mark.parametrize(
    "content",
    [
        f"<html><body><p>For {NIAMH}:</p>{TABLE.format('', A)}</body></html>",
        f"<html><body>For {NIAMH}:<br>{TABLE.format('', A)}",
        f"<html><h2>{NIAMH}</h2>{TABLE.format('', A)}<h2>{GRACE}</h2>{TABLE.format('', B)}",
        TABLE.format(f"<caption>{NIAMH}</caption>", A),
    ],
)
def test_a_line_above_the_table_of_a_page_says_what_it_is_for(content: str) -> None:
    given = for_whom(report_of(content.encode(), PEOPLE))
    assert given in ({NIAMH: A}, {NIAMH: A, GRACE: B})


def test_a_line_below_the_table_of_a_page_is_not_lost() -> None:
    report = report_of(f"<html>{TABLE.format('', A)}<p>{B} was returned.</p>".encode(), PEOPLE)
    assert B not in bound(report).values()
    assert B in asked(report) or B in left_out(report)


def test_lines_around_the_table_of_a_page_are_no_records() -> None:
    table = "<table><tr><th>Name<th>E-mail<tr><td>Grace Halden<td>g@example.com</table>"
    records = read_records(
        file_text(f"<h1>Staff</h1>{table}<p>End of list</p>".encode(), EMPLOYEES), EMPLOYEES
    ).records
    assert [record.text("name") for record in records if not record.problems] == [GRACE]


def test_tables_that_only_place_others_are_none() -> None:
    rows = "".join(f"<tr><td>{'<td>'.join(row)}</tr>" for row in ROWS)
    page = f"<table><tr><td>Logo<td>Hello<tr><td colspan=2><table>{rows}</table>Bye<tr><td>End</table>"
    for data in (page, f"<table><tr><td>{page}</table>"):
        report = report_of(f"<html>{data}</html>".encode(), PEOPLE)
        assert for_whom(report) == RIGHT
        assert "Hello" in left_out(report)
        assert "Bye" in left_out(report)


def test_a_table_within_a_cell_is_part_of_it() -> None:
    rows = "".join(
        f"<tr><td>{model}<td><table><tr><td>{mac}</table><td>{user}</tr>" for model, mac, _x, user in ROWS
    )
    assert for_whom(report_of(f"<table>{rows}</table>".encode(), PEOPLE)) == RIGHT


def a_mail(text: str, *files: tuple[str, bytes]) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["MIME-Version"] = "a@b.example", "c@d.example", "x", "1.0"
    mail.set_content(text)
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_what_of_a_mail_is_not_read_is_named(write: Any) -> None:
    first, second = ("one.csv", write(ROWS[:2])), ("two.csv", write([HEAD, *ROWS[2:]]))
    report = report_of(a_mail(f"The phone {B} was returned.", first, second), PEOPLE)
    assert for_whom(report) == {NIAMH: A}
    assert "two.csv" in left_out(report)
    assert B in left_out(report)


@pytest.mark.parametrize(("mark", "end"), [("", ""), ('""', ""), ("", ";;;"), ("", "\t")])
def test_a_table_within_the_quoted_cells_of_another_is_read(mark: str, end: str) -> None:
    lines = [",".join(f"{mark}{cell}{mark}" for cell in row) for row in ROWS]
    report = report_of("\n".join(f'"{line}"{end}' for line in lines), PEOPLE)
    assert for_whom(report) == RIGHT
    assert {match.identifier.serial for match in report.matched} == {"X1001", "X1002", "X1003"}


def test_a_device_right_above_the_headings_is_no_heading() -> None:
    report = report_of(as_xlsx([ROWS[1], HEAD, *ROWS[2:]]), PEOPLE)
    assert for_whom(report) == RIGHT


# ---- What is struck out

MARKDOWN = "| Model | MAC | Serial | User |\n|---|---|---|---|\n"


@pytest.mark.parametrize(
    ("text", "given"),
    [
        (f"~~{A}~~ -> {B} for {NIAMH}", {NIAMH: B}),
        (f"- ~~T54W {A} {NIAMH}~~\n- T54W {B} {GRACE}", {GRACE: B}),
        (f"{MARKDOWN}| T54W | ~~{A}~~ {B} | ~~X1001~~ X1002 | {NIAMH} |", {NIAMH: B}),
        (f"{MARKDOWN}| T54W | {B} | X1002 | ~~{NIAMH}~~ {GRACE} |", {GRACE: B}),
        (
            f"{MARKDOWN}| ~~T54W~~ | ~~{A}~~ | ~~X1~~ | ~~{NIAMH}~~ |\n| T54W | {B} | X1002 | {GRACE} |",
            {GRACE: B},
        ),
        (f"Model;MAC;Serial;User\nT54W;{B};~~X1001~~ X1002;{GRACE}", {GRACE: B}),
    ],
)
def test_what_a_text_strikes_out_is_no_value(text: str, given: dict[str, str]) -> None:
    report = report_of(text, PEOPLE)
    assert for_whom(report) == given
    assert {match.identifier.serial for match in report.matched} <= {None, "X1002"}
    assert "struck out" in left_out(report)


STYLE = '<s:style xmlns:s="s" s:name="x"><s:{}/></s:style>'
STRUCK = STYLE.format('text-properties s:text-line-through-style="solid"')


def an_ods(style: str, old: str, new: str) -> bytes:
    def replaced(_name: str, content: bytes) -> bytes:
        styles = f"<office:automatic-styles>{style}</office:automatic-styles><office:body>"
        head, end, rows = content.replace(b"<office:body>", styles.encode(), 1).partition(
            b"</table:table-row>"
        )
        return head + end + rows.replace(old.encode(), new.encode(), 1)

    return repacked(as_ods(ROWS), replaced=replaced)


def a_struck_xml(old: str, new: str) -> bytes:
    styles = b'<Styles><Style ss:ID="x"><Font ss:StrikeThrough="1"/></Style></Styles><Worksheet'
    head, end, rows = as_spreadsheet_xml(ROWS).replace(b"<Worksheet", styles, 1).partition(b"</Row>")
    return head + end + rows.replace(old.encode(), new.encode(), 1)


# Each strikes out, or hides, the row of the first device or its address.
UNSHOWN = {
    "the style of a row of an ods": an_ods(
        STRUCK, "<table:table-row>", '<table:table-row table:default-cell-style-name="x">'
    ),
    "a part of a cell of an ods": an_ods(STRUCK, A, f'<text:span text:style-name="x">{A}</text:span>'),
    "a paragraph of an ods": an_ods(STRUCK, f"<text:p>{A}", f'<text:p text:style-name="x">{A}'),
    "a flat row of an ods": an_ods(
        STYLE.format('table-row-properties s:row-height="0cm"'),
        "<table:table-row>",
        '<table:table-row table:style-name="x">',
    ),
    "the style of a row of SpreadsheetML": a_struck_xml("<Row>", '<Row ss:StyleID="x">'),
}


@pytest.mark.parametrize("name", UNSHOWN)
def test_what_rows_and_parts_of_cells_strike_out_is_no_device(name: str) -> None:
    report = report_of(UNSHOWN[name], PEOPLE)
    assert for_whom(report) == {GRACE: B, OWEN: C}
    assert A in left_out(report)


def test_a_column_that_is_struck_out_is_none() -> None:
    rows = [["Old", "MAC", "User"], [A, B, GRACE]]
    data = as_spreadsheet_xml(rows).replace(b"<Table>", b'<Table><Column ss:StyleID="x"/>')
    styles = b'<Styles><Style ss:ID="x"><Font ss:StrikeThrough="1"/></Style></Styles><Worksheet'
    report = report_of(data.replace(b"<Worksheet", styles, 1), PEOPLE)
    assert for_whom(report) == {GRACE: B}
    assert A in left_out(report)


def test_a_hidden_column_of_people_is_asked_about() -> None:
    for hidden, unclear in (("D", True), ("C", False)):
        sheet = read_text(text_of_file(as_xlsx(ROWS, hidden_columns=(hidden,))))
        assert bool(recognised(sheet, Names(PEOPLE)).unclear) is unclear

"""Files of strangers: tables on their side, what shows nothing, lines around tables, parts of a mail.

Each is bound as it was meant, asked about, or left out with a reason; never bound wrongly.
"""

from __future__ import annotations

from typing import Any

import pytest

from hwadmin.list_import.records.employees import EMPLOYEES
from hwadmin.list_import.records.reading import file_text, read_records
from tests.pure.list_import.containers import (
    CONTAINERS,
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

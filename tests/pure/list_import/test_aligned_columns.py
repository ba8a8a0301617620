"""Tables whose columns are parted by blanks alone: every value is that of its row and column."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hwadmin.list_import.records.employees import EMPLOYEES
from hwadmin.list_import.records.reading import read_records
from hwadmin.list_import.text_tables import read_text
from tests.pure.list_import.test_evidence import GRACE, NIAMH, OWEN, PEOPLE, for_whom, report_of
from tests.pure.list_import.test_unit_matching import A, B, C

ROWS = [("T54W", "3146900003", C, NIAMH), ("T54W", "3146900001", A, GRACE), ("T54W", "3146900002", B, OWEN)]
HEAD = ("Model", "Serial Number", "MAC Address", "User")


def columns(head: Sequence[str], rows: Sequence[Sequence[str]], *, gap: int = 2, right: bool = False) -> str:
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    lines = [
        (" " * gap).join(
            cell.rjust(width) if right else cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        )
        for row in (head, *rows)
    ]
    return "\n".join(line.rstrip() for line in lines)


RULER = "-----  -------------  ------------  --------------"
PLAIN = columns(HEAD, ROWS)
LISTS = {
    "two blanks": PLAIN,
    "one blank": columns(HEAD, ROWS, gap=1),
    "wide": columns(HEAD, ROWS, gap=5),
    "to the right": columns(HEAD, ROWS, right=True),
    "a ruler below the headings": PLAIN.replace("\n", f"\n{RULER}\n", 1),
    "within a mail": f"Hello,\n\nhere are your phones:\n\n{PLAIN}\n\nTotal: 3 devices, all sent\nRegards\nJo",
    "a quoted mail": "\n".join(f"> {line}" for line in PLAIN.split("\n")),
    "on two pages": f"{PLAIN}\n\nPage 1 of 2\n{columns(HEAD, ROWS[:0])}",
    "not aligned": "\n".join("   ".join(row) for row in (HEAD, *ROWS)),
    "no-break spaces": PLAIN.replace(" ", "\u00a0"),
    "German": columns(("Modell", "Seriennummer", "MAC-Adresse", "Benutzer"), ROWS),
    "the person first": columns(
        ("Assigned to", "MAC", "S/N"), [(user, mac, serial) for _model, serial, mac, user in ROWS]
    ),
    "last name first": columns(HEAD, [(*row[:3], ", ".join(reversed(row[3].split()))) for row in ROWS]),
}


@pytest.mark.parametrize("name", LISTS)
def test_every_value_is_that_of_its_row_and_column(name: str) -> None:
    report = report_of(LISTS[name], PEOPLE)
    assert for_whom(report) == {NIAMH: C, GRACE: A, OWEN: B}
    serials = {match.unit.person.name: match.identifier.serial for match in report.matched}
    assert serials == {user: serial for _model, serial, _mac, user in ROWS}


def test_an_empty_cell_stays_empty() -> None:
    rows = [ROWS[0], ("T54W", "", A, GRACE), ROWS[2]]
    for gap in (1, 2, 4):
        report = report_of(columns(HEAD, rows, gap=gap), PEOPLE)
        assert for_whom(report) == {NIAMH: C, GRACE: A, OWEN: B}
        assert {match.identifier.serial for match in report.matched} == {"3146900003", None, "3146900002"}


def test_words_with_one_blank_are_columns_where_they_are_as_many_as_the_headings() -> None:
    text = "\n".join(" ".join(row[:3]) for row in (HEAD, *ROWS))
    report = report_of(text, PEOPLE)
    assert {match.identifier.serial for match in report.matched} == {row[1] for row in ROWS}


def test_a_row_that_cannot_be_cut_is_read_as_a_line() -> None:
    text = columns(HEAD, ROWS) + f"\nT54W a phone that was packed on its own {B[:-1]}f 3146900009"
    report = report_of(text, PEOPLE)
    assert for_whom(report) == {NIAMH: C, GRACE: A, OWEN: B}
    assert (
        any(unused.text.endswith("0f") or B[:-1] in unused.text for unused in report.unused)
        or report.questions
    )


def test_people_are_read_from_aligned_columns() -> None:
    text = columns(
        ("Name", "Email", "Employee ID", "Department"),
        [(GRACE, "grace@example.com", "00815", "Front desk"), (OWEN, "owen@example.com", "00816", "")],
    )
    for written in (text, f"{text}\n\n2 rows"):
        records = read_records(written, EMPLOYEES)
        assert [
            [record.text(key) for key in ("name", "email", "employee_number", "department")]
            for record in records.records
        ] == [[GRACE, "grace@example.com", "00815", "Front desk"], [OWEN, "owen@example.com", "00816", None]]


@pytest.mark.parametrize(
    "text",
    [
        f"2 x T54W  MAC: {A}  Serial: X1",
        f"Model T54W\n\n{A}\n{B}",
        f"MAC Address\n{A}  Grace Halden",
        "Name  Email  and more words that name nothing at all\nsome other text",
    ],
)
def test_what_is_no_aligned_table_is_read_as_before(text: str) -> None:
    assert read_text(text).separator != "\t"

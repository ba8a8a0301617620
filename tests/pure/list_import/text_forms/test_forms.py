"""Every list of the corpus in the forms of texts, and what those hold beside a plain table."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import Any

import pytest

from hwadmin.errors import InvalidInput
from hwadmin.list_import.file_reading import text_of_file
from hwadmin.list_import.records.employees import EMPLOYEES
from hwadmin.list_import.records.reading import read_records
from tests.pure.list_import import corpus
from tests.pure.list_import.containers import as_csv
from tests.pure.list_import.test_corpus import UNITS
from tests.pure.list_import.test_evidence import GRACE, NIAMH, OWEN, PEOPLE, THREE, bound, for_whom, report_of
from tests.pure.list_import.test_unit_matching import ORDER, A, B, C, D, an_order
from tests.pure.list_import.test_variants import asked
from tests.pure.list_import.text_forms.drawn import FORMS

TWO_KINDS = an_order(("T54W", 2, "deskphone", "Yealink"), ("T33G", 2, "deskphone", "Yealink"))


def said(report: Any) -> str:
    """All that a report says of what it does not bind."""
    return " ".join(one.text + one.reason for one in (*report.unused, *report.aside, *report.duplicates))


@pytest.mark.parametrize("form", FORMS)
def test_each_device_goes_to_its_person_with_its_serial_number(form: str) -> None:
    for layout in ("english", "german, the person first", "dutch, with noise"):
        report = report_of(FORMS[form](corpus.LAYOUTS[layout]), UNITS)
        assert {name: mac.replace(":", "") for name, mac in for_whom(report).items()} == corpus.ADDRESSES
        serials = {match.unit.person.name: match.identifier.serial for match in report.matched}
        assert serials == corpus.SERIALS
        assert not report.questions


@pytest.mark.parametrize("form", FORMS)
def test_each_employee_is_read_as_they_are_written(form: str) -> None:
    data = FORMS[form](corpus.EMPLOYEES)
    records = read_records(text_of_file(data) if isinstance(data, bytes) else data, EMPLOYEES).records
    keys = ("name", "email", "employee_number", "department", "active")
    assert [tuple(record.values.get(key) for key in keys) for record in records] == corpus.PEOPLE


def test_a_cell_of_a_wiki_that_reaches_down_is_of_each_row() -> None:
    lines = (
        "{|",
        "! Model !! MAC",
        "|-",
        '| rowspan="2" | T33G',
        f"| {A}",
        "|-",
        f"| {B}",
        "|-",
        f"| T54W || {C}",
    )
    report = report_of("\n".join([*lines, "|}"]), TWO_KINDS)
    assert bound(report) == {"T33G #1": A, "T33G #2": B, "T54W #1": C}


@pytest.mark.parametrize(
    "value",
    [
        {"orders": [{"order": "HW-000001", "devices": [{"mac": D, "user": OWEN}]},
                    {"order": ORDER, "devices": [{"mac": A, "user": GRACE}, {"mac": B, "user": NIAMH}]}]},
        {A: {"user": GRACE}, B: {"user": NIAMH}},
        {A: GRACE, B: NIAMH},
        {GRACE: {"mac": A}, NIAMH: {"mac": B}},
        {GRACE: [A], NIAMH: [B]},
        [{"user": {"displayName": GRACE}, "devices": [{"lanMac": A}]},
         {"user": {"displayName": NIAMH}, "devices": [{"lanMac": B}]}],
    ],
)  # fmt: skip
def test_every_record_within_another_is_read(value: Any) -> None:
    report = report_of(json.dumps(value, indent=1), PEOPLE)
    assert for_whom(report) == {GRACE: A, NIAMH: B}


def test_what_is_said_of_one_device_is_not_said_of_those_within_it() -> None:
    value = [{"mac": A, "serial": "X1001", "parts": [{"mac": B}, {"mac": C, "serial": "X1003"}]}]
    report = report_of(json.dumps(value), THREE)
    assert [match.identifier.serial for match in report.matched] == ["X1001", None, "X1003"]


@pytest.mark.parametrize(
    "mark", ['"', '""""', "''", "\u3003", '-"-', "dto", "dto.", "do.", "idem", "same as above", "siehe oben"]
)
def test_a_ditto_mark_is_what_stands_above_it(mark: str) -> None:
    report = report_of(f"Model;MAC;Note\nT33G;{A};\n{mark};{B};\nT54W;{C};\n{mark};{D};", TWO_KINDS)
    assert bound(report) == {"T33G #1": A, "T33G #2": B, "T54W #1": C, "T54W #2": D}


@pytest.mark.parametrize("mark", ['"', "dto.", "ditto"])
def test_no_row_is_lost_between_ditto_marks_and_no_mark_is_stored(mark: str) -> None:
    rows = (
        "Name;E-mail;Department",
        "Ada Reed;a@e.com;Lab",
        f"Bo Reed;b@e.com;{mark}",
        f"Cy Reed;c@e.com;{mark}",
    )
    text = "\n".join(rows)
    records = read_records(text, EMPLOYEES).records
    assert [record.text("department") for record in records] == ["Lab"] * 3


def test_a_word_for_ditto_with_a_capital_may_be_a_name() -> None:
    text = "First name;Last name;E-mail\nAda;Reed;a@example.com\nDana;Ditto;d@example.com"
    assert [record.text("last_name") for record in read_records(text, EMPLOYEES).records] == ["Reed", "Ditto"]


def test_a_quoted_cell_of_several_lines_is_no_ditto_mark() -> None:
    text = f'MAC;Note;Model\n{A};"two\nlines";T54W\n{B};"";T54W'
    assert bound(report_of(text, THREE)) == {"T54W #1": A, "T54W #2": B}


def test_short_articles_of_names_stay() -> None:
    text = (
        "Voornaam;Tussenvoegsel;Achternaam;E-mail\nPiet;'t;Hart;p@example.com\nAnna;;'s-Graaf;a@example.com"
    )
    records = read_records(text, EMPLOYEES).records
    assert [(one.text("name_prefix"), one.text("last_name")) for one in records] == [
        ("'t", "Hart"),
        (None, "'s-Graaf"),
    ]


@pytest.mark.parametrize("joint", [":", "-", "/", ".", "'GIN+ML+", " and ", "~REF*MAC*"])
def test_addresses_in_a_row_are_several(joint: str) -> None:
    report = report_of(f"T54W {A}{joint}{B}{joint}{C}", THREE)
    assert {*bound(report).values(), *(text.lower() for text in asked(report))} == {A, B, C}


def test_what_stands_behind_the_longest_line_is_read() -> None:
    many = [f"805ec0{number:06x}" for number in range(320)]
    order = an_order(("T54W", 320, "deskphone", "Yealink"))
    assert list(bound(report_of("T54W " + " ".join(many), order)).values()) == many


def test_a_cell_longer_than_any_value_is_said_to_be_cut() -> None:
    report = report_of(f"MAC;Remark\n{A};{'x ' * 1_500}\n{B};", THREE)
    assert "its end is left out" in said(report)


def _archive(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "."), data)
    return file.getvalue()


LIST = as_csv([["MAC", "User"], [A, GRACE]])


@pytest.mark.parametrize(
    "data",
    [
        _archive(a_csv=LIST, b_csv=LIST),
        _archive(readme_doc=b"x"),
        _archive(list_csv=gzip.compress(LIST)),
        gzip.compress(gzip.compress(LIST)),
        gzip.compress(LIST)[:-20],
        gzip.compress(b"0" * 20_000_000),
        _archive(list_csv=b"0" * 20_000_000),
    ],
    ids=[
        "two lists",
        "no list",
        "gz in zip",
        "gz in gz",
        "half",
        "a gz that explodes",
        "a zip that explodes",
    ],
)
def test_other_compressed_files_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"\.$"):
        text_of_file(data)


def test_what_else_a_compressed_file_holds_is_named() -> None:
    report = report_of(_archive(list_csv=LIST, terms_pdf=b"%PDF"), PEOPLE)
    assert for_whom(report) == {GRACE: A}
    assert "terms.pdf" in said(report)

"""Lists whose values stand behind their names, in any order: each device goes to whom its record names.

Where it stays open whether a name belongs to what stands above or below it, somebody is asked.
"""

from __future__ import annotations

import json

import pytest

from hwadmin.list_import.item_names import Names
from hwadmin.list_import.meaning.columns import recognised
from hwadmin.list_import.text_tables import read_text
from tests.pure.list_import.test_evidence import (
    GRACE,
    NIAMH,
    OWEN,
    PEOPLE,
    THREE,
    TWO_AND_TWO,
    bound,
    for_whom,
    planned,
    report_of,
)
from tests.pure.list_import.test_unit_matching import DECT, A, B, C, D, H
from tests.pure.list_import.test_variants import asked, unclear

AT_PLACES = planned(THREE, places=("Cork", "Dublin", "Galway"))
TWO = {NIAMH: C, GRACE: A}

RECORDS = {
    "identifier first": f"MAC: {C}\nName: {NIAMH}\nMAC: {A}\nName: {GRACE}",
    "identifier first, blank lines": f"MAC: {C}\nName: {NIAMH}\n\nMAC: {A}\nName: {GRACE}\n",
    "name first": f"Name: {NIAMH}\nMAC: {C}\nName: {GRACE}\nMAC: {A}",
    "within a mail": f"Hi,\nhere they are\n\nUser: {NIAMH}\nMAC: {C}\n\n"
    f"User: {GRACE}\nMAC: {A}\n\nRegards\nJo",
    "German, with lines between": f"Gerät: T54W\nMAC-Adresse: {C}\nBenutzer: {NIAMH}\n---\n"
    f"Gerät: T54W\nMAC-Adresse: {A}\nBenutzer: {GRACE}",
    "equal signs": f"mac={C}\nuser={NIAMH}\nmac={A}\nuser={GRACE}",
    "several in a line": f"MAC: {C}, User: {NIAMH}\nMAC: {A}, User: {GRACE}",
    "semicolons": f"User: {NIAMH}; MAC: {C}\nUser: {GRACE}; MAC: {A}",
    "YAML": f"- mac: {C}\n  user: {NIAMH}\n- mac: {A}\n  user: {GRACE}",
    "on its side": f"Name\t{NIAMH}\t{GRACE}\nMAC\t{C}\t{A}\nModel\tT54W\tT54W",
    "on its side, block by block": f"Name\t{NIAMH}\nMAC\t{C}\nName\t{GRACE}\nMAC\t{A}",
    "JSON": json.dumps([{"mac": C, "user": NIAMH}, {"mac": A, "user": GRACE}]),
    "JSON, indented": json.dumps([{"mac": C, "user": NIAMH}, {"mac": A, "user": GRACE}], indent=2),
    "JSON, within an object": json.dumps(
        {"count": 2, "devices": [{"mac": C, "user": {"name": NIAMH}}, {"mac": A, "user": {"name": GRACE}}]}
    ),
    "JSON, an object a line": f'{{"mac":"{C}","user":"{NIAMH}"}}\n{{"mac":"{A}","user":"{GRACE}"}}',
    "bare identifiers below": f"User: {NIAMH}\n{C}\nUser: {GRACE}\n{A}",
    "bare identifiers above": f"{C}\nUser: {NIAMH}\n{A}\nUser: {GRACE}",
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_says_whom_its_device_is_for(name: str) -> None:
    assert for_whom(report_of(RECORDS[name], PEOPLE)) == TWO
    assert for_whom(report_of(RECORDS[name].encode(), PEOPLE)) == TWO


def test_the_serial_number_of_a_record_goes_with_its_device() -> None:
    for text in (
        "S/N 3146X1\nMAC 805EC0000001\nS/N 3146X2\nMAC 805EC0000002",
        "MAC 805EC0000001\nS/N 3146X1\nMAC 805EC0000002\nS/N 3146X2",
        "MAC:805EC0000001;SN:3146X1;P/N:T54W\nMAC:805EC0000002;SN:3146X2;P/N:T54W",
    ):
        report = report_of(text, THREE)
        assert {match.identifier.serial: match.identifier.value[-2:] for match in report.matched} == {
            "3146X1": "01",
            "3146X2": "02",
        }
        assert all("stored with" in aside.reason for aside in report.aside)


def test_a_number_of_json_that_lost_its_digits_is_refused() -> None:
    report = report_of(f'[{{"mac":"{A}","serial":3.14602e15}},{{"mac":"{B}","serial":3146018}}]', THREE)
    assert [match.identifier.serial for match in report.matched] == [None, "3146018"]


def test_what_a_record_names_and_the_plan_has_not_is_asked_about() -> None:
    report = report_of(f"MAC: {A}, User: Peter Pan\nMAC: {B}, User: {GRACE}", PEOPLE)
    assert (for_whom(report), asked(report)) == ({GRACE: B}, {A})


def test_two_devices_below_one_name_are_both_of_it() -> None:
    report = report_of(f"Name: {NIAMH}\nMAC: {A}\nMAC: {B}\nName: {GRACE}\nMAC: {C}", PEOPLE)
    assert (for_whom(report), asked(report)) == ({NIAMH: A, GRACE: C}, {B})


@pytest.mark.parametrize(
    "text",
    [
        f"Site: Galway\n{A}\nSite: Cork\n{C}",
        f"Ship to: Galway\nT54W {A}\nShip to: Cork\nT54W {C}",
        f"Delivery note 7\nSite: Galway\n1 x T54W {A}\nSite: Cork\n1 x T54W {C}\nBest regards",
        f"{A} Galway\n{C} Cork",
    ],
)
def test_a_line_that_names_a_place_is_for_the_devices_below(text: str) -> None:
    assert bound(report_of(text, AT_PLACES)) == {"T54W #3": A, "T54W #1": C}


@pytest.mark.parametrize(
    "text",
    [
        f"{A}\n{GRACE}\n{B}\n{OWEN}",
        f"T54W {A}\n{GRACE}\nT54W {B}\n{OWEN}",
        f"T54W {A}\nUser: {GRACE}\nT54W {B}",
    ],
)
def test_names_that_may_belong_above_or_below_are_asked_about(text: str) -> None:
    report = report_of(text, PEOPLE)
    assert (report.matched, asked(report)) == ([], {A, B})


@pytest.mark.parametrize(
    "text",
    [
        f"{A} for Peter Pan\n{B} for {GRACE}",
        f"{A} - Peter Pan\n{B} - {GRACE}",
        f"Peter Pan: {A}\n{GRACE}: {B}",
        f"{GRACE}\n{B}\nPeter Pan\n{A}\nKind Regards",
        f"T54W {A} User: Peter Pan\nT54W {B} User: {GRACE}",
        f"MAC;Wer\n{A};Peter Pan\n{B};{GRACE}",
        f"MAC;Wer\n{A};Peter Pan\n{C};Mary Poppins\n{B};{GRACE}",
    ],
)
def test_somebody_who_is_not_in_the_plan_is_asked_about(text: str) -> None:
    report = report_of(text, PEOPLE)
    assert for_whom(report) == {GRACE: B}
    assert A in asked(report)


@pytest.mark.parametrize(
    "text", [f"MAC;Wer\n{A};Peter Pan\n{B};Mary Poppins", f"{A};Peter Pan\n{B};Mary Poppins"]
)
def test_a_column_of_names_that_nobody_knows_is_asked_about(text: str) -> None:
    assert any("may name people" in sentence for sentence in unclear(text, PEOPLE))
    assert not unclear(text, THREE)
    assert not unclear(f"MAC;Finish\n{A};Classic Grey\n{B};Classic Grey", PEOPLE)


def test_a_remark_that_names_somebody_of_the_plan_says_who() -> None:
    report = report_of(f"MAC;Comment\n{A};fragile\n{B};{GRACE}\n{C};", PEOPLE)
    assert for_whom(report)[GRACE] == B


@pytest.mark.parametrize("head", ["Name;Vorname", "Nom;Prénom", "Nombre;Apellido", "Name;First name"])
def test_a_name_beside_a_first_name_is_the_last_one(head: str) -> None:
    rows = [(C, "Corrigan", "Niamh"), (A, "Halden", "Grace"), (B, "Halden", "Owen")]
    if head == "Nombre;Apellido":
        head = "Nachname;Vorname"
    text = "\n".join(";".join(row) for row in rows)
    assert for_whom(report_of(f"MAC;{head}\n{text}", PEOPLE)) == {NIAMH: C, GRACE: A, OWEN: B}
    whole = "\n".join(f"{mac};{first} {last};{first}" for mac, last, first in rows)
    assert for_whom(report_of(f"MAC;Name;First name\n{whole}", PEOPLE)) == {NIAMH: C, GRACE: A, OWEN: B}


def test_the_address_of_a_base_is_no_phone_s() -> None:
    for head in ("Base MAC", "Base station MAC", "PC MAC", "Switch MAC address"):
        text = f"Model;{head};MAC;User\nT54W;{D};{A};{GRACE}\nT54W;{D};{B};{OWEN}"
        assert for_whom(report_of(text, PEOPLE)) == {GRACE: A, OWEN: B}
        assert any("another device" in one for one in unclear(f"Model;{head}\nT54W;{A}", PEOPLE))
    assert bound(report_of(f"Base MAC;IPEI\n7c2f80e0d605;{H}", DECT)) == {"W73H #1": H}


@pytest.mark.parametrize(
    "head",
    ["MAC (LAN)", "MAC Address [hex]", "MAC / Adresse MAC", "MAC #", "Adresse MAC :", "MAC No."],
)
def test_a_heading_is_known_with_what_stands_around_it(head: str) -> None:
    report = report_of(f"{head};User;Serial / Seriennummer\n{A};{NIAMH};X1001", PEOPLE)
    assert for_whom(report) == {NIAMH: A}
    assert report.matched[0].identifier.serial == "X1001"


@pytest.mark.parametrize("sign", ["^", "~", "!", "\\"])
def test_a_file_may_name_any_sign_as_its_separator(sign: str) -> None:
    text = f"sep={sign}\nMAC{sign}User{sign}S/N\n{A}{sign}{NIAMH}{sign}X1001"
    report = report_of(text, PEOPLE)
    assert for_whom(report) == {NIAMH: A}
    assert report.matched[0].identifier.serial == "X1001"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1252", "Zoë Nuñez-O’Brien"),
        ("mac_roman", "Jürgen Groß"),
        ("mac_roman", "Zoë Nuñez-O’Brien"),
        ("cp850", "Jürgen Groß"),
        ("cp1250", "Łukasz Żółty"),
        ("cp1250", "Kovács Gergő"),
        ("cp1251", "Иван Петров"),
        ("cp1253", "Γιώργος Παπαδόπουλος"),
        ("cp1254", "Ayşe Yılmaz"),
        ("cp1256", "محمد علي"),
        ("utf-16-le", "Łukasz Żółty"),
        ("utf-16", "Иван Петров"),
    ],
)
def test_names_are_read_in_the_encoding_of_the_file(encoding: str, name: str) -> None:
    people = planned(THREE, (GRACE, OWEN, name))
    report = report_of(f"MAC;User;Model\r\n{A};{name};T54W\r\n{B};{GRACE};T54W\r\n".encode(encoding), people)
    assert for_whom(report) == {name: A, GRACE: B}


@pytest.mark.parametrize(
    "text",
    [
        f"Model;MAC;User\nT54W;{A};{NIAMH}",
        f"Your PO: HW-004483\nModel: see below\n\nModel;MAC;User\nT54W;{A};{NIAMH}",
        f"2 x T54W MAC: {A} / MAC: {B}",
        f"T54W:\n{A}\n{B}",
        '{"mac": "no end',
        "[1, 2, 3]",
        "[" * 5_000,
    ],
)
def test_what_is_no_list_of_records_is_read_as_before(text: str) -> None:
    sheet = read_text(text)
    assert sheet.separator != ":"
    assert recognised(sheet, Names(TWO_AND_TWO))


def test_line_by_line_such_records_are_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no table can be made of them, no name is taken for that of the identifier below it."""
    monkeypatch.setattr("hwadmin.list_import.text_tables.records_as_rows", lambda *_args, **_options: None)
    for name in ("identifier first", "identifier first, blank lines", "bare identifiers above"):
        report = report_of(RECORDS[name], PEOPLE)
        assert (report.matched, asked(report)) == ([], {A, C})


def test_every_line_of_a_record_is_accounted_for() -> None:
    report = report_of(RECORDS["within a mail"], PEOPLE)
    assert [unused.text for unused in report.unused if unused.row] == [
        "Hi,",
        "here they are",
        "Regards",
        "Jo",
    ]

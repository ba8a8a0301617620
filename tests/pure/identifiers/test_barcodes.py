"""Bar codes of labels: the identifier and the serial number of one label belong together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwadmin.identifiers import IdentifierError, parse
from hwadmin.identifiers.barcodes import label_text, on_another_keyboard
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.matching.scan_session import Scan, ScanSession, Taken
from hwadmin.list_import.matching.unit_matching import matched
from hwadmin.list_import.meaning.columns import recognised
from hwadmin.list_import.text_tables import read_text
from tests.pure.list_import.test_unit_matching import an_order

GS, RS, EOT = "\x1d", "\x1e", "\x04"
UNITS = an_order(("T54W", 9, "deskphone", "Yealink"), ("GS26", 9, "mobile", "Samsung"))
MAC, IMEI, OTHER = "805ec0112201", "352099001761481", "490154203237518"
LABELS = [
    (f"[)>{RS}06{GS}1PT54W{GS}S3146018091637055{GS}23S805EC0112201{RS}{EOT}", MAC, "3146018091637055"),
    (f"[)>{RS}06{GS}23S805EC0112201{GS}S3146018091637055{RS}{EOT}", MAC, "3146018091637055"),
    ("[)><RS>06<GS>1PT54W<GS>S31460180<GS>23S805EC0112201<RS><EOT>", MAC, "31460180"),
    ("[)>061PT54WS314601809163705523S805EC0112201", MAC, "3146018091637055"),
    # Where the serial number begins is not sure.
    ("[)>061PT46SS314601809163705523S805EC0112201", MAC, None),
    ("23S805EC0112201", MAC, None),
    (f"]C18002{IMEI}", IMEI, None),
    (f"8002{IMEI}", IMEI, None),
    (f"010088060912345521R5CX1234ABC{GS}8002{IMEI}", IMEI, "R5CX1234ABC"),
    (f"]d2010088060912345521R5CX1234ABC{GS}8002{IMEI}", IMEI, "R5CX1234ABC"),
    (f"010088060912345521R5CX1234ABC8002{IMEI}", IMEI, "R5CX1234ABC"),
    (f"(01)00880609123455(21)R5CX1234ABC(8002){OTHER}", OTHER, "R5CX1234ABC"),
    ("https://dm.example.com/q?mac=80:5E:C0:11:22:01&sn=3146018", MAC, "3146018"),
    ("HTTPS://QR.EXAMPLE.COM/805EC0112201", MAC, None),
    # The prefix says what kind of bar code it was.
    ("]C0805EC0112201", MAC, None),
    ("]Q1805EC0112201", MAC, None),
    ("]E0352099001761481", IMEI, None),
    (f"]d1[)>{RS}06{GS}S3146018{GS}23S805EC0112201{RS}{EOT}", MAC, "3146018"),
    (f"]C1 8002{IMEI}", IMEI, None),
    (f"[)>{RS}06{GS}S3146018{GS}23S80:5E:C0:11:22:01{RS}{EOT}", MAC, "3146018"),
    (f"[)>{RS}05{GS}010088060912345521R5CX1234ABC{GS}8002{IMEI}{RS}{EOT}", IMEI, "R5CX1234ABC"),
    (f"1PT54W{GS}S3146018{GS}23S805EC0112201", MAC, "3146018"),
    (f"https://id.gs1.org/01/00880609123455/21/R5CX1234ABC?8002={IMEI}", IMEI, "R5CX1234ABC"),
    ("https://qr.example.com/mac/805EC0112201/sn/3146018", MAC, "3146018"),
    ("https://qr.example.com/#mac=805EC0112201&sn=3146018", MAC, "3146018"),
    # What stands beside it with a label belongs to it, in any order.
    ("SN:3146018 MAC:805EC0112201", MAC, "3146018"),
    ("MAC=805EC0112201;SN=3146018;PN=T54W", MAC, "3146018"),
    ('{"mac": "805EC0112201", "sn": "3146018", "pn": "T54W"}', MAC, "3146018"),
    ("LAN MAC: 805EC0112201 WLAN MAC: 805EC0112202 S/N 3146018", MAC, "3146018"),
]
SEVERAL = [
    f"[)>{RS}06{GS}23S805EC0112201{GS}23S805EC0112202{RS}{EOT}",
    f"(01)00880609123455(21)R5CX1234ABC(8002){IMEI}(8002){OTHER}",
    f"[)>{RS}06{GS}I{IMEI}{GS}I{OTHER}{RS}{EOT}",
    "https://qr.example.com/?mac=805EC0112201&macaddress=805EC0112202",
    "MAC: 805EC0112201 MAC2: 805EC0112202",
]


@pytest.mark.parametrize("label", SEVERAL)
def test_a_label_of_several_identifiers_is_not_chosen_from(label: str) -> None:
    here = ScanSession(1, UNITS, {})
    scanned = here.scan(Scan(label))
    assert (scanned.taken, "several identifiers" in scanned.message) == (Taken.REFUSED, True)


def test_both_imeis_and_the_serial_number_of_a_label_are_one_mobile() -> None:
    label = f"EID:89049032005008882600033489373636 IMEI:{IMEI} IMEI2:{OTHER} SN:R5CX1234ABC"
    scanned = ScanSession(1, UNITS, {}).scan(Scan(label))
    read = parse("imei", scanned.value)
    assert (read.value, read.second_imei, read.serial) == (IMEI, OTHER, "R5CX1234ABC")


def test_the_prefix_of_a_code_is_no_part_of_its_number() -> None:
    handsets = an_order(("W73H", 2, "dect_handset", "Yealink"), ("T54W", 2, "deskphone", "Yealink"))
    scanned = ScanSession(1, handsets, {}).scan(Scan("]C002C3CC8E37"))
    assert parse("ipei", scanned.value).value == "02C3CC8E37"


@pytest.mark.parametrize(("label", "value", "serial"), LABELS)
def test_a_scanned_label_goes_to_its_unit_with_its_serial(label: str, value: str, serial: str | None) -> None:
    here = ScanSession(1, UNITS, {})
    scanned = here.scan(Scan(label))
    assert scanned.taken is Taken.PLACED, scanned.message
    assert scanned.unit is not None
    read = parse(scanned.unit.kind.identifier_kind or "", scanned.value)
    assert read.value.replace(":", "") == value
    assert read.serial == serial


@pytest.mark.parametrize(("label", "value", "serial"), LABELS)
def test_a_pasted_label_is_read_like_a_scanned_one(label: str, value: str, serial: str | None) -> None:
    columns = recognised(read_text(f"T54W and GS26\n\n{label}\n"), Names(UNITS))
    report = matched(columns, UNITS, reference="HW-000001")
    (match,) = report.matched
    assert (match.identifier.value.replace(":", ""), match.identifier.serial) == (value, serial)


@pytest.mark.parametrize(
    "text",
    [
        "805EC0112201",
        "3146018091637055",
        "(21)",
        "0100880609123455",
        "[)>",
        "]C1",
        "https://",
        "https://[",
        "8002",
        "",
    ],
)
def test_what_is_no_such_label_stays_as_it_is(text: str) -> None:
    assert label_text(text) == text


@given(st.text(max_size=80) | st.text("[)>]C(01)218002S06\x1d\x1e23P", max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for kind in ("mac", "imei", "ipei"):
        try:
            parse(kind, text)
        except IdentifierError:
            continue
    assert isinstance(on_another_keyboard(text), str)


@pytest.mark.parametrize("typed", ["_à(ECà&&ééà&", "80Ö5EÖC0Ö11Ö22Ö01", "80ß5Eßc0ß11ß22ß01"])
def test_an_address_typed_on_another_layout_is_named(typed: str) -> None:
    scanned = ScanSession(1, UNITS, {}).scan(Scan(typed))
    assert scanned.taken is Taken.REFUSED
    assert "805EC0112201" in scanned.message
    assert "layout" in scanned.message

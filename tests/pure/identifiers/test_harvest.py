"""Harvest: every identifier hidden in free text is found, and none is invented."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import ean, luhn

from hwadmin.identifiers import display, written_forms
from hwadmin.identifiers.harvest import harvest
from hwadmin.identifiers.shapes import ipei_check
from hwadmin.identifiers.vendors import MAKES
from tests.running import examples
from tests.work import function_calls

OUIS = [oui.lower() for make in MAKES for oui in make.ouis]


def values(text: str, certain: bool | None = None) -> list[str]:
    found = harvest(text).identifiers
    return [one.readings[0].value for one in found if certain is None or one.certain is certain]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 x Snom D785  MAC: 000413A10001 / MAC: 000413A10002", ["00:04:13:a1:00:01", "00:04:13:a1:00:02"]),
        ('"80:5E:C0:09:AB:DC","T54W"', ["80:5e:c0:09:ab:dc"]),
        ("101;PP 1;;02C332B510;101", ["02C332B510"]),
        ("IPEI: 11324 0822839 *, IPEI 03074 0220259 3", ["02C3CC8E37", "00C0235C63"]),
        ("11324 0822839 * 11315 0177424 2", ["02C3CC8E37", "02C332B510"]),
        ("IPEI/IPUI No: 02c332b510", ["02C332B510"]),
        ("IPUI 0x00C0235C63", ["00C0235C63"]),
        ("IMEI 35 209900 176148 1", ["352099001761481"]),
        ("IMEI1: 352099001761481 IMEI2: 352099001761499", ["352099001761481", "352099001761499"]),
        ("MAC%3A805EC009ABDC", ["80:5e:c0:09:ab:dc"]),
        ('{"mac": "805ec009abdc"}', ["80:5e:c0:09:ab:dc"]),
        ("<mac>805ec009abdc</mac>", ["80:5e:c0:09:ab:dc"]),
        ("mac=805ec009abdc;model=T54W", ["80:5e:c0:09:ab:dc"]),
        ("MAC 80 5e c0 09 ab dc", ["80:5e:c0:09:ab:dc"]),
        ("805ec009abdc.cfg", ["80:5e:c0:09:ab:dc"]),
        ("(805e.c009.abdc)", ["80:5e:c0:09:ab:dc"]),
        ("805EC009ABDC-T54W", ["80:5e:c0:09:ab:dc"]),
        ("tel. +31 6 00000000 / 00001 0000001 6", ["0000100001"]),
        ("order 4711 352099001761481", ["352099001761481"]),
        ("MAC-ID: 7C2F80E0D605-1A2B", ["7c:2f:80:e0:d6:05"]),
        ("1. 80-5E-C0-09-AB-DC\u00a0(desk 4)", ["80:5e:c0:09:ab:dc"]),
        ("MAC 001565E00012", ["00:15:65:e0:00:12"]),
        ("MAC address: 202608150001", ["20:26:08:15:00:01"]),
        ("IPEI 001460156577", ["00092263A1"]),
        # Dashes and blanks of word processors are those of the keyboard.
        ("desk 4: 80\u20115e\u2011c0\u201109\u2011ab\u2011dc", ["80:5e:c0:09:ab:dc"]),
        ("IMEI 35\u202f209900\u202f176148\u202f1", ["352099001761481"]),
        # A number ends before the identifier begins, or is none.
        ("4711.02C332B510", ["02C332B510"]),
        ("PO: 02C332B510", ["02C332B510"]),
        ("safe-03074 0220259 3", ["00C0235C63"]),
        # An order number has no blanks, as a telephone number may.
        ("PO 12 03074 0220259 3", ["00C0235C63"]),
        ("Phone: 805EC009ABDC", ["80:5e:c0:09:ab:dc"]),
        ("805EC009ABDC-805EC009ABDD", ["80:5e:c0:09:ab:dc", "80:5e:c0:09:ab:dd"]),
    ],
)
def test_identifiers_are_found_as_people_write_them(text: str, expected: list[str]) -> None:
    assert values(text, certain=True) == expected


@pytest.mark.parametrize(
    "text",
    [
        "uuid 12345678-1234-1234-1234-805ec009abdc",
        "eui 80:5e:c0:09:ab:dc:11:22",
        "80 5e c0 09 ab dc 11",
        "SN: 805EC009ABDC12",
        "S/N 352099001761481",
        "Serial number: 02C332B510",
        "ICCID 8931089310893108931",
        "EAN 4006381333931 or 4006381333931",
        "tel. 0612345678, fax: 0201234567",
        "commit 805ec009abdc805ec009abdc805ec009abdc0000",
        "é805ec009abdc and 805ec009abdcé",
        "805ec009\u200babdc",
        "1234-5678-9012 and 1234.5678.9012",
        "IPEI 11324 0822839 0",
        "8.05E+11 and 3,52099E14",
        "352099001761482",
        "80:5e:c0:9:ab:dc",
        "0xFFFFFFFFFF",
        "00:00:00:00:00:00 ff:ff:ff:ff:ff:ff 01:00:5e:00:00:01",
        "WLAN MAC: 80:5e:c0:09:ab:dc",
        "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660\u0661\u0662",
        "dead beef cafe",
        "MAC address of the phone is on its label",
    ],
)
def test_nothing_is_invented(text: str) -> None:
    assert values(text, certain=True) == []


@pytest.mark.parametrize(
    "text",
    [
        "0612345678",
        "001460156577",
        "202608150001",
        "4a4b4c4d4e4f",
        "00146 0156577",
        # Also the number of an article.
        "0987102431881",
        # Of a maker nobody has registered.
        "a05e.c009.abdc",
        "a0 5e c0 09 ab dc",
    ],
)
def test_what_may_be_something_else_is_not_certain(text: str) -> None:
    assert values(text, certain=True) == []
    assert len(values(text, certain=False)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "order 0612345678",
        "fax: 0612345678",
        "tel. 4781 and PO: 10:30",
        "4 words: dead beef cafe",
        "desk 4 fade deed cafe",
        # Two addresses, or one number of twelve pairs.
        "80 5e c0 09 ab dc 80 5e c0 09 ab dd",
        "1234 5678 9012",
        "80:5e:c0:09:ab:dc:1",
        "1*11324 0822839",
        "MAC address 471",
        "MAC address of phone 12a",
        # Several in a row are long; these are the parts of one number.
        "part 00C0235C63-02C332B510",
        "00C0235C63.02C332B510",
    ],
)
def test_numbers_and_words_of_another_meaning_are_passed_over(text: str) -> None:
    result = harvest(text)
    assert not result.identifiers
    assert not result.damaged


def test_twelve_decimal_digits_can_be_two_things() -> None:
    (one,) = harvest("001460156577").identifiers
    assert {(read.kind, read.value) for read in one.readings} == {
        ("mac", "00:14:60:15:65:77"),
        ("ipei", "00092263A1"),
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("MAC: 8.05E+11", "spreadsheet"),
        ("MAC 1565123456", "leading zero"),
        ("11324 0822839 0", "should be *"),
        ("IMEI: 352099001761482", "should be 1"),
        ("80:5e:c0:9:ab:dc", "two digits"),
        ("805EC00OABDC", "did you mean"),
        ("MAC 4711", "4 hexadecimal digits"),
        # By its length it was meant as one of these.
        ("12345674711", "11 hexadecimal digits; a MAC address"),
        ("04a4b4c4d4e4f", "13 hexadecimal digits; a MAC address"),
        ("3520990017614812", "16 hexadecimal digits (an EUI-64)"),
        ("352099001761482", "compare all the digits with the phone"),
        ("1132408228390", "should be *"),
    ],
)
def test_what_is_damaged_is_returned_with_its_reason(text: str, sentence: str) -> None:
    result = harvest(f"before {text} behind")
    assert not result.identifiers
    assert sentence in result.damaged[0].reason


def test_what_a_label_names_is_not_read_a_second_time() -> None:
    assert not harvest("SN 8.05E+11, ICCID 8.05E+11").damaged
    assert [one.start for one in harvest("IPEI 8.05E+11").damaged] == [5]


def test_the_shortest_line_that_is_read_has_eight_characters() -> None:
    assert len(harvest("8.05E+11").damaged) == 1
    assert len(harvest("MAC 4711").damaged) == 1


def test_line_label_and_place_are_told() -> None:
    text = "hello\n\n  IMEI 2: 352099001761499 x"
    (one,) = harvest(text).identifiers
    assert (one.line, one.label) == (3, "imei2")
    assert text.splitlines()[2][one.start : one.end] == "352099001761499"


# ---- Hidden in noise

_HEX = "0123456789abcdef"


@st.composite
def macs(draw: st.DrawFn) -> tuple[str, str]:
    digits = draw(st.sampled_from(OUIS)) + draw(st.text(_HEX, min_size=6, max_size=6))
    if digits.isdecimal():
        digits = digits[:11] + "c"
    pairs = [digits[at : at + 2] for at in range(0, 12, 2)]
    written = draw(
        st.sampled_from(
            [
                digits,
                ":".join(pairs),
                "-".join(pairs),
                f"{digits[:4]}.{digits[4:8]}.{digits[8:]}",
                " ".join(pairs),
            ]
        )
    )
    written = written.upper() if draw(st.booleans()) else written
    return draw(st.sampled_from(["", "MAC: ", "MAC Address "])) + written, ":".join(pairs)


@st.composite
def ipeis(draw: st.DrawFn) -> tuple[str, str]:
    emc, psn = draw(st.integers(1, 0xFFFF)), draw(st.integers(1, 0xFFFFF))
    value = f"0{emc:04X}{psn:05X}"
    shown = display("ipei", value)
    bare = shown.replace(" ", "")
    ways = [shown, "IPEI " + shown, "IPUI: " + value, "0x" + value, "IPEI: " + shown[:-2]]
    if any(character in "ABCDEF" for character in value):
        ways.append(value)
    if not ean.is_valid(bare):
        ways.append(bare)
    return draw(st.sampled_from(ways)), value


@st.composite
def imeis(draw: st.DrawFn) -> tuple[str, str] | None:
    body = draw(st.text("0123456789", min_size=14, max_size=14).filter(lambda text: text.strip("0")))
    value = body + str(luhn.calc_check_digit(body))
    grouped = f"{value[:2]} {value[2:8]} {value[8:14]} {value[14]}"
    return draw(st.sampled_from([value, "IMEI: " + value, "IMEI1: " + value, grouped])), value


words = st.text("ghijkmpqrtuvwyzGHJKLMQRUVWYZäöüß", min_size=1, max_size=12)
noise = st.one_of(
    words,
    st.integers(0, 99_999_999).map(str),
    st.dates().map(str),
    st.times().map(lambda at: at.strftime("%H:%M:%S")),
    st.uuids().map(str),
    st.ip_addresses(v=4).map(str),
    st.integers(0, 10**12 - 1).map(lambda number: f"{number:012}").map(lambda t: t + ean.calc_check_digit(t)),
    st.integers(10**18, 10**20 - 1).map(lambda number: f"89{number}"[:20]),
    st.decimals(0, 10_000, places=2, allow_nan=False).map(lambda amount: f"EUR {amount}"),
    st.integers(0, 999_999).map(lambda number: f"HW-{number:06}"),
    st.integers(0, 10**8).map(lambda number: f"tel. +31 6 {number:08}"),
    st.sampled_from(["T54W", "2 x Snom D785:", "Dear Ada,", "a@example.com", "S/N 805EC009ABDC", "-- ", "#"]),
)
_GAPS = st.sampled_from([" , ", "\n", "\t", " ; ", " / ", "\n\n> ", ' "', " | "])


@settings(max_examples=examples(400), deadline=None)
@given(
    st.lists(
        st.one_of(noise.map(lambda text: (text, None)), macs(), ipeis(), imeis()), min_size=1, max_size=25
    ),
    st.data(),
)
def test_every_identifier_hidden_in_noise_is_found_and_none_invented(
    parts: list[tuple[str, None] | tuple[str, str]] | list[tuple[str, None]] | list[tuple[str, str]],
    data: st.DataObject,
) -> None:
    text = "".join(part + data.draw(_GAPS) for part, _value in parts)
    assert values(text, certain=True) == [value for _part, value in parts if value]


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(noise, max_size=30), _GAPS)
def test_noise_alone_holds_nothing(parts: list[str], gap: str) -> None:
    assert values(gap.join(parts), certain=True) == []


@settings(max_examples=examples(300), deadline=None)
@given(st.text(max_size=300) | st.text("0123456789abcdefIMEPAC:.-* /\n", max_size=300))
def test_any_text_is_read_and_every_find_stands_in_it(text: str) -> None:
    result = harvest(text)
    lines = text.splitlines()
    for one in (*result.identifiers, *result.damaged, *result.aside):
        assert 0 <= one.start < one.end <= len(lines[one.line - 1])  # type: ignore[attr-defined]
    places = [(one.line, one.start, one.end) for one in (*result.identifiers, *result.damaged)]  # type: ignore[attr-defined]
    for line, start, end in places:
        assert sum(start < other[2] and other[1] < end for other in places if other[0] == line) == 1


def test_the_check_of_an_ipei_is_never_skipped() -> None:
    for wrong in set("0123456789*") - {ipei_check("113240822839")}:
        assert values(f"11324 0822839 {wrong}") == []


@pytest.mark.parametrize(
    "piece", ["80:", "0 ", "IMEI ", "1" * 12 + " ", "MAC: ", "a-", "((((", "805ec009abd"]
)
def test_long_lines_take_no_long_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.process_time()
    harvest(text)
    assert time.process_time() - start < 2


# ---- The work grows with the text and no faster

_DENSE = {
    "prose": "please sign order 4711 for the phones of Monday 10:30 and 2026/117 ",
    "addresses": "80:5e:c0:09:ab:dc 805ec009abdd ",
    "numbers of twelve digits": "316485002291 910274560012 ",
    "pairs without an end": "80 5e c0 09 ab ",
    "labels of nothing": "mac mac address imei s/n ",
    "digits and colons": "0:1:2:3:4:5:6:7:",
    "one word": "0a",
}


@pytest.mark.parametrize("text", _DENSE.values(), ids=_DENSE)
def test_twice_the_text_is_at_most_twice_the_work(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    tried = 0

    def counting(pattern: Any) -> Any:
        class Counting:
            def match(self, line: str, start: int = 0) -> Any:
                nonlocal tried
                tried += 1
                return pattern.match(line, start)

        return Counting()

    shapes = tuple((kind, counting(pattern), lengths) for kind, pattern, lengths in written_forms.SHAPES)
    monkeypatch.setattr(written_forms, "SHAPES", shapes)
    monkeypatch.setattr(written_forms, "_LABEL", counting(written_forms._LABEL))
    monkeypatch.setattr(written_forms, "_SUSPECT", counting(written_forms._SUSPECT))

    def work(length: int) -> int:
        nonlocal tried
        tried = 0
        written_forms._shapes_of.cache_clear()
        line = (text * (1 + length // len(text)))[:length]
        harvest("\n".join([line] * 3))
        return tried

    once = work(1_800)
    assert work(3_600) <= 2 * once + 60
    # Of a text's characters, few begin what is tried at all.
    assert once <= 3 * 1_800 * 2
    written_forms._shapes_of.cache_clear()


@given(
    st.from_regex(r"[0-9a-fA-F]{12}|0[0-9a-f]{9}|[0-9]{15}", fullmatch=True)
    | st.builds(
        lambda separator, pairs: separator.join(pairs),
        st.sampled_from(":-. "),
        st.lists(st.from_regex(r"[0-9a-fA-F]{2}", fullmatch=True), min_size=5, max_size=7),
    )
)
def test_a_line_of_nothing_else_is_read_as_any_line(line: str) -> None:
    """A column of identifiers takes a shorter way; a blank in front leads the long one."""
    short, long = harvest(line), harvest(f" {line}")
    for ours, theirs in ((short.identifiers, long.identifiers), (short.damaged, long.damaged)):
        assert [(one.start + 1, one.end + 1, one.text) for one in ours] == [
            (one.start, one.end, one.text) for one in theirs
        ]
    assert [(one.readings, one.certain) for one in short.identifiers] == [
        (one.readings, one.certain) for one in long.identifiers
    ]


@pytest.mark.parametrize(
    ("line", "most"),
    [("MAC: 805ec0{:06x}; S/N: 31469{:05}", 152), ("02C3C{:05X}", 64), ("IPEI: 02C3C{:05X}", 103)],
)
def test_a_line_of_most_lists_takes_little_work(line: str, most: int) -> None:
    count = 300
    text = "\n".join(line.format(number, number) for number in range(count))
    assert len(harvest(text).identifiers) == count
    assert function_calls(lambda: harvest(text)) < most * count

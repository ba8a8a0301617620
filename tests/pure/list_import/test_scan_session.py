"""Scans, one after the other: each goes to the unit it is for, or to none, with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwadmin.identifiers import IdentifierError, parse, same_device_key
from hwadmin.identifiers.unit_code import unit_code
from hwadmin.list_import.matching.scan_session import Scan, ScanSession, Taken
from hwadmin.list_import.planned_units import ListUnit
from hwadmin.models import reference
from tests.pure.list_import.test_unit_matching import (
    DECT,
    GIGASET,
    MOBILES,
    PHONES,
    PHONES_AND_MORE,
    TWO_MAKES,
    TWO_MODELS,
    A,
    B,
    C,
    D,
    G,
    H,
    M,
    N,
    S,
    T,
    an_order,
)
from tests.running import examples

EAN = "6938818306356"
MIXED = an_order(
    ("T54W", 1, "deskphone", "Yealink"),
    ("W70B", 1, "dect_base", "Yealink"),
    ("W73H", 2, "dect_handset", "Yealink"),
    ("iPhone 17", 1, "mobile", "Apple"),
)


def desk(
    units: list[ListUnit],
    mine: dict[int, str] | None = None,
    theirs: list[tuple[int, str, str]] | tuple[Any, ...] = (),
) -> ScanSession:
    return ScanSession(123, units, mine or {}, theirs)


def went(here: ScanSession, *texts: Any) -> list[str | None] | list[str]:
    """Where each scan went: the label of its unit, or None."""
    found = [here.scan(Scan(text)) for text in texts]
    return [one.unit.label if one.unit else None for one in found]


def refusal(here: ScanSession, text: str) -> str:
    one = here.scan(Scan(text))
    assert (one.taken, one.unit) == (Taken.REFUSED, None)
    return one.message


# ---- Where it fits


def test_each_goes_to_the_next_open_unit_of_its_kind() -> None:
    here = desk(MIXED)
    assert went(here, H, A, M, "02C332B510", B) == [
        "W73H #1",
        "T54W #1",
        "iPhone 17 #1",
        "W73H #2",
        "W70B #1",
    ]
    assert here.entered == {
        1: "80:5e:c0:00:00:01",
        2: "80:5e:c0:00:00:02",
        3: "11324 0822839 *",
        4: "11315 0177424 2",
        5: "35 209900 176148 1",
    }


def test_where_makes_differ_each_goes_to_its_own() -> None:
    assert went(desk(TWO_MAKES), S, A, B, T, C) == ["D785 #1", "T54W #1", "T54W #2", "D785 #2", None]


def test_a_make_that_is_full_does_not_spill_over_to_another() -> None:
    here = desk(TWO_MAKES)
    went(here, A, B)
    assert refusal(here, C) == "One too many: every T54W has its identifier."


def test_of_two_models_of_one_make_the_first_open_unit_gets_it_and_it_is_said() -> None:
    here = desk(TWO_MODELS)
    first = here.scan(Scan(A))
    assert first.unit.label == "T54W #1"
    assert first.warning == "It may also be for T57W; press the item to be sure."
    went(here, B)
    # Nothing is left to be mistaken for.
    assert here.scan(Scan(C)).warning == ""


def test_the_item_that_is_being_scanned_gets_every_scan() -> None:
    here = desk(TWO_MODELS)
    here.line = 2
    assert went(here, A, B) == ["T57W #1", "T57W #2"]
    assert refusal(here, C) == "One too many: every T57W has its identifier."
    here.line = None
    assert went(here, C) == ["T54W #1"]


def test_what_cannot_be_the_item_that_is_being_scanned_is_refused() -> None:
    here = desk(MIXED)
    here.line = 3
    assert refusal(here, A) == "This is a MAC address; W73H is being scanned."


def test_a_maker_the_order_does_not_have_goes_nowhere_where_makes_differ() -> None:
    detail = refusal(desk(TWO_MAKES), "000b82112233")
    assert "registered to Grandstream" in detail
    assert "Yealink and Snom" in detail
    # With a single make it is taken; the check warns of it.
    assert went(desk(PHONES), "000b82112233", "88ff1f112233") == ["T54W #1", "T54W #2"]


def test_gaps_are_filled_first_and_what_is_done_is_passed_over() -> None:
    units = an_order(("T54W", 4, "deskphone", "Yealink"))
    units[1] = replace(units[1], key="80:5e:c0:00:00:99")
    here = desk(units, {3: A})
    assert went(here, B, C, D) == ["T54W #1", "T54W #4", None]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("80:5E:C0:00:00:01", "80:5e:c0:00:00:01"),
        ("805e.c000.0001", "80:5e:c0:00:00:01"),
        ("MAC: 805EC0000001", "80:5e:c0:00:00:01"),
        ("MAC=805EC0000001;SN=3146019110012345", "80:5e:c0:00:00:01; S/N: 3146019110012345"),
        (" 805ec0000001 ", "80:5e:c0:00:00:01"),
    ],
)
def test_however_it_is_written_it_is_the_same(text: str, value: str) -> None:
    assert desk(PHONES).scan(Scan(text)).value == value


def test_the_code_of_a_gigaset_stays_with_it() -> None:
    assert desk(GIGASET).scan(Scan(f"{G}-1A2B")).value == "7C2F80E0D605-1A2B"


def test_a_second_imei_belongs_to_the_same_phone() -> None:
    taken = desk(MOBILES).scan(Scan(f"IMEI1: {M} IMEI2: {N}"))
    assert taken.unit.label == "iPhone 17 #1"
    assert taken.value == "35 209900 176148 1; IMEI 2: 35 209900 176149 9"


# ---- Wrong bar codes


@pytest.mark.parametrize(
    ("units", "text", "words"),
    [
        (PHONES, EAN, "bar code (EAN)"),
        (DECT, EAN, "bar code (EAN)"),
        (MIXED, EAN, "scan the MAC address, IPEI or IMEI"),
        (PHONES, "610807845126", "bar code (EAN)"),
        (DECT, "610807845126", "bar code (EAN)"),
        (PHONES, "S-T54W", "part number of T54W"),
        (MIXED, "s w73h", "part number of W73H"),
        (PHONES, "S/N: 3146019110012345", "serial number"),
        (MIXED, "SN:F2LX1234ABCD", "serial number"),
        (PHONES, "3146019110012345", "16 hexadecimal digits"),
        (MOBILES, "3146019110012345", "16 plain digits may be any number"),
        (MOBILES, "35209900176148", "14 plain digits may be any number"),
        (PHONES, "0012345678", "plain digits may be any number"),
        (PHONES, "204601911001", "12 plain digits may be any number"),
        (DECT, "0123456789", "10 plain digits may be any number"),
        (MIXED, "SFP-54W-UK", "it may be a serial or part number"),
        (PHONES, H, "IPEI"),
        (PHONES, M, "Nothing in this order has an IMEI."),
        (MOBILES, "352099001761482", "The last digit should be 1"),
        (PHONES, f"{A} {B}", "several identifiers"),
        (PHONES, "https://example.com/setup", "MAC address"),
        (PHONES, "ffffffffffff", "broadcast"),
    ],
)
def test_a_wrong_bar_code_is_refused_with_its_reason(units: list[ListUnit], text: str, words: str) -> None:
    here = desk(units)
    assert words in refusal(here, text)
    assert here.entered == {}


def test_twelve_digits_that_may_be_two_things_are_asked() -> None:
    # 00:11:20 is Cisco's; as an IPEI these digits are as good.
    units = an_order(("8841", 1, "deskphone", "Cisco"), ("6825", 1, "dect_handset", "Cisco"))
    assert "may be a MAC address or an IPEI" in refusal(desk(units), "001120000012")
    assert went(desk(units[:1]), "001120000012") == ["8841 #1"]
    handset = desk(units[1:]).scan(Scan("001120000012"))
    assert (handset.unit.label, handset.value) == ("6825 #1", "00112 0000012 8")
    assert "no check digit" in handset.warning


def test_an_ipei_that_is_a_right_bar_code_as_well_is_looked_at() -> None:
    digits = next(
        text
        for number in range(100_000)
        for text in [parse("ipei", f"02C3C{number:05X}").display.replace(" ", "")]
        if text.isdecimal() and sum(int(one) * (3 if at % 2 else 1) for at, one in enumerate(text)) % 10 == 0
    )
    taken = desk(DECT).scan(Scan(digits))
    assert taken.taken is Taken.PLACED
    assert "may also be the article's bar code (EAN)" in taken.warning


# ---- Twice


@pytest.mark.parametrize("again", [A, A.upper(), "80-5e-c0-00-00-01", "805e.c000.0001"])
def test_the_same_device_is_taken_once_however_it_is_written(again: str) -> None:
    here = desk(PHONES)
    went(here, A)
    assert refusal(here, again) == "Scanned already: it is in T54W #1."
    assert len(here.entered) == 1


def test_an_imei_is_the_same_with_and_without_its_check_digit() -> None:
    here = desk(MOBILES, {1: M[:14]})
    assert refusal(here, M) == "Scanned already: it is in iPhone 17 #1."


def test_a_scan_whose_answer_was_lost_is_not_refused_the_second_time() -> None:
    here = desk(PHONES, {2: "80:5e:c0:00:00:01"})
    taken = here.scan(Scan(A, again=True))
    assert (taken.taken, taken.unit.label, taken.value) == (Taken.PLACED, "T54W #2", "80:5e:c0:00:00:01")
    assert here.entered == {2: "80:5e:c0:00:00:01"}


def test_what_the_order_has_is_not_scanned_again() -> None:
    units = [*PHONES]
    units[0] = replace(units[0], key="80:5e:c0:00:00:01")
    assert refusal(desk(units), A) == "T54W #1 of this order is this device already."


def test_a_spare_goes_to_the_unit_it_is_kept_for_and_nothing_else_does() -> None:
    here = desk([replace(PHONES[0], reserved="80:5e:c0:00:00:03"), *PHONES[1:]])
    assert went(here, A, C, B, D) == ["T54W #2", "T54W #1", "T54W #3", None]


# ---- A chosen unit


def test_a_chosen_unit_takes_the_next_scan_and_only_that() -> None:
    here = desk(PHONES)
    here.chosen = 3
    assert went(here, A, B) == ["T54W #3", "T54W #1"]


def test_a_code_of_the_sheet_and_a_label_bind_exactly_those_two() -> None:
    here = desk(PHONES_AND_MORE)
    chosen = here.scan(Scan(unit_code(reference(123), 3)))
    # Accessories have no code and are not counted.
    assert (chosen.taken, chosen.unit.label) == (Taken.CHOSEN, "M700 #1")
    assert went(here, S) == ["M700 #1"]


@pytest.mark.parametrize(
    ("code", "words"),
    [("HW-000124/1", "another order"), ("HW-000123/9", "has 3 units"), ("HW-000123/2", "its device already")],
)
def test_a_code_that_chooses_nothing_says_why(code: str, words: str) -> None:
    units = [*PHONES]
    units[1] = replace(units[1], key="80:5e:c0:00:00:09")
    here = desk(units)
    assert words in refusal(here, code)
    assert here.chosen is None


def test_a_wrong_bar_code_leaves_the_unit_chosen() -> None:
    here = desk(PHONES)
    here.chosen = 2
    assert "EAN" in refusal(here, EAN)
    assert "MAC address" in refusal(here, H)
    assert went(here, A) == ["T54W #2"]


def test_into_a_chosen_unit_goes_what_could_be_any_number() -> None:
    here = desk(MOBILES)
    here.chosen = 1
    assert here.scan(Scan("35209900176148")).value == "35 209900 176148 1"
    here = desk(PHONES)
    here.chosen = 1
    assert went(here, "204601911001") == ["T54W #1"]


def test_a_chosen_unit_that_holds_something_is_overwritten_and_it_is_said_what() -> None:
    here = desk(PHONES, {1: A, 2: B})
    here.chosen = 1
    taken = here.scan(Scan(C))
    assert (taken.value, taken.former) == ("80:5e:c0:00:00:03", A)
    # What it held is free again; what another holds is not.
    assert went(here, A) == ["T54W #3"]
    here.chosen = 1
    assert refusal(here, B) == "Scanned already: it is in T54W #2."


def test_a_unit_that_is_not_there_or_done_is_not_scanned_into() -> None:
    here = desk(PHONES)
    here.chosen = 99
    assert refusal(here, A) == "There is no such unit in this order."


# ---- Two people


def test_what_somebody_else_is_entering_is_left_to_them() -> None:
    here = desk(PHONES, theirs=[(1, "Bea", A)])
    assert refusal(here, A) == "Bea is entering it already, for T54W #1."
    assert went(here, B, C) == ["T54W #2", "T54W #3"]
    assert refusal(here, D) == (
        "Bea is entering every T54W that is left; choose a unit to enter it all the same."
    )
    here.chosen = 1
    taken = here.scan(Scan(A))
    assert (taken.unit.label, taken.warning) == ("T54W #1", "Bea is entering it already, for T54W #1.")


# ---- Whatever is scanned

scans = st.one_of(
    st.integers(0, 0xFFFF).map(lambda end: f"805ec0aa{end:04x}"),
    st.integers(0, 0xFFFF).map(lambda end: f"000413aa{end:04x}"),
    st.integers(0, 0xFFFF).map(lambda end: f"02C3C{end:05X}"),
    st.text(max_size=30),
    st.text("0123456789", max_size=20),
    st.sampled_from([EAN, M, N, "S-T54W", "HW-000123/2", "HW-000123/5"]),
)


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(scans, max_size=30))
def test_every_scan_is_in_one_unit_that_fits_or_was_refused_with_a_sentence(texts: list[str]) -> None:
    units = an_order(
        ("T54W", 3, "deskphone", "Yealink"),
        ("D785", 3, "deskphone", "Snom"),
        ("W73H", 3, "dect_handset", "Yealink"),
    )
    here = desk(units)
    placed = {}
    for text in texts:
        one = here.scan(Scan(text))
        assert one.message or one.taken is not Taken.REFUSED
        if one.taken is Taken.PLACED:
            placed[one.unit.id] = one.value
    assert here.entered == placed
    kinds = {unit.id: unit.kind.identifier_kind for unit in units}
    values = here.entered.items()
    keys = [same_device_key(kinds[key], parse(kinds[key], value).value) for key, value in values]  # type: ignore[arg-type]
    assert len(keys) == len(set(keys))


@given(st.text(max_size=60))
def test_nothing_that_is_scanned_breaks_it(text: str) -> None:
    for units in (MIXED, PHONES, MOBILES):
        here = desk(units)
        here.scan(Scan(text))
        here.chosen = 1
        one = here.scan(Scan(text))
        if one.taken is Taken.PLACED:
            try:
                parse(one.unit.kind.identifier_kind, one.value)  # type: ignore[arg-type]
            except IdentifierError:
                pytest.fail("what was placed can be read")

"""IMEI of mobile phones: 14, 15 and 16 digits, labels with a slot number, and every refusal."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import imei as stdnum_imei
from stdnum import luhn

from hwadmin.identifiers import IdentifierError, IdentifierKind, display, forms, parse, same_device_key

IMEI = IdentifierKind.IMEI


def refusal(text: str) -> IdentifierError:
    with pytest.raises(IdentifierError) as caught:
        parse(IMEI, text)
    return caught.value


@pytest.mark.parametrize(
    "written",
    [
        "352099001761481",
        "35 209900 176148 1",
        "35-209900-176148-1",
        "35.209900.176148.1",
        "352099/00/176148/1",
        "35\u00a0209900\u2009176148\u202f1",
        "IMEI 352099001761481",
        "IMEI: 352099001761481",
        "IMEI352099001761481",
        "IMEI1 352099001761481",
        "IMEI1: 352099001761481",
        "IMEI 2: 352099001761481",
        "IMEI 1 352099001761481",
        "IMEI 2 35-209900-176148-1",
        "imei no. 352099001761481",
        '"352099001761481"',
        "\ufeff352099001761481\u200e",
    ],
)
def test_every_writing_of_an_imei_is_stored_as_fifteen_digits(written: str) -> None:
    identifier = parse("imei", written)
    assert (identifier.value, identifier.notes) == ("352099001761481", ())
    assert identifier.display == "35 209900 176148 1"


def test_the_check_digit_of_fourteen_digits_is_computed_and_remarked() -> None:
    identifier = parse(IMEI, "35209900176148")
    assert identifier.value == "352099001761481"
    assert identifier.notes == ("No check digit was given.",)


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ("35 209900 176148", "No check digit was given."),
        ("352099 00 176148", "No check digit was given."),
        ("35209900-176148", "No check digit was given."),
        (
            "35 209900 176148 12",
            "This is an IMEISV; its last two digits, the software version, were left out.",
        ),
        (
            "35209900 176148 12",
            "This is an IMEISV; its last two digits, the software version, were left out.",
        ),
    ],
)
def test_without_a_check_digit_an_imei_is_grouped_as_it_is_printed(written: str, note: str) -> None:
    identifier = parse(IMEI, written)
    assert (identifier.value, identifier.notes) == ("352099001761481", (note,))


def test_fourteen_digits_that_may_have_lost_a_leading_zero_carry_a_second_remark() -> None:
    whole = "0" + "1234500000001"
    whole += luhn.calc_check_digit(whole)
    identifier = parse(IMEI, whole[1:])
    assert len(identifier.notes) == 2
    assert display(IMEI, whole) in identifier.notes[1]


def test_the_software_version_of_an_imeisv_is_dropped_with_a_remark() -> None:
    identifier = parse(IMEI, "IMEISV: 3520990017614823")
    assert identifier.value == "352099001761481"
    assert "software version" in identifier.notes[0]


def test_two_imeis_are_one_device_if_their_first_fourteen_digits_agree() -> None:
    assert same_device_key("imei", "352099001761481") == "35209900176148"
    assert forms(IMEI, "352099001761481") == ("35 209900 176148 1",)


@pytest.mark.parametrize(
    ("written", "code", "words"),
    [
        ("", "empty", "No IMEI was given."),
        ("352099001761482", "wrong_check", "should be 1, not 2"),
        ("3520990017614", "wrong_length", "leading zero lost"),
        ("35209900176148123", "wrong_length", "This has 17 digits; an IMEI has 15."),
        ("3 209900 176148 1", "uneven_groups", "14 digits"),
        ("35 2099001 176148 1", "uneven_groups", "16 digits"),
        ("3", "wrong_length", "This has 1 digit;"),
        ("35", "wrong_length", "This has 2 digits;"),
        ("000000000000000", "all_zeros", "placeholder"),
        ("00000000000000", "all_zeros", "placeholder"),
        ("0000000000000012", "all_zeros", "placeholder"),
        ("352099001761481 352099001761481", "several_values", "2 IMEIs"),
        ("352099001761481\n352099001761481", "several_lines", "several lines"),
        ("3.52099E+14", "spreadsheet_number", "spreadsheet"),
        ("3,52099E14", "spreadsheet_number", "spreadsheet"),
        ("352099001761481.0", "spreadsheet_number", "spreadsheet"),
        ("352099001761482.0", "spreadsheet_number", "spreadsheet"),
        ("80:5E:C0:09:AB:DC", "is_a_mac", "This is a MAC address; the IMEI is on the box"),
        ("MAC 805EC009ABDC", "is_a_mac", "This is a MAC address"),
        ("11324 0822839 *", "is_an_ipei", "This is an IPEI"),
        ("02C3CC8E37", "is_an_ipei", "This is an IPEI"),
        ("8949020000012345678", "is_an_iccid", "SIM card"),
        ("89490200000123456789", "is_an_iccid", "SIM card"),
        ("8949020000012", "wrong_length", "This has 13 digits"),
        ("1949020000012345678", "wrong_length", "This has 19 digits"),
        ("S/N 1: 352099001761481", "bad_character", "\u201cS\u201d"),
        ("S/N: 352099001761481", "is_a_serial", "serial number"),
        ("IMEI1352099001761481", "ambiguous_label", "colon"),
        ("IMEI 1 35209900176148", "ambiguous_label", "colon"),
        ("\u00a0IMEI\u00a01\u00a035209900176148", "ambiguous_label", "colon"),
        ("IMEI No 2 35209900176148", "ambiguous_label", "colon"),
        ("35209900I76148I", "letter_for_digit", "did you mean 35 209900 176148 1?"),
        ("35209900I76148X", "bad_character", "\u201cI\u201d"),
        ("35:209900:176148:1", "bad_character", "\u201c:\u201d"),
        ("35:209900:176148", "bad_character", "\u201c:\u201d"),
        ("A0000000002329", "bad_character", "\u201cA\u201d"),
        ("\uff13\uff15209900176148 1", "not_ascii", "U+FF13"),
        ("352099001\u200d761481", "invisible_character", "invisible"),
        ("352099001761481\x00", "control_character", "control"),
        ("1" * 1_000_000, "too_long", "1,000,000 characters"),
    ],
)
def test_a_wrong_imei_is_refused_with_its_own_reason(written: str, code: str, words: str) -> None:
    error = refusal(written)
    assert error.code == code
    assert words in str(error)


# --- properties ------------------------------------------------------------------------------------------

BODIES = st.text("0123456789", min_size=14, max_size=14).filter(lambda body: body != "0" * 14)


def whole(body: str) -> str:
    return body + luhn.calc_check_digit(body)


@st.composite
def writings(draw: st.DrawFn, body: str) -> str:
    digits = draw(st.sampled_from([whole(body), body, f"{body}07"]))
    separator = draw(st.sampled_from(["", " ", "-", ".", "/", "\u00a0"]))
    text = separator.join(part for part in (digits[:2], digits[2:8], digits[8:14], digits[14:]) if part)
    label = draw(st.sampled_from(["", "IMEI: ", "IMEI1: ", "IMEI 2: ", "imei="]))
    return draw(st.sampled_from(["", " ", '"', "\u200e"])) + label + text


@given(st.data(), BODIES)
def test_every_written_form_of_an_imei_is_stored_alike(data: st.DataObject, body: str) -> None:
    assert parse(IMEI, data.draw(writings(body))).value == whole(body)


@given(BODIES)
def test_a_stored_imei_is_valid_for_others_and_reads_back_from_its_display(body: str) -> None:
    assert stdnum_imei.is_valid(whole(body))
    assert parse(IMEI, display(IMEI, whole(body))).value == whole(body)


@given(BODIES, st.integers(0, 14), st.sampled_from("0123456789"))
def test_one_wrong_digit_of_fifteen_is_always_refused(body: str, position: int, digit: str) -> None:
    right = whole(body)
    assume(right[position] != digit)
    wrong = right[:position] + digit + right[position + 1 :]
    assert refusal(wrong).code in {"wrong_check", "all_zeros"}


@given(st.data(), BODIES, st.characters())
def test_one_foreign_character_never_changes_the_imei_silently(
    data: st.DataObject, body: str, character: str
) -> None:
    text = display(IMEI, whole(body))
    position = data.draw(st.integers(0, len(text) - 1))
    wrong = text[:position] + character + text[position + 1 :]
    try:
        value = parse(IMEI, wrong).value
    except IdentifierError:
        return
    assert value == whole(body)  # only a separator or the check digit can be exchanged unnoticed

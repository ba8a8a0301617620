"""IPEI of DECT handsets: printed and hexadecimal forms, the check character, and every refusal."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hwadmin.identifiers import IdentifierError, IdentifierKind, display, forms, parse, same_device_key

IPEI = IdentifierKind.IPEI


def refusal(text: str) -> IdentifierError:
    with pytest.raises(IdentifierError) as caught:
        parse(IPEI, text)
    return caught.value


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("57005 0782068 7", "0DEADBEEF4"),
        ("03074 0220259 3", "00C0235C63"),
        ("00146 0156577 9", "00092263A1"),
        ("11315 0177424 2", "02C332B510"),
        ("11324 0822839 *", "02C3CC8E37"),
    ],
)
def test_the_known_examples_read_the_same_in_both_forms(printed: str, value: str) -> None:
    for written in (printed, value, value.lower(), f"0x{value}"):
        identifier = parse("ipei", written)
        assert identifier.value == value
        assert identifier.notes == ()
        assert identifier.display == printed
    assert forms(IPEI, value) == (printed, value)
    assert same_device_key("ipei", value) == value


def test_a_printed_ipei_without_its_check_digit_is_accepted_with_a_remark() -> None:
    identifier = parse(IPEI, "00146 0156577")
    assert identifier.value == "00092263A1"
    assert identifier.notes == ("No check digit was given.",)


def test_twelve_digits_that_may_have_lost_a_leading_zero_carry_a_second_remark() -> None:
    # 03074 0020259 and its check, typed into a spreadsheet as a number, keep twelve digits.
    for maker, serial in ((3074, 20259), (3075, 0xFFFFF)):
        whole = display(IPEI, f"0{maker:04X}{serial:05X}")
        lost = whole.replace(" ", "")[1:]
        identifier = parse(IPEI, lost)
        assert identifier.notes[0] == "No check digit was given."
        assert whole in identifier.notes[1]


@pytest.mark.parametrize(
    "written",
    [
        "11324 0822839 *",
        "11324-0822839-*",
        "11324.0822839.*",
        "11324:0822839:*",
        "113240822839*",
        "11324 0822839*",
        "11324\u00a00822839\u00a0*",
        "11324\u20090822839\u202f*",
        "IPEI: 11324 0822839 *",
        "IPEI 113240822839*",
        "ipei=113240822839*",
        "IPEI/IPUI No 11324 0822839 *",
        "IPEI/IPUI No.: 02C3CC8E37",
        "IPUI 02C3CC8E37",
        "IPUI: 0x02c3cc8e37",
        "IPUI-N: 02C3CC8E37",
        "handset id 02C3CC8E37",
        "IPUI02C3CC8E37",
        "02 C3 CC 8E 37",
        "02:C3:CC:8E:37",
        "02C3C-C8E37",
        "0 2C3C C8E37",
        '"02c3cc8e37";',
        '="02C3CC8E37"',
        "\u200e02C3CC8E37\u200f",
        " 11324  0822839\t* \n",
    ],
)
def test_every_writing_of_an_ipei_is_stored_in_upper_case_hexadecimal(written: str) -> None:
    assert parse(IPEI, written).value == "02C3CC8E37"


@pytest.mark.parametrize(
    ("written", "code", "words"),
    [
        ("", "empty", "No IPEI was given."),
        ("IPEI:", "empty", "No IPEI was given."),
        ("57005 0782068 3", "wrong_check", "The last character should be 7, not 3"),
        ("57005 0782068 *", "wrong_check", "should be 7, not *"),
        ("11324 0822839 4", "wrong_check", "should be *, not 4"),
        ("65536 0000001 0", "emc_out_of_range", "The first five digits, 65536, are"),
        ("1", "wrong_length", "This has 1 digit;"),
        ("11", "wrong_length", "This has 2 digits;"),
        ("99999 0000001", "emc_out_of_range", "manufacturer code"),
        ("00146 1048576", "psn_out_of_range", "1048576"),
        ("00146 9999999 1", "psn_out_of_range", "serial part"),
        ("00000 0000000 0", "all_zeros", "placeholder"),
        ("000000000000", "all_zeros", "placeholder"),
        ("0000000000", "all_zeros", "placeholder"),
        ("FFFFFFFFFF", "first_digit_not_zero", "empty slot"),
        ("0xFFFFFFFFFF", "first_digit_not_zero", "empty slot"),
        ("12C3CC8E37", "first_digit_not_zero", "begins with 0, not 1"),
        ("1460156577", "first_digit_not_zero", "leading zeros lost in a spreadsheet?"),
        ("2C3CC8E37", "wrong_length", "leading zero lost in a spreadsheet?"),
        ("0x2C3CC8E37", "wrong_length", "leading zero lost in a spreadsheet?"),
        ("11324 082283", "wrong_length", "leading zero"),
        ("11324 0822839 44", "wrong_length", "This has 14 digits"),
        ("0", "wrong_length", "This has 1 digit;"),
        ("3074 0020259 3", "uneven_groups", "leading zero lost"),
        ("113-4 0822839 4", "uneven_groups", "not grouped in 5 and 7"),
        ("00146 01565", "ambiguous_grouping", "cut short"),
        ("11324 0822839 X", "x_for_star", "write * instead of X"),
        ("113240822839x", "x_for_star", "write * instead of X"),
        ("1.1324E+12", "spreadsheet_number", "spreadsheet"),
        ("1,13240822839E12", "spreadsheet_number", "spreadsheet"),
        ("1E+12", "spreadsheet_number", "spreadsheet"),
        ("113240822839.0", "spreadsheet_number", "spreadsheet"),
        (
            "80:5E:C0:09:AB:DC",
            "is_a_mac",
            "This is a MAC address; the IPEI is under the battery or at *#06#.",
        ),
        ("805EC009ABDC", "is_a_mac", "This is a MAC address"),
        ("0x805EC009ABDC", "is_a_mac", "This is a MAC address"),
        ("805e.c009.abdc", "is_a_mac", "This is a MAC address"),
        ("00:15:65:12:34:56", "is_a_mac", "This is a MAC address"),
        ("0015.6512.3456", "is_a_mac", "This is a MAC address"),
        ("7C2F80E0D605-1A2B", "is_a_mac", "This is a MAC address"),
        ("MAC: 001565123456", "is_a_mac", "This is a MAC address"),
        ("352099001761481", "is_an_imei", "This is an IMEI"),
        ("IMEI: 35209900176148", "is_an_imei", "This is an IMEI"),
        ("Serial No: 1132408228", "is_a_serial", "serial number"),
        ("0_1", "wildcard", "Gigaset wildcard"),
        ("12_34", "wildcard", "Gigaset wildcard"),
        ("00000000000000000000", "placeholder", "20 hexadecimal digits"),
        ("FFFFFFFFFFFFFFFFFFFF", "placeholder", "20 hexadecimal digits"),
        ("O2C3CC8E37", "letter_for_digit", "did you mean 11324 0822839 *?"),
        ("ll324 0822839 *", "letter_for_digit", "did you mean 11324 0822839 *?"),
        ("02G3CC8E37", "bad_character", "\u201cG\u201d"),
        ("*", "not_understood", "not written like an IPEI"),
        ("1132\u00b2 0822839 *", "not_ascii", "U+00B2"),
        ("\uff11\uff11\uff13\uff12\uff14 0822839 *", "not_ascii", "U+FF11"),
        ("11324 0822839 \uff0a", "not_ascii", "U+FF0A"),
        ("11324\u200b0822839 *", "invisible_character", "invisible"),
        ("11324\n0822839\n*", "several_lines", "several lines"),
        ("11324 0822839\x00*", "control_character", "control"),
        ("0" * 1_000_000, "too_long", "1,000,000 characters"),
    ],
)
def test_a_wrong_ipei_is_refused_with_its_own_reason(written: str, code: str, words: str) -> None:
    error = refusal(written)
    assert error.code == code
    assert words in str(error)


def test_only_a_stored_value_can_be_shown() -> None:
    with pytest.raises(ValueError, match="not a stored IPEI"):
        display(IPEI, "11324 0822839 *")


# --- properties ------------------------------------------------------------------------------------------

VALUES = st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFF)).filter(any)


def stored(pair: tuple[int, int]) -> str:
    return f"0{pair[0]:04X}{pair[1]:05X}"


def check_of(digits: str) -> str:
    total = 0
    for position in range(12):
        total += (position + 1) * int(digits[position])
    return "0123456789*"[total % 11]


@st.composite
def writings(draw: st.DrawFn, pair: tuple[int, int]) -> str:
    decimal = f"{pair[0]:05d}{pair[1]:07d}"
    hexadecimal = stored(pair)
    separator = draw(st.sampled_from([" ", "-", ":", ".", "\u00a0", "\u2009", ""]))
    text = draw(
        st.sampled_from(
            [
                f"{decimal[:5]}{separator}{decimal[5:]}{separator}{check_of(decimal)}",
                f"{decimal[:5]}{separator}{decimal[5:]}",
                separator.join(hexadecimal[at : at + 2] for at in range(0, 10, 2)),
                hexadecimal,
                f"0x{hexadecimal}",
                f"0X{hexadecimal.lower()}",
            ]
        )
    )
    label = draw(st.sampled_from(["", "IPEI: ", "IPUI ", "IPEI/IPUI No ", "ipei=", "IPUI-N: "]))
    around = draw(st.sampled_from(["", " ", '"', "\u200e", "\ufeff", "\u00a0"]))
    return around + label + draw(st.sampled_from([text, text.lower()])) + around


@given(st.data(), VALUES)
def test_every_written_form_of_an_ipei_is_stored_alike(data: st.DataObject, pair: tuple[int, int]) -> None:
    assert parse(IPEI, data.draw(writings(pair))).value == stored(pair)


@given(VALUES)
def test_every_displayed_form_reads_back_as_the_same_ipei_without_a_remark(pair: tuple[int, int]) -> None:
    for form in forms(IPEI, stored(pair)):
        identifier = parse(IPEI, form)
        assert (identifier.value, identifier.notes) == (stored(pair), ())


@given(VALUES, st.integers(0, 12), st.sampled_from("0123456789*"))
def test_one_wrong_printed_character_is_refused_or_gives_another_ipei(
    pair: tuple[int, int], position: int, character: str
) -> None:
    printed = display(IPEI, stored(pair)).replace(" ", "")
    assume(printed[position] != character)
    wrong = printed[:position] + character + printed[position + 1 :]
    try:
        identifier = parse(IPEI, wrong)
    except IdentifierError:
        return
    # Only what the modulus cannot see gets through, and then it is the IPEI that was typed.
    assert display(IPEI, identifier.value).replace(" ", "") == wrong


@given(VALUES, st.integers(0, 9), st.sampled_from("0123456789ABCDEF"))
def test_one_wrong_hexadecimal_digit_is_refused_or_gives_another_ipei(
    pair: tuple[int, int], position: int, digit: str
) -> None:
    value = stored(pair)
    assume(value[position] != digit)
    wrong = value[:position] + digit + value[position + 1 :]
    if wrong[0] != "0" or wrong == "0" * 10:
        assert refusal(wrong).code in {"first_digit_not_zero", "all_zeros"}
    else:
        assert parse(IPEI, wrong).value == wrong


@given(st.data(), VALUES, st.characters())
def test_one_foreign_character_never_changes_the_ipei_silently(
    data: st.DataObject, pair: tuple[int, int], character: str
) -> None:
    text = display(IPEI, stored(pair))
    position = data.draw(st.integers(0, len(text) - 1))
    wrong = text[:position] + character + text[position + 1 :]
    try:
        identifier = parse(IPEI, wrong)
    except IdentifierError:
        return
    # A changed check character may fall away with a remark; a changed digit is the digit that was typed.
    if identifier.value != stored(pair):
        assert character in "0123456789"
        assert display(IPEI, identifier.value) == wrong


@given(VALUES, st.integers(0, 12))
def test_a_missing_printed_character_is_refused_or_noted(pair: tuple[int, int], position: int) -> None:
    printed = display(IPEI, stored(pair)).replace(" ", "")
    try:
        identifier = parse(IPEI, printed[:position] + printed[position + 1 :])
    except IdentifierError:
        return
    assert "No check digit was given." in identifier.notes


@given(VALUES, st.integers(0, 9))
def test_a_missing_hexadecimal_digit_is_always_refused(pair: tuple[int, int], position: int) -> None:
    value = stored(pair)
    assert refusal(value[:position] + value[position + 1 :]).code == "wrong_length"


@given(VALUES)
def test_the_wrong_check_character_is_always_named(pair: tuple[int, int]) -> None:
    printed = display(IPEI, stored(pair))
    for character in "0123456789*":
        if character != printed[-1]:
            error = refusal(printed[:-1] + character)
            assert error.code == "wrong_check"
            assert f"should be {printed[-1]}, not {character}" in str(error)


def test_the_last_manufacturer_code_and_the_last_serial_part_are_right() -> None:
    assert parse(IPEI, "00146 1048575").value == "00092FFFFF"
    assert refusal("00146 1048576").code == "psn_out_of_range"
    assert parse(IPEI, "65535 0000001").value == "0FFFF00001"
    assert refusal("65536 0000001").code == "emc_out_of_range"


def test_twelve_digits_are_not_taken_for_an_ipei_whose_serial_part_would_be_too_high() -> None:
    # With a zero before them their check is right, but 9012345 is above the last serial part.
    assert parse(IPEI, "100090123457").notes == ("No check digit was given.",)

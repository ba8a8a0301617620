"""MAC addresses: every writing people use is read, every wrong one is refused with its own sentence."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hwadmin.identifiers import IdentifierError, IdentifierKind, display, forms, parse, same_device_key
from tests.work import function_calls

MAC = IdentifierKind.MAC


def refusal(text: str) -> IdentifierError:
    with pytest.raises(IdentifierError) as caught:
        parse(MAC, text)
    return caught.value


@pytest.mark.parametrize(
    "written",
    [
        "80:5e:c0:09:ab:dc",
        "80:5E:C0:09:AB:DC",
        "80-5E-C0-09-AB-DC",
        "80 5e c0 09 ab dc",
        "805e.c009.abdc",
        "805ec009abdc",
        "805EC0-09ABDC",
        "805ec0 09abdc",
        "  80:5e:c0:09:ab:dc\r\n",
        '"80:5E:C0:09:AB:DC"',
        "\u201c80:5E:C0:09:AB:DC\u201d,",
        '="805EC009ABDC"',
        "'805EC009ABDC",
        "MAC 805EC009ABDC",
        "MAC: 805EC009ABDC",
        "MAC805EC009ABDC",
        "MAC Address: 80:5E:C0:09:AB:DC",
        "MAC-Address 80:5E:C0:09:AB:DC",
        "mac_address: 80:5E:C0:09:AB:DC",
        "MAC ID: 805EC009ABDC",
        "mac=805ec009abdc",
        "LAN MAC 805EC009ABDC",
        "MAC%3A805EC009ABDC",
        "80%3A5E%3ac0%3A09%3AAB%3ADC",
        'MAC: "80:5E:C0:09:AB:DC"',
        "\u200e80:5e:c0:09:ab:dc\u200b",
        "\ufeffMAC:\u200e 80:5e:c0:09:ab:dc",
        "MAC:\u00a0805E\u2009C009\u202fABDC",
        "80\u00a05e\u00a0c0\u202f09\u2009ab\u3000dc",
        "80\u20115e\u2013c0\u201309\u2212ab\u2014dc",
    ],
)
def test_every_writing_of_a_mac_address_is_stored_lower_case_with_colons(written: str) -> None:
    identifier = parse("mac", written)
    assert identifier.kind is MAC
    assert identifier.value == "80:5e:c0:09:ab:dc"
    assert identifier.code is None
    assert identifier.notes == ()
    assert identifier.display == "80:5e:c0:09:ab:dc"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("001565E00012", "00:15:65:e0:00:12"),
        ("0015650E0012", "00:15:65:0e:00:12"),
        ("54E005078206", "54:e0:05:07:82:06"),
        ("00156512E345", "00:15:65:12:e3:45"),
    ],
)
def test_an_address_with_an_e_between_decimal_digits_is_no_spreadsheet_number(
    written: str, value: str
) -> None:
    assert parse(MAC, written).value == value


def test_the_letters_of_the_label_never_become_digits() -> None:
    assert refusal("MAC: 805EC0").code == "wrong_length"
    assert "6 hexadecimal digits" in str(refusal("MAC: 805EC0"))
    assert refusal("MAC: 805EC009AB").code == "wrong_length"


@pytest.mark.parametrize(
    "written",
    [
        "7C2F80E0D605-1A2B",
        "7c2f80e0d605-1a2b",
        "MAC ID: 7C2F80E0D605-1A2B",
        "MAC-ID 7C2F80E0D605 - 1A2B",
        "7C:2F:80:E0:D6:05-1A2B",
        "7C-2F-80-E0-D6-05-1A2B",
    ],
)
def test_a_gigaset_mac_id_gives_the_address_and_keeps_its_code(written: str) -> None:
    identifier = parse(MAC, written)
    assert (identifier.value, identifier.code) == ("7c:2f:80:e0:d6:05", "1A2B")


def test_a_code_after_an_address_of_another_make_is_refused_because_it_may_be_a_model() -> None:
    error = refusal("805EC009ABDC-T54W")
    assert error.code == "code_without_gigaset"
    assert "a Yealink MAC address" in str(error)


def test_a_code_after_an_address_of_a_maker_we_do_not_know_is_kept() -> None:
    assert parse(MAC, "02AABBCCDDEE-1a2b").code == "1A2B"


@pytest.mark.parametrize(
    ("written", "code", "words"),
    [
        ("", "empty", "No MAC address was given."),
        (" \u00a0\u200b\n", "empty", "No MAC address"),
        ("MAC:", "empty", "No MAC address"),
        ("805EC009ABD", "wrong_length", "leading zero lost in a spreadsheet?"),
        ("15651234AB", "wrong_length", "leading zero lost in a spreadsheet?"),
        ("80:5E:C0:09:AB", "wrong_length", "This has 10 hexadecimal digits; a MAC address has 12."),
        ("805EC009ABDCE", "wrong_length", "This has 13 hexadecimal digits"),
        ("8", "wrong_length", "This has 1 hexadecimal digit;"),
        ("80:5e:c0:9:ab:dc", "short_octet", "two digits"),
        ("0:15:65:1:2:3", "short_octet", "two digits"),
        ("80:5E-C0:09-AB:DC", "mixed_separators", "one kind"),
        ("805e.c009-abdc", "mixed_separators", "one kind"),
        ("805-EC009ABDC", "uneven_groups", "six pairs"),
        ("80:5EC0:09ABDC", "uneven_groups", "six pairs"),
        ("805EC0FFFE09ABDC", "eui64", "16 hexadecimal digits"),
        ("80:5E:C0:FF:FE:09:AB:DC", "eui64", "EUI-64"),
        ("7C2F80E0D6051A2B", "eui64", "hyphen"),
        ("80:5E:C0:09:AB:DC 80:5E:C0:09:AB:DD", "several_values", "2 MAC addresses"),
        ("80:5E:C0:09:AB:DC\n80:5E:C0:09:AB:DD", "several_lines", "one MAC address only"),
        ("00:00:00:00:00:00", "all_zeros", "placeholder"),
        ("FFFFFFFFFFFF", "broadcast", "broadcast address"),
        ("01:00:5E:00:00:FB", "multicast", "multicast address"),
        ("33:33:00:00:00:01", "multicast", "second digit"),
        ("8O5ECOO9ABDC", "letter_for_digit", "did you mean 80:5e:c0:09:ab:dc?"),
        ("00:I5:65:00:00:l2", "letter_for_digit", "did you mean 00:15:65:00:00:12?"),
        ("805EC009ABDO0", "bad_character", "\u201cO\u201d"),
        ("8.05E+11", "spreadsheet_number", "formatted as text"),
        ("1,23457E+14", "spreadsheet_number", "spreadsheet"),
        ("1.565E12", "spreadsheet_number", "spreadsheet"),
        ("156500001234.0", "spreadsheet_number", "spreadsheet"),
        ("57005 0782068 7", "is_an_ipei", "This is an IPEI; the MAC address is on the label of the device."),
        ("5700507820687", "is_an_ipei", "This is an IPEI"),
        ("00146 0156577", "is_an_ipei", "This is an IPEI"),
        ("11324 0822839 *", "is_an_ipei", "This is an IPEI"),
        ("IPEI: 02C3CC8E37", "is_an_ipei", "This is an IPEI"),
        ("02C3CC8E37", "is_an_ipei", "This looks like an IPEI"),
        ("0x02C3CC8E37", "is_an_ipei", "This looks like an IPEI"),
        ("352099001761481", "is_an_imei", "This is an IMEI"),
        ("IMEI1: 352099001761481", "is_an_imei", "This is an IMEI"),
        ("S/N: 805EC009ABDC", "is_a_serial", "This is a serial number"),
        ("80:5E:C0:09:AB:DG", "bad_character", "\u201cG\u201d"),
        ("80:5E:C0:09:AB:DC\tT54W", "bad_character", "\u201cT\u201d"),
        ("T54W", "bad_character", "\u201cT\u201d"),
        ("80/5E/C0/09/AB/DC", "bad_character", "\u201c/\u201d"),
        ("-.-", "not_understood", "not written like a MAC address"),
        ("\uff18\uff105EC009ABDC", "not_ascii", "U+FF18"),
        ("\u0668\u06605EC009ABDC", "not_ascii", "U+0668"),
        ("805EC009AB\u00b2", "not_ascii", "U+00B2"),
        ("\ud80005EC009ABDC", "not_ascii", "U+D800"),
        ("805EC0\u200b09ABDC", "invisible_character", "invisible"),
        ("805EC0\u202e09ABDC", "invisible_character", "invisible"),
        ("805EC009ABDC\x00", "control_character", "control character"),
        ("\x00", "control_character", "control character"),
    ],
)
def test_a_wrong_mac_address_is_refused_with_its_own_reason(written: str, code: str, words: str) -> None:
    error = refusal(written)
    assert error.code == code
    assert words in str(error)


def test_twelve_decimal_digits_are_a_mac_address_in_a_mac_field() -> None:
    assert parse(MAC, "001565123456").value == "00:15:65:12:34:56"


def test_a_pasted_document_is_refused_at_once_and_not_repeated() -> None:
    document = "80:5e:c0:09:ab:dc " * 60_000
    assert function_calls(lambda: refusal(document)) < 100
    error = refusal(document)
    assert error.code == "too_long"
    assert len(str(error)) < 120


def test_reading_a_mac_address_takes_few_function_calls() -> None:
    texts = [f"80:5E:C0:{n >> 8:02X}:{n & 255:02X}:DC" for n in range(1000)]
    assert 1000 <= function_calls(lambda: [parse(MAC, text) for text in texts]) <= 50_000


def test_a_mac_address_has_one_form_and_is_its_own_key() -> None:
    assert forms(MAC, "80:5e:c0:09:ab:dc") == ("80:5e:c0:09:ab:dc",)
    assert same_device_key("mac", "80:5e:c0:09:ab:dc") == "80:5e:c0:09:ab:dc"


# --- properties ------------------------------------------------------------------------------------------

OCTETS = st.binary(min_size=6, max_size=6).filter(lambda b: not b[0] & 1 and any(b))


def stored(octets: bytes) -> str:
    return octets.hex(":")


@st.composite
def writings(draw: st.DrawFn, octets: bytes) -> str:
    digits = octets.hex()
    size = draw(st.sampled_from([2, 4, 6, 12]))
    separator = draw(st.sampled_from([":", "-", ".", " ", "\u00a0", "\u2013"]))
    text = separator.join(digits[start : start + size] for start in range(0, 12, size))
    text = draw(st.sampled_from([text, text.upper(), text.swapcase(), text[:6].upper() + text[6:]]))
    label = draw(
        st.sampled_from(["", "MAC ", "MAC: ", "MAC Address: ", "MAC ID:", "mac=", "LAN MAC ", "MAC%3A"])
    )
    around = draw(st.sampled_from(["", " ", '"', "\u200e", "\ufeff", "\u00a0", "\n"]))
    return around + label + text + around


@given(st.data(), OCTETS)
def test_every_written_form_of_an_address_is_stored_alike(data: st.DataObject, octets: bytes) -> None:
    assert parse(MAC, data.draw(writings(octets))).value == stored(octets)


@given(OCTETS)
def test_what_is_displayed_reads_back_as_the_same_address(octets: bytes) -> None:
    assert parse(MAC, display(MAC, stored(octets))).value == stored(octets)


@given(OCTETS, st.integers(0, 11), st.sampled_from("0123456789abcdef"))
def test_one_wrong_digit_is_refused_or_gives_another_address(
    octets: bytes, position: int, digit: str
) -> None:
    digits = octets.hex()
    assume(digits[position] != digit)
    wrong = digits[:position] + digit + digits[position + 1 :]
    if int(wrong[1], 16) & 1 or wrong == "0" * 12:
        assert refusal(wrong).code in {"all_zeros", "broadcast", "multicast"}
    else:
        assert parse(MAC, wrong).value.replace(":", "") == wrong


@given(st.data(), OCTETS, st.characters())
def test_one_foreign_character_never_changes_the_address_silently(
    data: st.DataObject, octets: bytes, character: str
) -> None:
    text = stored(octets)
    position = data.draw(st.integers(0, len(text) - 1))
    wrong = text[:position] + character + text[position + 1 :]
    try:
        value = parse(MAC, wrong).value
    except IdentifierError:
        return
    assert value == wrong.lower()


@given(OCTETS, st.integers(0, 11))
def test_a_missing_digit_is_always_refused(octets: bytes, position: int) -> None:
    digits = octets.hex()
    assert refusal(digits[:position] + digits[position + 1 :]).code in {"wrong_length", "is_an_ipei"}


@given(OCTETS, st.integers(0, 12), st.sampled_from("0123456789abcdef"))
def test_a_digit_too_many_is_always_refused(octets: bytes, position: int, digit: str) -> None:
    digits = octets.hex()
    assert refusal(digits[:position] + digit + digits[position:]).code in {"wrong_length", "is_an_ipei"}


def test_a_wrong_number_of_digits_says_what_may_have_happened() -> None:
    lost = "was a leading zero lost in a spreadsheet?"
    assert {count: lost in str(refusal("a1b2c3d4e5f"[:count])) for count in (8, 9, 11)} == {
        8: False,
        9: True,
        11: True,
    }
    assert "This has 1 hexadecimal digit;" in str(refusal("a"))
    assert "This has 2 hexadecimal digits;" in str(refusal("ab"))
    for several in (2, 3, 4):
        assert f"looks like {several} MAC addresses" in str(refusal("805ec009abdc" * several))
    assert refusal("805ec009abdc" * 5).code == "wrong_length"

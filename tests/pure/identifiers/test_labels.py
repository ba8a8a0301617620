"""What else is printed on a device: read behind an identifier, and beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwadmin.identifiers import Identifier, IdentifierError, IdentifierKind, parse
from hwadmin.identifiers.label import Label, read_label

MAC, IPEI, IMEI = IdentifierKind.MAC, IdentifierKind.IPEI, IdentifierKind.IMEI
A, H = "80:5e:c0:09:ab:dc", "02C3CC8E37"
M, N = "352099001761481", "356938035643809"


@pytest.mark.parametrize(
    ("kind", "text", "value", "serial", "second"),
    [
        (MAC, f"{A}; S/N: 3146C1", A, "3146C1", None),
        (MAC, "MAC: 805EC009ABDC  SN: 3146 C1", A, "3146 C1", None),
        (MAC, "805EC009ABDC | Serial No.= 3146-C1", A, "3146-C1", None),
        (IPEI, "11324 0822839 *, serial number: X1001", H, "X1001", None),
        (IMEI, f"IMEI1: {M} IMEI2: {N}", M, None, N),
        (IMEI, f"{M}; IMEI 2: 35-693803-564380-9; S/N: F2LX1", M, "F2LX1", N),
        (IMEI, f"{M}\nS/N: F2LX1\nsecond IMEI: {N}", M, "F2LX1", N),
        # Without a sign behind the label, or alone, it is what it always was.
        (IMEI, f"IMEI 2: {M}", M, None, None),
        (MAC, A, A, None, None),
    ],
)
def test_what_stands_behind_an_identifier_is_read_with_it(
    kind: IdentifierKind, text: str, value: str, serial: str | None, second: str | None
) -> None:
    read = parse(kind, text)
    assert (read.value, read.serial, read.second_imei) == (value, serial, second)
    assert parse(kind, read.written) == Identifier(kind, value, read.code, (), serial, second)


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (MAC, f"{A}; IMEI 2: {N}", "no_second_imei"),
        (MAC, f"{A}; S/N: x", "too_short"),
        (MAC, f"{A}; S/N: 1234; SN: 5678", "several_values"),
        (IMEI, f"{M}; IMEI 2: {M}", "several_values"),
        (IMEI, f"{M}; IMEI 2: {N}; IMEI2: {N}", "several_values"),
        (IMEI, f"{M}; IMEI 2: nonsense", "bad_character"),
        (MAC, "nonsense; S/N: 1234", "bad_character"),
        (MAC, "S/N: 805EC009ABDC", "is_a_serial"),
        (MAC, f"{A} S/N 1234", None),
    ],
)
def test_what_is_wrong_behind_an_identifier_is_refused(
    kind: IdentifierKind, text: str, code: str | None
) -> None:
    with pytest.raises(IdentifierError) as refusal:
        parse(kind, text)
    assert code is None or refusal.value.code == code


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=4, max_size=40))
def test_any_serial_as_printed_is_written_and_read_back(serial: str) -> None:
    read = Identifier(MAC, A, serial=serial)
    try:
        again = parse(MAC, read.written)
    except IdentifierError:
        return  # such as quotes only, which are none
    assert again.value == A
    assert again.serial is not None
    assert again.serial in serial


def test_what_is_typed_beside_an_identifier_goes_before_what_stands_behind_it() -> None:
    parsed = parse(IMEI, f"{M}; IMEI 2: {N}; S/N: F2LX1")
    read = read_label(IMEI, parsed, Label())
    assert (read.serial, read.second_imei, read.second_imei_key) == ("F2LX1", N, N[:14])
    read = read_label(IMEI, parsed, Label("F2LX2", "490154203237518"))
    assert (read.serial, read.second_imei, read.problems) == ("F2LX2", "490154203237518", ())
    read = read_label(IMEI, parsed, Label("x", M))
    assert (read.serial, read.second_imei) == (None, None)
    assert [field for field, _ in read.problems] == ["serial", "second_imei"]
    assert read_label(MAC, None, Label("", N)).problems == (
        ("second_imei", "Only a mobile has a second IMEI."),
    )

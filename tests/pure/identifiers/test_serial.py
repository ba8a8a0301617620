"""Serial numbers: opaque, kept as printed."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hwadmin.identifiers import IdentifierError, normalise_serial, shapes


@pytest.mark.parametrize(
    ("written", "serial"),
    [
        ("3146021040000123", "3146021040000123"),
        (" abC-12/3 x ", "abC-12/3 x"),
        ("S/N: 1234ABCD", "1234ABCD"),
        ("Serial No.: 1234ABCD", "1234ABCD"),
        ("serial=1234ABCD", "1234ABCD"),
        ("SN12345", "SN12345"),
        ("SN 12345", "SN 12345"),
        ("805EC009ABDC", "805EC009ABDC"),
        ('"1234ABCD"', "1234ABCD"),
        ("\ufeff1234ABCD\u00a0\n", "1234ABCD"),
        ("1234\u00a0ABCD", "1234 ABCD"),
        ("x" * 40, "x" * 40),
        ("1234", "1234"),
    ],
)
def test_a_serial_number_stays_as_printed(written: str, serial: str) -> None:
    assert normalise_serial(written) == serial


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "empty"),
        ("S/N:", "empty"),
        ("123", "too_short"),
        ("x" * 41, "too_long"),
        ("x" * 1_000_000, "too_long"),
        ("12345\u00df", "not_printable"),
        ("\uff11\uff12\uff13\uff14", "not_printable"),
        ("1234\n5678", "not_printable"),
        ("1234\x00", "not_printable"),
        ("12\u200b345", "not_printable"),
        ("8.05E+11", "spreadsheet_number"),
        ("3,14602E15", "spreadsheet_number"),
    ],
)
def test_a_wrong_serial_number_is_refused(written: str, code: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        normalise_serial(written)
    assert caught.value.code == code
    assert str(caught.value).endswith(".")


@given(st.text(string.ascii_letters + string.digits + "-/.+", min_size=4, max_size=40))
def test_a_printable_serial_number_is_never_changed_and_normalising_twice_changes_nothing(
    serial: str,
) -> None:
    assume(not shapes.is_scientific_number(serial))
    assert normalise_serial(serial) == serial
    assert normalise_serial(normalise_serial(serial)) == serial

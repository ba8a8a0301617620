"""Makers behind MAC addresses, and the warnings that never refuse anything."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import mac as registry
from stdnum import numdb

from hwadmin.identifiers import (
    Identifier,
    IdentifierKind,
    near_duplicates,
    odd_one_out,
    parse,
    same_make,
    vendor,
    vendors,
    warnings,
)
from hwadmin.identifiers.vendors import Make

# Prefixes of a make that the registry still lists under the name of a firm it came from.
REGISTERED_UNDER_ANOTHER_NAME = {
    "000b23": "Siemens Home & Office Comm. Devices",  # Gigaset was Siemens' home phone business until 2008
    "0013a3": "Siemens Home & Office Comm. Devices",
    "0018d1": "Siemens Home & Office Comm. Devices",
    "003042": "DeTeWe-Deutsche Telephonwerke",  # bought by Aastra, now Mitel
}


def mac(text: str) -> Identifier:
    return parse("mac", text)


ALL_PREFIXES = [(make, oui) for make in vendors.MAKES for oui in make.ouis]


@pytest.mark.parametrize(("make", "oui"), ALL_PREFIXES, ids=[oui for _make, oui in ALL_PREFIXES])
def test_our_table_agrees_with_the_registry(make: Make, oui: str) -> None:
    registered = registry.get_manufacturer(":".join([oui[:2], oui[2:4], oui[4:], "00", "00", "01"]))
    if oui in REGISTERED_UNDER_ANOTHER_NAME:
        assert registered == REGISTERED_UNDER_ANOTHER_NAME[oui]
        assert not same_make(registered, make.name), "no exception is needed any more"
    else:
        assert same_make(registered, make.name)


def test_no_prefix_stands_in_our_table_twice() -> None:
    ouis = [oui for _make, oui in ALL_PREFIXES]
    assert len(ouis) == len(set(ouis)) == 49
    assert all(len(oui) == 6 for oui in ouis)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("80:5e:c0:09:ab:dc", "Yealink"),
        ("00:04:13:a1:00:01", "Snom"),
        ("7c:2f:80:e0:d6:05", "Gigaset"),
        ("00:04:f2:00:00:01", "Poly"),
        ("00:10:bc:00:00:01", "Mitel"),
        ("00:13:d1:00:00:01", "Spectralink"),
        ("00:08:7b:00:00:01", "RTX"),
        ("00:00:0c:00:00:01", "Cisco Systems, Inc"),
        (
            "00:1b:c5:00:10:01",
            "OpenRB.com, Direct SIA",
        ),  # a prefix shared by several, told apart by nine digits
        ("00:00:05:00:00:01", "XEROX CORPORATION"),  # within a range of prefixes
        ("02:aa:bb:cc:dd:ee", None),
        ("00:1b:c5:ff:f0:01", None),
    ],
)
def test_the_vendor_is_our_short_name_or_the_registered_organisation(value: str, name: str | None) -> None:
    assert vendor(value) == name


def test_the_registry_is_looked_through_at_the_first_question_and_never_held() -> None:
    program = (
        "from stdnum import numdb\n"
        "import hwadmin.identifiers as identifiers\n"
        "from hwadmin.identifiers import vendors\n"
        "identifiers.parse('mac', '80:5e:c0:09:ab:dc')\n"
        "assert identifiers.vendor('80:5e:c0:09:ab:dc') == 'Yealink'\n"
        "assert not vendors._places.cache_info().currsize\n"
        "assert identifiers.vendor('00:00:0c:00:00:01')\n"
        "places = vendors._places()\n"
        "assert len(places) * places.itemsize < 500_000\n"
        "assert not numdb._open_databases\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_prefix_is_found_as_python_stdnum_finds_it() -> None:
    whole = numdb.get("oui")
    asked = {
        low + tail
        for length, low, *_, parts in whole.prefixes[::97]
        for tail in ("0" * (12 - length), *(part[1].ljust(12 - length, "0") for part in parts))
    }
    assert len(asked) > 400
    for digits in asked:
        found = numdb.read(vendors._lines_about(digits[:6]))
        assert found.info(digits[:9]) == whole.info(digits[:9]), digits


def test_the_registry_is_asked_once_for_each_prefix() -> None:
    vendor("00:00:0c:00:00:01")
    before = vendors._organisation.cache_info().misses
    for last in range(256):
        vendor(f"00:00:0c:{last:02x}:{last:02x}:01")
    assert vendors._organisation.cache_info().misses == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Poly", "Polycom"),
        ("Poly", "PLANTRONICS, INC."),
        ("poly (HP)", "Polycom"),
        ("Mitel", "Aastra"),
        ("Mitel Networks", "Aastra Telecom"),
        ("Spectralink", "KIRK"),
        ("Kirk telecom A/S", "Spectralink, Inc"),
        ("Gigaset", "Siemens Gigaset"),
        ("Gigaset pro", "gigaset"),
        ("YEALINK", " yealink "),
        ("Cisco", "Cisco Systems, Inc"),
        ("Cisco", "Cisco-Linksys, LLC"),
        ("AudioCodes", "Netrake an AudioCodes Company"),
    ],
)
def test_a_make_is_the_same_under_its_other_names(one: str, other: str) -> None:
    assert same_make(one, other)
    assert same_make(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Snom", "Yealink"),
        ("Poly", "Mitel"),
        ("Cisco", "Snom"),
        ("Cis", "Cisco"),
        ("", "Snom"),
        ("", ""),
        ("--", "X"),
    ],
)
def test_different_makes_are_different(one: str, other: str) -> None:
    assert not same_make(one, other)
    assert not same_make(other, one)


@pytest.mark.parametrize(
    ("text", "make", "expected"),
    [
        ("80:5e:c0:09:ab:dc", "Yealink", ()),
        ("80:5e:c0:09:ab:dc", None, ()),
        ("80:5e:c0:09:ab:dc", " ", ()),
        ("00:04:f2:00:00:01", "Polycom", ()),
        ("00:04:13:a1:00:01", "Yealink", ("This is a Snom MAC address; the order says Yealink.",)),
        ("00:08:7b:a1:00:01", "Snom", ("This is an RTX MAC address; the order says Snom.",)),
        (
            "00:00:0c:00:00:01",
            "Yealink",
            ("This MAC address is registered to Cisco Systems, Inc; the order says Yealink.",),
        ),
        ("00:00:0c:00:00:01", "Cisco", ()),
        ("88:ff:ff:00:00:01", "Cisco", ("No maker is known for MAC addresses beginning with 88:ff:ff.",)),
    ],
)
def test_a_mac_address_is_compared_with_the_make_that_was_ordered(
    text: str, make: str | None, expected: tuple[str]
) -> None:
    assert warnings(mac(text), make) == expected


def test_a_locally_administered_address_is_warned_of_once() -> None:
    assert len(warnings(mac("02:aa:bb:cc:dd:ee"), "Yealink")) == 1
    assert "locally administered" in warnings(mac("02:aa:bb:cc:dd:ee"), None)[0]


@pytest.mark.parametrize("first", range(0, 256, 2))
def test_the_second_lowest_bit_of_the_first_octet_makes_an_address_locally_administered(first: int) -> None:
    found = warnings(mac(f"{first:02x}:12:34:56:78:9a"), None)
    assert ("locally administered" in "".join(found)) is bool(first & 2)


def test_a_very_long_make_is_cut_in_the_sentence() -> None:
    (sentence,) = warnings(mac("00:04:13:a1:00:01"), "Y" * 500)
    assert len(sentence) < 100


def test_only_mac_addresses_are_warned_of() -> None:
    assert warnings(parse("ipei", "02C3CC8E37"), "Yealink") == ()
    assert warnings(Identifier(IdentifierKind.IMEI, "352099001761481"), "Apple") == ()


# --- among the others of one form ------------------------------------------------------------------------


def twins(*texts: Any, kind: str = "mac") -> dict[int, str]:
    """By place, the value each is nearly the same as."""
    found = near_duplicates([parse(kind, text) if text else None for text in texts])
    return {place: other.value for place, other in found.items()}


def odd(*texts: Any) -> tuple[int, str] | None:
    return odd_one_out([mac(text) if text else None for text in texts])


def test_addresses_of_one_carton_that_are_numbered_on_give_no_warning() -> None:
    assert twins(*(f"80:5e:c0:09:ab:{last:02x}" for last in range(0x10, 0x30))) == {}


@pytest.mark.parametrize("step", [1, 3, 7, 16])
def test_a_pallet_that_is_numbered_on_over_several_digits_gives_no_warning(step: int) -> None:
    values = [0x805EC01D6000 + step * number for number in range(1000)]
    assert twins(*(f"{value:012x}" for value in values)) == {}


@pytest.mark.parametrize("slip", ["805ec07d6141", "805ec0d16141", "085ec01d6141"])
def test_one_of_a_pallet_that_was_typed_wrong_a_second_time_is_noticed(slip: str) -> None:
    values = [f"{0x805EC01D6000 + number:012x}" for number in range(500)]
    found = twins(*values, slip)
    assert found[500] == "80:5e:c0:1d:61:41"
    assert set(found) == {500, 0x141}


def test_one_wrong_digit_is_noticed_on_both_addresses() -> None:
    assert twins("80:5e:c0:09:ab:dc", "80:5e:c0:19:ab:dc", "") == {
        0: "80:5e:c0:19:ab:dc",
        1: "80:5e:c0:09:ab:dc",
    }


def test_two_swapped_digits_are_noticed() -> None:
    assert len(twins("80:5e:c0:09:ab:dc", "80:5e:c0:90:ab:dc")) == 2
    assert len(twins("80:5e:c0:09:ab:dc", "80:5e:c0:09:ad:bc")) == 2


def test_the_same_address_twice_is_no_near_duplicate() -> None:
    assert twins("80:5e:c0:09:ab:dc", "80:5e:c0:09:ab:dc") == {}


def test_two_addresses_far_apart_give_no_warning() -> None:
    assert twins("80:5e:c0:09:ab:dc", "80:5e:c0:55:12:34") == {}


def test_handsets_are_compared_and_mobiles_are_not() -> None:
    assert len(twins("02C3CC8E37", "02C3CC9E37", kind="ipei")) == 2
    # Their check digit finds one wrong digit and two swapped ones.
    assert twins("352099001761481", "352099101761480", kind="imei") == {}


@given(st.lists(st.integers(0, 0xFFFF), unique=True, max_size=40), st.integers(0, 0xFF))
def test_a_twin_differs_in_one_digit_or_by_two_swapped_ones_and_not_in_the_last_two_alone(
    ends: list[int], middle: int
) -> None:
    values = [f"{0x805EC0000000 | middle << 16 | end:012x}" for end in ends]
    for place, twin in twins(*values).items():
        one, other = values[place], twin.replace(":", "")
        apart = [at for at in range(12) if one[at] != other[at]]
        assert len(apart) == 1 or (
            len(apart) == 2 and apart[1] == apart[0] + 1 and sorted(one) == sorted(other)
        )
        assert apart[0] < 10


def test_the_only_address_of_another_maker_is_noticed() -> None:
    assert odd("80:5e:c0:09:ab:dc", "", "00:15:65:11:22:33", "00:04:13:a1:00:01") == (3, "Yealink")


def test_two_makers_in_equal_parts_leave_nobody_the_odd_one_out() -> None:
    assert odd("80:5e:c0:09:ab:dc", "00:15:65:11:22:33", "00:04:13:a1:00:01", "00:04:13:b2:55:66") is None
    assert odd("80:5e:c0:09:ab:dc", "00:04:13:a1:00:01") is None
    assert odd() is None

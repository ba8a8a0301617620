"""MAC addresses of deskphones and DECT bases (EUI-48, IEEE 802)."""

from __future__ import annotations

import re

from hwadmin.identifiers import entry, shapes
from hwadmin.identifiers.kinds import WHERE_TO_FIND, IdentifierError, IdentifierKind, wrong_kind
from hwadmin.identifiers.vendors import make_of_oui

_KIND = IdentifierKind.MAC
_ALLOWED = "0123456789abcdefABCDEF:.- "
_SHORT_OCTETS = re.compile(
    r"[0-9a-f]{1,2}([:. -])(?:[0-9a-f]{1,2}\1){4}[0-9a-f]{1,2}", re.IGNORECASE | re.ASCII
)


def read(text: str) -> tuple[str, str | None]:
    """Read a MAC address in any of its writings: the stored value and, from a Gigaset MAC-ID, its code.

    Takes pairs, Cisco's dotted fours, two halves or twelve bare digits, in any case, with one kind of
    separator; a leading label; Gigaset's `7C2F80E0D605-1A2B`. The value is lower-case with colons.

    Raises IdentifierError: `wrong_length`, `short_octet`, `mixed_separators`, `uneven_groups`, `eui64`,
    `several_values`, `all_zeros`, `broadcast`, `multicast`, `letter_for_digit`, `spreadsheet_number`,
    `is_an_ipei`, `is_an_imei`, `is_a_serial`, `code_without_gigaset`, `bad_character`, and those of
    `typed.value_text`.
    """
    return _read(entry.value_text(_KIND, text))


def _read(written: str) -> tuple[str, str | None]:
    # The valid writings first: 001565E00012 would pass for a spreadsheet's number.
    if shapes.MAC_WRITTEN.fullmatch(written):
        return _checked(written), None
    if mac_id := shapes.MAC_ID.fullmatch(written):
        return _read_mac_id(mac_id["mac"], mac_id["code"].upper())
    raise _refusal(written)


def _checked(written: str) -> str:
    digits = shapes.without_separators(written).lower()
    if digits == "000000000000":
        raise IdentifierError("All zeros is a placeholder, not the MAC address of a device.", "all_zeros")
    if digits == "ffffffffffff":
        raise IdentifierError(
            "This is the broadcast address, which no device has as its own; check the label.", "broadcast"
        )
    if int(digits[1], 16) & 1:
        raise IdentifierError(
            "This is a multicast address, which no device has as its own; check its second digit.",
            "multicast",
        )
    return ":".join([digits[start : start + 2] for start in range(0, 12, 2)])


def _read_mac_id(written: str, code: str) -> tuple[str, str]:
    value = _checked(written)
    make = make_of_oui(value)
    if make is not None and make.name != "Gigaset":
        # 805EC009ABDC-T54W is an address with a model behind it: storing T54W as a code would be a guess.
        raise IdentifierError(
            "Only Gigaset prints four characters after the address, "
            f"and this is {make.with_article} MAC address; leave out \u201c-{code}\u201d.",
            "code_without_gigaset",
        )
    return value, code


def _refusal(written: str) -> IdentifierError:
    if shapes.is_printed_ipei(written):
        return wrong_kind(IdentifierKind.IPEI, _KIND)
    if shapes.is_imei(written):
        return wrong_kind(IdentifierKind.IMEI, _KIND)
    if shapes.is_spreadsheet_number(written):
        return entry.spreadsheet_number(_KIND)
    if shapes.is_hex_ipei(written):
        # Two digits may be missing from a MAC address as well, so this sentence says "looks like".
        return IdentifierError(
            "This looks like an IPEI, with 10 hexadecimal digits; "
            f"{WHERE_TO_FIND[_KIND]} and has 12 hexadecimal digits.",
            "is_an_ipei",
        )
    digits = shapes.without_separators(written)
    if shapes.is_hex(digits):
        return _wrong_number_of_digits(written, len(digits))
    meant = shapes.digits_for_letters(written)
    if meant != written:
        try:
            return entry.letter_for_digit(written, _read(meant)[0], _KIND)
        except IdentifierError:
            pass  # still no MAC address: the letter is then only one of its faults
    return entry.refuse_character(written, _ALLOWED, _KIND)


def _wrong_number_of_digits(written: str, count: int) -> IdentifierError:
    separators = sorted({character for character in written if character in ":.- "})
    if count != 12 and _SHORT_OCTETS.fullmatch(written):
        return IdentifierError(
            "Each of the six parts of a MAC address has two digits; write 0a instead of a.", "short_octet"
        )
    if count == 12 and len(separators) > 1:
        return IdentifierError(
            "This mixes several separators; use one kind throughout, such as colons.", "mixed_separators"
        )
    if count == 12:
        return IdentifierError(
            "The digits are grouped unevenly; write the MAC address as six pairs, as on the label.",
            "uneven_groups",
        )
    if count == 16:
        return IdentifierError(
            "This has 16 hexadecimal digits (an EUI-64); a MAC address has 12. "
            "A Gigaset MAC-ID needs a hyphen before its last four characters.",
            "eui64",
        )
    if count in (24, 36, 48):
        return IdentifierError(
            f"This looks like {count // 12} MAC addresses; enter one MAC address only.", "several_values"
        )
    lost = " (was a leading zero lost in a spreadsheet?)" if 9 <= count <= 11 and not separators else ""
    return IdentifierError(
        f"This has {count} hexadecimal digit{'s' if count > 1 else ''}; a MAC address has 12{lost}.",
        "wrong_length",
    )

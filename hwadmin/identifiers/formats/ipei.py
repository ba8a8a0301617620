"""IPEI of DECT handsets: 36 bits, a manufacturer code (EMC) and a serial (PSN); EN 300 175-6 annex C.

The stored form is the IPUI of type N in ten upper-case hexadecimal digits: 0, four of the EMC, five of the
PSN.
"""

from __future__ import annotations

import re

from hwadmin.identifiers import entry, shapes
from hwadmin.identifiers.kinds import IdentifierError, IdentifierKind, wrong_kind

_KIND = IdentifierKind.IPEI
_ALLOWED = "0123456789abcdefABCDEF*:.- "
_STORED = re.compile("0[0-9A-F]{9}", re.ASCII)
_BARE_HEX = re.compile("0[0-9A-Fa-f]{9}", re.ASCII)
_ON_THE_LABEL = re.compile("[0-9]{5} [0-9]{7} [0-9*]", re.ASCII)
_WILDCARD = re.compile("[0-9]+_[0-9]+", re.ASCII)
_TWO_FIVES = re.compile(r"[0-9]{5}[ .:-]+[0-9]{5}", re.ASCII)
_PRINTED = re.compile("[0-9]{12}[0-9*xX]", re.ASCII)
_MAX_EMC = 0xFFFF
_MAX_PSN = 0xFFFFF


def read(text: str) -> tuple[str, tuple[str, ...]]:
    """Read an IPEI in any of its writings: the stored value and harmless remarks.

    Takes the printed form with its check character, the same without it, and ten hexadecimal digits with or
    without `0x`; spaces, hyphens, colons and points between digits; a leading label.

    Raises IdentifierError: `wrong_check`, `emc_out_of_range`, `psn_out_of_range`, `all_zeros`,
    `first_digit_not_zero`, `wrong_length`, `uneven_groups`, `ambiguous_grouping`, `x_for_star`,
    `spreadsheet_number`, `is_a_mac`, `is_an_imei`, `is_a_serial`, `wildcard`, `placeholder`,
    `letter_for_digit`, `bad_character`, and those of `typed.value_text`.
    """
    written = entry.value_text(_KIND, text)
    # As it stands on the label; such a text is nothing else.
    if _ON_THE_LABEL.fullmatch(written):
        return _read_printed(written.replace(" ", "")), ()
    return _read(written)


def printed(value: str) -> str:
    """The form on the label, from the stored value: 5 digits EMC, 7 digits PSN, the check character.

    Raises ValueError if the value is not a stored one.
    """
    if not _STORED.fullmatch(value):
        raise ValueError("not a stored IPEI")
    digits = f"{int(value[:5], 16):05d}{int(value[5:], 16):07d}"
    return f"{digits[:5]} {digits[5:]} {shapes.ipei_check(digits)}"


def _read(written: str) -> tuple[str, tuple[str, ...]]:
    # Most of what is read; such a text is nothing else.
    if _BARE_HEX.fullmatch(written):
        return _not_all_zeros(written.upper()), ()
    # 00:15:65:12:34:56 has twelve decimal digits too, but nobody groups an IPEI like that.
    if shapes.is_mac_and_nothing_else(written):
        raise wrong_kind(IdentifierKind.MAC, _KIND)
    if _WILDCARD.fullmatch(written):
        raise IdentifierError(
            "This is a Gigaset wildcard for any handset; enter the IPEI of this handset.", "wildcard"
        )
    compact = shapes.without_separators(written)
    if compact[:2] in ("0x", "0X"):
        return _read_hex(compact[2:]), ()
    spreadsheet = shapes.is_spreadsheet_number(written)
    if _PRINTED.fullmatch(compact) and not spreadsheet:
        return _read_printed(compact), ()
    if len(compact) == 12 and shapes.is_digits(compact) and not spreadsheet:
        if shapes.groups(written) not in ((12,), (5, 7)):
            # 3074 0220259 3 has lost its first digit; its check character must not pass for a digit.
            raise IdentifierError(
                "These 12 digits are not grouped in 5 and 7; was a leading zero lost in a spreadsheet?",
                "uneven_groups",
            )
        return _from_decimal(compact), _remarks_without_check(compact)
    if len(compact) == 10 and shapes.is_hex(compact) and not spreadsheet:
        if _TWO_FIVES.fullmatch(written):
            raise IdentifierError(
                "Ten decimal digits in two groups may be a printed IPEI cut short; "
                "write the hexadecimal form in one group, or all 13 characters.",
                "ambiguous_grouping",
            )
        return _read_hex(compact), ()
    raise _refusal(written, compact)


def _read_printed(compact: str) -> str:
    digits, check = compact[:12], compact[12]
    if check in "xX":
        raise IdentifierError(
            "The last character of an IPEI is a digit or a star; write * instead of X.", "x_for_star"
        )
    value = _from_decimal(digits)
    right = shapes.ipei_check(digits)
    if check != right:
        raise IdentifierError(
            f"The last character should be {right}, not {check}; compare all the digits with the label.",
            "wrong_check",
        )
    return value


def _from_decimal(digits: str) -> str:
    emc, psn = int(digits[:5]), int(digits[5:])
    if emc > _MAX_EMC:
        raise IdentifierError(
            f"The first five digits, {digits[:5]}, are higher than the last manufacturer code, {_MAX_EMC}; "
            "compare them with the label.",
            "emc_out_of_range",
        )
    if psn > _MAX_PSN:
        raise IdentifierError(
            f"The seven digits of the serial part, {digits[5:]}, are higher than the last one, {_MAX_PSN}; "
            "compare them with the label.",
            "psn_out_of_range",
        )
    return _not_all_zeros(f"0{emc:04X}{psn:05X}")


def _read_hex(digits: str) -> str:
    if shapes.is_mac(digits):
        raise wrong_kind(IdentifierKind.MAC, _KIND)
    if not shapes.is_hex(digits) or len(digits) != 10:
        raise _refusal(digits, digits)
    digits = digits.upper()
    if digits == "FFFFFFFFFF":
        raise IdentifierError(
            "FFFFFFFFFF marks an empty slot of a base; enter the IPEI of the handset.", "first_digit_not_zero"
        )
    if digits[0] != "0":
        lost = " (were leading zeros lost in a spreadsheet?)" if shapes.is_digits(digits) else ""
        raise IdentifierError(
            f"An IPEI of 10 hexadecimal digits begins with 0, not {digits[0]}{lost}.", "first_digit_not_zero"
        )
    return _not_all_zeros(digits)


def _not_all_zeros(value: str) -> str:
    if value == "0000000000":
        raise IdentifierError("All zeros is a placeholder, not the IPEI of a handset.", "all_zeros")
    return value


def _remarks_without_check(digits: str) -> tuple[str, ...]:
    remarks = ["No check digit was given."]
    # A spreadsheet drops the leading zero of the whole printed form and leaves twelve digits as well.
    longer = "0" + digits
    if shapes.ipei_check(longer[:12]) == longer[12] and int(longer[5:12]) <= _MAX_PSN:
        remarks.append(
            "If a spreadsheet dropped a leading zero, "
            f"this is {longer[:5]} {longer[5:12]} {longer[12]} instead."
        )
    return tuple(remarks)


def _refusal(written: str, compact: str) -> IdentifierError:
    if shapes.is_spreadsheet_number(written):
        return entry.spreadsheet_number(_KIND)
    if shapes.is_imei(written):
        return wrong_kind(IdentifierKind.IMEI, _KIND)
    if shapes.is_hex(compact):
        if len(compact) == 20:
            return IdentifierError(
                "These 20 hexadecimal digits are a placeholder of a provisioning file; "
                "enter the IPEI of this handset.",
                "placeholder",
            )
        lost = " (was a leading zero lost in a spreadsheet?)" if len(compact) in (9, 11) else ""
        return IdentifierError(
            f"This has {len(compact)} digit{'s' if len(compact) > 1 else ''}; "
            f"an IPEI has 13 as printed or 10 hexadecimal ones{lost}.",
            "wrong_length",
        )
    meant = shapes.digits_for_letters(written)
    if meant != written:
        try:
            return entry.letter_for_digit(written, printed(_read(meant)[0]), _KIND)
        except IdentifierError:
            pass  # still no IPEI: the letter is then only one of its faults
    return entry.refuse_character(written, _ALLOWED, _KIND)

"""IMEI of mobile phones: 14 digits and a Luhn check digit (3GPP TS 23.003, section 6.2)."""

from __future__ import annotations

import re

from hwadmin.identifiers import entry, shapes
from hwadmin.identifiers.kinds import IdentifierError, IdentifierKind, wrong_kind

_KIND = IdentifierKind.IMEI
_ALLOWED = "0123456789:./- "
# A slot number glued to the digits, or set apart from only 14 of them, may be the first digit as well.
_AMBIGUOUS_SLOT = re.compile(
    r"imei(?:sv)?(?:[ _-]*(?:number|no|nr)\b\.?)?"
    r"(?:[12][0-9]|[ _-]*[12][ ./-]+(?:[0-9][ ./-]*){14}$)",
    re.IGNORECASE | re.ASCII,
)

# Without a check digit to prove it, 3 209900 176148 1 must not pass for an IMEI of 14 digits.
_GROUPINGS_WITHOUT_CHECK = frozenset(
    grouping + version for version in ((), (2,)) for grouping in ((2, 6, 6), (6, 2, 6), (8, 6))
) | {(14,), (16,)}


def read(text: str) -> tuple[str, tuple[str, ...]]:
    """Read an IMEI: the stored fifteen digits and harmless remarks.

    Takes 15 digits, 14 (the check digit is computed) and 16 (IMEISV: the software version is dropped);
    spaces, hyphens, points and slashes between them; a leading label such as `IMEI 2:`.

    Raises IdentifierError: `wrong_check`, `wrong_length`, `all_zeros`, `uneven_groups`, `several_values`,
    `ambiguous_label`, `spreadsheet_number`, `is_a_mac`, `is_an_ipei`, `is_an_iccid`, `is_a_serial`,
    `letter_for_digit`, `bad_character`, and those of `typed.value_text`.
    """
    written = entry.value_text(_KIND, text)
    if _AMBIGUOUS_SLOT.match(entry.plain(text, _KIND.noun)):
        raise IdentifierError(
            "The digit after \u201cIMEI\u201d may number the SIM slot or begin the IMEI; "
            "put a colon after “IMEI”.",
            "ambiguous_label",
        )
    return _read(written)


def grouped(value: str) -> str:
    """The form for reading aloud, from the stored value: 35 209900 176148 1."""
    return f"{value[:2]} {value[2:8]} {value[8:14]} {value[14:]}"


def _read(written: str) -> tuple[str, tuple[str, ...]]:
    digits = shapes.without_separators(written).replace("/", "")
    if (
        shapes.is_digits(digits)
        and len(digits) in (14, 15, 16)
        and ":" not in written
        and not shapes.is_spreadsheet_number(written)
    ):
        if len(digits) != 15 and shapes.groups(written) not in _GROUPINGS_WITHOUT_CHECK:
            raise IdentifierError(
                f"These {len(digits)} digits are not grouped like an IMEI, which has 15; compare them all.",
                "uneven_groups",
            )
        return _checked(digits)
    raise _refusal(written, digits)


def _checked(digits: str) -> tuple[str, tuple[str, ...]]:
    body = digits[:14]
    if body == "0" * 14:
        raise IdentifierError("All zeros is a placeholder, not the IMEI of a phone.", "all_zeros")
    value = body + shapes.luhn_check(body)
    if len(digits) == 15 and digits != value:
        raise IdentifierError(
            f"The last digit should be {value[14]}, not {digits[14]}; compare all the digits with the phone.",
            "wrong_check",
        )
    if len(digits) == 16:
        return value, ("This is an IMEISV; its last two digits, the software version, were left out.",)
    if len(digits) == 14:
        remarks = ["No check digit was given."]
        if shapes.has_luhn_check("0" + digits):
            remarks.append(
                f"If a spreadsheet dropped a leading zero, this is {grouped('0' + digits)} instead."
            )
        return value, tuple(remarks)
    return value, ()


def _refusal(written: str, digits: str) -> IdentifierError:
    if shapes.is_mac(written):
        return wrong_kind(IdentifierKind.MAC, _KIND)
    if shapes.is_printed_ipei(written) or shapes.is_hex_ipei(written):
        return wrong_kind(IdentifierKind.IPEI, _KIND)
    if shapes.is_spreadsheet_number(written):
        return entry.spreadsheet_number(_KIND)
    if shapes.is_digits(digits):
        if len(digits) in (19, 20) and digits.startswith("89"):
            return IdentifierError(
                "This is the number of a SIM card (ICCID); the IMEI is on the box or at *#06#.", "is_an_iccid"
            )
        if len(digits) == 30:
            return IdentifierError("This looks like 2 IMEIs; enter one IMEI only.", "several_values")
        if len(digits) in (14, 15, 16):  # only a colon is left as the reason
            return entry.refuse_character(written, _ALLOWED.replace(":", ""), _KIND)
        lost = " (was a leading zero lost in a spreadsheet?)" if len(digits) == 13 else ""
        return IdentifierError(
            f"This has {len(digits)} digit{'s' if len(digits) > 1 else ''}; an IMEI has 15{lost}.",
            "wrong_length",
        )
    meant = shapes.digits_for_letters(written)
    if meant != written:
        try:
            return entry.letter_for_digit(written, grouped(_read(meant)[0]), _KIND)
        except IdentifierError:
            pass  # still no IMEI: the letter is then only one of its faults
    return entry.refuse_character(written, _ALLOWED, _KIND)

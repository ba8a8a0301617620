"""The written shapes of identifiers, shared so that each parser can recognise the others' numbers.

Every pattern is ASCII only and free of nested repetition, so matching is linear in the length of the text.
"""

from __future__ import annotations

import re
from operator import mul

_FLAGS = re.IGNORECASE | re.ASCII

# Pairs (80:5e:c0:09:ab:dc), Cisco's fours (805e.c009.abdc), halves (805ec0-09abdc) or bare; one separator.
_PAIRS = r"[0-9a-f]{2}(?P<pair>[:. -])(?:[0-9a-f]{2}(?P=pair)){4}[0-9a-f]{2}"
MAC_WRITTEN = re.compile(
    rf"[0-9a-f]{{12}}|{_PAIRS}"
    r"|[0-9a-f]{4}(?P<four>[:. -])[0-9a-f]{4}(?P=four)[0-9a-f]{4}"
    r"|[0-9a-f]{6}[:. -][0-9a-f]{6}",
    _FLAGS,
)
# Gigaset prints the MAC-ID: the address, a hyphen, four characters.
MAC_ID = re.compile(rf"(?P<mac>[0-9a-f]{{12}}|{_PAIRS}) ?- ?(?P<code>[0-9a-z]{{4}})", _FLAGS)

_IPEI_PRINTED = re.compile(r"[0-9]{5}[ .:-]*[0-9]{7}[ .:-]*[0-9*]", re.ASCII)
_IPEI_GROUPED = re.compile(r"[0-9]{5}[ .:-]+[0-9]{7}", re.ASCII)
_IPEI_HEX = re.compile(r"(?:0x)?0[0-9a-f]{9}", _FLAGS)

# 8.05E+11, 3,52099E14, 352099001761481.0: what is left after a spreadsheet took the text for a number. A
# mantissa has one digit before its point, not 0, and E- never appears: so 0002E-00005 stays an IPEI.
_SPREADSHEET = re.compile(
    r"[0-9]+(?:[.,][0-9]+)?E\+[0-9]+|[1-9][.,][0-9]+E[0-9]{1,3}|[0-9]{6,}[.,]0{1,2}", _FLAGS
)

_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?E\+[0-9]+|[1-9][.,][0-9]+E[0-9]{1,3}", _FLAGS)
_VALUES = bytes.maketrans(b"0123456789", bytes(range(10)))
# Twice a digit, its two digits added up where there are two.
_DOUBLED = bytes.maketrans(bytes(range(10)), bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))
_GROUP = re.compile("[0-9]+", re.ASCII)
_SEPARATORS = str.maketrans("", "", " .:-")
_LOOKALIKES = str.maketrans("OoIiLl", "001111")


def without_separators(text: str) -> str:
    """The text without spaces, points, colons and hyphens."""
    return text.translate(_SEPARATORS)


def digits_for_letters(text: str) -> str:
    """The text with the letters O, I and L read as the digits they are mistaken for."""
    return text.translate(_LOOKALIKES)


def is_spreadsheet_number(text: str) -> bool:
    """Whether a spreadsheet turned the identifier into a number.

    Ask only after the valid writings have been tried: 001565E00012 is a MAC address.
    """
    return _SPREADSHEET.fullmatch(text) is not None


def is_scientific_number(text: str) -> bool:
    """Whether a text is a number in scientific notation, so that digits of it are lost."""
    return _SCIENTIFIC.fullmatch(text) is not None


def is_mac(text: str) -> bool:
    """Whether the text is written as a MAC address or a Gigaset MAC-ID can be."""
    return MAC_WRITTEN.fullmatch(text) is not None or MAC_ID.fullmatch(text) is not None


def is_mac_and_nothing_else(text: str) -> bool:
    """Whether the text can only be a MAC address; twelve bare decimal digits may be an IPEI as well."""
    return is_mac(text) and not (len(text) == 12 and text.isdecimal())


def ipei_check(twelve_digits: str) -> str:
    """The check character of an IPEI (EN 300 175-6 annex C).

    The sum of digit x position, position 1 on the left, modulo 11; ten is written `*`.
    """
    total = sum(map(mul, _values(twelve_digits), range(1, 13))) % 11
    return "*" if total == 10 else str(total)


def has_luhn_check(digits: str) -> bool:
    """Whether the last of some digits is the right check digit of an IMEI (Luhn)."""
    values = _values(digits)
    return (sum(values[-1::-2]) + sum(values[-2::-2].translate(_DOUBLED))) % 10 == 0


def luhn_check(digits: str) -> str:
    """The digit that makes some digits right when it stands behind them (Luhn)."""
    values = _values(digits)
    return str(-(sum(values[-2::-2]) + sum(values[-1::-2].translate(_DOUBLED))) % 10)


def is_article_number(text: str) -> bool:
    """Whether a text is an article's bar code (EAN, UPC): 8, 12, 13 or 14 digits, the last a right check."""
    if len(text) not in (8, 12, 13, 14) or not is_digits(text):
        return False
    values = _values(text)
    return (sum(values[-1::-2]) + 3 * sum(values[-2::-2])) % 10 == 0


def _values(digits: str) -> bytes:
    """The digits as numbers; what sums them up is several times as quick as one digit after the other."""
    return digits.encode("ascii").translate(_VALUES)


def is_printed_ipei(text: str) -> bool:
    """Whether the text is a printed IPEI: 13 characters with a right check, or two groups of 5 and 7."""
    if _IPEI_GROUPED.fullmatch(text):
        return True
    if not _IPEI_PRINTED.fullmatch(text):
        return False
    compact = without_separators(text)
    return ipei_check(compact[:12]) == compact[12]


def is_hex_ipei(text: str) -> bool:
    """Whether the text is ten hexadecimal digits in one run, the first of them 0."""
    return _IPEI_HEX.fullmatch(text) is not None


def is_imei(text: str) -> bool:
    """Whether the text is fifteen digits with the right check digit."""
    compact = without_separators(text).replace("/", "")
    return len(compact) == 15 and is_digits(compact) and has_luhn_check(compact)


def groups(text: str) -> tuple[int, ...]:
    """How many digits stand in each group: (5, 7) for 00146 0156577."""
    return tuple(len(group) for group in _GROUP.findall(text))


def is_digits(text: str) -> bool:
    """Whether the text is one or more of the ten ASCII digits; other scripts' digits do not count."""
    return text.isascii() and text.isdecimal()


def is_hex(text: str) -> bool:
    """Whether the text is one or more ASCII hexadecimal digits."""
    return bool(text) and not text.strip("0123456789abcdefABCDEF")

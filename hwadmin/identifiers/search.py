"""From what a person types into a search box to the identifiers it could mean."""

from __future__ import annotations

from hwadmin.identifiers import entry, shapes
from hwadmin.identifiers.identifier import parse
from hwadmin.identifiers.kinds import IdentifierError, IdentifierKind

_SHORTEST_PREFIX = 4
_EMC_DIGITS = 5


def search_values(text: str) -> frozenset[tuple[IdentifierKind, str]]:
    """Every stored (kind, value) the text could denote in any of its writings; empty if none. Never raises.

    Separators are read more freely than in a form: a search may find two devices where a form must not guess.
    Twelve decimal digits may be a MAC address and an IPEI without its check character.
    """
    if len(text) > entry.MAX_LENGTH:
        return frozenset()
    found = set()
    for kind in IdentifierKind:
        for writing in {text, shapes.without_separators(text)}:
            try:
                found.add((kind, parse(kind, writing).value))
            except IdentifierError:
                continue  # not a writing of this kind
    return frozenset(found)


def search_prefix(text: str) -> frozenset[tuple[IdentifierKind, str]]:
    """Beginnings of stored values that the text could be, if it has four digits or more. Never raises.

    "805e" begins the MAC addresses 80:5e:..., "02C3" an IPEI in hexadecimal, "11324" one as printed (the five
    digits of the manufacturer), "3520" an IMEI. Whole identifiers belong to `search_values`.
    """
    if len(text) > entry.MAX_LENGTH:
        return frozenset()
    digits = shapes.without_separators(text.strip())
    if len(digits) < _SHORTEST_PREFIX or not shapes.is_hex(digits):
        return frozenset()
    found = set()
    if len(digits) < 12:
        pairs = ":".join(digits[start : start + 2] for start in range(0, len(digits), 2))
        found.add((IdentifierKind.MAC, pairs.lower()))
    if digits[0] == "0" and len(digits) < 10:
        found.add((IdentifierKind.IPEI, digits.upper()))
    if shapes.is_digits(digits):
        if len(digits) == _EMC_DIGITS and int(digits) <= 0xFFFF:
            found.add((IdentifierKind.IPEI, f"0{int(digits):04X}"))
        if len(digits) < 14:
            found.add((IdentifierKind.IMEI, digits))
    return frozenset(found)

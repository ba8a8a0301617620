"""Identifiers as they come out of a carton: numbered on, right to the check digit."""

from __future__ import annotations

from random import Random

from stdnum import luhn

from hwadmin.domain.device_kinds import Kind
from hwadmin.identifiers import IdentifierKind, display

# Prefixes of MAC addresses registered to the makers.
_OUIS = {
    "Yealink": ("805EC0", "249AD8", "C4FC22", "44DBD2"),
    "Snom": ("000413",),
    "Gigaset": ("7C2F80", "589EC6"),
}
# Manufacturer codes of IPEIs, and the first eight digits of IMEIs; made up where no public list gives them.
_EMCS = {"Yealink": 0x2C3C, "Snom": 0x1280, "Gigaset": 0x0292}
_TACS = {"Apple": "35691234", "Samsung": "35484710"}


class Numbers:
    """Gives every unit an identifier nobody has yet."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._last: dict[tuple[str, Kind], tuple[str, int]] = {}
        self._given: set[str] = set()

    def carton(self, make: str, kind: Kind) -> None:
        """Open another carton: the next numbers of this make and kind are from elsewhere in its range."""
        self._last.pop((make, kind), None)

    def fresh(self, make: str, kind: Kind) -> str:
        """The next identifier, written as people read it."""
        while (identifier := self._next(make, kind)) in self._given:
            pass
        self._given.add(identifier)
        return identifier

    def _next(self, make: str, kind: Kind) -> str:
        key = (make, kind)
        if key not in self._last:
            self._last[key] = (self._range(make, kind), self._random.randrange(0x1000, 0x9F000))
        prefix, number = self._last[key]
        number += self._random.choice((1, 1, 1, 2, 3))
        self._last[key] = prefix, number
        match kind.identifier_kind:
            case IdentifierKind.MAC:
                value = f"{prefix}{number:06X}".lower()
                return ":".join(value[at : at + 2] for at in range(0, 12, 2))
            case IdentifierKind.IPEI:
                return display(IdentifierKind.IPEI, f"{prefix}{number:05X}")
            case IdentifierKind.IMEI:
                digits = f"{prefix}{number:06d}"
                return digits + str(luhn.calc_check_digit(digits))
        raise ValueError(f"{kind} has no identifier")

    def _range(self, make: str, kind: Kind) -> str:
        match kind.identifier_kind:
            case IdentifierKind.MAC:
                return self._random.choice(_OUIS[make])
            case IdentifierKind.IPEI:
                return f"0{_EMCS[make]:04X}"
        return _TACS[make]

"""Who made a device, by the first half of its MAC address.

Our own table holds the makes of phones we sell, by short name. Any other address is looked up in the IEEE
registry that python-stdnum carries.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile
from pathlib import Path

import stdnum
from stdnum import numdb

# The registry as python-stdnum carries it: a line names prefixes, and below it stand the parts of one.
_REGISTRY = Path(stdnum.__file__).with_name("oui.dat")
_BITS_OF_PLACE = 32


@dataclass(frozen=True, slots=True)
class Make:
    """A make of phones: its short name, the names it also goes by, and its MAC prefixes (OUI)."""

    name: str
    also: tuple[str, ...]
    ouis: tuple[str, ...]

    @property
    def with_article(self) -> str:
        """The name behind its article, by sound: "a Yealink", "an RTX"."""
        return f"an {self.name}" if self.name[0] in "AEIO" or self.name == "RTX" else f"a {self.name}"


def _make(name: str, ouis: str, *also: str) -> Make:
    return Make(name, also, tuple(ouis.lower().split()))


MAKES = (
    _make("Yealink", "001565 249AD8 3497D7 44DBD2 644F56 805E0C 805EC0 B061A9 C4FC22 EC1DA9 F01653"),
    _make("Snom", "000413 1C7126"),
    _make("Gigaset", "7C2F80 002104 589EC6 14B370 000B23 0013A3 0018D1"),
    _make("Grandstream", "000B82 144CFF C074AD EC74D7"),
    _make(
        "Poly",
        "0004F2 64167F 482567 000389 00197F 00237F 0CE0E4 385C76 48C1AC 8C9B2D BCF292 E422A5 F4B688",
        "Polycom",
        "Plantronics",
    ),
    _make("Mitel", "00085D 08000F 1400E9 0010BC 003042", "Aastra"),
    _make("Spectralink", "00907A 0013D1", "KIRK"),
    _make("Fanvil", "0C383E"),
    _make("Panasonic", "0080F0 080023 BCC342"),
    _make("RTX", "00087B"),
)
_MAKE_BY_OUI = {oui: make for make in MAKES for oui in make.ouis}
_MAKE_BY_NAME = {name.lower(): make for make in MAKES for name in (make.name, *make.also)}


def make_of_oui(mac_value: str) -> Make | None:
    """The make in our own table that a stored MAC address belongs to."""
    return _MAKE_BY_OUI.get(mac_value.replace(":", "")[:6])


def vendor(mac_value: str) -> str | None:
    """The maker of a device by its stored MAC address.

    The short name from our table ("Yealink"), else the organisation in the IEEE registry of python-stdnum,
    else None. The registry is looked through at the first question, not at import, and every answer is kept.
    """
    if make := make_of_oui(mac_value):
        return make.name
    digits = mac_value.replace(":", "").upper()
    # Most prefixes have six digits, which keeps the cache small; shared ones are divided further, up to nine.
    return _organisation(digits[:6]) or _organisation(digits[:9])


@lru_cache(maxsize=8192)
def _organisation(prefix: str) -> str | None:
    properties: dict[str, str] = {}
    for _part, found in numdb.read(_lines_about(prefix[:6])).info(prefix):
        properties.update(found)
    name = properties.get("o", "").replace("%", '"')  # the registry writes a quote as %
    return None if name in ("", "Private") else name


def _lines_about(oui: str) -> list[str]:
    """The lines of the registry that these six digits may be in, each with those of its parts below it."""
    lines: list[str] = []
    places, begin = _places(), int(oui, 16) << _BITS_OF_PLACE
    end = begin + (1 << _BITS_OF_PLACE)
    with _REGISTRY.open("rb") as file:
        for place in places[bisect_left(places, begin) : bisect_left(places, end)]:
            file.seek(place - begin)
            lines.append(file.readline().decode())
            lines += (part.decode() for part in takewhile(_is_part, file))
    return lines


@cache
def _places() -> array[int]:
    """The prefixes of six digits in the registry, sorted; in the low bits of each where its line begins.

    python-stdnum would hold the whole of it as objects: 23 MiB in each worker, for a few makers in any list.
    """
    places: set[int] = set()
    begin = 0
    with _REGISTRY.open("rb") as file:
        for line in file:
            if not line.startswith((b" ", b"#", b"\n")):
                for prefixes in line.partition(b" ")[0].split(b","):
                    low, _, high = prefixes.partition(b"-")
                    for oui in range(int(low[:6], 16), int((high or low)[:6], 16) + 1):
                        places.add(oui << _BITS_OF_PLACE | begin)
            begin += len(line)
    return array("Q", sorted(places))


def _is_part(line: bytes) -> bool:
    return line.startswith(b" ")


def _words(name: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", name.lower()))


def _known_make(words: tuple[str, ...]) -> Make | None:
    return next((_MAKE_BY_NAME[word] for word in words if word in _MAKE_BY_NAME), None)


@lru_cache(maxsize=1024)
def same_make(one: str, other: str) -> bool:
    """Whether two names mean one make, whatever it was called before.

    "Poly" is "Polycom", "Mitel" is "Aastra", "Spectralink" is "KIRK", "Gigaset" is "Siemens Gigaset". Makes
    outside our table agree if one name holds the other as whole words: "Cisco" and "Cisco Systems, Inc".
    """
    first, second = sorted((_words(one), _words(other)), key=len)
    known_first, known_second = _known_make(first), _known_make(second)
    if known_first or known_second:
        return known_first is known_second
    return bool(first) and any(
        second[start : start + len(first)] == first for start in range(len(second) - len(first) + 1)
    )

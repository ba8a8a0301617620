"""What looks odd about a MAC address without making it wrong: reasons to look twice, never to refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from hwadmin.identifiers.identifier import Identifier
from hwadmin.identifiers.kinds import IdentifierKind
from hwadmin.identifiers.vendors import make_of_oui, same_make, vendor

_ECHO = 40
_LOCALLY_ADMINISTERED = 0x02  # IEEE 802: the second lowest bit of the first octet


def warnings(identifier: Identifier, make: str | None) -> tuple[str, ...]:
    """Sentences about one MAC address that are worth a second look; nothing for other kinds.

    Its locally administered bit, a prefix nobody has registered, a maker other than the make ordered.
    `make` is the catalog item's; None leaves the comparison out.
    """
    if identifier.kind is not IdentifierKind.MAC:
        return ()
    value = identifier.value
    maker = vendor(value)
    found = []
    if int(value[:2], 16) & _LOCALLY_ADMINISTERED:
        found.append(
            "This MAC address was set by hand or by software (locally administered), not by the maker."
        )
    elif maker is None:
        found.append(f"No maker is known for MAC addresses beginning with {value[:8]}.")
    if maker is not None and make is not None and make.strip() and not same_make(maker, make):
        ours = make_of_oui(value)
        ordered = make.strip()[:_ECHO]
        if ours is not None:
            found.append(f"This is {ours.with_article} MAC address; the order says {ordered}.")
        else:
            found.append(f"This MAC address is registered to {maker}; the order says {ordered}.")
    return tuple(found)


def near_duplicates(identifiers: Sequence[Identifier | None]) -> dict[int, Identifier]:
    """For each place whose identifier is one wrong digit, or two swapped ones, from another: that other one.

    None stands for a field left blank. Devices of one carton are numbered on, so most of them differ in one
    digit from some other. That is odd only where one of the two stands alone: nothing else begins as it does
    up to the digit in question. Never odd are the last two digits. IMEIs are left in peace: their check digit
    finds both mistakes.

    Linear: what may be alike is looked up, not compared in pairs.
    """
    near: dict[int, Identifier] = {}
    for kind, digits in _DIGITS.items():
        places: dict[int, list[int]] = {}
        for place, one in enumerate(identifiers):
            if one and one.kind is kind:
                places.setdefault(int(one.value.replace(":", ""), 16), []).append(place)
        for value, twin in _twins(list(places), digits).items():
            other = identifiers[places[twin][0]]
            assert other is not None
            near.update(dict.fromkeys(places[value], other))
    return near


# How many hexadecimal digits a stored value has.
_DIGITS = {IdentifierKind.MAC: 12, IdentifierKind.IPEI: 10}


def _twins(values: Sequence[int], digits: int) -> dict[int, int]:
    """For each number that is nearly another one: the smallest such other."""
    present = set(values)
    found: dict[int, set[int]] = {}
    # From the first digit to the last but two; 0 bits to the right of the last digit.
    for shift in range(4 * (digits - 1), 4, -4):
        beginnings = Counter(value >> shift for value in values)
        mask = ~(0xF << shift)
        alike: dict[int, list[int]] = {}
        for value in values:
            alike.setdefault(value & mask, []).append(value)
            # This digit and the one behind it, swapped.
            change = (value >> shift ^ value >> shift - 4) & 0xF
            other = value ^ (change << shift | change << shift - 4)
            if change and other in present and _alone(beginnings, shift, value, other):
                found.setdefault(value, set()).add(other)
        for group in alike.values():
            for value in group if len(group) > 1 else ():
                others = {other for other in group if other != value}
                found.setdefault(value, set()).update(
                    other for other in others if _alone(beginnings, shift, value, other)
                )
    return {value: min(others) for value, others in found.items() if others}


def _alone(beginnings: Mapping[int, int], shift: int, *values: int) -> bool:
    """Whether nothing else begins like one of them."""
    return any(beginnings[value >> shift] == 1 for value in values)


def odd_one_out(identifiers: Sequence[Identifier | None]) -> tuple[int, str] | None:
    """The place of the only MAC address of another maker among three or more, and the maker of the others.

    Pass the identifiers of one catalog item; None stands for a field left blank.
    """
    makers = {
        place: vendor(one.value)
        for place, one in enumerate(identifiers)
        if one and one.kind is IdentifierKind.MAC
    }
    if len(makers) < 3:
        return None
    usual, count = Counter(makers.values()).most_common(1)[0]
    if usual is None or count != len(makers) - 1:
        return None
    place = next(place for place, maker in makers.items() if maker != usual)
    return None if same_make(makers[place] or "", usual) else (place, usual)

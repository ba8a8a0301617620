"""What looks odd about a MAC address without making it wrong: reasons to look twice, never to refuse."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

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


def warnings_among(identifiers: Sequence[Identifier | None]) -> tuple[tuple[str, ...], ...]:
    """For each identifier of one form, in order, sentences about how it sits among the others.

    A MAC address that differs from another by one wrong digit or two swapped ones, and the only one of
    another maker among three or more. Pass the identifiers of one catalog item; None stands for a field left
    blank. Addresses that differ in the last two digits only are left in peace: devices of one carton are
    numbered on.
    """
    found: list[list[str]] = [[] for _ in identifiers]
    macs = {
        place: one.value for place, one in enumerate(identifiers) if one and one.kind is IdentifierKind.MAC
    }
    for place, twin in _near_duplicates(macs).items():
        found[place].append(f"This is almost the same as {twin}; compare both with their labels.")
    odd = _odd_one_out(macs)
    if odd is not None:
        place, usual = odd
        found[place].append(f"All the others here are {usual} addresses; this one is not.")
    return tuple(tuple(sentences) for sentences in found)


def _near_duplicates(macs: dict[int, str]) -> dict[int, str]:
    """For each place with a near-duplicate, one such address. Linear: looked up, not compared in pairs."""
    masked: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
    values = set(macs.values())
    for value in values:
        for position, digits in _one_digit_left_out(value):
            masked[position, digits].add(value)
    near: dict[int, str] = {}
    for place, value in macs.items():
        twins = {twin for key in _one_digit_left_out(value) for twin in masked[key]}
        twins |= values.intersection(_two_swapped(value))
        twins = {twin for twin in twins if twin[:-2] != value[:-2]}
        if twins:
            near[place] = min(twins)
    return near


def _one_digit_left_out(value: str) -> list[tuple[int, str]]:
    digits = value.replace(":", "")
    # The last two digits are never left out: differing there alone is no reason for a warning.
    return [(position, digits[:position] + digits[position + 1 :]) for position in range(10)]


def _two_swapped(value: str) -> set[str]:
    digits = value.replace(":", "")
    swapped = set()
    for at in range(11):
        other = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
        swapped.add(":".join(other[start : start + 2] for start in range(0, 12, 2)))
    return swapped


def _odd_one_out(macs: dict[int, str]) -> tuple[int, str] | None:
    if len(macs) < 3:
        return None
    makers = {place: vendor(value) for place, value in macs.items()}
    usual, count = Counter(makers.values()).most_common(1)[0]
    if usual is None or count != len(macs) - 1:
        return None
    place = next(place for place, maker in makers.items() if maker != usual)
    return None if same_make(makers[place] or "", usual) else (place, usual)

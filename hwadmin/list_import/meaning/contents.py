"""What the values of a column are, whatever stands above them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from hwadmin.identifiers import IdentifierError, IdentifierKind, parse
from hwadmin.identifiers.harvest import harvest
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.lists import CONDITIONAL, SourceRow
from hwadmin.list_import.meaning.headings import ASIDE, OF_TARGET, PERSON_MEANINGS, Meaning, heading

_HIDDEN_COLUMN = re.compile(r"Column ([0-9]+) \((.*)\) is hidden")
_NAME = re.compile(r"[^\W\d_]+\.?(?:[ ,'\u2019-]+[^\W\d_]+\.?){1,3}")


def by_content(values: Sequence[str], names: Names, *, headed: bool = False) -> Meaning | None:
    """What most of the values are; None where they are nothing in particular.

    `headed`: whether its heading is known. Else one name of the plan makes it a column of people.
    """
    if not values:
        return None
    counts: dict[Meaning, int] = {}
    for value in values:
        for meaning in _meanings_of(value, names):
            counts[meaning] = counts.get(meaning, 0) + 1
    best = max(counts, key=lambda meaning: counts[meaning], default=None)
    enough = 0.4 if best in (Meaning.MODEL, Meaning.SKU, *OF_TARGET) else 0.6
    if best and counts[best] >= enough * len(values):
        return best
    # Where one is somebody's name, so are the others, of whom nobody is in the plan.
    named = [] if headed else [meaning for meaning in (Meaning.PERSON, Meaning.EMAIL) if meaning in counts]
    return named[0] if named else None


def may_be_names(values: Sequence[str]) -> bool:
    """Whether most of the values can be names of people, of whom hardly any stands there twice."""
    names = [value for value in values if _NAME.fullmatch(value) and value != value.lower()]
    return len(names) >= 0.6 * len(values) > 0 and len(set(names)) > len(names) / 2


def _meanings_of(value: str, names: Names) -> list[Meaning]:
    matches = harvest(value).identifiers
    if len(matches) == 1 and matches[0].end - matches[0].start >= len(value.strip("\"' ")) - 8:
        if matches[0].certain:
            return [Meaning(matches[0].readings[0].kind.value)]
        if not value.startswith("0") or len(matches[0].readings) > 1:
            return [Meaning.IDENTIFIER]
    if names.is_sku(value):
        return [Meaning.SKU]
    if names.planned.is_email(value):
        return [Meaning.EMAIL]
    if names.planned.is_person(value):
        return [Meaning.PERSON]
    if names.planned.has_places and names.planned.at_place(value):
        return [Meaning.PLACE]
    if names.by_model(value).lines:
        return [Meaning.MODEL]
    if names.planned.is_number(value):
        return [Meaning.EMPLOYEE_NUMBER]
    return [Meaning.PERSON] if names.planned.by_parts(value) else []


def contradict(by_heading: Meaning, held: Meaning, values: Sequence[str]) -> bool:
    """Whether a heading and what stands under it disagree about an identifier."""
    if not held.kinds or held is Meaning.IDENTIFIER or by_heading is held:
        return False
    if by_heading is Meaning.ANOTHER:
        return False  # the old one's
    if by_heading in ASIDE and not (by_heading is Meaning.SERIAL and held in (Meaning.MAC, Meaning.IPEI)):
        return False  # IMEI2 holds IMEIs, WLAN MAC holds MAC addresses
    if not by_heading.kinds:
        return True
    return sum(_reads(by_heading.kinds, value) for value in values) * 2 < len(values)


def _reads(kinds: Sequence[IdentifierKind], value: str) -> bool:
    for kind in kinds:
        try:
            parse(kind, value)
        except IdentifierError:
            continue
        return True
    return False


def hidden_that_matter(
    rows: Iterable[SourceRow], meanings: Sequence[Meaning], *, with_people: bool
) -> list[str]:
    """What a workbook hides that may matter: cells by a condition, the only column of something."""
    unclear = []
    asks_whom = with_people and not any(meaning in PERSON_MEANINGS for meaning in meanings)
    for row in rows:
        if row.left_out and row.text.startswith(CONDITIONAL):
            unclear.append(f"{row.text} Look there which rows are meant.")
        hidden = _HIDDEN_COLUMN.match(row.text) if row.left_out else None
        meant = heading(hidden[2]) if hidden else None
        if hidden is None or meant is None:
            continue
        if (meant.kinds and meant not in meanings) or (asks_whom and meant in PERSON_MEANINGS):
            unclear.append(f"Column {hidden[1]}, “{hidden[2]}”, is hidden; is it the one that matters?")
    return unclear

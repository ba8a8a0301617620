"""What is worth a second look in an order before it is sent or approved. It warns and never refuses. Pure.

The sentences foretell what pairing will do (operations/pairing.py) once the units have arrived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hwadmin.identifiers import same_make
from hwadmin.kinds import Kind
from hwadmin.models import LineItem
from hwadmin.models.catalog import title
from hwadmin.queries.units import UnitRow

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MOST_ALIKE = 5


@dataclass(frozen=True, slots=True)
class LineFacts:
    """The facts about one line that a warning may need.

    ``chosen_bases`` holds, for a line of handsets, the base chosen for each unit: the order's base units
    counted from 1 in line order, None where none was chosen. Units it does not reach have none.
    """

    kind: Kind
    make: str
    model: str
    quantity: int
    max_handsets: int | None = None
    archived: bool = False
    chosen_bases: Sequence[int | None] = ()

    @property
    def title(self) -> str:
        """Make and model, as people say it."""
        return title(self.make, self.model)


@dataclass(frozen=True, slots=True)
class _Base:
    """One base unit: how people name it, and what it takes."""

    label: str
    make: str
    max_handsets: int | None


@dataclass(frozen=True, slots=True)
class _Handsets:
    """Handsets alike: of one model, to be paired to the same base (None: no base is chosen)."""

    title: str
    make: str
    base: int | None
    count: int


def order_warnings(lines: Sequence[LineFacts]) -> list[str]:
    """Plain sentences about an order's lines: handsets and bases that do not fit, archived items."""
    bases = _bases(lines)
    handsets = _handsets(lines, len(bases))
    count = sum(some.count for some in handsets)
    warnings: list[str] = []
    if handsets and not bases:
        it = "it" if count == 1 else "they"
        warnings.append(
            f"{_count(count)}, but no base: {it} will be left for on-site registration, or add a base."
        )
    elif handsets:
        warnings += _undecided(bases, handsets)
        warnings += _shortened(_different_makes(bases, handsets))
        warnings += _shortened(_too_many(bases, handsets))
    warnings += [
        f"{line.title} is archived: it may be kept or lowered, not raised." for line in lines if line.archived
    ]
    return warnings


def facts_of_order(lines: Sequence[LineItem], units: Sequence[UnitRow]) -> list[LineFacts]:
    """The facts about the lines of an order that is there already.

    Args:
        lines: the order's lines in their order, with their catalog items loaded.
        units: all its units, in unit order.
    """
    bases = [unit.id for unit in units if unit.kind is Kind.DECT_BASE]
    number = {unit_id: place for place, unit_id in enumerate(bases, 1)}
    return [
        LineFacts(
            kind=line.kind,
            make=line.make,
            model=line.model,
            quantity=line.quantity,
            max_handsets=line.max_handsets,
            archived=line.catalog_item.archived_at is not None,
            chosen_bases=[
                number.get(unit.base_unit_id or 0)
                for unit in units
                if unit.line_id == line.id and line.kind is Kind.DECT_HANDSET
            ],
        )
        for line in lines
    ]


def _bases(lines: Iterable[LineFacts]) -> list[_Base]:
    found = [line for line in lines if line.kind is Kind.DECT_BASE]
    alone = sum(line.quantity for line in found) == 1
    return [
        _Base(line.title if alone else f"{line.title} #{number}", line.make, line.max_handsets)
        for line in found
        for number in range(1, line.quantity + 1)
    ]


def _handsets(lines: Iterable[LineFacts], bases: int) -> list[_Handsets]:
    counts: Counter[tuple[str, str, int | None]] = Counter()
    for line in lines:
        if line.kind is not Kind.DECT_HANDSET:
            continue
        for place in range(line.quantity):
            chosen = line.chosen_bases[place] if place < len(line.chosen_bases) else None
            if chosen is not None and not 1 <= chosen <= bases:
                chosen = None
            # A single base takes them all, chosen or not.
            counts[line.title, line.make, 1 if bases == 1 else chosen] += 1
    return [_Handsets(*alike, count) for alike, count in counts.items()]


def _undecided(bases: Sequence[_Base], handsets: Sequence[_Handsets]) -> list[str]:
    """Among several bases a handset is paired only where one was chosen for it."""
    count = sum(some.count for some in handsets if some.base is None)
    if not count:
        return []
    it = "it" if count == 1 else "they"
    return [
        f"{_count(count)} without a chosen base, and {_word(len(bases))} bases: "
        f"{it} will be left for on-site registration, or choose a base for each."
    ]


def _different_makes(bases: Sequence[_Base], handsets: Sequence[_Handsets]) -> list[str]:
    makes = {base.make for base in bases}
    warnings = []
    for some in handsets:
        if some.base is None:
            if not any(same_make(some.make, make) for make in makes):
                warnings.append(
                    f"{some.count:,} × {some.title}, but no base of that make: "
                    "different makes are not paired."
                )
        elif not same_make(some.make, bases[some.base - 1].make):
            warnings.append(
                f"{some.count:,} × {some.title} with {bases[some.base - 1].label}: "
                "different makes are not paired."
            )
    return warnings


def _too_many(bases: Sequence[_Base], handsets: Sequence[_Handsets]) -> list[str]:
    """More handsets than a base takes, counting only those that would be paired to it."""
    meant: Counter[int] = Counter()
    for some in handsets:
        if some.base is not None and same_make(some.make, bases[some.base - 1].make):
            meant[some.base] += some.count
    warnings = []
    for number, base in enumerate(bases, 1):
        most, count = base.max_handsets, meant[number]
        if most is None or count <= most:
            continue
        surplus = f"{_word(count - most)} will be left for on-site registration"
        if len(bases) == 1:
            missing = -(-(count - most) // most)
            more = "a second base" if missing == 1 else f"{_word(missing)} more bases"
            warnings.append(f"{_count(count)}, but {base.label} takes {most:,}: {surplus}, or add {more}.")
        else:
            warnings.append(
                f"{_count(count)} for {base.label}, but it takes {most:,}: "
                f"{surplus}, or choose another base for them."
            )
    count = sum(some.count for some in handsets)
    takes = [base.max_handsets for base in bases if base.max_handsets is not None]
    undecided = any(some.base is None for some in handsets)
    if undecided and len(takes) == len(bases) and count > sum(takes):
        warnings.append(f"{_count(count)}, but the {_word(len(bases))} bases take {sum(takes):,} together.")
    return warnings


def _shortened(warnings: Sequence[str]) -> list[str]:
    """The first few of many alike: with hundreds of bases nobody would read them all."""
    if len(warnings) <= _MOST_ALIKE:
        return list(warnings)
    more = len(warnings) - _MOST_ALIKE
    return [*warnings[:_MOST_ALIKE], f"The same holds for {_word(more)} more."]


def _count(handsets: int) -> str:
    return f"{handsets:,} handset" + ("" if handsets == 1 else "s")


def _word(number: int) -> str:
    return _WORDS[number] if number < len(_WORDS) else f"{number:,}"

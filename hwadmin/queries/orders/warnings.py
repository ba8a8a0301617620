"""Warnings about an order, before it is sent or approved. They refuse nothing.

The sentences state what pairing will do (operations/fulfillment/pairing.py) once the units have arrived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.wording import inflect, plural
from hwadmin.identifiers import same_make
from hwadmin.models import HardwareOrder, LineItem
from hwadmin.models.catalog import title
from hwadmin.queries.orders.orders import OPEN
from hwadmin.queries.units.units import UnitRow

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MAX_ALIKE = 5


@dataclass(frozen=True, slots=True)
class WarningLine:
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
    """Handsets of one model that are to be paired to the same base; None where no base is chosen."""

    title: str
    make: str
    base: int | None
    count: int


def order_warnings(lines: Sequence[WarningLine]) -> list[str]:
    """Plain sentences about an order's lines: handsets and bases that do not fit, archived items."""
    bases = _bases(lines)
    handsets = _handsets(lines, len(bases))
    count = sum(some.count for some in handsets)
    warnings: list[str] = []
    if handsets and not bases:
        warnings.append(
            f"{plural(count, 'handset')}, but no base: {inflect(count, 'it', 'they')} will "
            "be left for on-site registration, or add a base."
        )
    elif handsets:
        warnings += _undecided(bases, handsets)
        warnings += _shortened(_different_makes(bases, handsets))
        warnings += _shortened(_too_many(bases, handsets))
    warnings += [
        f"{line.title} is archived: it may be kept or lowered, not raised." for line in lines if line.archived
    ]
    return warnings


def warning_lines(lines: Sequence[LineItem], units: Sequence[UnitRow]) -> list[WarningLine]:
    """The facts about the lines of an order that is there already.

    Args:
        lines: the order's lines in their order, with their catalog items loaded.
        units: all its units, in unit order.
    """
    bases = [unit.id for unit in units if unit.kind is Kind.DECT_BASE]
    number_of = {unit_id: number for number, unit_id in enumerate(bases, 1)}
    return [
        WarningLine(
            kind=line.kind,
            make=line.make,
            model=line.model,
            quantity=line.quantity,
            max_handsets=line.max_handsets,
            archived=line.catalog_item.archived_at is not None,
            chosen_bases=[
                number_of.get(unit.base_unit_id or 0)
                for unit in units
                if unit.line_id == line.id and line.kind is Kind.DECT_HANDSET
            ],
        )
        for line in lines
    ]


def outdated_plans(order: HardwareOrder, units: Sequence[UnitRow]) -> list[str]:
    """Plain sentences about people who left and locations that are gone, while units are still planned so."""
    if order.status not in OPEN:
        return []
    open_units = [unit for unit in units if unit.device_id is None and unit.closed_at is None]
    left = sorted({unit.employee_name for unit in open_units if unit.employee_left_at and unit.employee_name})
    gone = sorted({unit.location_name for unit in open_units if unit.location_gone_at and unit.location_name})
    return [f"{name} has left; units are still planned for them." for name in left] + [
        f"{name} is archived; units are still planned there." for name in gone
    ]


def _bases(lines: Iterable[WarningLine]) -> list[_Base]:
    base_lines = [line for line in lines if line.kind is Kind.DECT_BASE]
    is_only_one = sum(line.quantity for line in base_lines) == 1
    return [
        _Base(line.title if is_only_one else f"{line.title} #{number}", line.make, line.max_handsets)
        for line in base_lines
        for number in range(1, line.quantity + 1)
    ]


def _handsets(lines: Iterable[WarningLine], bases: int) -> list[_Handsets]:
    counts: Counter[tuple[str, str, int | None]] = Counter()
    for line in lines:
        if line.kind is not Kind.DECT_HANDSET:
            continue
        for index in range(line.quantity):
            chosen = line.chosen_bases[index] if index < len(line.chosen_bases) else None
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
    return [
        f"{plural(count, 'handset')} without a chosen base, and {_word(len(bases))} bases: "
        f"{inflect(count, 'it', 'they')} will be left for on-site registration, or choose a base for each."
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
    paired: Counter[int] = Counter()
    for some in handsets:
        if some.base is not None and same_make(some.make, bases[some.base - 1].make):
            paired[some.base] += some.count
    warnings = []
    for number, base in enumerate(bases, 1):
        most, count = base.max_handsets, paired[number]
        if most is None or count <= most:
            continue
        surplus = f"{_word(count - most)} will be left for on-site registration"
        if len(bases) == 1:
            missing = -(-(count - most) // most)
            more = "a second base" if missing == 1 else f"{_word(missing)} more bases"
            warnings.append(
                f"{plural(count, 'handset')}, but {base.label} takes {most:,}: {surplus}, or add {more}."
            )
        else:
            warnings.append(
                f"{plural(count, 'handset')} for {base.label}, but it takes {most:,}: "
                f"{surplus}, or choose another base for them."
            )
    count = sum(some.count for some in handsets)
    takes = [base.max_handsets for base in bases if base.max_handsets is not None]
    undecided = any(some.base is None for some in handsets)
    if undecided and len(takes) == len(bases) and count > sum(takes):
        warnings.append(
            f"{plural(count, 'handset')}, but the {_word(len(bases))} bases take {sum(takes):,} together."
        )
    return warnings


def _shortened(warnings: Sequence[str]) -> list[str]:
    """The first few of many alike: with hundreds of bases nobody would read them all."""
    if len(warnings) <= _MAX_ALIKE:
        return list(warnings)
    more = len(warnings) - _MAX_ALIKE
    return [*warnings[:_MAX_ALIKE], f"The same holds for {_word(more)} more."]


def _word(number: int) -> str:
    return _WORDS[number] if number < len(_WORDS) else f"{number:,}"

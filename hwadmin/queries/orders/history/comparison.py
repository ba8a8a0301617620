"""Two snapshots of an order compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hwadmin.queries.orders.history.as_of import LineSnapshot, OrderSnapshot


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that differs between two snapshots; None where it is empty."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two snapshots."""

    facts: list[Difference]
    # Quantities, by line.
    lines: list[Difference]
    # For whom and where, by unit.
    plans: list[Difference]
    # Identifiers, by unit.
    units: list[Difference]

    def __bool__(self) -> bool:
        return bool(self.facts or self.lines or self.plans or self.units)


def comparison_of(before: OrderSnapshot, after: OrderSnapshot) -> Comparison:
    """What differs between two snapshots."""
    facts = _differences(
        {"Status": before.status.label, **before.facts}, {"Status": after.status.label, **after.facts}
    )
    lines = _differences(
        _quantities(before.lines),
        _quantities(after.lines),
    )
    plans = _differences(before.plans, after.plans)
    units = _differences(
        {unit.label: unit.identifier for unit in before.units.values()},
        {unit.label: unit.identifier for unit in after.units.values()},
    )
    return Comparison(facts, lines, plans, units)


def _quantities(lines: Iterable[LineSnapshot]) -> dict[str, str]:
    """How many of each thing, where accessories of several devices are lines of their own."""
    counts: Counter[str] = Counter()
    for line in lines:
        counts[_line_name(line)] += line.quantity
    return {name: str(count) for name, count in counts.items()}


def _line_name(line: LineSnapshot) -> str:
    return f"{line.title} ({' · '.join(filter(None, (line.sku, line.variant)))})"


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    return [
        Difference(name, before.get(name), after.get(name))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]

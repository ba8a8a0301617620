"""What is typed of line items, as the operations and the warnings understand it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.text_validation import tidied
from hwadmin.forms.accounts.creation import MOST_UNITS_SHOWN, PLANS, LineInput
from hwadmin.models import CatalogItem
from hwadmin.queries.orders.warnings import WarningLine

_ASKS = {"employee": "for whom", "location": "where", "base": "with which base"}


def offered(kind: Kind) -> tuple[str, ...]:
    """What can be planned for a unit of this kind."""
    fits = {"employee": kind.has_employee, "location": kind.has_location, "base": kind is Kind.DECT_HANDSET}
    return tuple(plan for plan in PLANS if fits[plan])


def asks(kind: Kind) -> str:
    """What is asked of each unit of this kind, in words: ``For whom and where``."""
    return " and ".join(_ASKS[plan] for plan in offered(kind)).capitalize()


def base_units(
    lines: Sequence[LineInput], by_sku: Mapping[str, CatalogItem]
) -> tuple[list[tuple[str, str]], dict[str, int]]:
    """The bases to choose from, as ``line.unit`` and name; and the number the order gives each.

    An order makes one line of all lines of a SKU, so its numbers may run otherwise than the form's.
    """
    choices: list[tuple[str, str]] = []
    of_sku: dict[str, list[str]] = {}
    for line in lines:
        item = by_sku.get(tidied(line.sku))
        if item is None or item.kind is not Kind.DECT_BASE:
            continue
        values = of_sku.setdefault(item.sku, [])
        for number in range(1, min(line.count, MOST_UNITS_SHOWN) + 1):
            values.append(f"{line.key}.{number}")
            choices.append((values[-1], f"{item.model} #{len(values)}"))
    order = [value for values in of_sku.values() for value in values]
    return choices, {value: number for number, value in enumerate(order, 1)}


def line_facts(lines: Sequence[LineInput], by_sku: Mapping[str, CatalogItem]) -> list[WarningLine]:
    """What the warnings need to know of the lines typed; lines of one SKU are one, as in the order."""
    _, numbers = base_units(lines, by_sku)
    merged: dict[str, tuple[int, list[int | None]]] = {}
    for line in lines:
        sku = tidied(line.sku)
        if sku in by_sku and line.count:
            count = min(line.count, MOST_UNITS_SHOWN)
            chosen = [
                numbers.get(line.units.get(number, {}).get("base", "")) for number in range(1, count + 1)
            ]
            before, chosen_before = merged.get(sku, (0, []))
            merged[sku] = before + count, chosen_before + chosen
    return [
        WarningLine(
            kind=by_sku[sku].kind,
            make=by_sku[sku].make,
            model=by_sku[sku].model,
            quantity=count,
            max_handsets=by_sku[sku].max_handsets,
            chosen_bases=chosen if by_sku[sku].kind is Kind.DECT_HANDSET else (),
        )
        for sku, (count, chosen) in merged.items()
    ]


@dataclass(frozen=True, slots=True)
class RequestedLine:
    """A line to be ordered; each plan is employee, location and base, as the caller names them."""

    key: int
    sku: str
    quantity: int
    plans: Sequence[tuple[int | None, int | None, int | None]]


def requested_lines(
    lines: Sequence[LineInput],
    items: Sequence[CatalogItem],
    employee: Callable[[str], int],
    location: Callable[[str], int],
) -> list[RequestedLine]:
    """The lines to be ordered, blank ones passed over; of each unit what its kind can be planned for.

    Args:
        lines: as typed.
        items: what the platform sells.
        employee: from the value of a choice to what the operation knows the employee by.
        location: the same of a location.
    """
    by_sku = {item.sku: item for item in items}
    choices, numbers = base_units(lines, by_sku)
    nowhere = len(choices) + 1
    result = []
    for line in lines:
        if line.blank:
            continue
        sku = tidied(line.sku)
        plans = offered(by_sku[sku].kind) if sku in by_sku else ()
        planned = {
            number: {plan: unit[plan] for plan in plans if unit.get(plan)}
            for number, unit in line.units.items()
            if 0 < number <= line.count
        }
        last = max((number for number, unit in planned.items() if unit), default=0)
        units = [planned.get(number, {}) for number in range(1, last + 1)]
        result.append(
            RequestedLine(
                line.key,
                sku,
                line.count,
                [
                    (
                        employee(unit["employee"]) if "employee" in unit else None,
                        location(unit["location"]) if "location" in unit else None,
                        numbers.get(unit["base"], nowhere) if "base" in unit else None,
                    )
                    for unit in units
                ],
            )
        )
    return result

"""The hardware part of a form: line items from a platform's catalog, and for whom each unit is planned.

Shared by the account form and the order form of an account that is there. The browser computes the same
totals and warnings as one types (static/account_form.js); what is computed here is what counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hwadmin.forms.account_form import MOST_UNITS_SHOWN, PLANS, Line
from hwadmin.identifiers import same_make
from hwadmin.kinds import Kind
from hwadmin.models import CatalogItem
from hwadmin.queries.order_warnings import LineFacts, order_warnings
from hwadmin.texts import problem, tidied
from hwadmin.views.words import money

Choices = Sequence[tuple[str, str]]

# A page of this many options is large already; units beyond it are kept but only drawn when asked for.
MOST_OPTIONS = 60_000
MOST_BASES_OFFERED = 200
PLAN_LABELS = {"employee": "For", "location": "Where", "base": "Base"}
_ASKS = {"employee": "for whom", "location": "where", "base": "with which base"}


def offered(kind: Kind) -> tuple[str, ...]:
    """What can be planned for a unit of this kind."""
    fits = {"employee": kind.has_employee, "location": kind.has_location, "base": kind is Kind.DECT_HANDSET}
    return tuple(plan for plan in PLANS if fits[plan])


def asks(kind: Kind) -> str:
    """What is asked of each unit of this kind, in words: ``For whom and where``."""
    return " and ".join(_ASKS[plan] for plan in offered(kind)).capitalize()


@dataclass(frozen=True, slots=True)
class PlanField:
    """One choice of a unit: for whom, where, or with which base."""

    id: str
    plan: str
    value: str
    options: Choices
    # What it says where nothing is chosen.
    empty: str = "–"

    @property
    def label(self) -> str:
        """What it asks, in a word."""
        return PLAN_LABELS[self.plan]


@dataclass(frozen=True, slots=True)
class UnitShown:
    """One unit of a line and what can be planned for it."""

    id: str
    label: str
    plans: Sequence[PlanField]


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line as the page shows it."""

    id: str
    key: str
    place: int
    typed: Line
    item: CatalogItem | None
    total: Decimal | None
    asks: str
    units: Sequence[UnitShown]
    # Plans of units that are not drawn: they stay typed.
    kept: Sequence[tuple[str, str]]
    # How many units are not drawn.
    more: int
    planned: int
    open: bool


@dataclass(frozen=True, slots=True)
class HardwarePart:
    """Everything the template of the hardware part needs."""

    # Kind's label → items.
    catalog: Mapping[str, Sequence[CatalogItem]]
    # What the browser computes with, by SKU.
    facts: Mapping[str, Mapping[str, Any]]
    lines: Sequence[LineShown]
    # Amount and currency; nearly always one.
    sums: Sequence[tuple[Decimal, str]]
    warnings: Sequence[str]
    employees: Choices
    locations: Choices

    @property
    def blank(self) -> LineShown:
        """What the browser copies where a line is added."""
        return LineShown("lines-__n__", "__n__", 0, Line(0), None, None, "", (), (), 0, 0, False)


def hardware_part(
    lines: Sequence[Line],
    items: Sequence[CatalogItem],
    employees: Choices,
    locations: Choices,
    errors: Mapping[str, Sequence[str]],
) -> HardwarePart:
    """The hardware part of a page, from what was typed.

    Args:
        lines: as typed.
        items: what the platform sells.
        employees: to choose from: value and name.
        locations: to choose from.
        errors: what is wrong, by the id of its field.
    """
    by_sku = {item.sku: item for item in items}
    bases, _ = _base_units(lines, by_sku)
    choices = {"employee": employees, "location": locations, "base": bases[:MOST_BASES_OFFERED]}
    room = MOST_OPTIONS
    drawn, named = [], dict.fromkeys(by_sku, 0)
    for place, line in enumerate(lines, 1):
        item = by_sku.get(tidied(line.sku))
        count = min(line.count, MOST_UNITS_SHOWN) if item else 0
        cost = 1 + sum(len(choices[plan]) for plan in offered(item.kind)) if item else 1
        wrong = f"lines-{line.key}-units-"
        needed = max((int(field.split("-")[3]) for field in errors if field.startswith(wrong)), default=0)
        show = min(count, max(line.shown, needed), room // cost)
        room -= show * cost
        drawn.append(_line(line, place, item, show, count, choices, named, errors))
        if item:
            named[item.sku] += line.count
    return HardwarePart(
        catalog={
            kind.label: sold for kind in Kind if (sold := [item for item in items if item.kind is kind])
        },
        facts=_facts(items),
        lines=drawn,
        sums=_sums(drawn),
        warnings=order_warnings(line_facts(lines, by_sku)),
        employees=employees,
        locations=locations,
    )


def _line(
    line: Line,
    place: int,
    item: CatalogItem | None,
    show: int,
    count: int,
    choices: Mapping[str, Choices],
    named: Mapping[str, int],
    errors: Mapping[str, Sequence[str]],
) -> LineShown:
    here = f"lines-{line.key}"
    plans = offered(item.kind) if item else ()
    units = [
        UnitShown(
            id=f"{here}-units-{number}",
            label=f"{item.model} #{named[item.sku] + number}",
            plans=[
                PlanField(
                    f"{here}-units-{number}-{plan}",
                    plan,
                    line.units.get(number, {}).get(plan, ""),
                    choices[plan],
                    # Pairing takes a single base without being told.
                    "The only base" if plan == "base" and len(choices[plan]) == 1 else "–",
                )
                for plan in plans
            ],
        )
        for number in range(1, show + 1)
        if item
    ]
    planned = sum(
        any(unit.get(plan) for plan in plans) for number, unit in line.units.items() if number <= count
    )
    return LineShown(
        id=here,
        key=str(line.key),
        place=place,
        typed=line,
        item=item,
        total=item.unit_price * line.count if item else None,
        asks=asks(item.kind) if item else "",
        units=units,
        kept=[
            (f"{here}-units-{number}-{plan}", value)
            for number, unit in line.units.items()
            for plan, value in unit.items()
            if number > show or plan not in plans
        ],
        more=count - show,
        planned=planned,
        open=0 < count <= 4 or planned > 0 or any(field.startswith(f"{here}-units-") for field in errors),
    )


def _facts(items: Sequence[CatalogItem]) -> dict[str, dict[str, Any]]:
    facts: dict[str, dict[str, Any]] = {}
    makes: list[str] = []
    for item in items:
        # The browser compares makes by this word, and need not know who was renamed to what.
        agreed = next((make for make in makes if same_make(make, item.make)), None)
        if agreed is None:
            makes.append(agreed := item.make)
        facts[item.sku] = {
            "title": item.title,
            "model": item.model,
            "kind": item.kind.value,
            "make": agreed,
            "most": item.max_handsets,
            "price": str(item.unit_price),
            "symbol": money(Decimal(0), item.currency).split()[0],
            "plans": offered(item.kind),
            "asks": asks(item.kind),
        }
    return facts


def _sums(lines: Sequence[LineShown]) -> list[tuple[Decimal, str]]:
    sums: dict[str, Decimal] = {}
    for line in lines:
        if line.item and line.total is not None:
            sums[line.item.currency] = sums.get(line.item.currency, Decimal(0)) + line.total
    return [(amount, currency) for currency, amount in sums.items()]


def _base_units(
    lines: Sequence[Line], by_sku: Mapping[str, CatalogItem]
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


def line_facts(lines: Sequence[Line], by_sku: Mapping[str, CatalogItem]) -> list[LineFacts]:
    """What the warnings need to know of the lines typed; lines of one SKU are one, as in the order."""
    _, numbers = _base_units(lines, by_sku)
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
        LineFacts(
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
class Wanted:
    """A line to be ordered; each plan is employee, location, base, as the callers of ``wanted`` name them."""

    key: int
    sku: str
    quantity: int
    plans: Sequence[tuple[int | None, int | None, int | None]]


def wanted(
    lines: Sequence[Line],
    items: Sequence[CatalogItem],
    employee: Callable[[str], int],
    location: Callable[[str], int],
) -> list[Wanted]:
    """The lines to be ordered, blank ones passed over; of each unit what its kind can be planned for.

    Args:
        lines: as typed.
        items: what the platform sells.
        employee: from the value of a choice to what the operation knows the employee by.
        location: the same of a location.
    """
    by_sku = {item.sku: item for item in items}
    choices, numbers = _base_units(lines, by_sku)
    nowhere = len(choices) + 1
    result = []
    for line in lines:
        if line.blank:
            continue
        sku = tidied(line.sku)
        # What cannot be stored cannot be looked up either.
        sku = "" if problem(sku, most=60) else sku
        plans = offered(by_sku[sku].kind) if sku in by_sku else ()
        planned = {
            number: {plan: unit[plan] for plan in plans if unit.get(plan)}
            for number, unit in line.units.items()
            if 0 < number <= line.count
        }
        last = max((number for number, unit in planned.items() if unit), default=0)
        units = [planned.get(number, {}) for number in range(1, last + 1)]
        result.append(
            Wanted(
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

"""The hardware part of a form: line items from a platform's catalog, and for whom each unit is planned.

Shared by the account form and the order form of an account that is there. The browser computes the same
totals and warnings as one types (static/account_form.js); what is computed here is what counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hwadmin.amounts import money
from hwadmin.forms.account_form import MOST_UNITS_SHOWN, Line
from hwadmin.identifiers import same_make
from hwadmin.kinds import Kind
from hwadmin.models import CatalogItem
from hwadmin.queries.order_warnings import order_warnings
from hwadmin.texts import tidied
from hwadmin.views.hardware_lines import asks, base_units, line_facts, offered

Choices = Sequence[tuple[str, str]]

# A page of this many options is large already; units beyond it are kept but only drawn when asked for.
MOST_OPTIONS = 60_000
MOST_BASES_OFFERED = 200
PLAN_LABELS = {"employee": "For", "location": "Where", "base": "Base"}


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
    bases, _ = base_units(lines, by_sku)
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

"""The hardware part of a form: line items from a platform's catalog, and for whom each unit is planned.

Shared by the account form and the order form of an account that is there. The browser computes the same
totals and warnings as one types (static/account_form.js); what is computed here is what counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.money import money
from hwadmin.domain.text_validation import tidied
from hwadmin.forms.accounts.creation import MOST_UNITS_SHOWN, LineInput
from hwadmin.identifiers import same_make
from hwadmin.models import CatalogItem
from hwadmin.queries.orders.warnings import order_warnings
from hwadmin.views.accounts.hardware_lines import asks, base_units, line_facts, offered

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
    line_input: LineInput
    item: CatalogItem | None
    total: Decimal | None
    asks: str
    units: Sequence[UnitShown]
    # Plans of units that are not drawn: they stay typed.
    hidden_plans: Sequence[tuple[str, str]]
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
        return LineShown("lines-__n__", "__n__", 0, LineInput(0), None, None, "", (), (), 0, 0, False)


def hardware_part(
    lines: Sequence[LineInput],
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
    drawing = _LineDrawing(by_sku, choices, errors)
    drawn = [drawing.draw(line, place) for place, line in enumerate(lines, 1)]
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


class _LineDrawing:
    """Draws one line after the other: how many options the page has room for, and the numbers of units."""

    def __init__(
        self,
        by_sku: Mapping[str, CatalogItem],
        choices: Mapping[str, Choices],
        errors: Mapping[str, Sequence[str]],
    ) -> None:
        self._by_sku, self._choices, self._errors = by_sku, choices, errors
        self._room = MOST_OPTIONS
        # How many units of each SKU the lines above have.
        self._units_above = dict.fromkeys(by_sku, 0)

    def draw(self, line: LineInput, place: int) -> LineShown:
        here = f"lines-{line.key}"
        item = self._by_sku.get(tidied(line.sku))
        plans = offered(item.kind) if item else ()
        count = min(line.count, MOST_UNITS_SHOWN) if item else 0
        show = self._units_to_show(line, count, plans)
        planned = sum(
            any(unit.get(plan) for plan in plans) for number, unit in line.units.items() if number <= count
        )
        shown = LineShown(
            id=here,
            key=str(line.key),
            place=place,
            line_input=line,
            item=item,
            total=item.unit_price * line.count if item else None,
            asks=asks(item.kind) if item else "",
            units=self._units(line, item, show) if item else [],
            hidden_plans=_hidden_plans(line, show, plans),
            more=count - show,
            planned=planned,
            open=0 < count <= 4 or planned > 0 or self._wrong(line) > 0,
        )
        if item:
            self._units_above[item.sku] += line.count
        return shown

    def _units_to_show(self, line: LineInput, count: int, plans: Sequence[str]) -> int:
        """As many as were asked for and those with errors, as long as the page has room."""
        cost = 1 + sum(len(self._choices[plan]) for plan in plans)
        show = min(count, max(line.shown, self._wrong(line)), self._room // cost)
        self._room -= show * cost
        return show

    def _wrong(self, line: LineInput) -> int:
        """The highest number of a unit with an error; 0 where there is none."""
        prefix = f"lines-{line.key}-units-"
        numbers = (int(field.split("-")[3]) for field in self._errors if field.startswith(prefix))
        return max(numbers, default=0)

    def _units(self, line: LineInput, item: CatalogItem, show: int) -> list[UnitShown]:
        return [
            UnitShown(
                id=f"lines-{line.key}-units-{number}",
                label=f"{item.model} #{self._units_above[item.sku] + number}",
                plans=[self._plan_field(line, number, plan) for plan in offered(item.kind)],
            )
            for number in range(1, show + 1)
        ]

    def _plan_field(self, line: LineInput, number: int, plan: str) -> PlanField:
        choices = self._choices[plan]
        return PlanField(
            f"lines-{line.key}-units-{number}-{plan}",
            plan,
            line.units.get(number, {}).get(plan, ""),
            choices,
            # Pairing takes a single base by itself.
            "The only base" if plan == "base" and len(choices) == 1 else "–",
        )


def _hidden_plans(line: LineInput, show: int, plans: Sequence[str]) -> list[tuple[str, str]]:
    """What was planned of units that are not drawn, or cannot be planned for this kind."""
    return [
        (f"lines-{line.key}-units-{number}-{plan}", value)
        for number, unit in line.units.items()
        for plan, value in unit.items()
        if number > show or plan not in plans
    ]


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

"""The hardware part of the account form: line items from a platform's catalog, and for whom each unit is.

The browser computes the same totals and warnings as one types (static/account_form.js); what is computed here
is what counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.money import Totals, totals
from hwadmin.domain.ordering.basket import Split
from hwadmin.forms.accounts.creation import CODE_FIELDS, PLANS, LineInput
from hwadmin.identifiers import same_make
from hwadmin.queries.ordering.model_choices import OfferedModel, Variant
from hwadmin.queries.orders.warnings import order_warnings
from hwadmin.views.accounts.hardware_lines import (
    ChosenVariantLine,
    base_units,
    chosen_lines,
    line_facts,
    offered,
)
from hwadmin.views.ordering.units import split_rows

Choices = Sequence[tuple[str, str]]

# A page of this many options is large already; units beyond it are kept but only drawn when asked for.
MOST_OPTIONS = 60_000
MOST_BASES_OFFERED = 200
PLAN_LABELS = {"employee": "Employee", "location": "Location", "base": "Base"}


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
    # The rows of accounting codes, of which the last are empty; none of what is for no employee.
    splits: Sequence[Split]


@dataclass(frozen=True, slots=True)
class LineShown:
    """A line as the page shows it."""

    id: str
    key: str
    place: int
    line_input: LineInput
    model: OfferedModel | None
    variant: Variant | None
    units: Sequence[UnitShown]
    # Plans of units that are not drawn: they stay typed.
    hidden_plans: Sequence[tuple[str, str]]
    # How many units are not drawn.
    more: int
    planned: int
    open: bool

    @property
    def currency(self) -> str:
        """The currency of its prices."""
        return self.model.first.currency if self.model else ""

    @property
    def cost(self) -> Totals:
        """What all of it costs; nothing where no model is chosen."""
        return totals(self.amounts)

    @property
    def amounts(self) -> list[tuple[Decimal, Decimal, int]]:
        """What one costs now and per month, and how many there are; nothing where no model is chosen."""
        if self.variant is None:
            return []
        option = self.variant.option
        return [(option.unit_price, option.monthly_price, self.line_input.count)]


@dataclass(frozen=True, slots=True)
class HardwarePart:
    """Everything the template of the hardware part needs."""

    # Kind's label → models.
    catalog: Mapping[str, Sequence[OfferedModel]]
    # What the browser computes with, by the SKU of a model's first item.
    facts: Mapping[str, Mapping[str, Any]]
    lines: Sequence[LineShown]
    # What everything comes to, with its currency; nearly always one.
    sums: Sequence[tuple[Totals, str]]
    warnings: Sequence[str]
    employees: Choices
    locations: Choices

    @property
    def count(self) -> int:
        """How many items are ordered."""
        return sum(line.line_input.count for line in self.lines if line.model)

    @property
    def blank(self) -> LineShown:
        """What the browser copies where a line is added."""
        return LineShown("lines-__n__", "__n__", 0, LineInput(0), None, None, (), (), 0, 0, open=False)

    @property
    def blank_unit(self) -> UnitShown:
        """What the browser copies for another unit of a line, without what its kind is not asked."""
        number = "lines-__n__-units-__u__"
        plans = [PlanField(f"{number}-{plan}", plan, "", ()) for plan in PLANS]
        return UnitShown(number, "", plans, split_rows(()))


def hardware_part(
    lines: Sequence[LineInput],
    models: Sequence[OfferedModel],
    employees: Choices,
    locations: Choices,
    errors: Mapping[str, Sequence[str]],
) -> HardwarePart:
    """The hardware part of a page, from what was typed.

    Args:
        lines: as typed.
        models: what the platform sells.
        employees: to choose from: value and name.
        locations: to choose from.
        errors: what is wrong, by the id of its field.
    """
    chosen = chosen_lines(lines, models)
    bases, _ = base_units(chosen)
    choices = {"employee": employees, "location": locations, "base": bases[:MOST_BASES_OFFERED]}
    drawing = _LineDrawing(choices, errors)
    drawn = [drawing.draw(line, place) for place, line in enumerate(chosen, 1)]
    return HardwarePart(
        catalog={
            kind.label: sold for kind in Kind if (sold := [model for model in models if model.kind is kind])
        },
        facts=_facts(models),
        lines=drawn,
        sums=_sums(drawn),
        warnings=order_warnings(line_facts(chosen)),
        employees=employees,
        locations=locations,
    )


class _LineDrawing:
    """Draws one line after the other: how many options the page has room for, and the numbers of units."""

    def __init__(self, choices: Mapping[str, Choices], errors: Mapping[str, Sequence[str]]) -> None:
        self._choices, self._errors = choices, errors
        self._room = MOST_OPTIONS
        # How many units of each variant the lines above have.
        self._units_above: Counter[Hashable] = Counter()

    def draw(self, chosen: ChosenVariantLine, place: int) -> LineShown:
        line, kind, count = chosen.line, chosen.kind, chosen.count
        plans = offered(kind) if kind else ()
        show = self._units_to_show(line, count, plans)
        planned = sum(
            any(unit.get(plan) for plan in plans) for number, unit in line.units.items() if number <= count
        )
        shown = LineShown(
            id=f"lines-{line.key}",
            key=str(line.key),
            place=place,
            line_input=line,
            model=chosen.model,
            variant=chosen.variant,
            units=self._units(chosen, show, plans),
            hidden_plans=_hidden_plans(line, show, plans),
            more=count - show,
            planned=planned,
            open=0 < count <= 4 or planned > 0 or self._wrong(line) > 0,
        )
        self._units_above[chosen.group] += line.count
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

    def _units(self, chosen: ChosenVariantLine, show: int, plans: Sequence[str]) -> list[UnitShown]:
        line, model = chosen.line, chosen.model.first.model if chosen.model else ""
        return [
            UnitShown(
                id=f"lines-{line.key}-units-{number}",
                label=f"{model} #{self._units_above[chosen.group] + number}",
                plans=[self._plan_field(line, number, plan) for plan in plans],
                splits=split_rows(line.codes(number)) if "employee" in plans else (),
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
    fields = {*plans, *(CODE_FIELDS if "employee" in plans else ())}
    return [
        (f"lines-{line.key}-units-{number}-{plan}", value)
        for number, unit in line.units.items()
        for plan, value in unit.items()
        if number > show or plan not in fields
    ]


def _facts(models: Sequence[OfferedModel]) -> dict[str, dict[str, Any]]:
    facts: dict[str, dict[str, Any]] = {}
    makes: list[str] = []
    for model in models:
        first = model.first
        # The browser compares makes by this word, and need not know who was renamed to what.
        agreed = next((make for make in makes if same_make(make, first.make)), None)
        if agreed is None:
            makes.append(agreed := first.make)
        facts[first.sku] = {
            **model.facts,
            "title": model.title,
            "model": first.model,
            "kind": model.kind.value,
            "make": agreed,
            "most": first.max_handsets,
            "plans": offered(model.kind),
        }
    return facts


def _sums(lines: Sequence[LineShown]) -> list[tuple[Totals, str]]:
    by_currency: dict[str, list[LineShown]] = {}
    for line in lines:
        if line.model is not None:
            by_currency.setdefault(line.currency, []).append(line)
    return [
        (totals(amounts for line in some for amounts in line.amounts), currency)
        for currency, some in by_currency.items()
    ]

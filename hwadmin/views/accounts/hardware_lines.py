"""What is typed of line items, as the operations and the warnings understand it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.text_validation import tidied
from hwadmin.errors import FieldError
from hwadmin.forms.accounts.creation import MOST_UNITS_SHOWN, PLANS, LineInput
from hwadmin.operations.accounts.onboarding import PlannedLine, StartingPlan
from hwadmin.operations.orders.submission.new_order import NewLine
from hwadmin.queries.ordering.model_choices import OfferedModel, Variant
from hwadmin.queries.orders.warnings import WarningLine


def offered(kind: Kind) -> tuple[str, ...]:
    """What can be planned for a unit of this kind."""
    fits = {"employee": kind.has_employee, "location": kind.has_location, "base": kind is Kind.DECT_HANDSET}
    return tuple(plan for plan in PLANS if fits[plan])


@dataclass(frozen=True, slots=True)
class ChosenVariantLine:
    """A line as typed, with the model that is chosen and the variant of it; none where there is no such."""

    line: LineInput
    model: OfferedModel | None = None
    # Where the choice is not complete yet, the variant the page shows.
    variant: Variant | None = None

    @property
    def kind(self) -> Kind | None:
        """What it is."""
        return self.model.kind if self.model else None

    @property
    def count(self) -> int:
        """How many of its units can be planned."""
        return min(self.line.count, MOST_UNITS_SHOWN) if self.model else 0

    @property
    def problem(self) -> FieldError | None:
        """What has still to be chosen of the model: its list names no item of it."""
        return self.model.problem(self.line.choice, "") if self.model else None

    @property
    def group(self) -> Hashable:
        """What lines have in common of which the order makes one."""
        variant = self.variant
        if variant is None:
            return None
        return variant.item.item_id, variant.option, variant.color, variant.mobile_carrier


def chosen_lines(lines: Sequence[LineInput], models: Sequence[OfferedModel]) -> list[ChosenVariantLine]:
    """The lines with what is chosen of the models that the platform sells."""
    by_sku = {item.sku: model for model in models for item in model.items}
    result = []
    for line in lines:
        sku = tidied(line.sku)
        model = by_sku.get(sku)
        result.append(ChosenVariantLine(line, model, model.nearest(line.choice, sku) if model else None))
    return result


def base_units(lines: Sequence[ChosenVariantLine]) -> tuple[list[tuple[str, str]], dict[str, int]]:
    """The bases to choose from, as ``line.unit`` and name; and the number the order gives each.

    An order makes one line of all lines of a variant, so its numbers may run otherwise than the form's.
    """
    choices: list[tuple[str, str]] = []
    groups: dict[Hashable, list[str]] = {}
    for chosen in lines:
        if chosen.model is None or chosen.kind is not Kind.DECT_BASE:
            continue
        values = groups.setdefault(chosen.group, [])
        for number in range(1, chosen.count + 1):
            values.append(f"{chosen.line.key}.{number}")
            choices.append((values[-1], f"{chosen.model.first.model} #{len(values)}"))
    order = [value for values in groups.values() for value in values]
    return choices, {value: number for number, value in enumerate(order, 1)}


def line_facts(lines: Sequence[ChosenVariantLine]) -> list[WarningLine]:
    """What the warnings need to know of the lines typed; lines of one variant are one, as in the order."""
    _, numbers = base_units(lines)
    merged: dict[Hashable, tuple[OfferedModel, int, list[int | None]]] = {}
    for chosen in lines:
        if chosen.model is None or not chosen.count:
            continue
        units = chosen.line.units
        bases = [numbers.get(units.get(number, {}).get("base", "")) for number in range(1, chosen.count + 1)]
        _, before, bases_before = merged.get(chosen.group, (chosen.model, 0, []))
        merged[chosen.group] = chosen.model, before + chosen.count, bases_before + bases
    return [
        WarningLine(
            kind=model.kind,
            make=model.first.make,
            model=model.first.model,
            quantity=count,
            max_handsets=model.first.max_handsets,
            chosen_bases=bases if model.kind is Kind.DECT_HANDSET else (),
        )
        for model, count, bases in merged.values()
    ]


@dataclass(frozen=True, slots=True)
class RequestedLine:
    """A line to be ordered, by its number in the form.

    What is not one variant has no SKU, so that it is refused together with everything else that is wrong;
    ``problem`` says then what has to be chosen.
    """

    key: int
    planned: PlannedLine
    problem: FieldError | None = None


def requested_lines(
    lines: Sequence[ChosenVariantLine], employee: Callable[[str], int], location: Callable[[str], int]
) -> list[RequestedLine]:
    """The lines to be ordered, blank ones passed over; of each unit what its kind can be planned for.

    Args:
        lines: as typed.
        employee: from the value of a choice to the employee's place among those that are sent.
        location: the same of a location.
    """
    choices, numbers = base_units(lines)
    nowhere = len(choices) + 1
    result = []
    for chosen in lines:
        line = chosen.line
        if line.blank:
            continue
        plans = offered(chosen.kind) if chosen.kind else ()
        units = {
            number: StartingPlan(
                employee(unit["employee"]) if "employee" in plans and unit.get("employee") else None,
                location(unit["location"]) if "location" in plans and unit.get("location") else None,
                numbers.get(unit["base"], nowhere) if "base" in plans and unit.get("base") else None,
                line.codes(number) if "employee" in plans else (),
            )
            for number, unit in line.units.items()
            if 0 < number <= line.count
        }
        last = max((number for number, plan in units.items() if plan != StartingPlan()), default=0)
        plans_in_order = [units.get(number, StartingPlan()) for number in range(1, last + 1)]
        result.append(RequestedLine(line.key, PlannedLine(_new_line(chosen), plans_in_order), chosen.problem))
    return result


def _new_line(chosen: ChosenVariantLine) -> NewLine:
    if chosen.variant is None:
        return NewLine(tidied(chosen.line.sku), chosen.line.count)
    return NewLine("", chosen.line.count) if chosen.problem else NewLine.of(chosen.variant, chosen.line.count)

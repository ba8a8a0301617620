"""Employee information: the units of a basket with the fields each of them has, and their summaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.ordering.basket import MAX_SPLITS, Plan, Split, shares
from hwadmin.domain.ordering.cost_allocation import in_words
from hwadmin.domain.text_validation import tidied
from hwadmin.queries.ordering.basket import ShownBasket, ShownLine

PER_PAGE = 100
# So many units have a card each; more are a table.
FEW_UNITS = 5
_SPARE_ROWS = 2


@dataclass(frozen=True)
class UnitFields:
    """One unit with the fields of the employee information."""

    shown: ShownLine
    number: int
    plan: Plan
    mark: str
    # The text of the directory search, and the employees it matched where there are several.
    search_text: str = ""
    matches: Sequence[tuple[int, str]] = ()
    # Why it is asked who is meant, where that is so.
    question: str = ""

    @property
    def id(self) -> str:
        """The beginning of the ids of its fields."""
        return unit_id(self.shown.line.key, self.number)

    @property
    def model(self) -> str:
        """Its model, as a short name."""
        return self.shown.model

    @property
    def title(self) -> str:
        """Its name: numbered where its line holds several."""
        return unit_title(self.shown, self.number)

    @property
    def details(self) -> list[str]:
        """The choices made: size, color, term and so on."""
        return self.shown.details()

    @property
    def has_employee(self) -> bool:
        """Whether it can be for an employee."""
        return self.shown.kind is not None and self.shown.kind.has_employee

    @property
    def has_location(self) -> bool:
        """Whether it is put up at a location."""
        return self.shown.kind is not None and self.shown.kind.has_location

    @property
    def has_base(self) -> bool:
        """Whether it is paired with a base."""
        return self.shown.kind is Kind.DECT_HANDSET

    @property
    def is_upgrade(self) -> bool:
        """Whether it upgrades a phone line, and so has a reason."""
        return self.shown.line.line_of_service_id is not None

    @property
    def splits(self) -> list[Split]:
        """The rows of accounting codes: the filled ones, and some empty ones."""
        return split_rows(self.plan.codes)

    @property
    def copies(self) -> int:
        """How many other units of its line have no plan yet; only for the first unit of a line."""
        line = self.shown.line
        if line.quantity == 1 or self.number > 1:
            return 0
        return sum(1 for number in range(2, line.quantity + 1) if line.plan(number).blank)


def split_rows(codes: Sequence[Split]) -> list[Split]:
    """The rows of accounting codes: the filled ones, and some empty ones."""
    filled = [split for split in codes if not split.blank]
    return [*filled, *[Split()] * min(_SPARE_ROWS, MAX_SPLITS - len(filled))]


def unit_id(key: int, number: int) -> str:
    """The beginning of the names of a unit's fields."""
    return f"u-{key}-{number}"


def unit_title(shown: ShownLine, number: int) -> str:
    """The name of a unit: numbered where its line holds several."""
    return shown.title if shown.line.quantity == 1 else f"{shown.title} #{number}"


def _planned_lines(basket: ShownBasket) -> list[ShownLine]:
    """The lines whose units have employee information; accessories of a device have that of their device."""
    return [shown for shown in basket.devices if shown.kind is not None]


def unit_fields(
    basket: ShownBasket, first: int = 0, limit: int | None = None, *, location_id: int | None = None
) -> list[UnitFields]:
    """The units that have employee information, in the order of the basket.

    Args:
        basket: what is ordered.
        first: the index of the first unit to return.
        limit: the most units to return.
        location_id: where units stand of which nothing was sent yet.
    """
    units = [
        (shown, number) for shown in _planned_lines(basket) for number in range(1, shown.line.quantity + 1)
    ]
    last = None if limit is None else first + limit
    fields = []
    for shown, number in units[first:last]:
        plan = shown.line.plan(number)
        text, mark = plan.name if plan.employee_id else "", plan.mark
        unit = UnitFields(shown, number, plan, mark, search_text=text)
        if unit.has_location and number > len(shown.line.plans):
            unit = replace(unit, plan=plan.model_copy(update={"location_id": location_id}))
        fields.append(unit)
    return fields


def count_units(basket: ShownBasket) -> int:
    """How many units have employee information."""
    return sum(shown.line.quantity for shown in _planned_lines(basket))


def unit_index(basket: ShownBasket, key: int, number: int) -> int:
    """The index of a unit among those that have employee information."""
    before = 0
    for shown in basket.devices:
        if shown.line.key == key:
            return before + number - 1
        before += shown.line.quantity if shown.kind is not None else 0
    return 0


def base_choices(basket: ShownBasket) -> list[tuple[str, str]]:
    """The bases of the basket to choose from: ``line.unit`` and name."""
    count: dict[str, int] = {}
    choices = []
    for shown in basket.devices:
        if shown.kind is not Kind.DECT_BASE:
            continue
        for number in range(1, shown.line.quantity + 1):
            count[shown.title] = count.get(shown.title, 0) + 1
            choices.append((f"{shown.line.key}.{number}", f"{shown.title} #{count[shown.title]}"))
    return choices


@dataclass(frozen=True, slots=True)
class UnitSummary:
    """The plan of a unit on the page that is confirmed: for whom, where, and what it is booked on."""

    title: str
    # What was chosen of it, and what it upgrades.
    details: str
    person: str
    location: str
    codes: str
    reasons: Sequence[str]


def summarize_unit(unit: UnitFields, locations: Mapping[int, str], bases: Mapping[str, str]) -> UnitSummary:
    """The plan of a unit as text.

    Args:
        unit: the unit.
        locations: the names of the account's locations, by key.
        bases: the names of the basket's bases, by ``line.unit``.
    """
    plan = unit.plan
    location = locations.get(plan.location_id or 0, "") if unit.has_location else ""
    if unit.has_base:
        location = bases.get(plan.base, "")
    booked, problem = shares(plan.codes)
    reasons = []
    if unit.is_upgrade and (reason := tidied(plan.upgrade_reason)):
        reasons.append(f"Reason for the upgrade: {reason}")
    if unit.is_upgrade and (reason := tidied(unit.shown.line.override_reason)):
        reasons.append(f"Although not eligible: {reason}")
    return UnitSummary(
        title=unit.title,
        details=" · ".join(unit.shown.details()),
        person=" · ".join(filter(None, (tidied(plan.name), tidied(plan.number)))),
        location=location,
        codes="" if problem else in_words(booked),
        reasons=reasons,
    )

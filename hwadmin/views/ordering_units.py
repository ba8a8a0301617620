"""Employee information: which units are asked what, and where on the pages each problem belongs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hwadmin.basket import MOST_SPLITS, Plan, Split, shares
from hwadmin.errors import FieldError
from hwadmin.kinds import Kind
from hwadmin.queries.basket import ShownBasket, ShownLine
from hwadmin.splits import in_words
from hwadmin.texts import tidied

PER_PAGE = 25
_SPARE_ROWS = 2

_UNIT = re.compile(r"lines\.(\d+)\.intents\.(\d+)\.(\w+)")
_LINE = re.compile(r"lines\.(\d+)(?:\.(\w+))?")
# The field of an intent, the part of its fields on the page, and what that is called.
_PARTS = {
    "employee_id": ("employee", "employee"),
    "user_name": ("name", "employee name"),
    "user_number": ("number", "employee number"),
    "accounting_codes": ("codes", "accounting codes"),
    "location_id": ("location", "location"),
    "base": ("base", "base"),
    "upgrade_reason": ("reason", "reason for the upgrade"),
}
_INFORMATION = {
    "requester": ("requester", "Requester"),
    "notify": ("notify", "Notify"),
    "ship_to_location_id": ("ship_to", "Shipping Location"),
    "attention": ("attention", "Attention"),
    "notes": ("notes", "Notes"),
}


@dataclass(frozen=True)
class UnitAsked:
    """One unit as the page of employee information asks about it."""

    shown: ShownLine
    number: int
    plan: Plan
    mark: str
    # What is typed into the field to find somebody by, and who was found.
    pick: str = ""
    found: Sequence[tuple[int, str]] = ()

    @property
    def id(self) -> str:
        """Of its fields."""
        return unit_id(self.shown.line.key, self.number)

    @property
    def model(self) -> str:
        """What it is, briefly."""
        return self.shown.model

    @property
    def title(self) -> str:
        """How people name it."""
        return self.shown.title if self.shown.line.quantity == 1 else f"{self.shown.title} #{self.number}"

    @property
    def details(self) -> list[str]:
        """What was chosen, in words."""
        return self.shown.words

    @property
    def asks_employee(self) -> bool:
        """Whether it can be for somebody."""
        return self.shown.kind is not None and self.shown.kind.has_employee

    @property
    def asks_location(self) -> bool:
        """Whether it stands somewhere."""
        return self.shown.kind is not None and self.shown.kind.has_location

    @property
    def asks_base(self) -> bool:
        """Whether it goes with a base."""
        return self.shown.kind is Kind.DECT_HANDSET

    @property
    def asks_reason(self) -> bool:
        """Whether it is an upgrade."""
        return self.shown.line.line_of_service_id is not None

    @property
    def splits(self) -> list[Split]:
        """The rows of accounting codes: what was typed, and some to type into."""
        typed = [split for split in self.plan.codes if not split.blank]
        return [*typed, *[Split()] * min(_SPARE_ROWS, MOST_SPLITS - len(typed))]

    @property
    def copies(self) -> int:
        """How many other units of its line nothing is said of."""
        line = self.shown.line
        if line.quantity == 1 or self.number > 1:
            return 0
        return sum(1 for number in range(2, line.quantity + 1) if line.plan(number).blank)


def unit_id(key: int, number: int) -> str:
    """The beginning of the names of a unit's fields."""
    return f"u-{key}-{number}"


def asked_units(basket: ShownBasket, first: int = 0, most: int | None = None) -> list[UnitAsked]:
    """The units that are asked about, in the order of the basket; accessories of a device are not.

    Args:
        basket: what is ordered.
        first: the place of the first one wanted.
        most: so many at most.
    """
    found: list[UnitAsked] = []
    place = 0
    for shown in basket.devices:
        if shown.kind is None:
            continue
        for number in range(1, shown.line.quantity + 1):
            if place >= first and (most is None or len(found) < most):
                plan = shown.line.plan(number)
                found.append(
                    UnitAsked(shown, number, plan, plan.mark, pick=plan.name if plan.employee_id else "")
                )
            place += 1
    return found


def count_asked(basket: ShownBasket) -> int:
    """How many units are asked about."""
    return sum(shown.line.quantity for shown in basket.devices if shown.kind is not None)


def place_of(basket: ShownBasket, key: int, number: int) -> int:
    """The place of a unit among those that are asked about."""
    place = 0
    for shown in basket.devices:
        if shown.line.key == key:
            return place + number - 1
        place += shown.line.quantity if shown.kind is not None else 0
    return 0


def base_choices(basket: ShownBasket) -> list[tuple[str, str]]:
    """The bases of the basket to choose from: ``line.unit`` and name."""
    bases = [shown for shown in basket.devices if shown.kind is Kind.DECT_BASE]
    count: dict[str, int] = {}
    choices = []
    for shown in bases:
        for number in range(1, shown.line.quantity + 1):
            count[shown.title] = count.get(shown.title, 0) + 1
            choices.append((f"{shown.line.key}.{number}", f"{shown.title} #{count[shown.title]}"))
    return choices


# ---- Where a problem belongs


@dataclass(frozen=True, slots=True)
class Placed:
    """A problem at its place: the step, the id of its field there, what that is called, and the sentence."""

    step: str
    field: str | None
    words: str
    sentence: str
    # Of a unit: its place among all that are asked about.
    unit: int | None = None


def placed(basket: ShownBasket, errors: Iterable[FieldError]) -> list[Placed]:
    """Each problem of the order a basket would make at the step and the field it can be corrected at."""
    found: list[Placed] = []
    for error in errors:
        if match := _UNIT.fullmatch(error.field):
            one = _of_unit(basket, int(match[1]), int(match[2]) + 1, match[3], error.message)
        elif match := _LINE.fullmatch(error.field):
            shown = basket.lines[int(match[1])]
            one = Placed("choose", None, shown.title, error.message)
        else:
            field, words = _INFORMATION.get(error.field.split(".")[0], (None, ""))
            one = Placed("information" if field else "choose", field, words or "Order", error.message)
        if one is not None and one not in found:
            found.append(one)
    return found


def _of_unit(basket: ShownBasket, place: int, number: int, part: str, sentence: str) -> Placed | None:
    shown = basket.lines[place]
    if shown.line.accessory_of is not None:
        return None  # It is for whom its device is for, where the same is said.
    if part not in _PARTS:
        return Placed("choose", None, shown.title, sentence)
    field, words = _PARTS[part]
    title = shown.title if shown.line.quantity == 1 else f"{shown.title} #{number}"
    return Placed(
        "employees",
        f"{unit_id(shown.line.key, number)}-{field}",
        f"{title}, {words}",
        sentence,
        place_of(basket, shown.line.key, number),
    )


# ---- In words


@dataclass(frozen=True, slots=True)
class UnitSaid:
    """A unit on the page that is confirmed: for whom, where, and what it is booked on."""

    title: str
    person: str
    place: str
    codes: str
    reasons: Sequence[str]


def said_of(unit: UnitAsked, places: Mapping[int, str], bases: Mapping[str, str]) -> UnitSaid:
    """What is planned for a unit, in words."""
    plan = unit.plan
    person = " · ".join(filter(None, (tidied(plan.name), tidied(plan.number))))
    place = places.get(plan.location_id or 0, "") if unit.asks_location else ""
    if unit.asks_base:
        place = bases.get(plan.base, "")
    found, why = shares(plan.codes)
    reasons = []
    if unit.asks_reason and tidied(plan.upgrade_reason):
        reasons.append(f"Reason for the upgrade: {tidied(plan.upgrade_reason)}")
    if unit.asks_reason and tidied(unit.shown.line.override_reason):
        reasons.append(f"Although not eligible: {tidied(unit.shown.line.override_reason)}")
    return UnitSaid(unit.title, person, place, "" if why else in_words(found), reasons)

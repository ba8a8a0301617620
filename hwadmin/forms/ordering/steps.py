"""The input of the ordering pages, exactly as typed. Shape only: nothing is looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hwadmin.domain.ordering.basket import MAX_SPLITS, Change, Information, Plan, Split, UnitPlan
from hwadmin.domain.ordering.variants import NO_CHOICE, VariantChoice
from hwadmin.domain.people.person_identity import StatedPerson
from hwadmin.domain.text_validation import tidied
from hwadmin.forms.fields import key_of, whole

_ACCESSORY = re.compile(r"acc-([0-9]{1,18})")
_ACCESSORY_COLOR = re.compile(r"acc-([0-9]{1,18})-color")
_CHANGE = re.compile(r"(quantity|color)-([0-9]{1,6})")
_PLAN = re.compile(
    r"u-([0-9]{1,6})-([0-9]{1,4})-"
    r"(employee|name|number|location|base|reason|unmatched|mark|(?:code|percent)-[0-9])"
)


@dataclass(slots=True)
class Selection:
    """A device or accessory being selected, before it is in the basket."""

    sku: str = ""
    choice: VariantChoice = NO_CHOICE
    quantity: str = "1"
    # For an upgrade: the phone line, and the reason where it is not eligible.
    phone_line_id: int | None = None
    override_reason: str = ""
    spare: int | None = None
    # An accessory for a device that is in the basket already, by its line.
    goes_with: int | None = None
    # Accessories for it: how many, by catalog item.
    accessories: dict[int, str] = field(default_factory=dict)
    # In which color, by catalog item.
    accessory_colors: dict[int, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many; 0 where that is not a number."""
        return whole(self.quantity)

    def accessory_count(self, item_id: int) -> int:
        """How many of an accessory."""
        return whole(self.accessories.get(item_id, ""))


# As much as names for the largest order take.
_MAX_PASTED = 200_000


def read_choice(form: Mapping[str, str], prefix: str = "") -> VariantChoice:
    """What was chosen of a model: fields that were not sent chose nothing."""
    size, color, carrier, term = (
        form.get(f"{prefix}{name}") for name in ("size", "color", "carrier", "term")
    )
    return VariantChoice(
        size=size if size is None else size[:80],
        color=color if color is None else color[:80],
        mobile_carrier=carrier if carrier is None else carrier[:80],
        term_months=None if term is None else whole(term),
    )


def read_selection(form: Mapping[str, str]) -> Selection:
    """The selection of a card, of the page of a device, or of that page's address."""
    return Selection(
        sku=form.get("item", "")[:80],
        choice=read_choice(form),
        quantity=form.get("quantity", "1")[:20],
        phone_line_id=key_of(form.get("line", "")),
        override_reason=form.get("override_reason", ""),
        spare=key_of(form.get("spare", "")),
        goes_with=key_of(form.get("with", "")),
        accessories=_by_item(form, _ACCESSORY, 20),
        accessory_colors=_by_item(form, _ACCESSORY_COLOR, 80),
    )


def _by_item(form: Mapping[str, str], called: re.Pattern[str], most: int) -> dict[int, str]:
    """The values of the accessories' fields, by catalog item."""
    return {
        key: value[:most]
        for name, value in form.items()
        if (match := called.fullmatch(name)) and (key := key_of(match[1])) and value.strip()
    }


def read_changes(form: Mapping[str, str]) -> list[Change]:
    """The changes made in the panel of the basket; fields left as they were shown are skipped."""
    changes = []
    for name, value in form.items():
        if match := _CHANGE.fullmatch(name):
            was = form.get(f"was-{name}", "")
            if value.strip() != was:
                changes.append(Change(int(match[2]), match[1], was, value.strip()))
    return changes


def read_information(form: Mapping[str, str]) -> Information:
    """The ordering information, as typed."""
    return Information(
        requester=form.get("requester", ""),
        notify=form.get("notify", ""),
        ship_to_location_id=key_of(form.get("ship_to", "")),
        attention=form.get("attention", ""),
        notes=form.get("notes", "").replace("\r\n", "\n"),
        reason=form.get("reason", "").replace("\r\n", "\n"),
        accounting_codes=tuple(form.get("codes", "").splitlines()),
    )


def read_plans(form: Mapping[str, str]) -> list[UnitPlan]:
    """The employee information of every unit of the page that was sent."""
    units: dict[tuple[int, int], dict[str, str]] = {}
    for name, value in form.items():
        if match := _PLAN.fullmatch(name):
            units.setdefault((int(match[1]), int(match[2])), {})[match[3]] = value
    plans = []
    for (key, number), fields in sorted(units.items()):
        if number < 1 or "mark" not in fields:
            continue
        plans.append(
            UnitPlan(
                key,
                number,
                Plan(
                    employee_id=key_of(fields.get("employee", "")),
                    name=fields.get("name", ""),
                    number=fields.get("number", ""),
                    codes=read_splits(fields),
                    location_id=key_of(fields.get("location", "")),
                    base=fields.get("base", "")[:20],
                    upgrade_reason=fields.get("reason", "").replace("\r\n", "\n"),
                    unmatched=fields.get("unmatched", ""),
                ),
                fields["mark"],
            )
        )
    return plans


def read_splits(fields: Mapping[str, str]) -> tuple[Split, ...]:
    """The accounting codes of a unit, as typed; blank rows are left out."""
    splits = [
        Split(code=fields.get(f"code-{row}", ""), percent=fields.get(f"percent-{row}", ""))
        for row in range(MAX_SPLITS)
    ]
    return tuple(split for split in splits if not split.blank)


def read_people(text: str) -> list[StatedPerson | None]:
    """The people of a pasted column, or of several: one in each line, None for a line left blank.

    A line is a name, a number or an e-mail address, or several of them as a spreadsheet copies its cells.
    """
    lines = text[:_MAX_PASTED].rstrip().splitlines()
    return [
        _stated_person([cell for cell in map(tidied, re.split(r"[\t;]", line)) if cell]) for line in lines
    ]


def _stated_person(cells: Sequence[str]) -> StatedPerson | None:
    emails = tuple(cell for cell in cells if "@" in cell)
    numbers = [cell for cell in cells if "@" not in cell and not any(map(str.isalpha, cell))]
    names = [cell for cell in cells if cell not in emails and cell not in numbers]
    if len(names) > 1 and not numbers:
        # A number may have letters in it: "E-17".
        numbers = [cell for cell in names if any(map(str.isdigit, cell))]
        names = [cell for cell in names if cell not in numbers]
    if not cells:
        return None
    return StatedPerson(" ".join(names) or None, emails, numbers[0] if numbers else None)

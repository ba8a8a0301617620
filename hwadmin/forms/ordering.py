"""What is sent by the ordering pages, kept exactly as typed. Shape only: nothing is looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hwadmin.basket import MOST_SPLITS, Change, Information, Plan, Split, TypedPlan
from hwadmin.forms.account_form import whole

_LARGEST_KEY = 2**63 - 1
_ACCESSORY = re.compile(r"acc-([0-9]{1,18})")
_ACCESSORY_COLOR = re.compile(r"acc-([0-9]{1,18})-color")
_CHANGE = re.compile(r"(quantity|color)-([0-9]{1,6})")
_PLAN = re.compile(
    r"u-([0-9]{1,6})-([0-9]{1,4})-"
    r"(employee|name|number|location|base|reason|mark|(?:code|percent)-[0-9])"
)


def key_of(text: str) -> int | None:
    """A row's key as sent; None where it cannot be one."""
    text = text.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        return None
    return int(text) if 0 < int(text) <= _LARGEST_KEY else None


@dataclass(slots=True)
class Selection:
    """What is being selected, before it is in the basket."""

    sku: str = ""
    size: str = ""
    term: str = "0"
    color: str = ""
    carrier: str = ""
    quantity: str = "1"
    # Upgrade: the line of service, and why although it is not eligible.
    service: int | None = None
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

    @property
    def term_months(self) -> int:
        """The term; 0 for none."""
        return whole(self.term)

    def accessory_count(self, item_id: int) -> int:
        """How many of an accessory."""
        return whole(self.accessories.get(item_id, ""))


def read_selection(form: Mapping[str, str]) -> Selection:
    """The selection of a card, of the page of a device, or of that page's address."""
    return Selection(
        sku=form.get("item", "")[:80],
        size=form.get("size", "")[:80],
        term=form.get("term", "0")[:10],
        color=form.get("color", "")[:80],
        carrier=form.get("carrier", "")[:80],
        quantity=form.get("quantity", "1")[:20],
        service=key_of(form.get("line", "")),
        override_reason=form.get("override_reason", ""),
        spare=key_of(form.get("spare", "")),
        goes_with=key_of(form.get("with", "")),
        accessories=_by_item(form, _ACCESSORY, 20),
        accessory_colors=_by_item(form, _ACCESSORY_COLOR, 80),
    )


def _by_item(form: Mapping[str, str], called: re.Pattern[str], most: int) -> dict[int, str]:
    """What is said in the fields of the accessories, by catalog item."""
    return {
        key: value[:most]
        for name, value in form.items()
        if (match := called.fullmatch(name)) and (key := key_of(match[1])) and value.strip()
    }


def read_changes(form: Mapping[str, str]) -> list[Change]:
    """What was changed in the basket's panel; fields left as they were shown are passed over."""
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
    )


def read_plans(form: Mapping[str, str]) -> list[TypedPlan]:
    """The employee information of every unit of the page that was sent."""
    units: dict[tuple[int, int], dict[str, str]] = {}
    for name, value in form.items():
        if match := _PLAN.fullmatch(name):
            units.setdefault((int(match[1]), int(match[2])), {})[match[3]] = value
    plans = []
    for (key, number), typed in sorted(units.items()):
        if number < 1 or "mark" not in typed:
            continue
        splits = [
            Split(code=typed.get(f"code-{place}", ""), percent=typed.get(f"percent-{place}", ""))
            for place in range(MOST_SPLITS)
        ]
        plans.append(
            TypedPlan(
                key,
                number,
                Plan(
                    employee_id=key_of(typed.get("employee", "")),
                    name=typed.get("name", ""),
                    number=typed.get("number", ""),
                    codes=tuple(split for split in splits if not split.blank),
                    location_id=key_of(typed.get("location", "")),
                    base=typed.get("base", "")[:20],
                    upgrade_reason=typed.get("reason", "").replace("\r\n", "\n"),
                ),
                typed["mark"],
            )
        )
    return plans

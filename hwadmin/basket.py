"""What a basket holds: what was chosen and what was typed, right or wrong, as it is kept. Pure.

Nothing here is promised to be orderable: what is still sold, free and eligible is found out whenever a basket
is read (``queries/basket.py``). So anything typed can be kept, and corrected later.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from hwadmin.splits import WHOLE, Share, percent_of, plain, why_not
from hwadmin.texts import tidied

MOST_LINES = 100
MOST_PER_LINE = 2000
MOST_SPLITS = 6
# What is longer is no longer kept whole; every field allows less.
_MOST_CHARACTERS = 10_000
_LARGEST_KEY = 2**63 - 1


def _storable(value: Any) -> str:
    """What every database can keep of a text: no NUL, no half characters."""
    text = str(value or "")[:_MOST_CHARACTERS]
    return "".join(c for c in text if c != "\0" and not "\ud800" <= c <= "\udfff")


Text = Annotated[str, BeforeValidator(_storable)]
RowKey = Annotated[int, Field(ge=1, le=_LARGEST_KEY)]
Number = Annotated[int, Field(ge=0, le=1_000_000)]


class Part(BaseModel):
    """A part of a basket. Fields of a newer version are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @property
    def mark(self) -> str:
        """Says what this part was when a form showed it: another mark means it was changed meanwhile."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


class Split(Part):
    """An accounting code and its share in percent, as typed."""

    code: Text = ""
    percent: Text = ""

    @property
    def blank(self) -> bool:
        """Whether nothing was typed."""
        return not tidied(self.code) and not tidied(self.percent)


class Plan(Part):
    """For whom, where and why one unit is, as typed."""

    # Whom it was copied from in the directory; what is typed counts.
    employee_id: RowKey | None = None
    name: Text = ""
    number: Text = ""
    codes: tuple[Split, ...] = ()
    location_id: RowKey | None = None
    # A base unit of this basket, as ``line.unit``.
    base: Text = ""
    upgrade_reason: Text = ""

    @property
    def blank(self) -> bool:
        """Whether nothing was said."""
        return self == Plan()


class Line(Part):
    """A catalog item with its choices, how many, and for whom."""

    key: Number
    sku: Text
    # What it was called when it was chosen, for the day it is no longer in the catalog.
    title: Text = ""
    quantity: Number = 1
    size: Text = ""
    # 0: without a term.
    term_months: Number = 0
    color: Text = ""
    # For which carrier an unlocked mobile is wanted; empty where nothing is said.
    mobile_carrier: Text = ""
    # Another line of the basket, whose device it goes with.
    accessory_of: Number | None = None
    # What it upgrades, and why although that is not eligible.
    line_of_service_id: RowKey | None = None
    override_reason: Text = ""
    # A device of the account's spare inventory: nothing is bought.
    spare_device_id: RowKey | None = None
    plans: tuple[Plan, ...] = ()

    @property
    def single(self) -> bool:
        """Whether there can be one only: of a certain spare device, or for a certain phone number."""
        return self.line_of_service_id is not None or self.spare_device_id is not None

    def plan(self, number: int) -> Plan:
        """What is said of the unit of this number, from 1."""
        return self.plans[number - 1] if number <= len(self.plans) else Plan()

    def with_plan(self, number: int, plan: Plan) -> Line:
        """The line with what is said of one unit."""
        plans = [*self.plans, *[Plan()] * (number - len(self.plans))]
        plans[number - 1] = plan
        return self.model_copy(update={"plans": tuple(plans)})

    @property
    def choice(self) -> tuple[Any, ...]:
        """What makes two lines the same thing ordered twice."""
        return self.sku, self.size, self.term_months, self.color, self.mobile_carrier, self.accessory_of


class Information(Part):
    """Who asks, who is told, where it goes: as typed."""

    requester: Text = ""
    # Addresses, separated by anything people separate them with.
    notify: Text = ""
    ship_to_location_id: RowKey | None = None
    attention: Text = ""
    notes: Text = ""


class Content(Part):
    """Everything in a basket."""

    lines: tuple[Line, ...] = ()
    information: Information = Information()
    # Whether the step of ordering information was ever sent: until then it is filled in with what is known.
    informed: bool = False
    # One basket makes one order, however often it is confirmed.
    submission_key: Text = ""

    def line(self, key: int | None) -> Line | None:
        """The line of this key."""
        return next((line for line in self.lines if line.key == key), None)

    def accessories(self, key: int) -> tuple[Line, ...]:
        """The accessories that go with the device of a line."""
        return tuple(line for line in self.lines if line.accessory_of == key)

    @property
    def next_key(self) -> int:
        """A key no line has."""
        return max((line.key for line in self.lines), default=0) + 1

    def with_lines(self, lines: Sequence[Line]) -> Content:
        """The same with other lines: each device followed by its accessories."""
        devices = {line.key for line in lines if line.accessory_of is None}
        loose = [
            line if line.accessory_of in devices else line.model_copy(update={"accessory_of": None})
            for line in lines
        ]
        ordered: list[Line] = []
        for line in loose:
            if line.accessory_of is None:
                ordered += [line, *(other for other in loose if other.accessory_of == line.key)]
        return self.model_copy(update={"lines": tuple(ordered)})

    def with_line(self, changed: Line) -> Content:
        """The same with one line changed."""
        return self.with_lines([changed if line.key == changed.key else line for line in self.lines])


def new_submission_key() -> str:
    """A key for the order a basket will make."""
    return secrets.token_urlsafe(24)


def empty() -> Content:
    """A basket with nothing in it."""
    return Content(submission_key=new_submission_key())


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a line as a form sends it: what it was when it was shown, and what it shall be."""

    key: int
    # ``quantity`` or ``color``.
    field: str
    was: str
    value: str


@dataclass(frozen=True, slots=True)
class TypedPlan:
    """What is said of one unit, as a form sends it, with the mark of what the form had shown."""

    key: int
    number: int
    plan: Plan
    mark: str


Kept = TypeVar("Kept", bound=Part)


def read(document: Any) -> tuple[Content, int]:
    """A basket as it was kept, and how many of its lines could not be read.

    A part that makes no sense (any more) is left out; the rest is kept.
    """
    if not isinstance(document, dict):
        return empty(), 0
    lines, lost, keys = [], 0, set()
    found = document.get("lines")
    for one in found[:MOST_LINES] if isinstance(found, list) else ():
        line = _part(Line, one)
        if line is None or line.key in keys:
            lost += 1
            continue
        keys.add(line.key)
        lines.append(line.model_copy(update={"plans": line.plans[:MOST_PER_LINE]}))
    key = _storable(document.get("submission_key"))[:64]
    content = Content(
        information=_part(Information, document.get("information")) or Information(),
        informed=document.get("informed") is True,
        submission_key=key or new_submission_key(),
    )
    return content.with_lines(lines), lost


def _part(kind: type[Kept], document: Any) -> Kept | None:
    try:
        return kind.model_validate(document)
    except ValidationError:
        return None


def addresses(typed: str) -> list[str]:
    """The e-mail addresses in a text, whatever separates them."""
    return [word for word in typed.replace(",", " ").replace(";", " ").split() if word]


def shares(splits: Sequence[Split]) -> tuple[tuple[Share, ...], str | None]:
    """The accounting codes as typed, and why they cannot be booked, if so. A single one takes all."""
    said = [split for split in splits if not split.blank]
    found = []
    for split in said:
        code, typed = tidied(split.code), tidied(split.percent)
        percent = WHOLE if len(said) == 1 and not typed else percent_of(typed)
        if percent is None:
            return (), f"Give {code or 'each code'} its share in percent."
        found.append(Share(code, percent))
    return tuple(found), why_not(found)


def splits_of(found: Sequence[Share]) -> tuple[Split, ...]:
    """Shares as they are typed."""
    return tuple(Split(code=share.code, percent=plain(share.percent)) for share in found)

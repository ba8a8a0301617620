"""The content of a basket as it is stored: what was chosen and typed, right or wrong. Pure.

Nothing here has to be orderable: whether it is still sold, free and eligible is checked whenever a basket is
read (``queries/ordering/basket.py``). So any input can be stored, and corrected later.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from hwadmin.domain.ordering.cost_allocation import WHOLE, Share, percent_of, plain, why_not
from hwadmin.domain.row_ids import MAX_ID
from hwadmin.domain.text_validation import tidied

MAX_LINES = 100
MAX_PER_LINE = 2000
MAX_SPLITS = 6
# Longer text is cut; every field allows less.
_MAX_CHARACTERS = 10_000


def _storable(value: Any) -> str:
    """The text without what no database can store: NUL and single surrogates."""
    text = str(value or "")[:_MAX_CHARACTERS]
    return "".join(c for c in text if c != "\0" and not "\ud800" <= c <= "\udfff")


Text = Annotated[str, BeforeValidator(_storable)]
RowKey = Annotated[int, Field(ge=1, le=MAX_ID)]
Number = Annotated[int, Field(ge=0, le=1_000_000)]


class Part(BaseModel):
    """A part of a basket. Unknown fields, of a newer version, are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @property
    def mark(self) -> str:
        """A checksum for forms: if it differs from the one a form was shown with, this part was changed."""
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

    # The employee it was copied from; the typed name and number are what counts.
    employee_id: RowKey | None = None
    name: Text = ""
    number: Text = ""
    codes: tuple[Split, ...] = ()
    location_id: RowKey | None = None
    # A base unit of this basket, as ``line.unit``.
    base: Text = ""
    upgrade_reason: Text = ""
    # The name or number that was pasted and fits nobody in the directory for certain; empty once answered.
    unmatched: Text = ""

    @property
    def blank(self) -> bool:
        """Whether nothing was typed."""
        return self == Plan()

    @property
    def asks_who(self) -> bool:
        """Whether somebody has still to say who is meant; a name that was typed since answers it."""
        stated = tidied(self.name) or tidied(self.number)
        return bool(self.unmatched) and self.employee_id is None and stated == tidied(self.unmatched)


class BasketLine(Part):
    """A catalog item with its choices, how many, and for whom."""

    key: Number
    sku: Text
    # Its name when it was chosen, for when it is no longer in the catalog.
    title: Text = ""
    quantity: Number = 1
    size: Text = ""
    # 0: without a term.
    term_months: Number = 0
    color: Text = ""
    # The carrier an unlocked mobile is for; empty where none was chosen.
    mobile_carrier: Text = ""
    # Another line of the basket, whose device it goes with.
    accessory_of: Number | None = None
    # The phone line it upgrades, and why although that is not eligible.
    line_of_service_id: RowKey | None = None
    override_reason: Text = ""
    # A device of the account's spare inventory: nothing is bought.
    spare_device_id: RowKey | None = None
    plans: tuple[Plan, ...] = ()

    @property
    def single(self) -> bool:
        """Whether there can only be one: a certain spare device, or an upgrade of a certain phone line."""
        return self.line_of_service_id is not None or self.spare_device_id is not None

    def plan(self, number: int) -> Plan:
        """The plan of the unit of this number, from 1."""
        return self.plans[number - 1] if number <= len(self.plans) else Plan()

    def with_plan(self, number: int, plan: Plan) -> BasketLine:
        """The line with another plan for one unit."""
        plans = [*self.plans, *[Plan()] * (number - len(self.plans))]
        plans[number - 1] = plan
        return self.model_copy(update={"plans": tuple(plans)})

    @property
    def choice(self) -> tuple[Any, ...]:
        """What two lines have in common that order the same thing."""
        return self.sku, self.size, self.term_months, self.color, self.mobile_carrier, self.accessory_of


class Information(Part):
    """Who requests the order, who is notified and where it goes, as typed."""

    requester: Text = ""
    # Addresses, separated by anything people separate them with.
    notify: Text = ""
    ship_to_location_id: RowKey | None = None
    attention: Text = ""
    notes: Text = ""
    # Why; asked where a manager has to agree.
    reason: Text = ""
    # Of an order that is ordered again, where a program stated some.
    accounting_codes: tuple[Text, ...] = ()


class BasketContent(Part):
    """Everything in a basket."""

    lines: tuple[BasketLine, ...] = ()
    information: Information = Information()
    # Whether the step of ordering information was ever sent; until then the form is filled in with defaults.
    informed: bool = False
    # Makes sure that one basket makes one order, however often it is confirmed.
    submission_key: Text = ""
    # The orders it was filled from.
    copied_from: tuple[RowKey, ...] = ()

    def line(self, key: int | None) -> BasketLine | None:
        """The line of this key."""
        return next((line for line in self.lines if line.key == key), None)

    def accessories(self, key: int) -> tuple[BasketLine, ...]:
        """The accessories that go with the device of a line."""
        return tuple(line for line in self.lines if line.accessory_of == key)

    @property
    def next_key(self) -> int:
        """A key that no line has yet."""
        return max((line.key for line in self.lines), default=0) + 1

    def with_lines(self, lines: Sequence[BasketLine]) -> BasketContent:
        """The same with other lines: each device followed by its accessories."""
        devices = {line.key for line in lines if line.accessory_of is None}
        loose = [
            line if line.accessory_of in devices else line.model_copy(update={"accessory_of": None})
            for line in lines
        ]
        ordered: list[BasketLine] = []
        for line in loose:
            if line.accessory_of is None:
                ordered += [line, *(other for other in loose if other.accessory_of == line.key)]
        return self.model_copy(update={"lines": tuple(ordered)})

    def with_line(self, changed: BasketLine) -> BasketContent:
        """The same with one line changed."""
        return self.with_lines([changed if line.key == changed.key else line for line in self.lines])


def new_submission_key() -> str:
    """A new submission key."""
    return secrets.token_urlsafe(24)


def empty() -> BasketContent:
    """The content of a new basket."""
    return BasketContent(submission_key=new_submission_key())


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a line as a form sends it: the value it was shown with, and the new one."""

    key: int
    # ``quantity`` or ``color``.
    field: str
    was: str
    value: str


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """The plan of one unit as a form sends it, with the mark of what the form had shown."""

    key: int
    number: int
    plan: Plan
    mark: str


PartType = TypeVar("PartType", bound=Part)


def read(document: Any) -> tuple[BasketContent, int]:
    """A basket as it was stored, and how many of its lines could not be read.

    Parts that cannot be read are left out.
    """
    if not isinstance(document, dict):
        return empty(), 0
    lines, lost, keys = [], 0, set()
    line_documents = document.get("lines")
    for line_document in line_documents[:MAX_LINES] if isinstance(line_documents, list) else ():
        line = _part(BasketLine, line_document)
        if line is None or line.key in keys:
            lost += 1
            continue
        keys.add(line.key)
        lines.append(line.model_copy(update={"plans": line.plans[:MAX_PER_LINE]}))
    key = _storable(document.get("submission_key"))[:64]
    content = BasketContent(
        information=_part(Information, document.get("information")) or Information(),
        informed=document.get("informed") is True,
        submission_key=key or new_submission_key(),
        copied_from=_row_keys(document.get("copied_from")),
    )
    return content.with_lines(lines), lost


def _row_keys(document: Any) -> tuple[int, ...]:
    keys = document if isinstance(document, list) else ()
    return tuple(key for key in keys if isinstance(key, int) and 0 < key <= MAX_ID)


def _part(kind: type[PartType], document: Any) -> PartType | None:
    try:
        return kind.model_validate(document)
    except ValidationError:
        return None


def addresses(text: str) -> list[str]:
    """The e-mail addresses in a text, separated by spaces, commas or semicolons."""
    return [word for word in text.replace(",", " ").replace(";", " ").split() if word]


def shares(splits: Sequence[Split]) -> tuple[tuple[Share, ...], str | None]:
    """The accounting codes as shares, and why they cannot be booked, if so. A single code takes all."""
    filled = [split for split in splits if not split.blank]
    parsed = []
    for split in filled:
        code, text = tidied(split.code), tidied(split.percent)
        percent = WHOLE if len(filled) == 1 and not text else percent_of(text)
        if percent is None:
            return (), f"Give {code or 'each code'} its share in percent."
        parsed.append(Share(code, percent))
    return tuple(parsed), why_not(parsed)


def splits_of(parsed: Sequence[Share]) -> tuple[Split, ...]:
    """Shares as somebody would type them."""
    return tuple(Split(code=share.code, percent=plain(share.percent)) for share in parsed)

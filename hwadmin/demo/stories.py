"""The words the demo's tables are written in.

A moment is an age: ``40m`` or ``6d`` ago to the minute, or ``38d 10:20``, at that time of the working day of
that long ago. A step's ``after`` is the time since the step before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Approve:
    """Ada, unless somebody else is named, approves."""

    after: str
    by: str = "ada"


@dataclass(frozen=True, slots=True)
class Reject:
    """Rejected, with a reason."""

    after: str
    reason: str
    by: str = "ada"


@dataclass(frozen=True, slots=True)
class Cancel:
    """Taken back by who ordered."""

    after: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reopen:
    """Put back to pending, with a reason."""

    after: str
    reason: str
    by: str = "ada"


@dataclass(frozen=True, slots=True)
class Answer:
    """The account's manager approves or, with a reason, declines."""

    after: str
    declines: str | None = None
    by: str = "ada"


@dataclass(frozen=True, slots=True)
class Override:
    """Decided without the manager, with a reason."""

    after: str
    reason: str
    by: str = "ada"


@dataclass(frozen=True, slots=True)
class Bought:
    """Marked as ordered manually, that day."""

    after: str
    distributor: str | None = None
    reference: str | None = None
    by: str = "ada"


@dataclass(frozen=True, slots=True)
class Edit:
    """Other quantities, by SKU; the lines not named stay."""

    after: str
    quantities: Mapping[str, int]
    by: str = "ada"


@dataclass(frozen=True, slots=True)
class Fulfill:
    """Identifiers entered for the open units in their order: all of them, or the first so many.

    ``known`` are devices registered before, by their name in the demo and the place of the unit, from 0.
    """

    after: str
    units: int | None = None
    known: Mapping[int, str] = field(default_factory=dict)
    by: str = "ada"


@dataclass(frozen=True, slots=True)
class CloseShort:
    """The last so many of the units still to come will not."""

    after: str
    units: int
    reason: str
    by: str = "ada"


@dataclass(frozen=True, slots=True)
class Replace:
    """Another device in the place of that of a unit, counted from 0."""

    after: str
    unit: int
    reason: str
    serial: str = ""
    by: str = "ada"


@dataclass(frozen=True, slots=True)
class Note:
    """An internal note, which the platform never sees."""

    after: str
    text: str
    by: str = "sam"


@dataclass(frozen=True, slots=True)
class Copy:
    """Copied to a new order by who ordered; the steps behind it are the new one's."""

    after: str


Step = (
    Approve
    | Answer
    | Override
    | Reject
    | Cancel
    | Reopen
    | Bought
    | Edit
    | Fulfill
    | CloseShort
    | Replace
    | Note
    | Copy
)


@dataclass(frozen=True, slots=True)
class Order:
    """An order and what became of it."""

    account: str
    when: str
    # "12 T54W, 1 W70B": quantities and SKUs.
    lines: str
    # For how many units an employee is planned, the account's people in turn; or their names.
    people: int | str = 0
    then: tuple[Step, ...] = ()
    # Where desk phones and bases go and the parcel too; the account's first site unless said.
    site: str | None = None
    notes: str | None = None
    reason: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """A device registered by other means; ``name`` is what the demo calls it."""

    account: str
    when: str
    sku: str
    name: str
    employee: str | None = None
    site: str | None = None
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A device moved to another account."""

    device: str
    when: str
    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody left their account."""

    account: str
    when: str
    employee: str


@dataclass(frozen=True, slots=True)
class Join:
    """Somebody came to an account."""

    account: str
    when: str
    employee: str


@dataclass(frozen=True, slots=True)
class Archive:
    """A catalog item taken off sale."""

    platform: str
    when: str
    sku: str


@dataclass(frozen=True, slots=True)
class Price:
    """A catalog item's price changed."""

    platform: str
    when: str
    sku: str
    price: str


@dataclass(frozen=True, slots=True)
class Prices:
    """What a catalog item costs by size and term: now, and per month."""

    platform: str
    when: str
    sku: str
    prices: tuple[tuple[str, int, str, str], ...]


@dataclass(frozen=True, slots=True)
class Fits:
    """The devices an accessory goes with, by SKU."""

    platform: str
    when: str
    sku: str
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Orders:
    """How an account orders; with an approver it asks for a manager's approval."""

    account: str
    when: str
    menu: bool = False
    number: bool = False
    override: bool = False
    approver: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Codes:
    """The accounting codes of an account, and what they stand for."""

    account: str
    when: str
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Books:
    """Whose manager somebody is, and what an employee's devices are booked on in percent."""

    account: str
    when: str
    employee: str
    manager: str | None
    shares: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of service; days count from now, the past below zero. Its device is its user's mobile."""

    account: str
    when: str
    number: str
    carrier: str
    employee: str | None
    term: int | None
    ends: int | None
    balance: str | None = None
    eligible: int | None = None


@dataclass(frozen=True, slots=True)
class Puts:
    """Something put into a basket that waits to be confirmed; accessories go with it, one each."""

    account: str
    when: str
    sku: str
    size: str = ""
    term: int = 0
    color: str = ""
    quantity: int = 1
    accessories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saves:
    """A search somebody keeps, for colleagues too where it is shared."""

    who: str
    when: str
    page: str
    query: str
    name: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of what was chosen: in a size, for a term, in a color, as a spare, with the device before it."""

    sku: str
    size: str | None = None
    term: int | None = None
    color: str | None = None
    spare: bool = False
    with_it: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One of each, ordered for somebody; a number it upgrades, why, and why although it is not eligible."""

    account: str
    when: str
    employee: str
    lines: tuple[Piece, ...]
    upgrades: str | None = None
    reason: str | None = None
    override: str | None = None


Deed = (
    Register
    | Move
    | Leave
    | Join
    | Archive
    | Price
    | Prices
    | Fits
    | Orders
    | Codes
    | Books
    | Line
    | Puts
    | Request
    | Saves
)

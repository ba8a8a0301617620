"""The words the demo's tables of orders are written in.

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
class Submit:
    """An order and what became of it."""

    account: str
    when: str
    # "12 T54W, 1 W70B": quantities and SKUs.
    lines: str
    # For how many units an employee is planned, the account's people in turn; or their names.
    people: int | str = 0
    then: tuple[Step, ...] = ()
    # Where desk phones and bases go and the parcel too; the account's first site unless given.
    site: str | None = None
    notes: str | None = None
    reason: str | None = None
    by: str | None = None

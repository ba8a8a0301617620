"""What an imported list would do, row by row: the same for its preview and for its writing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from hwadmin.list_import.lists import LeftOutRows, by_reason


class RowOutcome(StrEnum):
    """What becomes of a row."""

    REFUSED = "refused"
    # Somebody must choose; until then it is left out.
    OPEN = "open"
    ADDED = "added"
    CHANGED = "changed"
    DEACTIVATED = "deactivated"
    RESTORED = "restored"
    UNCHANGED = "unchanged"

    @property
    def writes(self) -> bool:
        """Whether anything is written for it."""
        return self in (
            RowOutcome.ADDED,
            RowOutcome.CHANGED,
            RowOutcome.DEACTIVATED,
            RowOutcome.RESTORED,
        )


@dataclass(frozen=True, slots=True)
class RowOption:
    """One answer to a question about a row, with what is known of it: pairs of label and value."""

    value: str
    label: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RowQuestion:
    """What the list does not decide: what the row says, and what it can mean, side by side."""

    sentence: str
    stated: tuple[tuple[str, str], ...]
    options: tuple[RowOption, ...]
    answer: str = ""


@dataclass(slots=True)
class PlannedRow:
    """A row of the list, or something missing from it (row None), and what becomes of it.

    `changes`: what would be different, or why it is refused. `notes`: what to look at although it is taken.
    """

    row: int | None
    title: str
    index: int = -1
    sheet: str = ""
    outcome: RowOutcome = RowOutcome.UNCHANGED
    changes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    question: RowQuestion | None = None

    @property
    def place(self) -> str:
        """Where it stands in the list, as people find it."""
        row = "" if self.row is None else str(self.row)
        return f"{self.sheet} {row}".strip()

    def refuse(self, sentence: str) -> None:
        """Leave it out, for a reason."""
        self.outcome, self.changes = RowOutcome.REFUSED, [sentence]


Planned = TypeVar("Planned", bound=PlannedRow)


@dataclass(slots=True)
class ListPlan(Generic[Planned]):
    """What an import would do."""

    rows: list[Planned]

    def of(self, outcome: RowOutcome) -> list[Planned]:
        """The rows with an outcome, those with notes first."""
        return sorted((row for row in self.rows if row.outcome is outcome), key=lambda row: not row.notes)

    def count(self, outcome: RowOutcome) -> int:
        """How many rows have an outcome."""
        return sum(row.outcome is outcome for row in self.rows)

    def reasons(self, outcome: RowOutcome) -> list[LeftOutRows]:
        """The rows with an outcome by why they have it."""
        return by_reason((" ".join(row.changes), row.title or "–", row.place) for row in self.of(outcome))

    @property
    def questions(self) -> list[Planned]:
        """The rows somebody must decide, or has decided."""
        return [row for row in self.rows if row.question is not None]

    @property
    def does_something(self) -> bool:
        """Whether anything would be written."""
        return any(row.outcome.writes for row in self.rows)

    @property
    def digest(self) -> str:
        """What it would do, in a word to compare with."""
        rows = [[row.row, row.title, row.outcome.value, row.changes, row.notes] for row in self.rows]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def repeated(keys: Sequence[str]) -> dict[int, int]:
    """Of a list of keys, the places of those that stood there before, each with the first place."""
    first: dict[str, int] = {}
    return {
        place: first[key] for place, key in enumerate(keys) if key and first.setdefault(key, place) != place
    }

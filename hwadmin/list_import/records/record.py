"""One row of an imported list, as it was read. Loaded by every worker; what reads lists is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Value = str | date | Decimal | int
# How the names of questions about a list begin.
ANSWER = "answer-"


@dataclass(frozen=True, slots=True)
class ListRecord:
    """One row: what it says, by column, and why it cannot be understood, each a sentence.

    `index` counts through all sheets; `row` is how people count in the one it is of.
    """

    row: int
    values: Mapping[str, Value] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    sheet: str = ""
    index: int = 0
    # The cells as they stand, to know the row by where nothing of it can be read.
    source: str = ""

    def text(self, key: str) -> str | None:
        """What a column of text says; None where it says nothing."""
        value = self.values.get(key)
        return str(value) if value is not None else None

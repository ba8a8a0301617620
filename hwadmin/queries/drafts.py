"""Reading what people are entering for an order and have not written yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.models import FulfillmentDraft, Person

# Whoever has typed nothing for so long is not at it any more: what they left is theirs to find again, but
# holds no unit back.
_AT_IT = timedelta(hours=12)


class DraftRow(NamedTuple):
    """What one person has in the field of one unit."""

    unit_id: int
    person_id: int
    name: str
    text: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Drafts:
    """What is being entered for an order: my own texts, by unit, and those of others who are at it."""

    mine: dict[int, str]
    theirs: tuple[DraftRow, ...]

    @property
    def others(self) -> list[tuple[str, int]]:
        """Who else is at it, and how many units they have."""
        counts: dict[str, int] = {}
        for row in self.theirs:
            counts[row.name] = counts.get(row.name, 0) + 1
        return sorted(counts.items())


def drafts_of(order_id: int, person_id: int | None) -> Drafts:
    """What is being entered for an order, seen by one of those who enter it."""
    rows: Iterable[DraftRow] = map(
        DraftRow._make,
        db.session.execute(
            select(
                FulfillmentDraft.unit_id,
                FulfillmentDraft.person_id,
                Person.name,
                FulfillmentDraft.text,
                FulfillmentDraft.updated_at,
            )
            .join(Person, Person.id == FulfillmentDraft.person_id)
            .where(FulfillmentDraft.order_id == order_id)
            .order_by(FulfillmentDraft.updated_at, FulfillmentDraft.unit_id)
        ),
    )
    mine: dict[int, str] = {}
    theirs: list[DraftRow] = []
    since = utcnow() - _AT_IT
    for row in rows:
        if row.person_id == person_id:
            mine[row.unit_id] = row.text
        elif row.updated_at >= since:
            theirs.append(row)
    return Drafts(mine, tuple(theirs))

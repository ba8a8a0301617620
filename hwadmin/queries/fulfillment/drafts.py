"""Reading what people are entering for an order and have not written yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.models import FulfillmentDraft, Person

# Whoever has entered nothing for so long is not at work on it any more: they find their texts again, but
# these hold no unit back.
_ACTIVE_FOR = timedelta(hours=12)


class DraftRow(NamedTuple):
    """What one person has in the field of one unit."""

    unit_id: int
    person_id: int
    name: str
    text: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Drafts:
    """What is being entered for an order: own texts, by unit, and those of others at work on it."""

    own: dict[int, str]
    others: tuple[DraftRow, ...]

    @property
    def other_editors(self) -> list[tuple[str, int]]:
        """Who else is entering identifiers, and for how many units."""
        counts: dict[str, int] = {}
        for row in self.others:
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
    own: dict[int, str] = {}
    others: list[DraftRow] = []
    since = utcnow() - _ACTIVE_FOR
    for row in rows:
        if row.person_id == person_id:
            own[row.unit_id] = row.text
        elif row.updated_at >= since:
            others.append(row)
    return Drafts(own, tuple(others))

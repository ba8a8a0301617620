"""Reading what people are entering for an order and have not written yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select

from hwadmin.clock import utcnow
from hwadmin.db.quick_sql import read_rows
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
    # Whose it was before this person took it over.
    taken_over_from_id: int | None


@dataclass(frozen=True, slots=True)
class Drafts:
    """What is being entered for an order: own texts, by unit, and those of others at work on it.

    `left`: what others entered so long ago that they are not at work on it any more.
    """

    own: dict[int, str]
    others: tuple[DraftRow, ...]
    left: tuple[DraftRow, ...] = ()

    @property
    def other_editors(self) -> list[tuple[str, int]]:
        """Who else is entering identifiers, and for how many units."""
        counts: dict[str, int] = {}
        for row in self.others:
            counts[row.name] = counts.get(row.name, 0) + 1
        return sorted(counts.items())

    @property
    def to_take_over(self) -> dict[int, DraftRow]:
        """By unit, what somebody else entered where one entered nothing oneself: theirs who is at work on it,
        or else who was the first to enter it."""
        rows: dict[int, DraftRow] = {}
        for row in (*self.others, *self.left):
            if row.text and row.unit_id not in self.own:
                rows.setdefault(row.unit_id, row)
        return rows


def drafts_of(order_id: int, person_id: int | None) -> Drafts:
    """What is being entered for an order, seen by one of those who enter it."""
    rows = [DraftRow(*row) for row in read_rows(_drafts_statement(), order=order_id)]
    own: dict[int, str] = {}
    others: list[DraftRow] = []
    left: list[DraftRow] = []
    since = utcnow() - _ACTIVE_FOR
    for row in rows:
        if row.person_id == person_id:
            own[row.unit_id] = row.text
        elif row.updated_at >= since:
            others.append(row)
        else:
            left.append(row)
    return Drafts(own, tuple(others), tuple(left))


@cache
def _drafts_statement() -> Select[*tuple[Any, ...]]:
    return (
        select(
            FulfillmentDraft.unit_id,
            FulfillmentDraft.person_id,
            Person.name,
            FulfillmentDraft.text,
            FulfillmentDraft.updated_at,
            FulfillmentDraft.taken_over_from_id,
        )
        .join(Person, Person.id == FulfillmentDraft.person_id)
        .where(FulfillmentDraft.order_id == bindparam("order"))
        .order_by(FulfillmentDraft.updated_at, FulfillmentDraft.unit_id)
    )

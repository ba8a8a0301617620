"""The feed: everything that happened, in the order in which it was committed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.domain.row_ids import MAX_ID
from hwadmin.models import OutboxEvent
from hwadmin.queries.scope import within

# So many rows are looked at for one page of a type: one of a rare type may be empty, and leads on.
ROWS_OF_A_TYPE = 2_000


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """A place in the feed: the position of a row, and how many of the row's entries are behind."""

    position: int = 0
    entries: int = 0

    def __str__(self) -> str:
        return f"{self.position}-{self.entries}"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One thing that happened: its place in the feed, its type, and the row it is about."""

    place: FeedPlace
    type: str
    at: datetime
    subject_id: int


def read_feed_place(text: str) -> FeedPlace | None:
    """The place from how it is written; None where it is none."""
    position, _, entries = text.partition("-")
    numbers = [part for part in (position, entries) if part.isascii() and part.isdigit() and len(part) <= 19]
    if len(numbers) != 2 or max(map(int, numbers)) > MAX_ID:
        return None
    place = FeedPlace(int(position), int(entries))
    return place if str(place) == text else None


def feed_after(
    actor: Actor, place: FeedPlace, event_type: str | None, limit: int
) -> tuple[list[FeedEntry], FeedPlace, bool]:
    """The entries after a place.

    Returns them, the place behind what was read, and whether there is more.
    """
    entries: list[FeedEntry] = []
    # Of all types nearly every row has an entry: the one of the place, those of the page, and one behind it.
    looked_at = ROWS_OF_A_TYPE if event_type else limit + 2
    rows = _rows(actor, place, looked_at + 1)
    for row in rows[:looked_at]:
        skipped = place.entries if row.position == place.position else 0
        for number, (kind, subject_id) in enumerate(_entries(row), 1):
            if number <= skipped:
                continue
            here = FeedPlace(row.position, number)
            if event_type is None or kind == event_type:
                if len(entries) == limit:
                    return entries, entries[-1].place if entries else place, True
                entries.append(FeedEntry(here, kind, row.at, subject_id))
            place = here
    return entries, place, len(rows) > looked_at


def _rows(actor: Actor, place: FeedPlace, most: int) -> Sequence[Any]:
    """The rows from a place on."""
    return db.session.execute(
        select(
            OutboxEvent.position,
            OutboxEvent.at,
            OutboxEvent.types,
            OutboxEvent.order_id,
            OutboxEvent.device_ids,
            OutboxEvent.details,
        )
        .where(within(actor, OutboxEvent), OutboxEvent.position >= place.position)
        .order_by(OutboxEvent.position)
        .limit(most)
    ).all()


def _entries(row: Any) -> Iterator[tuple[str, int]]:
    for kind in row.types:
        yield from ((kind, subject_id) for subject_id in subject_ids(row, kind))


def subject_ids(event: Any, event_type: str) -> list[int]:
    """The ids of the rows an outgoing event of a type is about: devices, employees, or its order."""
    subject = event_type.partition(".")[0]
    if subject == "device":
        return list(event.device_ids or ())
    if subject == "employee":
        return list(event.details.get("employee_ids") or ())
    return [event.order_id] if event.order_id is not None else []

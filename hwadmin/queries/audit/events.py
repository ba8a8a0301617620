"""Reading the audit trail, newest first.

Events are only ever appended, by one function with one clock. So their keys follow time, but for what was
written at the same moment, and every page is found by key: the millionth as quickly as the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from hwadmin.db.extensions import db
from hwadmin.domain.dates import start_of
from hwadmin.domain.permissions import Actor
from hwadmin.domain.row_ids import MAX_ID
from hwadmin.identifiers import search_values
from hwadmin.models import AuditEvent, Device, Person
from hwadmin.queries.people.platforms import platform_names
from hwadmin.queries.scope import visible, within
from hwadmin.queries.text_match import part_of, word_of

# By more than this no event has an earlier key and a later time: far longer than a transaction may take.
_DISORDER = timedelta(days=1)
_MOST_NAMESAKES = 20


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted; ``None`` is any."""

    # People by key, or else the written name of who is no person: the command line, a failed sign-in.
    person_ids: tuple[int, ...] | None = None
    other_name: str | None = None
    kind: str | None = None
    platform_id: int | None = None
    order_id: int | None = None
    device_id: int | None = None
    # Days of whoever asks, both included.
    since: date | None = None
    until: date | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some events, newest first, and the keys from which there are more."""

    events: list[AuditEvent]
    newer_than: int | None
    older_than: int | None


def page_of_events(
    actor: Actor,
    event_filter: EventFilter,
    *,
    before: int | None = None,
    after: int | None = None,
    size: int = 50,
) -> AuditPage:
    """The newest matching events; or those before, or right after, the event with a given key."""
    events = visible(actor, AuditEvent).where(*_conditions(event_filter))
    if after is not None:
        found = list(
            db.session.scalars(events.where(AuditEvent.id > after).order_by(AuditEvent.id).limit(size + 1))
        )
        if len(found) > size:
            found = found[size - 1 :: -1]
            return AuditPage(found, newer_than=found[0].id, older_than=found[-1].id)
        # The newest are reached: show a whole page of them.
    elif before is not None:
        events = events.where(AuditEvent.id < before)
    found = list(db.session.scalars(events.order_by(AuditEvent.id.desc()).limit(size + 1)))
    more, found = len(found) > size, found[:size]
    return AuditPage(
        found,
        newer_than=(found[0].id if found else before) if before is not None else None,
        older_than=found[-1].id if more else None,
    )


@dataclass(frozen=True, slots=True)
class ExportedEvent:
    """An event as an export has it."""

    at: datetime
    actor_name: str
    kind: str
    summary: str
    platform_name: str | None
    account_name: str | None
    order_id: int | None
    reason: str | None
    details: Mapping[str, Any]
    request_id: str | None


def every_event(actor: Actor, event_filter: EventFilter, most: int) -> Iterator[ExportedEvent]:
    """What an export says of all matching events, newest first; nothing is read before it is asked for."""
    # Columns instead of events: 50,000 objects would cost ten times the memory.
    rows = db.session.execute(
        select(
            AuditEvent.at,
            AuditEvent.actor_name,
            AuditEvent.kind,
            AuditEvent.summary,
            AuditEvent.platform_name,
            AuditEvent.account_name,
            AuditEvent.order_id,
            AuditEvent.reason,
            AuditEvent.details,
            AuditEvent.request_id,
        )
        .where(within(actor, AuditEvent), *_conditions(event_filter))
        .order_by(AuditEvent.id.desc())
        .limit(most)
    )
    for row in rows:
        yield ExportedEvent(*row)


def people_called(name: str) -> tuple[int, ...]:
    """The people of exactly this name, or else those whose name contains it."""
    for matches in (
        func.lower(Person.name) == func.lower(name),
        part_of(word_of(name), Person.name),
    ):
        found = db.session.scalars(
            select(Person.id).where(matches).order_by(Person.id).limit(_MOST_NAMESAKES)
        ).all()
        if found:
            return tuple(found)
    return ()


def device_called(actor: Actor, identifier: str) -> int | None:
    """The key of the device with this identifier, in any of its writings, among those the actor is given."""
    for kind, value in sorted(search_values(identifier)):
        found = db.session.scalar(
            select(Device.id).where(
                within(actor, Device), Device.identifier_kind == kind, Device.identifier == value
            )
        )
        if found is not None:
            return found
    return None


def platforms_to_choose(actor: Actor) -> Sequence[tuple[int, str]]:
    """The platforms the actor is given, by name; none where there is nothing to choose."""
    if actor.platform_ids is not None and len(actor.platform_ids) < 2:
        return []
    return platform_names(actor)


def _conditions(event_filter: EventFilter) -> Iterator[ColumnElement[bool]]:
    for column, value in (
        (AuditEvent.kind, event_filter.kind),
        (AuditEvent.platform_id, event_filter.platform_id),
        (AuditEvent.order_id, event_filter.order_id),
        (AuditEvent.device_id, event_filter.device_id),
        (AuditEvent.request_id, event_filter.request_id),
    ):
        if value is not None:
            yield column == value
    if event_filter.person_ids is not None:
        yield AuditEvent.actor_id.in_(event_filter.person_ids)
    if event_filter.other_name is not None:
        yield AuditEvent.actor_id.is_(None)
        yield AuditEvent.actor_name.icontains(event_filter.other_name, autoescape=True)
    if event_filter.since is not None:
        yield from _from(start_of(_within_reach(event_filter.since)))
    if event_filter.until is not None:
        yield from _until(start_of(_within_reach(event_filter.until) + timedelta(days=1)))


def _within_reach(day: date) -> date:
    """The day, or one before or after every event: next to the first and the last day there is no other."""
    return min(max(day, date(1970, 1, 1)), date(9000, 1, 1))


def _from(moment: datetime) -> Iterator[ColumnElement[bool]]:
    yield AuditEvent.at >= moment
    yield AuditEvent.id > _key_at(moment - _DISORDER, earlier=True)


def _until(moment: datetime) -> Iterator[ColumnElement[bool]]:
    yield AuditEvent.at < moment
    yield AuditEvent.id < _key_at(moment + _DISORDER, earlier=False)


def _key_at(moment: datetime, *, earlier: bool) -> Any:
    """The key of the last event before a moment, or of the first after it: a day is found by its keys.

    Without it the database would walk from the newest event down to a day long past. It says nothing of what
    the event is, so it is taken from all events, whoever asks.
    """
    event = AuditEvent.__table__.alias("boundary")
    found = select(event.c.id).limit(1)
    if earlier:
        found = found.where(event.c.at < moment).order_by(event.c.at.desc())
    else:
        found = found.where(event.c.at >= moment).order_by(event.c.at)
    return func.coalesce(found.scalar_subquery(), 0 if earlier else MAX_ID)

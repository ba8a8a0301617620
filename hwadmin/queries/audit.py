"""Reading the audit trail, newest first.

Events are only ever appended, by one function with one clock. So their keys follow time, but for what was
written at the same moment, and every page is found by key: the millionth as quickly as the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from hwadmin.extensions import db
from hwadmin.identifiers import search_values
from hwadmin.models import AuditEvent, Device, Person, Platform
from hwadmin.permissions import Actor
from hwadmin.queries.scope import visible, within

# By more than this no event has an earlier key and a later time: far longer than a transaction may take.
_DISORDER = timedelta(days=1)
_MOST_NAMESAKES = 20
_HIGHEST = 2**63 - 1


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
    # Days in UTC, both included.
    since: date | None = None
    until: date | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events, newest first, and the keys from which there are more."""

    events: list[AuditEvent]
    newer_than: int | None
    older_than: int | None


def page_of_events(
    actor: Actor, wanted: EventFilter, *, before: int | None = None, after: int | None = None, size: int = 50
) -> EventPage:
    """The newest matching events; or those before, or right after, the event with a given key."""
    events = visible(actor, AuditEvent).where(*_conditions(wanted))
    if after is not None:
        found = list(
            db.session.scalars(events.where(AuditEvent.id > after).order_by(AuditEvent.id).limit(size + 1))
        )
        if len(found) > size:
            found = found[size - 1 :: -1]
            return EventPage(found, newer_than=found[0].id, older_than=found[-1].id)
        # The newest are reached: show a whole page of them.
    elif before is not None:
        events = events.where(AuditEvent.id < before)
    found = list(db.session.scalars(events.order_by(AuditEvent.id.desc()).limit(size + 1)))
    more, found = len(found) > size, found[:size]
    return EventPage(
        found,
        newer_than=(found[0].id if found else before) if before is not None else None,
        older_than=found[-1].id if more else None,
    )


def every_event(actor: Actor, wanted: EventFilter, most: int) -> Iterator[Row[*tuple[Any, ...]]]:
    """What an export says of all matching events, newest first; nothing is read before it is asked for."""
    # Columns instead of events: 50,000 objects would cost ten times the memory.
    yield from db.session.execute(
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
        .where(within(actor, AuditEvent), *_conditions(wanted))
        .order_by(AuditEvent.id.desc())
        .limit(most)
    )


def events_of_order(actor: Actor, order_id: int, most: int = 500) -> list[AuditEvent]:
    """What was done to an order, newest first."""
    return page_of_events(actor, EventFilter(order_id=order_id), size=most).events


def events_of_device(actor: Actor, device_id: int, most: int = 500) -> list[AuditEvent]:
    """What was done to a device, newest first."""
    return page_of_events(actor, EventFilter(device_id=device_id), size=most).events


def people_called(name: str) -> tuple[int, ...]:
    """The people of exactly this name, or else those whose name contains it."""
    for matches in (
        func.lower(Person.name) == func.lower(name),
        Person.name.icontains(name, autoescape=True),
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


def platforms_to_choose(actor: Actor) -> list[tuple[int, str]]:
    """The platforms the actor is given, by name; none where there is nothing to choose."""
    if actor.platform_ids is not None and len(actor.platform_ids) < 2:
        return []
    rows = db.session.execute(
        select(Platform.id, Platform.name).where(within(actor, Platform)).order_by(Platform.name)
    )
    return [(key, name) for key, name in rows]


def _conditions(wanted: EventFilter) -> Iterator[ColumnElement[bool]]:
    for column, value in (
        (AuditEvent.kind, wanted.kind),
        (AuditEvent.platform_id, wanted.platform_id),
        (AuditEvent.order_id, wanted.order_id),
        (AuditEvent.device_id, wanted.device_id),
        (AuditEvent.request_id, wanted.request_id),
    ):
        if value is not None:
            yield column == value
    if wanted.person_ids is not None:
        yield AuditEvent.actor_id.in_(wanted.person_ids)
    if wanted.other_name is not None:
        yield AuditEvent.actor_id.is_(None)
        yield AuditEvent.actor_name.icontains(wanted.other_name, autoescape=True)
    if wanted.since is not None:
        yield from _from(datetime.combine(wanted.since, datetime.min.time(), UTC))
    if wanted.until is not None:
        yield from _until(datetime.combine(wanted.until, datetime.min.time(), UTC) + timedelta(days=1))


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
    return func.coalesce(found.scalar_subquery(), 0 if earlier else _HIGHEST)

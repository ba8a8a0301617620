"""Whether the audit trail is what was written: every event recomputed, every link followed to the tail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, not_, select

from hwadmin import chain
from hwadmin.extensions import db
from hwadmin.models import AuditEvent, AuditLink, AuditRedaction, AuditTail

# The kind of the events that say whose name was taken out of others.
ANONYMIZED = "employee.anonymized"
_AT_ONCE = 2_000
_EVENT = AuditEvent.__table__.c
_LINK = AuditLink.__table__.c


@dataclass(frozen=True, slots=True)
class Head:
    """How far the chain had come, as it was published: its number of links and the hash of the last."""

    seq: int
    hash: str
    # When, as far as whoever kept it knows.
    said: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first event nothing can be vouched for from, and why."""

    why: str
    # None: what is missing is not there to be named.
    event_id: int | None = None
    seq: int | None = None
    at: datetime | None = None
    kind: str | None = None
    actor_name: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be said of the audit trail."""

    # Links followed without a fault, and of their events those with redacted words.
    vouched: int
    redacted: int
    # Events up to this one were written before there was a chain.
    begins_after: int
    # Published heads that were met on the way.
    heads_met: int
    head: Head
    fault: Fault | None = None


def head() -> Head:
    """How far the chain has come."""
    seq, hash_ = db.session.execute(select(AuditTail.seq, AuditTail.hash)).one()
    return Head(seq, hash_)


def verify(published: Sequence[Head] = ()) -> Verdict:
    """Follow the chain from its beginning to its tail.

    Args:
        published: heads as they were kept elsewhere; a chain rewritten as a whole is found by them only.
    """
    doubted: set[int] = set()
    while True:
        verdict = _Walk(published, doubted).verdict()
        fault = verdict.fault
        # An anonymization that is not vouched for itself excuses nothing: look again without it.
        if fault is None or fault.kind != ANONYMIZED or fault.event_id is None or fault.event_id in doubted:
            return verdict
        doubted.add(fault.event_id)


class _Walk:
    """One walk along the chain."""

    def __init__(self, published: Sequence[Head], doubted: set[int]) -> None:
        self.tail = _tail()
        self.published = sorted(published, key=lambda head: head.seq)
        self.redactions = _redactions(doubted)
        self.vouched = self.redacted = self.heads_met = 0
        # The last event a published head vouches for, and the one after it.
        self.after_head: Any = None

    def verdict(self) -> Verdict:
        begins_after = self.tail.begins_after if self.tail else 0
        before = chain.genesis(begins_after)
        fault, before = self._follow(before)
        if fault is None:
            fault = self._end(before)
        past = _past_the_chain(begins_after)
        if past is not None and (fault is None or fault.event_id is None or past.id < fault.event_id):
            fault = _fault("It was put in past the chain: no link holds it.", past)
        return Verdict(
            vouched=self.vouched,
            redacted=self.redacted,
            begins_after=begins_after,
            heads_met=self.heads_met,
            head=Head(self.tail.seq if self.tail else 0, before),
            fault=fault,
        )

    def _follow(self, before: str) -> tuple[Fault | None, str]:
        heads = list(self.published)
        while heads and heads[0].seq == 0:
            heads.pop(0)
        for row in _links():
            if self.after_head is None:
                self.after_head = row
            if row.seq != self.vouched + 1:
                return _fault("An event before it was removed, with its link.", row), before
            if row.id is None:
                return Fault("The event was removed.", row.event_id, row.seq), before
            why = self._doubt(row, before)
            if why is not None:
                return _fault(why, row), before
            self.vouched, before = row.seq, row.hash
            while heads and heads[0].seq == row.seq:
                if heads[0].hash != row.hash:
                    return _fault(_rewritten(heads[0]), self.after_head or row), before
                heads.pop(0)
                self.heads_met += 1
                self.after_head = None
        if heads:
            return Fault(f"The chain ends with link {self.vouched}, but {_spoken(heads[0])}."), before
        return None, before

    def _doubt(self, row: Any, before: str) -> str | None:
        """Why an event is not what was written; None where it is."""
        facts = row._asdict()
        if row.digest != chain.digest(facts, row.commitment or ""):
            return "It is not what was written."
        if row.hash != chain.link(before, row.seq, row.event_id, row.digest):
            return "Its link does not hold the event before it."
        words = chain.commitment(row.salt or "", facts)
        if row.redaction_id is None:
            return None if words == row.commitment else "Its words are not those that were written."
        if self.redactions.get(row.redaction_id) != (row.event_id, words):
            return "Its words were changed, and no anonymization says so."
        self.redacted += 1
        return None

    def _end(self, before: str) -> Fault | None:
        if self.tail is None:
            return Fault("The tail of the chain was removed.")
        if self.tail.seq > self.vouched:
            return Fault(
                f"The chain ends with link {self.vouched}, but {self.tail.seq} were made: "
                "the last were removed.",
                seq=self.vouched + 1,
            )
        # What was written meanwhile has moved the tail on as well.
        tail = self.tail if self.tail.seq == self.vouched else _tail()
        if tail is None or tail.seq < self.vouched or (tail.seq == self.vouched and tail.hash != before):
            return Fault("The last link is not the one the tail of the chain holds.", seq=self.vouched)
        return None


def _tail() -> Row[int, str, int] | None:
    return db.session.execute(select(AuditTail.seq, AuditTail.hash, AuditTail.begins_after)).one_or_none()


def _links() -> Iterator[Row[Any]]:
    """All links with their events, in the order of the chain."""
    last, events = None, [_EVENT[name] for name in dict.fromkeys((*chain.FACTS, *chain.WORDS))]
    while True:
        statement: Select[Any] = (
            select(
                _LINK.seq,
                _LINK.hash,
                _LINK.event_id,
                _EVENT.id,
                _EVENT.salt,
                _EVENT.commitment,
                _EVENT.digest,
                _EVENT.redaction_id,
                *events,
            )
            .outerjoin_from(AuditLink.__table__, AuditEvent.__table__, _EVENT.id == _LINK.event_id)
            .order_by(_LINK.seq)
            .limit(_AT_ONCE)
        )
        if last is not None:
            statement = statement.where(_LINK.seq > last)
        rows = db.session.connection().execute(statement).all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].seq


def _past_the_chain(begins_after: int) -> Any:
    """The first event without a link, but for those from before the chain."""
    return (
        db.session.connection()
        .execute(
            select(_EVENT.id, _EVENT.at, _EVENT.kind, _EVENT.actor_name)
            .outerjoin_from(AuditEvent.__table__, AuditLink.__table__, _EVENT.id == _LINK.event_id)
            .where(_LINK.seq.is_(None), not_(and_(_EVENT.id > 0, _EVENT.id <= begins_after)))
            .order_by(_EVENT.id)
            .limit(1)
        )
        .first()
    )


def _redactions(doubted: set[int]) -> dict[int, tuple[int, str]]:
    """The redactions the chain holds: key → event and the commitment of its new words."""
    batches: dict[str, list[tuple[int, int, str]]] = {}
    for key, event_id, batch, commitment in db.session.execute(
        select(AuditRedaction.id, AuditRedaction.event_id, AuditRedaction.batch, AuditRedaction.commitment)
    ):
        batches.setdefault(batch, []).append((key, event_id, commitment))
    held: dict[int, tuple[int, str]] = {}
    if not batches:
        return held
    # The newest first: an anonymization may have been redacted by a later one.
    for event in (
        db.session.connection()
        .execute(select(AuditEvent.__table__).where(_EVENT.kind == ANONYMIZED).order_by(_EVENT.id.desc()))
        .all()
    ):
        words = chain.commitment(event.salt or "", event._asdict())
        mine = event.redaction_id is None and words == event.commitment
        if event.id in doubted or not (mine or held.get(event.redaction_id or 0) == (event.id, words)):
            continue
        details: Mapping[str, Any] = event.details
        rows = batches.get(str(details.get("batch_id")), [])
        if chain.digest_of_redactions(rows) == details.get("redactions_digest"):
            held |= {key: (event_id, commitment) for key, event_id, commitment in rows}
    return held


def _fault(why: str, row: Any) -> Fault:
    event = row._mapping
    return Fault(why, event.get("event_id", event["id"]), event.get("seq"), row.at, row.kind, row.actor_name)


def _rewritten(head: Head) -> str:
    return f"The history was rewritten from here on, or from later: {_spoken(head)}."


def _spoken(head: Head) -> str:
    when = f" on {head.said}" if head.said else ""
    return f"link {head.seq} was published{when} as {head.hash[:16]}…"

"""Whether the audit trail is what was written: every event recomputed, every link followed to the tail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain import audit_hash_chain
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.models import AuditEvent, AuditRedaction, AuditTail
from hwadmin.queries.audit.chain_rows import ChainLink, Fault, event_past_the_chain, links, tail

_EVENT = AuditEvent.__table__.c


@dataclass(frozen=True, slots=True)
class Head:
    """How far the chain had come, as it was published: its number of links and the hash of the last."""

    seq: int
    hash: str
    # The day, as far as whoever kept it knows.
    published_on: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found about the audit trail."""

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
    unproven: set[int] = set()
    while True:
        verdict = _Walk(published, unproven).verdict()
        fault = verdict.fault
        # An anonymization that is not vouched for itself excuses nothing: look again without it.
        if (
            fault is None
            or fault.kind != AuditKind.EMPLOYEE_ANONYMIZED
            or fault.event_id is None
            or fault.event_id in unproven
        ):
            return verdict
        unproven.add(fault.event_id)


class _Walk:
    """One walk along the chain."""

    def __init__(self, published: Sequence[Head], unproven: set[int]) -> None:
        self.tail = tail()
        self.published = sorted(published, key=lambda head: head.seq)
        self.redactions = _redactions(unproven)
        self.vouched = self.redacted = self.heads_met = 0
        # The last event a published head vouches for, and the one after it.
        self.after_head: ChainLink | None = None

    def verdict(self) -> Verdict:
        begins_after = self.tail.begins_after if self.tail else 0
        before = audit_hash_chain.genesis(begins_after)
        fault, before = self._follow(before)
        if fault is None:
            fault = self._end(before)
        past = event_past_the_chain(begins_after)
        if past is not None and (
            fault is None or fault.event_id is None or (past.event_id or 0) < fault.event_id
        ):
            fault = past
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
        for link in links():
            if self.after_head is None:
                self.after_head = link
            if link.seq != self.vouched + 1:
                return link.fault("An event before it was removed, with its link."), before
            if link.id is None:
                return Fault("The event was removed.", link.event_id, link.seq), before
            why = self._difference(link, before)
            if why is not None:
                return link.fault(why), before
            self.vouched, before = link.seq, link.hash
            while heads and heads[0].seq == link.seq:
                if heads[0].hash != link.hash:
                    return (self.after_head or link).fault(_rewritten(heads[0])), before
                heads.pop(0)
                self.heads_met += 1
                self.after_head = None
        if heads:
            return Fault(f"The chain ends with link {self.vouched}, but {_describe_head(heads[0])}."), before
        return None, before

    def _difference(self, link: ChainLink, before: str) -> str | None:
        """Why an event is not what was written; None where it is."""
        digest = audit_hash_chain.digest(link.facts, link.commitment or "")
        if link.digest != digest:
            return "It is not what was written."
        if link.hash != audit_hash_chain.link(before, link.seq, link.event_id, digest):
            return "Its link does not hold the event before it."
        words = audit_hash_chain.commitment(link.salt or "", link.facts)
        if link.redaction_id is None:
            return None if words == link.commitment else "Its words are not those that were written."
        if self.redactions.get(link.redaction_id) != (link.event_id, words):
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
        last = self.tail if self.tail.seq == self.vouched else tail()
        if last is None or last.seq < self.vouched or (last.seq == self.vouched and last.hash != before):
            return Fault("The last link is not the one the tail of the chain holds.", seq=self.vouched)
        return None


def _redactions(unproven: set[int]) -> dict[int, tuple[int, str]]:
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
        .execute(
            select(AuditEvent.__table__)
            .where(_EVENT.kind == AuditKind.EMPLOYEE_ANONYMIZED)
            .order_by(_EVENT.id.desc())
        )
        .all()
    ):
        words = audit_hash_chain.commitment(event.salt or "", event._asdict())
        unredacted = event.redaction_id is None and words == event.commitment
        if event.id in unproven or not (unredacted or held.get(event.redaction_id or 0) == (event.id, words)):
            continue
        details: Mapping[str, Any] = event.details
        rows = batches.get(str(details.get("batch_id")), [])
        if audit_hash_chain.digest_of_redactions(rows) == details.get("redactions_digest"):
            held |= {key: (event_id, commitment) for key, event_id, commitment in rows}
    return held


def _rewritten(head: Head) -> str:
    return f"The history was rewritten from here on, or from later: {_describe_head(head)}."


def _describe_head(head: Head) -> str:
    when = f" on {head.published_on}" if head.published_on else ""
    return f"link {head.seq} was published{when} as {head.hash[:16]}…"


# ---- In words


def verdict_sentences(verdict: Verdict, published: int) -> list[str]:
    """What verification found, for people.

    Args:
        published: how many heads the chain was compared with.
    """
    lines = []
    if verdict.begins_after:
        lines.append(
            f"Events up to {verdict.begins_after} are older than the chain; nothing vouches for them."
        )
    if verdict.fault is not None:
        return [*lines, *_broken(verdict.fault, verdict.vouched)]
    redacted = f" In {verdict.redacted:,} of them a person was anonymized." if verdict.redacted else ""
    lines.append(f"All {verdict.vouched:,} events are what was written.{redacted}")
    if published:
        heads = "the published head" if published == 1 else f"all {published:,} published heads"
        lines.append(f"The chain passes through {heads}.")
    else:
        lines.append("No head was published yet, so a chain rewritten as a whole would not be found.")
    lines.append(f"Head: link {verdict.head.seq}, {verdict.head.hash}")
    return lines


def _broken(fault: Fault, vouched: int) -> list[str]:
    if fault.event_id is None:
        return [f"BROKEN after link {vouched}.", fault.why]
    what = f"BROKEN from event {fault.event_id} on"
    if fault.at is not None:
        at = fault.at.replace(tzinfo=None).isoformat(" ", "seconds")
        what += f": {fault.kind}, {at} UTC, by {fault.actor_name}"
    return [f"{what}.", fault.why]

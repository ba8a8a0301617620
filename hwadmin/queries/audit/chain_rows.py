"""Reading the chain of the audit trail: its links with their events, its tail, and events past it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, not_, select, true

from hwadmin.db.extensions import db
from hwadmin.domain import audit_hash_chain
from hwadmin.models import AuditEvent, AuditLink, AuditTail

_AT_ONCE = 2_000
_EVENT = AuditEvent.__table__.c
_LINK = AuditLink.__table__.c


@dataclass(frozen=True, slots=True)
class Fault:
    """The first event that cannot be trusted, and why."""

    why: str
    # None: what is missing is not there to be named.
    event_id: int | None = None
    seq: int | None = None
    at: datetime | None = None
    kind: str | None = None
    actor_name: str | None = None


@dataclass(frozen=True, slots=True)
class ChainLink:
    """A link of the chain with its event, as far as that is there."""

    seq: int
    hash: str
    event_id: int
    # Of the event: None where it was removed.
    id: int | None
    at: datetime | None
    kind: str | None
    actor_name: str | None
    salt: str | None
    commitment: str | None
    digest: str | None
    redaction_id: int | None
    # What of the event is hashed, by the names of its columns.
    facts: Mapping[str, Any]

    def fault(self, why: str) -> Fault:
        """The fault that begins with this link."""
        return Fault(why, self.event_id, self.seq, self.at, self.kind, self.actor_name)


def tail() -> Row[int, str, int] | None:
    """The last link, and where the chain begins; None where that was removed."""
    return db.session.execute(select(AuditTail.seq, AuditTail.hash, AuditTail.begins_after)).one_or_none()


def links() -> Iterator[ChainLink]:
    """All links with their events, in the order of the chain."""
    last = None
    while True:
        rows = db.session.connection().execute(_links_after(last)).all()
        for row in rows:
            yield ChainLink(
                seq=row.seq,
                hash=row.hash,
                event_id=row.event_id,
                id=row.id,
                at=row.at,
                kind=row.kind,
                actor_name=row.actor_name,
                salt=row.salt,
                commitment=row.commitment,
                digest=row.digest,
                redaction_id=row.redaction_id,
                facts=row._asdict(),
            )
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].seq


def _links_after(seq: int | None) -> Select[Any]:
    hashed = [_EVENT[name] for name in dict.fromkeys((*audit_hash_chain.FACTS, *audit_hash_chain.WORDS))]
    return (
        select(
            _LINK.seq,
            _LINK.hash,
            _LINK.event_id,
            _EVENT.id,
            _EVENT.salt,
            _EVENT.commitment,
            _EVENT.digest,
            _EVENT.redaction_id,
            *hashed,
        )
        .outerjoin_from(AuditLink.__table__, AuditEvent.__table__, _EVENT.id == _LINK.event_id)
        .where(_LINK.seq > seq if seq is not None else true())
        .order_by(_LINK.seq)
        .limit(_AT_ONCE)
    )


def event_past_the_chain(begins_after: int) -> Fault | None:
    """The first event without a link, but for those from before the chain."""
    row = (
        db.session.connection()
        .execute(
            select(_EVENT.id, _EVENT.at, _EVENT.kind, _EVENT.actor_name)
            .outerjoin_from(AuditEvent.__table__, AuditLink.__table__, _EVENT.id == _LINK.event_id)
            .where(_LINK.seq.is_(None), not_(and_(_EVENT.id > 0, _EVENT.id <= begins_after)))
            .order_by(_EVENT.id)
            .limit(1)
        )
        .one_or_none()
    )
    if row is None:
        return None
    why = "It was put in past the chain: no link holds it."
    return Fault(why, row.id, at=row.at, kind=row.kind, actor_name=row.actor_name)

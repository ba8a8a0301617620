"""Repeated requests: the first is done and its answer kept; the others are answered with it and do nothing.

The key is claimed in the transaction of the deed itself. Whoever comes second waits for the first to end, and
then finds either its answer or, where it was undone, a free key. So only what was done is remembered: a
refusal or a fault leaves nothing behind, its key included, and may be tried again under the same key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from hwadmin.clock import utcnow
from hwadmin.errors import InvalidInput
from hwadmin.extensions import db
from hwadmin.models import IdempotencyRecord
from hwadmin.uow import TryAgain

KEPT_FOR = timedelta(hours=24)
FIELD = "Idempotency-Key"
# Of the records whose time is over, each claim takes away so many: nobody has to be asked to tidy up.
_TIDIED_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a request was answered with."""

    status: int
    body: str
    headers: Mapping[str, str]


def fingerprint(parts: Iterable[str]) -> str:
    """What tells one request from another."""
    digest = hashlib.sha256()
    for part in parts:
        # The length first: the ends of the parts cannot be moved.
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(f"{len(encoded)}:".encode() + encoded)
    return digest.hexdigest()


def claim(owner: str, key: str, request: str) -> KeptAnswer | None:
    """Claim a key for a request; or the kept answer, where the request was done before.

    Args:
        owner: whose key it is; everybody has keys of their own.
        key: what the caller calls the request.
        request: its fingerprint.

    Raises:
        InvalidInput: the key was used for another request.
        TryAgain: the unit of work repeats the deed.
    """
    _tidy()
    if _insert(owner, key, request):
        return None
    mine = (IdempotencyRecord.owner == owner, IdempotencyRecord.key == key)
    record = db.session.scalars(
        select(IdempotencyRecord).where(*mine).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if record is None:  # Its time was over, and it was taken away just now.
        raise TryAgain
    if record.created_at <= utcnow() - KEPT_FOR:
        record.fingerprint, record.created_at = request, utcnow()
        record.status = record.body = record.headers = None
        db.session.flush()
        return None
    if record.fingerprint != request:
        raise InvalidInput.at(FIELD, "This key was used for another request; use a new one for each.")
    assert record.status is not None
    return KeptAnswer(record.status, record.body or "", record.headers or {})


def keep(owner: str, key: str, answer: KeptAnswer) -> None:
    """Keep the answer of the request that claimed the key, to be given again."""
    db.session.execute(
        update(IdempotencyRecord)
        .where(IdempotencyRecord.owner == owner, IdempotencyRecord.key == key)
        .values(status=answer.status, body=answer.body, headers=dict(answer.headers))
        .execution_options(synchronize_session=False)
    )


def _insert(owner: str, key: str, request: str) -> bool:
    dialect = postgresql if db.session.connection().dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(IdempotencyRecord)
        .values(owner=owner, key=key, fingerprint=request, created_at=utcnow())
        .on_conflict_do_nothing()
        .returning(IdempotencyRecord.key)
    )
    return db.session.execute(statement).first() is not None


def _tidy() -> None:
    """Take away some records whose time is over, but none that somebody else is at: nobody waits for it."""
    over = db.session.execute(
        select(IdempotencyRecord.owner, IdempotencyRecord.key)
        # An hour later than they end, so that nobody's claim is about to renew one.
        .where(IdempotencyRecord.created_at < utcnow() - KEPT_FOR - timedelta(hours=1))
        .order_by(IdempotencyRecord.created_at)
        .limit(_TIDIED_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    if over:
        db.session.execute(
            delete(IdempotencyRecord)
            .where(tuple_(IdempotencyRecord.owner, IdempotencyRecord.key).in_([tuple(row) for row in over]))
            .execution_options(synchronize_session=False)
        )

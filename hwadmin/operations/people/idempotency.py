"""Repeated requests: the first is done and its answer kept; the others are answered with it and do nothing.

The key is claimed in the transaction of the work itself. Whoever comes second waits for the first to end, and
then finds either its answer or, where it was undone, a free key. So only what was done is remembered: a
refusal or a fault leaves nothing behind, its key included, and may be tried again under the same key.

An answer may hold a secret that is shown once. It is kept encrypted, by a key made of the caller's token and
key, which the database does not hold: whoever reads the table or a backup reads no answer.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, delete, select, tuple_, update

from hwadmin.clock import utcnow
from hwadmin.db import dialects
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import TryAgain
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.models import IdempotencyRecord

if TYPE_CHECKING:
    # Loaded where an answer is kept: it is large, and most workers never keep one.
    from cryptography.fernet import Fernet

FIELD = "Idempotency-Key"
# Of the records whose time is over, each claim takes away so many: nobody has to be asked to tidy up.
_TIDIED_AT_ONCE = 20
# What is done in parts is given up by then, or was cut off.
_LONGEST_REQUEST = timedelta(seconds=60)
# Keys derived from a token for anything else differ from these.
_PURPOSE = b"hwadmin kept answers 1"


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """What a request was answered with."""

    status: int
    body: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RequestKey:
    """What a caller calls a request."""

    # Whose key it is; everybody has keys of their own.
    owner: str
    key: str
    # The secret the caller sent: of it the database holds a hash only.
    token: str = field(repr=False)

    @property
    def own_record(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        """What the record of the request is found by."""
        return IdempotencyRecord.owner == self.owner, IdempotencyRecord.key == self.key

    def encrypt(self, body: str) -> str:
        """A body as it is kept."""
        return self._cipher().encrypt(body.encode()).decode()

    def decrypt(self, kept: str) -> str | None:
        """The body again; None where it was kept under another token or key."""
        from cryptography.fernet import InvalidToken

        try:
            return self._cipher().decrypt(kept.encode()).decode()
        except InvalidToken:
            return None

    def _cipher(self) -> Fernet:
        from cryptography.fernet import Fernet
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derived = HKDF(SHA256(), 32, salt=_PURPOSE, info=f"{self.owner}\n{self.key}".encode())
        return Fernet(base64.urlsafe_b64encode(derived.derive(self.token.encode("utf-8", "replace"))))


def fingerprint(parts: Iterable[str]) -> str:
    """What tells one request from another."""
    digest = hashlib.sha256()
    for part in parts:
        # The length first: the ends of the parts cannot be moved.
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(f"{len(encoded)}:".encode() + encoded)
    return digest.hexdigest()


def claim(key: RequestKey, request: str) -> StoredResponse | None:
    """Claim a key for a request; or the kept answer, where the request was done before.

    Args:
        key: what the caller calls the request.
        request: its fingerprint.

    Raises:
        InvalidInput: the key was used for another request, or the answer is not for this token.
        WrongState: the request is done in parts, and not at its end.
        TryAgain: the unit of work repeats it.
    """
    _tidy()
    if _insert(key, request):
        return None
    record = db.session.scalars(
        select(IdempotencyRecord)
        .where(*key.own_record)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if record is None:  # Its time was over, and it was taken away just now.
        raise TryAgain
    if record.created_at <= utcnow() - IdempotencyRecord.LIFETIME:
        record.fingerprint, record.created_at = request, utcnow()
        record.status = record.body = record.headers = None
        db.session.flush()
        return None
    if record.fingerprint != request:
        raise InvalidInput.at(FIELD, "This key was used for another request; use a new one for each.")
    if record.status is None:
        if record.created_at > utcnow() - _LONGEST_REQUEST:
            raise WrongState("The first request with this key is still being done; ask again in a moment.")
        # It was done in parts, and cut off before its answer was kept.
        record.created_at = utcnow()
        db.session.flush()
        return None
    body = key.decrypt(record.body or "")
    if body is None:
        raise InvalidInput.at(
            FIELD,
            "This request was done, and nothing was done again. Its answer can be read with the token it was "
            "sent with only, for a day. Read what it made, and use a new key for another request.",
        )
    return StoredResponse(record.status, body, record.headers or {})


def keep(key: RequestKey, answer: StoredResponse) -> None:
    """Keep the answer of the request that claimed the key, to be given again."""
    db.session.execute(
        update(IdempotencyRecord)
        .where(*key.own_record)
        .values(status=answer.status, body=key.encrypt(answer.body), headers=dict(answer.headers))
        .execution_options(synchronize_session=False)
    )


def release(key: RequestKey) -> None:
    """Give a claimed key back: what it was for was refused, and may be sent again corrected."""
    db.session.execute(
        delete(IdempotencyRecord)
        .where(*key.own_record, IdempotencyRecord.status.is_(None))
        .execution_options(synchronize_session=False)
    )


def forget_answers() -> None:
    """Forget every kept answer, because one may name somebody who is to be forgotten; none is done again."""
    db.session.execute(
        update(IdempotencyRecord)
        .where(IdempotencyRecord.body.is_not(None))
        .values(body=None)
        .execution_options(synchronize_session=False)
    )


def _insert(key: RequestKey, request: str) -> bool:
    statement = (
        dialects.insert(IdempotencyRecord)
        .values(owner=key.owner, key=key.key, fingerprint=request, created_at=utcnow())
        .on_conflict_do_nothing()
        .returning(IdempotencyRecord.key)
    )
    return db.session.execute(statement).first() is not None


def _tidy() -> None:
    """Take away some records whose time is over, but none that somebody else is at: nobody waits for it."""
    over = db.session.execute(
        select(IdempotencyRecord.owner, IdempotencyRecord.key)
        # An hour later than they end, so that nobody's claim is about to renew one.
        .where(IdempotencyRecord.created_at < utcnow() - IdempotencyRecord.LIFETIME - timedelta(hours=1))
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

"""Taking an employee out of the audit trail, as its own rules allow."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    String,
    and_,
    bindparam,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy import (
    cast as as_type,
)

from hwadmin.db.extensions import db
from hwadmin.domain import audit_hash_chain
from hwadmin.models import (
    AuditEvent,
    AuditRedaction,
)
from hwadmin.operations.directory.redaction import Redactor

_EVENT = AuditEvent.__table__


def redact_events(account_id: int, platform_id: int, redactor: Redactor) -> tuple[str, str, int]:
    """Change the words of events as its rules allow: declared first, and held by the chain again.

    Returns:
        The batch of redactions, what the chain shall hold of it, and how many events it has.
    """
    batch, connection = str(uuid.uuid4()), db.session.connection()
    changed = [
        (row, new) for row in _events(account_id, platform_id, redactor) if (new := _new_words(row, redactor))
    ]
    redactions: list[tuple[int, int, str]] = []
    for row, new in changed:
        salt = audit_hash_chain.fresh_salt()
        commitment = audit_hash_chain.commitment(salt, {**row._mapping, **new})
        key = connection.execute(
            insert(AuditRedaction)
            .values(event_id=row.id, batch=batch, commitment=commitment)
            .returning(AuditRedaction.id)
        ).scalar_one()
        redactions.append((key, row.id, commitment))
        connection.execute(
            update(_EVENT)
            .where(_EVENT.c.id == bindparam("event"))
            .values(salt=salt, redaction_id=key, **new),
            {"event": row.id},
        )
    return batch, audit_hash_chain.digest_of_redactions(redactions), len(redactions)


def _events(account_id: int, platform_id: int, redactor: Redactor) -> Iterable[Any]:
    """The account's events; and those of no account, such as exports, that have one of the words."""
    event = _EVENT.c
    texts = [event.summary, event.reason, as_type(event.details, String)]
    having = [
        column.icontains(writing, autoescape=True)
        for word in redactor.words
        for writing in dict.fromkeys((word, json.dumps(word)[1:-1]))
        for column in texts
    ]
    whose = or_(event.platform_id == platform_id, event.platform_id.is_(None))
    return (
        db.session.connection()
        .execute(
            select(_EVENT)
            .where(
                or_(
                    and_(event.platform_id == platform_id, event.account_id == account_id),
                    and_(event.account_id.is_(None), whose, or_(*having)),
                )
            )
            .order_by(event.id)
        )
        .all()
    )


def _new_words(row: Any, redactor: Redactor) -> Mapping[str, Any]:
    """What of an event's words becomes something else."""
    new = {
        "summary": redactor.text(row.summary)[:1000],
        "reason": redactor.text(row.reason) if row.reason is not None else None,
        "details": redactor.document(row.details),
    }
    return {name: value for name, value in new.items() if value != row._mapping[name]}

"""The audit trail's only writer. Operations call the constructors of the events beside it, never this."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy_continuum import versioning_manager

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import insert_rows
from hwadmin.domain import audit_hash_chain
from hwadmin.domain.event_kinds import INTERNAL_KINDS, AuditKind
from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, AuditEvent, Device, HardwareOrder, Platform

# All events of one request or command share this; set by views, the API and the command line.
request_id: ContextVar[str | None] = ContextVar("hwadmin_request_id", default=None)

_MAX_SUMMARY = 1000


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about. An order brings its account and platform, an account its platform."""

    order: HardwareOrder | None = None
    device: Device | None = None
    account: Account | None = None
    platform: Platform | None = None


def record(
    actor: Actor,
    kind: AuditKind,
    summary: str,
    about: Subject = Subject(),
    *,
    reason: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write one event into the current unit of work.

    Names are copied, so the event reads the same when the things it speaks of are renamed or gone.
    The changed rows must be in the session already: the event points to their versions.
    """
    order, account, platform = about.order, about.account, about.platform
    if order is not None and kind not in INTERNAL_KINDS:
        account, platform = account or order.account, platform or order.platform
    if account is not None and platform is None:
        platform = account.platform
    event = {
        "transaction_id": _flush_versions(),
        "at": utcnow(),
        "kind": kind.value,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "platform_id": platform.id if platform else None,
        "platform_name": platform.name if platform else None,
        "account_id": account.id if account else None,
        "account_name": account.name if account else None,
        "order_id": order.id if order else None,
        "device_id": about.device.id if about.device else None,
        "summary": summary if len(summary) <= _MAX_SUMMARY else summary[: _MAX_SUMMARY - 1] + "…",
        "reason": reason,
        "details": dict(details or {}),
        "request_id": request_id.get(),
    }
    # Nobody changes an event: it needs no object, and is written by a statement of its own in any case.
    sealed = event | audit_hash_chain.seal(event)
    insert_rows(db.session.connection(), AuditEvent.__table__, [sealed])


def _flush_versions() -> int | None:
    """Write the pending changes. Return the Continuum transaction of their versions, if there is one."""
    # The version rows are written by a flush; only then is their transaction known.
    db.session.flush()
    versions = versioning_manager.units_of_work.get(db.session.connection())
    transaction = versions.current_transaction if versions else None
    return transaction.id if transaction else None

"""The audit trail: one writer, called by every operation in its own unit of work."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from sqlalchemy_continuum import versioning_manager

from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.models import Account, AuditEvent, Device, HardwareOrder, Platform
from hwadmin.permissions import Actor

# All events of one request or command share this; set by views, the API and the command line.
request_id: ContextVar[str | None] = ContextVar("hwadmin_request_id", default=None)

# Every kind of event there is, with its name for people.
KINDS = {
    "order.submitted": "Order submitted",
    "order.edited": "Order edited",
    "order.approved": "Order approved",
    "order.marked_ordered": "Order marked as ordered",
    "order.rejected": "Order rejected",
    "order.cancelled": "Order cancelled",
    "order.reopened": "Order reopened",
    "order.fulfilled": "Order fulfilled",
    "order.closed_short": "Order closed short",
    "order.unlinked": "Device taken off a unit",
    "order.note_added": "Internal note added",
    "order.note_removed": "Internal note removed",
    "order.manager_asked": "Manager asked",
    "order.manager_answered": "Manager answered",
    "order.manager_overridden": "Manager overridden",
    "order.exported": "Purchase order exported",
    "device.registered": "Device registered",
    "device.changed": "Device changed",
    "device.moved": "Device moved",
    "device.corrected": "Identifier corrected",
    "device.replaced": "Device replaced",
    "account.created": "Account created",
    "account.changed": "Account changed",
    "directory.changed": "Directory changed",
    "directory.imported": "Employees imported",
    "employee.anonymized": "Employee anonymized",
    "catalog.changed": "Catalog changed",
    "platform.changed": "Platform changed",
    "person.created": "Person created",
    "person.changed": "Person changed",
    "person.signed_in": "Signed in",
    "person.sign_in_failed": "Sign-in failed",
    "person.signed_out": "Signed out",
    "person.password_changed": "Password changed",
    "token.created": "Token created",
    "token.revoked": "Token revoked",
    "webhook.created": "Webhook created",
    "webhook.changed": "Webhook changed",
    "webhook.disabled": "Webhook disabled",
    "webhook.deleted": "Webhook deleted",
    "message.replayed": "Message sent again",
    "retention.pruned": "Old data pruned",
    "table.exported": "Table exported",
}
# Events of the whole product, though they name an order: its platform never learns of them.
INTERNAL = frozenset({"order.note_added", "order.note_removed"})


def record(
    actor: Actor,
    kind: str,
    summary: str,
    *,
    platform: Platform | None = None,
    account: Account | None = None,
    order: HardwareOrder | None = None,
    device: Device | None = None,
    reason: str | None = None,
    details: dict[str, Any] | None = None,
) -> AuditEvent:
    """Write one event into the current unit of work.

    Names are copied, so the event reads the same when the things it speaks of are renamed or gone. What is
    changed by the deed itself must be in the session already: the event points to its version rows.
    """
    if kind not in KINDS:
        raise ValueError(f"Unknown kind of audit event: {kind}")
    if order is not None and kind not in INTERNAL:
        account, platform = account or order.account, platform or order.platform
    if account is not None and platform is None:
        platform = account.platform
    session = db.session
    # The version rows are written by a flush; only then is their transaction known.
    session.flush()
    versions = versioning_manager.units_of_work.get(session.connection())
    transaction = versions.current_transaction if versions else None
    event = AuditEvent(
        at=utcnow(),
        kind=kind,
        actor_id=actor.id,
        actor_name=actor.name,
        platform_id=platform.id if platform else None,
        platform_name=platform.name if platform else None,
        account_id=account.id if account else None,
        account_name=account.name if account else None,
        order_id=order.id if order else None,
        device_id=device.id if device else None,
        summary=summary if len(summary) <= 1000 else summary[:999] + "…",
        reason=reason,
        details=details or {},
        request_id=request_id.get(),
        transaction_id=transaction.id if transaction else None,
    )
    event.seal()
    session.add(event)
    return event

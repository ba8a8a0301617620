"""Audit events of webhooks, messages, retention and exports: one function per kind."""

from __future__ import annotations

from collections.abc import Mapping

from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import Actor
from hwadmin.models import OutgoingMessage, Platform, WebhookEndpoint
from hwadmin.operations.audit.recording import Subject, record


def record_webhook_created(actor: Actor, endpoint: WebhookEndpoint) -> None:
    """Record that a webhook was created."""
    _record_webhook(actor, AuditKind.WEBHOOK_CREATED, endpoint, f"Created the webhook to {endpoint.url}")


def record_webhook_changed(actor: Actor, endpoint: WebhookEndpoint, summary: str) -> None:
    """Record that a webhook was changed, got a new secret or was enabled again."""
    _record_webhook(actor, AuditKind.WEBHOOK_CHANGED, endpoint, summary)


def record_webhook_disabled(actor: Actor, endpoint: WebhookEndpoint, *, reason: str | None) -> None:
    """Record that a webhook no longer gets messages."""
    summary = f"Disabled the webhook to {endpoint.url}"
    _record_webhook(actor, AuditKind.WEBHOOK_DISABLED, endpoint, summary, reason)


def record_webhook_deleted(actor: Actor, endpoint: WebhookEndpoint) -> None:
    """Record that a webhook was deleted."""
    _record_webhook(actor, AuditKind.WEBHOOK_DELETED, endpoint, f"Deleted the webhook to {endpoint.url}")


def _record_webhook(
    actor: Actor, kind: AuditKind, endpoint: WebhookEndpoint, summary: str, reason: str | None = None
) -> None:
    details = {"webhook_id": endpoint.id, "event_types": endpoint.event_types}
    record(actor, kind, summary, Subject(platform=endpoint.platform), reason=reason, details=details)


def record_message_replayed(actor: Actor, message: OutgoingMessage) -> None:
    """Record that a message is sent again."""
    record(
        actor,
        AuditKind.MESSAGE_REPLAYED,
        f"Sent “{message.subject}” again to {message.recipient}"[:1000],
        Subject(platform=message.platform),
        details={"message_id": message.id, "type": message.type},
    )


def record_retention_pruned(actor: Actor, rows: Mapping[str, int]) -> None:
    """Record how many rows were deleted for their age, by what people call them."""
    counts = ", ".join(f"{number:,} {name}" for name, number in rows.items() if number)
    record(actor, AuditKind.RETENTION_PRUNED, f"Pruned {counts}", details=rows)


def record_table_exported(
    actor: Actor,
    table: str,
    *,
    file_format: str,
    rows: int,
    filters: Mapping[str, str],
    platform: Platform | None,
) -> None:
    """Record that a table was downloaded.

    Args:
        actor: who downloaded it.
        table: its name for people, ``Hardware orders``.
        file_format: ``csv`` or ``xlsx``.
        rows: how many rows it has.
        filters: the filters in the words of the page's address.
        platform: the only platform of the actor, whose people see the event then.
    """
    record(
        actor,
        AuditKind.TABLE_EXPORTED,
        f"Exported {table} as {file_format.upper()}: {rows:,} {'row' if rows == 1 else 'rows'}",
        Subject(platform=platform),
        details={"table": table, "format": file_format, "rows": rows, "filters": filters},
    )

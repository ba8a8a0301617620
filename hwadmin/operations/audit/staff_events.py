"""Audit events of the staff directory and its tokens."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import Actor
from hwadmin.models import StaffToken
from hwadmin.operations.audit.recording import record

# How many changes an event lists; of the others it tells the number.
_MAX_LISTED = 200


def record_staff_token_created(actor: Actor, token: StaffToken) -> None:
    """Record that a token for the staff directory was created."""
    summary = f"Created the staff token {token.prefix}… ({token.name}), which pushes who may sign in"
    record(actor, AuditKind.TOKEN_CREATED, summary, details=_details(token))


def record_staff_token_revoked(actor: Actor, token: StaffToken) -> None:
    """Record that a token of the staff directory was revoked."""
    summary = f"Revoked the staff token {token.prefix}… ({token.name}), which pushed who may sign in"
    record(actor, AuditKind.TOKEN_REVOKED, summary, details=_details(token))


def record_staff_directory_changed(actor: Actor, provider: str, changes: Sequence[str]) -> None:
    """Record what one request of an identity provider changed; what it gave or took has events of its own."""
    more = len(changes) - _MAX_LISTED
    listed = [*changes[:_MAX_LISTED], *([f"and {more:,} more"] if more > 0 else [])]
    summary = "; ".join(changes) if len(changes) <= 3 else f"{changes[0]} and {len(changes) - 1:,} more"
    details = {"provider": provider, "changes": listed}
    record(actor, AuditKind.STAFF_DIRECTORY_CHANGED, f"Staff directory: {summary}", details=details)


def _details(token: StaffToken) -> dict[str, str]:
    return {"token": token.prefix, "name": token.name, "provider": token.provider}

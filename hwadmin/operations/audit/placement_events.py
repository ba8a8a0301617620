"""Audit events of placements with distributors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import Actor
from hwadmin.models import HardwareOrder
from hwadmin.operations.audit.recording import Subject, record


def record_order_sent(actor: Actor, order: HardwareOrder) -> None:
    """Record that an order was sent to a distributor, and to which address."""
    summary = f"Sent {order.reference} to {order.distributor} ({order.sent_to}); their number is awaited"
    details = {"distributor": order.distributor, "sent_to": order.sent_to}
    record(actor, AuditKind.ORDER_SENT, summary, Subject(order), details=details)


def record_placement_corrected(
    actor: Actor,
    order: HardwareOrder,
    changes: str,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """Record what was corrected of a placement."""
    details = {
        name: {key: value.isoformat() if isinstance(value, date) else value for key, value in facts.items()}
        for name, facts in (("before", before), ("after", after))
    }
    summary = f"Corrected the placement of {order.reference}: {changes}"
    record(actor, AuditKind.ORDER_PLACEMENT_CORRECTED, summary, Subject(order), details=details)


def record_order_claimed(actor: Actor, order: HardwareOrder, until: str) -> None:
    """Record that somebody is placing an order, and until when that is good."""
    summary = f"{actor.name} is placing {order.reference}, until {until} unless extended"
    record(actor, AuditKind.ORDER_CLAIMED, summary, Subject(order))


def record_claim_released(actor: Actor, order: HardwareOrder) -> None:
    """Record that somebody is not placing an order any more."""
    record(
        actor,
        AuditKind.ORDER_CLAIM_RELEASED,
        f"{actor.name} is not placing {order.reference} any more",
        Subject(order),
    )

"""Audit events of orders: one function per kind, with the facts it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from hwadmin.domain.dates import format_date
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.lifecycle import ManagerApproval, OrderStatus
from hwadmin.domain.permissions import Actor
from hwadmin.models import ApprovalRequest, Device, HardwareOrder
from hwadmin.operations.audit.recording import Subject, record
from hwadmin.queries.units.units import UnitRow


class LineFacts(TypedDict):
    """A line item as an event keeps it."""

    sku: str
    title: str
    quantity: int


class SubmissionFacts(TypedDict):
    """What an event keeps of a new order."""

    lines: Sequence[LineFacts]
    # The reference of the order it is a copy of.
    copied_from: str | None
    per_month: NotRequired[str]
    upgraded_before_eligible: NotRequired[Sequence[str]]
    approver: NotRequired[str]


class LineEditFacts(TypedDict):
    """The lines before and after an edit, and the intents that were dropped with their units."""

    before: Sequence[LineFacts]
    after: Sequence[LineFacts]
    dropped_plans: Sequence[str]


class IntentChange(TypedDict):
    """What was planned for a unit before and after an edit."""

    unit: str
    before: str
    after: str


class IntentEditFacts(TypedDict):
    """The units whose intent was changed."""

    plans: Sequence[IntentChange]


class ReopeningFacts(TypedDict):
    """What an order loses when it is pending again."""

    decided_by: str | None
    distributor: str | None
    distributor_reference: str | None
    # The labels of the units that were closed short.
    closed: NotRequired[Sequence[str]]


class UnitFulfillment(TypedDict):
    """What a fulfillment did to a unit."""

    unit_id: int
    unit: str
    identifier: str | None
    outcome: str
    device_id: int | None
    paired_to: str | None
    slot: int | None
    not_applied: Sequence[str] | None


class Pairing(TypedDict):
    """A handset that was paired to a base."""

    unit: str
    paired_to: str
    slot: int


def record_order_submitted(actor: Actor, order: HardwareOrder, summary: str, facts: SubmissionFacts) -> None:
    """Record that an order was submitted."""
    record(actor, AuditKind.ORDER_SUBMITTED, summary, Subject(order), details=facts)


def record_order_edited(
    actor: Actor,
    order: HardwareOrder,
    summary: str,
    facts: LineEditFacts | IntentEditFacts,
) -> None:
    """Record that the lines or the intents of an order were changed."""
    record(actor, AuditKind.ORDER_EDITED, summary, Subject(order), details=facts)


def record_information_edited(
    actor: Actor, order: HardwareOrder, changes: str, described: Mapping[str, tuple[str, str]]
) -> None:
    """Record that the ordering information of an order was changed: what it was, and what it is."""
    summary = f"Changed the ordering information of {order.reference}: {changes}"
    details = {name: {"before": before, "after": after} for name, (before, after) in described.items()}
    record(actor, AuditKind.ORDER_EDITED, summary, Subject(order), details={"information": details})


def record_order_approved(actor: Actor, order: HardwareOrder) -> None:
    """Record that an order was approved."""
    summary = f"Approved {order.reference} for {order.account.name}"
    record(actor, AuditKind.ORDER_APPROVED, summary, Subject(order))


def record_order_marked_ordered(actor: Actor, order: HardwareOrder, *, approved: bool) -> None:
    """Record that an order was placed with the distributor, and whether it was approved by that."""
    day = format_date(order.ordered_on) if order.ordered_on else None
    known = [text for text in (order.distributor, order.distributor_reference, day) if text]
    record(
        actor,
        AuditKind.ORDER_MARKED_ORDERED,
        f"Marked {order.reference} as ordered manually"
        + (" and so approved it" if approved else "")
        + (f": {', '.join(known)}" if known else ""),
        Subject(order),
        details={
            "approved": approved,
            "distributor": order.distributor,
            "distributor_reference": order.distributor_reference,
            "ordered_on": day,
        },
    )


def record_order_rejected(actor: Actor, order: HardwareOrder, *, reason: str | None) -> None:
    """Record that an order was rejected."""
    record(actor, AuditKind.ORDER_REJECTED, f"Rejected {order.reference}", Subject(order), reason=reason)


def record_order_cancelled(actor: Actor, order: HardwareOrder, *, reason: str | None) -> None:
    """Record that an order was cancelled."""
    record(actor, AuditKind.ORDER_CANCELLED, f"Cancelled {order.reference}", Subject(order), reason=reason)


def record_order_reopened(
    actor: Actor, order: HardwareOrder, *, reason: str | None, before: ReopeningFacts
) -> None:
    """Record that an approved order is pending again."""
    summary = f"Reopened {order.reference}; it is pending approval again"
    record(actor, AuditKind.ORDER_REOPENED, summary, Subject(order), reason=reason, details=before)


def record_order_fulfilled(
    actor: Actor, order: HardwareOrder, summary: str, *, units: Sequence[UnitFulfillment]
) -> None:
    """Record that units of an order were fulfilled, and what became of each."""
    record(
        actor,
        AuditKind.ORDER_FULFILLED,
        summary,
        Subject(order),
        details={"complete": order.status is OrderStatus.FULFILLED, **_progress(order), "units": units},
    )


def record_order_closed_short(
    actor: Actor,
    order: HardwareOrder,
    summary: str,
    *,
    reason: str,
    closed: Sequence[UnitRow],
    paired: Sequence[Pairing],
) -> None:
    """Record that units of an order will not come, and which handsets found another base."""
    record(
        actor,
        AuditKind.ORDER_CLOSED_SHORT,
        summary,
        Subject(order),
        reason=reason,
        details={
            "complete": order.status is OrderStatus.FULFILLED,
            **_progress(order),
            "closed": [{"unit_id": unit.id, "unit": unit.label} for unit in closed],
            "paired": paired,
        },
    )


def record_device_unlinked(
    actor: Actor, order: HardwareOrder, unit: UnitRow, device: Device, *, reason: str, became: str
) -> None:
    """Record that a device was taken off a unit, and what became of the device."""
    closed = order.status is OrderStatus.FULFILLED
    record(
        actor,
        AuditKind.ORDER_UNLINKED,
        f"Took the device off {unit.label} of {order.reference}, which is "
        f"{'closed' if closed else 'awaited again'}; {became}",
        Subject(order, device),
        reason=reason,
        details={
            "unit_id": unit.id,
            "unit": unit.label,
            "identifier": device.identifier,
            "closed": closed,
            **_progress(order),
        },
    )


def record_note_added(actor: Actor, order: HardwareOrder) -> None:
    """Record that an internal note was added. Its text is not kept here: it can be removed."""
    summary = f"Added an internal note to {order.reference}"
    record(actor, AuditKind.ORDER_NOTE_ADDED, summary, Subject(order))


def record_note_removed(actor: Actor, order: HardwareOrder, *, author_name: str) -> None:
    """Record that an internal note was removed."""
    summary = f"Removed an internal note of {author_name} from {order.reference}"
    record(actor, AuditKind.ORDER_NOTE_REMOVED, summary, Subject(order))


def record_approval_requested(actor: Actor, order: HardwareOrder, *, name: str, email: str) -> None:
    """Record that the manager got a new link."""
    record(
        actor,
        AuditKind.ORDER_APPROVAL_REQUESTED,
        f"Sent {name} a new link to approve {order.reference}",
        Subject(order),
        details={"approver": name, "email": email},
    )


def record_manager_answered(actor: Actor, order: HardwareOrder, request: ApprovalRequest) -> None:
    """Record that the manager approved or declined."""
    assert request.answer is not None
    manager = f"{order.reference} as manager of {order.account.name}"
    record(
        actor,
        AuditKind.ORDER_MANAGER_ANSWERED,
        f"Approved {manager}"
        if request.answer is ManagerApproval.AGREED
        else f"Declined {manager}; it is cancelled",
        Subject(order),
        reason=request.reason,
        details={
            "answer": request.answer.value,
            "email": request.approver_email,
            "cost": request.cost,
        },
    )


def record_manager_overridden(
    actor: Actor, order: HardwareOrder, *, approver_name: str | None, reason: str | None
) -> None:
    """Record that an order does not wait for its manager any more."""
    record(
        actor,
        AuditKind.ORDER_MANAGER_OVERRIDDEN,
        f"Decided that {order.reference} need not wait for {approver_name or 'its manager'}",
        Subject(order),
        reason=reason,
        details={"approver": approver_name},
    )


def record_order_exported(actor: Actor, order: HardwareOrder, *, file_format: str, lines: int) -> None:
    """Record that the purchase order was downloaded."""
    record(
        actor,
        AuditKind.ORDER_EXPORTED,
        f"Exported the purchase order of {order.reference} as {file_format.upper()}",
        Subject(order),
        details={"format": file_format, "lines": lines},
    )


def _progress(order: HardwareOrder) -> dict[str, Any]:
    return {"fulfilled_units": order.fulfilled_units, "fulfillable_units": order.fulfillable_units}

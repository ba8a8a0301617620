"""Audit events of devices: one function per kind, with the facts it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, Device, HardwareOrder
from hwadmin.operations.audit.recording import Subject, record


class ReplacementFacts(TypedDict):
    """The former device, its successor, and what went over."""

    former: str
    former_device_id: int
    identifier: str
    device_id: int
    unit_id: int | None
    unit: str | None
    # The identifiers of the handsets of a base.
    handsets: Sequence[str]


def record_device_registered(actor: Actor, device: Device, summary: str) -> None:
    """Record that a device was entered without an order."""
    record(
        actor,
        AuditKind.DEVICE_REGISTERED,
        summary,
        Subject(device=device, account=device.account),
        details={"identifier": device.identifier, "sku": device.sku},
    )


def record_device_changed(actor: Actor, device: Device, account: Account, summary: str) -> None:
    """Record that a device was changed."""
    record(
        actor,
        AuditKind.DEVICE_CHANGED,
        summary,
        Subject(device=device, account=account),
        details={"identifier": device.identifier},
    )


def record_intent_applied(
    actor: Actor,
    order: HardwareOrder,
    device: Device,
    summary: str,
    *,
    before: Mapping[str, int | None],
    after: Mapping[str, int | None],
) -> None:
    """Record that a device got what its unit was planned for.

    Args:
        actor: who applied it.
        order: the order of the unit.
        device: the device.
        summary: the sentence for people.
        before: the values of the changed columns before.
        after: the values of the changed columns after.
    """
    details = {"before": before, "after": after}
    record(actor, AuditKind.DEVICE_CHANGED, summary, Subject(order, device), details=details)


def record_device_moved(
    actor: Actor, device: Device, name: str, *, source: Account, target: Account, reason: str
) -> None:
    """Record that a device went to another account, once for each of the two.

    The people of one platform are not told the name of an account of another.
    """
    within = source.platform_id == target.platform_id
    for side, account, where in (
        ("left", source, f"to {target.name if within else 'another platform'}"),
        ("arrived", target, f"here from {source.name if within else 'another platform'}"),
    ):
        record(
            actor,
            AuditKind.DEVICE_MOVED,
            f"Moved {name} {where}",
            Subject(device=device, account=account),
            reason=reason,
            details={"identifier": device.identifier, "side": side, "within_platform": within},
        )


def record_identifier_corrected(
    actor: Actor,
    device: Device,
    summary: str,
    *,
    order: HardwareOrder | None,
    former: str,
    reason: str | None,
) -> None:
    """Record that a device has another identifier than it was entered with."""
    record(
        actor,
        AuditKind.DEVICE_CORRECTED,
        summary,
        Subject(order, device, device.account),
        reason=reason,
        details={"identifier": device.identifier, "former": former},
    )


def record_device_retired(
    actor: Actor, device: Device, summary: str, *, reason: str, unit: str | None
) -> None:
    """Record that a device is out of service for good; ``unit`` is the one of an order it fulfilled."""
    details = {"identifier": device.identifier} | ({"unit": unit} if unit else {})
    subject = Subject(device=device, account=device.account)
    record(actor, AuditKind.DEVICE_RETIRED, summary, subject, reason=reason, details=details)


def record_device_replaced(
    actor: Actor,
    device: Device,
    summary: str,
    *,
    order: HardwareOrder | None,
    reason: str,
    facts: ReplacementFacts,
) -> None:
    """Record that another device took the place of this one."""
    subject = Subject(order, device, device.account)
    record(actor, AuditKind.DEVICE_REPLACED, summary, subject, reason=reason, details=facts)

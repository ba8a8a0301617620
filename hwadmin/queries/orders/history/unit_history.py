"""Which units of an order had a device at some time, from its audit events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import Actor
from hwadmin.identifiers import IdentifierKind, display
from hwadmin.models import AuditEvent
from hwadmin.queries.scope import within


@dataclass(frozen=True, slots=True)
class UnitSnapshot:
    """A unit that had a device by then."""

    label: str
    identifier: str
    outcome: str
    paired_to: str | None = None
    slot: int | None = None


def unit_events(actor: Actor, order_id: int) -> list[Any]:
    """The audit events that changed the plans or the devices of the order's units, oldest first."""
    return list(
        db.session.execute(
            select(AuditEvent.transaction_id, AuditEvent.kind, AuditEvent.device_id, AuditEvent.details)
            .where(
                within(actor, AuditEvent),
                AuditEvent.order_id == order_id,
                AuditEvent.kind.in_(
                    (
                        AuditKind.ORDER_EDITED,
                        AuditKind.ORDER_FULFILLED,
                        AuditKind.ORDER_UNLINKED,
                        AuditKind.DEVICE_CORRECTED,
                        AuditKind.DEVICE_REPLACED,
                    )
                ),
                AuditEvent.transaction_id.is_not(None),
            )
            .order_by(AuditEvent.id)
        )
    )


def units_after(events: list[Any]) -> dict[int, UnitSnapshot]:
    """The units with a device after the events, by key."""
    units: dict[int, UnitSnapshot] = {}
    # Unit by device: a correction names the device.
    unit_of: dict[int | None, int] = {}
    for event in events:
        details: Mapping[str, Any] = event.details
        if event.kind == AuditKind.ORDER_EDITED:
            continue
        if event.kind == AuditKind.ORDER_UNLINKED:
            units.pop(details["unit_id"], None)
        elif event.kind == AuditKind.DEVICE_CORRECTED:
            _change_identifier(units, unit_of.get(event.device_id), details["identifier"])
        elif event.kind == AuditKind.DEVICE_REPLACED:
            _change_identifier(units, details["unit_id"], details["identifier"])
            unit_of[details["device_id"]] = details["unit_id"]
        else:
            for unit in details.get("units", ()):
                _apply_fulfillment(units, unit)
                unit_of[unit["device_id"]] = unit["unit_id"]
    return units


def _apply_fulfillment(units: dict[int, UnitSnapshot], unit: Mapping[str, Any]) -> None:
    """Add what a fulfillment did to a unit; a later one of the same unit only adds its pairing."""
    known = units.get(unit["unit_id"])
    if known is None and unit["outcome"] in ("created", "linked"):
        known = UnitSnapshot(unit["unit"], unit["identifier"], unit["outcome"])
    if known is not None:
        paired = {"paired_to": unit["paired_to"], "slot": unit["slot"]} if unit.get("slot") else {}
        units[unit["unit_id"]] = replace(known, **paired)


def _change_identifier(units: dict[int, UnitSnapshot], unit_id: int | None, identifier: str) -> None:
    if unit_id in units:
        units[unit_id] = replace(units[unit_id], identifier=_format_identifier(identifier))


def _format_identifier(identifier: str) -> str:
    """An identifier as people read it; its length tells its kind."""
    kinds = {10: IdentifierKind.IPEI, 15: IdentifierKind.IMEI}
    return display(kinds.get(len(identifier), IdentifierKind.MAC), identifier)

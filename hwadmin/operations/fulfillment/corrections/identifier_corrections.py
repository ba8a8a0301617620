"""Correcting the identifier of a device that was entered wrongly."""

from __future__ import annotations

from collections.abc import Sequence

from hwadmin import identifiers
from hwadmin.db.lookup import flush_or_try_again
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import InvalidInput
from hwadmin.models import Device
from hwadmin.operations.audit.device_events import record_identifier_corrected
from hwadmin.operations.devices.holders import refuse_if_held
from hwadmin.operations.devices.placement import identifier_of
from hwadmin.operations.fulfillment.corrections.locked_devices import (
    correction_reason,
    lock_device_with_order,
    parse_other_identifier,
)
from hwadmin.operations.orders.transition import bump_version
from hwadmin.operations.outgoing.events import publish


def correct_identifier(
    actor: Actor, device_id: int, *, identifier: str, reason: str | None
) -> tuple[Device, Sequence[str]]:
    """Give a device the identifier it really has; the one it was entered with is free again.

    Everything else stays: for whom it is, where, its base and slot, its order and unit.

    Returns the device, and what looks odd about the new identifier.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: the device is out of service, or another one has this identifier.
        InvalidInput: every problem at once, each at its field.
    """
    locked = lock_device_with_order(actor, device_id)
    device, order = locked.device, locked.order
    problems = Problems()
    reason = correction_reason(problems, reason)
    parsed = parse_other_identifier(problems, device, identifier)
    refuse(problems)
    assert parsed is not None
    if parsed.value == device.second_imei:
        raise InvalidInput.at(
            "identifier", "This is its second IMEI; take it out there first, or give the first one here."
        )
    refuse_if_held(actor, device.account, parsed, but=device.id)
    former = identifier_of(device)
    device.identifier, device.identifier_key = parsed.value, parsed.key
    device.mac_id_code = parsed.code
    flush_or_try_again()
    if order is not None:
        bump_version(actor, order)
    record_identifier_corrected(
        actor,
        device,
        f"Corrected {device.title}{locked.unit_description}: {former} → {parsed.display}",
        order=order,
        former=former,
        reason=reason,
    )
    types = ((EventType.ORDER_UPDATED,) if order is not None else ()) + (EventType.DEVICE_UPDATED,)
    publish(
        actor,
        *types,
        platform_id=device.platform_id,
        order=order,
        device_ids=[device.id],
        reason=reason,
    )
    return device, identifiers.warnings(parsed, device.make)

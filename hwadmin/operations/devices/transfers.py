"""Moving a device from one account to another."""

from __future__ import annotations

from hwadmin.db.extensions import db
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import WrongState
from hwadmin.models import Account, Device
from hwadmin.operations.audit.device_events import record_device_changed, record_device_moved
from hwadmin.operations.devices.placement import handsets_of, identifier_of, name_of, refuse_if_retired
from hwadmin.operations.outgoing.events import publish
from hwadmin.operations.units.spares import refuse_if_reserved
from hwadmin.queries.scope import find


def move_device(actor: Actor, device_id: int, to_account_id: int, *, reason: str) -> Device:
    """Move a device to another account. It leaves its employee, its location and its base behind.

    Both accounts keep a record of it; each reads the reason, and neither the name of an account of
    another platform. Handsets of a moved base stay where they are, without a base.

    Raises:
        WrongState: where the account has the device already, or it is out of service.
        InvalidInput: where the reason is missing.
    """
    require(actor, Permission.DEVICES_MOVE)
    device = find(actor, Device, device_id, lock=True)
    refuse_if_retired(device)
    target = find(actor, Account, to_account_id)
    source = device.account
    problems = Problems()
    reason = problems.text("reason", reason, most=2000, required="Say why it moves.", lines=True) or ""
    refuse(problems)
    if source.id == target.id:
        raise WrongState(f"{name_of(device)} belongs to {target.name} already.")
    refuse_if_reserved(device, verb="moved")

    within_platform = source.platform_id == target.platform_id
    handsets = handsets_of(device)
    for handset in handsets:
        handset.base_device_id = handset.slot = handset.location_id = None
    device.employee_id = device.location_id = device.base_device_id = device.slot = None
    device.account_id, device.platform_id = target.id, target.platform_id
    if not within_platform:
        device.catalog_item_id = None  # That item is in the other platform's catalog.
        device.external_id = None  # And the key is that platform's.
    db.session.flush()
    db.session.expire(device, ["account", "platform", "employee", "location", "base"])

    record_device_moved(actor, device, name_of(device), source=source, target=target, reason=reason)
    _publish(actor, device, source.platform_id, handsets, reason)
    for handset in handsets:
        record_device_changed(
            actor,
            handset,
            source,
            f"{name_of(handset)} has no base any more: {identifier_of(device)} was moved away",
        )
    return device


def _publish(
    actor: Actor, device: Device, former_platform_id: int, handsets: list[Device], reason: str
) -> None:
    """Publish on both platforms that a device went, and where it was that handsets have no base any more."""
    for platform_id in dict.fromkeys((former_platform_id, device.platform_id)):
        publish(actor, EventType.DEVICE_MOVED, platform_id=platform_id, device_ids=[device.id], reason=reason)
    if handsets:
        changed = [handset.id for handset in handsets]
        publish(actor, EventType.DEVICE_UPDATED, platform_id=former_platform_id, device_ids=changed)

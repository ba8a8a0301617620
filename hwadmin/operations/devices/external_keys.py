"""The keys other programs know devices by."""

from __future__ import annotations

from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.models import Device
from hwadmin.operations.audit.changes import assign_external_key
from hwadmin.operations.audit.device_events import record_device_changed
from hwadmin.operations.devices.placement import name_of
from hwadmin.operations.outgoing.events import publish
from hwadmin.queries.scope import find


def set_external_key(actor: Actor, device_id: int, key: str | None) -> Device:
    """Note the key another program knows a device by.

    Raises:
        InvalidInput: at ``external_id``; a key names one device of a platform.
    """
    require(actor, Permission.DEVICES_REGISTER)
    device = find(actor, Device, device_id, lock=True)
    if changes := assign_external_key(device, key, Device.external_id, Device.platform_id):
        record_device_changed(actor, device, device.account, f"Changed {name_of(device)}: {changes[0]}")
        publish(actor, EventType.DEVICE_UPDATED, platform_id=device.platform_id, device_ids=[device.id])
    return device

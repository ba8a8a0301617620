"""Taking a device out of service: its history stays, its identifier is free again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.models import Device, PhoneLine
from hwadmin.operations.devices.placement import handsets_of


def retire(actor: Actor, device: Device, reason: str, at: datetime | None = None) -> list[Device]:
    """Take a locked device out of service, by default from now on, off its unit and from wherever it is.

    Returns its handsets, which have no base now; the caller decides what becomes of them.
    """
    handsets = handsets_of(device)
    for handset in handsets:
        handset.base_device_id = handset.slot = None
    take_off_unit(device)
    device.employee_id = device.location_id = device.base_device_id = device.slot = None
    device.identifier_key = f"retired:{device.id}"
    device.second_imei_key = None
    device.retired_at, device.retired_reason, device.retired_by_name = at or utcnow(), reason, actor.name
    db.session.flush()
    # A phone line has its next device by another order; until then none is known.
    db.session.execute(update(PhoneLine).where(PhoneLine.device_id == device.id).values(device_id=None))
    db.session.expire(device, ["employee", "location", "base"])
    return handsets


def take_off_unit(device: Device) -> None:
    """Take a device off its unit; it stays where it is."""
    device.unit_id = device.unit_outcome = device.unit_at = device.not_applied = None

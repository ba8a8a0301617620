"""Taking a device out of service: its history stays, its identifier is free again."""

from __future__ import annotations

from sqlalchemy import update

from hwadmin.clock import utcnow
from hwadmin.extensions import db
from hwadmin.models import Device, LineOfService
from hwadmin.operations.whereabouts import handsets_of
from hwadmin.permissions import Actor


def retire(actor: Actor, device: Device, reason: str) -> list[Device]:
    """Take a locked device out of service, off its unit and from wherever it is.

    Returns the handsets that have no base by it; what becomes of them is the caller's to say.
    """
    left = handsets_of(device)
    for handset in left:
        handset.base_device_id = handset.slot = None
    let_go(device)
    device.employee_id = device.location_id = device.base_device_id = device.slot = None
    device.identifier_key = f"retired:{device.id}"
    device.second_imei_key = None
    device.retired_at, device.retired_reason, device.retired_by_name = utcnow(), reason, actor.name
    db.session.flush()
    # A line of service has its next device by another order; until then none is known.
    db.session.execute(
        update(LineOfService).where(LineOfService.device_id == device.id).values(device_id=None)
    )
    db.session.expire(device, ["employee", "location", "base", "unit"])
    return left


def let_go(device: Device) -> None:
    """Take a device off its unit; it stays where it is."""
    device.unit_id = device.unit_outcome = device.unit_at = device.not_applied = None

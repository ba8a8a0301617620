"""Moving a device from one account to another."""

from __future__ import annotations

from hwadmin.errors import WrongState
from hwadmin.extensions import db
from hwadmin.models import Account, Device
from hwadmin.operations import audit
from hwadmin.operations.platforms import find, refuse
from hwadmin.operations.spares import refuse_if_kept
from hwadmin.operations.whereabouts import handsets_of, identifier_of, name_of, refuse_if_retired
from hwadmin.permissions import Actor, Permission, require
from hwadmin.texts import Problems


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
    refuse_if_kept(device, verb="moved")

    within = source.platform_id == target.platform_id
    left = handsets_of(device)
    for handset in left:
        handset.base_device_id = handset.slot = handset.location_id = None
    device.employee_id = device.location_id = device.base_device_id = device.slot = None
    device.account_id, device.platform_id = target.id, target.platform_id
    if not within:
        device.catalog_item_id = None  # That item is in the other platform's catalog.
    db.session.flush()
    db.session.expire(device, ["account", "platform", "employee", "location", "base", "unit"])

    sides = (
        ("left", source, f"to {target.name if within else 'another platform'}"),
        ("arrived", target, f"here from {source.name if within else 'another platform'}"),
    )
    for side, account, where in sides:
        audit.record(
            actor,
            "device.moved",
            f"Moved {name_of(device)} {where}",
            account=account,
            device=device,
            reason=reason,
            details={"identifier": device.identifier, "side": side, "within_platform": within},
        )
    for handset in left:
        audit.record(
            actor,
            "device.changed",
            f"{name_of(handset)} has no base any more: {identifier_of(device)} was moved away",
            account=source,
            device=handset,
            details={"identifier": handset.identifier},
        )
    return device

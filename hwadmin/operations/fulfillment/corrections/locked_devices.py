"""A device that is to be corrected, locked with the order of the unit it fulfills."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select

from hwadmin import identifiers
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import TryAgain
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems
from hwadmin.identifiers import Identifier, IdentifierError, IdentifierKind
from hwadmin.models import Device, HardwareOrder, LineItem, Unit
from hwadmin.operations.devices.holders import lock_imeis
from hwadmin.operations.devices.placement import refuse_if_retired
from hwadmin.operations.orders.transition import lock_order
from hwadmin.operations.units.device_locks import in_lock_order
from hwadmin.queries.devices.conditions import has_one_of
from hwadmin.queries.scope import find
from hwadmin.queries.units.descriptions import name_columns, name_of


@dataclass(frozen=True, slots=True)
class LockedDevice:
    """A locked device, with the order and unit it came by."""

    device: Device
    # None where the device has been moved to another account since.
    order: HardwareOrder | None
    unit_label: str | None

    @property
    def unit_description(self) -> str:
        """The unit behind the device in a sentence: ``, T54W #2 of HW-000123``."""
        return f", {self.unit_label} of {self.order.reference}" if self.order and self.unit_label else ""


def lock_device_with_order(
    actor: Actor,
    device_id: int,
    permission: Permission = Permission.DEVICES_REPLACE,
    *,
    successor: str | None = None,
) -> LockedDevice:
    """Lock a device to correct it: the order of its unit first, and the base before its handset.

    Args:
        actor: who corrects it.
        device_id: the device's key.
        permission: what they need.
        successor: the identifier of the device that takes its place; one there is already is locked as well.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: the device is out of service.
        TryAgain: it came to another unit or base meanwhile.
    """
    require(actor, permission)
    seen = find(actor, Device, device_id)
    order = label = None
    if seen.unit_id is not None:
        order_id, *name = db.session.execute(
            select(Unit.order_id, *name_columns())
            .join(LineItem, LineItem.id == Unit.line_id)
            .where(Unit.id == seen.unit_id)
        ).one()
        label = name_of(*name)
        order = lock_order(actor, order_id)
    if seen.identifier_kind is IdentifierKind.IMEI:
        lock_imeis(second=True)
    before = seen.unit_id, seen.base_device_id
    _lock_together(seen, successor)
    device = find(actor, Device, device_id, lock=True)
    refuse_if_retired(device)
    if (device.unit_id, device.base_device_id) != before:
        raise TryAgain
    # A device that was moved to another account belongs to the order only in its history.
    same_account = order is not None and order.account_id == device.account_id
    return LockedDevice(device, order if same_account else None, label)


def _lock_together(device: Device, successor: str | None) -> None:
    """Lock a device, its base and the one that takes its place, in the order in which all lock them."""
    ids = {device.id, device.base_device_id or device.id}
    if successor is not None:
        with suppress(IdentifierError):
            key = identifiers.parse(device.identifier_kind, successor).key
            theirs = select(Device.id).where(has_one_of([key]), Device.account_id == device.account_id)
            ids.update(db.session.scalars(theirs))
    db.session.execute(
        select(Device.id).where(Device.id.in_(ids)).order_by(*in_lock_order()).with_for_update()
    )


def correction_reason(problems: Problems, reason: str | None) -> str:
    """The reason of a correction, which is required."""
    return problems.text("reason", reason, most=2000, required="Say what is wrong with it.", lines=True) or ""


def parse_other_identifier(problems: Problems, device: Device, text: str) -> Identifier | None:
    """The identifier a device is to have instead of its own; None with a problem where it is none."""
    try:
        identifier = identifiers.parse(device.identifier_kind, text)
    except IdentifierError as error:
        problems.add("identifier", str(error))
        return None
    if identifier.key == device.identifier_key:
        problems.add("identifier", "This is the identifier it has already.")
    return identifier

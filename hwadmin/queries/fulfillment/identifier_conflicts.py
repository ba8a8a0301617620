"""Who has an identifier that was entered for a unit, for those who decide what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import Actor
from hwadmin.models import Account, Device, HardwareOrder, LineItem, Platform, Unit, reference
from hwadmin.queries.devices.conditions import has_one_of
from hwadmin.queries.devices.devices import DeviceRow, device_rows
from hwadmin.queries.scope import within
from hwadmin.queries.units.descriptions import name_columns, name_of


@dataclass(frozen=True, slots=True)
class HoldingUnit:
    """The unit a device fulfills, on the order it came by."""

    unit_id: int
    label: str
    order_id: int
    order_status: OrderStatus
    account_name: str
    platform_name: str

    @property
    def order_reference(self) -> str:
        """The number people say."""
        return reference(self.order_id)


@dataclass(frozen=True, slots=True)
class Holding:
    """A device that has an identifier, and the unit it fulfills, if any."""

    device: DeviceRow
    unit: HoldingUnit | None


def holding(actor: Actor, key: str) -> Holding | None:
    """The device in service that has the identifier with this key; None where nobody has."""
    device = next(iter(device_rows(actor, has_one_of([key]))), None)
    if device is None:
        return None
    row = db.session.execute(
        select(
            Unit.id,
            Unit.order_id,
            HardwareOrder.status,
            Account.name,
            Platform.name,
            *name_columns(),
        )
        .join(Device, Device.unit_id == Unit.id)
        .join(LineItem, LineItem.id == Unit.line_id)
        .join(HardwareOrder, HardwareOrder.id == Unit.order_id)
        .join(Account, Account.id == HardwareOrder.account_id)
        .join(Platform, Platform.id == HardwareOrder.platform_id)
        .where(within(actor, Unit), Device.id == device.id)
    ).one_or_none()
    if row is None:
        return Holding(device, None)
    unit_id, order_id, status, account, platform, *name = row
    return Holding(device, HoldingUnit(unit_id, name_of(*name), order_id, status, account, platform))

"""The devices that have one of the entered identifiers already, on whatever account."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from hwadmin.db.extensions import db
from hwadmin.db.tenancy import EVERYWHERE
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.identifiers import Identifier
from hwadmin.models import Account, Device, HardwareOrder, LineItem, Unit
from hwadmin.operations.units.device_locks import in_lock_order
from hwadmin.queries.devices.conditions import has_one_of
from hwadmin.queries.units.descriptions import name_columns, name_of

_ReservingUnit = aliased(Unit)
_ReservingLine = aliased(LineItem)


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device that exists already, and its holder. Each field is the column of its name in ``_COLUMNS``."""

    id: int
    identifier_key: str
    second_imei: str | None
    second_imei_key: str | None
    serial: str | None
    account_id: int
    account_name: str
    platform_id: int
    kind: Kind
    make: str
    model: str
    created_at: datetime
    employee_id: int | None
    location_id: int | None
    base_device_id: int | None
    max_handsets: int | None
    # The unit it fulfills, if any, and the order of that unit.
    unit_id: int | None
    unit_order_id: int | None
    unit_order_status: OrderStatus | None
    # The unit it is kept for as a spare, if any.
    reserving_unit_id: int | None
    reserving_order_id: int | None

    # What people call the two.
    unit_label: str | None
    reserving_unit_label: str | None

    @property
    def unit_order_fulfilled(self) -> bool:
        """Whether the order it came by is fulfilled: then it may serve another unit."""
        return self.unit_order_status is OrderStatus.FULFILLED


_COLUMNS = (
    Device.id,
    Device.identifier_key,
    Device.second_imei,
    Device.second_imei_key,
    Device.serial,
    Device.account_id,
    Account.name.label("account_name"),
    Device.platform_id,
    Device.kind,
    Device.make,
    Device.model,
    Device.created_at,
    Device.employee_id,
    Device.location_id,
    Device.base_device_id,
    Device.max_handsets,
    Device.unit_id,
    Unit.order_id.label("unit_order_id"),
    HardwareOrder.status.label("unit_order_status"),
    _ReservingUnit.id.label("reserving_unit_id"),
    _ReservingUnit.order_id.label("reserving_order_id"),
)
_NAMES = [column.key for column in _COLUMNS]
_UNIT_NAME, _RESERVING_NAME = name_columns(), name_columns(_ReservingLine, _ReservingUnit)


def find_known_devices(identifiers: Collection[Identifier], account_id: int) -> dict[str, KnownDevice]:
    """The devices that have one of the identifiers, by each of their keys; the linkable ones are locked.

    Locked like everything that is paired: bases before handsets, each in the order of their keys. What is
    refused is only read: two orders that name each other's devices must not wait in a circle.

    Args:
        identifiers: what is entered.
        account_id: the account of the order; only its devices can be linked.
    """
    keys = {key for identifier in identifiers for key in (identifier.key, identifier.second_key) if key}
    known = _read_known_devices(keys)
    linkable = [device for device in known.values() if device.account_id == account_id]
    reserved = [device.id for device in linkable if device.reserving_unit_id is not None]
    if reserved or any(device.unit_id is None for device in linkable):
        without_unit = Device.unit_id.is_(None)
        db.session.execute(
            select(Device.id)
            .where(
                has_one_of(keys),
                Device.account_id == account_id,
                or_(without_unit, Device.id.in_(reserved)) if reserved else without_unit,
            )
            .order_by(*in_lock_order())
            .with_for_update()
        )
        # Somebody may have changed them between the first look and the lock.
        known = _read_known_devices(keys)
    return known


def _read_known_devices(keys: Collection[str]) -> dict[str, KnownDevice]:
    if not keys:
        return {}
    # Devices of every platform count, whatever the actor is given. Nearly always there is none: then the
    # large statement is not even planned, and SQLite does not begin it with the accounts.
    anywhere = {EVERYWHERE: True}
    ids = db.session.scalars(select(Device.id).where(has_one_of(keys)).execution_options(**anywhere)).all()
    if not ids:
        return {}
    rows = db.session.execute(
        select(*_COLUMNS, *_UNIT_NAME, *_RESERVING_NAME)
        .join(Account, Account.id == Device.account_id)
        .outerjoin(Unit, Unit.id == Device.unit_id)
        .outerjoin(LineItem, LineItem.id == Unit.line_id)
        .outerjoin(HardwareOrder, HardwareOrder.id == Unit.order_id)
        .outerjoin(_ReservingUnit, _ReservingUnit.reserved_device_id == Device.id)
        .outerjoin(_ReservingLine, _ReservingLine.id == _ReservingUnit.line_id)
        .where(Device.id.in_(ids))
        .execution_options(**anywhere)
    )
    known: dict[str, KnownDevice] = {}
    for row in rows:
        values: tuple[Any, ...] = tuple(row)
        names = values[len(_COLUMNS) :]
        device = KnownDevice(
            **dict(zip(_NAMES, values, strict=False)),
            unit_label=name_of(*names[: len(_UNIT_NAME)]) if row.unit_id else None,
            reserving_unit_label=name_of(*names[len(_UNIT_NAME) :]) if row.reserving_unit_id else None,
        )
        known[device.identifier_key] = device
        if device.second_imei_key is not None:
            known[device.second_imei_key] = device
    return known

"""Reading units: their intents, their devices, and whether the intents still hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, or_, select
from sqlalchemy.orm import aliased

from hwadmin.extensions import db
from hwadmin.identifiers import IdentifierKind, display
from hwadmin.kinds import Kind
from hwadmin.models import CatalogItem, Device, Employee, LineItem, LineOfService, Location, Unit
from hwadmin.models.catalog import title
from hwadmin.splits import Share, shares_of


class UnitRow(NamedTuple):
    """One unit with its line, its intent and its device, read in one statement for the whole order.

    A tuple, because a thousand of them are made from the rows of a statement as they come.
    """

    id: int
    number: int
    line_id: int
    kind: Kind
    make: str
    model: str
    sku: str
    catalog_item_id: int
    max_handsets: int | None
    employee_id: int | None
    employee_name: str | None
    employee_left_at: datetime | None
    location_id: int | None
    location_name: str | None
    location_gone_at: datetime | None
    base_unit_id: int | None
    device_id: int | None
    identifier_kind: IdentifierKind | None
    identifier: str | None
    identifier_key: str | None
    outcome: str | None
    fulfilled_at: datetime | None
    not_applied: list[str] | None
    device_account_id: int | None
    device_employee_id: int | None
    device_location_id: int | None
    device_make: str | None
    device_max_handsets: int | None
    base_device_id: int | None
    slot: int | None
    base_identifier: str | None
    serial: str | None
    second_imei: str | None
    mac_id_code: str | None
    # Closed short: nothing is awaited for it any more.
    closed_at: datetime | None
    closed_reason: str | None
    closed_by_name: str | None
    order_id: int
    user_name: str | None
    user_number: str | None
    accounting_codes: list[dict[str, Any]] | None
    line_of_service_id: int | None
    phone_number: str | None
    upgrade_reason: str | None
    override_reason: str | None
    # The spare kept for it, until it is fulfilled.
    reserved_device_id: int | None
    reserved_identifier_kind: IdentifierKind | None
    reserved_identifier: str | None
    # The device it was fulfilled with, where that has gone on to another unit.
    device_passed_on: str | None

    @property
    def reserved_shown(self) -> str:
        """The identifier of the spare kept for it as people read it; empty where there is none."""
        if self.reserved_identifier_kind is None or self.reserved_identifier is None:
            return ""
        return display(self.reserved_identifier_kind, self.reserved_identifier)

    @property
    def shares(self) -> tuple[Share, ...]:
        """What it is booked on."""
        return shares_of(self.accounting_codes)

    @property
    def title(self) -> str:
        """Make and model, as people say it."""
        return title(self.make, self.model)

    @property
    def identifier_shown(self) -> str:
        """The device's identifier as people read it; empty where there is none."""
        return (
            display(self.identifier_kind, self.identifier) if self.identifier_kind and self.identifier else ""
        )

    @property
    def awaited(self) -> bool:
        """Whether it becomes a device, and has none yet."""
        gone = self.closed_at is not None or self.device_passed_on is not None
        return self.device_id is None and not gone and self.kind.becomes_device

    @property
    def label(self) -> str:
        """How people name it: ``W73H #3``."""
        return f"{self.model} #{self.number}"


_Base = aliased(Device)
_Reserved = aliased(Device)


def units_of(order_id: int) -> list[UnitRow]:
    """All units of an order, in unit order: by line, then by number."""
    return units_of_each([order_id]).get(order_id, [])


@cache
def _units() -> Select[*tuple[Any, ...]]:
    """The statement behind it; of so many columns, its making costs more than its answer."""
    return (
        select(
            Unit.id,
            Unit.number,
            Unit.line_id,
            LineItem.kind,
            LineItem.make,
            LineItem.model,
            LineItem.sku,
            LineItem.catalog_item_id,
            LineItem.max_handsets,
            Unit.employee_id,
            Employee.name,
            Employee.deactivated_at,
            Unit.location_id,
            Location.name,
            Location.archived_at,
            Unit.base_unit_id,
            Device.id,
            Device.identifier_kind,
            Device.identifier,
            Device.identifier_key,
            Device.unit_outcome,
            Device.unit_at,
            Device.not_applied,
            Device.account_id,
            Device.employee_id,
            Device.location_id,
            Device.make,
            Device.max_handsets,
            Device.base_device_id,
            Device.slot,
            _Base.identifier,
            Device.serial,
            Device.second_imei,
            Device.mac_id_code,
            Unit.closed_at,
            Unit.closed_reason,
            Unit.closed_by_name,
            Unit.order_id,
            Unit.user_name,
            Unit.user_number,
            Unit.accounting_codes,
            Unit.line_of_service_id,
            LineOfService.phone_number,
            Unit.upgrade_reason,
            Unit.override_reason,
            Unit.reserved_device_id,
            _Reserved.identifier_kind,
            _Reserved.identifier,
            Unit.device_passed_on,
        )
        .join(LineItem, LineItem.id == Unit.line_id)
        .outerjoin(Employee, Employee.id == Unit.employee_id)
        .outerjoin(Location, Location.id == Unit.location_id)
        .outerjoin(Device, Device.unit_id == Unit.id)
        .outerjoin(_Base, _Base.id == Device.base_device_id)
        .outerjoin(LineOfService, LineOfService.id == Unit.line_of_service_id)
        .outerjoin(_Reserved, _Reserved.id == Unit.reserved_device_id)
        .where(Unit.order_id.in_(bindparam("orders", expanding=True)))
        .order_by(Unit.order_id, LineItem.position, Unit.number)
    )


def units_of_each(order_ids: Collection[int]) -> dict[int, list[UnitRow]]:
    """All units of several orders in one statement, by order, in unit order."""
    if not order_ids:
        return {}
    rows = db.session.execute(_units(), {"orders": list(order_ids)})
    units: dict[int, list[UnitRow]] = {}
    for row in rows:
        units.setdefault(row.order_id, []).append(UnitRow._make(row))
    return units


def active_employees(account_id: int, ids: Iterable[int | None]) -> frozenset[int]:
    """Those of the keys that are employees of the account who have not left."""
    return _of_account(Employee, Employee.deactivated_at.is_(None), account_id, ids)


class ListedEmployee(NamedTuple):
    """Somebody active in an account's directory, as far as an order copies it."""

    id: int
    name: str
    number: str | None
    shares: tuple[Share, ...]


def listed_employees(
    account_id: int,
    ids: Iterable[int | None],
    *,
    names: Collection[str] = (),
    numbers: Collection[str] = (),
) -> dict[int, ListedEmployee]:
    """The active employees of an account with one of the keys, or else the names or numbers, by key."""
    # A key beyond a BIGINT cannot be one, and PostgreSQL would refuse to compare with it.
    keys = {key for key in ids if key is not None and 0 < key < 2**63}
    meant: list[ColumnElement[bool]] = [Employee.id.in_(keys)] if keys else []
    meant += [Employee.name.in_(names)] if names else []
    meant += [Employee.employee_number.in_(numbers)] if numbers else []
    if not meant:
        return {}
    rows = db.session.execute(
        select(Employee.id, Employee.name, Employee.employee_number, Employee.accounting_codes).where(
            Employee.account_id == account_id, Employee.deactivated_at.is_(None), or_(*meant)
        )
    )
    return {key: ListedEmployee(key, name, number, shares_of(codes)) for key, name, number, codes in rows}


def open_locations(account_id: int, ids: Iterable[int | None]) -> frozenset[int]:
    """Those of the keys that are locations of the account that are not gone."""
    return _of_account(Location, Location.archived_at.is_(None), account_id, ids)


def _of_account(
    model: type[Employee] | type[Location],
    holds: ColumnElement[bool],
    account_id: int,
    ids: Iterable[int | None],
) -> frozenset[int]:
    # A key beyond a BIGINT cannot be one, and PostgreSQL would refuse to compare with it.
    wanted = {key for key in ids if key is not None and 0 < key < 2**63}
    if not wanted:
        return frozenset()
    return frozenset(
        db.session.scalars(
            select(model.id).where(model.account_id == account_id, holds, model.id.in_(wanted))
        )
    )


def current_items(ids: Iterable[int]) -> dict[int, CatalogItem]:
    """Those of the catalog items that can still be ordered, by key."""
    items = db.session.scalars(
        select(CatalogItem).where(CatalogItem.id.in_(set(ids)), CatalogItem.archived_at.is_(None))
    )
    return {item.id: item for item in items}

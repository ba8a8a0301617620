"""Reading devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from hwadmin import identifiers
from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.event_kinds import AuditKind
from hwadmin.domain.permissions import Actor
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.identifiers.kinds import IdentifierKind
from hwadmin.models import Account, AuditEvent, Device, Employee, Location, Platform, Unit, reference
from hwadmin.models.catalog import title
from hwadmin.queries.devices.conditions import in_service
from hwadmin.queries.scope import visible, within
from hwadmin.queries.sorting import sorted_by

_Base = aliased(Device)


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device with the names of everything around it, read in one statement for a whole list.

    Each field is the column of its name in ``_COLUMNS``.
    """

    id: int
    kind: Kind
    make: str
    model: str
    sku: str
    max_handsets: int | None
    identifier_kind: IdentifierKind
    identifier: str
    mac_id_code: str | None
    platform_id: int
    platform_name: str
    account_id: int
    account_name: str
    employee_id: int | None
    employee_name: str | None
    # A handset's is its base's.
    location_id: int | None
    location_name: str | None
    base_device_id: int | None
    base_identifier: str | None
    base_make: str | None
    base_model: str | None
    slot: int | None
    unit_id: int | None
    order_id: int | None
    created_at: datetime
    created_by_name: str
    serial: str | None
    second_imei: str | None
    external_id: str | None
    updated_at: datetime | None
    # Out of service.
    retired_at: datetime | None
    retired_reason: str | None
    retired_by_name: str | None
    replaced_by_id: int | None

    @property
    def title(self) -> str:
        """Make and model, as people say it."""
        return title(self.make, self.model)

    @property
    def identifier_display(self) -> str:
        """The identifier as people know it from the label."""
        return identifiers.display(self.identifier_kind, self.identifier)

    @property
    def identifier_forms(self) -> tuple[str, ...]:
        """Every form worth showing: an IPEI as printed and in hexadecimal."""
        return identifiers.forms(self.identifier_kind, self.identifier)

    @property
    def vendor(self) -> str | None:
        """Who made it, by its MAC address."""
        is_mac = self.identifier_kind is IdentifierKind.MAC
        return identifiers.vendor(self.identifier) if is_mac else None

    @property
    def second_imei_display(self) -> str | None:
        """The second IMEI of a mobile with two SIMs, as people know it from the box."""
        if self.second_imei is None:
            return None
        return identifiers.display(IdentifierKind.IMEI, self.second_imei)

    @property
    def base_title(self) -> str | None:
        """Make and model of the base it is paired to."""
        return title(self.base_make, self.base_model) if self.base_make and self.base_model else None

    @property
    def order_reference(self) -> str | None:
        """The order it came from, where that is the reader's to know."""
        return None if self.order_id is None else reference(self.order_id)


_COLUMNS = (
    Device.id,
    Device.kind,
    Device.make,
    Device.model,
    Device.sku,
    Device.max_handsets,
    Device.identifier_kind,
    Device.identifier,
    Device.mac_id_code,
    Device.platform_id,
    Platform.name.label("platform_name"),
    Device.account_id,
    Account.name.label("account_name"),
    Device.employee_id,
    Employee.name.label("employee_name"),
    Location.id.label("location_id"),
    Location.name.label("location_name"),
    Device.base_device_id,
    _Base.identifier.label("base_identifier"),
    _Base.make.label("base_make"),
    _Base.model.label("base_model"),
    Device.slot,
    Unit.id.label("unit_id"),
    Unit.order_id,
    Device.created_at,
    Device.created_by_name,
    Device.serial,
    Device.second_imei,
    Device.external_id,
    Device.updated_at,
    Device.retired_at,
    Device.retired_reason,
    Device.retired_by_name,
    Device.replaced_by_id,
)


def _rows(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(*_COLUMNS)
        .join(Account, Account.id == Device.account_id)
        .join(Platform, Platform.id == Device.platform_id)
        .outerjoin(Employee, Employee.id == Device.employee_id)
        .outerjoin(_Base, _Base.id == Device.base_device_id)
        .outerjoin(Location, Location.id == func.coalesce(_Base.location_id, Device.location_id))
        # A device moved here from another platform does not show the order it once came from.
        .outerjoin(Unit, and_(Unit.id == Device.unit_id, Unit.platform_id == Device.platform_id))
        .where(within(actor, Device))
    )


# What a list can be sorted by.
ORDERS: dict[str, tuple[Any, ...]] = {
    # They are numbered as they are registered.
    "registered": (Device.id,),
    "identifier": (Device.identifier_kind, Device.identifier),
    "title": (Device.make, Device.model),
    "account": (Account.name,),
    "employee": (Employee.name,),
    "location": (Location.name,),
}
# The others are of what is joined.
_OF_DEVICES = frozenset({"registered", "identifier", "title"})


def device_rows(
    actor: Actor,
    *conditions: ColumnElement[bool],
    order: str = "registered",
    descending: bool = True,
    limit: int | None = None,
    offset: int = 0,
) -> list[DeviceRow]:
    """Devices with the names of everything around them: one statement, however many there are.

    The conditions speak of devices and of nothing else.
    """
    ordering = [
        *sorted_by(ORDERS[order], descending=descending, outer=order not in _OF_DEVICES),
        *(sorted_by([Device.id], descending=descending) if order != "registered" else ()),
    ]
    query = _rows(actor).order_by(*ordering)
    if limit is not None and order in _OF_DEVICES:
        # A word may match very many devices: select those to show before anything is joined.
        shown = select(Device.id).where(within(actor, Device), *conditions).order_by(*ordering)
        keys = shown.limit(limit).offset(offset).subquery()
        query = query.join(keys, keys.c.id == Device.id)
    else:
        query = query.where(*conditions).limit(limit).offset(offset)
    return [DeviceRow(**row._asdict()) for row in db.session.execute(query)]


def device_row(actor: Actor, device_id: int) -> DeviceRow | None:
    """One device, or None where the actor is not given it."""
    return next(iter(device_rows(actor, Device.id == device_id)), None) if is_valid_id(device_id) else None


def bases_of(actor: Actor, account_id: int) -> list[DeviceRow]:
    """The DECT bases an account has."""
    return device_rows(
        actor, Device.account_id == account_id, Device.kind == Kind.DECT_BASE, in_service(), descending=False
    )


def handsets_of(actor: Actor, base_id: int) -> list[DeviceRow]:
    """The handsets paired to a base, by slot."""
    rows = device_rows(actor, Device.base_device_id == base_id)
    return sorted(rows, key=lambda row: row.slot or 0)


def replaced_by(actor: Actor, device_id: int) -> list[DeviceRow]:
    """The devices out of service whose place a device took."""
    return device_rows(actor, Device.replaced_by_id == device_id)


def handset_counts(actor: Actor, account_id: int) -> dict[int, int]:
    """How many handsets each base of an account has."""
    rows: Any = db.session.execute(
        select(Device.base_device_id, func.count(Device.id))
        .where(within(actor, Device), Device.account_id == account_id, Device.base_device_id.is_not(None))
        .group_by(Device.base_device_id)
    )
    return {row[0]: row[1] for row in rows}


def history_of(actor: Actor, row: DeviceRow, *, limit: int = 100) -> Sequence[AuditEvent]:
    """What happened to a device, newest first: the fulfillment of its order and whose place it took, too."""
    about = AuditEvent.device_id == row.id
    replaced = select(Device.id).where(Device.replaced_by_id == row.id, within(actor, Device))
    about = or_(about, and_(AuditEvent.device_id.in_(replaced), AuditEvent.kind == AuditKind.DEVICE_REPLACED))
    if row.order_id is not None:
        about = or_(
            about, and_(AuditEvent.order_id == row.order_id, AuditEvent.kind == AuditKind.ORDER_FULFILLED)
        )
    events = db.session.scalars(
        visible(actor, AuditEvent).where(about).order_by(AuditEvent.id.desc()).limit(limit)
    ).all()
    # A move within one platform has been recorded for either account; on the device it is told once.
    return [
        event
        for event in events
        if not (event.details.get("side") == "left" and event.details.get("within_platform"))
    ]

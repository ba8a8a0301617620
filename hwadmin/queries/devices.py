"""Reading devices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    String,
    and_,
    any_,
    bindparam,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from hwadmin import identifiers
from hwadmin.extensions import db
from hwadmin.identifiers.kinds import IdentifierKind
from hwadmin.kinds import Kind
from hwadmin.models import Account, AuditEvent, Device, Employee, Location, Platform, Unit, reference
from hwadmin.models.catalog import title
from hwadmin.permissions import Actor
from hwadmin.queries.accounts import named, patterns
from hwadmin.queries.scope import visible, within

_Base = aliased(Device)


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device with the names of everything around it, read in one statement for a whole list."""

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


def _rows(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
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
            Platform.name,
            Device.account_id,
            Account.name,
            Device.employee_id,
            Employee.name,
            Location.id,
            Location.name,
            Device.base_device_id,
            _Base.identifier,
            _Base.make,
            _Base.model,
            Device.slot,
            Unit.id,
            Unit.order_id,
            Device.created_at,
            Device.created_by_name,
            Device.serial,
            Device.second_imei,
            Device.retired_at,
            Device.retired_reason,
            Device.retired_by_name,
            Device.replaced_by_id,
        )
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
    "id": (Device.id,),
    "identifier": (Device.identifier_kind, Device.identifier),
    "title": (Device.make, Device.model),
    "account": (Account.name,),
    "employee": (Employee.name,),
    "location": (Location.name,),
}


def device_rows(
    actor: Actor,
    *conditions: ColumnElement[bool],
    order: str = "id",
    descending: bool = True,
    limit: int | None = None,
    offset: int = 0,
) -> list[DeviceRow]:
    """Devices with the names of everything around them: one statement, however many there are."""
    ordering = [
        column.desc().nulls_last() if descending else column.asc().nulls_last()
        for column in (*ORDERS[order], Device.id)
    ]
    query = _rows(actor).where(*conditions).order_by(*ordering).limit(limit).offset(offset)
    return [DeviceRow(*row) for row in db.session.execute(query)]


def device_count(actor: Actor, *conditions: ColumnElement[bool]) -> int:
    """How many devices there are under these conditions."""
    return db.session.execute(
        select(func.count(Device.id)).where(within(actor, Device), *conditions)
    ).scalar_one()


def device_row(actor: Actor, device_id: int) -> DeviceRow | None:
    """One device, or None where the actor is not given it."""
    return next(iter(device_rows(actor, Device.id == device_id)), None) if 0 < device_id < 2**63 else None


def devices_of(actor: Actor, account_id: int, *, limit: int | None = None, after: int = 0) -> list[DeviceRow]:
    """The devices an account has, in the order they were registered; ``after`` is the last key seen."""
    return device_rows(
        actor, Device.account_id == account_id, in_service(), Device.id > after, descending=False, limit=limit
    )


def in_service() -> ColumnElement[bool]:
    """The condition that a device is not out of service for good."""
    return Device.retired_at.is_(None)


def find_devices(actor: Actor, text: str, *, limit: int | None = None) -> list[DeviceRow]:
    """The devices an identifier denotes, in whatever writing it is given."""
    return device_rows(actor, identified(text), limit=limit)


def identified(text: str) -> ColumnElement[bool]:
    """The condition that a device in service has this identifier or second IMEI, in any of its writings."""
    return has_one_of(
        {identifiers.same_device_key(kind, value) for kind, value in identifiers.search_values(text)}
    )


def has_one_of(keys: Collection[str]) -> ColumnElement[bool]:
    """The condition that a device in service has one of these, as its identifier or its second IMEI."""
    wanted = sorted(keys)
    # Only of an IMEI, which is digits alone, can there be a second one.
    imeis = [key for key in wanted if key.isdecimal()]
    if db.session.connection().dialect.name == "postgresql":
        # One parameter for all of them, where IN has one for each.
        found = Device.identifier_key == any_(bindparam("keys", wanted, ARRAY(String)))
        seconds = Device.second_imei_key == any_(bindparam("imeis", imeis, ARRAY(String)))
    else:
        found, seconds = Device.identifier_key.in_(wanted), Device.second_imei_key.in_(imeis)
    return or_(found, seconds) if imeis else found


def _once_identified(text: str) -> ColumnElement[bool]:
    """The condition that a device out of service had this identifier."""
    values = {value for _, value in identifiers.search_values(text)}
    return and_(Device.retired_at.is_not(None), Device.identifier.in_(sorted(values)))


def identified_so_far(text: str) -> ColumnElement[bool] | None:
    """The condition that a device has, begins with or had this identifier, or has this serial number.

    None where the text can be none of them.
    """
    conditions = []
    if identifiers.search_values(text):
        conditions += [identified(text), _once_identified(text)]
    # A range instead of LIKE: the index that keeps identifiers unique finds it, on either database. No
    # identifier has a character behind the last letters.
    conditions += [
        and_(
            Device.identifier_kind == kind,
            Device.identifier_key >= beginning,
            Device.identifier_key < beginning + "~",
        )
        for kind, beginning in sorted(identifiers.search_prefix(text))
    ]
    if serials := _serials(text):
        conditions.append(Device.serial.in_(serials))
    return or_(*conditions) if conditions else None


def _serials(text: str) -> list[str]:
    """The serial number a text can be, as it may have been printed; a word without a digit is none."""
    try:
        serial = identifiers.normalise_serial(text)
    except identifiers.IdentifierError:
        return []
    return sorted({serial, serial.upper(), serial.lower()}) if any(map(str.isdigit, serial)) else []


def device_search(text: str) -> ColumnElement[bool]:
    """The condition of the search box: an identifier, its beginning, or words of account, employee, model."""
    denoted = identified_so_far(text)
    conditions = [] if denoted is None else [denoted]
    words = [_told(pattern) for pattern in patterns(text)]
    if words:
        conditions.append(and_(*words))
    return or_(false(), *conditions)


def _told(pattern: str) -> ColumnElement[bool]:
    return or_(
        Device.account_id.in_(select(Account.id).where(named(pattern))),
        Device.employee_id.in_(select(Employee.id).where(Employee.name.ilike(pattern, escape="\\"))),
        *(
            column.ilike(pattern, escape="\\")
            for column in (Device.make, Device.model, Device.sku, Device.serial)
        ),
    )


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
    about = or_(about, and_(AuditEvent.device_id.in_(replaced), AuditEvent.kind == "device.replaced"))
    if row.order_id is not None:
        about = or_(about, and_(AuditEvent.order_id == row.order_id, AuditEvent.kind == "order.fulfilled"))
    events = db.session.scalars(
        visible(actor, AuditEvent).where(about).order_by(AuditEvent.id.desc()).limit(limit)
    ).all()
    # A move within one platform has been recorded for either account; on the device it is told once.
    return [
        event
        for event in events
        if not (event.details.get("side") == "left" and event.details.get("within_platform"))
    ]

"""Where a device is to be: for whom, at which site, in which slot of which base; checked before written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from sqlalchemy import select

from hwadmin import identifiers
from hwadmin.db.extensions import db
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.row_ids import is_valid_id
from hwadmin.domain.text_validation import Problems
from hwadmin.errors import WrongState
from hwadmin.models import Account, CatalogItem, Device, Employee, Location
from hwadmin.queries.devices.spares import reservations

_NO_LOCATION = {
    Kind.DECT_HANDSET: "A handset takes the location of its base.",
    Kind.MOBILE: "A mobile goes where its employee goes; it has no location.",
}


class PlacementKeys(TypedDict, total=False):
    """For whom a device is to be, where, and with which base, by key; nobody and nowhere by default."""

    employee_id: int | None
    location_id: int | None
    base_device_id: int | None


@dataclass(frozen=True, slots=True)
class DevicePlacement:
    """For whom a device is, where it stands, and which slot of which base is its own."""

    employee: Employee | None = None
    location: Location | None = None
    base: Device | None = None
    slot: int | None = None

    @property
    def columns(self) -> dict[str, int | None]:
        # A handset takes its base's location.
        location_id = self.location.id if self.location else None
        return {
            "employee_id": self.employee.id if self.employee else None,
            "location_id": self.base.location_id if self.base else location_id,
            "base_device_id": self.base.id if self.base else None,
            "slot": self.slot,
        }

    @property
    def description(self) -> str:
        """The end of a sentence about the device: `` for Dana Reed at Ward 3``."""
        parts = []
        if self.employee:
            parts.append(f" for {self.employee.name}")
        if self.location:
            parts.append(f" at {self.location.name}")
        if self.base:
            parts.append(f", paired to {identifier_of(self.base)}, slot {self.slot}")
        return "".join(parts)


def identifier_of(device: Device) -> str:
    """The identifier as people know it from the label."""
    return identifiers.display(device.identifier_kind, device.identifier)


def name_of(device: Device) -> str:
    """A device in a sentence: ``Yealink T54W 80:5e:c0:09:ab:dc``."""
    return f"{device.title} {identifier_of(device)}"


def refuse_if_retired(device: Device) -> None:
    """Refuse what is only done to a device in service.

    Raises:
        WrongState: with a sentence that says since when, by whom and why.
    """
    if device.retired_at is not None:
        raise WrongState(
            f"{name_of(device)} is out of service, since {format_datetime(device.retired_at)}, "
            f"by {device.retired_by_name}: {device.retired_reason}"
        )


def check_placement(
    problems: Problems,
    account: Account,
    product: CatalogItem | Device | None,
    device: Device | None,
    requested: PlacementKeys,
) -> DevicePlacement:
    """Check where a device is to be; each problem is added at its field.

    Args:
        problems: where problems are added.
        account: the account of the device.
        product: what the device is: a catalog item, or the device itself; None where that is not known.
        device: the device, where it is registered already.
        requested: for whom, where and with which base it is to be.
    """
    kind = product.kind if product else None
    base = _base(problems, account, product, requested.get("base_device_id"))
    return DevicePlacement(
        employee=_employee(problems, account, kind, device, requested.get("employee_id")),
        location=_location(problems, account, kind, device, requested.get("location_id")),
        base=base,
        slot=_slot(problems, base, device),
    )


def _employee(
    problems: Problems, account: Account, kind: Kind | None, device: Device | None, key: int | None
) -> Employee | None:
    if key is None:
        return None
    if kind is not None and not kind.has_employee:
        problems.add("employee_id", "A base serves a site and is never assigned to an employee.")
        return None
    return checked_employee_of(account, key, problems, present_id=device.employee_id if device else None)


def checked_employee_of(
    account: Account, key: int, problems: Problems, *, present_id: int | None
) -> Employee | None:
    """The employee of this key on the account; a problem where there is none, or they have left.

    Nobody merges or anonymizes them before the device or line is theirs.

    Args:
        account: whose employee it must be.
        key: the employee's.
        problems: what is wrong goes here.
        present_id: who it is now: they may stay, even though they have left.
    """
    query = (
        select(Employee)
        .where(Employee.id == key, Employee.account_id == account.id)
        .with_for_update(read=True, key_share=True)
        .execution_options(populate_existing=True)
    )
    employee = db.session.scalars(query).one_or_none() if is_valid_id(key) else None
    if employee is None:
        problems.add("employee_id", "There is no such employee on this account.")
    elif employee.deactivated_at is not None and present_id != employee.id:
        problems.add("employee_id", f"{employee.name} has left this account.")
    return employee


def _location(
    problems: Problems, account: Account, kind: Kind | None, device: Device | None, key: int | None
) -> Location | None:
    if key is None:
        return None
    if kind is not None and not kind.has_location:
        problems.add("location_id", _NO_LOCATION.get(kind, "Only desk phones and bases have a location."))
        return None
    query = select(Location).where(Location.id == key, Location.account_id == account.id)
    location = db.session.scalars(query).one_or_none() if is_valid_id(key) else None
    if location is None:
        problems.add("location_id", "There is no such location on this account.")
    elif location.archived_at is not None and (device is None or device.location_id != location.id):
        problems.add("location_id", f"“{location.name}” is archived.")
    return location


def lock_device(key: int) -> None:
    """Lock a device, if there is one with this key."""
    if is_valid_id(key):
        db.session.execute(select(Device.id).where(Device.id == key).with_for_update())


def _base(
    problems: Problems, account: Account, product: CatalogItem | Device | None, key: int | None
) -> Device | None:
    if key is None:
        return None
    if product is not None and product.kind is not Kind.DECT_HANDSET:
        problems.add("base_device_id", "Only a DECT handset is paired to a base.")
        return None
    base = None
    if is_valid_id(key):
        base = db.session.scalars(
            select(Device)
            .where(
                Device.id == key,
                Device.account_id == account.id,
                Device.kind == Kind.DECT_BASE,
                Device.retired_at.is_(None),
            )
            .with_for_update()
        ).one_or_none()
    reservation = reservations([base.id]).get(base.id) if base is not None else None
    if base is None:
        problems.add("base_device_id", "There is no such base on this account.")
    elif reservation is not None:
        problems.add(
            "base_device_id", f"This base is kept for {reservation}; nothing is paired to it meanwhile."
        )
    elif product is not None and not identifiers.same_make(base.make, product.make):
        problems.add(
            "base_device_id",
            f"A {product.make} handset and a {base.make} base differ in make and do not pair.",
        )
    return base


def _slot(problems: Problems, base: Device | None, device: Device | None) -> int | None:
    """The slot the handset has already, else the first free one."""
    if base is None:
        return None
    if device is not None and device.base_device_id == base.id:
        return device.slot
    taken = set(db.session.scalars(select(Device.slot).where(Device.base_device_id == base.id)))
    slot = next(number for number in range(1, len(taken) + 2) if number not in taken)
    if base.max_handsets is not None and slot > base.max_handsets:
        problems.add(
            "base_device_id",
            f"{identifier_of(base)} takes {base.max_handsets} handsets, and all its slots are taken.",
        )
    return slot


def handsets_of(base: Device) -> list[Device]:
    """The handsets paired to a base, locked, in the order of their keys."""
    query = select(Device).where(Device.base_device_id == base.id).order_by(Device.id).with_for_update()
    return list(db.session.scalars(query))

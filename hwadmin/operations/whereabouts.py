"""Where a device is to be: for whom, at which site, in which slot of which base; checked before written."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from hwadmin import identifiers
from hwadmin.errors import WrongState
from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.models import Account, CatalogItem, Device, Employee, Location
from hwadmin.operations.platforms import on
from hwadmin.queries.spares import reservations
from hwadmin.texts import Problems

_NO_LOCATION = {
    Kind.DECT_HANDSET: "A handset takes the location of its base.",
    Kind.MOBILE: "A mobile goes where its employee goes; it has no location.",
}


@dataclass(frozen=True, slots=True)
class Whereabouts:
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
    def told(self) -> str:
        """In a sentence, behind the device: `` for Dana Reed at Ward 3``."""
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
            f"{name_of(device)} is out of service, since {on(device.retired_at)}, "
            f"by {device.retired_by_name}: {device.retired_reason}"
        )


def whereabouts(
    problems: Problems,
    account: Account,
    thing: CatalogItem | Device | None,
    device: Device | None,
    employee_id: int | None,
    location_id: int | None,
    base_device_id: int | None,
) -> Whereabouts:
    """Check where a device is to be; ``device`` is the one there already, if any."""
    kind = thing.kind if thing else None
    base = _base(problems, account, thing, base_device_id)
    return Whereabouts(
        employee=_employee(problems, account, kind, device, employee_id),
        location=_location(problems, account, kind, device, location_id),
        base=base,
        slot=_slot(problems, base, device),
    )


def _within_reach(key: int) -> bool:
    return 0 < key < 2**63


def _employee(
    problems: Problems, account: Account, kind: Kind | None, device: Device | None, key: int | None
) -> Employee | None:
    if key is None:
        return None
    if kind is not None and not kind.has_employee:
        problems.add("employee_id", "A base serves a site and is never assigned to an employee.")
        return None
    query = select(Employee).where(Employee.id == key, Employee.account_id == account.id)
    employee = db.session.scalars(query).one_or_none() if _within_reach(key) else None
    if employee is None:
        problems.add("employee_id", "There is no such employee on this account.")
    elif employee.deactivated_at is not None and (device is None or device.employee_id != employee.id):
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
    location = db.session.scalars(query).one_or_none() if _within_reach(key) else None
    if location is None:
        problems.add("location_id", "There is no such location on this account.")
    elif location.archived_at is not None and (device is None or device.location_id != location.id):
        problems.add("location_id", f"“{location.name}” is archived.")
    return location


def lock_device(key: int) -> None:
    """Lock a device, if there is one with this key."""
    if _within_reach(key):
        db.session.execute(select(Device.id).where(Device.id == key).with_for_update())


def _base(
    problems: Problems, account: Account, thing: CatalogItem | Device | None, key: int | None
) -> Device | None:
    if key is None:
        return None
    if thing is not None and thing.kind is not Kind.DECT_HANDSET:
        problems.add("base_device_id", "Only a DECT handset is paired to a base.")
        return None
    base = None
    if _within_reach(key):
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
    kept = reservations([base.id]).get(base.id) if base is not None else None
    if base is None:
        problems.add("base_device_id", "There is no such base on this account.")
    elif kept is not None:
        problems.add("base_device_id", f"This base is kept for {kept}; nothing is paired to it meanwhile.")
    elif thing is not None and not identifiers.same_make(base.make, thing.make):
        problems.add(
            "base_device_id", f"A {thing.make} handset and a {base.make} base differ in make and do not pair."
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

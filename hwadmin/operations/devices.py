"""Devices outside of fulfillment: registered by other means, changed, moved to another account."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from hwadmin import identifiers
from hwadmin.errors import WrongState
from hwadmin.extensions import db
from hwadmin.identifiers import Identifier, IdentifierError
from hwadmin.kinds import Kind
from hwadmin.models import Account, CatalogItem, Device, Employee, Location, Platform
from hwadmin.operations import audit
from hwadmin.operations.announcements import announce
from hwadmin.operations.platforms import find, in_words, insert_or_ignore, refuse
from hwadmin.permissions import Actor, Permission, require
from hwadmin.tenancy import EVERYWHERE
from hwadmin.texts import Problems

_NO_LOCATION = {
    Kind.DECT_HANDSET: "A handset takes the location of its base.",
    Kind.MOBILE: "A mobile goes where its employee goes; it has no location.",
}


@dataclass(frozen=True, slots=True)
class _Whereabouts:
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


def identifier_of(device: Device) -> str:
    """The identifier as people know it from the label."""
    return identifiers.display(device.identifier_kind, device.identifier)


def name_of(device: Device) -> str:
    """A device in a sentence: ``Yealink T54W 80:5e:c0:09:ab:dc``."""
    return f"{device.title} {identifier_of(device)}"


# ---- Registering


def register_device(
    actor: Actor,
    account_id: int,
    *,
    sku: str,
    identifier: str,
    employee_id: int | None = None,
    location_id: int | None = None,
    base_device_id: int | None = None,
) -> Device:
    """Register a device an account has without an order, such as one bought elsewhere.

    Raises:
        InvalidInput: every problem at once, each at its field.
        WrongState: where the identifier is in use; the holder is named to those it concerns only.
    """
    require(actor, Permission.DEVICES_REGISTER)
    account = find(actor, Account, account_id)
    problems = Problems()
    item = _item(problems, account, sku)
    parsed = _parsed(problems, item, identifier)
    place = _whereabouts(problems, account, item, None, employee_id, location_id, base_device_id)
    refuse(problems)
    assert item is not None
    assert parsed is not None
    _refuse_if_held(actor, account, parsed)
    device = insert_or_ignore(
        Device,
        platform_id=account.platform_id,
        account_id=account.id,
        catalog_item_id=item.id,
        kind=item.kind,
        make=item.make,
        model=item.model,
        sku=item.sku,
        max_handsets=item.max_handsets,
        identifier_kind=parsed.kind,
        identifier=parsed.value,
        identifier_key=identifiers.same_device_key(parsed.kind, parsed.value),
        mac_id_code=parsed.code,
        created_by_name=actor.name,
        **place.columns,
    )
    if device is None:  # Somebody registered the same identifier at the same moment.
        _refuse_if_held(actor, account, parsed)
        raise WrongState(f"{parsed.display} is already in use.")
    audit.record(
        actor,
        "device.registered",
        f"Registered {name_of(device)}{_told(place)}",
        account=account,
        device=device,
        details={"identifier": device.identifier, "sku": device.sku},
    )
    announce(actor, "device.created", platform_id=account.platform_id, device_ids=[device.id])
    return device


def _item(problems: Problems, account: Account, sku: str) -> CatalogItem | None:
    sku = problems.text("sku", sku, most=60, required="Choose what the device is.") or ""
    if problems.errors:
        return None
    item = db.session.scalars(
        select(CatalogItem).where(CatalogItem.platform_id == account.platform_id, CatalogItem.sku == sku)
    ).one_or_none()
    if item is None:
        problems.add("sku", f"There is no “{sku}” in the catalog of {account.platform.name}.")
    elif not item.kind.becomes_device:
        problems.add("sku", f"{item.title} is an accessory, which is not registered as a device.")
        return None
    return item


def _parsed(problems: Problems, item: CatalogItem | None, text: str) -> Identifier | None:
    if item is None or item.kind.identifier_kind is None:
        return None
    try:
        return identifiers.parse(item.kind.identifier_kind, text)
    except IdentifierError as error:
        problems.add("identifier", str(error))
        return None


def _refuse_if_held(actor: Actor, account: Account, parsed: Identifier) -> None:
    """Refuse an identifier that is a device already, and say only what is the actor's to know."""
    holder = db.session.execute(
        select(Device.account_id, Device.platform_id, Device.make, Device.model, Account.name, Platform.name)
        .join(Account, Account.id == Device.account_id)
        .join(Platform, Platform.id == Device.platform_id)
        .where(Device.identifier_key == identifiers.same_device_key(parsed.kind, parsed.value))
        .execution_options(**{EVERYWHERE: True})
    ).first()
    if holder is None:
        return
    account_id, platform_id, make, model, account_name, platform_name = holder
    if account_id == account.id:
        raise WrongState(f"{parsed.display} is registered on this account already, as {make} {model}.")
    if platform_id == account.platform_id:
        raise WrongState(f"{parsed.display} is already in use at {account_name}.")
    if actor.can(Permission.HOLDERS_READ):
        raise WrongState(f"{parsed.display} is already in use at {account_name} of {platform_name}.")
    raise WrongState(f"{parsed.display} is already in use.")


# ---- Changing


def change_device(
    actor: Actor,
    device_id: int,
    *,
    employee_id: int | None,
    location_id: int | None,
    base_device_id: int | None,
) -> Device:
    """Say for whom a device is, where it stands, and to which base a handset is paired in our records.

    The handsets of a base go with it to its new location.

    Raises:
        InvalidInput: every problem at once, each at its field.
    """
    require(actor, Permission.DEVICES_REGISTER)
    device = find(actor, Device, device_id)
    if base_device_id is not None:
        _lock(base_device_id)  # Always the base before its handset, as pairing does: no deadlock.
    device = find(actor, Device, device_id, lock=True)
    problems = Problems()
    place = _whereabouts(problems, device.account, device, device, employee_id, location_id, base_device_id)
    refuse(problems)
    columns = place.columns
    if device.kind is Kind.DECT_HANDSET and place.base is None and device.base_device_id is None:
        columns["location_id"] = device.location_id
    said = _differences(device, place, columns)
    if not said:
        return device
    for name, value in columns.items():
        setattr(device, name, value)
    if device.kind is Kind.DECT_BASE:
        for handset in _handsets(device):
            handset.location_id = device.location_id
    audit.record(
        actor,
        "device.changed",
        f"Changed {name_of(device)}: {', '.join(said)}",
        account=device.account,
        device=device,
        details={"identifier": device.identifier},
    )
    db.session.expire(device, ["employee", "location", "base"])
    return device


def _differences(device: Device, place: _Whereabouts, columns: dict[str, int | None]) -> list[str]:
    said = []
    location = place.base.location if place.base else place.location
    for name, before, after in (
        ("employee", device.employee, place.employee),
        ("location", device.location, location),
    ):
        if getattr(device, f"{name}_id") != columns[f"{name}_id"]:
            old, new = (in_words(one.name if one else None) for one in (before, after))
            said.append(f"{name} {old} → {new}")
    if (device.base_device_id, device.slot) != (columns["base_device_id"], columns["slot"]):
        before_base = f"{identifier_of(device.base)}, slot {device.slot}" if device.base else "none"
        after_base = f"{identifier_of(place.base)}, slot {place.slot}" if place.base else "none"
        said.append(f"base {before_base} → {after_base}")
    return said


def _told(place: _Whereabouts) -> str:
    parts = []
    if place.employee:
        parts.append(f" for {place.employee.name}")
    if place.location:
        parts.append(f" at {place.location.name}")
    if place.base:
        parts.append(f", paired to {identifier_of(place.base)}, slot {place.slot}")
    return "".join(parts)


# ---- For whom, where, with which base


def _whereabouts(
    problems: Problems,
    account: Account,
    thing: CatalogItem | Device | None,
    device: Device | None,
    employee_id: int | None,
    location_id: int | None,
    base_device_id: int | None,
) -> _Whereabouts:
    """Check where a device is to be; ``device`` is the one there already, if any."""
    kind = thing.kind if thing else None
    base = _base(problems, account, thing, base_device_id)
    return _Whereabouts(
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


def _lock(key: int) -> None:
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
            .where(Device.id == key, Device.account_id == account.id, Device.kind == Kind.DECT_BASE)
            .with_for_update()
        ).one_or_none()
    if base is None:
        problems.add("base_device_id", "There is no such base on this account.")
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


def _handsets(base: Device) -> list[Device]:
    query = select(Device).where(Device.base_device_id == base.id).order_by(Device.id).with_for_update()
    return list(db.session.scalars(query))


# ---- Moving


def move_device(actor: Actor, device_id: int, to_account_id: int, *, reason: str) -> Device:
    """Move a device to another account. It leaves its employee, its location and its base behind.

    Both accounts keep a record of it; each reads the reason, and neither the name of an account of
    another platform. Handsets of a moved base stay where they are, without a base.

    Raises:
        WrongState: where the account has the device already.
        InvalidInput: where the reason is missing.
    """
    require(actor, Permission.DEVICES_MOVE)
    device = find(actor, Device, device_id, lock=True)
    target = find(actor, Account, to_account_id)
    source = device.account
    problems = Problems()
    reason = problems.text("reason", reason, most=2000, required="Say why it moves.", lines=True) or ""
    refuse(problems)
    if source.id == target.id:
        raise WrongState(f"{name_of(device)} belongs to {target.name} already.")

    within = source.platform_id == target.platform_id
    left = _handsets(device)
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

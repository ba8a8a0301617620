"""Devices outside of fulfillment: registered by other means, and changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hwadmin import identifiers
from hwadmin.errors import WrongState
from hwadmin.extensions import db
from hwadmin.identifiers import Identifier, IdentifierError, IdentifierKind
from hwadmin.identifiers.label import Label, LabelRead, read_label
from hwadmin.kinds import Kind
from hwadmin.models import Account, CatalogItem, Device
from hwadmin.operations import audit
from hwadmin.operations.announcements import announce
from hwadmin.operations.holders import lock_imeis, refuse_if_held, second_imei_of, why_held
from hwadmin.operations.platforms import find, in_words, insert_or_ignore, refuse
from hwadmin.operations.spares import refuse_if_kept
from hwadmin.operations.whereabouts import (
    Whereabouts,
    handsets_of,
    identifier_of,
    lock_device,
    name_of,
    refuse_if_retired,
    whereabouts,
)
from hwadmin.permissions import Actor, Permission, require
from hwadmin.texts import Problems
from hwadmin.uow import TryAgain

NO_LABEL = Label()


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
    label: Label = NO_LABEL,
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
    place = whereabouts(problems, account, item, None, employee_id, location_id, base_device_id)
    printed = label_read(problems, item.kind.identifier_kind if item else None, parsed, label)
    refuse(problems)
    assert item is not None
    assert parsed is not None
    if parsed.kind is IdentifierKind.IMEI:
        lock_imeis(second=printed.second_imei is not None)
    refuse_if_held(actor, account, parsed)
    _refuse_held_second(actor, account, problems, printed)
    refuse(problems)
    device = insert_or_ignore(
        Device,
        platform_id=account.platform_id,
        account_id=account.id,
        catalog_item_id=item.id,
        created_by_name=actor.name,
        **as_labelled(item, parsed, printed),
        **place.columns,
    )
    if device is None:  # Somebody registered the same identifier at the same moment.
        refuse_if_held(actor, account, parsed)
        raise WrongState(f"{parsed.display} is already in use.")
    audit.record(
        actor,
        "device.registered",
        f"Registered {name_of(device)}{place.told}",
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


def label_read(
    problems: Problems, kind: IdentifierKind | None, identifier: Identifier | None, label: Label
) -> LabelRead:
    """What was typed beside an identifier; what is wrong with it is one more problem at its field."""
    read = read_label(kind, identifier, label) if kind is not None else LabelRead()
    for field, message in read.problems:
        problems.add(field, message)
    return read


def as_labelled(thing: CatalogItem | Device, identifier: Identifier, printed: LabelRead) -> dict[str, Any]:
    """The columns of a new device: what it is, like an item or another device, and what is printed on it."""
    return {
        "kind": thing.kind,
        "make": thing.make,
        "model": thing.model,
        "sku": thing.sku,
        "max_handsets": thing.max_handsets,
        "identifier_kind": identifier.kind,
        "identifier": identifier.value,
        "identifier_key": identifier.key,
        "mac_id_code": identifier.code,
        "serial": printed.serial,
        "second_imei": printed.second_imei,
        "second_imei_key": printed.second_imei_key,
    }


def _refuse_held_second(
    actor: Actor, account: Account, problems: Problems, printed: LabelRead, but: int | None = None
) -> None:
    if printed.second_imei is not None:
        why = why_held(actor, account, second_imei_of(printed.second_imei), but)
        if why:
            problems.add("second_imei", why)


# ---- Changing


def change_device(
    actor: Actor,
    device_id: int,
    *,
    employee_id: int | None,
    location_id: int | None,
    base_device_id: int | None,
    label: Label | None = None,
) -> Device:
    """Say for whom a device is, where it stands, and to which base a handset is paired in our records.

    The handsets of a base go with it to its new location.

    Args:
        actor: who says so.
        device_id: the device's key.
        employee_id: for whom it is.
        location_id: where it stands.
        base_device_id: the base of a handset.
        label: its serial number and second IMEI; None leaves them as they are.

    Raises:
        InvalidInput: every problem at once, each at its field.
        WrongState: the device is out of service.
    """
    require(actor, Permission.DEVICES_REGISTER)
    device = find(actor, Device, device_id)
    if label is not None and label.second_imei.strip():
        lock_imeis(second=True)
    if base_device_id is not None:
        lock_device(base_device_id)  # Always the base before its handset, as pairing does: no deadlock.
    device = find(actor, Device, device_id, lock=True)
    refuse_if_retired(device)
    problems = Problems()
    place = whereabouts(problems, device.account, device, device, employee_id, location_id, base_device_id)
    printed = _label_of(actor, device, problems, label) if label is not None else {}
    refuse(problems)
    columns = place.columns
    if device.kind is Kind.DECT_HANDSET and place.base is None and device.base_device_id is None:
        columns["location_id"] = device.location_id
    said = _differences(device, place, columns)
    for name, word in (("serial", "serial number"), ("second_imei", "second IMEI")):
        if name in printed and printed[name] != getattr(device, name):
            said.append(f"{word} {in_words(getattr(device, name))} → {in_words(printed[name])}")
    if not said:
        return device
    refuse_if_kept(device, verb="changed")
    for name, value in {**columns, **printed}.items():
        setattr(device, name, value)
    if device.kind is Kind.DECT_BASE:
        for handset in handsets_of(device):
            handset.location_id = device.location_id
    try:
        db.session.flush()
    except IntegrityError as error:
        raise TryAgain from error  # Its second IMEI is somebody else's since we looked.
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


def _label_of(actor: Actor, device: Device, problems: Problems, label: Label) -> dict[str, str | None]:
    identifier = Identifier(device.identifier_kind, device.identifier)
    read = label_read(problems, device.identifier_kind, identifier, label)
    _refuse_held_second(actor, device.account, problems, read, but=device.id)
    return {
        "serial": read.serial,
        "second_imei": read.second_imei,
        "second_imei_key": read.second_imei_key,
    }


def _differences(device: Device, place: Whereabouts, columns: dict[str, int | None]) -> list[str]:
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

"""Devices outside of fulfillment: registered by other means, and changed."""

from __future__ import annotations

from typing import Any, Unpack

from sqlalchemy import select

from hwadmin import identifiers
from hwadmin.db.extensions import db
from hwadmin.db.lookup import flush_or_try_again, insert_or_ignore
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.domain.wording import describe_change
from hwadmin.errors import WrongState
from hwadmin.identifiers import Identifier, IdentifierError, IdentifierKind
from hwadmin.identifiers.label import Label, LabelRead, read_label
from hwadmin.models import Account, CatalogItem, Device
from hwadmin.operations.audit.changes import describe_value
from hwadmin.operations.audit.device_events import record_device_changed, record_device_registered
from hwadmin.operations.devices.holders import lock_imeis, refuse_if_held, second_imei_of, why_held
from hwadmin.operations.devices.placement import (
    DevicePlacement,
    PlacementKeys,
    check_placement,
    handsets_of,
    identifier_of,
    lock_device,
    name_of,
    refuse_if_retired,
)
from hwadmin.operations.outgoing.events import publish
from hwadmin.operations.units.spares import refuse_if_reserved
from hwadmin.queries.scope import find

NO_LABEL = Label()


# ---- Registering


def register_device(
    actor: Actor,
    account_id: int,
    *,
    sku: str,
    identifier: str,
    label: Label = NO_LABEL,
    **placement_keys: Unpack[PlacementKeys],
) -> Device:
    """Register a device an account has without an order, such as one bought elsewhere.

    Args:
        actor: who registers it.
        account_id: the account's key.
        sku: what the device is, in the catalog of the account's platform.
        identifier: its identifier, in any writing.
        label: its serial number and second IMEI.
        placement_keys: for whom, where and with which base it is.

    Raises:
        InvalidInput: every problem at once, each at its field.
        WrongState: where the identifier is in use; the holder is named to those it concerns only.
    """
    require(actor, Permission.DEVICES_REGISTER)
    account = find(actor, Account, account_id)
    problems = Problems()
    item = _item(problems, account, sku)
    parsed = _parsed(problems, item, identifier)
    placement = check_placement(problems, account, item, None, placement_keys)
    printed = read_device_label(problems, item.kind.identifier_kind if item else None, parsed, label)
    refuse(problems)
    assert item is not None
    assert parsed is not None
    if parsed.kind is IdentifierKind.IMEI:
        lock_imeis(second=printed.second_imei is not None)
    refuse_if_held(actor, account, parsed)
    _refuse_held_second(actor, account, problems, printed)
    refuse(problems)
    columns = columns_of_new_device(item, parsed, printed) | placement.columns
    device = _insert_device(actor, account, item, parsed, columns)
    record_device_registered(actor, device, f"Registered {name_of(device)}{placement.description}")
    publish(actor, EventType.DEVICE_CREATED, platform_id=account.platform_id, device_ids=[device.id])
    return device


def _insert_device(
    actor: Actor, account: Account, item: CatalogItem, identifier: Identifier, columns: dict[str, Any]
) -> Device:
    device = insert_or_ignore(
        Device,
        platform_id=account.platform_id,
        account_id=account.id,
        catalog_item_id=item.id,
        created_by_name=actor.name,
        **columns,
    )
    if device is None:  # Somebody registered the same identifier at the same moment.
        refuse_if_held(actor, account, identifier)
        raise WrongState(f"{identifier.display} is already in use.")
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


def read_device_label(
    problems: Problems, kind: IdentifierKind | None, identifier: Identifier | None, label: Label
) -> LabelRead:
    """What was typed beside an identifier; what is wrong with it is one more problem at its field."""
    read = read_label(kind, identifier, label) if kind is not None else LabelRead()
    for field, message in read.problems:
        problems.add(field, message)
    return read


def columns_of_new_device(
    product: CatalogItem | Device, identifier: Identifier, printed: LabelRead
) -> dict[str, Any]:
    """The columns of a new device: what it is, like an item or another device, and what is printed on it."""
    return {
        "kind": product.kind,
        "make": product.make,
        "model": product.model,
        "sku": product.sku,
        "max_handsets": product.max_handsets,
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
    device = _lock_to_change(actor, device_id, base_device_id, label)
    problems = Problems()
    requested = PlacementKeys(employee_id=employee_id, location_id=location_id, base_device_id=base_device_id)
    placement = check_placement(problems, device.account, device, device, requested)
    label_columns = _label_columns(actor, device, problems, label) if label is not None else {}
    refuse(problems)
    columns = placement.columns
    if device.kind is Kind.DECT_HANDSET and placement.base is None and device.base_device_id is None:
        columns["location_id"] = device.location_id
    changes = _placement_changes(device, placement, columns) + _label_changes(device, label_columns)
    if not changes:
        return device
    refuse_if_reserved(device, verb="changed")
    for column, value in {**columns, **label_columns}.items():
        setattr(device, column, value)
    if device.kind is Kind.DECT_BASE:
        for handset in handsets_of(device):
            handset.location_id = device.location_id
    flush_or_try_again()
    record_device_changed(actor, device, device.account, f"Changed {name_of(device)}: {', '.join(changes)}")
    publish(actor, EventType.DEVICE_UPDATED, platform_id=device.platform_id, device_ids=[device.id])
    db.session.expire(device, ["employee", "location", "base"])
    return device


def _lock_to_change(actor: Actor, device_id: int, base_device_id: int | None, label: Label | None) -> Device:
    """The device, locked: after the IMEIs, and always the base before its handset, as pairing does."""
    find(actor, Device, device_id)
    if label is not None and label.second_imei.strip():
        lock_imeis(second=True)
    if base_device_id is not None:
        lock_device(base_device_id)
    device = find(actor, Device, device_id, lock=True)
    refuse_if_retired(device)
    return device


def _label_columns(actor: Actor, device: Device, problems: Problems, label: Label) -> dict[str, str | None]:
    identifier = Identifier(device.identifier_kind, device.identifier)
    read = read_device_label(problems, device.identifier_kind, identifier, label)
    _refuse_held_second(actor, device.account, problems, read, but=device.id)
    return {
        "serial": read.serial,
        "second_imei": read.second_imei,
        "second_imei_key": read.second_imei_key,
    }


def _label_changes(device: Device, label_columns: dict[str, str | None]) -> list[str]:
    """What changes of the label, in words."""
    return [
        describe_change(noun, describe_value(getattr(device, column)), describe_value(label_columns[column]))
        for column, noun in (("serial", "serial number"), ("second_imei", "second IMEI"))
        if column in label_columns and label_columns[column] != getattr(device, column)
    ]


def _placement_changes(
    device: Device, placement: DevicePlacement, columns: dict[str, int | None]
) -> list[str]:
    """What changes of the placement, in words."""
    changes = []
    location = placement.base.location if placement.base else placement.location
    for noun, before, after in (
        ("employee", device.employee, placement.employee),
        ("location", device.location, location),
    ):
        if getattr(device, f"{noun}_id") != columns[f"{noun}_id"]:
            both = (describe_value(row.name if row else None) for row in (before, after))
            changes.append(describe_change(noun, *both))
    if (device.base_device_id, device.slot) != (columns["base_device_id"], columns["slot"]):
        old_base = f"{identifier_of(device.base)}, slot {device.slot}" if device.base else "none"
        new_base = f"{identifier_of(placement.base)}, slot {placement.slot}" if placement.base else "none"
        changes.append(describe_change("base", old_base, new_base))
    return changes

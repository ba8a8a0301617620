"""Replacing a device: another one takes its place, and the former goes out of service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from hwadmin import identifiers
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.db.lookup import flush_or_try_again, insert_or_ignore
from hwadmin.db.unit_of_work import TryAgain
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.domain.units import UnitOutcome
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.identifiers import Identifier
from hwadmin.identifiers.label import Label, LabelRead
from hwadmin.models import Device, PhoneLine
from hwadmin.operations.audit.device_events import record_device_replaced
from hwadmin.operations.devices.devices import (
    NO_LABEL,
    columns_of_new_device,
    read_device_label,
)
from hwadmin.operations.devices.holders import (
    refuse_if_held,
    second_imei_of,
    why_held,
)
from hwadmin.operations.devices.placement import (
    handsets_of,
    identifier_of,
    name_of,
)
from hwadmin.operations.devices.retirement import retire
from hwadmin.operations.fulfillment.corrections.locked_devices import (
    LockedDevice,
    correction_reason,
    lock_device_with_order,
    parse_other_identifier,
)
from hwadmin.operations.orders.transition import bump_version
from hwadmin.operations.outgoing.events import publish
from hwadmin.operations.units.spares import refuse_if_reserved
from hwadmin.queries.devices.conditions import has_one_of


def replace_device(
    actor: Actor, device_id: int, *, identifier: str, reason: str | None, label: Label = NO_LABEL
) -> tuple[Device, Sequence[str]]:
    """Let another device take the place of one: its employee, location, base and slot, its unit and order.

    The former one goes out of service for good; its history stays. Where the identifier is a device of the
    account that is nobody's yet, that one takes the place. The handsets of a base follow with their slots.

    Returns the device that is there now, and what looks odd about its identifier.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: the device is out of service, or the other one is not free to take its place.
        InvalidInput: every problem at once, each at its field.
    """
    locked = lock_device_with_order(actor, device_id, successor=identifier)
    device, order = locked.device, locked.order
    problems = Problems()
    reason = correction_reason(problems, reason)
    parsed = parse_other_identifier(problems, device, identifier)
    printed = read_device_label(problems, device.identifier_kind, parsed, label)
    refuse(problems)
    assert parsed is not None
    refuse_if_reserved(device, verb="replaced")
    spare = _spare(actor, device, parsed)
    _refuse_held_second_imei(actor, device, printed, spare)
    former_name = name_of(device)
    successor, handsets = _take_over(actor, device, spare, parsed, printed, reason)
    if order is not None:
        bump_version(actor, order)
    _record(actor, locked, successor, handsets, former_name, reason)
    types = (
        *((EventType.ORDER_UPDATED,) if order else ()),
        *(() if spare else (EventType.DEVICE_CREATED,)),
        EventType.DEVICE_REPLACED,
    )
    publish(
        actor,
        *types,
        platform_id=successor.platform_id,
        order=order,
        device_ids=[successor.id],
        reason=reason,
    )
    former = [device.id, *(handset.id for handset in handsets)]
    publish(actor, EventType.DEVICE_UPDATED, platform_id=device.platform_id, device_ids=former)
    return successor, identifiers.warnings(parsed, successor.make)


def _refuse_held_second_imei(actor: Actor, device: Device, printed: LabelRead, spare: Device | None) -> None:
    if printed.second_imei is None:
        return
    identifier = second_imei_of(printed.second_imei)
    why = why_held(actor, device.account, identifier, but=spare.id if spare else None)
    if why:
        raise InvalidInput.at("second_imei", why)


def _take_over(
    actor: Actor,
    device: Device,
    spare: Device | None,
    parsed: Identifier,
    printed: LabelRead,
    reason: str,
) -> tuple[Device, list[Device]]:
    """Retire a device and put the spare, or a new device, in its place; returns that one and its handsets."""
    columns = _columns_to_take_over(device, UnitOutcome.LINKED if spare else UnitOutcome.CREATED)
    slots = [handset.slot for handset in handsets_of(device)]
    phone_lines = list(db.session.scalars(select(PhoneLine).where(PhoneLine.device_id == device.id)))
    handsets = retire(actor, device, reason)
    if spare is not None:
        successor = spare
        _put_in_place(spare, printed, columns)
    else:
        successor = _insert_successor(actor, device, parsed, printed, columns)
    device.replaced_by_id = successor.id
    for phone_line in phone_lines:
        phone_line.device_id = successor.id
    for handset, slot in zip(handsets, slots, strict=True):
        handset.base_device_id, handset.slot = successor.id, slot
    flush_or_try_again()
    return successor, handsets


def _record(
    actor: Actor,
    locked: LockedDevice,
    successor: Device,
    handsets: Sequence[Device],
    former_name: str,
    reason: str,
) -> None:
    device = locked.device
    record_device_replaced(
        actor,
        device,
        f"Replaced {former_name}{locked.unit_description} by {identifier_of(successor)}"
        + (f"; {len(handsets)} handset{'s' if len(handsets) > 1 else ''} follow it" if handsets else ""),
        order=locked.order,
        reason=reason,
        facts={
            "former": device.identifier,
            "former_device_id": device.id,
            "identifier": successor.identifier,
            "device_id": successor.id,
            "unit_id": successor.unit_id,
            "unit": locked.unit_label,
            "handsets": [handset.identifier for handset in handsets],
        },
    )


def _spare(actor: Actor, device: Device, parsed: Identifier) -> Device | None:
    """The device of the account that has the identifier already and is free; None where there is none.

    Raises:
        WrongState: it is another account's, of another kind, or somebody's.
    """
    spare = db.session.scalars(
        select(Device)
        .where(has_one_of([parsed.key]), Device.account_id == device.account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if spare is None:
        refuse_if_held(actor, device.account, parsed)
        return None
    if spare.id == device.id:
        raise InvalidInput.at("identifier", "This is the second IMEI of the very device.")
    if spare.kind is not device.kind:
        raise WrongState(
            f"{parsed.display} is a {spare.kind.label} of this account ({spare.title}), "
            f"not a {device.kind.label}."
        )
    refuse_if_reserved(spare, verb="put in the place of another")
    if spare.unit_id is not None:
        raise WrongState(f"{name_of(spare)} fulfills a unit of an order already.")
    states = [
        state
        for state, current, needed in (
            ("assigned to somebody", spare.employee_id, device.employee_id),
            ("located somewhere else", spare.location_id, device.location_id),
            ("paired to a base", spare.base_device_id, None),
        )
        if current is not None and current != needed
    ]
    if spare.kind is Kind.DECT_BASE and handsets_of(spare):
        states.append("the base of other handsets")
    if states:
        raise WrongState(f"{name_of(spare)} is {' and '.join(states)}; change that on its own page first.")
    return spare


def _columns_to_take_over(device: Device, outcome: UnitOutcome) -> dict[str, Any]:
    """The columns that go from a device to the one that takes its place."""
    columns: dict[str, Any] = {
        "employee_id": device.employee_id,
        "location_id": device.location_id,
        "base_device_id": device.base_device_id,
        "slot": device.slot,
    }
    if device.unit_id is not None:
        columns |= {
            "unit_id": device.unit_id,
            "unit_outcome": outcome.value,
            "unit_at": utcnow(),
            "not_applied": device.not_applied,
        }
    return columns


def _insert_successor(
    actor: Actor, device: Device, parsed: Identifier, printed: LabelRead, columns: dict[str, Any]
) -> Device:
    successor = insert_or_ignore(
        Device,
        platform_id=device.platform_id,
        account_id=device.account_id,
        catalog_item_id=device.catalog_item_id,
        created_by_name=actor.name,
        **columns_of_new_device(device, parsed, printed),
        **columns,
    )
    if successor is None:
        raise TryAgain  # Somebody registered the same identifier at the same moment.
    return successor


def _put_in_place(spare: Device, printed: LabelRead, columns: dict[str, Any]) -> None:
    for column, value in columns.items():
        setattr(spare, column, value)
    if printed.serial:
        spare.serial = printed.serial
    if printed.second_imei:
        spare.second_imei, spare.second_imei_key = printed.second_imei, printed.second_imei_key

"""A device is not the right one: it was entered wrongly, or it is broken and another one takes its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hwadmin import identifiers
from hwadmin.clock import utcnow
from hwadmin.errors import InvalidInput, WrongState
from hwadmin.extensions import db
from hwadmin.identifiers import Identifier, IdentifierError, IdentifierKind
from hwadmin.identifiers.label import Label, LabelRead
from hwadmin.kinds import Kind
from hwadmin.models import Device, HardwareOrder, LineItem, LineOfService, Unit
from hwadmin.operations import audit
from hwadmin.operations._transition import found_order, touch
from hwadmin.operations.announcements import announce
from hwadmin.operations.devices import NO_LABEL, as_labelled, label_read
from hwadmin.operations.fulfillment_check import Outcome
from hwadmin.operations.holders import (
    lock_imeis,
    refuse_if_held,
    second_imei_of,
    why_held,
)
from hwadmin.operations.platforms import find, insert_or_ignore, refuse
from hwadmin.operations.retiring import retire
from hwadmin.operations.spares import refuse_if_kept
from hwadmin.operations.whereabouts import handsets_of, identifier_of, lock_device, name_of, refuse_if_retired
from hwadmin.permissions import Actor, Permission, require
from hwadmin.queries.devices import has_one_of
from hwadmin.texts import Problems
from hwadmin.uow import TryAgain

_WHY = "Say what is wrong with it."


class _Place:
    """What a device takes with it: its unit, and the order that is its account's still."""

    def __init__(self, order: HardwareOrder | None, label: str | None) -> None:
        self.order, self.label = order, label

    @property
    def told(self) -> str:
        """Behind a device in a sentence: ``, T54W #2 of HW-000123``."""
        return f", {self.label} of {self.order.reference}" if self.order and self.label else ""


def correct_identifier(
    actor: Actor, device_id: int, *, identifier: str, reason: str | None
) -> tuple[Device, Sequence[str]]:
    """Give a device the identifier it really has; the one it was entered with is free again.

    Everything else stays: for whom it is, where, its base and slot, its order and unit.

    Returns the device, and what looks odd about the new identifier.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: the device is out of service, or another one has this identifier.
        InvalidInput: every problem at once, each at its field.
    """
    device, place = _locked(actor, device_id)
    problems = Problems()
    said = problems.text("reason", reason, most=2000, required=_WHY, lines=True)
    parsed = _parsed(problems, device, identifier)
    refuse(problems)
    assert parsed is not None
    if parsed.value == device.second_imei:
        raise InvalidInput.at(
            "identifier", "This is its second IMEI; take it out there first, or give the first one here."
        )
    refuse_if_held(actor, device.account, parsed, but=device.id)
    former = identifier_of(device)
    device.identifier, device.identifier_key = parsed.value, parsed.key
    device.mac_id_code = parsed.code
    _flush()
    if place.order is not None:
        touch(actor, place.order)
    audit.record(
        actor,
        "device.corrected",
        f"Corrected {device.title}{place.told}: {former} → {parsed.display}",
        account=device.account,
        order=place.order,
        device=device,
        reason=said,
        details={"identifier": device.identifier, "former": former},
    )
    if place.order is not None:
        announce(actor, "order.updated", order=place.order, reason=said)
    return device, identifiers.warnings(parsed, device.make)


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
    device, place = _locked(actor, device_id)
    problems = Problems()
    said = problems.text("reason", reason, most=2000, required=_WHY, lines=True) or ""
    parsed = _parsed(problems, device, identifier)
    printed = label_read(problems, device.identifier_kind, parsed, label)
    refuse(problems)
    assert parsed is not None
    refuse_if_kept(device, verb="replaced")
    spare = _spare(actor, device, parsed)
    if printed.second_imei is not None:
        why = why_held(
            actor, device.account, second_imei_of(printed.second_imei), but=spare.id if spare else None
        )
        if why:
            raise InvalidInput.at("second_imei", why)
    former = name_of(device)
    takes = _TakenOver(device, Outcome.LINKED if spare else Outcome.CREATED)
    lines = list(db.session.scalars(select(LineOfService).where(LineOfService.device_id == device.id)))
    handsets = retire(actor, device, said)
    successor = _fitted(spare, printed, takes) if spare else _made(actor, device, parsed, printed, takes)
    device.replaced_by_id = successor.id
    for line in lines:
        line.device_id = successor.id
    for handset, slot in zip(handsets, takes.slots, strict=True):
        handset.base_device_id, handset.slot = successor.id, slot
    _flush()
    if place.order is not None:
        touch(actor, place.order)
    audit.record(
        actor,
        "device.replaced",
        f"Replaced {former}{place.told} by {identifier_of(successor)}"
        + (f"; {len(handsets)} handset{'s' if len(handsets) > 1 else ''} follow it" if handsets else ""),
        account=device.account,
        order=place.order,
        device=device,
        reason=said,
        details={
            "former": device.identifier,
            "former_device_id": device.id,
            "identifier": successor.identifier,
            "device_id": successor.id,
            "unit_id": successor.unit_id,
            "unit": place.label,
            "handsets": [handset.identifier for handset in handsets],
        },
    )
    types = (*(("order.updated",) if place.order else ()), *(() if spare else ("device.created",)))
    if types:
        announce(
            actor,
            *types,
            platform_id=successor.platform_id,
            order=place.order,
            device_ids=() if spare else [successor.id],
            reason=said,
        )
    return successor, identifiers.warnings(parsed, successor.make)


def _locked(actor: Actor, device_id: int) -> tuple[Device, _Place]:
    """The device, locked behind the order of its unit, the base before its handset."""
    require(actor, Permission.DEVICES_REPLACE)
    seen = find(actor, Device, device_id)
    unit = order = None
    if seen.unit_id is not None:
        unit = db.session.execute(
            select(Unit.order_id, LineItem.model, Unit.number)
            .join(LineItem, LineItem.id == Unit.line_id)
            .where(Unit.id == seen.unit_id)
        ).one()
        order = found_order(actor, unit[0])
    if seen.identifier_kind is IdentifierKind.IMEI:
        lock_imeis(second=True)
    before = seen.unit_id, seen.base_device_id
    if seen.base_device_id is not None:
        lock_device(seen.base_device_id)
    device = find(actor, Device, device_id, lock=True)
    refuse_if_retired(device)
    if (device.unit_id, device.base_device_id) != before:
        raise TryAgain
    # One that was moved away since belongs to the order in its history only.
    ours = order is not None and order.account_id == device.account_id
    return device, _Place(order if ours else None, f"{unit[1]} #{unit[2]}" if unit else None)


def _parsed(problems: Problems, device: Device, text: str) -> Identifier | None:
    try:
        parsed = identifiers.parse(device.identifier_kind, text)
    except IdentifierError as error:
        problems.add("identifier", str(error))
        return None
    if parsed.key == device.identifier_key:
        problems.add("identifier", "This is the identifier it has already.")
    return parsed


def _spare(actor: Actor, device: Device, parsed: Identifier) -> Device | None:
    """The device of the account that has the identifier already and is free; None where there is none.

    Raises:
        WrongState: it is another account's, of another kind, or somebody's.
    """
    found = db.session.scalars(
        select(Device)
        .where(has_one_of([parsed.key]), Device.account_id == device.account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        refuse_if_held(actor, device.account, parsed)
        return None
    if found.id == device.id:
        raise InvalidInput.at("identifier", "This is the second IMEI of the very device.")
    if found.kind is not device.kind:
        raise WrongState(
            f"{parsed.display} is a {found.kind.label} of this account ({found.title}), "
            f"not a {device.kind.label}."
        )
    refuse_if_kept(found, verb="put in the place of another")
    if found.unit_id is not None:
        raise WrongState(f"{name_of(found)} fulfills a unit of an order already.")
    taken = [
        word
        for word, present, wanted in (
            ("assigned to somebody", found.employee_id, device.employee_id),
            ("located somewhere else", found.location_id, device.location_id),
            ("paired to a base", found.base_device_id, None),
        )
        if present is not None and present != wanted
    ]
    if found.kind is Kind.DECT_BASE and handsets_of(found):
        taken.append("the base of other handsets")
    if taken:
        raise WrongState(f"{name_of(found)} is {' and '.join(taken)}; change that on its own page first.")
    return found


class _TakenOver:
    """Everything that goes from a device to the one that takes its place."""

    def __init__(self, device: Device, outcome: Outcome) -> None:
        self.columns: dict[str, Any] = {
            "employee_id": device.employee_id,
            "location_id": device.location_id,
            "base_device_id": device.base_device_id,
            "slot": device.slot,
        }
        if device.unit_id is not None:
            self.columns |= {
                "unit_id": device.unit_id,
                "unit_outcome": outcome.value,
                "unit_at": utcnow(),
                "not_applied": device.not_applied,
            }
        self.slots = [handset.slot for handset in handsets_of(device)]


def _made(actor: Actor, device: Device, parsed: Identifier, printed: LabelRead, takes: _TakenOver) -> Device:
    successor = insert_or_ignore(
        Device,
        platform_id=device.platform_id,
        account_id=device.account_id,
        catalog_item_id=device.catalog_item_id,
        created_by_name=actor.name,
        **as_labelled(device, parsed, printed),
        **takes.columns,
    )
    if successor is None:
        raise TryAgain  # Somebody registered the same identifier at the same moment.
    return successor


def _fitted(spare: Device, printed: LabelRead, takes: _TakenOver) -> Device:
    for name, value in takes.columns.items():
        setattr(spare, name, value)
    if printed.serial:
        spare.serial = printed.serial
    if printed.second_imei:
        spare.second_imei, spare.second_imei_key = printed.second_imei, printed.second_imei_key
    return spare


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        raise TryAgain from error  # The identifier is somebody else's since we looked.

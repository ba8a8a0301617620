"""Taking a device out of service: lost, stolen, broken, returned or given up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial

from sqlalchemy import update

from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.permissions import Actor, Permission, require
from hwadmin.domain.text_validation import Problems, refuse
from hwadmin.errors import DomainError, InvalidInput
from hwadmin.models import Device, Unit
from hwadmin.operations.audit.device_events import record_device_changed, record_device_retired
from hwadmin.operations.devices.placement import identifier_of, name_of
from hwadmin.operations.devices.retirement import retire
from hwadmin.operations.fulfillment.corrections.locked_devices import lock_device_with_order
from hwadmin.operations.orders.transition import bump_version
from hwadmin.operations.outgoing.events import publish
from hwadmin.operations.units.spares import refuse_if_reserved


def retire_device(actor: Actor, device_id: int, *, reason: str | None, on: date | None = None) -> Device:
    """Take a device out of service for good. It leaves its person, place, base and phone line.

    Its identifier is free again and its history stays. The unit of an order it came by stays delivered and
    says where the device went. The handsets of a base have none any more.

    Args:
        actor: who takes it out.
        device_id: the device's key.
        reason: why.
        on: since which day; by default now.

    Raises:
        NotAllowed, NotFound: nothing was done.
        WrongState: it is out of service already, or kept for a unit of an open order.
        InvalidInput: every problem at once, at ``reason`` or ``on``.
    """
    locked = lock_device_with_order(actor, device_id, Permission.DEVICES_REGISTER)
    device, order = locked.device, locked.order
    now = utcnow()
    reason = _checked_reason(reason, on)
    refuse_if_reserved(device, verb="taken out of service")
    if device.unit_id is not None:
        gone = f"{identifier_of(device)} → out of service"
        db.session.execute(update(Unit).where(Unit.id == device.unit_id).values(device_passed_on=gone))
    name = name_of(device)
    at = now if on is None or on == now.date() else datetime.combine(on, time(), UTC)
    handsets = retire(actor, device, reason, at)
    if order is not None:
        bump_version(actor, order)
    record_device_retired(
        actor,
        device,
        f"Took {name}{locked.unit_description} out of service",
        reason=reason,
        unit=locked.unit_label,
    )
    for handset in handsets:
        record_device_changed(
            actor,
            handset,
            device.account,
            f"{name_of(handset)} has no base any more: {name} is out of service",
        )
    _publish(actor, device, handsets, reason)
    if order is not None:
        publish(actor, EventType.ORDER_UPDATED, order=order, reason=reason)
    return device


def _checked_reason(reason: str | None, on: date | None) -> str:
    problems = Problems()
    checked = problems.text("reason", reason, most=2000, required="Say why.", lines=True) or ""
    if on is not None and on > utcnow().date():
        problems.add("on", "This day has not come yet.")
    refuse(problems)
    return checked


MAX_DEVICES = 200


@dataclass(frozen=True, slots=True)
class RetirementResult:
    """What became of one of several devices."""

    device_id: int
    # The device as it is now; None where nothing was done.
    device: Device | None = None
    # Why nothing was done.
    refusal: DomainError | None = None


def retire_many(
    actor: Actor,
    device_ids: Sequence[int],
    *,
    reason: str | None,
    on: date | None = None,
    run_each: Callable[[Callable[[], Device]], Device],
) -> list[RetirementResult]:
    """Take several devices out of service; a refused one does not keep the others from it.

    Args:
        actor: who takes them out.
        device_ids: their keys; one that is named twice is taken out once.
        reason: why, the same for all.
        on: since which day; by default now.
        run_each: runs the work on one device and commits it.

    Raises:
        NotAllowed: the actor may not do this to any device.
        InvalidInput: there are none or too many, or reason or day are wrong; nothing was done.
    """
    require(actor, Permission.DEVICES_REGISTER)
    keys = list(dict.fromkeys(device_ids))
    if not keys:
        raise InvalidInput.at("devices", "Choose at least one device.")
    if len(keys) > MAX_DEVICES:
        raise InvalidInput.at("devices", f"Choose at most {MAX_DEVICES} devices at once.")
    _checked_reason(reason, on)
    results = []
    for key in keys:
        try:
            results.append(
                RetirementResult(key, run_each(partial(retire_device, actor, key, reason=reason, on=on)))
            )
        except DomainError as refusal:
            results.append(RetirementResult(key, refusal=refusal))
    return results


def _publish(actor: Actor, device: Device, handsets: list[Device], reason: str) -> None:
    platform_id = device.platform_id
    publish(actor, EventType.DEVICE_RETIRED, platform_id=platform_id, device_ids=[device.id], reason=reason)
    if handsets:
        changed = [handset.id for handset in handsets]
        publish(actor, EventType.DEVICE_UPDATED, platform_id=platform_id, device_ids=changed)

"""Checking a fulfillment before anything is written: what each unit's identifier would become, and why not.

The page's check, the API's dry run and the real thing all go through here; there is no second copy of a rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hwadmin.domain.dates import format_datetime
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.domain.units import UnitOutcome
from hwadmin.identifiers import Identifier, IdentifierKind
from hwadmin.models import HardwareOrder, reference
from hwadmin.operations.devices.holders import lock_imeis
from hwadmin.operations.fulfillment.intents import split_intents
from hwadmin.operations.fulfillment.known_devices import KnownDevice, find_known_devices
from hwadmin.operations.fulfillment.parsing import parse_identifiers
from hwadmin.operations.fulfillment.report import FulfillmentReport, UnitResult
from hwadmin.queries.units.units import UnitRow

_APPLIED = {"employee_id": "assigned as planned", "location_id": "located as planned"}


def check_identifiers(
    actor: Actor,
    order: HardwareOrder,
    units: Sequence[UnitRow],
    identifiers: Mapping[int, str],
    *,
    writes: bool,
) -> tuple[FulfillmentReport, Mapping[str, KnownDevice]]:
    """What each identifier becomes, or why not; and the devices there are already.

    Args:
        actor: who fulfills.
        order: the order.
        units: all its units.
        identifiers: what was entered, by unit.
        writes: whether it is going to be written, and not only looked at.
    """
    report = parse_identifiers(order, units, identifiers)
    parsed = [result.identifier for result in report.units if result.identifier]
    imeis = [identifier for identifier in parsed if identifier.kind is IdentifierKind.IMEI]
    if writes and imeis:
        lock_imeis(second=any(imei.second_imei for imei in imeis))
    known = find_known_devices(
        [result.identifier for result in report.accepted.values() if result.identifier], order.account_id
    )
    classify(actor, order, units, report, known)
    return report, known


def classify(
    actor: Actor,
    order: HardwareOrder,
    units: Sequence[UnitRow],
    report: FulfillmentReport,
    known: Mapping[str, KnownDevice],
) -> None:
    """For each unit with an identifier: make a device, link the one there is, or refuse; and its intents."""
    units_by_id = {unit.id: unit for unit in units}
    first_links: dict[int, UnitResult] = {}
    for result in report.units:
        if result.outcome is not UnitOutcome.CREATED or result.identifier is None:
            continue
        unit = units_by_id[result.unit_id]
        device = result.known_device = known.get(result.identifier.key)
        second = known.get(result.identifier.second_key or "")
        why = _why_not_the_spare(unit, device)
        if why is None and device is not None:
            why = _why_not_linked(actor, order, unit, device)
            result.held_elsewhere = why is not None and device.account_id != order.account_id
            if why is None:
                why = _link(result, unit, device, first_links)
        if why is None and second is not None and (device is None or second.id != device.id):
            why = _why_not_linked(actor, order, unit, second) or "It is a device of this account already."
            why = f"Its second IMEI: {why}"
        if why is not None:
            result.refuse(why)
            continue
        result.intents, result.not_applied = split_intents(unit, device)
        result.applied = [_APPLIED[column] for column in result.intents]


def _why_not_the_spare(unit: UnitRow, device: KnownDevice | None) -> str | None:
    """A unit for which a spare is kept gets this spare."""
    if unit.reserved_device_id is None or (device is not None and device.id == unit.reserved_device_id):
        return None
    return f"{unit.label} is the account's spare {unit.reserved_shown} and no other device."


def _link(
    result: UnitResult, unit: UnitRow, device: KnownDevice, first_links: dict[int, UnitResult]
) -> str | None:
    """Link the unit to a device of the account, with warnings; or the sentence why not.

    ``first_links`` has the first unit each device is linked to.
    """
    first = first_links.setdefault(device.id, result)
    if first is not result:
        return f"The same device as {first.label}, by its other IMEI."
    assert result.identifier is not None
    result.outcome, result.device_id = UnitOutcome.LINKED, device.id
    result.warnings += _label_differences(result.identifier, device)
    if (device.make, device.model) != (unit.make, unit.model):
        result.warnings.append(
            f"The existing device is a {device.make} {device.model}; the order says {unit.title}."
        )
    return None


def _label_differences(entered: Identifier, device: KnownDevice) -> list[str]:
    """What was entered with an identifier and differs from what its device has: that stays as it is."""
    differences = []
    if entered.serial and device.serial and entered.serial != device.serial:
        differences.append(f"The existing device has the serial number {device.serial}; it was left so.")
    if entered.kind is IdentifierKind.IMEI and device.identifier_key != entered.key:
        differences.append(
            f"This is the second IMEI of the existing device, known by {device.identifier_key}…."
        )
    elif entered.second_imei and device.second_imei and entered.second_imei != device.second_imei:
        differences.append("The existing device has another second IMEI; it was left so.")
    return differences


def _why_not_linked(actor: Actor, order: HardwareOrder, unit: UnitRow, device: KnownDevice) -> str | None:
    if device.account_id != order.account_id:
        if not actor.can(Permission.HOLDERS_READ):
            return "This identifier is already in use."
        since = f", since {format_datetime(device.created_at)}"
        by = f", from {reference(device.unit_order_id)}" if device.unit_order_id else ""
        return f"Already in use by {device.account_name}{since}{by}."
    if device.kind is not unit.kind:
        return (
            f"This is a {device.kind.label} of this account ({device.make} {device.model}), "
            f"not a {unit.kind.label}."
        )
    if device.reserving_unit_id is not None:
        if device.reserving_unit_id != unit.id:
            order_reference = reference(device.reserving_order_id or 0)
            return f"This spare is kept for {device.reserving_unit_label} of {order_reference}."
        if device.unit_order_fulfilled:
            return None
    if device.unit_id is not None:
        return f"Already {device.unit_label} of {reference(device.unit_order_id or 0)}."
    return None

"""What a person wants to know before a fulfillment is written: the pairing, and what looks odd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import Actor
from hwadmin.identifiers import Identifier, near_duplicates, odd_one_out
from hwadmin.models import HardwareOrder
from hwadmin.operations.fulfillment.checks import check_identifiers
from hwadmin.operations.fulfillment.known_devices import KnownDevice
from hwadmin.operations.fulfillment.pairing import bases_and_handsets, occupied_slots
from hwadmin.operations.fulfillment.pairing_plan import BaseUnit, Handset, plan_pairing
from hwadmin.operations.fulfillment.report import FulfillmentReport, UnitResult
from hwadmin.queries.units.units import UnitRow


def preview_fulfillment(
    actor: Actor, order: HardwareOrder, units: Sequence[UnitRow], identifiers: Mapping[int, str]
) -> FulfillmentReport:
    """What would become of each identifier if it were written now, and what is worth a second look."""
    report, known = check_identifiers(actor, order, units, identifiers, writes=False)
    preview(order, units, report, known)
    return report


def preview(
    order: HardwareOrder,
    units: Sequence[UnitRow],
    report: FulfillmentReport,
    known: Mapping[str, KnownDevice],
) -> None:
    """Add to a checked report what pairing would do, and the warnings."""
    _preview_pairing(order, units, report, known)
    add_warnings(units, report)


def _preview_pairing(
    order: HardwareOrder,
    units: Sequence[UnitRow],
    report: FulfillmentReport,
    known: Mapping[str, KnownDevice],
) -> None:
    """What pairing would do once the report's devices are written."""
    present_bases, present_handsets = bases_and_handsets(units, order.account_id)
    arriving = {
        unit_id: (result.identifier, known.get(result.identifier.key))
        for unit_id, result in report.accepted.items()
        if result.identifier
    }
    bases = [
        _arriving_base(base, *arriving[base.unit_id]) if base.unit_id in arriving else base
        for base in present_bases
    ]
    handsets = {handset.unit_id: handset for handset in present_handsets}
    for unit in units:
        if unit.kind is Kind.DECT_HANDSET and unit.id in arriving:
            _, device = arriving[unit.id]
            if device is None or device.base_device_id is None:
                make = device.make if device else unit.make
                handsets[unit.id] = Handset(unit.id, unit.label, make, None, unit.base_unit_id)
    in_order = [handsets[unit.id] for unit in units if unit.id in handsets]
    report.add_pairing(plan_pairing(bases, in_order, occupied_slots(bases)))


def _arriving_base(base: BaseUnit, identifier: Identifier, device: KnownDevice | None) -> BaseUnit:
    """The base as it is once its identifier is written: a new device, or the one there is."""
    return BaseUnit(
        base.unit_id,
        base.label,
        device.make if device else base.make,
        device.max_handsets if device else base.max_handsets,
        device.id if device else None,
        identifier.value,
    )


def add_warnings(units: Sequence[UnitRow], report: FulfillmentReport) -> None:
    """Warn of what looks odd among the identifiers of the order: those entered, and those it has already."""
    accepted = report.accepted
    if not accepted:
        return
    identifiers = [
        accepted[unit.id].identifier if unit.id in accepted else _device_identifier(unit) for unit in units
    ]
    for index, similar in near_duplicates(identifiers).items():
        if result := accepted.get(units[index].id):
            result.warnings.append(
                f"This is almost the same as {similar.display}; compare both with their labels."
            )
    _warn_of_odd_makers(units, identifiers, accepted)


def _warn_of_odd_makers(
    units: Sequence[UnitRow],
    identifiers: Sequence[Identifier | None],
    accepted: Mapping[int, UnitResult],
) -> None:
    lines: dict[int, list[int]] = {}
    for index, unit in enumerate(units):
        lines.setdefault(unit.line_id, []).append(index)
    for indexes in lines.values():
        odd = odd_one_out([identifiers[index] for index in indexes])
        result = accepted.get(units[indexes[odd[0]]].id) if odd else None
        # An identifier that is not of the make that was ordered has its warning already.
        if odd and result and not result.warnings:
            result.warnings.append(f"All the others here are {odd[1]} addresses; this one is not.")


def _device_identifier(unit: UnitRow) -> Identifier | None:
    if unit.identifier_kind is None or unit.identifier is None:
        return None
    return Identifier(unit.identifier_kind, unit.identifier)

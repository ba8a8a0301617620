"""Parsing what was entered for the units of an order: identifiers, or sentences why they are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hwadmin.domain.units import UnitOutcome
from hwadmin.identifiers import Identifier, IdentifierError, parse, warnings
from hwadmin.models import HardwareOrder
from hwadmin.operations.fulfillment.report import FulfillmentReport, UnitResult
from hwadmin.queries.units.units import UnitRow


def parse_identifiers(
    order: HardwareOrder, units: Sequence[UnitRow], identifiers: Mapping[int, str]
) -> FulfillmentReport:
    """Parse the text entered for each unit; each problem is a sentence at its unit.

    What could become a device has the outcome "created"; whether it is one already is not looked up here.

    Args:
        order: the order.
        units: all its units.
        identifiers: the texts, by unit.
    """
    texts = {unit_id: text.strip() for unit_id, text in identifiers.items()}
    first_uses: dict[str, UnitResult] = {}
    results = [
        _parse_unit(unit, texts.get(unit.id, ""), first_uses) for unit in units if unit.kind.becomes_device
    ]
    own_ids = {unit.id for unit in units}
    for unit_id, text in texts.items():
        if text and unit_id not in own_ids:
            results.append(UnitResult(unit_id, f"Unit {unit_id}", text))
            results[-1].refuse("There is no such unit in this order.")
    for unit in units:
        if not unit.kind.becomes_device and texts.get(unit.id):
            results.append(UnitResult(unit.id, unit.label, texts[unit.id]))
            results[-1].refuse("An accessory has no identifier.")
    return FulfillmentReport(order, results)


def _parse_unit(unit: UnitRow, text: str, first_uses: dict[str, UnitResult]) -> UnitResult:
    """The result of one unit; ``first_uses`` has the unit each key of an identifier was first entered for."""
    result = UnitResult(unit.id, unit.label, text, awaited=unit.awaited)
    if not text:
        if unit.device_id is not None:
            result.outcome, result.device_id = UnitOutcome.SKIPPED, unit.device_id
        return result
    if unit.closed_at is not None:
        result.refuse(f"{unit.label} was closed by {unit.closed_by_name}: {unit.closed_reason}")
        return result
    assert unit.kind.identifier_kind is not None
    try:
        result.identifier = parse(unit.kind.identifier_kind, text)
    except IdentifierError as error:
        result.refuse(str(error))
        return result
    if unit.identifier_key is not None:
        _compare_with_device(result, result.identifier, unit, first_uses)
    else:
        _accept_unless_repeated(result, result.identifier, unit, first_uses)
    return result


def _compare_with_device(
    result: UnitResult, identifier: Identifier, unit: UnitRow, first_uses: dict[str, UnitResult]
) -> None:
    """The unit has a device already: entering its own identifier again does nothing, another is refused."""
    result.device_id = unit.device_id
    if identifier.key == unit.identifier_key:
        result.outcome = UnitOutcome.SKIPPED
        first_uses.setdefault(identifier.key, result)
    else:
        result.refuse(
            f"{unit.label} already has {unit.identifier_shown}; another one would need a replacement."
        )


def _accept_unless_repeated(
    result: UnitResult, identifier: Identifier, unit: UnitRow, first_uses: dict[str, UnitResult]
) -> None:
    first = first_uses.setdefault(identifier.key, result)
    if first is not result:
        result.refuse(f"The same as {first.label}; each unit has its own.")
        return
    second = identifier.second_key
    first = first_uses.setdefault(second, result) if second else result
    if first is not result:
        result.refuse(f"Its second IMEI is the same as that of {first.label}; each unit has its own.")
        return
    result.outcome = UnitOutcome.CREATED
    result.warnings += [*identifier.notes, *warnings(identifier, unit.make)]

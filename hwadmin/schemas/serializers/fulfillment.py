"""What became of units, as the API shows it."""

from __future__ import annotations

from hwadmin.operations.fulfillment.report import FulfillmentReport, UnitResult
from hwadmin.schemas import response_models


def outcome(row: UnitResult) -> response_models.FulfilledUnit:
    """What became of one unit, or would become of it."""
    return response_models.FulfilledUnit(
        unit_id=row.unit_id,
        identifier=row.identifier.value if row.identifier else row.entered or None,
        outcome=row.outcome.value,
        message=row.message,
        device_id=row.device_id,
        warnings=[*row.warnings, *([row.not_paired] if row.not_paired else [])],
        paired_to=row.paired_to,
        slot=row.slot,
        not_applied=row.not_applied,
    )


def outcomes(report: FulfillmentReport) -> list[response_models.FulfilledUnit]:
    """What became of every unit."""
    return [outcome(row) for row in report.units]

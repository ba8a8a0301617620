"""What a unit is planned for, in words."""

from __future__ import annotations

from hwadmin.queries.units.units import UnitRow


def describe_intent(unit: UnitRow) -> str:
    """A unit's intent in parts; empty where there is none."""
    parts = [name for name in (unit.employee_name, unit.location_name) if name]
    if unit.phone_number is not None:
        parts.append(f"upgrading {unit.phone_number}")
    if unit.base_unit_id is not None:
        parts.append("with its base")
    return ", ".join(parts)

"""What people call a unit, and what it is planned for, in words."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from hwadmin.domain.ordering.variants import with_variant
from hwadmin.domain.row_ids import unit_label
from hwadmin.models import LineItem, Unit
from hwadmin.queries.units.units import UnitRow


def name_columns(
    line: type[LineItem] = LineItem, unit: type[Unit] = Unit
) -> tuple[InstrumentedAttribute[Any], ...]:
    """The columns that make the name of a unit; of aliases where there are several units in a row."""
    return line.model, line.size, line.color, line.term_months, line.mobile_carrier, unit.number


def name_of(
    model: str, size: str | None, color: str | None, term: int | None, carrier: str | None, number: int
) -> str:
    """The name of a unit by those columns, as on its order: ``iPhone 17 (256 GB, Black) #1``."""
    return unit_label(with_variant(model, size, color, term, carrier), number)


def describe_intent(unit: UnitRow) -> str:
    """A unit's intent in parts; empty where there is none."""
    parts = [name for name in (unit.employee_name, unit.location_name) if name]
    if unit.phone_number is not None:
        parts.append(f"upgrading {unit.phone_number}")
    if unit.base_unit_id is not None:
        parts.append("with its base")
    return ", ".join(parts)

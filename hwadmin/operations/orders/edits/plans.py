"""What units are planned for, in words, and refusing to drop plans silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from hwadmin.domain.wording import plural
from hwadmin.errors import DomainError
from hwadmin.queries.units.descriptions import describe_intent
from hwadmin.queries.units.units import UnitRow


class PlannedUnitsWouldGo(DomainError):
    """Lowering a quantity would drop units that have a plan; the message names them, to be confirmed."""

    def __init__(self, units: Sequence[UnitRow], plans: Mapping[int, str]) -> None:
        self.units = tuple(units)
        named = ", ".join(f"{unit.label} ({plans[unit.id]})" for unit in units[:10])
        more = f" and {len(units) - 10} more" if len(units) > 10 else ""
        super().__init__(
            f"These units are planned and would be dropped: {named}{more}. Confirm, or keep them."
        )


def describe_plans(units: Sequence[UnitRow], removed: Sequence[int]) -> dict[int, str]:
    """What each unit is planned for, in words; handsets planned with a base are part of its plan.

    Args:
        units: all units of the order.
        removed: the keys of the lines that go altogether; the bases of their handsets do not count.
    """
    handsets = Counter(unit.base_unit_id for unit in units if unit.line_id not in removed)
    plans = {}
    for unit in units:
        parts = [describe_intent(unit)]
        if handsets[unit.id]:
            parts.append(f"the base of {plural(handsets[unit.id], 'handset')}")
        plans[unit.id] = ", ".join(part for part in parts if part)
    return plans

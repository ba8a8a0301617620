"""What the units of an order were planned for at some time.

Plans are not versioned. The present ones are taken back through the audit events that changed them, which
keep what each unit was planned for before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hwadmin.domain.event_kinds import AuditKind
from hwadmin.queries.units.descriptions import describe_intent
from hwadmin.queries.units.units import UnitRow

# How an event says that a unit had no plan.
_NOTHING = "nothing"


def plans_before(units: Iterable[UnitRow], later_events: list[Any]) -> dict[str, str]:
    """What each planned unit was planned for, by its label, before some events happened.

    Args:
        units: the units as they are now.
        later_events: the events of the order since then, oldest first.
    """
    plans = {unit.label: plan for unit in units if (plan := describe_intent(unit))}
    for event in reversed(later_events):
        if event.kind == AuditKind.ORDER_EDITED:
            _take_back(plans, event.details)
    return plans


def _take_back(plans: dict[str, str], details: Mapping[str, Any]) -> None:
    for change in details.get("plans", ()):
        if change["before"] == _NOTHING:
            plans.pop(change["unit"], None)
        else:
            plans[change["unit"]] = change["before"]
    for dropped in details.get("dropped_plans", ()):
        label, _, plan = dropped.partition(": ")
        plans[label] = plan

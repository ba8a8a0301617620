"""Somebody else was faster: what was typed is kept, what they changed stands beside it.

What one did not touch is as they left it, so that saving again takes nothing of theirs back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from werkzeug.datastructures import MultiDict

from hwadmin.forms.orders.orders import PlanForm
from hwadmin.models import HardwareOrder
from hwadmin.queries.units.descriptions import describe_intent
from hwadmin.queries.units.units import UnitRow
from hwadmin.views.orders.order_page import LineInputs


def merge_lines(order: HardwareOrder, inputs: LineInputs, form: MultiDict[str, str]) -> None:
    """Bring lines as typed together with the lines of the order as somebody else left them.

    Args:
        order: the order as it is now.
        inputs: the lines as typed; they become what the page shows.
        form: what was sent, with the quantity of each line as it was seen.
    """
    present = {str(line.id): line for line in order.lines}
    seen = dict(zip(form.getlist("line"), form.getlist("seen"), strict=False))
    merged = []
    for key, typed in inputs.quantities:
        line = present.get(key)
        if line is None:
            if typed != seen.get(key, typed):
                inputs.problem = "A line you changed was taken off meanwhile; add it again below."
            continue
        now = str(line.quantity)
        if now != seen.get(key, now):
            inputs.remarks[key] = f"Changed meanwhile: {seen[key]} → {now}"
        merged.append((key, now if typed == seen.get(key) else typed))
    for key, line in present.items():
        if key not in seen:
            inputs.remarks[key] = "Added meanwhile"
            merged.append((key, str(line.quantity)))
    inputs.quantities = merged


def merge_plans(form: PlanForm, units: Sequence[UnitRow], sent: Mapping[str, str]) -> dict[int, str]:
    """Bring plans as typed together with those of the units as somebody else left them.

    Args:
        form: the plans as typed; it becomes what the page shows.
        units: the units as they are now.
        sent: what was sent, with the plan of each unit as it was seen.

    Returns:
        What to say beside the units that somebody else changed.
    """
    remarks = {}
    for unit in units:
        present = [str(key or "") for key in (unit.employee_id, unit.location_id, unit.base_unit_id)]
        seen = sent.get(f"seen-{unit.id}", "").split(".")
        if len(seen) != len(present) or seen == present:
            continue
        remarks[unit.id] = f"Changed meanwhile, to {describe_intent(unit) or 'nothing'}"
        for field, before, now in zip(
            (form.employees, form.locations, form.bases), seen, present, strict=True
        ):
            if field.data.get(unit.id) == before:
                field.data[unit.id] = now
    return remarks

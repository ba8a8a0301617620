"""Somebody else was faster: what was typed is kept, what they changed stands beside it.

What one did not touch is as they left it, so that saving again takes nothing of theirs back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form

from hwadmin.domain.ordering.cost_allocation import shares_text
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
        for name, texts, now in (
            ("codes", form.codes, shares_text(unit.shares)),
            ("reason", form.reasons, unit.upgrade_reason or ""),
        ):
            before = sent.get(f"seen-{name}-{unit.id}")
            if before is None or _plain(before) == _plain(now):
                continue
            remarks[unit.id] = "Changed meanwhile"
            if _plain(texts.data.get(unit.id, "")) == _plain(before):
                texts.data[unit.id] = now
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


def seen_values(form: Form) -> dict[str, str]:
    """The fields of a form as a page sends them on which nobody changed anything."""
    return {field.name: _sent_value(field) for field in form if field.name != "version"}


def merge_fields(form: Form, present: Form, sent: Mapping[str, str]) -> None:
    """Bring fields as typed together with those of the order as somebody else left them.

    Args:
        form: the fields as typed; it becomes what the page shows.
        present: the same fields as they are now.
        sent: what was sent, with each field as it was seen.
    """
    for field in form:
        seen = sent.get(f"seen-{field.name}")
        if seen is not None and _plain(seen) == _plain(sent.get(field.name, "")):
            field.data = present[field.name].data
            # What was sent would be shown instead.
            field.raw_data = None


def _sent_value(field: Field) -> str:
    if hasattr(field, "_value"):
        return str(field._value())
    return "" if field.data is None else str(field.data)


def _plain(text: str) -> str:
    # A browser sends the ends of lines in its own way.
    return "\n".join(text.splitlines()).strip()

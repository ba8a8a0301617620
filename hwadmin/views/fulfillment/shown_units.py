"""The rows of the fulfill page, as the page writes them: each text escaped once, outside of the template.

A page may have thousands of units. Their texts are escaped here, most of them only once for all units that
share them, and the template takes each row apart as a tuple.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from markupsafe import Markup, escape

from hwadmin.operations.fulfillment.report import UnitResult
from hwadmin.queries.units.units import UnitRow
from hwadmin.web.formatting import escaped


class ShownPlan(NamedTuple):
    """Who a unit is for, and where it goes."""

    person: Markup
    place: Markup
    base: Markup
    # Whether the person or the place is no longer there.
    gone: bool


class WaitingUnit(NamedTuple):
    """A unit that has no device yet, with what was entered for it."""

    id: int
    label: Markup
    planned: ShownPlan
    # What kind of identifier is asked for.
    word: str
    text: Markup
    checked: UnitResult | None
    # A sentence about the colleague who entered something for it, and what that is.
    colleague: Markup
    colleague_text: Markup


class DoneUnit(NamedTuple):
    """A unit that has its device."""

    label: Markup
    planned: ShownPlan
    identifier: Markup
    slot: int | None
    base_identifier: Markup


_NOTHING = Markup()


def waiting_units(
    units: Iterable[UnitRow],
    words: Mapping[int, str],
    labels: Mapping[int, Markup],
    entered: Mapping[int, str],
    checked: Mapping[int, UnitResult],
    colleagues: Mapping[int, tuple[str, str]],
) -> list[WaitingUnit]:
    """Those of the units that wait for a device.

    Args:
        units: the units of the order.
        words: what is asked for, by line.
        labels: the label of each unit, by its key.
        entered: what was entered, by unit.
        checked: what became of it, by unit.
        colleagues: a sentence about who else entered something, and what, by unit.
    """
    return [
        WaitingUnit(
            unit.id,
            labels[unit.id],
            _planned(unit, labels),
            words[unit.line_id],
            escape(entered[unit.id]) if unit.id in entered else _NOTHING,
            checked.get(unit.id),
            *map(escape, colleagues.get(unit.id, ("", ""))),
        )
        for unit in units
        if unit.awaited
    ]


def done_units(units: Iterable[UnitRow], labels: Mapping[int, Markup]) -> list[DoneUnit]:
    """Those of the units that have a device.

    Args:
        units: the units of the order.
        labels: the label of each unit, by its key.
    """
    return [
        DoneUnit(
            labels[unit.id],
            _planned(unit, labels),
            escape(unit.identifier_shown),
            unit.slot,
            escaped(unit.base_identifier or ""),
        )
        for unit in units
        if unit.device_id is not None
    ]


def _planned(unit: UnitRow, labels: Mapping[int, Markup]) -> ShownPlan:
    return ShownPlan(
        escaped(unit.employee_name or ""),
        escaped(unit.location_name or ""),
        labels[unit.base_unit_id] if unit.base_unit_id else _NOTHING,
        gone=unit.employee_left_at is not None or unit.location_gone_at is not None,
    )

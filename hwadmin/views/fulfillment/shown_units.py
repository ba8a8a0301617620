"""The rows of the fulfill page, as the page writes them: each text escaped once, outside of the template.

A page may have thousands of units. Their texts are escaped here, most of them only once for all units that
share them, and the template takes each row apart as a tuple.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.row_ids import unit_label
from hwadmin.operations.fulfillment.report import UnitResult
from hwadmin.queries.fulfillment.form_units import FormUnit
from hwadmin.web.formatting import escaped


class UnitsOfLine(NamedTuple):
    """What the units of one line have in common."""

    kind: Kind
    # The model with what was chosen of it.
    model: str
    # What kind of identifier is asked for; empty for an accessory.
    word: str


class WaitingUnit(NamedTuple):
    """A unit that has no device yet, with what was entered for it."""

    id: int
    label: str
    # Who it is for, and where it goes.
    planned: Markup
    # What kind of identifier is asked for.
    word: str
    text: Markup
    checked: UnitResult | None
    # A sentence about the colleague who entered something for it, and what that is.
    colleague: Markup
    colleague_text: Markup


class DoneUnit(NamedTuple):
    """A unit that has its device."""

    label: str
    planned: Markup
    identifier: Markup
    slot: int | None
    base_identifier: Markup


_NOTHING = Markup()
_NOBODY = (_NOTHING, _NOTHING)


def waiting_units(
    units: Iterable[FormUnit],
    lines: Mapping[int, UnitsOfLine],
    bases: Mapping[int, str],
    entered: Mapping[int, str],
    checked: Mapping[int, UnitResult],
    colleagues: Mapping[int, tuple[str, str]],
) -> list[WaitingUnit]:
    """The units that wait for a device.

    Args:
        units: those units.
        lines: what the units of each line have in common, by its key.
        bases: the label of each base of the order, by its unit's key.
        entered: what was entered, by unit.
        checked: what became of it, by unit.
        colleagues: a sentence about who else entered something, and what, by unit.
    """
    of_others = {key: (escape(sentence), escape(text)) for key, (sentence, text) in colleagues.items()}
    return [
        WaitingUnit(
            unit.id,
            unit_label(escaped(lines[unit.line_id].model), unit.number),
            _planned(unit, bases),
            lines[unit.line_id].word,
            escape(entered[unit.id]) if unit.id in entered else _NOTHING,
            checked.get(unit.id),
            *of_others.get(unit.id, _NOBODY),
        )
        for unit in units
    ]


def done_units(
    units: Iterable[FormUnit], lines: Mapping[int, UnitsOfLine], bases: Mapping[int, str]
) -> list[DoneUnit]:
    """The units that have a device.

    Args:
        units: those units.
        lines: what the units of each line have in common, by its key.
        bases: the label of each base of the order, by its unit's key.
    """
    return [
        DoneUnit(
            unit_label(escaped(lines[unit.line_id].model), unit.number),
            _planned(unit, bases),
            escape(unit.identifier_shown),
            unit.slot,
            escaped(unit.base_identifier or ""),
        )
        for unit in units
    ]


def _planned(unit: FormUnit, bases: Mapping[int, str]) -> Markup:
    gone = "has left" if unit.employee_left_at is not None else ""
    if unit.location_gone_at is not None:
        gone += ", location archived" if gone else "location archived"
    base = bases[unit.base_unit_id] if unit.base_unit_id else ""
    return _plan(unit.employee_name, unit.location_name, base, gone)


@lru_cache(maxsize=4096)
def _plan(person: str | None, place: str | None, base: str, gone: str) -> Markup:
    """Who a unit is for, where it goes and with which base; many units share a plan."""
    plan = Markup(" · ").join(text for text in (person, place) if text)
    if base:
        plan += Markup('<span class="muted"> with {}</span>').format(base)
    elif not plan:
        plan = Markup('<span class="muted">–</span>')
    return plan + Markup(' <span class="tag tag-warn">{}</span>').format(gone) if gone else plan

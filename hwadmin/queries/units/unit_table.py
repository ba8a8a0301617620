"""The units of an order as its page shows them: by line, alike ones in one row, without empty columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderFacts
from hwadmin.queries.units.units import UnitRow

# So many units or more that are alike share a row.
_ALIKE = 3
# Orders with more units than this have a heading for each line.
_WITHOUT_HEADINGS = 12
ROWS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class UnitTableRow:
    """One unit, or several in a row that are alike."""

    unit: UnitRow
    count: int
    label: str
    # The heading above it, where a line begins.
    heading: str = ""


@dataclass(frozen=True, slots=True)
class UnitTable:
    """The rows of a page, which columns have anything in them, and what was left out."""

    rows: Sequence[UnitTableRow]
    left_out: int
    awaited: int
    only_awaited: bool
    has_people: bool
    has_places: bool
    has_bases: bool


def unit_table(units: Sequence[UnitRow], facts: OrderFacts, which: str | None) -> UnitTable:
    """The table of units.

    Args:
        units: all of the order, in unit order.
        facts: how the order stands.
        which: ``awaited`` for those still to come, ``all`` for every unit in a row of its own.
    """
    awaited = [unit for unit in units if unit.awaited]
    only_awaited = which == "awaited"
    shown = awaited if only_awaited else units
    headed = len(units) > _WITHOUT_HEADINGS and len({unit.line_id for unit in units}) > 1
    rows = list(_rows(shown, facts, collapse=which != "all", headed=headed))
    limit = len(rows) if which == "all" else ROWS_SHOWN
    return UnitTable(
        rows=rows[:limit],
        left_out=sum(row.count for row in rows[limit:]),
        awaited=len(awaited),
        only_awaited=only_awaited,
        has_people=any(_has_person(unit) for unit in shown),
        has_places=any(unit.location_name or unit.kind is Kind.DECT_HANDSET for unit in shown),
        has_bases=any(unit.slot or unit.base_unit_id for unit in shown),
    )


def _rows(
    units: Iterable[UnitRow], facts: OrderFacts, *, collapse: bool, headed: bool
) -> Iterable[UnitTableRow]:
    for _, of_line in groupby(units, key=lambda unit: unit.line_id):
        line = list(of_line)
        heading = f"{line[0].title} · {len(line)} {'unit' if len(line) == 1 else 'units'}" if headed else ""
        for _, run in groupby(line, key=lambda unit: _likeness(unit, facts)):
            alike = list(run)
            if collapse and len(alike) >= _ALIKE:
                last = alike[-1]
                yield UnitTableRow(alike[0], len(alike), f"{alike[0].label}–{last.number}", heading)
                heading = ""
                continue
            for unit in alike:
                yield UnitTableRow(unit, 1, unit.label, heading)
                heading = ""


def _likeness(unit: UnitRow, facts: OrderFacts) -> tuple[Any, ...]:
    """What units have in common that are alike; nothing is like a unit with a device of its own."""
    if unit.device_id is not None or unit.reserved_device_id is not None or unit.device_passed_on is not None:
        return (unit.id,)
    return (
        *(unit.employee_id, unit.user_name, unit.user_number, unit.employee_left_at, unit.phone_number),
        *(unit.upgrade_reason, unit.override_reason, tuple(map(str, unit.shares))),
        *(unit.location_id, unit.location_gone_at, unit.base_unit_id, unit.closed_reason),
        unit.describe_state(facts),
    )


def _has_person(unit: UnitRow) -> bool:
    return bool(
        unit.employee_name or unit.user_name or unit.phone_number or unit.override_reason or unit.shares
    )

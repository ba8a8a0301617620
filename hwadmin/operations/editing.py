"""Correcting an order's lines and intents while it is pending."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, bindparam, delete, update

from hwadmin.errors import DomainError, InvalidInput
from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.lifecycle import OrderAction
from hwadmin.models import HardwareOrder, Unit
from hwadmin.operations import audit
from hwadmin.operations._transition import lines_of, locked_order, require_fitting, touch
from hwadmin.operations.announcements import announce
from hwadmin.operations.ordering import (
    MOST_PER_LINE,
    MOST_UNITS,
    NewIntent,
    insert_units,
    items_by_sku,
    line_of,
    lines_in_words,
)
from hwadmin.permissions import Actor
from hwadmin.queries.units import UnitRow, active_employees, current_items, open_locations, units_of
from hwadmin.texts import Problems


class PlannedUnitsWouldGo(DomainError):
    """Lowering a quantity would drop units that are planned for somebody; they are named, to be confirmed."""

    def __init__(self, units: Sequence[UnitRow], plans: Mapping[int, str]) -> None:
        self.units = tuple(units)
        named = ", ".join(f"{unit.label} ({plans[unit.id]})" for unit in units[:10])
        more = f" and {len(units) - 10} more" if len(units) > 10 else ""
        super().__init__(
            f"These units are planned and would be dropped: {named}{more}. Confirm, or keep them."
        )


@dataclass(frozen=True, slots=True)
class Intent:
    """For whom, where and with which base unit of the same order a unit is planned."""

    employee_id: int | None = None
    location_id: int | None = None
    base_unit_id: int | None = None


def edit_lines(
    actor: Actor,
    order_id: int,
    quantities: Mapping[str, int] | Sequence[tuple[str, int]],
    *,
    expected_version: int | None = None,
    drop_planned: bool = False,
) -> HardwareOrder:
    """Make the order's lines what is stated: SKU and quantity; a line not stated is removed.

    New lines come from the order's own platform catalog. An archived item may be kept and lowered, not
    raised or added. Lowering drops units without an intent first, from the end. Stating what already is
    changes nothing and leaves no trace.

    Args:
        actor: who corrects.
        order_id: the order's key.
        quantities: the lines the order shall have; quantities of one SKU stated twice add up.
        expected_version: the version the actor saw.
        drop_planned: the actor has confirmed that units with an intent may go.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput, PlannedUnitsWouldGo: nothing was
            done.
    """
    order = locked_order(actor, order_id, OrderAction.EDIT, expected_version)
    require_fitting(order, OrderAction.EDIT)
    lines_of(order)
    stated = list(quantities.items()) if isinstance(quantities, Mapping) else list(quantities)
    wanted = _checked(order, stated)
    present = {line.sku: line for line in order.lines}
    added = {sku: wanted[sku] for sku in wanted if sku not in present}
    changed = {
        sku: wanted.get(sku, 0) for sku, line in present.items() if wanted.get(sku, 0) != line.quantity
    }
    if not added and not changed:
        return order

    units = units_of(order.id)
    plans = _plans(units, [line.id for line in order.lines if changed.get(line.sku) == 0])
    dropped = _dropped(order, units, changed, plans)
    planned = [unit for unit in dropped if plans[unit.id]]
    if planned and not drop_planned:
        raise PlannedUnitsWouldGo(planned, plans)

    before = lines_in_words(order.lines)
    words = _change(order, units, dropped, changed, added)
    order.fulfillable_units = sum(line.quantity for line in order.lines if line.kind.becomes_device)
    touch(actor, order)
    audit.record(
        actor,
        "order.edited",
        f"Changed the items of {order.reference}: {', '.join(words)}",
        order=order,
        details={
            "before": before,
            "after": lines_in_words(order.lines),
            "dropped_plans": [f"{unit.label}: {plans[unit.id]}" for unit in planned],
        },
    )
    announce(actor, "order.updated", order=order)
    return order


def _checked(order: HardwareOrder, stated: Sequence[tuple[str, int]]) -> dict[str, int]:
    """The quantities by SKU, every problem of them told."""
    problems = Problems()
    present = {line.sku: line for line in order.lines}
    items = items_by_sku(order.platform_id, (sku for sku, _ in stated))
    # The SKU of a line is the one it was ordered by; its item may have another one by now.
    on_sale = current_items(line.catalog_item_id for line in order.lines)
    wanted: dict[str, int] = {}
    fields: dict[str, str] = {}
    for number, (sku, quantity) in enumerate(stated):
        if sku not in present and sku not in items:
            problems.add(f"lines.{number}.sku", "This is not in the catalog of the order's platform.")
        elif not 0 < quantity <= MOST_PER_LINE:
            problems.add(f"lines.{number}.quantity", f"Give a quantity from 1 to {MOST_PER_LINE:,}.")
        else:
            wanted[sku] = wanted.get(sku, 0) + quantity
            fields.setdefault(sku, f"lines.{number}")
    for sku, quantity in wanted.items():
        line = present.get(sku)
        if line is None and items[sku].archived_at is not None:
            problems.add(f"{fields[sku]}.sku", f"{items[sku].title} is archived and cannot be added.")
        if quantity > MOST_PER_LINE:
            problems.add(f"{fields[sku]}.quantity", f"Give a quantity from 1 to {MOST_PER_LINE:,}.")
        if line is not None and line.catalog_item_id not in on_sale and quantity > line.quantity:
            problems.add(
                f"{fields[sku]}.quantity",
                f"{line.title} is archived: keep its {line.quantity} or lower them, but do not add to them.",
            )
    if not wanted and not problems.errors:
        problems.add("lines", "An order needs at least one line item. To get rid of it, reject or cancel it.")
    if sum(wanted.values()) > MOST_UNITS:
        problems.add("lines", f"Order {MOST_UNITS:,} units at most at once.")
    if problems.errors:
        raise InvalidInput(problems.errors)
    return wanted


def _plans(units: Sequence[UnitRow], removed: Sequence[int]) -> dict[int, str]:
    """What each unit is planned for, in words; a base is, too, where handsets are meant for it.

    Args:
        units: all units of the order.
        removed: the keys of the lines that go altogether: what their handsets are meant for counts no more.
    """
    meant = Counter(unit.base_unit_id for unit in units if unit.line_id not in removed)
    plans = {}
    for unit in units:
        words = [_planned_for(unit)] if _planned_for(unit) else []
        if meant[unit.id]:
            words.append(f"the base of {meant[unit.id]} handset{'s' if meant[unit.id] > 1 else ''}")
        plans[unit.id] = ", ".join(words)
    return plans


def _dropped(
    order: HardwareOrder, units: Sequence[UnitRow], changed: Mapping[str, int], plans: Mapping[int, str]
) -> list[UnitRow]:
    """The units that must go: of a lowered line those without an intent first, from the end."""
    dropped: list[UnitRow] = []
    for line in order.lines:
        surplus = line.quantity - changed.get(line.sku, line.quantity)
        if surplus > 0:
            mine = [unit for unit in units if unit.line_id == line.id]
            mine.sort(key=lambda unit: (bool(plans[unit.id]), -unit.number))
            dropped += mine[:surplus]
    return dropped


def _change(
    order: HardwareOrder,
    units: Sequence[UnitRow],
    dropped: Sequence[UnitRow],
    changed: Mapping[str, int],
    added: Mapping[str, int],
) -> list[str]:
    """Write the new quantities, lines and units; what was done, in words."""
    words: list[str] = []
    gone = {unit.id for unit in dropped}
    if gone:
        db.session.execute(update(Unit).where(Unit.base_unit_id.in_(gone)).values(base_unit_id=None))
        db.session.execute(delete(Unit).where(Unit.id.in_(gone)))
    for line in list(order.lines):
        if line.sku not in changed:
            continue
        quantity = changed[line.sku]
        if quantity == 0:
            words.append(f"removed {line.quantity} × {line.title}")
            order.lines.remove(line)
            continue
        words.append(f"{line.title} {line.quantity} → {quantity}")
        if quantity > line.quantity:
            last = max((unit.number for unit in units if unit.line_id == line.id), default=0)
            insert_units(order, line, [NewIntent()] * (quantity - line.quantity), (), first=last + 1)
        line.quantity = quantity
    position = max((line.position for line in order.lines), default=0)
    items = items_by_sku(order.platform_id, added)
    for sku, quantity in added.items():
        position += 1
        line = line_of(order, items[sku], position, quantity, requested=0)
        order.lines.append(line)
        db.session.flush()
        insert_units(order, line, [NewIntent()] * quantity, ())
        words.append(f"added {quantity} × {line.title}")
    return words


def edit_intents(
    actor: Actor, order_id: int, intents: Mapping[int, Intent], *, expected_version: int | None = None
) -> HardwareOrder:
    """Change for whom, where and with which base units are planned. Units not stated stay as they are.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput: nothing was done.
    """
    order = locked_order(actor, order_id, OrderAction.EDIT, expected_version)
    require_fitting(order, OrderAction.EDIT)
    units = {unit.id: unit for unit in units_of(order.id)}
    problems = Problems()
    employees = active_employees(order.account_id, (intent.employee_id for intent in intents.values()))
    locations = open_locations(order.account_id, (intent.location_id for intent in intents.values()))
    changes: list[dict[str, int | None]] = []
    words: list[str] = []
    for unit_id, intent in intents.items():
        unit = units.get(unit_id)
        if unit is None:
            problems.add(f"units.{unit_id}", "There is no such unit in this order; it may have been removed.")
            continue
        before = Intent(unit.employee_id, unit.location_id, unit.base_unit_id)
        if intent == before:
            continue
        # What was planned before and stays is kept, even where the employee has left since.
        if intent.employee_id not in (None, before.employee_id) and intent.employee_id not in employees:
            problems.add(
                f"units.{unit_id}.employee_id", f"This is not an active employee of {order.account.name}."
            )
        if intent.location_id not in (None, before.location_id) and intent.location_id not in locations:
            problems.add(f"units.{unit_id}.location_id", f"This is not a location of {order.account.name}.")
        if intent.base_unit_id is not None:
            base = units.get(intent.base_unit_id)
            if unit.kind is not Kind.DECT_HANDSET:
                problems.add(f"units.{unit_id}.base_unit_id", "Only a handset is meant for a base.")
            elif base is None or base.kind is not Kind.DECT_BASE:
                problems.add(f"units.{unit_id}.base_unit_id", "This is not a base of this order.")
        changes.append(
            {
                "id": unit_id,
                "employee_id": intent.employee_id,
                "location_id": intent.location_id,
                "base_unit_id": intent.base_unit_id,
            }
        )
        words.append(unit.label)
    if problems.errors:
        raise InvalidInput(problems.errors)
    if not changes:
        return order
    table = cast(Table, Unit.__table__)
    db.session.connection().execute(
        update(table)
        .where(table.c.id == bindparam("unit"), table.c.order_id == order.id)
        .values(
            employee_id=bindparam("employee"),
            location_id=bindparam("location"),
            base_unit_id=bindparam("base"),
        ),
        [
            {
                "unit": change["id"],
                "employee": change["employee_id"],
                "location": change["location_id"],
                "base": change["base_unit_id"],
            }
            for change in changes
        ],
    )
    after = {unit.id: unit for unit in units_of(order.id)}
    touch(actor, order)
    audit.record(
        actor,
        "order.edited",
        f"Changed what is planned for {', '.join(words[:10])}{' and more' if len(words) > 10 else ''}"
        f" of {order.reference}",
        order=order,
        details={
            "plans": [
                {
                    "unit": after[int(change["id"] or 0)].label,
                    "before": _planned_for(units[int(change["id"] or 0)]) or "nothing",
                    "after": _planned_for(after[int(change["id"] or 0)]) or "nothing",
                }
                for change in changes
            ]
        },
    )
    announce(actor, "order.updated", order=order)
    return order


def _planned_for(unit: UnitRow) -> str:
    """A unit's intent in words; empty where there is none."""
    words = [name for name in (unit.employee_name, unit.location_name) if name]
    if unit.base_unit_id is not None:
        words.append("with its base")
    return ", ".join(words)

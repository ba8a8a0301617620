"""Correcting an order's lines and intents while it is pending."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, update

from hwadmin.errors import DomainError, InvalidInput
from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.lifecycle import OrderAction
from hwadmin.models import HardwareOrder, Unit
from hwadmin.operations import audit
from hwadmin.operations._transition import lines_of, locked_order, require_fitting, touch
from hwadmin.operations.announcements import announce
from hwadmin.operations.approvals import ask_if_dearer
from hwadmin.operations.order_check import items_by_sku
from hwadmin.operations.order_input import MOST_PER_LINE, MOST_UNITS, NewIntent
from hwadmin.operations.order_writing import insert_units, line_of, lines_in_words
from hwadmin.permissions import Actor
from hwadmin.queries.units import (
    ListedEmployee,
    UnitRow,
    current_items,
    listed_employees,
    open_locations,
    units_of,
)
from hwadmin.splits import document_of
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


# A line item by its own key, or all lines of an item by its SKU.
Named = str | int


def edit_lines(
    actor: Actor,
    order_id: int,
    quantities: Mapping[Named, int] | Mapping[str, int] | Sequence[tuple[Named, int]],
    *,
    expected_version: int | None = None,
    drop_planned: bool = False,
) -> HardwareOrder:
    """Make the order's lines what is stated, by SKU or by the line's own key; what is not stated is removed.

    New lines come from the order's own platform catalog, at the item's own price. An archived item and a
    spare may be kept and lowered, not raised or added. Lowering drops units without an intent first, from
    the end. Where an item has several lines, a SKU means all of them: what is more goes to the first, what
    is less is taken from the last. Stating what already is changes nothing and leaves no trace.

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
    stated: list[tuple[Named, int]] = list(
        quantities.items() if isinstance(quantities, Mapping) else quantities
    )
    kept, added = _checked(order, stated)
    changed = {line.id: kept.get(line.id, 0) for line in order.lines if kept.get(line.id, 0) != line.quantity}
    if not added and not changed:
        return order

    units = units_of(order.id)
    plans = _plans(units, [key for key, quantity in changed.items() if quantity == 0])
    dropped = _dropped(order, units, changed, plans)
    planned = [unit for unit in dropped if plans[unit.id]]
    if planned and not drop_planned:
        raise PlannedUnitsWouldGo(planned, plans)

    before = lines_in_words(order.lines)
    words = _change(order, units, dropped, changed, added)
    order.fulfillable_units = sum(line.quantity for line in order.lines if line.kind.becomes_device)
    touch(actor, order)
    asked = ask_if_dearer(order)
    audit.record(
        actor,
        "order.edited",
        f"Changed the items of {order.reference}: {', '.join(words)}"
        + (f"; it costs more than {asked} approved, who is asked again" if asked else ""),
        order=order,
        details={
            "before": before,
            "after": lines_in_words(order.lines),
            "dropped_plans": [f"{unit.label}: {plans[unit.id]}" for unit in planned],
        },
    )
    announce(actor, "order.updated", order=order)
    return order


def _checked(
    order: HardwareOrder, stated: Sequence[tuple[Named, int]]
) -> tuple[dict[int, int], dict[str, int]]:
    """The quantities by line, and those of new lines by SKU; every problem of them told."""
    problems = Problems()
    lines = {line.id: line for line in order.lines}
    skus = {line.sku for line in order.lines}
    items = items_by_sku(order.platform_id, (name for name, _ in stated if isinstance(name, str)))
    wanted: dict[Named, int] = {}
    fields: dict[Named, str] = {}
    for number, (name, quantity) in enumerate(stated):
        if name not in lines and name not in skus and name not in items:
            problems.add(
                f"lines.{number}.sku",
                "This is not in the catalog of the order's platform."
                if isinstance(name, str)
                else "This line is not in the order any more.",
            )
        elif not 0 < quantity <= MOST_PER_LINE:
            problems.add(f"lines.{number}.quantity", f"Give a quantity from 1 to {MOST_PER_LINE:,}.")
        else:
            wanted[name] = wanted.get(name, 0) + quantity
            fields.setdefault(name, f"lines.{number}")
    kept, added, where = _spread(order, wanted, fields)
    _check_raised(order, kept, where, problems)
    for sku, quantity in added.items():
        if sku in items and items[sku].archived_at is not None:
            problems.add(f"{fields[sku]}.sku", f"{items[sku].title} is archived and cannot be added.")
        elif sku not in items:
            # The item has another SKU by now; the lines it has here cannot take more of it.
            problems.add(f"{fields[sku]}.quantity", "Spares are chosen when an order is made; add none here.")
        if quantity > MOST_PER_LINE:
            problems.add(f"{fields[sku]}.quantity", f"Give a quantity from 1 to {MOST_PER_LINE:,}.")
    if not kept and not added and not problems.errors:
        problems.add("lines", "An order needs at least one line item. To get rid of it, reject or cancel it.")
    if sum(kept.values()) + sum(added.values()) > MOST_UNITS:
        problems.add("lines", f"Order {MOST_UNITS:,} units at most at once.")
    if problems.errors:
        raise InvalidInput(problems.errors)
    return kept, added


def _spread(
    order: HardwareOrder, wanted: Mapping[Named, int], fields: Mapping[Named, str]
) -> tuple[dict[int, int], dict[str, int], dict[int, str]]:
    """What is stated, as quantities of the lines there are and of new ones; and where each was stated."""
    kept = {name: quantity for name, quantity in wanted.items() if isinstance(name, int)}
    where = {name: fields[name] for name in kept}
    added: dict[str, int] = {}
    for sku, quantity in wanted.items():
        if not isinstance(sku, str):
            continue
        mine = [line for line in order.lines if line.sku == sku]
        # Lines that are stated themselves are kept as stated, and this is what comes on top.
        itself = any(line.id in kept for line in mine)
        left = quantity
        if not itself:
            for line in mine:
                if take := min(left, line.quantity):
                    kept[line.id], where[line.id] = take, fields[sku]
                    left -= take
        if left:
            # A line with a term has a price of its own, which is not what the catalog's list offers.
            raised = [line for line in mine if not line.from_spare and not (itself and line.term_months)]
            if raised:
                first = raised[0].id
                kept[first] = kept.get(first, 0) + left
                where.setdefault(first, fields[sku])
            else:
                added[sku] = left
    return kept, added, where


def _check_raised(
    order: HardwareOrder, kept: Mapping[int, int], where: Mapping[int, str], problems: Problems
) -> None:
    # The SKU of a line is the one it was ordered by; its item may have another one by now.
    on_sale = current_items(line.catalog_item_id for line in order.lines)
    for line in order.lines:
        quantity = kept.get(line.id, 0)
        if quantity > MOST_PER_LINE:
            problems.add(f"{where[line.id]}.quantity", f"Give a quantity from 1 to {MOST_PER_LINE:,}.")
        if quantity <= line.quantity:
            continue
        if line.from_spare:
            problems.add(
                f"{where[line.id]}.quantity",
                f"Spares are chosen when an order is made: keep these {line.quantity} or lower them.",
            )
        elif line.catalog_item_id not in on_sale:
            problems.add(
                f"{where[line.id]}.quantity",
                f"{line.title} is archived: keep its {line.quantity} or lower them, but do not add to them.",
            )


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
    order: HardwareOrder, units: Sequence[UnitRow], changed: Mapping[int, int], plans: Mapping[int, str]
) -> list[UnitRow]:
    """The units that must go: of a lowered line those without an intent first, from the end."""
    dropped: list[UnitRow] = []
    for line in order.lines:
        surplus = line.quantity - changed.get(line.id, line.quantity)
        if surplus > 0:
            mine = [unit for unit in units if unit.line_id == line.id]
            mine.sort(key=lambda unit: (bool(plans[unit.id]), -unit.number))
            dropped += mine[:surplus]
    return dropped


def _change(
    order: HardwareOrder,
    units: Sequence[UnitRow],
    dropped: Sequence[UnitRow],
    changed: Mapping[int, int],
    added: Mapping[str, int],
) -> list[str]:
    """Write the new quantities, lines and units; what was done, in words."""
    words: list[str] = []
    gone = {unit.id for unit in dropped}
    if gone:
        db.session.execute(update(Unit).where(Unit.base_unit_id.in_(gone)).values(base_unit_id=None))
        db.session.execute(delete(Unit).where(Unit.id.in_(gone)))
    for line in list(order.lines):
        if line.id not in changed:
            continue
        quantity = changed[line.id]
        if quantity == 0:
            words.append(f"removed {line.quantity} × {line.said}")
            order.lines.remove(line)
            # What was ordered along with it stays, on its own.
            for accessory in order.lines:
                if accessory.accessory_of_id == line.id:
                    accessory.accessory_of_id = None
            continue
        words.append(f"{line.said} {line.quantity} → {quantity}")
        if quantity > line.quantity:
            last = max((unit.number for unit in units if unit.line_id == line.id), default=0)
            insert_units(order, [(line, [NewIntent()] * (quantity - line.quantity))], first=last + 1)
        line.quantity = quantity
    position = max((line.position for line in order.lines), default=0)
    items = items_by_sku(order.platform_id, added)
    for sku, quantity in added.items():
        position += 1
        line = line_of(order, items[sku], position, quantity, requested=0)
        order.lines.append(line)
        db.session.flush()
        insert_units(order, [(line, [NewIntent()] * quantity)])
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
    employees = listed_employees(order.account_id, (intent.employee_id for intent in intents.values()))
    locations = open_locations(order.account_id, (intent.location_id for intent in intents.values()))
    changes: list[dict[str, Any]] = []
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
        user = _user(order, unit, intent, employees)
        if user["user_name"] and not user["user_number"] and order.account.requires_employee_number:
            problems.add(
                f"units.{unit_id}.employee_id",
                f"{order.account.name} needs the employee number, and {user['user_name']} has none.",
            )
        changes.append(
            {
                "unit": unit_id,
                "employee": intent.employee_id,
                "location": intent.location_id,
                "base": intent.base_unit_id,
                **user,
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
            user_name=bindparam("user_name"),
            user_number=bindparam("user_number"),
            accounting_codes=bindparam("codes"),
        ),
        changes,
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
                    "unit": after[change["unit"]].label,
                    "before": _planned_for(units[change["unit"]]) or "nothing",
                    "after": _planned_for(after[change["unit"]]) or "nothing",
                }
                for change in changes
            ]
        },
    )
    announce(actor, "order.updated", order=order)
    return order


def _user(
    order: HardwareOrder, unit: UnitRow, intent: Intent, employees: Mapping[int, ListedEmployee]
) -> dict[str, Any]:
    """Whose the unit will be, as the order says it: copied anew where it is somebody else's now."""
    if intent.employee_id == unit.employee_id:
        return {
            "user_name": unit.user_name,
            "user_number": unit.user_number,
            "codes": unit.accounting_codes,
        }
    somebody = employees.get(intent.employee_id or 0)
    usual = document_of(somebody.shares) if somebody else None
    return {
        "user_name": somebody.name if somebody else None,
        "user_number": somebody.number if somebody else None,
        # What it is booked on was decided for the order; somebody else's own codes replace it.
        "codes": usual or unit.accounting_codes,
    }


def _planned_for(unit: UnitRow) -> str:
    """A unit's intent in words; empty where there is none."""
    words = [name for name in (unit.employee_name, unit.location_name) if name]
    if unit.phone_number is not None:
        words.append(f"upgrading {unit.phone_number}")
    if unit.base_unit_id is not None:
        words.append("with its base")
    return ", ".join(words)

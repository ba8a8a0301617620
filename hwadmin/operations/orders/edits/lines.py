"""Editing the lines of an order while it is pending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import delete, update

from hwadmin.db.extensions import db
from hwadmin.domain.event_kinds import EventType
from hwadmin.domain.lifecycle import OrderAction
from hwadmin.domain.permissions import Actor
from hwadmin.domain.text_validation import Problems
from hwadmin.models import HardwareOrder, Unit
from hwadmin.operations.audit.order_events import LineEditFacts, record_order_edited
from hwadmin.operations.orders.approvals.requests import request_again_if_dearer
from hwadmin.operations.orders.edits.plans import PlannedUnitsWouldGo, describe_plans
from hwadmin.operations.orders.edits.quantity_checks import changed_quantities
from hwadmin.operations.orders.edits.variants import LineName, StatedLines, device_lines, read_stated_lines
from hwadmin.operations.orders.submission.line_checks import CheckedLine
from hwadmin.operations.orders.submission.line_writing import insert_units, line_facts, new_line_item
from hwadmin.operations.orders.submission.new_order import NewIntent, NewLine
from hwadmin.operations.orders.transition import bump_version, lock_order_for, refresh_lines, require_possible
from hwadmin.operations.outgoing.events import publish
from hwadmin.queries.units.units import (
    UnitRow,
    units_of,
)


def edit_lines(
    actor: Actor,
    order_id: int,
    quantities: Mapping[LineName, int] | Mapping[str, int] | Sequence[tuple[LineName, int] | NewLine],
    *,
    expected_version: int | None = None,
    drop_planned: bool = False,
) -> HardwareOrder:
    """Set the lines of an order as stated, by SKU or by the key of the line; a line not stated is removed.

    New lines come from the catalog of the order's platform, at its price today. A line of an archived
    item or of spares can be kept or lowered, not raised or added. Lowering drops units without an intent
    first, from the end. A line stated with its variant is the one that has it, or a new one; a SKU alone is
    the one line of the item, and refused where there are several. Stating the present quantities changes and
    records nothing.

    Args:
        actor: who edits.
        order_id: the order's key.
        quantities: the lines the order is to have; quantities of one line stated twice add up.
        expected_version: the version the actor saw.
        drop_planned: the actor has confirmed that units with an intent are dropped.

    Raises:
        NotAllowed, NotFound, ChangedMeanwhile, WrongState, InvalidInput, PlannedUnitsWouldGo: nothing was
            done.
    """
    order = lock_order_for(actor, order_id, OrderAction.EDIT, expected_version)
    require_possible(order, OrderAction.EDIT)
    refresh_lines(order)
    problems = Problems()
    stated = read_stated_lines(order, _listed(quantities), problems)
    devices = device_lines(stated, order, problems)
    changed = changed_quantities(order, stated, problems)
    if not changed and not stated.added:
        return order

    units = units_of(order.id)
    plans = describe_plans(units, [key for key, quantity in changed.items() if quantity == 0])
    dropped = _dropped(order, units, changed, plans)
    planned = [unit for unit in dropped if plans[unit.id]]
    if planned and not drop_planned:
        raise PlannedUnitsWouldGo(planned, plans)

    before = line_facts(order.lines)
    written = _write_lines(order, units, dropped, changed) + _write_added(order, stated, devices)
    summary = f"Changed the items of {order.reference}: {', '.join(written)}"
    _write_sums(order)
    bump_version(actor, order)
    if asked_again := request_again_if_dearer(order):
        summary += f"; {asked_again}"
    facts: LineEditFacts = {
        "before": before,
        "after": line_facts(order.lines),
        "dropped_plans": [f"{unit.label}: {plans[unit.id]}" for unit in planned],
    }
    record_order_edited(actor, order, summary, facts)
    publish(actor, EventType.ORDER_UPDATED, order=order)
    return order


def _write_sums(order: HardwareOrder) -> None:
    """Write what the order keeps of its lines together."""
    order.fulfillable_units = sum(line.quantity for line in order.lines if line.kind.becomes_device)
    order.total_now = sum((line.total for line in order.lines), start=Decimal(0))
    order.nothing_to_buy = all(line.from_spare for line in order.lines)


def _listed(
    quantities: Mapping[LineName, int] | Mapping[str, int] | Sequence[tuple[LineName, int] | NewLine],
) -> Sequence[tuple[LineName, int] | NewLine]:
    return list(quantities.items()) if isinstance(quantities, Mapping) else quantities


def _dropped(
    order: HardwareOrder, units: Sequence[UnitRow], changed: Mapping[int, int], plans: Mapping[int, str]
) -> list[UnitRow]:
    """The units to drop: of a lowered line those without an intent first, from the end."""
    dropped: list[UnitRow] = []
    for line in order.lines:
        surplus = line.quantity - changed.get(line.id, line.quantity)
        if surplus > 0:
            candidates = [unit for unit in units if unit.line_id == line.id]
            candidates.sort(key=lambda unit: (bool(plans[unit.id]), -unit.number))
            dropped += candidates[:surplus]
    return dropped


def _write_lines(
    order: HardwareOrder,
    units: Sequence[UnitRow],
    dropped: Sequence[UnitRow],
    changed: Mapping[int, int],
) -> list[str]:
    """Write the new quantities of lines there are, and their units; returns what was done, in words."""
    changes: list[str] = []
    dropped_ids = {unit.id for unit in dropped}
    if dropped_ids:
        db.session.execute(update(Unit).where(Unit.base_unit_id.in_(dropped_ids)).values(base_unit_id=None))
        db.session.execute(delete(Unit).where(Unit.id.in_(dropped_ids)))
    for line in list(order.lines):
        if line.id not in changed:
            continue
        quantity = changed[line.id]
        if quantity == 0:
            changes.append(f"removed {line.quantity} × {line.description}")
            order.lines.remove(line)
            # Its accessories stay, on their own.
            for accessory in order.lines:
                if accessory.accessory_of_id == line.id:
                    accessory.accessory_of_id = None
            continue
        changes.append(f"{line.description} {line.quantity} → {quantity}")
        if quantity > line.quantity:
            last = max((unit.number for unit in units if unit.line_id == line.id), default=0)
            insert_units(order, [(line, [NewIntent()] * (quantity - line.quantity))], first=last + 1)
        line.quantity = quantity
    return changes


def _write_added(
    order: HardwareOrder, stated: StatedLines, devices: Mapping[int, int | CheckedLine]
) -> list[str]:
    """Write the new lines, devices first, so that accessories can name theirs."""
    changes = []
    keys: dict[int, int] = {}
    for place, chosen in sorted(stated.added.items(), key=lambda entry: entry[0] in devices):
        position = max((line.position for line in order.lines), default=0) + 1
        line = new_line_item(order, chosen.item, position, chosen.quantity, requested=0, chosen=chosen)
        device = devices.get(place)
        line.accessory_of_id = keys[id(device)] if isinstance(device, CheckedLine) else device
        order.lines.append(line)
        db.session.flush()
        keys[id(chosen)] = line.id
        insert_units(order, [(line, chosen.intents)])
        changes.append(f"added {chosen.quantity} × {line.description}")
    return changes

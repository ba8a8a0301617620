"""Writing an order's lines and units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from hwadmin.extensions import db
from hwadmin.kinds import Kind
from hwadmin.models import CatalogItem, HardwareOrder, LineItem, Unit
from hwadmin.operations.order_check import FREE, Checked, CheckedLine
from hwadmin.operations.order_input import NewIntent
from hwadmin.splits import document_of
from hwadmin.uow import TryAgain


def write_order(order: HardwareOrder, checked: Checked) -> None:
    """Write the order with its lines and units: devices first, so that accessories can name theirs."""
    written: dict[int, LineItem] = {}
    accessories = []
    for position, line in enumerate(checked.lines, 1):
        row = line_of(order, line.item, position, line.quantity, requested=line.quantity, chosen=line)
        written[id(line)] = row
        if line.accessory_of is None:
            order.lines.append(row)
        else:
            accessories.append((line, row))
    db.session.add(order)
    try:
        db.session.flush()
    except IntegrityError as error:
        if order.submission_key is not None and "submission_key" in str(error.orig):
            raise TryAgain from error
        raise
    for line, row in accessories:
        row.accessory_of_id = written[id(line.accessory_of)].id
        order.lines.append(row)
    if accessories:
        order.lines.sort(key=lambda row: row.position)
        db.session.flush()
    planned = [
        (written[id(line)], [checked.people.known(intent) for intent in line.intents])
        for line in checked.lines
    ]
    # Bases first: handsets name them.
    bases = insert_units(order, [one for one in planned if one[0].kind is Kind.DECT_BASE])
    insert_units(order, [one for one in planned if one[0].kind is not Kind.DECT_BASE], bases)


def line_of(
    order: HardwareOrder,
    item: CatalogItem,
    position: int,
    quantity: int,
    *,
    requested: int,
    chosen: CheckedLine | None = None,
) -> LineItem:
    """A line item with what the catalog says today, of what was chosen or else of the item itself."""
    return LineItem(
        platform_id=order.platform_id,
        position=position,
        catalog_item_id=item.id,
        quantity=quantity,
        requested_quantity=requested,
        sku=item.sku,
        make=item.make,
        model=item.model,
        kind=item.kind,
        unit_price=chosen.option.unit_price if chosen else item.unit_price,
        monthly_price=chosen.option.monthly_price if chosen else FREE,
        currency=item.currency,
        max_handsets=item.max_handsets,
        mobile_carrier=chosen.mobile_carrier if chosen else item.mobile_carrier,
        color=chosen.color if chosen else item.color,
        size=chosen.size if chosen else item.size,
        term_months=chosen.term_months if chosen else None,
        from_spare=chosen.from_spare if chosen else False,
    )


def listed(lines: Sequence[LineItem]) -> str:
    """The lines in a sentence: ``1 × Yealink W70B, 10 × Yealink W73H``."""
    return ", ".join(f"{line.quantity} × {line.said}" for line in lines)


def insert_units(
    order: HardwareOrder,
    planned: Sequence[tuple[LineItem, Sequence[NewIntent]]],
    bases: Sequence[int] = (),
    first: int = 1,
) -> list[int]:
    """One row per unit of some lines, numbered from ``first`` in each; the keys of the rows, in that order.

    Args:
        order: the order.
        planned: the lines, each with one intent per unit.
        bases: the keys of the order's base units, which ``NewIntent.base`` counts.
        first: the number of the first unit of a line.
    """
    if not planned:
        return []
    detailed = any(
        intent.user_name or intent.accounting_codes or intent.line_of_service_id or intent.spare_device_id
        for _, intents in planned
        for intent in intents
    )
    return list(
        db.session.scalars(
            insert(Unit).returning(Unit.id, sort_by_parameter_order=True),
            [
                {
                    "order_id": order.id,
                    "platform_id": order.platform_id,
                    "line_id": line.id,
                    "number": number,
                    "employee_id": intent.employee_id,
                    "location_id": intent.location_id,
                    "base_unit_id": bases[intent.base - 1] if intent.base else None,
                    **(_details(intent) if detailed else {}),
                }
                for line, intents in planned
                for number, intent in enumerate(intents, first)
            ],
        )
    )


def _details(intent: NewIntent) -> dict[str, Any]:
    """What only some units have: with a thousand that have none, their columns need not be sent."""
    return {
        "user_name": intent.user_name,
        "user_number": intent.user_number,
        "accounting_codes": document_of(intent.accounting_codes or ()),
        "line_of_service_id": intent.line_of_service_id,
        "upgrade_reason": intent.upgrade_reason,
        "override_reason": intent.override_reason,
        "reserved_device_id": intent.spare_device_id,
    }


def lines_in_words(lines: Sequence[LineItem]) -> list[dict[str, Any]]:
    """The lines as an audit event keeps them."""
    return [{"sku": line.sku, "title": line.said, "quantity": line.quantity} for line in lines]

"""Writing an order's lines and units."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import set_committed_value

from hwadmin.db import dialects
from hwadmin.db.extensions import db
from hwadmin.db.quick_sql import as_stored, insert_row, write_rows
from hwadmin.db.row_objects import new_object, set_values, take_in, values_of
from hwadmin.db.unit_of_work import TryAgain
from hwadmin.db.versions import write_first_versions
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.ordering.cost_allocation import document_of
from hwadmin.models import CatalogItem, HardwareOrder, LineItem, Unit
from hwadmin.operations.audit.order_events import LineFacts
from hwadmin.operations.orders.submission.checks import CheckedOrder
from hwadmin.operations.orders.submission.line_checks import FREE, CheckedLine
from hwadmin.operations.orders.submission.new_order import NewIntent


def write_order(order: HardwareOrder, checked: CheckedOrder) -> None:
    """Write the order with its lines and units: devices first, so that accessories can name theirs."""
    written = {
        id(line): new_line_item(
            order, line.item, position, line.quantity, requested=line.quantity, chosen=line
        )
        for position, line in enumerate(checked.lines, 1)
    }
    set_committed_value(order, "lines", list(written.values()))
    for item in order.lines:
        set_values(item, order=order)
    session = db.session()
    session.flush()
    try:
        key = insert_row(session.connection(), HardwareOrder.__table__, values_of(order))
    except IntegrityError as error:
        if any(key in str(error.orig) for key in ("submission_key", "external_id")):
            raise TryAgain from error
        raise
    set_values(order, id=key)
    accessories = [line for line in checked.lines if line.accessory_of is not None]
    _insert_lines(order, [written[id(line)] for line in checked.lines if line.accessory_of is None])
    for line in accessories:
        set_values(written[id(line)], accessory_of_id=written[id(line.accessory_of)].id)
    _insert_lines(order, [written[id(line)] for line in accessories])
    take_in(order, *order.lines)
    write_first_versions(session, [order, *order.lines])
    planned = [
        (written[id(line)], [checked.people.known(intent) for intent in line.intents])
        for line in checked.lines
    ]
    bases = [(line, intents) for line, intents in planned if line.kind is Kind.DECT_BASE]
    others = [(line, intents) for line, intents in planned if line.kind is not Kind.DECT_BASE]
    if any(intent.base for _, intents in others for intent in intents):
        # Bases first: handsets name them.
        insert_units(order, others, insert_units(order, bases))
    else:
        insert_units(order, [*bases, *others])


def _insert_lines(order: HardwareOrder, lines: Sequence[LineItem]) -> None:
    """Insert lines of a new order, which get their keys."""
    if not lines:
        return
    connection, table = db.session.connection(), LineItem.__table__
    rows = as_stored(connection, table, (values_of(line) | {"order_id": order.id} for line in lines))
    own = tuple(rows[0])
    statement = dialects.insert_from_json(table, (), own, "position", skips=False)
    keys = dict(write_rows(connection, statement, rows=dialects.rows_to_insert(own, rows)))
    for line in lines:
        set_values(line, id=keys[line.position], order_id=order.id)


def new_line_item(
    order: HardwareOrder,
    item: CatalogItem,
    position: int,
    quantity: int,
    *,
    requested: int,
    chosen: CheckedLine | None = None,
) -> LineItem:
    """A line item with what the catalog says today, of what was chosen or else of the item itself."""
    return new_object(
        LineItem,
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


def describe_lines(lines: Sequence[LineItem]) -> str:
    """The lines in a sentence: ``1 × Yealink W70B, 10 × Yealink W73H``."""
    return describe_facts(line_facts(lines))


def describe_facts(facts: Sequence[LineFacts]) -> str:
    """The same sentence, of what an audit event keeps of the lines."""
    return ", ".join(f"{line['quantity']} × {line['title']}" for line in facts)


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
    rows = [
        {
            "line_id": line.id,
            "number": number,
            "employee_id": intent.employee_id,
            "location_id": intent.location_id,
            "base_unit_id": bases[intent.base - 1] if intent.base else None,
            "user_name": intent.user_name,
            "user_number": intent.user_number,
            "accounting_codes": document_of(intent.accounting_codes or ()),
            "line_of_service_id": intent.line_of_service_id,
            "upgrade_reason": intent.upgrade_reason,
            "override_reason": intent.override_reason,
            "reserved_device_id": intent.spare_device_id,
        }
        for line, intents in planned
        for number, intent in enumerate(intents, first)
    ]
    shared, own = {"order_id": order.id, "platform_id": order.platform_id}, tuple(rows[0])
    statement = dialects.insert_from_json(Unit.__table__, tuple(shared), own, "line_id", "number")
    written = write_rows(
        db.session.connection(), statement, **shared, rows=dialects.rows_to_insert(own, rows)
    )
    # The keys come back in an order of SQLite's own.
    keys = {(line_id, number): key for line_id, number, key in written}
    return [keys[row["line_id"], row["number"]] for row in rows]


def line_facts(lines: Sequence[LineItem]) -> list[LineFacts]:
    """The lines as an audit event keeps them."""
    return [{"sku": line.sku, "title": line.description, "quantity": line.quantity} for line in lines]

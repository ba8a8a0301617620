"""Checking the quantities of an edited order."""

from __future__ import annotations

from hwadmin.domain.text_validation import Problems
from hwadmin.errors import InvalidInput
from hwadmin.models import HardwareOrder
from hwadmin.operations.orders.edits.variants import StatedLines
from hwadmin.operations.orders.submission.new_order import (
    MAX_PER_LINE,
    MAX_UNITS,
    QUANTITY_RANGE,
    TOO_MANY_UNITS,
)
from hwadmin.queries.units.choices import current_items


def changed_quantities(order: HardwareOrder, stated: StatedLines, problems: Problems) -> dict[int, int]:
    """The changed quantities of the lines there are, by key; 0 for a line that is not stated.

    Args:
        order: the order.
        stated: what it is to have.
        problems: what is wrong with that already; more problems are added.

    Raises:
        InvalidInput: every problem of them, at its field.
    """
    _check_raised(order, stated, problems)
    if not stated.quantities and not stated.added and not problems.errors:
        problems.add("lines", "An order needs at least one line item. To get rid of it, reject or cancel it.")
    if sum(stated.quantities.values()) + stated.added_units > MAX_UNITS:
        problems.add("lines", TOO_MANY_UNITS)
    if problems.errors:
        raise InvalidInput(problems.errors)
    return {
        line.id: quantity
        for line in order.lines
        if (quantity := stated.quantities.get(line.id, 0)) != line.quantity
    }


def _check_raised(order: HardwareOrder, stated: StatedLines, problems: Problems) -> None:
    # The SKU of a line is the one it was ordered by; its item may have another one by now.
    on_sale = current_items(line.catalog_item_id for line in order.lines)
    for line in order.lines:
        quantity = stated.quantities.get(line.id, 0)
        if quantity <= line.quantity:
            continue
        field = f"{stated.fields[line.id]}.quantity"
        if quantity > MAX_PER_LINE:
            problems.add(field, QUANTITY_RANGE)
        if line.from_spare:
            problems.add(
                field,
                f"Spares are chosen when an order is made: keep these {line.quantity} or lower them.",
            )
        elif line.catalog_item_id not in on_sale:
            problems.add(
                field,
                f"{line.title} is archived: keep its {line.quantity} or lower them, but do not add to them.",
            )

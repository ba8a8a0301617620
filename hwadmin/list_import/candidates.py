"""All candidates of a list: its tables row by row and its lines of text, without the rows of other orders."""

from __future__ import annotations

from hwadmin.list_import.columns import Columns, Table
from hwadmin.list_import.free_text import Context, read_line
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.lists import MAX_ROWS, SourceRow, refuse
from hwadmin.list_import.row_reading import Candidates, is_of_table, read_cells
from hwadmin.list_import.row_targets import OrderNumbers, orders_of_text, target_of_row

# So many rows, each with a few.
MAX_NUMBERS = 4 * MAX_ROWS


def candidates_of(columns: Columns, names: Names, reference: str, numbers: OrderNumbers) -> Candidates:
    """Every identifier of the list with what the list says of it; everything else with a reason.

    Raises InvalidInput where far more can be identifiers than any list has.
    """
    result = Candidates()
    other_order = ""
    for table in columns.tables:
        for heading in table.headings:
            result.leave(heading, "The headings of the columns.")
        context = Context(names)
        for row in table.rows:
            if row.left_out or row.comment or not any(row.cells):
                _leave(row, context, result)
                continue
            other_order = _read(row, table, context, result, (reference, numbers, other_order))
            if len(result.candidates) + len(result.unused) > MAX_NUMBERS:
                raise refuse(
                    f"This holds more than {MAX_NUMBERS:,} numbers that can be identifiers; "
                    "leave out what is no list."
                )
    return result


def _leave(row: SourceRow, context: Context, result: Candidates) -> None:
    if row.left_out:
        result.leave(row, row.left_out)
    elif not any(row.cells):
        context.pause()
    else:
        result.leave(row, "A comment.")


def _read(
    row: SourceRow, table: Table, context: Context, result: Candidates, orders: tuple[str, OrderNumbers, str]
) -> str:
    """Read a row; the other order of ours that it and the rows below are for, if it names one."""
    reference, numbers, other_order = orders
    before = len(result.candidates)
    if table.has_identifiers and is_of_table(row, table):
        target = target_of_row(row, table, numbers, reference)
        own, other = target.own_order or bool(target.order), target.other_order
        read_cells(row, table, context.names, target, result)
    else:
        own, other = orders_of_text(row.text, numbers, reference)
        read_line(row, table, context, result)
    if own or other:
        other_order = other
    if other_order and len(result.candidates) > before:
        for candidate in result.candidates[before:]:
            result.leave(row, f"This is for {other_order}.", candidate.text, order=other_order)
        del result.candidates[before:]
    return other_order

"""All candidates of a list: its tables row by row and its lines of text, without the rows of other orders."""

from __future__ import annotations

from dataclasses import replace

from hwadmin.identifiers.harvest import harvest
from hwadmin.list_import.cells import no_value
from hwadmin.list_import.delivery_words import sheet_concern
from hwadmin.list_import.free_text import Context, for_person, read_line
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.lists import MAX_ROWS, SourceRow, refuse
from hwadmin.list_import.meaning.columns import Columns, Table
from hwadmin.list_import.meaning.headings import OF_TARGET
from hwadmin.list_import.row_reading import (
    Candidate,
    Candidates,
    is_of_table,
    leave_without_identifier,
    read_cells,
    without_others,
)
from hwadmin.list_import.row_targets import (
    NO_TARGET,
    OrderNumbers,
    Target,
    has_order_alone,
    orders_of_text,
    target_of_row,
)

# So many rows, each with a few.
MAX_NUMBERS = 4 * MAX_ROWS


def candidates_of(columns: Columns, names: Names, reference: str, numbers: OrderNumbers) -> Candidates:
    """Every identifier of the list with what the list says of it; everything else with a reason.

    Raises InvalidInput where far more can be identifiers than any list has.
    """
    result = Candidates()
    other_order = ""
    for table in columns.tables:
        for heading in filter(None, (table.groups, *table.headings)):
            result.leave(heading, "The headings of the columns.")
        context = Context(names)
        sheet, other_order = _of_sheet(table, names, reference, numbers, other_order)
        begins = len(result.candidates)
        for row in table.rows:
            if row.left_out or row.comment or not any(row.cells):
                _leave(row, context, result)
                continue
            other_order = _read(row, table, context, result, (reference, numbers, other_order))
            if len(result.candidates) + len(result.unused) > MAX_NUMBERS:
                raise refuse(
                    f"This holds more than {MAX_NUMBERS:,} numbers that can be identifiers; "
                    "leave out everything but the list."
                )
        _complete(result.candidates, begins, sheet)
        if context.targets_below:
            _doubt_targets(result.candidates, begins)
    return result


def _of_sheet(
    table: Table, names: Names, reference: str, numbers: OrderNumbers, other_order: str
) -> tuple[Target, str]:
    """What the name of a sheet says of all its rows, and the other order of ours they are for."""
    if not table.name:
        return NO_TARGET, other_order
    own, other = orders_of_text(table.name, numbers, reference)
    people = names.planned.mentioned(table.name)
    at_place = names.planned.has_places and names.planned.at_place(table.name)
    target = replace(
        for_person(people),
        place=table.name if at_place else "",
        own_order=own,
        delivery_concern=sheet_concern(table.name),
    )
    return target, other


def _complete(candidates: list[Candidate], begins: int, above: Target) -> None:
    """Let rows that say nothing of their own be for whom and what stands above them."""
    if above == NO_TARGET:
        return
    for index in range(begins, len(candidates)):
        target = candidates[index].target
        whose = {} if target.person or target.place else {"person": above.person, "place": above.place}
        target = replace(target, delivery_concern=target.delivery_concern or above.delivery_concern, **whose)  # type: ignore[arg-type]
        candidates[index] = replace(candidates[index], target=target)


def _doubt_targets(candidates: list[Candidate], begins: int) -> None:
    """Ask of each line of a text whose lines of names and places may stand below what they are of."""
    for index in range(begins, len(candidates)):
        candidate = candidates[index]
        concern = (
            candidate.concern or "It is unclear whether the person it is for is named above it or below it."
        )
        target = replace(candidate.target, person=None, place="")
        candidates[index] = replace(candidate, concern=concern, target=target)


def _leave(row: SourceRow, context: Context, result: Candidates) -> None:
    if row.left_out:
        result.leave(row, row.left_out)
    elif not any(row.cells):
        context.pause()
    else:
        result.leave(row, "A comment.")


def _is_section(row: SourceRow, table: Table) -> bool:
    """Whether a row is a title of those below it: one cell with words, and no number of a device."""
    filled = [cell for cell in row.cells if cell]
    if len(filled) != 1 or not table.headings or row.number < table.headings[0].number:
        return False
    read = harvest(filled[0])
    is_text = sum(character.isalpha() for character in filled[0]) > 2 and not no_value(filled[0])
    return is_text and not (read.identifiers or read.damaged)


def _read(
    row: SourceRow, table: Table, context: Context, result: Candidates, orders: tuple[str, OrderNumbers, str]
) -> str:
    """Read a row; the other order of ours that it and the rows below are for, if it names one."""
    reference, numbers, other_order = orders
    before = len(result.candidates)
    is_row = table.has_identifiers and is_of_table(row, table) and not _is_section(row, table)
    if is_row:
        target = target_of_row(row, table, numbers, reference, context.planned)
        own, other = target.own_order or bool(target.order), target.other_order
        read_cells(row, table, context.names, target, result)
        if len(result.candidates) == before:
            leave_without_identifier(row, table, result)
        _complete(result.candidates, before, context.target)
        if not table.of(*OF_TARGET) and context.target == NO_TARGET:
            context.untargeted_before = True
    else:
        own, other = orders_of_text(row.text, numbers, reference)
        read_line(without_others(row, table, result), table, context, result)
    below = other_order
    if own or other:
        # A remark is about its row alone.
        below = other_order if is_row and not has_order_alone(row, numbers) else other
        other_order = other
    if other_order and len(result.candidates) > before:
        for candidate in result.candidates[before:]:
            result.leave(row, f"This is for {other_order}.", candidate.text, order=other_order)
        del result.candidates[before:]
    return below

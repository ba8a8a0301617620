"""Tables on their side: each row begins with the name of its values, each further column is a record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from hwadmin.identifiers.harvest import harvest
from hwadmin.list_import.lists import MAX_COLUMNS, SourceRow

IsHeading = Callable[[str], object]
_NO_LABEL = "This row has no label, so it is not read."


def upright(rows: Iterable[SourceRow], is_heading: IsHeading, *, identifiers: bool) -> list[SourceRow]:
    """The rows, those of each sheet that lies on its side turned; `identifiers`: of devices."""
    result: list[SourceRow] = []
    for _sheet, group in groupby(rows, key=lambda row: row.sheet):
        sheet = list(group)
        result += _turned(sheet, is_heading) if _lies(sheet, is_heading, identifiers) else sheet
    return result


def _lies(rows: Sequence[SourceRow], is_heading: IsHeading, identifiers: bool) -> bool:
    """Whether rows begin with different names, and no row names several columns or has values without one."""
    names, found = set[str](), False
    for row in rows:
        if row.left_out or row.comment or not any(row.cells):
            continue
        values = [cell for cell in row.cells[1:] if cell]
        if len(values) > 1 and sum(is_heading(cell) is not None for cell in row.cells) > 1:
            return False
        held = any(harvest(cell).identifiers for cell in row.cells)
        if is_heading(row.cells[0]) is None:
            if held or (not identifiers and values):
                return False
        elif values:
            names.add(_plain(row.cells[0]))
            found = found or held
    return len(names) > 1 and (found or not identifiers)


def _turned(rows: Sequence[SourceRow], is_heading: IsHeading) -> list[SourceRow]:
    """The records of one sheet below a row with their names; other rows are left out with a reason."""
    records: list[tuple[int, list[dict[str, str]]]] = []
    others: list[SourceRow] = []
    for row in rows:
        if row.left_out or row.comment or not any(row.cells):
            others.append(row)
        elif is_heading(row.cells[0]) is None:
            others.append(replace(row, comment=True, left_out=_NO_LABEL))
        else:
            name = row.cells[0]
            if not records or any(name in record for record in records[-1][1]):
                records.append((row.number, []))
            block = records[-1][1]
            block += [{} for _ in range(len(row.cells) - 1 - len(block))]
            for record, value in zip(block, row.cells[1:], strict=False):
                record[name] = value
    named = dict.fromkeys(name for _number, block in records for record in block for name in record)
    names = tuple(named)[:MAX_COLUMNS]
    sheet = rows[0].sheet
    return [
        SourceRow(0, names, "\t".join(names), sheet=sheet),
        *_in_order(others, records, names, sheet),
    ]


def _in_order(
    others: Sequence[SourceRow],
    records: Sequence[tuple[int, list[dict[str, str]]]],
    names: Sequence[str],
    sheet: str,
) -> Iterator[SourceRow]:
    rows = list(others)
    for number, block in records:
        for record in block:
            cells = tuple(record.get(name, "") for name in names)
            if any(cells):
                rows.append(SourceRow(number, cells, "\t".join(filter(None, cells)), sheet=sheet))
    yield from sorted(rows, key=lambda row: row.number)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()

"""Lists whose values stand behind their names: lines of a mail, a table on its side, JSON, business cards.

Each becomes a table: its names are the headings, each record is a row. Whether what stands first begins a
record is read from the list: "MAC, then name" and "name, then its MACs" are both written.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from hwadmin.identifiers.harvest import Harvest, harvest, is_serial_label
from hwadmin.list_import.cells import clean_cell
from hwadmin.list_import.lists import MAX_CELL, MAX_COLUMNS, SourceRow
from hwadmin.list_import.text_forms.nested_data import card_records, nested_records

# Whether a text is the name of a column.
IsHeading = Callable[[str], object]
_PAIR = re.compile(r"""[\s>*•·-]*["']?([^:=\t"']{1,40}?)["']?\s*[:=]\s*(\S.*?)[\s,]*""")
_SEVERAL = re.compile(r"\s*[;,|]\s*|\s{2,}")
_SIGN = re.compile("[;,|\t]")
# A line that is nothing but an identifier with its label is no longer, and a table begins not much below.
_LONGEST_ALONE, _HEAD_WITHIN = 80, 10
_DIVIDER = re.compile(r"[\s=_*~#+–—-]*")
_NO_LABEL = "This line has no label, so it is not read."


@dataclass(slots=True)
class _Record:
    """What one record says, by the names of its columns, and the line it begins in."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    has_identifier: bool = False
    # Those that stand before its identifier.
    leading: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Item:
    """A value and its name. More values than one: a table on its side."""

    name: str
    values: tuple[str, ...]
    is_identifier: bool = False


def records_as_rows(
    lines: Sequence[str], is_heading: IsHeading, *, identifiers: bool
) -> list[SourceRow] | None:
    """The rows of a list of records, headings first; None for every other text.

    Args:
        lines: of the text.
        is_heading: which names are those of columns.
        identifiers: whether the records are devices; then a bare identifier is a value as well, and lines
            without a name stay, to be searched.
    """
    nested = nested_records("\n".join(lines), is_heading, identifiers=identifiers)
    numbered = card_records(lines) if nested is None else list(enumerate(nested, start=1))
    if numbered is not None:
        return _rows([_Record(number, values) for number, values in numbered], [])
    if any(_is_table_head(line, is_heading) for line in islice(filter(str.strip, lines), _HEAD_WITHIN)):
        return None
    items = [_items(line, is_heading, identifiers) for line in lines]
    if not _is_list(lines, items, is_heading, identifiers):
        return None
    others = [
        (number, line)
        for number, (line, found) in enumerate(zip(lines, items, strict=True), start=1)
        if not found and not _DIVIDER.fullmatch(line)
    ]
    records = _turned(items) if any(len(one.values) > 1 for found in items for one in found) else None
    return _rows(records or _in_turn(lines, items), others, searched=identifiers)


def _is_list(
    lines: Sequence[str], items: Sequence[list[_Item]], is_heading: IsHeading, identifiers: bool
) -> bool:
    """Whether a text is a list of records: several names, and nothing of it a table with headings."""
    every = [one for found in items for one in found]
    if len({_plain(one.name) for one in every}) < 2 or not any(not one.is_identifier for one in every):
        return False
    if identifiers and not any(one.is_identifier for one in every):
        return False
    plain = [line for line, found in zip(lines, items, strict=True) if not found and line.strip()]
    if any(
        len(one.values) > 1 or "\t" in line for line, found in zip(lines, items, strict=True) for one in found
    ):
        return not plain
    if any(_is_table_head(line, is_heading) for line in plain):
        return False
    return not (identifiers and any(harvest(line).identifiers for line in plain))


def _is_table_head(line: str, is_heading: IsHeading) -> bool:
    """Whether a line names several columns of a table."""
    return sum(is_heading(clean_cell(cell.strip(' "'))) is not None for cell in re.split("[;,|\t]", line)) > 1


def _items(line: str, is_heading: IsHeading, identifiers: bool) -> list[_Item]:
    """What a line names; nothing where some of it has no name."""
    if not line.strip() or len(line) > MAX_CELL:
        return []
    cells = [clean_cell(cell) for cell in line.split("\t")]
    if len(cells) > 1 and is_heading(cells[0]) is not None:
        others = tuple(cells[1:])
        if any(is_heading(cell) is not None for cell in others):
            return []
        read = harvest(others[0]).identifiers if identifiers else ()
        return [_Item(cells[0], others, bool(read))]
    if identifiers and len(line) <= _LONGEST_ALONE and not _SIGN.search(line):
        alone = _alone(line, harvest(line))
        if alone:
            return alone
    items: list[_Item] = []
    for part in _SEVERAL.split(line.strip()):
        pair = _PAIR.fullmatch(part)
        if pair and is_heading(pair[1]) is not None:
            value = clean_cell(_decoded(pair[2]).strip("\"' "))
            named = bool(identifiers and harvest(part).identifiers)
            items.append(_Item(clean_cell(pair[1]), (value,), named))
        elif items:
            last = items[-1]
            items[-1] = _Item(last.name, (f"{last.values[0]}, {part}",), last.is_identifier)
        else:
            return []
    return items


def _decoded(value: str) -> str:
    """The value of a directory's export (LDIF) that is written in base64, as behind ``cn::``."""
    if not value.startswith(": "):
        return value
    try:
        return base64.b64decode(value[2:], validate=True).decode()
    except ValueError:
        return value


def _alone(line: str, read: Harvest) -> list[_Item]:
    """The identifier or serial number that is all a line says."""
    every = [(one.start, one.end, one.label) for one in read.identifiers]
    every += [(one.start, one.end, one.label) for one in read.aside]
    if len(every) != 1 or read.damaged:
        return []
    start, end, label = every[0]
    around = re.sub(r"[\W_]", "", line[:start] + line[end:])
    if read.identifiers and around.casefold() in ("", label, f"{label}address", f"{label}id"):
        return [_Item(read.identifiers[0].readings[0].kind.value, (line[start:end],), True)]
    if read.aside and is_serial_label(label) and len(around) <= len(label) and line[start:end].strip():
        return [_Item("serial", (line[start:end],))]
    return []


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()


def _in_turn(lines: Sequence[str], items: Sequence[list[_Item]]) -> list[_Record]:
    """The records: each ends where a name comes again, or at a blank line behind an identifier."""
    records: list[_Record] = []
    breaks = True
    for number, (line, found) in enumerate(zip(lines, items, strict=True), start=1):
        if not found:
            breaks = breaks or bool(_DIVIDER.fullmatch(line))
            continue
        for item in found:
            key = _plain(item.name)
            last = records[-1] if records else None
            ended = last is None or (breaks and (last.has_identifier or key in last.values))
            if last is None or ended or key in last.values:
                # A second identifier below one name is of that name as well.
                goes_on = last is not None and not ended and item.is_identifier
                given = dict(last.leading) if last is not None and goes_on else {}
                records.append(_Record(number, given, leading=dict(given)))
            breaks = False
            record = records[-1]
            record.values[key] = item.values[0]
            if item.is_identifier:
                record.has_identifier = True
            elif not record.has_identifier:
                record.leading[key] = item.values[0]
    return records


def _turned(items: Sequence[list[_Item]]) -> list[_Record]:
    """The columns of a table on its side."""
    records: list[_Record] = []
    first, seen = 1, set[str]()
    for number, found in enumerate(items, start=1):
        for item in found:
            key = _plain(item.name)
            if key in seen or not records:
                first, seen = number, set()
                records += [_Record(number) for _ in item.values]
            seen.add(key)
            block = [record for record in records if record.line == first]
            for record, value in zip(block, item.values, strict=False):
                record.values[key] = value
    return records


def _rows(
    records: Sequence[_Record], others: Sequence[tuple[int, str]], *, searched: bool = False
) -> list[SourceRow]:
    names = list(dict.fromkeys(name for record in records for name in record.values))[: MAX_COLUMNS - 1]
    blank = ("",) * len(names)
    rows = []
    for record in records:
        cells = tuple(record.values.get(name, "") for name in names)
        rows.append(SourceRow(record.line, cells, "\t".join(filter(None, cells))))
    for number, line in others:
        cells, left_out = ((*blank, clean_cell(line)), "") if searched else ((line.strip(),), _NO_LABEL)
        rows.append(SourceRow(number, cells, line, comment=not searched, left_out=left_out))
    rows.sort(key=lambda row: row.number)
    # Above all lines, of which none is that of the headings.
    return [SourceRow(0, tuple(names), "\t".join(names)), *rows]

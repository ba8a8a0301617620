"""A list of devices, from what was sent to what it would do to the units of an order.

Whoever uses it loads it where it is used: most workers never read a list, and it is large.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwadmin.list_import.file_reading import text_of_file
from hwadmin.list_import.item_names import Names
from hwadmin.list_import.lists import Sheet
from hwadmin.list_import.matching.matching_report import ListReport
from hwadmin.list_import.matching.unit_matching import matched
from hwadmin.list_import.meaning.columns import Columns, mapped, recognised
from hwadmin.list_import.planned_units import ListUnit, known_names
from hwadmin.list_import.row_targets import OrderNumbers
from hwadmin.list_import.text_encodings.assumed_encoding import (
    ENCODING_QUESTION,
    AssumedText,
    known_words,
    read_as_assumed,
)
from hwadmin.list_import.text_tables import read_text


@dataclass(frozen=True, slots=True)
class ReadUnitList:
    """A list of devices that could be read, and what it would do."""

    text: str
    assumed: AssumedText
    sheet: Sheet
    columns: Columns
    report: ListReport


def read_unit_list(
    sent: bytes | str,
    known: Sequence[ListUnit],
    numbers: OrderNumbers,
    reference: str,
    *,
    columns: Mapping[int, str] | None,
    answers: Mapping[str, str] | None,
) -> ReadUnitList:
    """Read a list and match it. Pure.

    Args:
        sent: a file, or a text.
        known: the units it may be for.
        numbers: what this order and other ones are called.
        reference: the order's.
        columns: what somebody says columns mean, by number.
        answers: what somebody answered to questions, by their names.

    Raises InvalidInput with a sentence for what is no list.
    """
    text = sent if isinstance(sent, str) else text_of_file(sent, known=known_words(known_names(known)))
    assumed = read_as_assumed(text, (answers or {}).get(ENCODING_QUESTION, ""))
    sheet = read_text(assumed.text)
    found = recognised(sheet, Names(known))
    if columns:
        found = mapped(found, columns)
    report = matched(found, known, reference=reference, answers=answers, numbers=numbers)
    return ReadUnitList(text, assumed, sheet, found, report)

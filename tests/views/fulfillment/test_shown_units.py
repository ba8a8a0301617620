"""The rows of the fulfill page: the template writes their texts as they are, so all of them are escaped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from markupsafe import escape

from hwadmin.domain.device_kinds import Kind
from hwadmin.identifiers import IdentifierKind
from hwadmin.queries.units.units import UnitRow
from hwadmin.views.fulfillment.shown_units import ShownPlan, done_units, waiting_units

TYPED = "<img src=x>\"'&"
LABELS = {1: escape(f"{TYPED} #1"), 2: escape(f"{TYPED} #2")}


def unit(**values: Any) -> UnitRow:
    given = {"kind": Kind.DECT_HANDSET, "line_id": 5, "model": TYPED, "employee_name": TYPED, **values}
    return UnitRow._make(given.get(name) for name in UnitRow._fields)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from texts(part)


def test_nothing_that_was_typed_is_markup() -> None:
    waiting = unit(id=1, location_name=TYPED, base_unit_id=2)
    done = unit(
        id=2,
        device_id=9,
        identifier_kind=IdentifierKind.MAC,
        identifier=TYPED,
        base_identifier=TYPED,
        slot=1,
    )
    rows = [
        *waiting_units([waiting, done], {5: "IPEI"}, LABELS, {1: TYPED}, {}, {1: (TYPED, TYPED)}),
        *done_units([waiting, done], LABELS),
    ]
    written = list(texts(tuple(rows)))
    assert len(rows) == 2
    assert [text for text in written if set(text) & set("<>\"'")] == []
    assert sum("&lt;img" in text for text in written) == 11


def test_who_has_left_is_marked_and_what_nobody_entered_is_empty() -> None:
    left = datetime(2026, 11, 21, tzinfo=UTC)
    (row,) = waiting_units([unit(id=1, employee_left_at=left)], {5: "IPEI"}, LABELS, {}, {}, {})
    assert row.planned == ShownPlan(escape(TYPED), escape(""), escape(""), gone=True)
    assert (row.text, row.colleague, row.colleague_text, row.checked) == ("", "", "", None)

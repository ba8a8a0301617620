"""The rows of the fulfill page: the template writes their texts as they are, so all of them are escaped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from markupsafe import escape

from hwadmin.domain.device_kinds import Kind
from hwadmin.identifiers import IdentifierKind
from hwadmin.queries.fulfillment.form_units import FormUnit
from hwadmin.views.fulfillment.shown_units import UnitsOfLine, done_units, waiting_units

TYPED = "<img src=x>\"'&"
LINES = {5: UnitsOfLine(Kind.DECT_HANDSET, TYPED, "IPEI")}
BASES = {2: f"{TYPED} #2"}
# What a plan is written with.
MARKUP = ('<span class="muted">', '<span class="tag tag-warn">', "</span>")


def unit(**values: Any) -> FormUnit:
    given = {"line_id": 5, "employee_name": TYPED, **values}
    return FormUnit._make(given.get(name) for name in FormUnit._fields)


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
        *waiting_units([waiting], LINES, BASES, {1: TYPED}, {}, {1: (TYPED, TYPED)}),
        *done_units([done], LINES, BASES),
    ]
    written = []
    for text in texts(tuple(rows)):
        for markup in MARKUP:
            text = text.replace(markup, "")
        written.append(text)
    assert len(rows) == 2
    assert [text for text in written if set(text) & set("<>\"'")] == []
    assert sum(text.count("&lt;img") for text in written) == 11


def test_who_has_left_is_marked_and_what_nobody_entered_is_empty() -> None:
    left = datetime(2026, 11, 21, tzinfo=UTC)
    (row,) = waiting_units([unit(id=1, employee_left_at=left)], LINES, BASES, {}, {}, {})
    assert row.planned == f'{escape(TYPED)} <span class="tag tag-warn">has left</span>'
    assert (row.text, row.colleague, row.colleague_text, row.checked) == ("", "", "", None)

"""Paste or upload a list: what it would do to an order, shown before anything is written.

Nothing is written here at all: the identifiers found go on to the fulfill page's own check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.errors import InvalidInput
from hwadmin.forms.lists import ListForm
from hwadmin.lifecycle import OrderAction
from hwadmin.lists.columns import Columns, Meaning, mapped, preview, recognised
from hwadmin.lists.matching import LEAVE_OUT, ListReport, matched
from hwadmin.lists.names import Names
from hwadmin.lists.reading import MAX_BYTES, MAX_ROWS, Sheet, read_text, refuse, text_of_file
from hwadmin.models import HardwareOrder
from hwadmin.operations.decisions import require_possible
from hwadmin.operations.drafting import as_entered, list_units
from hwadmin.operations.fulfillment import fulfill_order
from hwadmin.operations.fulfillment_check import FulfillmentReport, Outcome
from hwadmin.permissions import Permission
from hwadmin.queries.drafts import drafts_of
from hwadmin.queries.units import UnitRow, units_of
from hwadmin.uow import transact
from hwadmin.views.gate import current_actor
from hwadmin.views.order_pages import shown_order

# A form of many parts is refused; what is left is asked when these are answered.
_MOST_QUESTIONS = 200
_MOST_ROWS_SHOWN = 300


@dataclass(frozen=True, slots=True)
class ListRead:
    """A list that could be read, and what it would do; no check where its columns must be confirmed first."""

    text: str
    sheet: Sheet
    columns: Columns
    report: ListReport
    check: FulfillmentReport | None = None


class OrderLists:
    """A list of identifiers, matched to the units of an order."""

    # Flask-Admin's.
    render: Callable[..., str]

    handlers: ClassVar[Mapping[str, Permission]] = {
        "list_form": Permission.ORDERS_FULFILL,
        "read_list": Permission.ORDERS_FULFILL,
    }

    @expose("/<reference>/fulfill/list")
    def list_form(self, reference: str) -> ResponseReturnValue:
        """A box to paste into, and a file to choose."""
        order = shown_order(current_actor(), reference)
        require_possible(order, OrderAction.FULFILL)
        return self._list_page(order, ListForm(), None), 200

    @expose("/<reference>/fulfill/list", methods=("POST",))
    def read_list(self, reference: str) -> ResponseReturnValue:
        """Read the list and show what it would do; nothing is written."""
        actor = current_actor()
        order = shown_order(actor, reference)
        require_possible(order, OrderAction.FULFILL)
        form = ListForm(request.form)
        try:
            read = _read(_text(form), form, order, units_of(order.id))
        except InvalidInput as error:
            return self._list_page(order, form, None, error.message), 422
        if read.columns.doubts or not read.report.matched:
            return self._list_page(order, form, read), 200
        order_id, values = order.id, {match.unit.id: match.value for match in read.report.matched}
        check = transact(lambda: fulfill_order(actor, order_id, values, dry_run=True))
        checked = ListRead(read.text, read.sheet, read.columns, read.report, check)
        return self._list_page(shown_order(actor, reference), form, checked), 200

    def _list_page(self, order: HardwareOrder, form: ListForm, read: ListRead | None, error: str = "") -> str:
        checks = {row.unit_id: row for row in read.check.units} if read and read.check else {}
        return self.render(
            "admin/hw/orders/fulfill_list.html",
            heading="Paste or upload a list",
            order=order,
            text=read.text if read else form.text.data or "",
            read=read,
            report=read.report if read else None,
            error=error,
            matches=[(match, checks.get(match.unit.id)) for match in read.report.matched] if read else [],
            refused=[row for row in checks.values() if row.outcome is Outcome.REFUSED],
            questions=read.report.questions[:_MOST_QUESTIONS] if read else [],
            preview=preview(read.sheet, read.columns) if read else [],
            headings=_headings(read) if read else [],
            meanings=list(Meaning),
            rows_shown=_MOST_ROWS_SHOWN,
            most_rows=MAX_ROWS,
            most_megabytes=MAX_BYTES // 1024 // 1024,
            leave_out=LEAVE_OUT,
        )


def _text(form: ListForm) -> str:
    """What was pasted, or the text of the file; one of the two."""
    file = request.files.get("file")
    data = b""
    if file:
        with file.stream as stream:  # a large one is a temporary file
            data = stream.read(MAX_BYTES + 1)
    typed = form.text.data or ""
    if file and file.filename and typed.strip():
        raise refuse("There is both a pasted text and a file; send one of them.")
    if file and file.filename:
        if not data:
            raise refuse("This file is empty.")
        return text_of_file(data)
    if not typed.strip():
        raise refuse("Paste a list, or choose a file.")
    return typed


def _read(text: str, form: ListForm, order: HardwareOrder, units: Sequence[UnitRow]) -> ListRead:
    drafts = drafts_of(order.id, current_actor().id)
    known = [unit for unit in as_entered(list_units(units), drafts) if not unit.closed]
    sheet = read_text(text)
    columns = recognised(sheet, Names(known))
    if form.columns.data:
        columns = mapped(columns, form.columns.data)
    answers = {name: value for name, value in request.form.items() if name.startswith("question-")}
    report = matched(sheet, columns, known, reference=order.reference, answers=answers)
    return ListRead(text, sheet, columns, report)


def _headings(read: ListRead) -> list[str]:
    """What stands above each column; its number where nothing does."""
    row = next((row for row in read.sheet.rows if row.number == read.columns.header), None)
    cells = row.cells if row else ()
    return [
        (cells[place] if place < len(cells) and cells[place] else f"Column {place + 1}")
        for place in range(read.sheet.width)
    ]

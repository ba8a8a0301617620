"""Paste or upload a list: what it would do to an order, shown before anything is written.

Nothing is written here at all: the identifiers found go on to the fulfill page's own check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.lifecycle import OrderAction
from hwadmin.domain.permissions import Permission
from hwadmin.domain.units import UnitOutcome
from hwadmin.errors import InvalidInput
from hwadmin.forms.fulfillment.list_upload import ListForm
from hwadmin.list_import.lists import MAX_BYTES, MAX_ROWS, by_reason
from hwadmin.models import HardwareOrder
from hwadmin.operations.fulfillment.drafts import as_entered, list_units
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.operations.fulfillment.report import FulfillmentReport
from hwadmin.operations.orders.transition import require_possible
from hwadmin.queries.fulfillment.drafts import drafts_of
from hwadmin.queries.fulfillment.list_facts import order_numbers
from hwadmin.queries.units.units import units_of
from hwadmin.views.orders.lookups import get_order_or_404
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView
from hwadmin.web.http.person_limits import read_upload
from hwadmin.web.http.sent_lists import sent_list

if TYPE_CHECKING:
    from hwadmin.list_import.matching.unit_lists import ReadUnitList

# A form of many parts is refused; what is left is asked when these are answered.
_MOST_QUESTIONS = 200
_MOST_ROWS_SHOWN = 300


class ListUploadView(GuardedView):
    """A list of identifiers, matched to the units of an order."""

    permissions = {
        "list_form": Permission.ORDERS_FULFILL,
        "read_list": Permission.ORDERS_FULFILL,
    }

    def __init__(self) -> None:
        super().__init__(endpoint="list_upload", url="/orders")

    @expose("/<reference>/fulfill/list")
    def list_form(self, reference: str) -> ResponseReturnValue:
        """A box to paste into, and a file to choose."""
        order = get_order_or_404(current_actor(), reference)
        require_possible(order, OrderAction.FULFILL)
        return self._list_page(order, ListForm(), None), 200

    @expose("/<reference>/fulfill/list", methods=("POST",))
    def read_list(self, reference: str) -> ResponseReturnValue:
        """Read the list and show what it would do; nothing is written."""
        actor = current_actor()
        order = get_order_or_404(actor, reference)
        require_possible(order, OrderAction.FULFILL)
        form, order_id = ListForm(request.form), order.id
        try:
            read = _read(form, order)
        except InvalidInput as error:
            return self._list_page(get_order_or_404(actor, reference), form, None, error.message), 422
        if read.columns.unclear or not read.report.matched:
            return self._list_page(get_order_or_404(actor, reference), form, read), 200
        values = {match.unit.id: match.value for match in read.report.matched}
        check = transact(lambda: fulfill_order(actor, order_id, values, dry_run=True))
        return self._list_page(get_order_or_404(actor, reference), form, read, check=check), 200

    def _list_page(
        self,
        order: HardwareOrder,
        form: ListForm,
        read: ReadUnitList | None,
        error: str = "",
        check: FulfillmentReport | None = None,
    ) -> str:
        from hwadmin.list_import.matching.matching_report import LEAVE_OUT
        from hwadmin.list_import.meaning.headings import Meaning

        # There is no check where the columns must be confirmed first.
        checks = {row.unit_id: row for row in check.units} if check else {}
        refused = [row for row in checks.values() if row.outcome is UnitOutcome.REFUSED]
        return self.render(
            "admin/hw/fulfillment/list_upload.html",
            heading="Paste or upload a list",
            order=order,
            text=read.text if read else form.text.data or "",
            read=read,
            report=read.report if read else None,
            error=error,
            matches=[(match, checks.get(match.unit.id)) for match in read.report.matched] if read else [],
            refused=refused,
            refused_reasons=by_reason((row.message, f"{row.label}, {row.entered}", "") for row in refused),
            wrong_count=sum(len(reason.rows) for reason in read.report.wrong) if read else 0,
            questions=read.report.questions[:_MOST_QUESTIONS] if read else [],
            tables=[table for table in read.columns.tables if table.meanings] if read else [],
            meanings=[(meaning.value, meaning.label) for meaning in Meaning],
            rows_shown=_MOST_ROWS_SHOWN,
            most_rows=MAX_ROWS,
            most_megabytes=MAX_BYTES // 1024 // 1024,
            leave_out=LEAVE_OUT,
        )


def _read(form: ListForm, order: HardwareOrder) -> ReadUnitList:
    """What was sent, read and matched; no transaction stays open meanwhile."""
    # Loaded by the first list, and before the process that reads it is forked.
    from hwadmin.list_import.matching.unit_lists import read_unit_list

    actor = current_actor()
    data, pasted = sent_list(form.text.data or "", MAX_BYTES)
    sent = pasted if data is None else data
    drafts = drafts_of(order.id, actor.id)
    known = [unit for unit in as_entered(list_units(units_of(order.id)), drafts) if not unit.closed]
    answers = {name: value for name, value in request.form.items() if name.startswith("question-")}
    reference, numbers, columns = order.reference, order_numbers(actor, order), form.columns.data
    return read_upload(
        sent, lambda: read_unit_list(sent, known, numbers, reference, columns=columns, answers=answers)
    )

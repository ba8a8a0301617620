"""The purchase order of an approved order: to download, or to copy as text. Nothing is sent anywhere."""

from __future__ import annotations

from flask import Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.clock import utcnow
from hwadmin.config import Settings
from hwadmin.db.unit_of_work import unit_of_work
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.permissions import Permission
from hwadmin.operations.audit.order_events import record_order_exported
from hwadmin.queries.orders.purchase_orders import purchase_order_of
from hwadmin.rendering.purchase_order import HEADER, as_rows, as_text
from hwadmin.rendering.purchase_order_pdf import as_pdf
from hwadmin.rendering.spreadsheets import csv_rows
from hwadmin.views.orders.lookups import get_order_or_404
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView

_TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}


class PurchaseOrdersView(GuardedView):
    """What is sent to the distributor, by a person."""

    permissions = {
        "purchase_order": Permission.ORDERS_DECIDE,
        "export_purchase_order": Permission.ORDERS_DECIDE,
    }

    def __init__(self) -> None:
        super().__init__(endpoint="purchase_orders", url="/orders")

    @expose("/<reference>/purchase-order")
    def purchase_order(self, reference: str) -> ResponseReturnValue:
        """The purchase order as text, and the buttons that download it."""
        order = get_order_or_404(current_actor(), reference)
        return self.render(
            "admin/hw/orders/purchase_order.html",
            heading="Purchase order",
            order=order,
            text=as_text(purchase_order_of(order, _buyer())),
            spares=[line for line in order.lines if line.from_spare],
            can_mark=order.placed_at is None,
            buyer=_buyer(),
        )

    @expose("/<reference>/purchase-order", methods=("POST",))
    def export_purchase_order(self, reference: str) -> ResponseReturnValue:
        """The purchase order as PDF or CSV; an export, so it leaves an audit event."""
        kind = request.form.get("format", "")
        if kind not in _TYPES:
            abort(404)
        actor = current_actor()
        order = get_order_or_404(actor, reference)
        bought = purchase_order_of(order, _buyer())
        with unit_of_work():
            record_order_exported(actor, order, file_format=kind, lines=len(bought.lines))
        # After the commit, so that SQLite's write lock is not held while the file is made.
        made = f"made {format_datetime(utcnow())} by {actor.name}"
        body = as_pdf(bought, made) if kind == "pdf" else b"".join(csv_rows(HEADER, as_rows(bought)))
        response = Response(body, content_type=_TYPES[kind])
        name = f"purchase-order-{order.reference.lower()}.{kind}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _buyer() -> str:
    settings: Settings = current_app.config["HWADMIN"]
    return settings.buyer

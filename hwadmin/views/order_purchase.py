"""The purchase order of an approved order: to download, or to copy as text. Nothing is sent anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.clock import utcnow
from hwadmin.operations import audit
from hwadmin.paper import HEADER, as_pdf, as_rows, as_text
from hwadmin.permissions import Permission
from hwadmin.queries.purchase_orders import purchase_order_of
from hwadmin.spreadsheets import csv_rows
from hwadmin.uow import unit_of_work
from hwadmin.views.gate import current_actor
from hwadmin.views.order_pages import shown_order
from hwadmin.views.words import exact_time

_TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}


class OrderPurchase:
    """What is sent to the distributor, by a person."""

    # Flask-Admin's.
    render: Callable[..., str]

    handlers: ClassVar[Mapping[str, Permission]] = {
        "purchase_order": Permission.ORDERS_DECIDE,
        "export_purchase_order": Permission.ORDERS_DECIDE,
    }

    @expose("/<reference>/purchase-order")
    def purchase_order(self, reference: str) -> ResponseReturnValue:
        """The purchase order as text, and the buttons that download it."""
        order = shown_order(current_actor(), reference)
        return self.render(
            "admin/hw/orders/purchase_order.html",
            heading="Purchase order",
            order=order,
            text=as_text(purchase_order_of(order)),
            spares=[line for line in order.lines if line.from_spare],
            can_mark=order.placed_at is None,
        )

    @expose("/<reference>/purchase-order", methods=("POST",))
    def export_purchase_order(self, reference: str) -> ResponseReturnValue:
        """The purchase order as PDF or CSV; an export, so it leaves an audit event."""
        kind = request.form.get("format", "")
        if kind not in _TYPES:
            abort(404)
        actor = current_actor()
        order = shown_order(actor, reference)
        bought = purchase_order_of(order)
        with unit_of_work():
            audit.record(
                actor,
                "order.exported",
                f"Exported the purchase order of {order.reference} as {kind.upper()}",
                order=order,
                details={"format": kind, "lines": len(bought.lines)},
            )
        # After the commit, so that SQLite's write lock is not held while the file is made.
        made = f"made {exact_time(utcnow())} by {actor.name}"
        body = as_pdf(bought, made) if kind == "pdf" else b"".join(csv_rows(HEADER, as_rows(bought)))
        response = Response(body, content_type=_TYPES[kind])
        name = f"purchase-order-{order.reference.lower()}.{kind}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

"""The purchase order of an order, and the order as it was."""

from __future__ import annotations

from flask import request as http_request

from hwadmin.api.calls import ApiRequest, File, call
from hwadmin.api.lookups import get_order_or_404, order_id_or_404
from hwadmin.clock import utcnow
from hwadmin.db import engines
from hwadmin.db.extensions import db
from hwadmin.db.unit_of_work import transact
from hwadmin.domain.dates import format_datetime
from hwadmin.domain.permissions import Permission
from hwadmin.errors import NotFound
from hwadmin.models import HardwareOrder
from hwadmin.operations.audit.order_events import record_order_exported
from hwadmin.queries.orders.by_key import detailed_order
from hwadmin.queries.orders.history.as_of import snapshot_at
from hwadmin.queries.orders.purchase_orders import purchase_order_of
from hwadmin.rendering.purchase_order import HEADER, PurchaseOrder, as_rows
from hwadmin.rendering.purchase_order_pdf import as_pdf
from hwadmin.rendering.spreadsheets import csv_rows
from hwadmin.schemas import request_models, response_models, serializers

_PDF, _CSV = "application/pdf", "text/csv"


@call(
    "GET",
    "/orders/<reference>/purchase-order",
    Permission.ORDERS_DECIDE,
    None,
    "Decisions",
    files=(_PDF, _CSV),
)
def purchase_order(request: ApiRequest, reference: str) -> File:
    """Get the purchase order, as PDF or CSV by Accept; an export, so it leaves an audit event."""
    kind = "csv" if http_request.accept_mimetypes.best_match([_PDF, _CSV], _PDF) == _CSV else "pdf"
    bought = _recorded_export(request, reference, kind)
    made = f"made {format_datetime(utcnow())} by {request.actor.name}"
    name = f"purchase-order-{reference.lower()}.{kind}"
    if kind == "csv":
        return File(b"".join(csv_rows(HEADER, as_rows(bought))), f"{_CSV}; charset=utf-8", name)
    return File(as_pdf(bought, made), _PDF, name)


def _recorded_export(request: ApiRequest, reference: str, kind: str) -> PurchaseOrder:
    """The purchase order, its export recorded before the file is made."""

    def work() -> PurchaseOrder:
        order: HardwareOrder | None = detailed_order(request.actor, order_id_or_404(reference))
        if order is None:
            raise NotFound("There is no such order.")
        bought = purchase_order_of(order)
        if exports:
            record_order_exported(request.actor, order, file_format=kind, lines=len(bought.lines))
        return bought

    exports = http_request.method == "GET"
    if not exports:
        return work()
    # A GET reads only, all but this one.
    db.session.rollback()
    engines.reading.set(False)
    return transact(work)


@call(
    "GET",
    "/orders/<reference>/as-of",
    Permission.ORDERS_READ,
    response_models.OrderSnapshotResponse,
    "Orders",
    query=request_models.MomentQuery,
)
def show_order_as_of(request: ApiRequest, reference: str) -> response_models.OrderSnapshotResponse:
    """Show an order as it was at a moment; 404 where it was not there yet."""
    query: request_models.MomentQuery = request.query
    order = get_order_or_404(request.actor, reference)
    snapshot = snapshot_at(request.actor, order.id, query.at or utcnow())
    if snapshot is None:
        raise NotFound(f"{order.reference} was not there yet.")
    return serializers.order_snapshot(snapshot)

"""Hardware orders: reading, submitting, correcting, and their events."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_

from hwadmin.api.calls import ApiRequest, ApiResponse, call
from hwadmin.api.changes import changed
from hwadmin.api.lookups import get_order_or_404, order_id_or_404
from hwadmin.api.paging import each, last_id_of, page_of
from hwadmin.clock import utcnow
from hwadmin.db.extensions import db
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.domain.permissions import Permission
from hwadmin.models import HardwareOrder
from hwadmin.operations.orders.transition import lock_order
from hwadmin.queries.orders.by_key import order_events, order_version, whole_orders
from hwadmin.queries.orders.orders import late, to_be_placed, with_distributor
from hwadmin.queries.orders.search import matching_orders
from hwadmin.schemas import request_models, response_models, serializers

# A page ends early rather than hold more units than this: an order may have thousands.
MAX_UNITS_PER_PAGE = 10_000


@call(
    "GET",
    "/orders",
    Permission.ORDERS_READ,
    response_models.OrderPage,
    "Orders",
    query=request_models.OrderQuery,
)
def list_orders(request: ApiRequest) -> response_models.OrderPage:
    """List orders, newest first."""
    query: request_models.OrderQuery = request.query
    before = last_id_of("orders", query.cursor)
    rows = whole_orders(request.actor, *_conditions(request), before=before, limit=query.limit + 1)
    limit = _page_size(rows[: query.limit])
    return page_of(response_models.OrderPage, "orders", rows, limit, serializers.orders)


def _conditions(request: ApiRequest) -> list[ColumnElement[bool]]:
    query: request_models.OrderQuery = request.query
    conditions = changed(query, HardwareOrder)
    if query.status is not None:
        conditions.append(HardwareOrder.status == query.status)
    if query.platform is not None:
        conditions.append(HardwareOrder.platform_id == query.platform)
    if query.account is not None:
        conditions.append(HardwareOrder.account_id == query.account)
    if query.waits_for is not None:
        conditions.append(HardwareOrder.waits_for == query.waits_for)
    if query.late is not None:
        in_time = or_(HardwareOrder.due_at.is_(None), HardwareOrder.due_at >= utcnow())
        conditions.append(late() if query.late else in_time)
    if query.placed is not None:
        placed = HardwareOrder.placed_at.is_not(None)
        conditions.append(placed if query.placed else and_(~placed, ~HardwareOrder.nothing_to_buy))
        if query.status is OrderStatus.APPROVED:
            # Says the same once more, in the words of a partial index.
            conditions.append(with_distributor() if query.placed else to_be_placed())
    matching = matching_orders(request.actor, query.q or "")
    if matching is not None:
        conditions.append(matching)
    return conditions


def _page_size(orders: Sequence[HardwareOrder]) -> int:
    """How many of the orders go into one page by their units; one always does."""
    units = 0
    for index, order in enumerate(orders):
        units += sum(line.quantity for line in order.lines)
        if index and units > MAX_UNITS_PER_PAGE:
            return index
    return len(orders)


@call(
    "GET", "/orders/<reference>", Permission.ORDERS_READ, response_models.OrderResponse, "Orders", order=True
)
def show_order(request: ApiRequest, reference: str) -> ApiResponse:
    """Show one order."""
    return with_etag(get_order_or_404(request.actor, reference))


@call(
    "GET",
    "/orders/<reference>/events",
    Permission.ORDERS_READ,
    response_models.EventPage,
    "Orders",
    query=request_models.Paged,
)
def list_events(request: ApiRequest, reference: str) -> response_models.EventPage:
    """List what was done to an order, by whom, when and why, oldest first."""
    order, limit = get_order_or_404(request.actor, reference), request.query.limit
    after = last_id_of("events", request.query.cursor) or 0
    rows = order_events(request.actor, order.id, after=after, limit=limit + 1)
    return page_of(response_models.EventPage, "events", rows, limit, each(serializers.event))


# ---- Shared by the calls about orders


def expected_version(request: ApiRequest, order_id: int) -> int | None:
    """The version of the order the caller saw, from If-Match."""
    return request.conditions.expected(lambda: order_version(request.actor, order_id))


def order_id_as_seen(request: ApiRequest, reference: str) -> int:
    """The id of an order for an operation that asks for no version itself.

    Where the caller states one in If-Match, the order is compared with it and locked.

    Raises:
        NotFound, ChangedMeanwhile: nothing was done.
    """
    order_id = order_id_or_404(reference)
    expected = expected_version(request, order_id)
    if expected is not None:
        lock_order(request.actor, order_id, expected)
    return order_id


def with_etag(order: HardwareOrder, headers: dict[str, str] | None = None) -> ApiResponse:
    """The response with an order as it is now, and its version as the ETag."""
    db.session.flush()
    return ApiResponse(serializers.order(order), headers={"ETag": etag(order), **(headers or {})})


def etag(order: HardwareOrder) -> str:
    """The version as HTTP writes it."""
    return f'"{order.version}"'

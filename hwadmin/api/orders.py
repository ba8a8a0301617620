"""Hardware orders: reading, submitting, correcting, and their events."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.orm.attributes import set_committed_value

from hwadmin.api import answers, asked, represent
from hwadmin.api.calls import BASE_PATH, Asking, Reply, call
from hwadmin.api.finding import order_key
from hwadmin.api.paging import cursor_after, key_of, one_page
from hwadmin.errors import NotFound
from hwadmin.extensions import db
from hwadmin.models import Account, HardwareOrder
from hwadmin.operations.editing import edit_lines
from hwadmin.operations.ordering import NewIntent, NewLine, NewOrder, submit_order
from hwadmin.permissions import Permission
from hwadmin.queries.api_lists import order_events, order_version, whole_order, whole_orders
from hwadmin.queries.order_search import matching_orders
from hwadmin.queries.units import units_of, units_of_each

# A page ends early rather than hold more units than this: an order may have thousands.
MOST_UNITS_IN_A_PAGE = 10_000


@call("GET", "/orders", Permission.ORDERS_READ, answers.OrderPage, "Orders", query=asked.OrderQuery)
def list_orders(asking: Asking) -> answers.OrderPage:
    """List orders, newest first."""
    query: asked.OrderQuery = asking.query
    before = key_of("orders", query.cursor)
    found = whole_orders(asking.actor, *_conditions(asking), before=before, limit=query.limit + 1)
    orders, more = one_page(found, query.limit)
    fitting = _fitting(orders)
    more, orders = more or fitting < len(orders), orders[:fitting]
    units = units_of_each([order.id for order in orders])
    return answers.OrderPage(
        items=[represent.order(order, units.get(order.id, ())) for order in orders],
        next_cursor=cursor_after("orders", orders[-1].id) if more else None,
    )


def _conditions(asking: Asking) -> list[ColumnElement[bool]]:
    query: asked.OrderQuery = asking.query
    conditions: list[ColumnElement[bool]] = []
    if query.status is not None:
        conditions.append(HardwareOrder.status == query.status)
    if query.platform is not None:
        conditions.append(HardwareOrder.platform_id == query.platform)
    if query.account is not None:
        conditions.append(HardwareOrder.account_id == query.account)
    if query.placed is not None:
        placed = HardwareOrder.placed_at.is_not(None)
        conditions.append(placed if query.placed else ~placed)
    matching = matching_orders(asking.actor, query.q or "")
    if matching is not None:
        conditions.append(matching)
    return conditions


def _fitting(orders: Sequence[HardwareOrder]) -> int:
    """How many of the orders go into one page; one always does."""
    units = 0
    for place, order in enumerate(orders):
        units += sum(line.quantity for line in order.lines)
        if place and units > MOST_UNITS_IN_A_PAGE:
            return place
    return len(orders)


@call("GET", "/orders/<reference>", Permission.ORDERS_READ, answers.Order, "Orders", order=True)
def show_order(asking: Asking, reference: str) -> Reply:
    """Show one order."""
    return with_etag(_found(asking, reference))


@call(
    "GET",
    "/orders/<reference>/events",
    Permission.ORDERS_READ,
    answers.EventPage,
    "Orders",
    query=asked.Paged,
)
def list_events(asking: Asking, reference: str) -> answers.EventPage:
    """List what was done to an order, by whom, when and why, oldest first."""
    order, limit = _found(asking, reference), asking.query.limit
    after = key_of("events", asking.query.cursor) or 0
    rows, more = one_page(order_events(asking.actor, order.id, after=after, limit=limit + 1), limit)
    return answers.EventPage(
        items=[represent.event(row) for row in rows],
        next_cursor=cursor_after("events", rows[-1].id) if more else None,
    )


@call(
    "POST",
    "/orders",
    Permission.ORDERS_SUBMIT,
    answers.Order,
    "Orders",
    body=asked.NewOrder,
    body_needed=True,
    status=201,
    order=True,
    locates=True,
    names_rows=True,
)
def create_order(asking: Asking) -> Reply:
    """Submit an order.

    It is pending approval until a super-admin decides.
    """
    new: asked.NewOrder = asking.body
    order = submit_order(
        asking.actor,
        NewOrder(
            account_id=new.account_id,
            lines=[
                NewLine(
                    line.sku,
                    line.quantity,
                    [NewIntent(one.employee_id, one.location_id, one.base) for one in line.intents],
                )
                for line in new.lines
            ],
            requester=new.requester,
            notify=new.notify,
            ship_to_location_id=new.ship_to_location_id,
            attention=new.attention,
            notes=new.notes,
            reason=new.reason,
            accounting_codes=new.accounting_codes,
        ),
    )
    # The account was read to check the order; a relationship by two columns would read it again.
    set_committed_value(order, "account", db.session.get(Account, order.account_id))
    return with_etag(order, {"Location": f"{BASE_PATH}/orders/{order.reference}"})


@call(
    "PUT",
    "/orders/<reference>/lines",
    Permission.ORDERS_EDIT,
    answers.Order,
    "Orders",
    body=asked.OrderLines,
    body_needed=True,
    order=True,
    conditional=True,
)
def put_lines(asking: Asking, reference: str) -> Reply:
    """Correct the lines of a submitted order: what is stated is what it has afterwards.

    Lowering a quantity drops units without an intent first; planned ones go too where they must, since the
    caller has stated the whole. The event tells which.
    """
    lines: asked.OrderLines = asking.body
    order = edit_lines(
        asking.actor,
        key := order_key(reference),
        [(line.sku, line.quantity) for line in lines.lines],
        expected_version=expected_version(asking, key),
        drop_planned=True,
    )
    return with_etag(order)


# ---- Shared with deeds.py


def expected_version(asking: Asking, order_id: int) -> int | None:
    """The version the caller saw, by their If-Match."""
    return asking.conditions.expected(lambda: order_version(asking.actor, order_id))


def with_etag(order: HardwareOrder, headers: dict[str, str] | None = None) -> Reply:
    """An order as it is now, with its version as the ETag."""
    db.session.flush()
    return Reply(represent.order(order, units_of(order.id)), headers={"ETag": etag(order), **(headers or {})})


def etag(order: HardwareOrder) -> str:
    """The version as HTTP writes it."""
    return f'"{order.version}"'


def _found(asking: Asking, reference: str) -> HardwareOrder:
    order = whole_order(asking.actor, order_key(reference))
    if order is None:
        raise NotFound("There is no such order.")
    return order

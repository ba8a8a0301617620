"""Hardware Orders: the list and its export."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.domain.lifecycle import OrderAction, OrderStatus
from hwadmin.domain.permissions import Actor, Permission
from hwadmin.models import HardwareOrder
from hwadmin.queries.orders.exports import TABLES, exported_rows
from hwadmin.queries.orders.filters import OrderFilter
from hwadmin.queries.orders.order_list import orders_page, overdue_count
from hwadmin.queries.orders.order_rows import OrderRow
from hwadmin.queries.orders.waiting.late_orders import owners_of
from hwadmin.queries.people.platforms import platform_names
from hwadmin.rendering.spreadsheets import MAX_EXPORT_ROWS
from hwadmin.views.orders.list_address import (
    LINK_ONLY,
    describe_filter,
    list_parameters,
    page_links,
    placement_tabs,
    read_filter,
    read_position,
    read_sorting,
    sort_links,
    status_tabs,
)
from hwadmin.views.orders.listing.chosen import chosen_orders
from hwadmin.views.orders.listing.shown_rows import ShownRow, shown_rows
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import TableView
from hwadmin.web.downloads import download

# What can be done to several orders at once.
_BULK = (OrderAction.APPROVE, OrderAction.MARK_ORDERED, OrderAction.SEND, OrderAction.REJECT)


class OrdersView(TableView):
    """Hardware orders of every platform the actor has access to."""

    permissions = {
        "index_view": Permission.ORDERS_READ,
        "export_orders": Permission.EXPORT,
    }
    column_list = ("id", "platform", "account", "status", "created_at")

    def __init__(self) -> None:
        super().__init__(HardwareOrder, name="Hardware Orders", endpoint="orders", url="/orders")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """The list: a tab per status, narrowed by platform, search and dates; all of it in the address."""
        actor = current_actor()
        order_filter = read_filter(request.args)
        sort, descending = read_sorting(order_filter)
        platforms = platform_names(actor)
        page, counts = orders_page(
            actor, order_filter, read_position(), platforms, sort=sort, descending=descending
        )
        address = list_parameters(order_filter, sort, descending)
        filters = {key: value for key, value in address.items() if key not in {"sort", "desc"}}
        rows = _shown(actor, order_filter, page.rows)
        return self.render(
            "admin/hw/orders/list.html",
            heading="Hardware Orders",
            page=page,
            rows=rows,
            order_filter=order_filter,
            tabs=status_tabs(order_filter, counts),
            placement_tabs=placement_tabs(order_filter, counts, _overdue(order_filter) if counts else None),
            platforms=platforms,
            several_platforms=actor.platform_ids is None or len(platforms) > 1,
            # What can be done to one of the chosen orders; an export can be made of all of them.
            bulk_actions=[action for action in _BULK if any(action in row.actions.possible for row in rows)],
            decides=actor.can(Permission.ORDERS_DECIDE),
            row_actions=any(row.actions.has_button for row in rows),
            sorting=sort_links(order_filter, sort, descending),
            links=page_links(page, address),
            filters=filters,
            clear_url=_clear_url(filters),
            narrowed=order_filter.narrowed,
            link_only=[(name, filters[name]) for name in LINK_ONLY if name in filters],
            descriptions=list(describe_filter(order_filter)),
            Action=OrderAction,
        )

    @expose("/export-orders", methods=("POST",))
    def export_orders(self) -> ResponseReturnValue:
        """The filtered orders, or those that were chosen of them; their line items or units. CSV or XLSX."""
        # "csv" are the orders; "lines-csv" and "units-csv" what is in them.
        table, _, file_format = request.form.get("format", "").rpartition("-")
        export = TABLES.get(table or "orders")
        if export is None:
            abort(404)
        chosen = chosen_orders()
        order_filter = (
            OrderFilter(order_ids=tuple(order.order_id for order in chosen))
            if chosen
            else read_filter(request.form)
        )
        rows = exported_rows(current_actor(), order_filter, table or "orders", MAX_EXPORT_ROWS + 1)
        return download(file_format, export.title, export.header, rows)


def _clear_url(filters: dict[str, str]) -> str:
    """The list without what narrows it, on the same tab."""
    tab = [(name, filters[name]) for name in ("status", "placed", "overdue") if name in filters]
    return f"{url_for('orders.index_view')}?{urlencode(tab)}"


def _shown(actor: Actor, order_filter: OrderFilter, rows: Sequence[OrderRow]) -> list[ShownRow]:
    """The rows, with who has to see to them."""
    offers_claims = order_filter.status is not None
    return shown_rows(rows, actor.permissions, _owners(rows), offers_claims=offers_claims)


def _owners(rows: Sequence[OrderRow]) -> dict[int, str]:
    """Who has to see to the orders that are late."""
    rows = [row for row in rows if row.late]
    owners = owners_of((row.waits_for, row.deadlines) for row in rows)
    return {row.id: owner for row, owner in zip(rows, owners, strict=True)}


def _overdue(order_filter: OrderFilter) -> int | None:
    """How many of these orders are overdue, where that tab is shown."""
    if order_filter.status is not OrderStatus.APPROVED:
        return None
    return overdue_count(current_actor(), order_filter)

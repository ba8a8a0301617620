"""My orders: what a platform's admin ordered, how far it has come, and what came of it."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.domain.lifecycle import OrderAction, OrderStatus, available_actions
from hwadmin.domain.permissions import Permission
from hwadmin.forms.orders.orders import whole_number
from hwadmin.queries.orders.my_orders import my_orders
from hwadmin.web.access import current_actor
from hwadmin.web.admin_views import GuardedView


class MyOrdersView(GuardedView):
    """The orders of whoever looks."""

    permissions = {"index_view": Permission.ORDERS_SUBMIT}

    def __init__(self) -> None:
        super().__init__(name="My orders", endpoint="my_orders", url="/my-orders")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """The newest first, fifty at a time."""
        actor = current_actor()
        word = request.args.get("status", "")
        status = OrderStatus(word) if word in set(OrderStatus) else None
        orders, more = my_orders(actor, status=status, before=whole_number(request.args.get("before")))
        page: str = self.render(
            "admin/hw/orders/mine.html",
            heading="My orders",
            orders=orders,
            actions={order.id: available_actions(order.facts, actor.permissions) for order in orders},
            Action=OrderAction,
            several_platforms=actor.sees_several_platforms,
            statuses=list(OrderStatus),
            chosen=word if status else "",
            older=url_for("my_orders.index_view", status=word or None, before=orders[-1].id)
            if more
            else None,
            first=url_for("my_orders.index_view", status=word or None)
            if request.args.get("before")
            else None,
        )
        return page

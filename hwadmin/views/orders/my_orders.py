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

EVERYBODY = "platform"


class MyOrdersView(GuardedView):
    """The orders of whoever looks; at a press those of the whole platform."""

    permissions = {"index_view": Permission.ORDERS_SUBMIT}

    def __init__(self) -> None:
        super().__init__(name="My orders", endpoint="my_orders", url="/my-orders")

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """The newest first, fifty at a time."""
        actor = current_actor()
        of_everybody = request.args.get("whose") == EVERYBODY
        word = request.args.get("status", "")
        status = OrderStatus(word) if word in set(OrderStatus) else None
        orders, more = my_orders(
            actor,
            of_everybody=of_everybody,
            status=status,
            before=whole_number(request.args.get("before")),
        )
        whose = EVERYBODY if of_everybody else None
        page: str = self.render(
            "admin/hw/orders/mine.html",
            heading="My orders" if not of_everybody else "Orders of the platform",
            orders=orders,
            actions={order.id: available_actions(order.facts, actor.permissions) for order in orders},
            Action=OrderAction,
            of_everybody=of_everybody,
            several_platforms=len(actor.platform_ids or ()) > 1,
            statuses=list(OrderStatus),
            chosen=word if status else "",
            older=url_for("my_orders.index_view", whose=whose, status=word or None, before=orders[-1].id)
            if more
            else None,
            first=url_for("my_orders.index_view", whose=whose, status=word or None)
            if request.args.get("before")
            else None,
            tabs=[
                ("Mine", url_for("my_orders.index_view"), not of_everybody),
                ("Whole platform", url_for("my_orders.index_view", whose=EVERYBODY), of_everybody),
            ],
        )
        return page

"""All pages of the site, in the order of the menu."""

from __future__ import annotations

from flask import Flask, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import Admin, AdminIndexView, expose
from flask_admin.theme import Bootstrap4Theme
from sqlalchemy import text

from hwadmin.extensions import db
from hwadmin.permissions import Permission
from hwadmin.views import account_form, approval, auth, frame, gate, ordering_frame, words
from hwadmin.views.account_settings import AccountSettingsView
from hwadmin.views.accounts import AccountsView
from hwadmin.views.audit import AuditView
from hwadmin.views.base import GuardedView, KeyInAddress
from hwadmin.views.catalog import CatalogView
from hwadmin.views.catalog_options import CatalogOptionsView
from hwadmin.views.dashboard import DashboardView
from hwadmin.views.devices import DevicesView
from hwadmin.views.directory import DirectoryView
from hwadmin.views.my_orders import MyOrdersView
from hwadmin.views.ordering import OrderingView
from hwadmin.views.orders import OrdersView
from hwadmin.views.outgoing import OutgoingView
from hwadmin.views.people import PeopleView
from hwadmin.views.phone_lines import PhoneLinesView
from hwadmin.views.platforms import PlatformsView
from hwadmin.views.search import SearchView
from hwadmin.views.searches import SearchesView
from hwadmin.views.tokens import TokensView
from hwadmin.views.webhooks import WebhooksView


class HomeView(GuardedView, AdminIndexView):  # type: ignore[misc]
    """The front door: each role lands where its work is."""

    permissions = {"index": Permission.OWN_ACCOUNT}

    @expose("/")
    def index(self) -> ResponseReturnValue:
        orders = gate.current_actor().can(Permission.ORDERS_SUBMIT)
        return redirect(url_for("ordering.index" if orders else "orders.index_view"))


def _healthz() -> ResponseReturnValue:
    """200 when the product is ready to serve: the database answers and its schema is there."""
    db.session.execute(text("SELECT 1 FROM order_tally WHERE 1 = 0"))
    return {"status": "ok"}


def install(app: Flask) -> None:
    """Register every page and say what each asks for."""
    app.url_map.converters["int"] = KeyInAddress
    gate.install(app)
    frame.install(app)
    words.install(app)
    ordering_frame.install(app)
    auth.install(app)
    account_form.install(app)
    approval.install(app)
    app.add_url_rule("/healthz", "healthz", _healthz)
    gate.declare(app, "healthz", gate.PUBLIC)

    admin = Admin(
        app,
        name="hwadmin",
        theme=Bootstrap4Theme(base_template="admin/hw/base.html"),
        index_view=HomeView(url="/", endpoint="admin"),
        csp_nonce_generator=frame.csp_nonce,
    )
    for view in (
        OrderingView(),
        OrdersView(),
        MyOrdersView(),
        DevicesView(),
        AccountsView(),
        AccountSettingsView(),
        PhoneLinesView(),
        DirectoryView(),
        CatalogView(),
        DashboardView(),
        CatalogOptionsView(),
        AuditView(),
        PlatformsView(),
        PeopleView(),
        TokensView(),
        WebhooksView(),
        OutgoingView(),
        SearchView(),
        SearchesView(),
    ):
        admin.add_view(view)
    for view in admin._views:
        view.declare(app)

"""All pages of the site, in the order of the menu."""

from __future__ import annotations

from flask import Flask, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import Admin, AdminIndexView, expose
from flask_admin.theme import Bootstrap4Theme

from hwadmin.domain.permissions import Permission
from hwadmin.views.accounts import creation
from hwadmin.views.accounts.account_import import AccountImportView
from hwadmin.views.accounts.accounts import AccountsView
from hwadmin.views.accounts.employees import AccountEmployeesView
from hwadmin.views.accounts.locations import AccountLocationsView
from hwadmin.views.accounts.phone_line_import import PhoneLineImportView
from hwadmin.views.accounts.phone_lines import PhoneLinesView
from hwadmin.views.accounts.settings import AccountSettingsView
from hwadmin.views.audit.events import AuditView
from hwadmin.views.audit.verification import AuditVerificationView
from hwadmin.views.catalog.catalog_import import CatalogImportView
from hwadmin.views.catalog.distributors import DistributorsView
from hwadmin.views.catalog.items import CatalogView
from hwadmin.views.catalog.options import CatalogOptionsView
from hwadmin.views.dashboard.dashboard import DashboardView
from hwadmin.views.devices.corrections import DeviceCorrectionsView
from hwadmin.views.devices.devices import DevicesView
from hwadmin.views.devices.retirements import DeviceRetirementsView
from hwadmin.views.directory.anonymization import AnonymizationView
from hwadmin.views.directory.employee_import import EmployeeImportView
from hwadmin.views.directory.merging import MergingView
from hwadmin.views.directory.tokens import DirectoryView
from hwadmin.views.fulfillment.corrections import FulfillmentCorrectionsView
from hwadmin.views.fulfillment.drafts import FulfillmentDraftsView
from hwadmin.views.fulfillment.fulfillment import FulfillmentView
from hwadmin.views.fulfillment.list_upload import ListUploadView
from hwadmin.views.ordering import base as ordering_base
from hwadmin.views.ordering.basket import BasketView
from hwadmin.views.ordering.catalog import CatalogPagesView
from hwadmin.views.ordering.confirmation import ConfirmationView
from hwadmin.views.ordering.device import DeviceView
from hwadmin.views.ordering.employees import EmployeesView
from hwadmin.views.ordering.information import InformationView
from hwadmin.views.ordering.start import StartView
from hwadmin.views.orders import approvals
from hwadmin.views.orders.decisions import OrderDecisionsView
from hwadmin.views.orders.edits.claims import OrderClaimsView
from hwadmin.views.orders.edits.information import OrderInformationView
from hwadmin.views.orders.edits.placements import PlacementsView
from hwadmin.views.orders.listing.several import SeveralOrdersView
from hwadmin.views.orders.live import OrderChangesView
from hwadmin.views.orders.my_orders import MyOrdersView
from hwadmin.views.orders.notes import OrderNotesView
from hwadmin.views.orders.orders import OrdersView
from hwadmin.views.orders.pages import OrderView
from hwadmin.views.orders.purchase_orders import PurchaseOrdersView
from hwadmin.views.orders.timeline import OrderTimelineView
from hwadmin.views.orders.units import UnitSheetView
from hwadmin.views.outgoing.messages import OutgoingView
from hwadmin.views.outgoing.webhooks import WebhooksView
from hwadmin.views.people import (
    identity_confirmation,
    passkeys,
    password_links,
    second_factor,
    sign_in,
    single_sign_on,
)
from hwadmin.views.people.access_rules import AccessRulesView
from hwadmin.views.people.deadlines import DeadlinesView
from hwadmin.views.people.people import PeopleView
from hwadmin.views.people.platforms import PlatformsView
from hwadmin.views.people.staff_directory import StaffDirectoryView
from hwadmin.views.people.tokens import TokensView
from hwadmin.views.search import short_searches
from hwadmin.views.search.everything import SearchView
from hwadmin.views.search.saved_searches import SearchesView
from hwadmin.web import access, error_pages, formatting, layout
from hwadmin.web.admin_views import GuardedView, KeyInAddress
from hwadmin.web.http import person_limits, static_files, time_zone


class HomeView(GuardedView, AdminIndexView):  # type: ignore[misc]
    """The first page: each role lands where its work is."""

    permissions = {"index": Permission.OWN_ACCOUNT}

    @expose("/")
    def index(self) -> ResponseReturnValue:
        orders = access.current_actor().can(Permission.ORDERS_SUBMIT)
        return redirect(url_for("ordering.index" if orders else "orders.index_view"))


# In the order of the menu.
_VIEWS: tuple[type[GuardedView], ...] = (
    StartView,
    CatalogPagesView,
    DeviceView,
    BasketView,
    InformationView,
    EmployeesView,
    ConfirmationView,
    OrdersView,
    OrderView,
    OrderTimelineView,
    OrderDecisionsView,
    OrderNotesView,
    OrderClaimsView,
    OrderChangesView,
    SeveralOrdersView,
    PurchaseOrdersView,
    PlacementsView,
    OrderInformationView,
    UnitSheetView,
    FulfillmentView,
    FulfillmentDraftsView,
    ListUploadView,
    FulfillmentCorrectionsView,
    MyOrdersView,
    DevicesView,
    DeviceCorrectionsView,
    DeviceRetirementsView,
    AccountsView,
    AccountImportView,
    AccountEmployeesView,
    AccountLocationsView,
    AccountSettingsView,
    PhoneLinesView,
    PhoneLineImportView,
    DirectoryView,
    AnonymizationView,
    MergingView,
    EmployeeImportView,
    CatalogView,
    CatalogImportView,
    DashboardView,
    CatalogOptionsView,
    AuditView,
    AuditVerificationView,
    DistributorsView,
    PlatformsView,
    DeadlinesView,
    PeopleView,
    AccessRulesView,
    StaffDirectoryView,
    TokensView,
    WebhooksView,
    OutgoingView,
    SearchView,
    SearchesView,
)


def install(app: Flask) -> None:
    """Register every page with its permission."""
    app.url_map.converters["int"] = KeyInAddress
    time_zone.install(app)
    access.install(app)
    person_limits.install(app)
    short_searches.install(app)
    layout.install(app)
    error_pages.install(app)
    formatting.install(app)
    static_files.install(app, compress_pages=not app.config["HWADMIN"].proxies)
    ordering_base.install(app)
    sign_in.install(app)
    single_sign_on.install(app)
    second_factor.install(app)
    password_links.install(app)
    identity_confirmation.install(app)
    passkeys.install(app)
    creation.install(app)
    approvals.install(app)

    admin = Admin(
        app,
        name="hwadmin",
        theme=Bootstrap4Theme(base_template="admin/hw/base.html"),
        index_view=HomeView(url="/", endpoint="admin"),
        csp_nonce_generator=layout.csp_nonce,
    )
    for view_class in _VIEWS:
        admin.add_view(view_class())
    for view in admin._views:
        view.declare(app)

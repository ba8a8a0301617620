"""Where ordering begins: the choice of the account, and the menu of an account that has one."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.domain.permissions import Permission
from hwadmin.forms.fields import key_of
from hwadmin.models import Account
from hwadmin.queries.accounts.accounts import accounts_like, accounts_named
from hwadmin.queries.ordering.begun_baskets import begun_baskets, recent_accounts
from hwadmin.queries.scope import find
from hwadmin.views.ordering.base import ACCESSORY, NEW, UPGRADE, OrderingView
from hwadmin.web.access import current_actor

_MAX_MATCHES = 20


class StartView(OrderingView):
    """Choose the account, and what to order for it."""

    permissions = {"index": Permission.ORDERS_SUBMIT, "account": Permission.ORDERS_COPY}

    def __init__(self) -> None:
        super().__init__("ordering")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Choose the account; go on with a basket."""
        actor = current_actor()
        account_id, query = key_of(request.args.get("account", "")), request.args.get("query", "").strip()
        if account_id is not None:
            return redirect(url_for("ordering.account", key=find(actor, Account, account_id).id))
        matches, problem = [], None
        if query:
            named = accounts_named(actor, query)
            if len(named) == 1:
                return redirect(url_for("ordering.account", key=named[0]))
            matches = accounts_like(actor, query, limit=_MAX_MATCHES)
            problem = None if matches else f"No account is called “{query}”. Try a part of its name."
        recent = recent_accounts(actor)
        page: str = self.render(
            "admin/hw/ordering/start.html",
            query=query,
            matches=matches,
            problem=problem,
            baskets=[
                (basket, url_for("ordering.account", key=basket.account_id))
                for basket in begun_baskets(actor)
            ],
            recent=recent or accounts_like(actor, "", limit=8),
            several_platforms=actor.sees_several_platforms,
            recent_title="Recently ordered for" if recent else "Accounts",
        )
        return page

    @expose("/<int:key>/")
    def account(self, key: int) -> ResponseReturnValue:
        """The End-User Requests Menu where the account has elected it; otherwise straight to the devices."""
        account, basket = self.account_and_basket(key)
        if not account.requests_menu:
            return redirect(url_for("ordering_catalog.new", key=key))
        choices = (
            (NEW, "A phone, a base or a mobile for somebody.", "new", "deskphone"),
            (UPGRADE, "Another device for a mobile number that is there.", "upgrade", "mobile"),
            (ACCESSORY, "A case, a headset, a power supply on its own.", "accessories", "accessory"),
        )
        return self.page(
            "menu",
            account,
            basket,
            choices=[
                (label, text, url_for(f"ordering_catalog.{handler}", key=key), kind)
                for label, text, handler, kind in choices
            ],
        )

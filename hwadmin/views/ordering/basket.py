"""The basket beside the ordering pages: changing and deleting it."""

from __future__ import annotations

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.permissions import Permission
from hwadmin.errors import ChangedMeanwhile
from hwadmin.forms.fields import key_of, whole
from hwadmin.forms.ordering.steps import read_changes
from hwadmin.models import Account
from hwadmin.operations.ordering.basket import change_basket, delete_basket
from hwadmin.queries.scope import find
from hwadmin.views.ordering.base import OrderingView, back_to, see_other, step_url
from hwadmin.web.access import current_actor
from hwadmin.web.layout import go_back


class BasketView(OrderingView):
    """What is done to a basket as a whole."""

    permissions = {"change": Permission.ORDERS_COPY, "delete": Permission.ORDERS_COPY}

    def __init__(self) -> None:
        super().__init__("ordering_basket")

    @expose("/<int:key>/basket", methods=("POST",))
    def change(self, key: int) -> ResponseReturnValue:
        """Change what is in the basket, and stay, or go on with Create Order."""
        actor, form = current_actor(), request.form
        account = find(actor, Account, key)
        remove = key_of(form.get("remove", ""))
        messages = transact(lambda: change_basket(actor, key, read_changes(form), remove=remove))
        for message in dict.fromkeys(messages):
            flash(message, "error")
        if form.get("go") == "information" and not messages:
            return see_other(step_url(account, "information"))
        return see_other(back_to(account, form.get("back", "")))

    @expose("/<int:key>/basket/delete", methods=("POST",))
    def delete(self, key: int) -> ResponseReturnValue:
        """Delete everything in the basket; without scripts a page asks for confirmation first."""
        actor, version = current_actor(), whole(request.form.get("version", ""))
        account, basket = self.account_and_basket(key)
        if basket.lines and request.form.get("sure") != "yes":
            return self.page("delete", account, basket, version=version)
        try:
            transact(lambda: delete_basket(actor, key, version))
        except ChangedMeanwhile as refusal:
            flash(refusal.message, "error")
            return see_other(step_url(account, "choose"))
        return go_back(
            "ordering.account", f"Deleted the basket of {account.name}. Nothing was ordered.", key=key
        )

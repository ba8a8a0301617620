"""The step Ordering Information & Notes: who requests the order, who is notified, and where it goes."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.ordering.basket import Information
from hwadmin.domain.permissions import Permission
from hwadmin.errors import ChangedMeanwhile
from hwadmin.forms.ordering.steps import read_information
from hwadmin.models import Account
from hwadmin.operations.ordering.confirmation import problems_of
from hwadmin.operations.ordering.planning import save_information
from hwadmin.queries.accounts.accounts import locations_of
from hwadmin.queries.ordering.basket import ShownBasket, usual_information
from hwadmin.views.ordering.base import (
    OrderingView,
    location_label,
    refuse_empty_basket,
    see_other,
    step_url,
    way_out,
)
from hwadmin.views.ordering.field_problems import (
    INTRO,
    ORDER_FIELDS,
    LocatedProblem,
    links_to_fields,
    locate_problems,
    messages_by_field,
)
from hwadmin.web.access import current_actor


class InformationView(OrderingView):
    """Ordering Information & Notes."""

    step = "information"
    step_form = "step"
    permissions = {"show": Permission.ORDERS_COPY, "save": Permission.ORDERS_COPY}

    def __init__(self) -> None:
        super().__init__("ordering_information")

    @expose("/<int:key>/information")
    def show(self, key: int) -> ResponseReturnValue:
        """Who asks, who is told, where it goes."""
        account, basket = self.account_and_basket(key)
        if not basket.lines:
            return refuse_empty_basket(account)
        return self._show(account, basket)

    def _show(
        self,
        account: Account,
        basket: ShownBasket,
        information: Information | None = None,
        problems: Sequence[LocatedProblem] = (),
    ) -> ResponseReturnValue:
        actor = current_actor()
        known = usual_information(actor, account, basket.content)
        return self.page(
            "information",
            account,
            basket,
            status=422 if problems else 200,
            information=information or known,
            mark=known.mark,
            locations=[(str(site.id), location_label(site)) for site in locations_of(actor, account.id)],
            errors=messages_by_field(problems),
            summary=links_to_fields(problems),
            intro=INTRO,
        )

    @expose("/<int:key>/information", methods=("POST",))
    def save(self, key: int) -> ResponseReturnValue:
        """Keep the input, right or wrong; go on only where it is right, and back in any case."""
        actor, information = current_actor(), read_information(request.form)
        mark, go = request.form.get("mark", ""), request.form.get("go", "employees")
        try:
            transact(lambda: save_information(actor, key, information, mark))
        except ChangedMeanwhile as refusal:
            account, basket = self.account_and_basket(key)
            problems = [LocatedProblem("information", None, "", refusal.message)]
            problems += _differences(account, basket, information)
            return self._show(account, basket, information, problems)
        account, basket = self.account_and_basket(key)
        if not basket.lines:
            return refuse_empty_basket(account)
        if go not in ("employees", "confirm"):
            return see_other(way_out(account, go))
        _, errors = problems_of(actor, account, basket)
        problems = [problem for problem in locate_problems(basket, errors) if problem.step == self.step]
        if problems:
            return self._show(account, basket, information, problems)
        return see_other(step_url(account, go))


def _differences(account: Account, basket: ShownBasket, information: Information) -> list[LocatedProblem]:
    """What another window says of each field that says something else here."""
    known = usual_information(current_actor(), account, basket.content)
    sites = {site.id: site.name for site in locations_of(current_actor(), account.id)}
    problems = []
    for name, (field, label) in ORDER_FIELDS.items():
        value = getattr(known, name)
        if value != getattr(information, name):
            words = sites.get(value, "") if field == "ship_to" else value
            sentence = f"In the other window: “{words}”." if words else "In the other window it is empty."
            problems.append(LocatedProblem("information", field, label, sentence))
    return problems

"""What all ordering pages share: the account and its basket, the steps, the tabs, the page around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue

from hwadmin.domain.ordering.variants import term_in_words
from hwadmin.models import Account, Location
from hwadmin.queries.ordering.basket import ShownBasket, basket_of, shown_basket
from hwadmin.queries.scope import find
from hwadmin.views.ordering.swatches import swatch
from hwadmin.web.access import current_actor, is_local_path
from hwadmin.web.admin_views import GuardedView
from hwadmin.web.layout import go_back

NEW, UPGRADE, ACCESSORY = "Order New Device", "Upgrade Existing Device", "Order Accessory"
# Each step: its name in addresses and forms, its label, and its endpoint.
STEPS = (
    ("choose", "Choose", "ordering.account"),
    ("information", "Ordering Information & Notes", "ordering_information.show"),
    ("employees", "Employee Information", "ordering_employees.show"),
    ("confirm", "Confirm Order", "ordering_confirmation.show"),
)
_ENDPOINTS = {name: endpoint for name, _, endpoint in STEPS}
_TABS = (("new", NEW), ("upgrade", UPGRADE), ("accessories", ACCESSORY))
_EMPTY = "There is nothing in the basket yet. Choose something first."


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the order as the page shows it; without a url where it cannot be opened, or is open."""

    word: str
    label: str
    url: str | None
    done: bool
    here: bool


def step_url(account: Account, step: str) -> str:
    """The page of a step."""
    return url_for(_ENDPOINTS[step], key=account.id)


def way_out(account: Account, go: str) -> str:
    """Where a button of a step leads that leaves it as it is: another step, the account, or the beginning."""
    if go == "account":
        return url_for("accounts.details_view", key=account.id)
    if go == "start":
        return url_for("ordering.index")
    return step_url(account, go if go in _ENDPOINTS else "choose")


def back_to(account: Account, path: str, default: str | None = None) -> str:
    """The page to return to: ``path`` where it is an ordering page of this account, else the default."""
    start = step_url(account, "choose")
    return path if is_local_path(path) and path.startswith(start) else default or start


def location_label(location: Location) -> str:
    """A location with its address, where that is known."""
    return f"{location.name}, {location.address}" if location.address else location.name


def see_other(address: str) -> ResponseReturnValue:
    """Redirect to another page after a POST."""
    return redirect(address, 303)


def refuse_empty_basket(account: Account) -> ResponseReturnValue:
    """Back to choosing, where a step is opened with nothing to order."""
    return go_back("ordering.account", _EMPTY, "info", key=account.id)


class OrderingView(GuardedView):
    """A group of ordering pages below ``/ordering``."""

    # The step these pages belong to.
    step: ClassVar[str] = "choose"
    # The id of the form that leaving by the steps has to send, so that no input is lost.
    step_form: ClassVar[str | None] = None

    def __init__(self, endpoint: str) -> None:
        super().__init__(name="Order hardware", endpoint=endpoint, url="/ordering")

    def account_and_basket(self, key: int) -> tuple[Account, ShownBasket]:
        """The account of an address, and the actor's basket for it."""
        actor = current_actor()
        account = find(actor, Account, key)
        return account, shown_basket(actor, account, basket_of(actor, key))

    def page(
        self,
        template: str,
        account: Account,
        basket: ShownBasket,
        *,
        tab: str | None = None,
        status: int = 200,
        **values: Any,
    ) -> ResponseReturnValue:
        """One page of the flow.

        Args:
            template: name of the template.
            account: the account ordered for.
            basket: the basket as it stands.
            tab: which of the tabs it is.
            status: HTTP status of the response.
            values: whatever else the template needs.
        """
        choose_url = step_url(account, "choose")
        page = self.render(
            f"admin/hw/ordering/{template}.html",
            account=account,
            account_url=url_for("accounts.details_view", key=account.id),
            basket=basket,
            basket_url=url_for("ordering_basket.change", key=account.id),
            choose_url=choose_url,
            here=request.full_path.rstrip("?") if request.method == "GET" else choose_url,
            steps=self._steps(account, basket),
            step_form=self.step_form,
            tabs=[
                {
                    "label": label,
                    "url": url_for(f"ordering_catalog.{name}", key=account.id),
                    "here": name == tab,
                }
                for name, label in _TABS
            ],
            **values,
        )
        return page, status

    def _steps(self, account: Account, basket: ShownBasket) -> list[Step]:
        current = list(_ENDPOINTS).index(self.step)
        return [
            Step(
                name,
                label,
                step_url(account, name) if name != self.step and (basket.lines or name == "choose") else None,
                done=index < current,
                here=index == current,
            )
            for index, (name, label, _) in enumerate(STEPS)
        ]


def install(app: Flask) -> None:
    """Register the template filters of the ordering pages."""
    for template_filter in (term_in_words, swatch):
        app.template_filter()(template_filter)

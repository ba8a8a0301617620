"""What every ordering page shares: the account, the steps with their position, the tabs, the basket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue

from hwadmin.models import Account
from hwadmin.operations.platforms import find
from hwadmin.queries.basket import ShownBasket, basket_of, shown_basket, term_in_words
from hwadmin.views.frame import go_back
from hwadmin.views.gate import current_actor, is_local_path

NEW, UPGRADE, ACCESSORY = "Order New Device", "Upgrade Existing Device", "Order Accessory"
STEPS = (
    ("choose", "Choose"),
    ("information", "Ordering Information & Notes"),
    ("employees", "Employee Information"),
    ("confirm", "Confirm Order"),
)
TABS = (("new", NEW), ("upgrade", UPGRADE), ("accessories", ACCESSORY))
EMPTY = "There is nothing in the basket yet. Choose something first."

# How colors look; what is not known here is drawn as a plain grey.
_SWATCHES = {
    "black": "#1c1d20",
    "midnight": "#1d2633",
    "graphite": "#4b4c50",
    "space": "#4b4c50",
    "gray": "#8a8d93",
    "grey": "#8a8d93",
    "silver": "#d4d6da",
    "white": "#f7f7f5",
    "starlight": "#efe6d6",
    "clear": "#e6edf2",
    "sage": "#a9b89a",
    "green": "#5d8a66",
    "mint": "#b5dcc6",
    "blue": "#3f6fb5",
    "navy": "#24385f",
    "teal": "#3f8f92",
    "lavender": "#c5b7dd",
    "purple": "#7a5ca8",
    "violet": "#7a5ca8",
    "pink": "#eab6c2",
    "red": "#b8323a",
    "coral": "#e8826b",
    "orange": "#dd8135",
    "yellow": "#ecca57",
    "gold": "#d8be8c",
    "sand": "#cdbb9c",
    "brown": "#7d5c43",
    "titanium": "#b4ada4",
}


def swatch(color: str) -> str:
    """How a color of the catalog is drawn, by the last word of its name that is known."""
    for word in reversed(color.lower().replace("-", " ").split()):
        if word in _SWATCHES:
            return _SWATCHES[word]
    return "#9aa3b2"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the order, and where this page stands."""

    word: str
    label: str
    url: str | None
    done: bool
    here: bool


def choose_url(account: Account) -> str:
    """Where ordering for an account begins."""
    return url_for("ordering.account", key=account.id)


def step_url(account: Account, word: str) -> str:
    """The page of a step."""
    return choose_url(account) if word == "choose" else url_for(f"ordering.{word}", key=account.id)


def back_to(account: Account, said: str, otherwise: str | None = None) -> str:
    """The ordering page to come back to, where it is one of this account."""
    mine = url_for("ordering.account", key=account.id)
    return said if is_local_path(said) and said.startswith(mine) else otherwise or mine


class OrderingFrame:
    """Finding the account and its basket, and drawing a page around them."""

    # Flask-Admin's.
    render: Callable[..., str]

    def ordered_for(self, key: int) -> tuple[Account, ShownBasket]:
        """The account of an address, and the actor's basket for it."""
        actor = current_actor()
        account = find(actor, Account, key)
        return account, shown_basket(actor, account, basket_of(actor, key))

    def page(
        self,
        name: str,
        account: Account,
        basket: ShownBasket,
        step: str,
        *,
        tab: str | None = None,
        step_form: str | None = None,
        status: int = 200,
        **values: Any,
    ) -> ResponseReturnValue:
        """One page of the flow.

        Args:
            name: of the template.
            account: the account ordered for.
            basket: the basket as it stands.
            step: the word of the step this page belongs to.
            tab: which of the tabs it is.
            step_form: the form that leaving by the steps has to send, so that nothing typed is lost.
            status: of the answer.
            values: whatever else the template needs.
        """
        at = [word for word, _ in STEPS].index(step)
        steps = [
            Step(
                word,
                label,
                step_url(account, word) if basket.lines or word == "choose" else None,
                done=place < at,
                here=place == at,
            )
            for place, (word, label) in enumerate(STEPS)
        ]
        tabs = [
            {"label": label, "url": url_for(f"ordering.{word}", key=account.id), "here": word == tab}
            for word, label in TABS
        ]
        page = self.render(
            f"admin/hw/ordering/{name}.html",
            account=account,
            account_url=url_for("accounts.details_view", key=account.id),
            basket=basket,
            basket_url=url_for("ordering.change", key=account.id),
            choose_url=choose_url(account),
            here=request.full_path.rstrip("?") if request.method == "GET" else choose_url(account),
            steps=steps,
            step_form=step_form,
            tabs=tabs,
            **values,
        )
        return page, status

    def nothing_yet(self, account: Account) -> ResponseReturnValue:
        """Where a step is opened and there is nothing to order."""
        return go_back("ordering.account", EMPTY, "info", key=account.id)

    def on_to(self, address: str) -> ResponseReturnValue:
        """On to another page after a POST."""
        return redirect(address, 303)


def install(app: Flask) -> None:
    """Offer the words and colors of ordering to its templates."""
    for filter_ in (term_in_words, swatch):
        app.template_filter()(filter_)

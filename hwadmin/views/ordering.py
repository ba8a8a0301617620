"""Ordering: for which account, what, and the basket. The steps after it are in ordering_steps.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.errors import ChangedMeanwhile, InvalidInput
from hwadmin.forms.account_form import whole
from hwadmin.forms.ordering import Selection, key_of, read_changes, read_selection
from hwadmin.kinds import Kind
from hwadmin.models import Account
from hwadmin.operations.basket import Chosen, add_to_basket, change_basket, delete_basket
from hwadmin.operations.platforms import find
from hwadmin.permissions import Permission
from hwadmin.queries.accounts import accounts_like, accounts_named
from hwadmin.queries.basket import ShownBasket, kept_baskets, recent_accounts
from hwadmin.queries.choosing import (
    Card,
    accessories_for,
    cards,
    cards_of,
    carriers_sold,
    makes_sold,
    service_line,
    service_lines,
    spares_of,
)
from hwadmin.uow import transact
from hwadmin.views.base import GuardedView
from hwadmin.views.frame import go_back
from hwadmin.views.gate import current_actor
from hwadmin.views.ordering_cards import (
    DEVICES,
    CardShown,
    ExtraShown,
    Filters,
    UpgradeShown,
    address_of,
    card_shown,
    chosen_color,
    read_filters,
    selected_card,
    upgrade_shown,
)
from hwadmin.views.ordering_frame import (
    ACCESSORY,
    NEW,
    UPGRADE,
    OrderingFrame,
    back_to,
    choose_url,
    step_url,
)
from hwadmin.views.ordering_steps import StepPages

LINES_SHOWN = 100
SPARES_SHOWN = 200
MATCHES_SHOWN = 20
# In the order they are asked for most.
_KINDS = (Kind.MOBILE, Kind.DESKPHONE, Kind.DECT_BASE, Kind.DECT_HANDSET, Kind.ACCESSORY)
_ORDER = Permission.ORDERS_SUBMIT

_WORDS = {
    "item": "Item",
    "size": "Size",
    "term": "Term",
    "color": "Color",
    "carrier": "Mobile carrier",
    "quantity": "Quantity",
    "line": "Upgrade",
    "override_reason": "Reason",
}


class OrderingView(StepPages, OrderingFrame, GuardedView):
    """From the account to the confirmed order."""

    permissions: ClassVar[Mapping[str, Permission]] = {
        "index": _ORDER,
        "account": _ORDER,
        "new": _ORDER,
        "upgrade": _ORDER,
        "accessories": _ORDER,
        "device": _ORDER,
        "choose": _ORDER,
        "change": _ORDER,
        "delete_basket": _ORDER,
        **dict.fromkeys(StepPages.handlers, _ORDER),
    }

    def __init__(self) -> None:
        super().__init__(name="Order hardware", endpoint="ordering", url="/ordering")

    # ---- For which account

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Choose the account; go on with a basket."""
        actor = current_actor()
        chosen, query = key_of(request.args.get("account", "")), request.args.get("query", "").strip()
        if chosen is not None:
            return redirect(url_for("ordering.account", key=find(actor, Account, chosen).id))
        matches, problem = [], None
        if query:
            named = accounts_named(actor, query)
            if len(named) == 1:
                return redirect(url_for("ordering.account", key=named[0]))
            matches = accounts_like(actor, query, limit=MATCHES_SHOWN)
            problem = None if matches else f"No account is called “{query}”. Try a part of its name."
        kept = kept_baskets(actor)
        recent = recent_accounts(actor)
        return self.render(
            "admin/hw/ordering/start.html",
            query=query,
            matches=matches,
            problem=problem,
            kept=[(one, url_for("ordering.account", key=one.account_id)) for one in kept],
            recent=recent or accounts_like(actor, "", limit=8),
            recent_title="Ordered for lately" if recent else "Accounts",
        )

    @expose("/<int:key>/")
    def account(self, key: int) -> ResponseReturnValue:
        """The End-User Requests Menu where the account has elected it; otherwise straight to the devices."""
        account, basket = self.ordered_for(key)
        if not account.requests_menu:
            return redirect(url_for("ordering.new", key=key))
        choices = (
            (NEW, "A phone, a base or a mobile for somebody.", "new", "deskphone"),
            (UPGRADE, "Another device for a mobile number that is there.", "upgrade", "mobile"),
            (ACCESSORY, "A case, a headset, a power supply on its own.", "accessories", "accessory"),
        )
        return self.page(
            "menu",
            account,
            basket,
            "choose",
            choices=[
                (label, text, url_for(f"ordering.{to}", key=key), kind) for label, text, to, kind in choices
            ],
        )

    # ---- Choosing

    @expose("/<int:key>/new")
    def new(self, key: int) -> ResponseReturnValue:
        """Order New Device: the catalog, or the account's spare inventory."""
        account, basket = self.ordered_for(key)
        filters = read_filters(url_for("ordering.new", key=key), request.args)
        if filters.spare:
            return self._spares(account, basket, filters)
        return self._catalog(account, basket, filters, "new")

    @expose("/<int:key>/upgrade")
    def upgrade(self, key: int) -> ResponseReturnValue:
        """Upgrade Existing Device: which line, and then to which device."""
        account, basket = self.ordered_for(key)
        filters = read_filters(url_for("ordering.upgrade", key=key), request.args)
        if filters.line:
            line = service_line(current_actor(), account, int(filters.line)) or abort(404)
            return self._catalog(account, basket, filters, "upgrade", upgrade_shown(account, line, basket))
        q = request.args.get("q", "")[:100]
        lines = service_lines(current_actor(), account, text=q, limit=LINES_SHOWN + 1)
        return self.page(
            "upgrade",
            account,
            basket,
            "choose",
            tab="upgrade",
            heading=UPGRADE,
            list_url=url_for("ordering.upgrade", key=key),
            q=q,
            lines=[upgrade_shown(account, line, basket) for line in lines[:LINES_SHOWN]],
            more=len(lines) > LINES_SHOWN,
        )

    @expose("/<int:key>/accessories")
    def accessories(self, key: int) -> ResponseReturnValue:
        """Order Accessory: on its own, or for a device of the basket."""
        account, basket = self.ordered_for(key)
        filters = read_filters(url_for("ordering.accessories", key=key), request.args)
        return self._catalog(account, basket, filters, "accessories")

    def _catalog(
        self,
        account: Account,
        basket: ShownBasket,
        filters: Filters,
        tab: str,
        upgrade: UpgradeShown | None = None,
    ) -> ResponseReturnValue:
        actor = current_actor()
        kinds = {"new": DEVICES, "upgrade": (Kind.MOBILE,)}.get(tab, (Kind.ACCESSORY,))
        goes_with = basket.by_key.get(int(filters.goes_with or 0)) if tab == "accessories" else None
        found = cards(
            actor,
            account,
            kinds=[filters.only_kind] if filters.only_kind and tab == "new" else kinds,
            make=filters.make or None,
            text=filters.q,
            # An upgrade stays with the carrier of its number.
            carrier=upgrade.line.mobile_carrier if upgrade else filters.carrier or None,
            most_now=filters.most_now,
            limit=1000,
        )
        devices = []
        if tab == "accessories":
            devices = [(str(card.item_id), card.title) for card in cards(actor, account, kinds=DEVICES)]
            fits = goes_with.card.item_id if goes_with and goes_with.card else key_of(filters.fits)
            if fits is not None:
                fitting = {card.item_id for card in accessories_for(actor, account, [fits])}
                found = [card for card in found if card.item_id in fitting]
        noun = "accessory" if tab == "accessories" else "device"
        carriers = carriers_sold(actor, account) if tab == "new" else []
        return self.page(
            "choose",
            account,
            basket,
            "choose",
            tab=tab,
            heading={"new": NEW, "upgrade": UPGRADE}.get(tab, ACCESSORY),
            list_url=filters.address,
            filters=filters,
            choices={
                "makes": makes_sold(actor, account, kinds),
                "carriers": carriers,
                "kinds": DEVICES if tab == "new" else (),
                "devices": devices if goes_with is None else [],
                "spares": len(spares_of(actor, account)) if tab == "new" else 0,
            },
            groups=_groups(
                [
                    card_shown(card, account, carriers, carrier=filters.carrier, upgrade=upgrade is not None)
                    for card in found[: filters.show]
                ]
            ),
            more=len(found) - filters.show if len(found) > filters.show else 0,
            upgrade=upgrade,
            goes_with=goes_with,
            noun=noun,
            empty_title=f"There is no {noun} to order yet",
            empty_text=f"The catalog of {account.platform.name} has none. A super-admin can add some.",
        )

    def _spares(self, account: Account, basket: ShownBasket, filters: Filters) -> ResponseReturnValue:
        actor = current_actor()
        every = spares_of(actor, account)
        words = filters.q.casefold().replace(":", "").split()
        found = [
            spare
            for spare in every
            if (not filters.make or spare.make == filters.make)
            and all(
                word in f"{spare.title} {spare.sku} {spare.identifier}".casefold().replace(":", "")
                for word in words
            )
        ]
        return self.page(
            "spares",
            account,
            basket,
            "choose",
            tab="new",
            heading=NEW,
            list_url=filters.address,
            filters=filters,
            choices={"makes": sorted({spare.make for spare in every}), "spares": len(every)},
            spares=found[:SPARES_SHOWN],
            taken={line.line.spare_device_id for line in basket.lines},
        )

    # ---- One device on its way into the basket

    @expose("/<int:key>/device")
    def device(self, key: int) -> ResponseReturnValue:
        """Select Accessories & Confirm Order: size, term, color, quantity, accessories, what it comes to."""
        account, basket = self.ordered_for(key)
        return self._device(account, basket, read_selection(request.args), request.args.get("back", ""))

    def _device(
        self,
        account: Account,
        basket: ShownBasket,
        typed: Selection,
        back: str,
        errors: dict[str, list[str]] | None = None,
    ) -> ResponseReturnValue:
        actor, errors = current_actor(), errors or {}
        card = cards_of(actor, account, [typed.sku]).get(typed.sku)
        if card is None or card.archived or card.kind is Kind.ACCESSORY:
            abort(404)
        upgrade = None
        if typed.service is not None:
            line = service_line(actor, account, typed.service) or abort(404)
            upgrade, typed.quantity = upgrade_shown(account, line, basket), "1"
        shown = selected_card(card, typed, carriers_sold(actor, account) if card.unlocked else ())
        extras = [_extra(extra, typed) for extra in accessories_for(actor, account, [card.item_id])]
        option, count = shown.chosen_option, typed.count
        device_now = option.unit_price * count
        tab = "upgrade" if upgrade else "new"
        shown_errors = {name: said for name, said in errors.items() if name != "line"}
        called = _WORDS | {f"acc-{extra.item.item_id}": extra.item.title for extra in extras}
        return self.page(
            "device",
            account,
            basket,
            "choose",
            tab=tab,
            status=422 if errors else 200,
            shown=shown,
            typed=typed,
            upgrade=upgrade,
            extras=extras,
            selection={
                "device_now": device_now,
                "words": [
                    *filter(
                        None, (option.size, f"{option.term_months} months" if option.term_months else "")
                    ),
                    *filter(None, (shown.color, shown.carrier)),
                ],
                "now": sum((extra.due_now for extra in extras), device_now),
                "month": sum(
                    (extra.price.monthly_price * extra.count for extra in extras),
                    option.monthly_price * count,
                ),
            },
            errors=shown_errors,
            summary=[
                (None if name == "line" else name, called.get(name, "Accessory"), " ".join(said))
                for name, said in errors.items()
            ],
            back=back_to(account, back, url_for(f"ordering.{tab}", key=account.id)),
        )

    @expose("/<int:key>/choose", methods=("POST",))
    def choose(self, key: int) -> ResponseReturnValue:
        """From a card or the page of a device: select it, compute it anew, or put it into the basket."""
        actor, typed, do = current_actor(), read_selection(request.form), request.form.get("do", "")
        account, basket = self.ordered_for(key)
        back, on_page = request.form.get("back", ""), request.form.get("page") == "device"
        without = key_of(request.form.get("without", ""))
        if do == "select":
            said = {"item": typed.sku, "size": typed.size, "term": typed.term, "color": typed.color}
            more = {
                "carrier": typed.carrier,
                "line": str(typed.service or ""),
                "back": back_to(account, back, ""),
            }
            page = url_for("ordering.device", key=key)
            return self.on_to(address_of(page, said | more))
        if without is not None or do == "update":
            typed.accessories.pop(without or 0, None)
            return self._device(account, basket, typed, back)
        try:
            title = transact(lambda: add_to_basket(actor, key, _chosen(typed)))
        except InvalidInput as refusal:
            errors: dict[str, list[str]] = {}
            for error in refusal.errors:
                errors.setdefault(error.field, []).append(error.message)
            account, basket = self.ordered_for(key)
            card = cards_of(actor, account, [typed.sku]).get(typed.sku)
            if (
                card
                and not card.archived
                and card.kind is not Kind.ACCESSORY
                and (on_page or "item" not in errors)
            ):
                return self._device(account, basket, typed, back, errors)
            flash(refusal.message, "error")
            return self.on_to(back_to(account, back))
        on = Markup('<a href="{}">Go on to the ordering information</a>').format(
            step_url(account, "information")
        )
        flash(Markup("Added {} to the basket. {}.").format(title, on), "success")
        return self.on_to(_after_adding(account, typed, back))

    # ---- The basket

    @expose("/<int:key>/basket", methods=("POST",))
    def change(self, key: int) -> ResponseReturnValue:
        """Change what is in the basket, and stay, or go on with Create Order."""
        actor, form = current_actor(), request.form
        account, _ = self.ordered_for(key)
        remove = key_of(form.get("remove", ""))
        said = transact(lambda: change_basket(actor, key, read_changes(form), remove=remove))
        for sentence in dict.fromkeys(said):
            flash(sentence, "error")
        if form.get("go") == "information" and not said:
            return self.on_to(step_url(account, "information"))
        return self.on_to(back_to(account, form.get("back", "")))

    @expose("/<int:key>/basket/delete", methods=("POST",))
    def delete_basket(self, key: int) -> ResponseReturnValue:
        """Delete everything in the basket; who has not said that they are sure is asked first."""
        actor, version = current_actor(), whole(request.form.get("version", ""))
        account, basket = self.ordered_for(key)
        if basket.lines and request.form.get("sure") != "yes":
            return self.page("delete", account, basket, "choose", version=version)
        try:
            transact(lambda: delete_basket(actor, key, version))
        except ChangedMeanwhile as refusal:
            flash(refusal.message, "error")
            return self.on_to(choose_url(account))
        return go_back(
            "ordering.account", f"Deleted the basket of {account.name}. Nothing was ordered.", key=key
        )


def _groups(shown: Sequence[CardShown]) -> list[tuple[str, list[CardShown]]]:
    """Cards by kind: what is chosen of each is alike then, and stands side by side."""
    groups = [(kind.label, [card for card in shown if card.item.kind is kind]) for kind in _KINDS]
    return [(title, cards) for title, cards in groups if cards]


def _chosen(typed: Selection) -> Chosen:
    return Chosen(
        sku=typed.sku,
        quantity=typed.count,
        size=typed.size,
        term_months=typed.term_months,
        color=typed.color,
        mobile_carrier=typed.carrier,
        line_of_service_id=typed.service,
        override_reason=typed.override_reason,
        spare_device_id=typed.spare,
        goes_with=typed.goes_with,
        # What is no number is refused at its field; only "0" is none.
        accessories={
            item: whole(text) or (0 if text.strip() in ("", "0") else -1)
            for item, text in typed.accessories.items()
        },
        accessory_colors=typed.accessory_colors,
    )


def _extra(card: Card, typed: Selection) -> ExtraShown:
    color = chosen_color(card, typed.accessory_colors.get(card.item_id, ""))
    count = typed.accessory_count(card.item_id)
    return ExtraShown(card, typed.accessories.get(card.item_id, "0"), count, color)


def _after_adding(account: Account, typed: Selection, back: str) -> str:
    """The list it was chosen from; of an upgrade the list of lines, where the next one may be."""
    if typed.service is not None:
        return url_for("ordering.upgrade", key=account.id)
    return back_to(account, back, url_for("ordering.new", key=account.id))

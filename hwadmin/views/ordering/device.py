"""The page of one device: its choices and accessories, and the way into the basket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from hwadmin.db.unit_of_work import transact
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import Permission
from hwadmin.errors import InvalidInput
from hwadmin.forms.fields import key_of, whole
from hwadmin.forms.ordering.steps import Selection, read_selection
from hwadmin.models import Account
from hwadmin.operations.ordering.additions import Chosen, add_to_basket
from hwadmin.queries.accounts.phone_lines import phone_line_details
from hwadmin.queries.ordering.basket import ShownBasket
from hwadmin.queries.ordering.items import accessories_for
from hwadmin.queries.ordering.model_choices import OfferedModel
from hwadmin.queries.ordering.offered_models import models_by_sku
from hwadmin.views.ordering.base import OrderingView, back_to, see_other, step_url
from hwadmin.views.ordering.cards import CatalogCard, Extra, Upgrade, extra_of, upgrade_of
from hwadmin.views.ordering.filters import address_of
from hwadmin.web.access import current_actor

_LABELS = {
    "item": "Item",
    "size": "Size",
    "term": "Term",
    "color": "Color",
    "carrier": "Mobile carrier",
    "quantity": "Quantity",
    "line": "Upgrade",
    "spare": "Spare",
    "override_reason": "Reason",
}
_Errors = Mapping[str, Sequence[str]]


class DeviceView(OrderingView):
    """Select Accessories & Confirm Order."""

    permissions = {"device": Permission.ORDERS_COPY, "choose": Permission.ORDERS_COPY}

    def __init__(self) -> None:
        super().__init__("ordering_device")

    @expose("/<int:key>/device")
    def device(self, key: int) -> ResponseReturnValue:
        """Size, term, color, quantity, accessories, and what it comes to."""
        account, basket = self.account_and_basket(key)
        return self._device(account, basket, read_selection(request.args), request.args.get("back", ""))

    def _device(
        self,
        account: Account,
        basket: ShownBasket,
        selection: Selection,
        back: str,
        errors: _Errors | None = None,
    ) -> ResponseReturnValue:
        actor, errors = current_actor(), errors or {}
        model = _orderable_device(account, selection.sku) or abort(404)
        upgrade = None
        if selection.phone_line_id is not None:
            line = phone_line_details(actor, account, selection.phone_line_id) or abort(404)
            upgrade, selection.quantity = upgrade_of(account, line, basket), "1"
            model = model.upgrading(line.mobile_carrier)
        card = CatalogCard(model, model.nearest(selection.choice, selection.sku))
        item = card.item
        extras = [extra_of(extra, selection) for extra in accessories_for(actor, account, [item.item_id])]
        tab = "upgrade" if upgrade else "new"
        return self.page(
            "device",
            account,
            basket,
            tab=tab,
            status=422 if errors else 200,
            card=card,
            selection=selection,
            upgrade=upgrade,
            extras=extras,
            sums=_sums(card, selection.count, extras),
            errors={field: messages for field, messages in errors.items() if field != "line"},
            summary=_summary(card, upgrade, extras, errors),
            back=back_to(account, back, url_for(f"ordering_catalog.{tab}", key=account.id)),
        )

    @expose("/<int:key>/choose", methods=("POST",))
    def choose(self, key: int) -> ResponseReturnValue:
        """From a card or the page of a device: select it, compute it anew, or put it into the basket."""
        form = request.form
        selection, back, action = read_selection(form), form.get("back", ""), form.get("do", "")
        account, basket = self.account_and_basket(key)
        if action == "select":
            return see_other(_device_address(account, selection, back))
        without = key_of(form.get("without", ""))
        if without is not None or action == "update":
            selection.accessories.pop(without or 0, None)
            return self._device(account, basket, selection, back)
        actor = current_actor()
        try:
            title = transact(lambda: add_to_basket(actor, key, _chosen(selection)))
        except InvalidInput as refusal:
            return self._refuse(key, selection, back, refusal)
        link = Markup('<a href="{}">Continue to the ordering information</a>').format(
            step_url(account, "information")
        )
        what = title if selection.count == 1 else f"{selection.count:,} × {title}"
        flash(Markup("Added {} to the basket. {}.").format(what, link), "success")
        return see_other(_after_adding(account, selection, back))

    def _refuse(
        self, key: int, selection: Selection, back: str, refusal: InvalidInput
    ) -> ResponseReturnValue:
        """The page of the device with the problems at their fields; where it has none, a message."""
        errors: dict[str, list[str]] = {}
        for error in refusal.errors:
            errors.setdefault(error.field, []).append(error.message)
        account, basket = self.account_and_basket(key)
        from_device_page = request.form.get("page") == "device"
        if (from_device_page or "item" not in errors) and _orderable_device(account, selection.sku):
            return self._device(account, basket, selection, back, errors)
        flash(refusal.message, "error")
        return see_other(back_to(account, back))


def _orderable_device(account: Account, sku: str) -> OfferedModel | None:
    """The model of this SKU, where it is a device that can be ordered."""
    actor = current_actor()
    model = models_by_sku(actor, account.platform_id, [sku], account_id=account.id).get(sku)
    return None if model is None or model.first.archived or model.kind is Kind.ACCESSORY else model


def _sums(card: CatalogCard, count: int, extras: Sequence[Extra]) -> dict[str, Any]:
    """What the selection comes to, and what is chosen of the device."""
    option = card.chosen.option
    device_now = option.unit_price * count
    return {
        "device_now": device_now,
        "choices": card.chosen.words,
        "now": sum((extra.due_now for extra in extras), device_now),
        "month": sum(
            (extra.price.monthly_price * extra.count for extra in extras), option.monthly_price * count
        ),
    }


def _summary(
    card: CatalogCard, upgrade: Upgrade | None, extras: Sequence[Extra], errors: _Errors
) -> list[tuple[str | None, str, str]]:
    """The problems above the form: the id of the field, if the page has it, its label, and the sentences."""
    model = card.model
    choices = {"size": model.sizes, "color": model.colors, "term": model.terms, "carrier": model.carriers}
    # A single one is sent without being asked for; of several buttons the first is gone to.
    places = {name: f"device-{name}-1" for name, options in choices.items() if len(options) > 1}
    if "carrier" in places:
        places["carrier"] = "device-carrier"
    typed = "override_reason" if upgrade else "quantity"
    places[typed] = typed
    labels = dict(_LABELS)
    for extra in extras:
        name = f"acc-{extra.item.item_id}"
        labels[name] = labels[f"{name}-color"] = extra.item.title
        places[name] = name
        if extra.has_color_choice:
            places[f"{name}-color"] = f"{name}-color"
    return [
        (places.get(field), labels.get(field, "Accessory"), " ".join(messages))
        for field, messages in errors.items()
    ]


def _device_address(account: Account, selection: Selection, back: str) -> str:
    """The address of the page of a device, with what is selected of it."""
    choice = selection.choice
    params = {
        "item": selection.sku,
        "size": choice.size,
        "term": "" if choice.term_months is None else str(choice.term_months),
        "color": choice.color,
        "carrier": choice.mobile_carrier,
        "quantity": "" if selection.quantity == "1" else selection.quantity,
        "line": str(selection.phone_line_id or ""),
        "back": back_to(account, back, ""),
    }
    return address_of(url_for("ordering_device.device", key=account.id), params)


def _chosen(selection: Selection) -> Chosen:
    return Chosen(
        sku=selection.sku,
        choice=selection.choice,
        quantity=selection.count,
        line_of_service_id=selection.phone_line_id,
        override_reason=selection.override_reason,
        spare_device_id=selection.spare,
        goes_with=selection.goes_with,
        # Only "0" means none: text that is not a number becomes -1, which is refused at its field.
        accessories={
            item_id: whole(text) or (0 if text.strip() in ("", "0") else -1)
            for item_id, text in selection.accessories.items()
        },
        accessory_colors=selection.accessory_colors,
    )


def _after_adding(account: Account, selection: Selection, back: str) -> str:
    """The list it was chosen from; after an upgrade the list of lines, for the next one."""
    if selection.phone_line_id is not None:
        return url_for("ordering_catalog.upgrade", key=account.id)
    return back_to(account, back, url_for("ordering_catalog.new", key=account.id))

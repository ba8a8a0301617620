"""The pages that show what can be ordered: new devices, spares, upgrades and accessories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.permissions import Permission
from hwadmin.forms.fields import key_of
from hwadmin.models import Account
from hwadmin.queries.accounts.phone_lines import account_phone_lines, phone_line_details
from hwadmin.queries.devices.spares import Spare, spares_of
from hwadmin.queries.ordering.basket import ShownBasket, ShownLine
from hwadmin.queries.ordering.items import (
    ItemFilter,
    OfferedItem,
    accessories_for,
    carriers_sold,
    makes_sold,
    offered_items,
)
from hwadmin.queries.ordering.model_choices import OfferedModel
from hwadmin.queries.ordering.offered_models import models_of
from hwadmin.views.ordering.base import ACCESSORY, NEW, UPGRADE, OrderingView
from hwadmin.views.ordering.cards import CatalogCard, Upgrade, catalog_card, upgrade_of
from hwadmin.views.ordering.filters import CARDS_PER_PAGE, DEVICES, Filters, read_filters
from hwadmin.web.access import current_actor

_MAX_LINES = 100
_MAX_SPARES = 200
# The most often ordered kinds first.
_KINDS = (Kind.MOBILE, Kind.DESKPHONE, Kind.DECT_BASE, Kind.DECT_HANDSET, Kind.ACCESSORY)


@dataclass(frozen=True, slots=True)
class _Tab:
    """One of the tabs that show the catalog."""

    name: str
    heading: str
    kinds: Sequence[Kind]
    noun: str = "device"


_NEW = _Tab("new", NEW, DEVICES)
_UPGRADE = _Tab("upgrade", UPGRADE, (Kind.MOBILE,))
_ACCESSORIES = _Tab("accessories", ACCESSORY, (Kind.ACCESSORY,), "accessory")


@dataclass(frozen=True, slots=True)
class _Listing:
    """What one tab lists, and what there is to filter it by."""

    tab: _Tab
    items: Sequence[OfferedItem]
    carriers: Sequence[str] = ()
    # The models accessories may have to fit: key of the first item, and title.
    devices: Sequence[tuple[str, str]] = ()
    # How many devices the account's spare inventory holds.
    spares: int = 0
    upgrade: Upgrade | None = None
    # The device of the basket accessories are for.
    goes_with: ShownLine | None = None


class CatalogPagesView(OrderingView):
    """Order New Device, Upgrade Existing Device, Order Accessory."""

    permissions = dict.fromkeys(("new", "upgrade", "accessories"), Permission.ORDERS_COPY)

    def __init__(self) -> None:
        super().__init__("ordering_catalog")

    @expose("/<int:key>/new")
    def new(self, key: int) -> ResponseReturnValue:
        """Order New Device: the catalog, or the account's spare inventory."""
        actor = current_actor()
        account, basket = self.account_and_basket(key)
        filters = read_filters(url_for("ordering_catalog.new", key=key), request.args)
        if filters.spare:
            return self._spares(account, basket, filters)
        kind = filters.device_kind
        listing = _Listing(
            _NEW,
            _filtered(account, filters, (kind,) if kind else _NEW.kinds, filters.carrier or None),
            carriers=carriers_sold(actor, account.platform_id),
            spares=len(spares_of(actor, account)),
        )
        return self._catalog(account, basket, filters, listing)

    @expose("/<int:key>/upgrade")
    def upgrade(self, key: int) -> ResponseReturnValue:
        """Upgrade Existing Device: which line, and then to which device."""
        account, basket = self.account_and_basket(key)
        filters = read_filters(url_for("ordering_catalog.upgrade", key=key), request.args)
        if not filters.line:
            return self._phone_lines(account, basket)
        line = phone_line_details(current_actor(), account, int(filters.line)) or abort(404)
        # An upgrade stays with the carrier of its number.
        items = _filtered(account, filters, _UPGRADE.kinds, line.mobile_carrier)
        listing = _Listing(_UPGRADE, items, upgrade=upgrade_of(account, line, basket))
        return self._catalog(account, basket, filters, listing)

    @expose("/<int:key>/accessories")
    def accessories(self, key: int) -> ResponseReturnValue:
        """Order Accessory: on its own, or for a device of the basket."""
        actor = current_actor()
        account, basket = self.account_and_basket(key)
        filters = read_filters(url_for("ordering_catalog.accessories", key=key), request.args)
        goes_with = basket.by_key.get(int(filters.goes_with or 0))
        items = _filtered(account, filters, _ACCESSORIES.kinds, filters.carrier or None)
        models = [] if goes_with else models_of(offered_items(actor, account, ItemFilter(kinds=DEVICES)))
        wanted = [goes_with.item.item_id] if goes_with and goes_with.item else _items_of(models, filters.fits)
        if wanted:
            fitting = {item.item_id for item in accessories_for(actor, account, wanted)}
            items = [item for item in items if item.item_id in fitting]
        listing = _Listing(
            _ACCESSORIES,
            items,
            devices=[(str(model.first.item_id), model.title) for model in models],
            goes_with=goes_with,
        )
        return self._catalog(account, basket, filters, listing)

    def _catalog(
        self, account: Account, basket: ShownBasket, filters: Filters, listing: _Listing
    ) -> ResponseReturnValue:
        tab, upgrade = listing.tab, listing.upgrade
        # An upgrade stays with the carrier of its number.
        models = models_of(listing.items, () if upgrade else listing.carriers)
        pages = max(1, -(-len(models) // CARDS_PER_PAGE))
        page = min(filters.page, pages - 1)
        cards = [
            catalog_card(model, account, carrier=filters.carrier, upgrade=upgrade is not None)
            for model in models[page * CARDS_PER_PAGE : (page + 1) * CARDS_PER_PAGE]
        ]
        return self.page(
            "choose",
            account,
            basket,
            tab=tab.name,
            heading=tab.heading,
            list_url=filters.address,
            filters=filters,
            choices={
                "makes": makes_sold(current_actor(), account, tab.kinds),
                "carriers": listing.carriers,
                "kinds": DEVICES if tab is _NEW else (),
                "devices": listing.devices,
                "spares": listing.spares,
            },
            groups=_by_kind(cards),
            pages={"page": page, "pages": pages, "total": len(models), "page_size": CARDS_PER_PAGE},
            upgrade=upgrade,
            goes_with=listing.goes_with,
            noun=tab.noun,
            empty_title=f"There is no {tab.noun} to order yet",
            empty_text=f"The catalog of {account.platform.name} has none. A super-admin can add some.",
        )

    def _phone_lines(self, account: Account, basket: ShownBasket) -> ResponseReturnValue:
        """The phone lines to choose from for an upgrade."""
        query = request.args.get("q", "")[:100]
        lines = account_phone_lines(current_actor(), account, text=query, limit=_MAX_LINES + 1)
        return self.page(
            "upgrade",
            account,
            basket,
            tab="upgrade",
            heading=UPGRADE,
            list_url=url_for("ordering_catalog.upgrade", key=account.id),
            q=query,
            lines=[upgrade_of(account, line, basket) for line in lines[:_MAX_LINES]],
            more=len(lines) > _MAX_LINES,
        )

    def _spares(self, account: Account, basket: ShownBasket, filters: Filters) -> ResponseReturnValue:
        """The account's spare inventory."""
        spares = spares_of(current_actor(), account)
        terms = _comparable(filters.q).split()
        matches = [
            spare
            for spare in spares
            if (not filters.make or spare.make == filters.make) and _matches(spare, terms)
        ]
        return self.page(
            "spares",
            account,
            basket,
            tab="new",
            heading=NEW,
            list_url=filters.address,
            filters=filters,
            choices={"makes": sorted({spare.make for spare in spares}), "spares": len(spares)},
            spares=matches[:_MAX_SPARES],
            taken={line.line.spare_device_id for line in basket.lines},
        )


def _filtered(
    account: Account, filters: Filters, kinds: Sequence[Kind], carrier: str | None
) -> list[OfferedItem]:
    item_filter = ItemFilter(
        kinds=kinds,
        make=filters.make or None,
        text=filters.q,
        carrier=carrier,
        max_price=filters.max_price,
    )
    return offered_items(current_actor(), account, item_filter, limit=1000)


def _comparable(text: str) -> str:
    """Text without case and without the colons of a MAC address."""
    return text.casefold().replace(":", "")


def _matches(spare: Spare, terms: Sequence[str]) -> bool:
    text = _comparable(f"{spare.title} {spare.sku} {spare.identifier}")
    return all(term in text for term in terms)


def _by_kind(cards: Sequence[CatalogCard]) -> list[tuple[str, list[CatalogCard]]]:
    """Cards by kind, so that those with the same choices stand side by side."""
    groups = [(kind.label, [card for card in cards if card.model.kind is kind]) for kind in _KINDS]
    return [(title, group) for title, group in groups if group]


def _items_of(models: Sequence[OfferedModel], first: str) -> list[int]:
    """The items of the model that begins with this one; the item alone where no model does."""
    key = key_of(first)
    for model in models:
        if model.first.item_id == key:
            return [item.item_id for item in model.items]
    return [] if key is None else [key]

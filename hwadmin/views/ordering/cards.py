"""What the choosing pages show: cards of the catalog, filters, upgrades, accessories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import url_for

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.ordering.variants import VariantChoice
from hwadmin.forms.ordering.steps import Selection
from hwadmin.models import Account
from hwadmin.queries.accounts.phone_lines import PhoneLineDetails
from hwadmin.queries.catalog.prices import Option
from hwadmin.queries.ordering.basket import ShownBasket
from hwadmin.queries.ordering.items import OfferedItem
from hwadmin.queries.ordering.model_choices import OfferedModel, Variant


def _cents(amount: Decimal) -> int:
    return int(amount * 100)


@dataclass(frozen=True)
class CatalogCard:
    """A model of the catalog with what can be chosen of it, and what is chosen at first."""

    model: OfferedModel
    chosen: Variant
    # Whether it can go into the basket as it is, and whether there is more to say about it first.
    quick: bool = True
    selects: bool = True
    spares_url: str = ""

    @property
    def item(self) -> OfferedItem:
        """The item of the variant that is chosen."""
        return self.chosen.item

    @property
    def details(self) -> list[str]:
        """Make, kind and whatever else there is no choice of."""
        item, model = self.model.first, self.model
        details = [item.make if not item.title.startswith(item.make) else "", item.kind.label]
        if item.max_handsets:
            details.append(f"takes {item.max_handsets} handsets")
        for choices in (model.sizes, model.colors, model.carriers):
            details += [value for value, _ in choices] if len(choices) == 1 else []
        return [detail for detail in details if detail]


def catalog_card(
    model: OfferedModel, account: Account, *, carrier: str = "", upgrade: bool = False
) -> CatalogCard:
    """A card of the catalog as the choosing pages show it: at first the smallest size, without a term.

    Args:
        model: what is offered.
        account: for whom.
        carrier: the one the list is narrowed to.
        upgrade: whether it is for an upgrade.
    """
    device = model.kind is not Kind.ACCESSORY
    return CatalogCard(
        model,
        model.nearest(VariantChoice(mobile_carrier=carrier or None)),
        # Whether an upgrade may be is settled on the page of the device.
        quick=not upgrade,
        selects=device,
        spares_url=url_for("ordering_catalog.new", key=account.id, spare=1, q=model.first.model)
        if device
        else "",
    )


def chosen_color(item: OfferedItem, color: str) -> str:
    """The color where it is offered, otherwise the first one there is."""
    return color if color in item.all_colors else item.all_colors[0]


@dataclass(frozen=True)
class Extra:
    """An accessory that fits, how many of it are wanted, and in which color."""

    item: OfferedItem
    # The quantity as it was typed, and as a number.
    quantity: str
    count: int
    color: str

    @property
    def price(self) -> Option:
        """What one costs."""
        return self.item.cheapest

    @property
    def due_now(self) -> Decimal:
        """What all of them cost now."""
        return self.price.unit_price * self.count

    @property
    def details(self) -> list[str]:
        """Its size, and its color where there is no choice."""
        return [text for text in (self.price.size, "" if self.has_color_choice else self.color) if text]

    @property
    def has_color_choice(self) -> bool:
        """Whether there is a color to choose."""
        return len(self.item.colors) > 1

    @property
    def chosen(self) -> str:
        """What is chosen, in words: with its color where there is a choice."""
        return f"{self.item.title} · {self.color}" if self.has_color_choice else self.item.title

    @property
    def facts(self) -> dict[str, Any]:
        """What the browser computes with."""
        return {
            "id": self.item.item_id,
            "title": self.item.title,
            "now": _cents(self.price.unit_price),
            "month": _cents(self.price.monthly_price),
        }


@dataclass(frozen=True)
class Upgrade:
    """A phone line and whether it may be upgraded here."""

    line: PhoneLineDetails
    may_override: bool
    in_basket: bool = False
    url: str = ""

    @property
    def number(self) -> str:
        """The phone number."""
        return self.line.phone_number

    @property
    def eligible(self) -> bool:
        """Whether it may be upgraded today."""
        return self.line.eligibility.eligible

    @property
    def from_day(self) -> date | None:
        """From when it may be, where that is known."""
        return None if self.eligible else self.line.eligibility.since


def upgrade_of(account: Account, line: PhoneLineDetails, basket: ShownBasket) -> Upgrade:
    """A phone line as the pages show it."""
    return Upgrade(
        line,
        may_override=account.allows_upgrade_override and line.ended_at is None,
        in_basket=any(shown.line.line_of_service_id == line.id for shown in basket.lines),
        url=url_for("ordering_catalog.upgrade", key=account.id, line=line.id),
    )


def extra_of(item: OfferedItem, selection: Selection) -> Extra:
    """An accessory that fits, with how many of it are selected."""
    color = chosen_color(item, selection.accessory_colors.get(item.item_id, ""))
    return Extra(
        item, selection.accessories.get(item.item_id, "0"), selection.accessory_count(item.item_id), color
    )

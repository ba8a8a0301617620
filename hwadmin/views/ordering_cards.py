"""What the choosing pages show: cards of the catalog, filters, upgrades, accessories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from hwadmin.amounts import money
from hwadmin.forms.account_form import whole
from hwadmin.forms.ordering import Selection, key_of
from hwadmin.kinds import Kind
from hwadmin.models import Account
from hwadmin.queries.basket import ShownBasket, term_in_words
from hwadmin.queries.choosing import Card, Option, ServiceLine

DEVICES = tuple(kind for kind in Kind if kind is not Kind.ACCESSORY)
# So many cards are shown at first, and so many more at each demand.
CARDS_SHOWN = 60
MOST_CARDS = 1000


def _cents(amount: Decimal) -> int:
    return int(amount * 100)


def symbol(currency: str) -> str:
    """How a currency is written before an amount."""
    return money(Decimal(0), currency).split()[0]


@dataclass(frozen=True)
class CardShown:
    """A thing of the catalog with what can be chosen of it, and what is chosen at first."""

    item: Card
    chosen_option: Option
    color: str
    # Whether it can go into the basket as it is, and whether there is more to say about it first.
    quick: bool = True
    selects: bool = True
    spares_url: str = ""
    # The carriers there are to choose from for an unlocked mobile, and the one that is chosen.
    carriers: Sequence[str] = ()
    carrier: str = ""

    @property
    def id(self) -> str:
        """Of its elements."""
        return f"item-{self.item.item_id}"

    @property
    def words(self) -> list[str]:
        """What it is, in words."""
        item = self.item
        words = [item.make if not item.title.startswith(item.make) else "", item.kind.label]
        if item.max_handsets:
            words.append(f"takes {item.max_handsets} handsets")
        words.append(item.mobile_carrier or "")
        if len(item.options) == 1 and item.options[0].size:
            words.append(item.options[0].size)
        return [word for word in words if word]

    @property
    def sizes(self) -> list[tuple[str, str]]:
        """The sizes to choose from: value and words."""
        return [(size, size or "Standard") for size in self.item.sizes]

    @property
    def terms(self) -> list[tuple[str, str]]:
        """The terms to choose from: value and words."""
        return [(str(months), term_in_words(months)) for months in self.item.terms]

    @property
    def colors(self) -> list[tuple[str, str]]:
        """The colors to choose from: value and words."""
        return [(color, color) for color in self.item.colors]

    @property
    def facts(self) -> dict[str, Any]:
        """What the browser computes with."""
        return {
            "symbol": symbol(self.item.currency),
            "options": [
                {
                    "size": option.size,
                    "term": str(option.term_months),
                    "now": _cents(option.unit_price),
                    "month": _cents(option.monthly_price),
                    "words": " · ".join(
                        filter(
                            None, (option.size, term_in_words(option.term_months) if self.item.terms else "")
                        )
                    ),
                }
                for option in self.item.options
            ],
        }


def card_shown(
    card: Card, account: Account, carriers: Sequence[str], *, carrier: str = "", upgrade: bool = False
) -> CardShown:
    """A card of the catalog as the choosing pages show it: at first the smallest size, without a term.

    Args:
        card: what it is.
        account: for whom.
        carriers: the mobile carriers the platform has.
        carrier: the one the list is narrowed to.
        upgrade: whether it is for an upgrade.
    """
    device = card.kind is not Kind.ACCESSORY
    return CardShown(
        card,
        card.options[0],
        chosen_color(card, ""),
        # Whether an upgrade may be is settled on the page of the device.
        quick=not upgrade,
        selects=device,
        spares_url=url_for("ordering.new", key=account.id, spare=1, q=card.model) if device else "",
        **_carriers(card, () if upgrade else carriers, carrier),
    )


def _carriers(card: Card, carriers: Sequence[str], said: str) -> dict[str, Any]:
    """The carriers to choose from: of an unlocked mobile, where there are several."""
    offered = carriers if card.unlocked and len(carriers) > 1 else ()
    return {"carriers": offered, "carrier": said if said in offered else ""}


def selected_card(card: Card, typed: Selection, carriers: Sequence[str]) -> CardShown:
    """A card with what was chosen of it; where that is not offered, with what is."""
    option = card.option(typed.size, typed.term_months)
    if option is None:
        option = next((one for one in card.options if one.size == typed.size), card.options[0])
    offered = () if typed.service is not None else carriers
    return CardShown(card, option, chosen_color(card, typed.color), **_carriers(card, offered, typed.carrier))


def chosen_color(card: Card, said: str) -> str:
    """The color said; where that is not offered or nothing is said, the first one."""
    return said if said in card.colors else card.colors[0] if card.colors else ""


@dataclass(frozen=True)
class ExtraShown:
    """An accessory that fits, how many of it are wanted, and in which color."""

    item: Card
    typed: str
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
    def words(self) -> list[str]:
        """What it is, in words."""
        # Of several colors one is chosen.
        return [word for word in (self.price.size, "" if self.asks_color else self.color) if word]

    @property
    def asks_color(self) -> bool:
        """Whether there is a color to choose."""
        return len(self.item.colors) > 1

    @property
    def chosen(self) -> str:
        """What is chosen, in words: with its color where there is a choice."""
        return f"{self.item.title} · {self.color}" if self.asks_color else self.item.title

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
class UpgradeShown:
    """A line of service and whether it may be upgraded here."""

    line: ServiceLine
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


def upgrade_shown(account: Account, line: ServiceLine, basket: ShownBasket) -> UpgradeShown:
    """A line of service as the pages show it."""
    return UpgradeShown(
        line,
        may_override=account.allows_upgrade_override and line.ended_at is None,
        in_basket=any(one.line.line_of_service_id == line.id for one in basket.lines),
        url=url_for("ordering.upgrade", key=account.id, line=line.id),
    )


@dataclass(frozen=True)
class Filters:
    """What a list of the catalog is narrowed to; all of it stands in the address."""

    address: str
    make: str = ""
    kind: str = ""
    carrier: str = ""
    price: str = ""
    q: str = ""
    spare: str = ""
    fits: str = ""
    # The line of service that is upgraded, and the line of the basket accessories are for.
    line: str = ""
    goes_with: str = ""
    show: int = CARDS_SHOWN

    def url(self, **changes: Any) -> str:
        """The address of the same list with something changed."""
        said = {
            "make": self.make,
            "kind": self.kind,
            "carrier": self.carrier,
            "price": self.price,
            "q": self.q,
            "spare": self.spare,
            "fits": self.fits,
            "line": self.line,
            "with": self.goes_with,
        } | changes
        return address_of(self.address, said)

    @property
    def cleared(self) -> str:
        """The address of the whole list."""
        return address_of(self.address, {"line": self.line, "with": self.goes_with})

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the form of the filters sends along unseen."""
        said = (("make", self.make), ("line", self.line), ("with", self.goes_with), ("spare", self.spare))
        return [(name, value) for name, value in said if value]

    @property
    def any(self) -> bool:
        """Whether anything is narrowed."""
        return bool(self.make or self.kind or self.carrier or self.price or self.q or self.spare or self.fits)

    @cached_property
    def most_now(self) -> Decimal | None:
        """The most one may cost now."""
        text = self.price.strip().replace(",", ".")
        if not text or len(text) > 12:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            return None
        return value if value.is_finite() and value >= 0 else None

    @property
    def only_kind(self) -> Kind | None:
        """The kind, where it is one of those devices have."""
        return next((kind for kind in DEVICES if kind.value == self.kind), None)


def address_of(path: str, said: Mapping[str, Any]) -> str:
    """An address with what is said behind it; what is empty is left out."""
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{path}?{query}" if query else path


def read_filters(address: str, args: Mapping[str, str]) -> Filters:
    """The filters in an address."""
    text = {
        name: args.get(name, "")[:100] for name in ("make", "kind", "carrier", "price", "q", "spare", "fits")
    }
    return Filters(
        address,
        **text,
        line=str(key_of(args.get("line", "")) or ""),
        goes_with=str(key_of(args.get("with", "")) or ""),
        show=min(max(whole(args.get("show", "")), CARDS_SHOWN), MOST_CARDS),
    )


def carrier_of(filters: Filters, carriers: Sequence[str]) -> Filters:
    """The filters with the carrier only where it is one that is sold."""
    return filters if filters.carrier in carriers else replace(filters, carrier="")

"""What a model can be had in: catalog items of one make and model are choices of one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.money import currency_symbol
from hwadmin.domain.ordering.variants import VariantChoice, term_in_words, variant_words
from hwadmin.domain.wording import alternatives
from hwadmin.errors import FieldError
from hwadmin.queries.catalog.prices import Option, size_rank
from hwadmin.queries.ordering.items import OfferedItem

UNLOCKED = "Unlocked, any carrier"


@dataclass(frozen=True, slots=True)
class Variant:
    """A model in one size, color and term, for one carrier; empty where there is none."""

    item: OfferedItem
    option: Option
    color: str
    mobile_carrier: str

    @property
    def size(self) -> str:
        """The size."""
        return self.option.size

    @property
    def term_months(self) -> int:
        """The term; 0 for none."""
        return self.option.term_months

    @property
    def words(self) -> list[str]:
        """What is chosen: size, color, term and carrier."""
        return variant_words(self.size, self.color, self.term_months, self.mobile_carrier)

    def fits(self, choice: VariantChoice, *names: str) -> bool:
        """Whether it is what was chosen, as far as something was."""
        return all(
            (wanted := getattr(choice, name)) is None or wanted == getattr(self, name)
            for name in names or _ORDER
        )


# In this order a choice is looked at: the sentence of a refusal is about the first that does not fit.
_ORDER = ("size", "color", "mobile_carrier", "term_months")


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices by what they depend on: the names of that, and for each price its words, now and per month."""

    names: Sequence[str]
    rows: Sequence[tuple[tuple[str, ...], Decimal, Decimal]]


@dataclass(frozen=True)
class OfferedModel:
    """A make and model with everything it can be had in; an item each, or one item in several."""

    items: tuple[OfferedItem, ...]
    # For which carriers an unlocked mobile may be wanted.
    carriers_sold: tuple[str, ...] = ()

    @property
    def first(self) -> OfferedItem:
        """One of the items, for what all of them have in common."""
        return self.items[0]

    @property
    def title(self) -> str:
        """Make and model, as people say it."""
        return self.first.title

    @property
    def kind(self) -> Kind:
        """What it is."""
        return self.first.kind

    @property
    def spares(self) -> int:
        """How many spare devices of it the account has."""
        return sum(item.spares for item in self.items)

    def upgrading(self, carrier: str) -> OfferedModel:
        """The model for a phone number of a carrier: what is sold for it or unlocked, and no other choice."""
        fitting = tuple(item for item in self.items if item.mobile_carrier in (None, carrier))
        return OfferedModel(fitting or self.items)

    def _variants_of(self, item: OfferedItem) -> Iterator[Variant]:
        carriers = self._carriers_of(item)
        for option in item.options:
            for color in item.all_colors:
                for carrier in carriers:
                    yield Variant(item, option, color, carrier)

    def _carriers_of(self, item: OfferedItem) -> tuple[str, ...]:
        several = item.unlocked and len(self.carriers_sold) > 1
        return ("", *self.carriers_sold) if several else (item.mobile_carrier or "",)

    @cached_property
    def variants(self) -> tuple[Variant, ...]:
        """All of them: by size, those without a term first."""
        everything = [variant for item in self.items for variant in self._variants_of(item)]
        # The sort is stable: colors and carriers stay as the catalog has them.
        return tuple(sorted(everything, key=lambda variant: (size_rank(variant.size), variant.term_months)))

    def chosen(self, choice: VariantChoice, sku: str = "") -> Variant | None:
        """The variant that was chosen; where that leaves several, of the named item, and the first.

        Args:
            choice: what was chosen.
            sku: an item of the model, whose own size and so on count where nothing else was chosen.
        """
        choice = self._stated(choice)
        matches = [variant for variant in self.variants if variant.fits(choice)]
        return min(matches, key=lambda variant: variant.item.sku != sku, default=None)

    def nearest(self, choice: VariantChoice, sku: str = "") -> Variant:
        """The variant that was chosen; where there is no such, one that shares most with it."""
        choice, matches = self._stated(choice), self.variants
        for name in _ORDER:
            matches = tuple(variant for variant in matches if variant.fits(choice, name)) or matches
        return min(matches, key=lambda variant: variant.item.sku != sku)

    def why_not(self, choice: VariantChoice) -> FieldError:
        """Why it is not offered like this, at the field that does not fit, naming what does."""
        choice, matches, chosen = self._stated(choice), self.variants, [self.title]
        for name in _ORDER:
            wanted, words = getattr(choice, name), _WORDS[name]
            fitting = tuple(variant for variant in matches if variant.fits(choice, name))
            if not fitting:
                refused = f"{' '.join(chosen)} is not offered {words(wanted)}."
                if name == "term_months" or any(getattr(variant, name) for variant in matches):
                    refused += f" Choose it {alternatives(_values(matches, name, words))}."
                return FieldError(_FIELDS[name], refused)
            if wanted:
                chosen.append(words(wanted))
            matches = fitting
        raise ValueError("it is offered like this")

    def problem(self, choice: VariantChoice, sku: str) -> FieldError | None:
        """Why a choice is not one variant, at the field to change; None where it is one.

        Args:
            choice: what was chosen.
            sku: the item it was chosen of; empty where the model was named only.
        """
        return self.undecided(choice, sku) if self.chosen(choice, sku) else self.why_not(choice)

    def undecided(self, choice: VariantChoice, sku: str) -> FieldError | None:
        """What has still to be chosen of a named item, naming what there is; None where it is one variant.

        Args:
            choice: what was chosen.
            sku: the item; where it is not had like this, another of the model is meant.
        """
        choice = self._stated(choice)
        matches = [variant for variant in self.variants if variant.fits(choice)]
        own = [variant for variant in matches if variant.item.sku == sku] or matches
        for name in _ORDER:
            values = _values(own, name, _WORDS[name])
            if len(values) > 1:
                return FieldError(_FIELDS[name], f"Choose {self.title} {alternatives(values)}.")
        return None

    def _stated(self, choice: VariantChoice) -> VariantChoice:
        """The choice; nothing is chosen by an empty value that stands for nothing here."""
        empty = {
            name: None
            for name in ("size", "color", "mobile_carrier")
            if getattr(choice, name) == "" and all(getattr(variant, name) for variant in self.variants)
        }
        return replace(choice, **empty)

    # ---- What there is to choose from: value and words; a single one is no choice

    @property
    def sizes(self) -> list[tuple[str, str]]:
        """The sizes."""
        return [(size, size or "Standard") for size in dict.fromkeys(v.size for v in self.variants)]

    @property
    def colors(self) -> list[tuple[str, str]]:
        """The colors."""
        return [(color, color or "Standard") for color in dict.fromkeys(v.color for v in self.variants)]

    @property
    def carriers(self) -> list[tuple[str, str]]:
        """The carriers; unlocked first."""
        carriers = dict.fromkeys(v.mobile_carrier for v in self.variants)
        return [(carrier, carrier or UNLOCKED) for carrier in sorted(carriers, key=bool)]

    @property
    def terms(self) -> list[tuple[str, str]]:
        """The terms."""
        terms = sorted({v.term_months for v in self.variants})
        return [(str(months), term_in_words(months)) for months in terms]

    @property
    def cheapest(self) -> Variant:
        """The variant with the lowest price now."""
        return min(self.variants, key=lambda v: (v.option.unit_price, v.option.monthly_price))

    @property
    def priced_alike(self) -> bool:
        """Whether all of it costs the same."""
        return len({(v.option.unit_price, v.option.monthly_price) for v in self.variants}) == 1

    @property
    def price_list(self) -> PriceList:
        """What it costs, by what the price depends on: size, carrier and term."""
        choices = (("Size", self.sizes), ("Carrier", self.carriers), ("Term", self.terms))
        shown = {name: dict(values) for name, values in choices if len(values) > 1}
        rows: dict[tuple[tuple[str, ...], Decimal, Decimal], None] = {}
        for v in self.variants:
            values = {"Size": v.size, "Carrier": v.mobile_carrier, "Term": str(v.term_months)}
            words = tuple(shown[name][values[name]] for name in shown)
            rows[words, v.option.unit_price, v.option.monthly_price] = None
        return PriceList(list(shown), list(rows))

    def colors_for(self, choice: VariantChoice) -> tuple[str, ...]:
        """The colors it has in a size and term, for a carrier."""
        return tuple(dict.fromkeys(v.color for v in self.variants if v.fits(choice) and v.color))

    @property
    def facts(self) -> dict[str, Any]:
        """What the browser computes with."""
        return {
            "symbol": currency_symbol(self.first.currency),
            "items": [
                {
                    "colors": item.all_colors,
                    "carriers": self._carriers_of(item),
                    "options": [
                        {
                            "size": option.size,
                            "term": str(option.term_months),
                            "now": int(option.unit_price * 100),
                            "month": int(option.monthly_price * 100),
                        }
                        for option in item.options
                    ],
                }
                for item in self.items
            ],
        }


_FIELDS = {"size": "size", "color": "color", "mobile_carrier": "carrier", "term_months": "term"}
_WORDS: dict[str, Callable[[Any], str]] = {
    "size": lambda size: f"in {size[:40]}" if size else "without a size",
    "color": lambda color: f"in {color[:40]}" if color else "without a color",
    "mobile_carrier": lambda carrier: f"for {carrier[:60]}" if carrier else "unlocked",
    "term_months": lambda months: f"for {months} months" if months else "without a term",
}


def _values(variants: Iterable[Variant], name: str, words: Callable[[Any], str]) -> list[str]:
    return [words(value) for value in dict.fromkeys(getattr(variant, name) for variant in variants)]

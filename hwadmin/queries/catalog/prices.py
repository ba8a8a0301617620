"""What catalog items cost: their prices by size and term, and the options these make."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.models import CatalogItem, CatalogPrice


@dataclass(frozen=True, slots=True)
class Option:
    """A size and a term an item is sold in, with the price of one: paid now, and per month."""

    size: str
    term_months: int
    unit_price: Decimal
    monthly_price: Decimal


def options_of(item: CatalogItem, prices: Sequence[CatalogPrice]) -> tuple[Option, ...]:
    """What an item is sold in. Without prices of its own it has one option, at its unit price."""
    if not prices:
        return (Option(item.size or "", 0, item.unit_price, Decimal("0.00")),)
    options = [
        Option(price.size, price.term_months, price.unit_price, price.monthly_price) for price in prices
    ]
    return tuple(sorted(options, key=lambda option: (size_rank(option.size), option.term_months)))


def size_rank(size: str) -> tuple[Decimal, str]:
    """The sort key of a size: 512 GB comes after 256 GB, and 1 TB after both."""
    digits = "".join(character for character in size if character.isascii() and character.isdigit())
    number = Decimal(digits[:9]) if digits else Decimal(0)
    return number * (1024 if "tb" in size.casefold() else 1), size


def prices_of(item_ids: Collection[int]) -> dict[int, list[CatalogPrice]]:
    """The prices by size and term of these items, by item; items without any are absent."""
    by_item: dict[int, list[CatalogPrice]] = {}
    if item_ids:
        for price in db.session.scalars(
            select(CatalogPrice).where(CatalogPrice.catalog_item_id.in_(item_ids))
        ):
            by_item.setdefault(price.catalog_item_id, []).append(price)
    return by_item


def colors_of(item: CatalogItem) -> tuple[str, ...]:
    """The colors an item can be had in."""
    return tuple(item.colors or ())

"""The export of a catalog, in the shape that a catalog is imported in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.models import AccessoryFit, CatalogItem
from hwadmin.queries.catalog.prices import options_of, prices_of

_AT_ONCE = 500
HEADER = (
    *("Platform", "SKU", "Make", "Model", "Kind", "Unit price", "Price per month", "Term (months)"),
    *("Size", "Currency", "Handsets it takes", "Mobile carrier", "Color", "Colors", "Fits"),
    "Archived (UTC)",
)


def exported_items(items: Sequence[CatalogItem]) -> Iterator[tuple[Any, ...]]:
    """A row for each item, and below it one for each of its prices by size and term."""
    for start in range(0, len(items), _AT_ONCE):
        batch = items[start : start + _AT_ONCE]
        ids = [item.id for item in batch]
        prices, fits = prices_of(ids), _fitted_skus(ids)
        for item in batch:
            name = (item.platform.name, item.sku, item.make, item.model, item.kind.label)
            yield (
                *(*name, item.unit_price, None, None, item.size, item.currency),
                *(item.max_handsets, item.mobile_carrier, item.color, ", ".join(item.colors or ())),
                *(", ".join(fits.get(item.id, ())), item.archived_at),
            )
            for option in options_of(item, prices[item.id]) if item.id in prices else ():
                price = (option.unit_price, option.monthly_price, option.term_months, option.size)
                yield (*name, *price, item.currency, *(None,) * 6)


def _fitted_skus(ids: Collection[int]) -> dict[int, list[str]]:
    """The SKUs of the devices each accessory goes with."""
    rows = db.session.execute(
        select(AccessoryFit.accessory_id, CatalogItem.sku)
        .join(CatalogItem, CatalogItem.id == AccessoryFit.device_item_id)
        .where(AccessoryFit.accessory_id.in_(ids))
        .order_by(CatalogItem.sku)
    )
    skus: dict[int, list[str]] = {}
    for accessory_id, sku in rows:
        skus.setdefault(accessory_id, []).append(sku)
    return skus

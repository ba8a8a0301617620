"""What a list of a catalog says of the devices its accessories go with: looked up, then written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.models import AccessoryFit, CatalogItem, Platform

_BETWEEN = re.compile(r"[,;|\n]+")
_MAX_NAMED = 200


def listed(text: str | None) -> list[str]:
    """What stands in one cell with commas, semicolons or lines between, each once."""
    return list(dict.fromkeys(part for part in map(str.strip, _BETWEEN.split(text or "")) if part))


class ListedFits:
    """Which devices the accessories of a platform go with, and what a list adds to that."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        rows = db.session.execute(
            select(AccessoryFit.accessory_id, AccessoryFit.device_item_id).where(
                AccessoryFit.platform_id == platform.id
            )
        )
        self._there = {(accessory_id, device_id) for accessory_id, device_id in rows}

    def problem(self, kind: Kind | None, skus: list[str], kinds: Mapping[str, Kind]) -> str | None:
        """Why an item cannot go with these; ``kinds`` are the kinds of what is known and of what is added."""
        if skus and kind is not Kind.ACCESSORY:
            return "Only an accessory fits devices."
        if len(skus) > _MAX_NAMED:
            return f"Name {_MAX_NAMED} devices at most."
        for sku in skus:
            if kinds.get(sku, Kind.ACCESSORY) is Kind.ACCESSORY:
                return f"It fits “{sku}”, which is no device of this catalog."
        return None

    def new(
        self, item: CatalogItem | None, skus: Iterable[str], items: Mapping[str, CatalogItem]
    ) -> list[str]:
        """Of these SKUs those the item is not known to go with."""
        return [
            sku
            for sku in skus
            if item is None or sku not in items or (item.id, items[sku].id) not in self._there
        ]

    def write(self, item: CatalogItem, skus: Iterable[str], items: Mapping[str, CatalogItem]) -> None:
        """Let the item go with these, besides what it goes with already."""
        db.session.add_all(
            AccessoryFit(platform_id=self.platform.id, accessory_id=item.id, device_item_id=items[sku].id)
            for sku in skus
        )
